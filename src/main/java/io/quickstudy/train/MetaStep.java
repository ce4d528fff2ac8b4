package io.quickstudy.train;

import static io.quickstudy.graph.Ops.add;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.MetaBatch;
import io.quickstudy.nn.Norm;
import io.quickstudy.nn.TrainingNoise;
import io.quickstudy.optim.MovingAverage;
import io.quickstudy.optim.Optimiser;
import io.quickstudy.optim.Schedule;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.Components;
import io.quickstudy.run.RunConfig;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import io.quickstudy.runtime.Function;
import io.quickstudy.runtime.Signature;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.task.Drawn;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Vmap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * One meta-step as one compiled function: tasks gathered, the loss of each, its mean, the gradient
 * through all of it, the optimiser. Its state is "theta.*" (parameters and buffers), "slots.*" (the
 * optimiser's), "average.*" where there is a moving average of the former, and "step"; its outputs
 * are "loss", "rate", where there are classes "accuracy", and "watched.*", what the learner
 * watches.
 */
final class MetaStep {
  /** What the names of watched values have before them among the outputs. */
  static final String WATCHED = "watched";

  private static final String AVERAGE = "average";

  private MetaStep() {}

  /** The state before the first step. */
  static Map<String, Array> start(RunConfig c, int classes, Engine engine) {
    Learner learner = Components.trained(c, classes);
    long seed = new RandomStream(c.run().seed(), RandomUse.PARAMETERS, 0).nextLong();
    Params theta = Components.drawn(learner, seed);
    Optimiser optimiser = learner.optimiser(Components.optimiser(c));
    Params slots = optimiser.init(theta.select(n -> !Norm.isBuffer(n)));
    Params all = theta.under("theta").with(slots.under("slots"));
    if (Components.average(c).isPresent()) {
      all = all.with(theta.under(AVERAGE));
    }
    return engine.evaluate(all.with(Checkpoint.STEP, Ops.scalar(0)));
  }

  /** Compiles it for a learner and a state, and binds the data. */
  static Compiled compile(
      Session session, TaskSource source, Learner learner, Map<String, Array> state) {
    RunConfig c = session.config();
    Optimiser optimiser = learner.optimiser(Components.optimiser(c));
    Schedule schedule = Components.schedule(c);
    Optional<MovingAverage> average = Components.average(c);
    Function f =
        (s, inputs, residents) -> {
          Params theta = s.sub("theta");
          Params buffers = theta.select(Norm::isBuffer);
          Params trained = theta.select(n -> !Norm.isBuffer(n));
          Tensor t = s.get(Checkpoint.STEP);
          MetaBatch tasks =
              new TracedBatch(
                  learner, buffers, t, each -> eachTask(each, source, t, inputs, residents));
          MetaBatch.Direction d = learner.direction(trained, tasks);
          fits(learner, d, trained, buffers);
          Params gradient = Components.clip(c).apply(d.gradient());
          Optimiser.Update u = optimiser.step(trained, gradient, s.sub("slots"), t);
          Params next = u.theta().with(buffers).with(d.means().sub(MetaBatch.BUFFER));
          Params after =
              next.under("theta")
                  .with(u.slots().under("slots"))
                  .with(Checkpoint.STEP, add(t, Ops.scalar(1)));
          if (average.isPresent()) {
            after = after.with(average.get().step(s.sub(AVERAGE), next, t).under(AVERAGE));
          }
          Params outputs =
              Params.of(MetaBatch.LOSS, d.means().get(MetaBatch.LOSS), "rate", schedule.at(t));
          if (d.means().names().contains(MetaBatch.ACCURACY)) {
            outputs = outputs.with(MetaBatch.ACCURACY, d.means().get(MetaBatch.ACCURACY));
          }
          Params watched = learner.watched(next).with(optimiser.watched(u.slots()));
          outputs = watched.count() == 0 ? outputs : outputs.with(watched.under(WATCHED));
          return new Function.Result(after, outputs);
        };
    return compile(session, "train", source, state, c.tasks().metaBatch(), f);
  }

  private static Params eachTask(
      java.util.function.Function<Drawn, Params> each,
      TaskSource source,
      Tensor step,
      Params inputs,
      Params residents) {
    return Vmap.vmapAll(
        slice -> {
          Supplier<Params> task = () -> each.apply(source.build(slice, residents));
          return source
              .key(slice)
              .map(key -> TrainingNoise.during(key, step, task))
              .orElseGet(task);
        },
        inputs);
  }

  /** Refuses a learner whose direction is not one for its parameters. */
  private static void fits(Learner learner, MetaBatch.Direction d, Params trained, Params buffers) {
    String who = learner.getClass().getName();
    if (!d.gradient().names().equals(trained.names())) {
      throw new IllegalArgumentException(
          "Learner %s moves %s: expected a direction for each of its parameters, %s; give zeros for those that stay."
              .formatted(who, d.gradient().names(), trained.names()));
    }
    for (String n : trained.names()) {
      if (!d.gradient().get(n).shape().equals(trained.get(n).shape())) {
        throw new IllegalArgumentException(
            "Learner %s moves '%s' by %s: expected %s, its shape; change its direction."
                .formatted(who, n, d.gradient().get(n).shape(), trained.get(n).shape()));
      }
    }
    if (!d.means().names().contains(MetaBatch.LOSS)) {
      throw new IllegalArgumentException(
          "Learner %s gives means %s: expected 'loss' among them; see MetaBatch.means."
              .formatted(who, d.means().names()));
    }
    for (String n : d.means().sub(MetaBatch.BUFFER).names()) {
      if (!buffers.names().contains(n)) {
        throw new IllegalArgumentException(
            "Learner %s gives new statistics '%s': expected some of %s; take them out, or choose batch norm running."
                .formatted(who, n, buffers.names()));
      }
    }
  }

  /** Compiles what is computed of each task with parameters, without a step. */
  static Compiled compileEach(
      Session session,
      String name,
      TaskSource source,
      Map<String, Array> theta,
      int tasks,
      BiFunction<Params, Drawn, Tensor> each) {
    return compileNamed(
        session, name, source, theta, tasks, (p, built) -> Params.of(name, each.apply(p, built)));
  }

  /**
   * As {@link #compileEach}, of several tensors by name.
   *
   * @param name of the function
   */
  static Compiled compileNamed(
      Session session,
      String name,
      TaskSource source,
      Map<String, Array> theta,
      int tasks,
      BiFunction<Params, Drawn, Params> each) {
    Function f =
        (state, inputs, residents) -> {
          Params p = state.sub("theta");
          Params values =
              Vmap.vmapAll(slice -> each.apply(p, source.build(slice, residents)), inputs);
          return new Function.Result(state, values);
        };
    return compile(session, name, source, state(theta), tasks, f);
  }

  /** Parameters as the state of such a function. */
  static Map<String, Array> state(Map<String, Array> theta) {
    Map<String, Array> m = new LinkedHashMap<>();
    theta.forEach((n, a) -> m.put(Checkpoint.THETA + n, a));
    return m;
  }

  /** Compiles a function of tasks for a state, and binds the data. */
  static Compiled compile(
      Session session,
      String name,
      TaskSource source,
      Map<String, Array> state,
      int tasks,
      Function f) {
    Map<String, Op.Type> inputs = new LinkedHashMap<>();
    source
        .inputs()
        .forEach((n, t) -> inputs.put(n, new Op.Type(t.shape().prepend(tasks), t.dtype())));
    Map<String, Op.Type> types = new LinkedHashMap<>();
    state.forEach((n, a) -> types.put(n, new Op.Type(a.shape(), DType.F32)));
    Map<String, Op.Type> residents = new LinkedHashMap<>();
    source.residents().forEach((n, r) -> residents.put(n, new Op.Type(r.shape(), r.dtype())));
    Signature signature = new Signature(types, inputs, residents, tasks, inputs.keySet());
    Compiled compiled;
    try {
      compiled = session.engine().compile(name, signature, session.config().run().memory(), f);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e); // shapes that do not fit, or are too large
    }
    try {
      source.residents().forEach(compiled::bind);
      compiled.setState(state);
      return compiled;
    } catch (RuntimeException | Error e) {
      compiled.close();
      throw e;
    }
  }
}
