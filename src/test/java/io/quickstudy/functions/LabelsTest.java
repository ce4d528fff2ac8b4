package io.quickstudy.functions;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.quickstudy.backend.BackendException;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import io.quickstudy.runtime.Engines;
import io.quickstudy.runtime.Function;
import io.quickstudy.runtime.Signature;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Vmap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A label that is no class is an error, wherever labels are taken and on every backend. */
class LabelsTest {
  private static final int CLASSES = 3;
  private static final int TASKS = 2;
  private static final float[] SCORES = {1, 5, 2, 9, 1, 1};

  /** All that takes scores [2, 3] and labels [2], by what it is called. */
  private static final Map<String, BinaryOperator<Tensor>> ALL = new LinkedHashMap<>();

  static {
    ALL.put("cross-entropy", Losses::crossEntropy);
    ALL.put("accuracy", Losses::accuracy);
    ALL.put("correct", Losses::correct);
    ALL.put("class means", (z, y) -> Losses.classMeans(z, y, CLASSES));
    ALL.put("one hot", (z, y) -> Ops.oneHot(y, CLASSES));
  }

  private static String said(int label) {
    return "Index %s is outside 0..2: expected a label or row that there is; correct the input."
        .formatted(label);
  }

  @TestFactory
  Stream<DynamicTest> isRefusedWhenItRuns() {
    Map<String, Op.Type> inputs = new LinkedHashMap<>();
    inputs.put("z", new Op.Type(Shape.of(TASKS, 2, CLASSES), DType.F32));
    inputs.put("y", new Op.Type(Shape.of(TASKS, 2), DType.I32));
    Signature signature = new Signature(Map.of(), inputs, Map.of(), TASKS, inputs.keySet());
    return Engines.each(
        engine ->
            ALL.forEach(
                (name, f) -> {
                  Function each =
                      (s, in, r) ->
                          new Function.Result(
                              s,
                              Vmap.vmapAll(
                                  p -> Params.of("y", f.apply(p.get("z"), p.get("y"))), in));
                  refuses(engine, name, signature, each);
                }));
  }

  private static void refuses(Engine engine, String name, Signature signature, Function f) {
    try (Compiled c = engine.compile(name, signature, f)) {
      float[] z = new float[TASKS * SCORES.length];
      System.arraycopy(SCORES, 0, z, 0, SCORES.length);
      System.arraycopy(SCORES, 0, z, SCORES.length, SCORES.length);
      c.set("z", z);
      for (int bad : new int[] {CLASSES, -1, 1 << 20}) {
        c.set("y", new int[] {1, 0, 2, bad});
        String message =
            assertThrows(
                    BackendException.class,
                    () -> {
                      c.run();
                      c.output("y"); // where the device computes on by itself
                    },
                    name)
                .getMessage();
        assertEquals(name + ": " + said(bad), message);
      }
      c.set("y", new int[] {1, 0, 2, 1});
      c.run();
      c.output("y");
    }
  }

  @Test
  void isRefusedByTheReference() {
    Tensor z = Ops.literal(Shape.of(2, CLASSES), 1, 5, 2, 9, 1, 1);
    Tensor y = Tensor.argument("y", DType.I32, Shape.of(2));
    ALL.forEach(
        (name, f) ->
            assertEquals(
                said(3),
                assertThrows(
                        IndexOutOfBoundsException.class,
                        () -> Reference.eval(f.apply(z, y), Map.of(y, new double[] {0, 3})),
                        name)
                    .getMessage()));
  }

  @Test
  void isRefusedAtOnceWhereItIsKnown() {
    Tensor z = Ops.literal(Shape.of(2, CLASSES), 1, 5, 2, 9, 1, 1);
    Tensor y = Ops.literal(DType.I32, Shape.of(2), 1, -1);
    ALL.forEach(
        (name, f) ->
            assertEquals(
                "Index -1 is outside 0..2: expected a label or row that there is; correct it.",
                assertThrows(IllegalArgumentException.class, () -> f.apply(z, y), name)
                    .getMessage()));
    Tensor good = Ops.iota(Shape.of(3), 0);
    assertSame(good, Ops.checked(good, 3), "nothing to check");
    assertThrows(
        IndexOutOfBoundsException.class, () -> Reference.eval(Ops.checked(good, 2)), "too many");
  }

  @Test
  void oneLabelForEachRow() {
    Tensor z = Ops.literal(Shape.of(2, CLASSES), 1, 5, 2, 9, 1, 1);
    for (Shape wrong : new Shape[] {Shape.of(1), Shape.of(2, 1), Shape.of(3), Shape.of()}) {
      Tensor y = Tensor.argument("y", DType.I32, wrong);
      ALL.forEach(
          (name, f) -> {
            if (!name.equals("one hot")) {
              assertThrows(IllegalArgumentException.class, () -> f.apply(z, y), name + wrong);
            }
          });
    }
    Tensor floats = Tensor.argument("y", DType.F32, Shape.of(2));
    ALL.forEach(
        (name, f) -> assertThrows(IllegalArgumentException.class, () -> f.apply(z, floats), name));
  }

  @Test
  void goodLabelsStayAsTheyAre() {
    Tensor y = Tensor.argument("y", DType.I32, Shape.of(2, 2));
    double[] labels = {2, 0, 1, 1};
    assertArrayEquals(labels, Reference.eval(Ops.checked(y, 3), Map.of(y, labels)));
  }
}
