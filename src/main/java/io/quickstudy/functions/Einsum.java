package io.quickstudy.functions;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Products of two tensors, said by letters for their axes, as in NumPy's {@code einsum}. */
public final class Einsum {
  private Einsum() {}

  /**
   * A product of two tensors: {@code einsum("bij,bjk->bik", a, b)}. A letter for each axis; a
   * letter that the result lacks is summed over. It becomes one matrix product per batch.
   *
   * @throws IllegalArgumentException in one sentence, if the letters do not fit the tensors or each
   *     other
   */
  public static Tensor einsum(String letters, Tensor a, Tensor b) {
    String[] sides = letters.split("->", -1);
    String[] in = sides[0].split(",", -1);
    if (sides.length != 2 || in.length != 2) {
      throw refused(letters, "expected two operands and a result, as in 'ij,jk->ik'");
    }
    String to = sides[1];
    check(letters, in[0], a);
    check(letters, in[1], b);
    if (to.chars().distinct().count() != to.length()
        || to.chars().anyMatch(c -> (in[0] + in[1]).indexOf(c) < 0)) {
      throw refused(letters, "the result's letters must be those of operands, each once");
    }
    for (char c : in[0].toCharArray()) {
      int other = in[1].indexOf(c);
      if (other >= 0 && a.dim(in[0].indexOf(c)) != b.dim(other)) {
        throw refused(
            letters,
            "'"
                + c
                + "' is "
                + a.dim(in[0].indexOf(c))
                + " and "
                + b.dim(other)
                + ", and must be one extent");
      }
    }
    String batch = select(to, c -> in[0].indexOf(c) >= 0 && in[1].indexOf(c) >= 0);
    String summed = select(in[0], c -> in[1].indexOf(c) >= 0 && to.indexOf(c) < 0);
    String left = select(to, c -> batch.indexOf(c) < 0 && in[0].indexOf(c) >= 0);
    String right = select(to, c -> batch.indexOf(c) < 0 && in[1].indexOf(c) >= 0);
    Tensor x = arranged(in[0], a, batch + left + summed);
    Tensor y = arranged(in[1], b, batch + summed + right);
    int n = batch.length();
    Shape outer = x.shape().sub(0, n);
    Shape rows = x.shape().sub(n, n + left.length());
    Shape columns = y.shape().sub(n + summed.length(), y.rank());
    int k = x.shape().sub(n + left.length(), x.rank()).size();
    Tensor product =
        dot(reshape(x, outer.append(rows.size(), k)), reshape(y, outer.append(k, columns.size())));
    Tensor z = reshape(product, outer.append(rows.dims()).append(columns.dims()));
    return permuted(batch + left + right, z, to);
  }

  private interface Test {
    boolean of(int letter);
  }

  private static String select(String letters, Test keep) {
    StringBuilder s = new StringBuilder();
    letters.chars().filter(keep::of).forEach(c -> s.append((char) c));
    return s.toString();
  }

  /** Sums over letters that are not wanted, then orders the axes. */
  private static Tensor arranged(String from, Tensor t, String to) {
    List<Integer> gone = new ArrayList<>();
    StringBuilder kept = new StringBuilder();
    for (int i = 0; i < from.length(); i++) {
      if (to.indexOf(from.charAt(i)) < 0) {
        gone.add(i);
      } else {
        kept.append(from.charAt(i));
      }
    }
    return permuted(kept.toString(), sum(t, gone), to);
  }

  private static Tensor permuted(String from, Tensor t, String to) {
    return from.equals(to)
        ? t
        : transpose(
            t, IntStream.range(0, to.length()).mapToObj(i -> from.indexOf(to.charAt(i))).toList());
  }

  private static void check(String letters, String own, Tensor t) {
    if (own.length() != t.rank() || own.chars().distinct().count() != own.length()) {
      throw refused(
          letters,
          "'"
              + own
              + "' stands for shape "
              + t.shape()
              + ", and must have a letter of its own for each axis");
    }
  }

  private static IllegalArgumentException refused(String letters, String why) {
    return new IllegalArgumentException("einsum '" + letters + "': " + why);
  }
}
