package io.quickstudy.benchmarks;

import static org.bytedeco.pytorch.global.torch.addmm;
import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.lstm;
import static org.bytedeco.pytorch.global.torch.one_hot;
import static org.bytedeco.pytorch.global.torch.stack;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * The black-box LSTM on sequences with the steps first: images [n, tasks, d], labels [n, tasks].
 */
final class TorchLstm implements TorchStep {
  private final int ways;
  private final TorchOptions.Lstm kind;
  private final Map<String, Tensor> theta;
  private final Tensor images;
  private final Tensor labels;
  private final Tensor state;
  private final Tensor noBias;

  /**
   * Prepares it.
   *
   * @param theta leaves that want gradients, by Quickstudy's names
   */
  TorchLstm(
      Workload w, TorchOptions.Lstm kind, Map<String, Tensor> theta, Tensor images, Tensor labels) {
    this.ways = w.ways();
    this.kind = kind;
    this.theta = theta;
    this.images = images;
    this.labels = labels;
    this.state = images.new_zeros(images.size(1), w.net().width());
    this.noBias = images.new_zeros(4L * w.net().width());
  }

  @Override
  public Tensor run() {
    Tensor x = cat(new TensorVector(images, previous()), 2);
    Tensor h =
        switch (kind) {
          case FUSED -> fused(x);
          case UNROLLED -> unrolled(x);
        };
    Tensor z = linear(h, theta.get("classifier.weight"), theta.get("classifier.bias"));
    Tensor loss = cross_entropy_loss(z.flatten(0, 1), labels.flatten());
    loss.backward();
    return loss.detach();
  }

  /** The label before each step, one-hot; none before the first. */
  private Tensor previous() {
    Tensor seen = one_hot(labels.narrow(0, 0, labels.size(0) - 1), ways);
    Tensor none = images.new_zeros(1, images.size(1), ways);
    return cat(new TensorVector(none, seen.to(images.scalar_type())), 0);
  }

  private Tensor fused(Tensor x) {
    Tensor start = state.unsqueeze(0);
    TensorVector parameters =
        new TensorVector(
            theta.get("lstm.weight_ih"),
            theta.get("lstm.weight_hh"),
            theta.get("lstm.bias"),
            noBias);
    return lstm(x, new TensorVector(start, start), parameters, true, 1, 0, true, false, false)
        .get0();
  }

  private Tensor unrolled(Tensor x) {
    // the inputs' part of the gates for all steps in one product
    Tensor inputs = linear(x, theta.get("lstm.weight_ih"), theta.get("lstm.bias"));
    Tensor recurrent = theta.get("lstm.weight_hh").t();
    TensorVector steps = inputs.unbind(0);
    Tensor[] outputs = new Tensor[(int) steps.size()];
    Tensor h = state;
    Tensor c = state;
    for (int t = 0; t < outputs.length; t++) {
      TensorVector gates = addmm(steps.get(t), h, recurrent).chunk(4, 1);
      Tensor in = gates.get(0).sigmoid().mul(gates.get(2).tanh());
      c = gates.get(1).sigmoid().mul(c).add(in);
      h = gates.get(3).sigmoid().mul(c.tanh());
      outputs[t] = h;
    }
    return stack(new TensorVector(outputs), 0);
  }
}
