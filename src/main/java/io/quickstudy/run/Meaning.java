package io.quickstudy.run;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a value of {@link RunConfig} means, in the words of {@code --help}. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Meaning {
  /** One line. */
  String value();

  /** The heading under which it is listed. */
  Group group();

  /** Headings, in the order in which they are shown. */
  enum Group {
    /** What is learned from. */
    TASKS("Tasks"),
    /** How it is learned. */
    LEARNER("Learner and model"),
    /** How the parameters move. */
    OPTIMISER("Optimiser"),
    /** What is measured. */
    EVALUATION("Evaluation"),
    /** How long, where and how. */
    RUN("Run");

    private final String heading;

    Group(String heading) {
      this.heading = heading;
    }

    /** The heading's text. */
    public String heading() {
      return heading;
    }
  }
}
