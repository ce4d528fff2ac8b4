package io.quickstudy.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.transform.Params;
import java.util.List;
import org.junit.jupiter.api.Test;

class CellTest {
  @Test
  void aTextIsACellAndBack() {
    String text = "conv3(in)+max3(in); same(in)+conv1(b1)";
    Cell c = Cell.parse(" max3(in) + conv3( in );same(in)+conv1(b1)");
    assertEquals(text, c.toString());
    assertEquals(c, Cell.parse(text), "either order of two branches is the same block");
    assertEquals(List.of(2), c.outputs());
    assertEquals(List.of(1, 2), Cell.parse("conv3(in)+max3(in); same(in)+conv1(in)").outputs());
  }

  @Test
  void whatIsNoCellIsRefused() {
    for (String text :
        List.of(
            "",
            "conv3(in)",
            "conv3(in)+conv3(in)+conv3(in)",
            "conv7(in)+same(in)",
            "conv3(b1)+same(in)",
            "conv3(in)+same(b0)",
            "conv3(out)+same(in)",
            "conv3+same(in)",
            "conv3(in)+same(in);")) {
      String m =
          assertThrows(IllegalArgumentException.class, () -> Cell.parse(text), text).getMessage();
      assertTrue(m.contains("expected"), m);
    }
  }

  /** With filters that copy, a block is the sum of its operations. */
  @Test
  void aBlockAddsItsBranches() {
    CellNet net = new CellNet(2, 2, 1, Cell.parse("max3(in)+same(in)"), 1, 1, FeatureScale.RAW);
    Tensor x = Ops.literal(Shape.of(1, 2, 2, 1), 1, 2, 3, 5);
    double[] copy = new double[9];
    copy[4] = 1;
    Params theta =
        net.init(new Init(0))
            .with("cell1.input.conv.weight", Ops.literal(Shape.of(3, 3, 1, 1), copy));
    Params given =
        Norm.pack(
            "cell1.input.norm",
            new io.quickstudy.functions.Normalisation.Moments(
                Ops.literal(Shape.of(1), 0), Ops.literal(Shape.of(1), 1 - 1e-5)));
    // the largest of all is 5 at each place, and 5 the largest of what is added to it
    assertArrayEquals(
        new double[] {10}, Reference.eval(net.apply(theta, x, Norm.given(given))), 1e-4);
    assertEquals(1, net.features());
  }

  @Test
  void outputsStandBehindEachOther() {
    CellNet net =
        new CellNet(
            8,
            8,
            3,
            Cell.parse("conv3(in)+max3(in); mean3(in)+conv5(in)"),
            2,
            4,
            FeatureScale.UNIT);
    assertEquals(2 * 2 * 8, net.features());
    assertEquals(Shape.of(2, 2, 8), net.map().orElseThrow());
    Tensor x = Ops.fill(1, Shape.of(3, 8, 8, 3));
    assertEquals(Shape.of(3, 32), net.apply(net.init(new Init(1)), x, Norm.batch()).shape());
    assertEquals(
        Shape.of(1, 1, 8, 4), net.init(new Init(1)).get("cell2.input.conv.weight").shape());
    assertThrows(
        IllegalArgumentException.class,
        () -> new CellNet(8, 8, 1, Cell.parse("conv3(in)+max3(in)"), 4, 4, FeatureScale.RAW));
  }
}
