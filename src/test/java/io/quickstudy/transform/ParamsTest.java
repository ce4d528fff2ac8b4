package io.quickstudy.transform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ParamsTest {
  private static final Tensor ONE = Ops.literal(Shape.of(2), 1, 2);
  private static final Tensor TWO = Ops.literal(Shape.of(3), 3, 4, 5);
  private static final Params P = Params.of("conv.weight", ONE, "conv.bias", TWO);

  private static List<String> names(Params p) {
    return List.copyOf(p.names());
  }

  @Test
  void namesKeepTheirOrder() {
    assertEquals(List.of("conv.weight", "conv.bias"), names(P));
    assertEquals(List.of(ONE, TWO), List.copyOf(P.values()));
    assertEquals(2, P.count());
    assertEquals(5, P.size());
    assertEquals(List.of("0", "1"), names(Params.of(List.of(ONE, TWO))));
    assertEquals(0, Params.empty().count());
  }

  @Test
  void withReplacesInPlaceAndLeavesTheOriginal() {
    Params q = P.with("conv.weight", TWO);
    assertEquals(names(P), names(q));
    assertSame(TWO, q.get("conv.weight"));
    assertSame(ONE, P.get("conv.weight"));
    assertEquals(List.of("conv.weight", "conv.bias", "z"), names(P.with(Params.of("z", ONE))));
  }

  @Test
  void aMapIsCopied() {
    Map<String, Tensor> m = new LinkedHashMap<>(Map.of("a", ONE));
    Params p = Params.of(m);
    m.put("b", TWO);
    assertEquals(1, p.count());
    assertThrows(UnsupportedOperationException.class, () -> p.names().clear());
    assertThrows(UnsupportedOperationException.class, () -> p.values().clear());
  }

  @Test
  void prefixesComeAndGo() {
    Params q = P.under("net");
    assertEquals(List.of("net.conv.weight", "net.conv.bias"), names(q));
    assertEquals(names(P), names(q.sub("net")));
    assertEquals(List.of("weight", "bias"), names(q.sub("net.conv")));
    assertEquals(0, q.sub("ne").count());
  }

  @Test
  void arithmeticIsNameByName() {
    Params sum = P.plus(P.times(2)).minus(P).times(Ops.scalar(0.5));
    assertArrayEquals(new double[] {1, 2}, Reference.eval(sum.get("conv.weight")));
    assertArrayEquals(new double[] {3, 4, 5}, Reference.eval(sum.get("conv.bias")));
    Params turned = Params.of("conv.bias", TWO, "conv.weight", ONE);
    assertArrayEquals(new double[] {2, 4}, Reference.eval(P.plus(turned).get("conv.weight")));
  }

  @Test
  void valuesAreReplacedInOrder() {
    Params q = P.replace(List.of(TWO, ONE));
    assertSame(TWO, q.get("conv.weight"));
    assertSame(ONE, q.get("conv.bias"));
  }

  @Test
  void mistakesAreNamed() {
    String missing =
        assertThrows(IllegalArgumentException.class, () -> P.get("conv.wieght")).getMessage();
    assertTrue(missing.contains("conv.wieght") && missing.contains("conv.weight"), missing);
    String other =
        assertThrows(IllegalArgumentException.class, () -> P.plus(Params.of("a", ONE)))
            .getMessage();
    assertTrue(other.contains("[a]") && other.contains("conv.bias"), other);
  }
}
