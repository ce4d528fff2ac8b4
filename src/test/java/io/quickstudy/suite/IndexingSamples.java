package io.quickstudy.suite;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Indexing;
import io.quickstudy.graph.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

final class IndexingSamples {
  private IndexingSamples() {}

  /** Batch axes, rows, index axes, row axes. */
  private record Case(Shape b, int n, Shape k, Shape r) {
    Shape table() {
      return b.append(n).append(r.dims());
    }

    Shape index() {
      return b.append(k.dims());
    }

    Shape list() {
      return index().append(r.dims());
    }

    @Override
    public String toString() {
      return "batch %s, %s rows of %s, index %s".formatted(b, n, r, k);
    }
  }

  static List<Sample> all() {
    Shape one = Shape.of();
    List<Case> cases =
        List.of(
            new Case(one, 5, Shape.of(7), one),
            new Case(one, 4, Shape.of(3), Shape.of(2)),
            new Case(one, 3, Shape.of(2, 4), Shape.of(3)),
            new Case(one, 6, one, Shape.of(2, 2)),
            new Case(one, 1, Shape.of(3), Shape.of(5)),
            new Case(Shape.of(3), 4, Shape.of(5), one),
            new Case(Shape.of(2), 3, Shape.of(4), Shape.of(3)),
            new Case(Shape.of(2), 3, Shape.of(2, 2), Shape.of(2, 3)),
            new Case(Shape.of(4), 3, one, Shape.of(2)),
            new Case(Shape.of(2, 3), 4, Shape.of(5), Shape.of(2)),
            new Case(Shape.of(2, 3), 4, one, one),
            new Case(Shape.of(2, 2), 2, Shape.of(3, 2), Shape.of(2)));
    List<Sample> out = new ArrayList<>();
    for (Case c : cases) {
      int batch = c.b().rank();
      Sample.Formula gathered =
          x -> Close.index(c.list(), i -> Close.at(x.get("x"), c.table(), row(c, x.get("k"), i)));
      out.add(
          Sample.of(
                  "gather " + c, Indexing.Gather.class, p -> gather(p.get("x"), p.get("k"), batch))
              .arg("x", c.table(), Draw.any())
              .given("k", DType.I32, c.index(), Draw.below(c.n()))
              .linearIn("x")
              .equalTo(gathered));
      for (DType type : List.of(DType.I32, DType.U8)) {
        out.add(
            Sample.of(
                    "gather " + type + " " + c,
                    Indexing.Gather.class,
                    p -> gather(p.get("x"), p.get("k"), batch))
                .given("x", type, c.table(), Draw.below(256))
                .given("k", DType.I32, c.index(), Draw.below(c.n()))
                .equalTo(gathered));
      }
      out.add(
          Sample.of(
                  "scatter add " + c,
                  Indexing.ScatterAdd.class,
                  p -> scatterAdd(p.get("g"), p.get("k"), c.n(), batch))
              .arg("g", c.list(), Draw.any())
              .given("k", DType.I32, c.index(), Draw.below(c.n()))
              .linearIn("g")
              .equalTo(
                  x -> {
                    double[] y = new double[c.table().size()];
                    Close.index(
                        c.list(),
                        i -> {
                          int p = 0;
                          int[] at = row(c, x.get("k"), i);
                          for (int a = 0; a < at.length; a++) {
                            p = p * c.table().dim(a) + at[a];
                          }
                          y[p] += Close.at(x.get("g"), c.list(), i);
                          return 0;
                        });
                    return y;
                  }));
    }
    largest(out);
    return out;
  }

  /** The index in the table for an index in the list. */
  private static int[] row(Case c, double[] k, int[] i) {
    int lead = c.index().rank();
    int row = (int) Close.at(k, c.index(), java.util.Arrays.copyOf(i, lead));
    return IntStream.concat(
            IntStream.concat(IntStream.range(0, c.b().rank()).map(a -> i[a]), IntStream.of(row)),
            IntStream.range(lead, i.length).map(a -> i[a]))
        .toArray();
  }

  private static void largest(List<Sample> out) {
    record Pick(Shape x, int k) {}
    for (Pick c :
        List.of(
            new Pick(Shape.of(1), 1),
            new Pick(Shape.of(7), 3),
            new Pick(Shape.of(7), 7),
            new Pick(Shape.of(3, 5), 1),
            new Pick(Shape.of(3, 5), 2),
            new Pick(Shape.of(2, 3, 4), 3))) {
      out.add(
          Sample.of(
                  "top " + c.k() + " of " + c.x(),
                  Indexing.TopK.class,
                  p -> topK(p.get("x"), c.k()))
              .arg("x", c.x(), Draw.apart())
              .equalTo(x -> ranked(x.get("x"), c.x().dim(-1), c.k())));
      out.add(
          Sample.of(
                  "top " + c.k() + " of " + c.x() + " with ties",
                  Indexing.TopK.class,
                  p -> topK(p.get("x"), c.k()))
              .given("x", DType.F32, c.x(), Draw.below(3))
              .equalTo(x -> ranked(x.get("x"), c.x().dim(-1), c.k())));
    }
    double nan = Double.NaN;
    double infinity = Double.POSITIVE_INFINITY;
    out.add(
        Sample.of("top 6 with no numbers", Indexing.TopK.class, p -> topK(p.get("x"), 6))
            .given("x", DType.F32, Shape.of(6), Draw.fixed(1, nan, infinity, 1, nan, -infinity))
            .equalTo(x -> new double[] {1, 4, 2, 0, 3, 5}));
  }

  /** Rank of an element: how many are larger, or equal and before it. */
  private static double[] ranked(double[] x, int n, int k) {
    double[] y = new double[x.length / n * k];
    for (int i = 0; i < x.length; i++) {
      int row = i / n;
      int rank = 0;
      for (int j = row * n; j < (row + 1) * n; j++) {
        rank += x[j] > x[i] || (x[j] == x[i] && j < i) ? 1 : 0;
      }
      if (rank < k) {
        y[row * k + rank] = i % n;
      }
    }
    return y;
  }
}
