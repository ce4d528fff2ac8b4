package io.quickstudy.suite;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

final class LeafSamples {
  private LeafSamples() {}

  static List<Sample> all() {
    List<Sample> out = new ArrayList<>();
    for (Shape s : List.of(Shape.of(), Shape.of(5), Shape.of(2, 1, 3))) {
      out.add(
          Sample.of("argument " + s, Leaf.Argument.class, p -> p.get("x"))
              .arg("x", s, Draw.any())
              .linearIn("x")
              .equalTo(x -> x.get("x")));
      out.add(
          Sample.of("fill " + s, Leaf.Fill.class, p -> fill(-1.25, s))
              .equalTo(x -> Close.index(s, i -> -1.25)));
    }
    for (DType type : List.of(DType.I32, DType.U8)) {
      out.add(
          Sample.of("argument " + type, Leaf.Argument.class, p -> p.get("x"))
              .given("x", type, Shape.of(3, 5), Draw.below(256))
              .equalTo(x -> x.get("x")));
      out.add(
          Sample.of(
                  "fill " + type,
                  Leaf.Fill.class,
                  p -> Tensor.of(new Leaf.Fill(7, new Op.Type(Shape.of(2, 3), type))))
              .equalTo(x -> Close.index(Shape.of(2, 3), i -> 7)));
    }
    out.add(
        Sample.of(
                "fill scales",
                Leaf.Fill.class,
                p -> mul(fill(0.5, Shape.of(3)), add(p.get("x"), fill(2, Shape.of(3)))))
            .arg("x", Shape.of(3), Draw.any())
            .equalTo(x -> Arrays.stream(x.get("x")).map(v -> 0.5 * (v + 2)).toArray()));
    double[] table = {0.5, -1, 2, 0.25, 3, -0.125};
    out.add(
        Sample.of("literal", Leaf.Literal.class, p -> literal(Shape.of(2, 3), table))
            .equalTo(x -> table));
    out.add(
        Sample.of(
                "literal I32",
                Leaf.Literal.class,
                p -> literal(DType.I32, Shape.of(3), 5, -7, 1 << 24))
            .equalTo(x -> new double[] {5, -7, 1 << 24}));
    out.add(
        Sample.of(
                "literal weighs",
                Leaf.Literal.class,
                p -> mul(p.get("x"), literal(Shape.of(2, 3), table)))
            .arg("x", Shape.of(2, 3), Draw.any())
            .linearIn("x")
            .equalTo(x -> Close.index(Shape.of(6), i -> x.get("x")[i[0]] * table[i[0]])));
    for (int axis = 0; axis < 3; axis++) {
      Shape s = Shape.of(2, 3, 5);
      int a = axis;
      out.add(
          Sample.of("iota axis " + a, Leaf.Iota.class, p -> iota(s, a))
              .equalTo(x -> Close.index(s, i -> i[a])));
    }
    out.add(
        Sample.of(
                "iota weighs",
                Leaf.Iota.class,
                p -> mul(p.get("x"), convert(iota(Shape.of(7), 0), DType.F32)))
            .arg("x", Shape.of(7), Draw.any())
            .linearIn("x")
            .equalTo(x -> Close.index(Shape.of(7), i -> x.get("x")[i[0]] * i[0])));
    randoms(out);
    return out;
  }

  private static void randoms(List<Sample> out) {
    long[] known = {0x6627e8d5L, 0xe169c58dL, 0xbc57ac4cL, 0x9b00dbd8L};
    out.add(
        Sample.of("random known answer", Leaf.Random.class, p -> uniform(p.get("k"), Shape.of(4)))
            .given("k", DType.I32, Shape.of(2), Draw.fixed(0, 0))
            .equalTo(x -> Arrays.stream(known).mapToDouble(w -> (w >>> 8) / 0x1p24).toArray()));
    for (Shape keys : List.of(Shape.of(2), Shape.of(3, 2), Shape.of(2, 3, 2))) {
      for (Shape s : List.of(Shape.of(), Shape.of(4), Shape.of(2, 3), Shape.of(3, 7))) {
        out.add(
            Sample.of(
                    "random keys " + keys + " each " + s,
                    Leaf.Random.class,
                    p -> uniform(p.get("k"), s))
                .given("k", DType.I32, keys, Draw.words())
                .equalTo(
                    x ->
                        Close.index(
                            Shape.of(keys.size() / 2, s.size()),
                            i ->
                                word(
                                    (int) x.get("k")[2 * i[0]],
                                    (int) x.get("k")[2 * i[0] + 1],
                                    i[1]))));
      }
    }
    out.add(
        Sample.of(
                "random weighs",
                Leaf.Random.class,
                p -> mul(p.get("x"), uniform(p.get("k"), Shape.of(5))))
            .arg("x", Shape.of(5), Draw.any())
            .given("k", DType.I32, Shape.of(2), Draw.words())
            .linearIn("x"));
  }

  /** Number j of a key, in wrapping 32-bit arithmetic. */
  private static double word(int k0, int k1, int j) {
    int[] c = {j / 4, 0, 0, 0};
    for (int round = 0; round < 10; round++) {
      long p = 0xD2511F53L * (c[0] & 0xFFFFFFFFL);
      long q = 0xCD9E8D57L * (c[2] & 0xFFFFFFFFL);
      int key0 = k0 + round * 0x9E3779B9;
      int key1 = k1 + round * 0xBB67AE85;
      c =
          new int[] {
            (int) (q >>> 32) ^ c[1] ^ key0, (int) q, (int) (p >>> 32) ^ c[3] ^ key1, (int) p
          };
    }
    return (c[j % 4] >>> 8) / 0x1p24;
  }
}
