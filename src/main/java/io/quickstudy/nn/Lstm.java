package io.quickstudy.nn;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Scan;
import java.util.ArrayList;
import java.util.List;

/**
 * Long short-term memory with forget gates (Hochreiter and Schmidhuber 1997; Gers et al. 2000).
 * Gates in the order input, forget, cell, output. Parameters "weight_ih" [in, 4 hidden],
 * "weight_hh" [hidden, 4 hidden], "bias" [4 hidden]; the forget gate's bias starts at 1.
 *
 * @param in features of one step
 * @param hidden size of the state
 */
public record Lstm(int in, int hidden) {
  /** So many steps are a graph of all of them, which is the faster; more are one node. */
  private static final int FEW = 64;

  /**
   * What is carried from step to step.
   *
   * @param h the output [hidden]
   * @param c the memory [hidden]
   */
  public record State(Tensor h, Tensor c) {}

  /** Weights uniform in 1 / sqrt(hidden). */
  public Params init(Init draw) {
    double bound = 1 / Math.sqrt(hidden);
    Shape one = Shape.of(hidden);
    return Params.of(
            "weight_ih", draw.uniform(Shape.of(in, 4 * hidden), bound),
            "weight_hh", draw.uniform(Shape.of(hidden, 4 * hidden), bound))
        .with("bias", concatenate(0, fill(0, one), fill(1, one), fill(0, one), fill(0, one)));
  }

  /** The state before the first step: zeros. */
  public State start() {
    return new State(fill(0, Shape.of(hidden)), fill(0, Shape.of(hidden)));
  }

  /** The inputs' part of the gates for all steps at once: x [n, in] to [n, 4 hidden]. */
  public Tensor project(Params theta, Tensor x) {
    return add(dot(x, theta.get("weight_ih")), theta.get("bias"));
  }

  /** One step, from the inputs' part of the gates [4 hidden] and the state. */
  public State step(Params theta, Tensor projected, State s) {
    Tensor h = reshape(s.h(), Shape.of(1, hidden));
    Tensor recurrent = reshape(dot(h, theta.get("weight_hh")), projected.shape());
    return cell(add(projected, recurrent), s.c());
  }

  /**
   * The state behind gates.
   *
   * @param z the gates before their activations [..., 4 hidden]
   * @param before the memory of the step before [..., hidden]
   */
  public static State cell(Tensor z, Tensor before) {
    Tensor i = sigmoid(gate(z, 0));
    Tensor f = sigmoid(gate(z, 1));
    Tensor g = tanh(gate(z, 2));
    Tensor o = sigmoid(gate(z, 3));
    Tensor c = add(mul(f, before), mul(i, g));
    return new State(mul(o, tanh(c)), c);
  }

  private static Tensor gate(Tensor z, int k) {
    int hidden = z.dim(-1) / 4;
    return slice(z, z.rank() - 1, k * hidden, (k + 1) * hidden);
  }

  /** The states after each of the steps x [n, in]. */
  public List<State> run(Params theta, Tensor x, State from) {
    Tensor projected = project(theta, x);
    List<State> states = new ArrayList<>();
    State s = from;
    for (int t = 0; t < x.dim(0); t++) {
      s = step(theta, at(projected, 0, t), s);
      states.add(s);
    }
    return states;
  }

  /**
   * What {@link #scan} gives.
   *
   * @param h the outputs of all steps [n, hidden]
   * @param last the state after the last of them
   */
  public record Outputs(Tensor h, State last) {}

  /**
   * The outputs over the steps x [n, in], as {@link #run} computes them, in a loop that is one
   * node: for sequences so long that the graph of all steps would take its time to compile.
   */
  public Outputs scan(Params theta, Tensor x, State from) {
    Scan.Result r =
        Scan.scan(
            (carry, t) -> {
              State s = step(theta, t.get("gates"), new State(carry.get("h"), carry.get("c")));
              return new Scan.Step(Params.of("h", s.h(), "c", s.c()), Params.of("h", s.h()));
            },
            Params.of("h", from.h(), "c", from.c()),
            Params.of("gates", project(theta, x)));
    return new Outputs(r.ys().get("h"), new State(r.carry().get("h"), r.carry().get("c")));
  }

  /**
   * The outputs over the steps x [n, in]: as {@link #run} where they are few, else as {@link
   * #scan}.
   */
  public Outputs over(Params theta, Tensor x, State from) {
    if (x.dim(0) > FEW) {
      return scan(theta, x, from);
    }
    List<State> states = run(theta, x, from);
    return new Outputs(stack(0, states.stream().map(State::h).toList()), states.getLast());
  }
}
