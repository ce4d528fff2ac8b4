package io.quickstudy.train;

import static io.quickstudy.graph.Ops.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.OwnClasses;
import io.quickstudy.functions.Distances;
import io.quickstudy.functions.Losses;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.BatchLearner;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learner.MetaBatch;
import io.quickstudy.learner.PairLearner;
import io.quickstudy.learners.gradient.Maml;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.nn.Backbone;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.reference.Reference;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.runtime.Array;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Pairs;
import io.quickstudy.task.Task;
import io.quickstudy.task.TaskKind;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Vmap;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Learners of a user's own with an outer rule of their own, and on pairs and batches. */
class OwnTasksTest {
  private static final double ALPHA = 0.125;
  private static final int STEPS = 3;

  @TempDir private Path temporary;

  /** Nearest class means of an embedding that is trained otherwise. */
  interface ByMeans extends Learner {
    Model f();

    int ways();

    @Override
    default Params adapt(Params theta, Batch s) {
      Tensor z = f().apply(theta, s.x(), Norm.batch());
      return Params.of("means", Losses.classMeans(z, s.y(), ways()));
    }

    @Override
    default Tensor predict(Params p, Tensor queries) {
      Tensor z = f().apply(p, queries, Norm.batch());
      return neg(Distances.squaredEuclidean(z, p.get("means")));
    }

    @Override
    default Outcome loss(Params theta, Task t) {
      Tensor y = predict(theta, t.support(), t.query().x());
      return new Outcome(Losses.crossEntropy(y, t.query().y()), y, Params.empty());
    }
  }

  /** Whether two examples are of one class, by their distance. */
  record SamePairs(Model f, int ways, Norm.Policy norm) implements PairLearner, ByMeans {
    static final LearnerKind<LearnerKind.NoOptions> KIND =
        LearnerKind.of(
                SamePairs.class,
                LearnerKind.NoOptions.class,
                (o, s) -> new SamePairs(s.embedding(), s.outputs(), s.norm()))
            .tasks(TaskKind.PAIRS)
            .ways(LearnerKind.Ways.ANY);

    @Override
    public Params init(Init draw) {
      return f.init(draw);
    }

    @Override
    public Outcome loss(Params theta, Pairs p) {
      Tensor d = sub(f.apply(theta, p.a(), Norm.batch()), f.apply(theta, p.b(), Norm.batch()));
      Tensor near = sub(scalar(1), mean(mul(d, d), List.of(1)));
      Tensor logits = stack(1, List.of(neg(near), near));
      return new Outcome(Losses.crossEntropy(logits, p.same()), logits, Params.empty());
    }
  }

  /** A classifier of all classes, whose features are kept. */
  record AllClasses(Backbone f, int classes, int ways, Norm.Policy norm)
      implements BatchLearner, ByMeans {
    static final LearnerKind<LearnerKind.NoOptions> KIND =
        LearnerKind.of(
                AllClasses.class,
                LearnerKind.NoOptions.class,
                (o, s) -> new AllClasses(s.embedding(), s.classes(), s.outputs(), s.norm()))
            .tasks(TaskKind.BATCHES)
            .ways(LearnerKind.Ways.ANY);

    private Linear head() {
      return new Linear(f.features(), classes);
    }

    @Override
    public Params init(Init draw) {
      return f.init(draw).with(head().init(draw).under("head"));
    }

    @Override
    public Outcome loss(Params theta, Batch b) {
      Tensor z = f.apply(theta, b.x(), Norm.batch());
      Tensor logits = head().apply(theta.sub("head"), z, Norm.batch());
      return new Outcome(Losses.crossEntropy(logits, b.y()), logits, Params.empty());
    }
  }

  private Map<String, Array> start(RunConfig config) {
    try (Session session = RunFixtures.session(config)) {
      return MetaStep.start(config, session.classes(), session.engine());
    }
  }

  private void trainsAndIsMeasured(LearnerKind<?> kind, String examples) {
    RunConfig config =
        RunFixtures.glyphs("learner", kind.name(), "shots", examples, "eval-shots", "2");
    Path run = temporary.resolve(kind.name());
    Trainer.Result r = RunFixtures.train(run, config);
    assertEquals(20, r.step());
    start(config)
        .forEach(
            (n, a) -> {
              if (n.startsWith("theta.") && n.endsWith("weight")) {
                float[] after = r.theta().get(n.substring("theta.".length())).data();
                assertFalse(Arrays.equals(a.data(), after), n);
              }
            });
    Evaluation e = RunFixtures.measure(RunFolder.open(run).config(), r);
    assertEquals(5, e.spec().ways());
    assertTrue(e.value() > 0.2, "five classes by chance: " + e.value());
  }

  @Test
  void pairsTrain() {
    trainsAndIsMeasured(SamePairs.KIND, "16");
  }

  @Test
  void batchesTrain() {
    trainsAndIsMeasured(AllClasses.KIND, "32");
  }

  /** w and b after inner steps on the squared error of w x + b, by hand. */
  private static double[] fast(double[] theta, double[] x, double[] y) {
    double[] p = theta.clone();
    for (int k = 0; k < STEPS; k++) {
      double dw = 0;
      double db = 0;
      for (int i = 0; i < x.length; i++) {
        double off = p[0] * x[i] + p[1] - y[i];
        dw += 2 * off * x[i] / x.length;
        db += 2 * off / x.length;
      }
      p[0] -= ALPHA * dw;
      p[1] -= ALPHA * db;
    }
    return p;
  }

  private static Tensor points(double... values) {
    return literal(Shape.of(2, values.length / 2, 1), values);
  }

  @Test
  void reptileMovesTowardsWhatItsInnerStepsMake() throws Exception {
    OwnClasses classes = documented();
    Maml inner =
        new Maml(
            new Linear(1, 1), Criterion.SQUARED_ERROR, ALPHA, STEPS, Order.FIRST, Norm.Policy.NONE);
    Learner reptile;
    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.folder().toUri().toURL()})) {
      reptile =
          (Learner)
              loader.loadClass("com.example.Reptile").getConstructor(Maml.class).newInstance(inner);
    }
    double[] theta = {0.5, -0.25};
    double[][] x = {{0, 1, 2}, {-1, 0.5, 1}};
    double[][] y = {{1, 3, 5}, {0.25, 0, -2}};
    Params tasks =
        Params.of(
                "support.x", points(0, 1, 2, -1, 0.5, 1), "support.y", points(1, 3, 5, 0.25, 0, -2))
            .with(Params.of("query.x", points(3, 4), "query.y", points(7, 8)));
    Params at =
        Params.of(
            "weight", literal(Shape.of(1, 1), theta[0]), "bias", literal(Shape.of(1), theta[1]));
    MetaBatch batch =
        new TracedBatch(
            reptile,
            Params.empty(),
            Ops.scalar(0),
            each -> Vmap.vmapAll(one -> each.apply(Task.unpack(one)), tasks));
    MetaBatch.Direction d = reptile.direction(at, batch);

    double[] move = new double[2];
    double loss = 0;
    for (int t = 0; t < 2; t++) {
      double[] p = fast(theta, x[t], y[t]);
      move[0] += (theta[0] - p[0]) / 2;
      move[1] += (theta[1] - p[1]) / 2;
      double off = p[0] * (3 + t) + p[1] - (7 + t);
      loss += off * off / 2;
    }
    double[] weight = Reference.eval(d.gradient().get("weight"));
    double[] bias = Reference.eval(d.gradient().get("bias"));
    assertArrayEquals(move, new double[] {weight[0], bias[0]}, 1e-12);
    assertEquals(loss, Reference.eval(d.means().get(MetaBatch.LOSS))[0], 1e-12);
  }

  private OwnClasses documented() throws Exception {
    OwnClasses classes = new OwnClasses(temporary.resolve("classes"));
    classes.add(OwnClasses.documented("add-a-learner.md", "Reptile"));
    return classes;
  }

  @Test
  void reptileTrains() throws Exception {
    String[] values = {
      "learner",
      "com.example.Reptile",
      "classpath",
      documented().folder().toString(),
      "optimiser",
      "sgd",
      "momentum",
      "0",
      "rate",
      "1",
      "inner-rate",
      "0.01",
    };
    RunConfig still = RunFixtures.sinusoid(values).with(Map.of("inner-steps", "0"));
    Map<String, Array> first = start(still);
    Trainer.Result unmoved = RunFixtures.train(temporary.resolve("still"), still);
    unmoved
        .theta()
        .forEach((n, a) -> assertArrayEquals(first.get("theta." + n).data(), a.data(), n));

    RunConfig moving = RunFixtures.sinusoid(values).with(Map.of("inner-steps", "3"));
    Trainer.Result moved = RunFixtures.train(temporary.resolve("moving"), moving);
    double before = RunFixtures.measure(moving, unmoved).value();
    double after = RunFixtures.measure(moving, moved).value();
    assertTrue(after < before, "adapted squared error %s, then %s".formatted(before, after));
  }
}
