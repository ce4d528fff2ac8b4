package io.quickstudy.learners.gradient;

import static io.quickstudy.graph.Ops.fill;

import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.nn.Init;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.transform.Params;
import java.util.Map;
import java.util.Optional;

/**
 * A network f_{phi, theta} that is conditioned on context parameters phi, which are its parameter
 * "context" [c]; 0 where there is none.
 *
 * @param f the network, built for the inputs that the conditioning makes
 * @param how it sees phi
 */
record Conditioned(Model f, Conditioning how) implements Model {
  /** The name of phi among parameters. */
  static final String CONTEXT = "context";

  private Tensor phi(Params theta) {
    return theta.names().contains(CONTEXT) ? theta.get(CONTEXT) : fill(0, Shape.of(how.size()));
  }

  /** Without phi, which no task shares. */
  @Override
  public Params init(Init draw) {
    return f.init(draw).with(how.init(draw));
  }

  @Override
  public Pass pass(Params theta, Tensor x, Norm norm) {
    Tensor phi = phi(theta);
    return f.pass(how.parameters(theta, phi), how.input(x, phi), norm);
  }

  @Override
  public Params outputs(Params theta, Tensor x, Norm norm) {
    Tensor phi = phi(theta);
    return f.outputs(how.parameters(theta, phi), how.input(x, phi), norm);
  }

  @Override
  public Map<String, Shape> flattened() {
    return f.flattened();
  }

  @Override
  public Optional<String> lastLayer() {
    return f.lastLayer();
  }
}
