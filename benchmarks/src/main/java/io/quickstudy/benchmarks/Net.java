package io.quickstudy.benchmarks;

import io.quickstudy.graph.Shape;

import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.Linear;
import io.quickstudy.nn.Mlp;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.WithClassifier;
import java.util.List;

/** The networks of the workloads. */
enum Net {
  /** 28x28x1, four blocks of 64 with stride 2, spatial mean. */
  STRIDED_28(28, 1, 64, ConvNet.Down.STRIDE, ConvNet.Head.MEAN),
  /** 28x28x1, four blocks of 64 with 2x2 max-pooling. */
  POOLED_28(28, 1, 64, ConvNet.Down.MAX_POOL, ConvNet.Head.FLATTEN),
  /** 84x84x3, four blocks of 32 with 2x2 max-pooling. */
  POOLED_84(84, 3, 32, ConvNet.Down.MAX_POOL, ConvNet.Head.FLATTEN),
  /** Numbers to numbers, two hidden layers of 40. */
  MLP(1, 1, 40, null, null),
  /** 20x20 images one after the other into an LSTM of 200. */
  LSTM(20, 1, 200, null, null);

  /** Blocks of a convolutional network. */
  static final int BLOCKS = 4;

  private final int extent;
  private final int channels;
  private final int filters;
  private final ConvNet.Down down;
  private final ConvNet.Head head;

  Net(int extent, int channels, int filters, ConvNet.Down down, ConvNet.Head head) {
    this.extent = extent;
    this.channels = channels;
    this.filters = filters;
    this.down = down;
    this.head = head;
  }

  /** The shape of one example. */
  Shape example() {
    return this == MLP ? Shape.of(1) : Shape.of(extent, extent, channels);
  }

  /** Filters of a block, or the hidden size. */
  int width() {
    return filters;
  }

  /** How a block halves its image; null where there are no blocks. */
  ConvNet.Down down() {
    return down;
  }

  /** How the last map becomes features; null where there is none. */
  ConvNet.Head head() {
    return head;
  }

  /** The convolutional part. */
  ConvNet backbone() {
    return new ConvNet(extent, extent, channels, filters, BLOCKS, down, head);
  }

  /** The whole network for so many classes; for numbers, the regression. */
  Model model(int ways) {
    if (this == MLP) {
      return new Mlp(List.of(1, filters, filters, 1));
    }
    ConvNet b = backbone();
    return new WithClassifier(b, new Linear(b.features(), ways));
  }
}
