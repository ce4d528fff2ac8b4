package io.quickstudy.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.Quickstudy;
import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.EmulatedBackend;
import io.quickstudy.functions.Losses;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.Learner;
import io.quickstudy.learners.gradient.Maml;
import io.quickstudy.learners.inner.Order;
import io.quickstudy.learners.metric.ProtoNet;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Norm;
import io.quickstudy.nn.WithClassifier;
import io.quickstudy.runtime.Engine;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** That the check passes what is right, and says what is wrong with what is not. */
class LearnerCheckTest {
  private static final int WAYS = 3;
  private static final TaskShape TASKS = TaskShape.episode(WAYS, 2, 1, 4);
  private static final CheckOptions CPU = CheckOptions.usual().devices("cpu");

  /**
   * A linear classifier of the queries that ignores its support set, to be spoilt.
   *
   * @param weight what is done to its weights first
   * @param loss made of logits and labels
   * @param logits what is done to them before they are handed out
   */
  private record Plain(
      UnaryOperator<Tensor> weight, BinaryOperator<Tensor> loss, UnaryOperator<Tensor> logits)
      implements Learner {
    static final Plain RIGHT = new Plain(w -> w, Losses::crossEntropy, y -> y);

    Plain weight(UnaryOperator<Tensor> other) {
      return new Plain(other, loss, logits);
    }

    Plain loss(BinaryOperator<Tensor> other) {
      return new Plain(weight, other, logits);
    }

    Plain logits(UnaryOperator<Tensor> other) {
      return new Plain(weight, loss, other);
    }

    @Override
    public Params init(Init draw) {
      return Params.of("weight", draw.glorot(Shape.of(4, WAYS)), "bias", Ops.fill(0, Shape.of(3)));
    }

    @Override
    public Outcome loss(Params theta, Task task) {
      Tensor y = predict(theta, task.query().x());
      return new Outcome(loss.apply(y, task.query().y()), logits.apply(y), Params.empty());
    }

    @Override
    public Params adapt(Params theta, Batch support) {
      return Params.empty();
    }

    @Override
    public Tensor predict(Params adapted, Tensor queries) {
      Tensor w = weight.apply(adapted.get("weight"));
      return Ops.add(Ops.dot(queries, w), adapted.get("bias"));
    }

    @Override
    public Norm.Policy norm() {
      return Norm.Policy.NONE;
    }
  }

  /** The same with a ReLU of parameters that are 0: on its kink, whatever the tasks. */
  private record OnAKink(Plain of) implements Learner {
    @Override
    public Params init(Init draw) {
      return of.init(draw);
    }

    @Override
    public Outcome loss(Params theta, Task task) {
      Outcome o = of.loss(theta, task);
      Tensor kink = Ops.sum(Losses.relu(theta.get("bias")));
      return new Outcome(Ops.add(o.loss(), kink), o.outputs(), o.buffers());
    }

    @Override
    public Params adapt(Params theta, Batch support) {
      return of.adapt(theta, support);
    }

    @Override
    public Tensor predict(Params adapted, Tensor queries) {
      return of.predict(adapted, queries);
    }

    @Override
    public Norm.Policy norm() {
      return of.norm();
    }
  }

  private static CheckReport check(Learner learner) {
    return check(Subject.of(learner, TASKS));
  }

  private static CheckReport check(Subject subject) {
    try (LearnerCheck check = LearnerCheck.open(CPU)) {
      return check.run(subject);
    }
  }

  private static Comparison named(CheckReport r, String name) {
    return r.comparisons().stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
  }

  /** One failed comparison, whose note is one sentence with this in it. */
  private static void assertRefused(String sentence, CheckReport r) {
    assertFalse(r.passed(), r.text());
    assertEquals(1, r.comparisons().size(), r.text());
    String note = r.comparisons().get(0).note();
    assertTrue(note.contains(sentence), note);
    assertTrue(note.endsWith(".") && note.lines().count() == 1, note);
    assertTrue(r.text().contains(note), r.text());
  }

  @Test
  void aRightLearnerPasses() {
    CheckReport r = check(Plain.RIGHT);
    assertTrue(r.passed(), r.text());
    assertEquals(
        List.of(
            "gradient against differences",
            "batched tasks against a loop",
            "cpu fp32 against the reference",
            "cpu with one worker and two"),
        r.comparisons().stream().map(Comparison::name).toList());
    assertTrue(r.comparisons().stream().allMatch(c -> c.error() <= c.bound()), r.text());
    assertEquals(List.of(), r.warnings());
    assertEquals(true, r.json().get("passed"));
    assertTrue(r.text().startsWith("Plain on 3-way 2-shot episodes of 4: passed in "), r.text());
  }

  @Test
  void aStopWhereNoneShouldBeIsFoundOutAndItsParameterNamed() {
    CheckReport r = check(Plain.RIGHT.weight(w -> Ops.add(Ops.stop(Ops.mul(w, w)), w)));
    assertFalse(r.passed(), r.text());
    Comparison c = named(r, "gradient against differences");
    assertEquals(Comparison.Status.FAILED, c.status());
    assertTrue(c.error() > 1e-3, c.toString());
    assertTrue(c.note().endsWith("wrong for 'weight'"), c.note());
    assertTrue(named(r, "cpu fp32 against the reference").passed(), r.text());
  }

  @Test
  void aKinkThatNoDrawAvoidsIsNotTakenForAWrongGradient() {
    Comparison c = named(check(new OnAKink(Plain.RIGHT)), Differences.NAME);
    assertFalse(c.passed());
    assertTrue(c.note().contains("have no kink nearby"), c.note());
  }

  @Test
  void firstOrderFailsUnlessItIsDeclared() {
    Learner first =
        new Maml(
            new Mlp(List.of(4, 5, WAYS)),
            Criterion.CROSS_ENTROPY,
            0.4,
            1,
            Order.FIRST,
            Norm.Policy.NONE);
    assertFalse(named(check(first), "gradient against differences").passed());
    CheckReport r = check(Subject.of(first, TASKS).firstOrder());
    assertTrue(r.passed(), r.text());
    assertEquals(Comparison.Status.SKIPPED, named(r, "gradient against differences").status());
    assertTrue(r.text().contains("skipped: declared first-order"), r.text());
  }

  @Test
  void whatIsNoLossIsRefused() {
    assertRefused(
        "has a loss of type F32[3]: expected an F32 scalar",
        check(Plain.RIGHT.loss((y, labels) -> Ops.sum(y, List.of(1)))));
    assertRefused("gives nothing as its loss", check(Plain.RIGHT.loss((y, labels) -> null)));
  }

  @Test
  void outputsOfAnotherShapeAreRefused() {
    assertRefused(
        "gives F32[3] as its loss's outputs: expected F32[3, 3], a logit for each query and class",
        check(Plain.RIGHT.logits(y -> Ops.sum(y, List.of(1)))));
    ProtoNet other = new ProtoNet(new Mlp(List.of(4, 2)), WAYS + 1, Norm.Policy.NONE);
    assertRefused("gives F32[3, 4] as its loss's outputs: expected F32[3, 3]", check(other));
  }

  @Test
  void aLearnerThatThrowsIsNamedWithItsLine() {
    CheckReport r =
        check(
            Plain.RIGHT.loss(
                (y, labels) -> {
                  throw new IllegalStateException("not today");
                }));
    assertRefused("throws IllegalStateException while its loss is traced, at LearnerCheckTest.", r);
    assertRefused("(LearnerCheckTest.java:", r);
    assertRefused(": not today.", r);
    // where our own op refuses what it is given, the line is that of the learner
    assertRefused(
        "LearnerCheckTest.java:", check(Plain.RIGHT.loss((y, labels) -> Ops.dot(y, labels))));
    assertRefused(
        "takes no sequences: expected a SequenceLearner",
        check(Subject.of(Plain.RIGHT, TaskShape.sequence(WAYS, 5, 4))));
  }

  @Test
  void aLossThatIsNoNumberIsRefused() {
    CheckReport r =
        check(
            Plain.RIGHT.loss(
                (y, labels) -> Ops.mean(Ops.log(Ops.sub(Ops.scalar(-9), Ops.mul(y, y))))));
    assertRefused("The loss of learner 'Plain' is no number on tasks of seed 0, first in LOG", r);
  }

  @Test
  void parametersWithoutAGradientAreAWarning() {
    CheckReport r = check(Plain.RIGHT.loss((y, labels) -> Ops.mean(Ops.sin(Ops.stop(y)))));
    assertFalse(r.passed(), r.text());
    double[] fixed = {0.5, -1, 2, 1, 0, -2, 1, 0.25, 3, -1, 1, 2};
    CheckReport dead = check(Plain.RIGHT.weight(w -> Ops.literal(w.shape(), fixed)));
    assertTrue(dead.passed(), dead.text());
    assertTrue(
        dead.text().contains("warning: no gradient reaches 'weight': exactly 0"), dead.text());
  }

  @Test
  void aDeviceThatIsNotThereIsSkippedUnlessItWasAskedFor() {
    assertThrows(
        BackendException.class, () -> LearnerCheck.open(CheckOptions.usual().devices("cuda:999")));
    CheckReport r = Quickstudy.check(Plain.RIGHT, TASKS);
    assertTrue(r.passed(), r.text());
    assertTrue(r.text().contains("cuda"), r.text()); // compared, or skipped and why
  }

  @Test
  void aGpuIsComparedInBothPrecisions() {
    ConvNet net = new ConvNet(7, 6, 2, 3, 2, ConvNet.Down.MAX_POOL, ConvNet.Head.FLATTEN);
    Learner maml =
        new Maml(
            new WithClassifier(net, new Linear(net.features(), WAYS)),
            Criterion.CROSS_ENTROPY,
            0.4,
            2,
            Order.SECOND,
            Norm.Policy.TRANSDUCTIVE);
    try (LearnerCheck check =
        LearnerCheck.on(CheckOptions.usual(), gpu(Precision.FP32), gpu(Precision.TF32))) {
      CheckReport r = check.run(Subject.of(maml, TaskShape.episode(WAYS, 2, 1, 7, 6, 2)));
      assertTrue(r.passed(), r.text());
      assertTrue(named(r, "cuda tf32 against the reference").error() > 0, r.text());
    }
  }

  private static Device gpu(Precision p) {
    String name = "cuda " + p.name().toLowerCase(java.util.Locale.ROOT);
    return new Device(name, Engine.on(EmulatedBackend.open(p)), p);
  }

  @Test
  void optionsAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> CPU.tasks(0));
    assertThrows(IllegalArgumentException.class, () -> TaskShape.episode(1, 1, 1, 4));
    assertThrows(IllegalArgumentException.class, () -> TaskShape.points(0, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> TaskShape.sequence(2, 0, 4));
  }
}
