package io.quickstudy.benchmarks;

import static org.bytedeco.pytorch.global.torch.from_blob;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.Norm;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Between Quickstudy's layouts and PyTorch's: filters [KH, KW, C, O] and [O, C, KH, KW], matrices
 * [in, out] and [out, in], images [N, H, W, C] and [N, C, H, W].
 *
 * <p>A convolution of stride 2 on an even image pads below and right here, above and left there.
 * Turning images and filters upside down and round makes the two the same, so the opponent needs no
 * padding of its own.
 */
record TorchLayouts(Net net, TorchOptions options) {
  private static final String CLASSIFIER = "classifier.weight";

  /** A parameter or buffer as a leaf of the opponent's graph. */
  Tensor parameter(String name, Values v) {
    Tensor t = tensor(v);
    int[] dims = v.shape().dims();
    Tensor own =
        switch (dims.length) {
          case 4 -> images(turned(t.permute(3, 2, 0, 1), 2, 3));
          case 2 -> {
            if (name.equals(CLASSIFIER) && flattens()) {
              t = t.reshape(extent(), extent(), net.width(), dims[1]).permute(2, 0, 1, 3);
              t = t.reshape(dims[0], dims[1]);
            }
            yield t.t().contiguous();
          }
          default -> t;
        };
    return own.clone().requires_grad_(!Norm.isBuffer(name));
  }

  /** A gradient in Quickstudy's layout. */
  Values gradient(String name, Tensor g) {
    int[] dims = dims(g);
    return switch (dims.length) {
      case 4 -> values(turned(g, 2, 3).permute(2, 3, 1, 0));
      case 2 -> {
        Tensor t = g.t();
        if (name.equals(CLASSIFIER) && flattens()) {
          t = t.reshape(net.width(), extent(), extent(), dims[0]).permute(1, 2, 0, 3);
          t = t.reshape(dims[1], dims[0]);
        }
        yield values(t);
      }
      default -> values(g);
    };
  }

  /** The examples of one task, or their labels. */
  Tensor examples(Values v, int task) {
    Tensor t = tensor(v).select(0, task);
    if (v.dtype() == DType.F32 && v.shape().rank() == 5 && net != Net.LSTM) {
      t = images(turned(t.permute(0, 3, 1, 2), 2, 3));
    }
    return t.clone();
  }

  /** Sequences with the steps first: images [n, tasks, pixels], labels [n, tasks]. */
  Tensor sequences(Values v) {
    Tensor t = tensor(v).transpose(0, 1);
    return v.dtype() == DType.F32
        ? t.reshape(v.shape().dim(1), v.shape().dim(0), net.example().size())
        : t.contiguous();
  }

  private boolean flattens() {
    return net.head() == ConvNet.Head.FLATTEN;
  }

  private int extent() {
    return net.example().dim(0) >> Net.BLOCKS;
  }

  private Tensor turned(Tensor t, long... axes) {
    return net.down() == ConvNet.Down.STRIDE ? t.flip(axes) : t;
  }

  private Tensor images(Tensor t) {
    return switch (options.layout()) {
      case CONTIGUOUS -> t.contiguous();
      case CHANNELS_LAST -> t.contiguous(torch.MemoryFormat.ChannelsLast);
    };
  }

  private Tensor tensor(Values v) {
    long[] dims = IntStream.of(v.shape().dims()).asLongStream().toArray();
    return switch (v) {
      case Values.F32 f -> {
        Tensor t = from_blob(new FloatPointer(f.data()), dims);
        yield options.precision() == TorchOptions.Precision.DOUBLE
            ? t.to(torch.ScalarType.Double)
            : t.clone();
      }
      case Values.I32 i -> {
        TensorOptions ints = new TensorOptions(torch.ScalarType.Int);
        yield from_blob(new IntPointer(i.data()), dims, ints).to(torch.ScalarType.Long);
      }
    };
  }

  /** A tensor's numbers on the host. */
  static Values values(Tensor t) {
    Shape shape = Shape.of(dims(t));
    float[] data = new float[shape.size()];
    t.to(torch.ScalarType.Float).contiguous().data_ptr_float().get(data);
    return new Values.F32(shape, data);
  }

  private static int[] dims(Tensor t) {
    return IntStream.range(0, (int) t.dim()).map(i -> (int) t.size(i)).toArray();
  }
}
