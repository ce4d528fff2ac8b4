package io.quickstudy.exchange.weights;

import io.quickstudy.graph.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How PyTorch lays out the numbers of one of our parameters. Each says where in PyTorch's tensor a
 * number of ours is.
 */
sealed interface TorchLayout {
  /** The extents in PyTorch of a parameter that has this shape here. */
  List<Long> shape(Shape ours);

  /** The position in PyTorch of each of our numbers. */
  int[] positions(Shape ours);

  /** What the axes in PyTorch are, for messages. */
  String axes();

  /** Vectors are the same on both sides. */
  record Same() implements TorchLayout {
    @Override
    public List<Long> shape(Shape ours) {
      return longs(ours.dims());
    }

    @Override
    public int[] positions(Shape ours) {
      return java.util.stream.IntStream.range(0, ours.size()).toArray();
    }

    @Override
    public String axes() {
      return "the same here";
    }
  }

  /** [KH, KW, C, O] here is [O, C, KH, KW] there. */
  record Filter() implements TorchLayout {
    @Override
    public List<Long> shape(Shape s) {
      return longs(s.dim(3), s.dim(2), s.dim(0), s.dim(1));
    }

    @Override
    public int[] positions(Shape s) {
      int[] at = new int[s.size()];
      int spots = s.dim(0) * s.dim(1);
      int i = 0;
      for (int spot = 0; spot < spots; spot++) {
        for (int c = 0; c < s.dim(2); c++) {
          for (int o = 0; o < s.dim(3); o++) {
            at[i++] = (o * s.dim(2) + c) * spots + spot;
          }
        }
      }
      return at;
    }

    @Override
    public String axes() {
      return "filters, channels, height, width";
    }
  }

  /**
   * [in, out] here is [out, in] there. The first inputs may be a flattened map, whose numbers go
   * position by position here and channel by channel there.
   *
   * @param spots positions of the map, 1 where there is none
   * @param channels of the map
   */
  record Matrix(int spots, int channels) implements TorchLayout {
    @Override
    public List<Long> shape(Shape s) {
      return longs(s.dim(1), s.dim(0));
    }

    @Override
    public int[] positions(Shape s) {
      int[] at = new int[s.size()];
      int i = 0;
      for (int in = 0; in < s.dim(0); in++) {
        boolean map = in < spots * channels;
        int there = map ? in % channels * spots + in / channels : in;
        for (int out = 0; out < s.dim(1); out++) {
          at[i++] = out * s.dim(0) + there;
        }
      }
      return at;
    }

    @Override
    public String axes() {
      return "outputs, inputs";
    }
  }

  /** Our numbers from PyTorch's. */
  default float[] ours(float[] theirs, Shape shape) {
    int[] at = positions(shape);
    float[] numbers = new float[at.length];
    for (int i = 0; i < at.length; i++) {
      numbers[i] = theirs[at[i]];
    }
    return numbers;
  }

  /** PyTorch's numbers from ours. */
  default float[] theirs(float[] ours, Shape shape) {
    int[] at = positions(shape);
    float[] numbers = new float[at.length];
    for (int i = 0; i < at.length; i++) {
      numbers[at[i]] = ours[i];
    }
    return numbers;
  }

  /**
   * The layout of a parameter.
   *
   * @param flattened the matrices whose leading rows are a flattened map, by name, with its shape
   */
  static TorchLayout of(Map<String, Shape> flattened, String name, Shape shape) {
    Shape map = flattened.getOrDefault(name, Shape.of(1, 1, 1));
    return switch (shape.rank()) {
      case 4 -> new Filter();
      case 2 -> new Matrix(map.dim(0) * map.dim(1), map.dim(2));
      default -> new Same();
    };
  }

  private static List<Long> longs(int... numbers) {
    List<Long> l = new ArrayList<>();
    for (int n : numbers) {
      l.add((long) n);
    }
    return List.copyOf(l);
  }
}
