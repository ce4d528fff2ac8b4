package io.quickstudy.exchange.onnx;

import io.quickstudy.backend.Precision;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learners.gradient.Maml;
import io.quickstudy.learners.memory.Recurrent;
import io.quickstudy.learners.memory.Timeline;
import io.quickstudy.learners.metric.ProtoNet;
import io.quickstudy.learners.metric.ZeroShotProtoNet;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Norm;
import io.quickstudy.nn.Standardised;
import io.quickstudy.nn.WithClassifier;
import io.quickstudy.run.Components;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunKeys;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import io.quickstudy.runtime.Function;
import io.quickstudy.runtime.Signature;
import io.quickstudy.task.Batch;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A run that was never trained, with parameters and examples by a seed, and what it computes.
 *
 * @param config of the run
 * @param ways classes of the support set
 * @param theta its parameters and buffers
 * @param support examples to adapt to
 */
record ExportCase(
    RunConfig config, int ways, Map<String, Array> theta, OnnxExport.Examples support) {
  private static final List<String> NAMES = List.of("a", "b/c", "\u00fc\u00df", "\"d\"");

  /** What builds graph of parameters, a support set and queries. */
  private interface Body {
    Params of(Params theta, Batch support, Tensor queries);
  }

  /** A case by options of the command line. */
  static ExportCase of(String options, int ways, int shots) {
    Map<String, String> given = new LinkedHashMap<>();
    String[] words = options.split(" ", -1);
    for (int i = 0; i < words.length; i += 2) {
      given.put(words[i].substring(2), words[i + 1]);
    }
    RunConfig c = Recipes.complete(given);
    SplittableRandom random = new SplittableRandom(7);
    Map<String, Array> theta = new LinkedHashMap<>();
    Params drawn = Components.trained(c, 1).init(new Init(3));
    try (Engine engine = Engine.open("cpu", 1, Precision.FP32)) {
      engine
          .evaluate(drawn)
          .forEach(
              (n, a) -> {
                boolean none = Norm.isBuffer(n) && c.network().batchNorm() != Norm.Policy.RUNNING;
                if (!none) {
                  theta.put(n, moved(n, a, random));
                }
              });
    }
    boolean described = c.taskKind() == TaskKind.ATTRIBUTES;
    int n = described ? ways : c.classifies() ? ways * shots : c.tasks().shots();
    Array x =
        described ? numbers(Components.support(c).prepend(n), random) : examples(c, n, random);
    float[] y = new float[n];
    for (int i = 0; i < n; i++) {
      y[i] = c.classifies() ? i % ways : (float) random.nextDouble(-2, 2);
    }
    Shape shape = c.classifies() ? Shape.of(n) : Shape.of(n, 1);
    List<String> classes = c.classifies() ? NAMES.subList(0, ways) : List.of();
    return new ExportCase(c, ways, theta, new OnnxExport.Examples(x, new Array(shape, y), classes));
  }

  /** Away from zeros and ones, which hide mistakes. */
  private static Array moved(String name, Array a, SplittableRandom random) {
    float[] data = a.data().clone();
    for (int i = 0; i < data.length; i++) {
      data[i] += (float) random.nextDouble(-0.2, name.endsWith(Norm.VARIANCE) ? 1 : 0.2);
    }
    return new Array(a.shape(), data);
  }

  private static Array examples(RunConfig c, int n, SplittableRandom random) {
    Shape s =
        c.classifies()
            ? Shape.of(n, c.tasks().size(), c.tasks().size(), c.tasks().channels())
            : Shape.of(n, 1);
    float[] x = numbers(s, random).data();
    for (int i = 0; i < x.length && !c.classifies(); i++) {
      x[i] = 10 * x[i] - 5;
    }
    return new Array(s, x);
  }

  private static Array numbers(Shape s, SplittableRandom random) {
    float[] x = new float[s.size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble();
    }
    return new Array(s, x);
  }

  /** Inputs to predict, in our layout. */
  Array queries(int n) {
    return examples(config, n, new SplittableRandom(100 + n));
  }

  /** Images [n, h, w, c] as [n, c, h, w]; others as they are. */
  Array channelsFirst(Array a) {
    if (a.shape().rank() != 4) {
      return a;
    }
    int channels = a.shape().dim(3);
    int spots = a.shape().dim(1) * a.shape().dim(2);
    float[] x = new float[a.data().length];
    for (int i = 0; i < x.length; i++) {
      int image = i / (spots * channels);
      int spot = i / channels % spots;
      x[(image * channels + i % channels) * spots + spot] = a.data()[i];
    }
    return new Array(Shape.of(a.shape().dim(0), channels, a.shape().dim(1), a.shape().dim(2)), x);
  }

  /** The learner's options with so many steps, where it takes such. */
  Record options(int steps) {
    boolean has = RunKeys.texts(config).containsKey("eval-inner-steps");
    Map<String, String> changed =
        has ? Map.of("eval-inner-steps", Integer.toString(steps)) : Map.of();
    return config.with(changed).measured();
  }

  /** What the adapted learner says of inputs. */
  Array predictions(Array x, int steps) {
    Learner learner = Components.measured(config, ways, options(steps), 0);
    return compute(x, (p, s, q) -> Params.of("y", learner.predict(p, s, q))).get("y");
  }

  /** What the network makes of inputs. */
  Map<String, Array> network(Array x) {
    Learner learner = Components.trained(config, 0);
    boolean running = config.network().batchNorm() == Norm.Policy.RUNNING;
    return compute(
        x,
        (p, support, q) -> {
          Norm norm = running ? Norm.given(p) : Norm.batch();
          if (learner instanceof ProtoNet net) {
            return Params.of("features", net.f().apply(p, q, norm));
          }
          if (learner instanceof ZeroShotProtoNet net) {
            Tensor z = net.features().apply(p, q, norm);
            return Params.of("features", net.image().apply(p.sub("image"), z, norm));
          }
          if (learner instanceof Recurrent over) {
            Params embedding = p.sub(Timeline.EMBEDDING);
            Norm by = running ? Norm.given(embedding) : Norm.batch();
            Backbone f = over.timeline().f().orElseThrow();
            Backbone inside = f instanceof Standardised s ? s.of() : f;
            return Params.of("features", inside.apply(embedding, q, by));
          }
          Maml m = (Maml) learner;
          String name = config.classifies() ? "logits" : "y";
          Params outputs = Params.of(name, m.inner().f().apply(p, q, norm));
          return m.inner().f() instanceof WithClassifier f
              ? outputs.with("features", f.backbone().apply(p, q, norm))
              : outputs;
        });
  }

  private Map<String, Array> compute(Array x, Body body) {
    Map<String, Op.Type> state = new LinkedHashMap<>();
    theta.forEach((n, a) -> state.put(n, new Op.Type(a.shape(), DType.F32)));
    Map<String, Op.Type> inputs = new LinkedHashMap<>();
    inputs.put("x", new Op.Type(support.x().shape(), DType.F32));
    inputs.put("y", new Op.Type(support.y().shape(), DType.F32));
    inputs.put("q", new Op.Type(x.shape(), DType.F32));
    Signature signature = new Signature(state, inputs, Map.of(), 1, Set.of());
    boolean images = config.classifies();
    List<String> names = new ArrayList<>();
    Function f =
        (p, in, r) -> {
          Tensor y = images ? Ops.convert(in.get("y"), DType.I32) : in.get("y");
          Params outputs = body.of(p, new Batch(in.get("x"), y), in.get("q"));
          names.addAll(outputs.names());
          return new Function.Result(p, outputs);
        };
    try (Engine engine = Engine.open("cpu", 1, Precision.FP32);
        Compiled c = engine.compile("expected", signature, f)) {
      c.setState(theta);
      c.set("x", support.x().data());
      c.set("y", support.y().data());
      c.set("q", x.data());
      c.run();
      Map<String, Array> out = new LinkedHashMap<>();
      names.forEach(n -> out.put(n, c.output(n)));
      return out;
    }
  }
}
