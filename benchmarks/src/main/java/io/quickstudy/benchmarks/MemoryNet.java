package io.quickstudy.benchmarks;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Distances;
import io.quickstudy.functions.Losses;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Lstm;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Scan;
import java.util.ArrayList;
import java.util.List;

/**
 * A memory-augmented network over a sequence, in the manner of Santoro et al. (2016), "Meta-Learning
 * with Memory-Augmented Neural Networks", section 3: an LSTM reads from a memory by cosine
 * similarity (equations 2 to 4) with several heads and writes to the rows it read last or used least
 * (equations 5 to 8). All of a step is in the body of one loop but for the inputs' part of the gates.
 *
 * @param in features of an input; the label of the one before comes with it, one-hot
 * @param classes labels
 * @param hidden the controller's state
 * @param rows of the memory
 * @param width of a row
 * @param heads that read, each with a row to write
 */
record MemoryNet(int in, int classes, int hidden, int rows, int width, int heads) {
  private static final double DECAY = 0.95; // gamma

  /** The network that the record in results/ is of. */
  static MemoryNet large() {
    return new MemoryNet(400, 5, 200, 128, 40, 4);
  }

  private Lstm controller() {
    return new Lstm(in + classes, hidden);
  }

  Params init(Init draw) {
    double bound = 1 / Math.sqrt(hidden);
    return controller()
        .init(draw)
        .under("controller")
        .with("read_in", draw.uniform(Shape.of(heads * width, 4 * hidden), bound))
        .with("key", draw.uniform(Shape.of(hidden, heads * width), bound))
        .with("gate", draw.uniform(Shape.of(hidden, heads), bound))
        .with("out", draw.uniform(Shape.of(hidden + heads * width, classes), bound));
  }

  /** The state before the first step; a little in the memory, so that no row has length 0. */
  private Params start() {
    Shape weights = Shape.of(heads, rows);
    return Params.of("h", fill(0, Shape.of(hidden)), "c", fill(0, Shape.of(hidden)))
        .with("read", fill(0, Shape.of(1, heads * width)))
        .with("memory", fill(1e-3, Shape.of(rows, width)))
        .with("read_weights", fill(1.0 / rows, weights))
        .with("usage", fill(1.0 / rows, Shape.of(rows)));
  }

  /**
   * The mean cross-entropy over a sequence x [n, in] with labels I32 [n].
   *
   * @param every steps from one kept carry to the next; 0 for a loop in Java, a graph of all steps
   */
  Tensor loss(Params theta, Tensor x, Tensor labels, int every) {
    int n = x.dim(0);
    Tensor known = oneHot(labels, classes);
    Tensor late = concatenate(0, fill(0, Shape.of(1, classes)), slice(known, 0, 0, n - 1));
    Tensor gates = controller().project(theta.sub("controller"), concatenate(1, x, late));
    if (every == 0) {
      Params carry = start();
      List<Tensor> logits = new ArrayList<>();
      for (int t = 0; t < n; t++) {
        Scan.Step s = step(theta, carry, at(gates, 0, t));
        carry = s.carry();
        logits.add(s.ys().get("logits"));
      }
      return Losses.crossEntropy(stack(0, logits), labels);
    }
    Scan.Result r =
        Scan.scan(
            (carry, t) -> step(theta, carry, t.get("gates")),
            start(),
            Params.of("gates", gates),
            every);
    return Losses.crossEntropy(r.ys().get("logits"), labels);
  }

  private Scan.Step step(Params theta, Params carry, Tensor gates) {
    Tensor z = add(gates, at(dot(carry.get("read"), theta.get("read_in")), 0, 0));
    Lstm.State from = new Lstm.State(carry.get("h"), carry.get("c"));
    Lstm.State s = controller().step(theta.sub("controller"), z, from);
    Tensor h = reshape(s.h(), Shape.of(1, hidden));
    Tensor keys = reshape(tanh(dot(h, theta.get("key"))), Shape.of(heads, width));
    Tensor memory = carry.get("memory");
    Tensor weights = Losses.softmax(Distances.cosine(keys, memory)); // [heads, rows]
    Tensor read = reshape(dot(weights, memory), Shape.of(1, heads * width));

    Tensor least = oneHot(topK(neg(carry.get("usage")), heads), rows); // [heads, rows]
    Tensor alpha = sigmoid(dot(h, theta.get("gate")));
    Tensor a = broadcast(at(alpha, 0, 0), Shape.of(heads, rows), List.of(1));
    Tensor write = add(mul(a, carry.get("read_weights")), mul(sub(scalar(1), a), least));
    Tensor kept = sub(scalar(1), at(slice(least, 0, 0, 1), 0, 0)); // the least used row is cleared
    Tensor cleared = mul(memory, broadcast(kept, memory.shape(), List.of(1)));
    Tensor next = add(cleared, dot(t(write), keys));
    Tensor usage =
        add(
            scale(carry.get("usage"), DECAY),
            add(sum(weights, List.of(0)), sum(write, List.of(0))));
    Tensor logits = at(dot(concatenate(1, h, read), theta.get("out")), 0, 0);
    return new Scan.Step(
        Params.of("h", s.h(), "c", s.c())
            .with("read", read)
            .with("memory", next)
            .with("read_weights", weights)
            .with("usage", usage),
        Params.of("logits", logits));
  }

  /** The types of a batch: inputs and labels. */
  Params batch(int tasks, int steps) {
    return Params.of(
        "x", Tensor.argument("x", DType.F32, Shape.of(tasks, steps, in)),
        "y", Tensor.argument("y", DType.I32, Shape.of(tasks, steps)));
  }
}
