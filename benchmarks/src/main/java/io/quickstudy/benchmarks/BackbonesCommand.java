package io.quickstudy.benchmarks;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine.Command;

/**
 * What PyTorch makes of images with networks whose weights a formula gives: the numbers that
 * BackboneTest expects of the models resnet12, resnet18 and wrn.
 */
@Command(
    name = "backbones",
    description = "Features by libtorch, in double precision, of networks with weights by formula.",
    mixinStandardHelpOptions = true)
final class BackbonesCommand implements Callable<Integer> {
  private static final int SHOWN = 6;

  @Override
  public Integer call() {
    Torch.unpack();
    Map<String, TorchBackbones.Net> nets = TorchBackbones.NETS;
    nets.forEach(
        (name, net) -> {
          try (PointerScope scope = new PointerScope()) {
            Tensor y = net.apply(TorchBackbones.images(net.images(), net.side())).contiguous();
            print(name, y);
          }
        });
    return 0;
  }

  /** A sum over each image's features, their squared norm, and some of them. */
  private static void print(String name, Tensor y) {
    int n = (int) y.size(0);
    int d = (int) y.size(1);
    double[] all = new double[n * d];
    new DoublePointer(y.to(torch.ScalarType.Double).data_ptr_double()).get(all);
    for (int image = 0; image < n; image++) {
      double sum = 0;
      double square = 0;
      StringBuilder some = new StringBuilder();
      for (int i = 0; i < d; i++) {
        double v = all[image * d + i];
        sum += v;
        square += v * v;
        if (i % (d / SHOWN) == 0 && i / (d / SHOWN) < SHOWN) {
          some.append(String.format(Locale.ROOT, ", %.9g", v));
        }
      }
      System.out.printf(
          Locale.ROOT, "%s image %d of [%d]: %.9g, %.9g%s%n", name, image, d, sum, square, some);
    }
  }
}
