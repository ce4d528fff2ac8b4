package io.quickstudy.check;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.function.Supplier;

/** Calls a learner, and says in one sentence what is wrong with it. */
final class Tracing {
  private static final String OURS = "io.quickstudy.";

  private final Subject subject;

  Tracing(Subject subject) {
    this.subject = subject;
  }

  /** What the learner gives, or which of its lines failed. */
  <T> T call(String stage, Supplier<T> f) {
    T result;
    try {
      result = f.get();
    } catch (CheckException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      String message = e.getMessage() == null ? "no message" : e.getMessage();
      throw new CheckException(
          "Learner '%s' throws %s while %s is traced%s: %s."
              .formatted(
                  subject.name(),
                  e.getClass().getSimpleName(),
                  stage,
                  line(e),
                  message.replaceAll("\\s+", " ").replaceAll("\\.$", "")),
          e);
    }
    if (result == null) {
      throw wrong("gives nothing as " + stage + ": expected a value; return one");
    }
    return result;
  }

  private CheckException wrong(String what) {
    return new CheckException("Learner '%s' %s.".formatted(subject.name(), what));
  }

  /** ", at MyLearner.loss (MyLearner.java:12)": the topmost line that is the learner's. */
  private String line(Throwable e) {
    String host = subject.learner().getClass().getName().split("\\$", 2)[0];
    for (StackTraceElement f : e.getStackTrace()) {
      String c = f.getClassName();
      boolean own = c.split("[$/]", 2)[0].equals(host);
      if (own || !(c.startsWith(OURS) || c.startsWith("java.") || c.startsWith("jdk."))) {
        String method = f.getMethodName().replaceAll("^lambda\\$(\\w+)\\$\\d+$", "$1");
        return ", at %s.%s (%s:%s)"
            .formatted(
                c.substring(Math.max(c.lastIndexOf('.'), c.lastIndexOf('$')) + 1),
                method,
                f.getFileName(),
                f.getLineNumber());
      }
    }
    return "";
  }

  /** Traces one task alone and checks the types of what the learner says of it. */
  void shapes(Params theta) {
    TaskShape task = subject.task();
    Params parts = task.parts();
    Learner learner = subject.learner();
    Learner.Outcome o = call("its loss", () -> task.outcome(learner, theta, parts));
    Tensor loss = call("its loss", o::loss);
    if (loss.rank() != 0 || loss.dtype() != DType.F32) {
      throw wrong(
          "has a loss of type %s: expected an F32 scalar; take its mean over the queries"
              .formatted(loss.dtype() + dims(loss)));
    }
    outputs("its loss's outputs", call("its loss's outputs", o::outputs), task.outputs(learner));
    if (task instanceof TaskShape.Episode || task instanceof TaskShape.Points) {
      Task t = Task.unpack(parts);
      Shape expected = Shape.of(t.query().count(), task.outputs(learner).dim(1));
      String what = "its predictions";
      outputs(what, call(what, () -> learner.predict(theta, t.support(), t.query().x())), expected);
    }
  }

  private void outputs(String what, Tensor y, Shape expected) {
    if (y.dtype() != DType.F32 || !y.shape().equals(expected)) {
      throw wrong(
          "gives %s as %s: expected F32%s, %s; change what it returns"
              .formatted(
                  y.dtype() + dims(y),
                  what,
                  expected,
                  subject.task() instanceof TaskShape.Points
                      ? "the values of the queries"
                      : "a logit for each query and class"));
    }
  }

  private static String dims(Tensor t) {
    return t.rank() == 0 ? "" : t.shape().toString();
  }
}
