package io.quickstudy.train;

import static io.quickstudy.graph.Ops.gather;
import static io.quickstudy.graph.Ops.reshape;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Frozen;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import io.quickstudy.runtime.Function;
import io.quickstudy.runtime.Signature;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Images as a frozen model sees them, on the device: their features, which were computed once.
 *
 * @param set the images
 * @param rows F32 [n, features]
 */
record Features(ExampleSet set, Resident rows) implements Examples {
  /** The resident of that name is {@link #rows}. */
  static final String ROWS = "features";

  private static final String INDEX = "index";
  private static final int AT_ONCE = 32;

  @Override
  public Map<String, Resident> residents() {
    return Map.of(ROWS, rows);
  }

  @Override
  public Tensor gathered(Params residents, Tensor index, Tensor move) {
    return gather(residents.get(ROWS), index, 0);
  }

  /**
   * The features of all images of a set, [n, features].
   *
   * @param model the frozen model
   * @param frozen its parameters by the model's own names
   * @param pixels the images on the device
   * @throws ConfigException if they are too many numbers
   */
  static float[] computed(
      Engine engine,
      Frozen.Features model,
      Map<String, Array> frozen,
      ImageSet set,
      Resident pixels) {
    int d = model.features();
    int n = set.examples();
    if ((long) n * d * Float.BYTES > Integer.MAX_VALUE) {
      throw new ConfigException(
          "Features of %s images, %s numbers each: expected at most 2 GiB of them; take fewer, as by --head mean."
              .formatted(n, d));
    }
    Map<String, Op.Type> types = new LinkedHashMap<>();
    frozen.forEach((name, a) -> types.put(name, new Op.Type(a.shape(), DType.F32)));
    Shape images = Shape.of(AT_ONCE, set.height(), set.width(), set.channels());
    // no tasks: large filters are read once for many images, and workers share each convolution
    Signature signature =
        new Signature(
            types,
            Map.of(INDEX, new Op.Type(Shape.of(AT_ONCE), DType.I32)),
            Map.of(Images.PIXELS, new Op.Type(pixels.shape(), pixels.dtype())),
            1,
            Set.of());
    Function f =
        (theta, inputs, residents) -> {
          Tensor x = reshape(Images.unmoved(residents, inputs.get(INDEX)), images);
          return new Function.Result(theta, Params.of(ROWS, model.of(theta, x)));
        };
    float[] all = new float[n * d];
    try (Compiled c = engine.compile(ROWS, signature, f)) {
      c.bind(Images.PIXELS, pixels);
      c.setState(frozen);
      int[] index = new int[AT_ONCE];
      for (int first = 0; first < n; first += AT_ONCE) {
        int count = Math.min(AT_ONCE, n - first);
        for (int i = 0; i < AT_ONCE; i++) {
          index[i] = first + Math.min(i, count - 1); // the last ones again where there are no more
        }
        c.set(INDEX, index);
        c.run();
        System.arraycopy(c.output(ROWS).data(), 0, all, first * d, count * d);
      }
    }
    return all;
  }

  /**
   * The mean of features over the images of some classes, and by what they are to be multiplied
   * then, so that their squared norm is 1 in the mean: 1 where they all are the same.
   *
   * @param numbers [n, features], which become such here
   */
  static Map<String, Array> standardised(float[] numbers, ExampleSet set, int... classes) {
    int d = numbers.length / set.examples();
    double[] mean = new double[d];
    long count = Arrays.stream(classes).mapToLong(k -> set.classes().get(k).count()).sum();
    for (int k : classes) {
      ImageClass c = set.classes().get(k);
      for (int i = c.first() * d; i < (c.first() + c.count()) * d; i++) {
        mean[i % d] += (double) numbers[i] / count;
      }
    }
    float[] less = new float[d];
    for (int i = 0; i < d; i++) {
      less[i] = (float) mean[i];
    }
    double sum = 0;
    for (int k : classes) {
      ImageClass c = set.classes().get(k);
      for (int i = c.first() * d; i < (c.first() + c.count()) * d; i++) {
        double off = numbers[i] - less[i % d];
        sum += off * off;
      }
    }
    float scale = sum > 0 ? (float) Math.sqrt(count / sum) : 1;
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (numbers[i] - less[i % d]) * scale;
    }
    return Map.of(
        Frozen.MEAN, new Array(Shape.of(d), less),
        Frozen.SCALE, new Array(Shape.of(), new float[] {scale}));
  }

  /** Uploads the features of a set. */
  static Features upload(Engine engine, ExampleSet set, float[] numbers) {
    Shape shape = Shape.of(set.examples(), numbers.length / set.examples());
    return new Features(set, engine.upload(new Array(shape, numbers)));
  }
}
