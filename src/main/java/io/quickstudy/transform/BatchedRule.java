package io.quickstudy.transform;

import io.quickstudy.graph.CustomVjp;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The gradient of n tasks: that of one, mapped when it is asked for, so that what it does task by
 * task (a norm, the steps of a solver) stays so. An input that all tasks share gets the sum.
 *
 * @param rule the gradient of one task
 * @param n tasks
 * @param mapped which inputs have an axis of tasks
 */
record BatchedRule(CustomVjp.Rule rule, int n, List<Boolean> mapped) implements CustomVjp.Rule {

  @Override
  public List<Tensor> vjp(Tensor g, Tensor y, List<Tensor> x) {
    Params slots = Params.of("g", g, "y", y);
    for (int i = 0; i < x.size(); i++) {
      slots = mapped.get(i) ? slots.with("x" + i, x.get(i)) : slots;
    }
    Params all = Vmap.vmapAll(task -> one(task, x), slots);
    List<Tensor> out = new ArrayList<>(Collections.nCopies(x.size(), null));
    for (String name : all.names()) {
      int i = Integer.parseInt(name);
      Tensor c = all.get(name);
      out.set(i, mapped.get(i) ? c : Ops.sum(c, List.of(0)));
    }
    return out;
  }

  /** The cotangents of one task, by the number of the input. */
  private Params one(Params task, List<Tensor> x) {
    List<Tensor> own = new ArrayList<>(x);
    for (int i = 0; i < x.size(); i++) {
      own.set(i, mapped.get(i) ? task.get("x" + i) : x.get(i));
    }
    List<Tensor> c = rule.vjp(task.get("g"), task.get("y"), own);
    Params out = Params.empty();
    for (int i = 0; i < c.size(); i++) {
      out = c.get(i) == null ? out : out.with(Integer.toString(i), c.get(i));
    }
    return out;
  }

  @Override
  public CustomVjp.Rule batch(int tasks, List<Boolean> flags) {
    return new BatchedRule(this, tasks, flags);
  }
}
