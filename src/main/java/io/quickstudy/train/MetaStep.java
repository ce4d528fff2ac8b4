package io.quickstudy.train;

import static io.quickstudy.graph.Ops.add;
import static io.quickstudy.graph.Ops.mean;

import io.quickstudy.functions.Losses;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learners.Learner;
import io.quickstudy.learners.SequenceLearner;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Norm;
import io.quickstudy.optim.Optimiser;
import io.quickstudy.optim.Schedule;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.ConfigException;
import io.quickstudy.run.RunConfig;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import io.quickstudy.runtime.Function;
import io.quickstudy.runtime.Signature;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Vmap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * One meta-step as one compiled function: tasks gathered, the loss of each, its mean, the gradient
 * through all of it, the optimiser. Its state is "theta.*" (parameters and buffers), "slots.*" (the
 * optimiser's) and "step"; its outputs are "loss", "rate" and, where there are classes, "accuracy".
 */
final class MetaStep {
  private static final String BUFFER = "buffer";

  private MetaStep() {}

  /** The state before the first step. */
  static Map<String, Array> start(RunConfig c, Engine engine) {
    Learner learner = Parts.learner(c, c.ways(), c.innerSteps());
    long seed = new RandomStream(c.seed(), RandomUse.PARAMETERS, 0).nextLong();
    Params theta = learner.init(new Init(seed));
    if (learner.norm() != Norm.Policy.RUNNING) {
      theta = select(theta, n -> !Norm.isBuffer(n)); // nobody would read them
    }
    Params slots = Parts.optimiser(c).init(select(theta, n -> !Norm.isBuffer(n)));
    Params all = theta.under("theta").with(slots.under("slots"));
    return engine.evaluate(all.with(Checkpoint.STEP, Ops.scalar(0)));
  }

  /** Compiles it for a state, and binds the data. */
  static Compiled compile(Session session, TaskSource source, Map<String, Array> state) {
    RunConfig c = session.config();
    Learner learner = Parts.learner(c, c.ways(), c.innerSteps());
    Optimiser optimiser = Parts.optimiser(c);
    Schedule schedule = Parts.schedule(c);
    Function f =
        (s, inputs, residents) -> {
          Params theta = s.sub("theta");
          Params buffers = select(theta, Norm::isBuffer);
          Params trained = select(theta, n -> !Norm.isBuffer(n));
          var r =
              Grad.valueAndGradAux(
                  p -> {
                    Params m = means(learner, p.with(buffers), source, inputs, residents);
                    return new Grad.Aux<>(m.get("loss"), m);
                  },
                  trained);
          Params gradient = Parts.clip(c).apply(r.grad());
          Tensor t = s.get(Checkpoint.STEP);
          Optimiser.Update u = optimiser.step(trained, gradient, s.sub("slots"), t);
          Params next = u.theta().with(buffers).with(r.aux().sub(BUFFER));
          Params after =
              next.under("theta")
                  .with(u.slots().under("slots"))
                  .with(Checkpoint.STEP, add(t, Ops.scalar(1)));
          Params outputs = Params.of("loss", r.value(), "rate", schedule.at(t));
          if (r.aux().names().contains("accuracy")) {
            outputs = outputs.with("accuracy", r.aux().get("accuracy"));
          }
          return new Function.Result(after, outputs);
        };
    return compile(session, "train", source, state, c.metaBatch(), f);
  }

  /** Compiles what is computed of each task with parameters, without a step. */
  static Compiled compileEach(
      Session session,
      String name,
      TaskSource source,
      Map<String, Array> theta,
      int tasks,
      BiFunction<Params, TaskSource.Built, Tensor> each) {
    Function f =
        (state, inputs, residents) -> {
          Params p = state.sub("theta");
          Params values =
              Vmap.vmapAll(
                  slice -> Params.of(name, each.apply(p, source.build(slice, residents))), inputs);
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
      compiled = session.engine().compile(name, signature, session.config().memory(), f);
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

  /** Loss, accuracy and new buffers, each averaged over the tasks. */
  private static Params means(
      Learner learner, Params theta, TaskSource source, Params inputs, Params residents) {
    Params each =
        Vmap.vmapAll(
            slice -> {
              TaskSource.Built built = source.build(slice, residents);
              Learner.Outcome o = loss(learner, theta, built);
              Params p = Params.of("loss", o.loss()).with(o.buffers().under(BUFFER));
              Tensor y = labels(built);
              return y.dtype() == DType.I32
                  ? p.with("accuracy", Losses.accuracy(o.outputs(), y))
                  : p;
            },
            inputs);
    return each.map(v -> mean(v, List.of(0)));
  }

  private static Learner.Outcome loss(Learner learner, Params theta, TaskSource.Built built) {
    return switch (built) {
      case TaskSource.Built.OfTask t -> learner.loss(theta, t.task());
      case TaskSource.Built.OfSequence s -> ((SequenceLearner) learner).loss(theta, s.sequence());
    };
  }

  /** What the predictions are compared with. */
  static Tensor labels(TaskSource.Built built) {
    return switch (built) {
      case TaskSource.Built.OfTask t -> t.task().query().y();
      case TaskSource.Built.OfSequence s -> s.sequence().y();
    };
  }

  private static Params select(Params p, Predicate<String> names) {
    Map<String, Tensor> m = new LinkedHashMap<>();
    p.names().stream().filter(names).forEach(n -> m.put(n, p.get(n)));
    return Params.of(m);
  }
}
