package io.quickstudy.learners.bayesian;

import static io.quickstudy.graph.Ops.*;

import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Criterion;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.Predictive;
import io.quickstudy.learners.inner.InnerLoop;
import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Vmap;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A learner that adapts to several models of one form at once: its answer is the mean of theirs,
 * and how far they differ says how little is known. Their parameters stand as "models.NAME" [m,
 * ...] among those of the learner; what they share stands as "NAME".
 */
public interface ManyModels extends Learner {
  /** What the names of the models' own parameters begin with. */
  String MODELS = "models";

  /** The form of the models. */
  Model f();

  /** What their answers are measured by. */
  Criterion criterion();

  /**
   * The standard deviation of a value about what a model says of it, for each model [m]; nothing
   * where the learner does not say.
   */
  default Optional<Tensor> deviations(Params adapted) {
    return Optional.empty();
  }

  /** What a function makes of each model's parameters together with the shared ones, stacked. */
  static Params each(Params all, UnaryOperator<Params> of) {
    Params shared = all.select(n -> !n.startsWith(MODELS + "."));
    return Vmap.vmapAll(own -> of.apply(shared.with(own)), all.sub(MODELS));
  }

  @Override
  default Optional<Tensor> samples(Params adapted, Tensor queries) {
    Params y = each(adapted, p -> Params.of("y", f().apply(p, queries, norm().ofQueries(p))));
    return Optional.of(y.get("y"));
  }

  /** The answer of all models, from theirs [m, q, ...]. */
  default Tensor together(Tensor answers) {
    return switch (criterion()) {
      case CROSS_ENTROPY -> Samples.meanProbability(answers);
      case SQUARED_ERROR -> mean(answers, List.of(0));
    };
  }

  @Override
  default Tensor predict(Params adapted, Tensor queries) {
    return together(samples(adapted, queries).orElseThrow());
  }

  @Override
  default Optional<Predictive> predictive(Params adapted, Tensor queries) {
    if (criterion() != Criterion.SQUARED_ERROR) {
      return Optional.empty();
    }
    return deviations(adapted)
        .map(
            s -> {
              Tensor y = samples(adapted, queries).orElseThrow();
              return mixture(y, s);
            });
  }

  /** Normal distributions about the answers of models [m, q, d], by their deviations [m]. */
  static Predictive.Mixture mixture(Tensor y, Tensor deviations) {
    return new Predictive.Mixture(y, broadcast(deviations, y.shape(), List.of(1, 2)));
  }

  /** Such a learner whose models adapt by an inner loop. */
  interface Stepping extends ManyModels {
    /** The inner loop of each model. */
    InnerLoop inner();

    @Override
    default Model f() {
      return inner().f();
    }

    @Override
    default Criterion criterion() {
      return inner().criterion();
    }

    @Override
    default Norm.Policy norm() {
      return inner().norm();
    }
  }
}
