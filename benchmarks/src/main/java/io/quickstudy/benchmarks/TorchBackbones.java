package io.quickstudy.benchmarks;

import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.from_blob;
import static org.bytedeco.pytorch.global.torch.leaky_relu;
import static org.bytedeco.pytorch.global.torch.max_pool2d;
import static org.bytedeco.pytorch.global.torch.relu;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * ResNet-12, ResNet-18 and WRN of libtorch's operations, in evaluation mode and double precision.
 * Weights come from a formula of their name and of the position in PyTorch's layout, rounded to
 * single precision.
 */
final class TorchBackbones {
  private static final double EPSILON = 1e-5;
  private static final double SLOPE = 0.1;
  private static final int[] RESNET12 = {64, 160, 320, 640};
  private static final int[] RESNET18 = {64, 128, 256, 512};

  /**
   * A network.
   *
   * @param images how many it is given
   * @param side of them, in pixels
   */
  record Net(int images, int side, UnaryOperator<Tensor> of) {
    Tensor apply(Tensor x) {
      return of.apply(x);
    }
  }

  /** Those there are. */
  static final Map<String, Net> NETS = new LinkedHashMap<>();

  static {
    NETS.put("resnet12 mean", new Net(2, 84, x -> resnet12(x).mean(2, 3)));
    NETS.put("resnet12 flatten", new Net(1, 44, x -> resnet12(x).flatten(1, -1)));
    NETS.put("resnet18", new Net(2, 84, TorchBackbones::resnet18));
    NETS.put("wrn-28-10", new Net(1, 18, x -> wrn(x, 28, 10)));
    NETS.put("wrn-16-2", new Net(2, 33, x -> wrn(x, 16, 2)));
  }

  private TorchBackbones() {}

  /** A number in [-1/2, 1/2) of a name and a position. */
  static double number(String name, int position) {
    double v = StrictMath.sin(12.9898 * position + 78.233 * (name.hashCode() % 1000)) * 43758.5453;
    return v - Math.floor(v) - 0.5;
  }

  private static Tensor tensor(String name, double middle, double spread, long... dims) {
    int n = 1;
    for (long d : dims) {
      n *= (int) d;
    }
    float[] data = new float[n];
    for (int i = 0; i < n; i++) {
      data[i] = (float) (middle + spread * number(name, i));
    }
    return from_blob(new FloatPointer(data), dims).to(torch.ScalarType.Double);
  }

  /** Images [n, 3, side, side] from 0 to 1. */
  static Tensor images(int n, int side) {
    return tensor("images", 0.5, 1, n, 3, side, side);
  }

  /** Uniform weights of variance 2 / inputs. */
  private static Tensor conv(String name, Tensor x, int out, int size, int stride) {
    long in = x.size(1);
    double spread = Math.sqrt(24.0 / (in * size * size));
    Tensor w = tensor(name + ".weight", 0, spread, out, in, size, size);
    long[] strides = {stride, stride};
    long[] padding = {size / 2, size / 2};
    return conv2d(x, w, new TensorOptional(), strides, padding, new long[] {1, 1}, 1);
  }

  private static Tensor norm(String name, Tensor x) {
    long c = x.size(1);
    return batch_norm(
        x,
        new TensorOptional(tensor(name + ".weight", 1, 0.4, c)),
        new TensorOptional(tensor(name + ".bias", 0, 0.4, c)),
        new TensorOptional(tensor(name + ".running_mean", 0, 0.4, c)),
        new TensorOptional(tensor(name + ".running_var", 1, 0.8, c)),
        false,
        0,
        EPSILON,
        false);
  }

  private static Tensor leaky(Tensor x) {
    return leaky_relu(x, new Scalar(SLOPE));
  }

  private static Tensor resnet12(Tensor x) {
    Tensor z = x;
    for (int i = 0; i < RESNET12.length; i++) {
      String block = "layer" + (i + 1) + ".0.";
      int out = RESNET12[i];
      Tensor beside = norm(block + "downsample.1", conv(block + "downsample.0", z, out, 1, 1));
      z = leaky(norm(block + "bn1", conv(block + "conv1", z, out, 3, 1)));
      z = leaky(norm(block + "bn2", conv(block + "conv2", z, out, 3, 1)));
      z = norm(block + "bn3", conv(block + "conv3", z, out, 3, 1));
      z = max_pool2d(leaky(z.add(beside)), 2, 2);
    }
    return z;
  }

  private static Tensor resnet18(Tensor x) {
    Tensor z = relu(norm("bn1", conv("conv1", x, RESNET18[0], 7, 2)));
    z =
        max_pool2d(
            z, new long[] {3, 3}, new long[] {2, 2}, new long[] {1, 1}, new long[] {1, 1}, false);
    for (int stage = 0; stage < RESNET18.length; stage++) {
      int out = RESNET18[stage];
      for (int i = 0; i < 2; i++) {
        String block = "layer%s.%s.".formatted(stage + 1, i);
        int stride = i == 0 && stage > 0 ? 2 : 1;
        Tensor y = relu(norm(block + "bn1", conv(block + "conv1", z, out, 3, stride)));
        y = norm(block + "bn2", conv(block + "conv2", y, out, 3, 1));
        if (stride == 2) {
          z = norm(block + "downsample.1", conv(block + "downsample.0", z, out, 1, 2));
        }
        z = relu(y.add(z));
      }
    }
    return z.mean(2, 3);
  }

  private static Tensor wrn(Tensor x, int depth, int width) {
    Tensor z = conv("conv1", x, 16, 3, 1);
    for (int stage = 0; stage < 3; stage++) {
      int out = (16 << stage) * width;
      for (int i = 0; i < (depth - 4) / 6; i++) {
        String block = "block%s.layer.%s.".formatted(stage + 1, i);
        int stride = i == 0 && stage > 0 ? 2 : 1;
        Tensor first = relu(norm(block + "bn1", z));
        Tensor y = relu(norm(block + "bn2", conv(block + "conv1", first, out, 3, stride)));
        y = conv(block + "conv2", y, out, 3, 1);
        boolean same = z.size(1) == out;
        z = y.add(same ? z : conv(block + "convShortcut", first, out, 1, stride));
      }
    }
    return relu(norm("bn1", z)).mean(2, 3);
  }
}
