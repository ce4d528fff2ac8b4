package io.quickstudy.benchmarks;

import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.max_pool2d;
import static org.bytedeco.pytorch.global.torch.relu_;

import io.quickstudy.nn.ConvNet;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/** The networks in libtorch, as pure functions of their parameters. */
final class TorchNet {
  private static final double MOMENTUM = 0.1;
  private static final double EPSILON = 1e-5;
  private static final long[] ONE = {1, 1};
  private static final long[] TWO = {2, 2};
  private static final int BLOCK_PARAMETERS = 3;

  private final Net net;
  private final TensorOptional none = new TensorOptional();

  TorchNet(Net net) {
    this.net = net;
  }

  /**
   * The outputs.
   *
   * @param p the trained parameters in the order of Quickstudy's names
   * @param buffers running statistics by name, moved on the way; none where nobody reads them
   */
  Tensor apply(List<Tensor> p, Map<String, Tensor> buffers, Tensor x) {
    return net == Net.MLP ? mlp(p, x) : convolutional(p, buffers, x);
  }

  private static Tensor mlp(List<Tensor> p, Tensor x) {
    Tensor z = x;
    for (int i = 0; i < p.size(); i += 2) {
      z = linear(i == 0 ? z : relu_(z), p.get(i), p.get(i + 1));
    }
    return z;
  }

  private Tensor convolutional(List<Tensor> p, Map<String, Tensor> buffers, Tensor x) {
    long[] stride = net.down() == ConvNet.Down.STRIDE ? TWO : ONE;
    Tensor z = x;
    for (int i = 0; i < Net.BLOCKS; i++) {
      int at = BLOCK_PARAMETERS * i;
      z = conv2d(z, p.get(at), none, stride, ONE, ONE, 1);
      z =
          batch_norm(
              z,
              new TensorOptional(p.get(at + 1)),
              new TensorOptional(p.get(at + 2)),
              buffer(buffers, "norm" + (i + 1) + ".running_mean"),
              buffer(buffers, "norm" + (i + 1) + ".running_var"),
              true,
              MOMENTUM,
              EPSILON,
              false);
      z = relu_(z);
      if (net.down() == ConvNet.Down.MAX_POOL) {
        z = max_pool2d(z, TWO);
      }
    }
    z = net.head() == ConvNet.Head.MEAN ? z.mean(2, 3) : z.flatten(1, -1);
    int head = BLOCK_PARAMETERS * Net.BLOCKS;
    return p.size() > head ? linear(z, p.get(head), p.get(head + 1)) : z;
  }

  private TensorOptional buffer(Map<String, Tensor> buffers, String name) {
    Tensor b = buffers.get(name);
    return b == null ? none : new TensorOptional(b);
  }
}
