package io.quickstudy.benchmarks;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.CudaCost;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.SequenceLearner;
import io.quickstudy.nn.Norm;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import io.quickstudy.runtime.Function;
import io.quickstudy.runtime.Signature;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Sequence;
import io.quickstudy.task.Task;
import io.quickstudy.train.SystemInfo;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Vmap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Quickstudy: a workload compiled once for a device. */
final class Ours implements Side {
  private final Engine engine;
  private final Compiled compiled;
  private final Set<String> outputs;

  private Ours(Engine engine, Compiled compiled, Set<String> outputs) {
    this.engine = engine;
    this.compiled = compiled;
    this.outputs = outputs;
  }

  /**
   * Compiles a workload and sets its parameters and episodes.
   *
   * @param device "cpu", "cuda" or "cuda:i"
   * @param precision of products and convolutions
   */
  static Ours open(CaseFile start, String device, int workers, Precision precision) {
    return open(start, start.workload().learner(), device, workers, precision);
  }

  /** The same on the CPU. */
  static Ours open(CaseFile start, int workers) {
    return open(start, "cpu", workers, Precision.FP32);
  }

  /** The same with the learner changed. */
  static Ours open(
      CaseFile start, Learner learner, String device, int workers, Precision precision) {
    return open(start, in -> step(start, learner, in), device, workers, precision);
  }

  /** An LSTM on the CPU. */
  static Ours open(CaseFile start, LoopedLstm lstm, int workers) {
    return open(start, in -> step(lstm, in), "cpu", workers, Precision.FP32);
  }

  private static Ours open(
      CaseFile start,
      UnaryOperator<Params> step,
      String device,
      int workers,
      Precision precision) {
    Engine engine = Engine.open(device, workers, precision);
    try {
      Set<String> names = step.apply(arguments(start)).names();
      Function f = (state, in, residents) -> new Function.Result(state, step.apply(in));
      Compiled compiled = engine.compile(start.workload().toString(), signature(start), f);
      Ours ours = new Ours(engine, compiled, names);
      ours.set(start);
      return ours;
    } catch (RuntimeException | Error e) {
      engine.close();
      throw e;
    }
  }

  /** What each kernel of a workload asks of a GPU. */
  static List<CudaCost> costs(CaseFile start, Precision precision) {
    Learner learner = start.workload().learner();
    Function f =
        (state, in, residents) -> new Function.Result(state, step(start, learner, in));
    return Engine.costs(start.workload().toString(), signature(start), f, precision);
  }

  private static Signature signature(CaseFile start) {
    Map<String, Op.Type> inputs = new LinkedHashMap<>();
    start.values().forEach((n, v) -> inputs.put(n, new Op.Type(v.shape(), v.dtype())));
    return new Signature(Map.of(), inputs, Map.of(), start.tasks(), start.episodes());
  }

  /** Sets parameters and episodes. */
  void set(CaseFile start) {
    start
        .values()
        .forEach(
            (n, v) -> {
              switch (v) {
                case Values.F32 x -> compiled.set(n, x.data());
                case Values.I32 x -> compiled.set(n, x.data());
              }
            });
  }

  /** The results of one step on the CPU. */
  static Map<String, Values> once(CaseFile start) {
    try (Ours ours = open(start, Runtime.getRuntime().availableProcessors())) {
      ours.run();
      return ours.results();
    }
  }

  /** Placeholders for parameters and episodes. */
  static Params arguments(CaseFile start) {
    Params p = Params.empty();
    for (Map.Entry<String, Values> e : start.values().entrySet()) {
      Values v = e.getValue();
      p = p.with(e.getKey(), Tensor.argument(e.getKey(), v.dtype(), v.shape()));
    }
    return p;
  }

  /** One step as a graph: "loss", "grad.NAME" and new batch-norm statistics, or "logits". */
  static Params step(CaseFile start, Learner learner, Params in) {
    Params theta = in.sub("theta");
    Params episodes = Params.empty();
    for (String n : start.episodes()) {
      episodes = episodes.with(n, in.get(n));
    }
    if (start.workload().method() == Workload.Method.ADAPT) {
      return Vmap.vmapAll(x -> Params.of("logits", predict(learner, theta, x)), episodes);
    }
    Params trained = Params.empty();
    Params buffers = Params.empty();
    for (String n : theta.names()) {
      if (Norm.isBuffer(n)) {
        buffers = buffers.with(n, theta.get(n));
      } else {
        trained = trained.with(n, theta.get(n));
      }
    }
    return gradient(learner, trained, buffers, episodes);
  }

  /** Loss and gradient of sequences. */
  private static Params step(LoopedLstm lstm, Params in) {
    Params sequences = Params.of("x", in.get("x"), "y", in.get("y"));
    Grad.Result<Void> r =
        Grad.valueAndGrad(
            p ->
                Ops.mean(
                    Vmap.vmap(s -> lstm.loss(p, s.get("x"), s.get("y")), sequences), List.of(0)),
            in.sub("theta"));
    return Params.of("loss", r.value()).with(r.grad().under("grad"));
  }

  private static Params gradient(Learner learner, Params trained, Params buffers, Params episodes) {
    Grad.Result<Params> r =
        Grad.valueAndGradAux(
            p -> {
              Params all = Vmap.vmapAll(x -> loss(learner, p.with(buffers), x), episodes);
              Params means = all.map(v -> Ops.mean(v, List.of(0)));
              return new Grad.Aux<>(means.get("loss"), means.sub("buffer"));
            },
            trained);
    return Params.of("loss", r.value()).with(r.grad().under("grad")).with(r.aux().under("buffer"));
  }

  private static Params loss(Learner learner, Params theta, Params episode) {
    Learner.Outcome o =
        learner instanceof SequenceLearner s
            ? s.loss(theta, Sequence.unpack(episode))
            : learner.loss(theta, Task.unpack(episode));
    return Params.of("loss", o.loss()).with(o.buffers().under("buffer"));
  }

  private static Tensor predict(Learner learner, Params theta, Params episode) {
    Task task = Task.unpack(episode);
    Batch support = task.support();
    return learner.predict(theta, support, task.query().x());
  }

  @Override
  public void run() {
    compiled.run();
  }

  @Override
  public Map<String, Values> results() {
    Map<String, Values> m = new LinkedHashMap<>();
    for (String n : outputs) {
      if (!n.startsWith("buffer.")) {
        Array a = compiled.output(n);
        m.put(n, new Values.F32(a.shape(), a.data()));
      }
    }
    return m;
  }

  /** Memory that the compiled step holds, in bytes. */
  long bytes() {
    return compiled.memory().bytes();
  }

  /** Where its time goes, a line for each kernel call. */
  String profile(int runs) {
    return compiled.profile(runs);
  }

  @Override
  public Map<String, String> versions() {
    Map<String, String> m = new LinkedHashMap<>();
    m.put("quickstudy", SystemInfo.version());
    m.put("device", engine.device());
    m.putAll(engine.describe());
    return m;
  }

  @Override
  public void close() {
    compiled.close();
    engine.close();
  }
}
