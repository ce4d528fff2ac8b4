package io.quickstudy.benchmarks;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.grad;
import static org.bytedeco.pytorch.global.torch.mse_loss;

import io.quickstudy.learners.gradient.Maml;
import io.quickstudy.learners.inner.Order;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * MAML as learn2learn writes it: the tasks one after the other, each with its own outer backward
 * pass. Inner gradients keep their graph only where the outer one passes through them.
 */
final class TorchMaml implements TorchStep {
  private final Workload workload;
  private final TorchNet net;
  private final List<Tensor> theta;
  private final List<TorchTask> tasks;
  private final Tensor total;
  private final Scalar rate;
  private final Scalar share;
  private final TensorVector seed = new TensorVector();
  private final BoolOptional retain;
  private final boolean second;

  /**
   * Prepares it.
   *
   * @param theta leaves that want gradients, in the order of Quickstudy's names
   * @param total a zero to add losses to
   */
  TorchMaml(Workload w, List<Tensor> theta, List<TorchTask> tasks, Tensor total) {
    this.workload = w;
    this.net = new TorchNet(w.net());
    this.theta = theta;
    this.tasks = tasks;
    this.total = total;
    this.rate = new Scalar(w.innerRate());
    this.share = new Scalar(1.0 / tasks.size());
    this.second = w.order() == Order.SECOND;
    this.retain = new BoolOptional(second);
  }

  @Override
  public Tensor run() {
    if (workload.method() == Workload.Method.ADAPT) {
      return predict(tasks.get(0));
    }
    total.zero_();
    for (TorchTask task : tasks) {
      try (PointerScope scope = new PointerScope()) {
        Tensor loss = loss(net.apply(adapt(task), Map.of(), task.queries()), task.queryLabels());
        loss.backward();
        total.add_(loss.detach());
      }
    }
    try (AutoGradMode off = new AutoGradMode(false)) {
      for (Tensor p : theta) {
        p.grad().mul_(share);
      }
      return total.mul_(share);
    }
  }

  private List<Tensor> adapt(TorchTask task) {
    List<Tensor> fast = theta;
    for (int k = 0; k < workload.innerSteps(); k++) {
      Tensor loss = loss(net.apply(fast, Map.of(), task.support()), task.supportLabels());
      TensorVector g =
          grad(
              new TensorVector(loss),
              new TensorVector(fast.toArray(new Tensor[0])),
              seed,
              retain,
              second,
              false);
      fast = moved(fast, g);
    }
    return fast;
  }

  private List<Tensor> moved(List<Tensor> fast, TensorVector g) {
    List<Tensor> next = new ArrayList<>();
    for (int i = 0; i < fast.size(); i++) {
      next.add(fast.get(i).sub(g.get(i), rate));
    }
    return next;
  }

  private Tensor predict(TorchTask task) {
    List<Tensor> fast = adapt(task);
    try (AutoGradMode off = new AutoGradMode(false)) {
      return net.apply(fast, Map.of(), task.queries());
    }
  }

  private Tensor loss(Tensor outputs, Tensor y) {
    return workload.net() == Net.MLP ? mse_loss(outputs, y) : cross_entropy_loss(outputs, y);
  }
}
