package io.quickstudy.benchmarks;

import static org.bytedeco.pytorch.global.torch.addmm;
import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * Prototypical networks: support and queries pass together, and the distances come from one matrix
 * product, |q|^2 - 2 q c + |c|^2, which is faster than the sum of squared differences.
 */
final class TorchProtoNet implements TorchStep {
  private final int ways;
  private final TorchNet net;
  private final List<Tensor> theta;
  private final Map<String, Tensor> buffers;
  private final TorchTask task;
  private final Scalar one = new Scalar(1.0);
  private final Scalar two = new Scalar(2.0);

  /**
   * Prepares it.
   *
   * @param theta leaves that want gradients, in the order of Quickstudy's names
   * @param buffers running statistics by name
   */
  TorchProtoNet(Workload w, List<Tensor> theta, Map<String, Tensor> buffers, TorchTask task) {
    this.ways = w.ways();
    this.net = new TorchNet(w.net());
    this.theta = theta;
    this.buffers = buffers;
    this.task = task;
  }

  @Override
  public Tensor run() {
    Tensor x = cat(new TensorVector(task.support(), task.queries()), 0);
    Tensor z = net.apply(theta, buffers, x);
    long support = task.support().size(0);
    Tensor c = z.narrow(0, 0, support).reshape(-1, ways, z.size(1)).mean(0); // labels go round
    Tensor q = z.narrow(0, support, z.size(0) - support);
    Tensor logits = addmm(c.square().sum(1).neg(), q, c.t(), one, two);
    logits = logits.sub(q.square().sum(1).unsqueeze(1));
    Tensor loss = cross_entropy_loss(logits, task.queryLabels());
    loss.backward();
    return loss.detach();
  }
}
