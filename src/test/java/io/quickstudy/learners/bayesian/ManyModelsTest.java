package io.quickstudy.learners.bayesian;

import static io.quickstudy.graph.Ops.literal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.functions.Sampling;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.Predictive;
import io.quickstudy.learners.bayesian.Bmaml.Objective;
import io.quickstudy.learners.gradient.Maml;
import io.quickstudy.learners.inner.InnerLoop;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.learners.inner.Part;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Norm;
import io.quickstudy.reference.Reference;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Grad;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Ensembles, particles and samples of models, against their equations in plain Java. */
class ManyModelsTest {
  private static final double CLOSE = 1e-11;
  private static final int M = 3;
  private static final double RATE = 0.05;
  private static final Tensor KEY = literal(DType.I32, Shape.of(2), 7, 9);

  /** w x + b. */
  private static final Mlp LINE = new Mlp(List.of(1, 1));

  private static final double[] X = {0.5, -1, 2};
  private static final double[] Y = {1, 0.25, -0.5};
  private static final double[] QX = {1.5, -0.3};
  private static final double[] QY = {-0.75, 0.6};

  private static Batch batch(double[] x, double[] y) {
    return new Batch(literal(Shape.of(x.length, 1), x), literal(Shape.of(y.length, 1), y));
  }

  private static Task task() {
    return new Task(batch(X, Y), batch(QX, QY), KEY);
  }

  private static double[] joined(double[] a, double[] b) {
    double[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }

  private static double[] value(Params p, String name) {
    return Reference.eval(p.get(name));
  }

  /** The gradient of the mean squared error by w and b. */
  private static double[] slope(double w, double b, double[] x, double[] y) {
    double[] g = new double[2];
    for (int i = 0; i < x.length; i++) {
      double off = 2 * (w * x[i] + b - y[i]) / x.length;
      g[0] += off * x[i];
      g[1] += off;
    }
    return g;
  }

  private static double error(double w, double b, double[] x, double[] y) {
    return IntStream.range(0, x.length)
        .mapToDouble(i -> Math.pow(w * x[i] + b - y[i], 2) / x.length)
        .sum();
  }

  // ---- EMAML

  @Test
  void membersAreMamlsOfTheirOwn() {
    Mlp net = new Mlp(List.of(1, 3, 1));
    InnerLoop inner =
        new InnerLoop(net, Criterion.SQUARED_ERROR, 2, 0.1, Order.SECOND, Norm.Policy.NONE);
    Emaml e = new Emaml(inner, M);
    Params theta = e.init(new Init(4));
    Maml maml = new Maml(inner);
    double loss = 0;
    double[] answer = new double[QX.length];
    Params gradient = Grad.grad(p -> e.loss(p, task()).loss(), theta);
    for (int m = 0; m < M; m++) {
      int at = m;
      Params member = theta.sub(ManyModels.MODELS).map(v -> Ops.at(v, 0, at));
      loss += Reference.eval(maml.loss(member, task()).loss())[0] / M;
      double[] y = Reference.eval(maml.predict(member, task().support(), task().query().x()));
      Arrays.setAll(answer, i -> answer[i] + y[i] / M);
      Params g = Grad.grad(p -> maml.loss(p, task()).loss(), member);
      for (String n : g.names()) {
        double[] own = Reference.eval(Ops.at(gradient.get(ManyModels.MODELS + "." + n), 0, m));
        assertArrayEquals(Reference.eval(Ops.scale(g.get(n), 1.0 / M)), own, CLOSE, n);
      }
    }
    assertEquals(loss, Reference.eval(e.loss(theta, task()).loss())[0], CLOSE);
    Params adapted = theta.with(e.adapt(theta, task().support()));
    assertArrayEquals(answer, Reference.eval(e.predict(adapted, task().query().x())), CLOSE);
    List<Tensor> byStep = e.predictByStep(theta, task().support(), task().query().x());
    assertEquals(3, byStep.size());
    assertArrayEquals(answer, Reference.eval(byStep.getLast()), CLOSE);
    assertTrue(e.predictive(adapted, task().query().x()).isEmpty());
  }

  // ---- BMAML

  private static Bmaml bmaml(int particles, int steps, int leader, Objective objective) {
    Bmaml.Options o = new Bmaml.Options(particles, steps, leader, RATE, 0, Part.ALL, objective);
    return new Bmaml(LINE, Criterion.SQUARED_ERROR, Part.all(), o, Norm.Policy.NONE);
  }

  /** Particles (w, b, log lambda, log gamma) that differ in each. */
  private static double[][] start() {
    return new double[][] {{0.7, -0.2, 0.1, -0.3}, {-0.5, 0.4, -0.2, 0.2}, {0.3, 0.9, 0.4, -0.1}};
  }

  private static Params theta(double[][] particles) {
    String[] names = {"layer1.weight", "layer1.bias", "log_precision", "log_noise_precision"};
    int m = particles.length;
    Shape[] shapes = {Shape.of(m, 1, 1), Shape.of(m, 1), Shape.of(m), Shape.of(m)};
    Params p = Params.empty();
    for (int i = 0; i < names.length; i++) {
      int at = i;
      double[] v = Arrays.stream(particles).mapToDouble(q -> q[at]).toArray();
      p = p.with(ManyModels.MODELS + "." + names[i], literal(shapes[i], v));
    }
    return p;
  }

  private static double[][] particles(Params p) {
    double[] w = value(p, "models.layer1.weight");
    double[] b = value(p, "models.layer1.bias");
    double[] l = value(p, "models.log_precision");
    double[] g = value(p, "models.log_noise_precision");
    double[][] out = new double[w.length][];
    Arrays.setAll(out, m -> new double[] {w[m], b[m], l[m], g[m]});
    return out;
  }

  /** Algorithm 1, once. */
  private static double[][] step(double[][] at, double[] x, double[] y) {
    int m = at.length;
    double[][] score = new double[m][];
    for (int j = 0; j < m; j++) {
      double w = at[j][0];
      double b = at[j][1];
      double lambda = Math.exp(at[j][2]);
      double gamma = Math.exp(at[j][3]);
      int n = x.length;
      double squares = n * error(w, b, x, y);
      double[] g = slope(w, b, x, y);
      double byLambda = 1 - lambda * (w * w + b * b) / 2 + 2 - 2 * lambda; // 2 weights
      double byGamma = n / 2.0 - gamma * squares / 2 + 2 - 0.2 * gamma;
      score[j] =
          new double[] {
            -gamma * n * g[0] / 2 - lambda * w,
            -gamma * n * g[1] / 2 - lambda * b,
            byLambda, // over the information of two weights, 1
            byGamma * 2 / n
          };
    }
    double[][] apart = new double[m][m];
    double[] between = new double[m * (m - 1) / 2];
    int pairs = 0;
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < m; j++) {
        for (int k = 0; k < 4; k++) {
          apart[i][j] += Math.pow(at[i][k] - at[j][k], 2);
        }
        if (j < i) {
          between[pairs++] = apart[i][j];
        }
      }
    }
    Arrays.sort(between);
    double h = m == 1 ? 1 : between[pairs / 2] / Math.log(m); // of three
    double[][] next = new double[m][4];
    for (int i = 0; i < m; i++) {
      for (int k = 0; k < 4; k++) {
        double phi = 0;
        for (int j = 0; j < m; j++) {
          double near = m == 1 ? 1 : Math.exp(-apart[i][j] / h);
          phi += near * score[j][k];
          phi += m == 1 ? 0 : 2 / h * (at[i][k] - at[j][k]) * near;
        }
        next[i][k] = at[i][k] + RATE * phi / m;
      }
    }
    return next;
  }

  private static void close(double[][] expected, double[][] found) {
    assertEquals(expected.length, found.length);
    for (int m = 0; m < expected.length; m++) {
      assertArrayEquals(expected[m], found[m], CLOSE, "particle " + m);
    }
  }

  @Test
  void particlesDescendByStein() {
    Bmaml b = bmaml(M, 2, 1, Objective.CHASER);
    Params theta = theta(start());
    double[][] after = step(step(start(), X, Y), X, Y);
    Params adapted = theta.with(b.adapt(theta, task().support()));
    close(after, particles(adapted));
    Predictive p = b.predictive(adapted, task().query().x()).orElseThrow();
    double[] mean = Reference.eval(b.predict(adapted, task().query().x()));
    double[] deviation = Reference.eval(p.deviation());
    double[] density = Reference.eval(p.logDensity(task().query().y()));
    double[] below = Reference.eval(p.cumulative(task().query().y()));
    for (int i = 0; i < QX.length; i++) {
      double first = 0;
      double second = 0;
      double sum = 0;
      for (double[] q : after) {
        double y = q[0] * QX[i] + q[1];
        double variance = Math.exp(-q[3]);
        first += y / M;
        second += (y * y + variance) / M;
        double off = QY[i] - y;
        sum += Math.exp(-off * off / (2 * variance)) / Math.sqrt(2 * Math.PI * variance) / M;
      }
      assertEquals(first, mean[i], CLOSE);
      assertEquals(Math.sqrt(second - first * first), deviation[i], CLOSE);
      assertEquals(Math.log(sum), density[i], CLOSE);
      assertTrue(below[i] > 0 && below[i] < 1);
    }
    List<Tensor> byStep = b.predictByStep(theta, task().support(), task().query().x());
    assertEquals(3, byStep.size());
    assertArrayEquals(mean, Reference.eval(byStep.getLast()), CLOSE);
  }

  /** With one particle it is gradient ascent to what is most likely. */
  @Test
  void oneParticleClimbs() {
    Bmaml b = bmaml(1, 1, 1, Objective.CHASER);
    double[][] one = {start()[0]};
    Params theta = theta(one);
    Params adapted = b.adapt(theta, task().support());
    double[][] found = particles(adapted);
    double gamma = Math.exp(one[0][3]);
    double g = slope(one[0][0], one[0][1], X, Y)[0];
    double up = -gamma * X.length * g / 2 - Math.exp(one[0][2]) * one[0][0];
    assertEquals(one[0][0] + RATE * up, found[0][0], CLOSE);
  }

  /** No number moves by more than the rate times what slopes are cut to. */
  @Test
  void slopesAreCut() {
    double clip = 1.5;
    Bmaml.Options o = new Bmaml.Options(1, 1, 1, RATE, clip, Part.ALL, Objective.LIKELIHOOD);
    Bmaml b = new Bmaml(LINE, Criterion.SQUARED_ERROR, Part.all(), o, Norm.Policy.NONE);
    double[][] one = {start()[0]};
    double[] plain = step(one, X, Y)[0];
    double[] found = particles(b.adapt(theta(one), task().support()))[0];
    int cut = 0;
    for (int k = 0; k < 4; k++) {
      double moved = Math.max(-clip * RATE, Math.min(clip * RATE, plain[k] - one[0][k]));
      assertEquals(one[0][k] + moved, found[k], CLOSE);
      cut += Math.abs(moved) == clip * RATE ? 1 : 0;
    }
    assertTrue(cut > 0 && cut < 4, cut + " of 4 are cut");
  }

  private static double distance(double[][] a, double[][] b) {
    double sum = 0;
    for (int m = 0; m < a.length; m++) {
      for (int k = 0; k < 4; k++) {
        sum += Math.pow(a[m][k] - b[m][k], 2);
      }
    }
    return sum;
  }

  @Test
  void theChaserIsDrawnToALeaderThatStandsStill() {
    Bmaml b = bmaml(M, 2, 2, Objective.CHASER);
    Params theta = theta(start());
    double[] x = joined(X, QX);
    double[] y = joined(Y, QY);
    double[][] chaser = step(step(start(), X, Y), X, Y);
    double[][] leader = step(step(chaser, x, y), x, y);
    double loss = Reference.eval(b.loss(theta, task()).loss())[0];
    assertEquals(distance(chaser, leader), loss, CLOSE);
    Params gradient = Grad.grad(p -> b.loss(p, task()).loss(), theta);
    double[][] slopes = particles(gradient);
    double h = 1e-5;
    for (int m = 0; m < M; m++) {
      for (int k = 0; k < 4; k++) {
        double[] f = new double[2];
        for (int side = 0; side < 2; side++) {
          double[][] moved = start();
          moved[m][k] += side == 0 ? -h : h;
          f[side] = distance(step(step(moved, X, Y), X, Y), leader);
        }
        double expected = (f[1] - f[0]) / (2 * h);
        assertEquals(expected, slopes[m][k], 1e-8 * Math.max(1, Math.abs(expected)));
      }
    }
  }

  @Test
  void theLikelihoodIsThatOfAllParticles() {
    Bmaml b = bmaml(M, 1, 1, Objective.LIKELIHOOD);
    Params theta = theta(start());
    Params adapted = theta.with(b.adapt(theta, task().support()));
    Predictive p = b.predictive(adapted, task().query().x()).orElseThrow();
    double[] log = Reference.eval(p.logDensity(task().query().y()));
    double loss = Reference.eval(b.loss(theta, task()).loss())[0];
    assertEquals(-(log[0] + log[1]) / 2, loss, CLOSE);
  }

  /** With particles of the last layer alone, the others are shared. */
  @Test
  void whatIsNoParticleIsShared() {
    Mlp net = new Mlp(List.of(1, 3, 1));
    Bmaml.Options o = new Bmaml.Options(M, 1, 1, RATE, 0, Part.HEAD, Objective.CHASER);
    Bmaml b = new Bmaml(net, Criterion.SQUARED_ERROR, Part.of(Part.HEAD, net), o, Norm.Policy.NONE);
    Params theta = b.init(new Init(2));
    assertEquals(Shape.of(1, 3), theta.get("layer1.weight").shape());
    assertEquals(Shape.of(M, 3, 1), theta.get("models.layer2.weight").shape());
    Params made = b.adapt(theta, task().support());
    assertTrue(made.names().stream().allMatch(n -> n.startsWith(ManyModels.MODELS + ".")));
    Params g = Grad.grad(p -> b.loss(p, task()).loss(), theta);
    assertTrue(Arrays.stream(value(g, "layer1.weight")).anyMatch(v -> v != 0));
  }

  // ---- PLATIPUS

  private static final double NOISE = 0.4;
  private static final double KL = 0.6;

  private static Platipus platipus(int samples) {
    InnerLoop inner =
        new InnerLoop(LINE, Criterion.SQUARED_ERROR, 1, RATE, Order.SECOND, Norm.Policy.NONE);
    return new Platipus(inner, new Platipus.Options(1, RATE, samples, 0.1, 0.02, NOISE, KL));
  }

  /** For w and b each: mu, log sigma, log of v_q's root, gamma_p, gamma_q. */
  private static final double[][] DISTRIBUTION = {
    {0.8, -1.2, -1.6, 0.07, 0.11}, {-0.3, -0.9, -1.1, 0.05, 0.03}
  };

  private static Params distribution() {
    String[] parts = {"mean", "log_deviation", "inference_log_deviation", "rate", "inference_rate"};
    Params p = Params.empty();
    for (int i = 0; i < parts.length; i++) {
      p =
          p.with(parts[i] + ".layer1.weight", literal(Shape.of(1, 1), DISTRIBUTION[0][i]))
              .with(parts[i] + ".layer1.bias", literal(Shape.of(1), DISTRIBUTION[1][i]));
    }
    return p;
  }

  @Test
  void platipusFollowsItsAlgorithms() {
    Platipus p = platipus(M);
    Params theta = distribution();
    assertEquals(theta.names(), p.init(new Init(1)).names());
    double w = DISTRIBUTION[0][0];
    double b = DISTRIBUTION[1][0];
    double[] byQuery = slope(w, b, QX, QY);
    double[] bySupport = slope(w, b, X, Y);
    double[] e = Reference.eval(Sampling.normal(KEY, Shape.of(2)));
    double[] drawn = new double[2];
    double[] prior = new double[2];
    double kl = 0;
    for (int i = 0; i < 2; i++) {
      double[] d = DISTRIBUTION[i];
      double mean = d[0] - d[4] * byQuery[i];
      prior[i] = d[0] - d[3] * bySupport[i];
      drawn[i] = mean + Math.exp(d[2]) * e[i];
      double sigma2 = Math.exp(2 * d[1]);
      kl += d[1] - d[2] - 0.5;
      kl += (Math.exp(2 * d[2]) + Math.pow(mean - prior[i], 2)) / (2 * sigma2);
    }
    double[] g = slope(drawn[0], drawn[1], X, Y);
    double far = error(drawn[0] - RATE * g[0], drawn[1] - RATE * g[1], QX, QY);
    double expected = far / (2 * NOISE * NOISE) + KL * kl / QX.length;
    assertEquals(expected, Reference.eval(p.loss(theta, task()).loss())[0], CLOSE);

    double[] fixed = Reference.eval(Samples.fixed(Shape.of(M, 2)));
    Params adapted = theta.with(p.adapt(theta, task().support()));
    double[] weights = value(adapted, "models.layer1.weight");
    double[] answer = new double[QX.length];
    for (int s = 0; s < M; s++) {
      double ws = prior[0] + Math.exp(DISTRIBUTION[0][1]) * fixed[s * 2];
      double bs = prior[1] + Math.exp(DISTRIBUTION[1][1]) * fixed[s * 2 + 1];
      double[] gs = slope(ws, bs, X, Y);
      assertEquals(ws - RATE * gs[0], weights[s], CLOSE);
      double biased = bs - RATE * gs[1];
      for (int i = 0; i < QX.length; i++) {
        answer[i] += (weights[s] * QX[i] + biased) / M;
      }
    }
    assertArrayEquals(answer, Reference.eval(p.predict(adapted, task().query().x())), CLOSE);
    Predictive says = p.predictive(adapted, task().query().x()).orElseThrow();
    assertTrue(Arrays.stream(Reference.eval(says.deviation())).allMatch(v -> v > NOISE));
  }

  /** Other keys, other samples: in training alone. */
  @Test
  void whatIsSampledFollowsTheKey() {
    Learner p = platipus(M);
    Params theta = distribution();
    Task other = task().with(literal(DType.I32, Shape.of(2), 7, 10));
    double one = Reference.eval(p.loss(theta, task()).loss())[0];
    assertEquals(one, Reference.eval(p.loss(theta, task()).loss())[0]);
    assertTrue(Math.abs(one - Reference.eval(p.loss(theta, other).loss())[0]) > 1e-3);
  }
}
