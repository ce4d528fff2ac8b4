package io.quickstudy.check;

import io.quickstudy.learner.Learner;

/**
 * What is checked.
 *
 * @param name what to call it in reports
 * @param learner the learner, made for tasks of that shape
 * @param task the tasks it is checked on
 * @param gradient whether its meta-gradient claims to be that of its loss
 */
public record Subject(String name, Learner learner, TaskShape task, Gradient gradient) {
  /** What a learner's meta-gradient claims to be. */
  public enum Gradient {
    /** That of its loss, so differences of the loss must show it. */
    EXACT,
    /**
     * Terms are left out on purpose, as in first-order MAML: it is not compared with differences.
     */
    FIRST_ORDER
  }

  /** A learner under its class's name, whose gradient is that of its loss. */
  public static Subject of(Learner learner, TaskShape task) {
    return new Subject(learner.getClass().getSimpleName(), learner, task, Gradient.EXACT);
  }

  /** The same under another name. */
  public Subject named(String other) {
    return new Subject(other, learner, task, gradient);
  }

  /** The same, with terms left out of its gradient on purpose. */
  public Subject firstOrder() {
    return new Subject(name, learner, task, Gradient.FIRST_ORDER);
  }

  @Override
  public String toString() {
    return name + " on " + task;
  }
}
