package io.quickstudy.cli;

import io.quickstudy.check.Subject;
import io.quickstudy.check.TaskShape;
import io.quickstudy.run.LearnerName;
import io.quickstudy.run.Recipes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.train.Parts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The built-in learners as they are checked: tiny, on each kind of task that they are for. */
final class CheckedLearners {
  private static final int WAYS = 3;
  private static final int SIDE = 8;

  private CheckedLearners() {}

  /** All of them. */
  static List<Subject> all() {
    List<Subject> out = new ArrayList<>();
    for (LearnerName l : LearnerName.values()) {
      out.addAll(named(l.toString()));
    }
    return out;
  }

  /**
   * One learner, with each batch-norm policy that it has.
   *
   * @throws io.quickstudy.run.ConfigException if there is none of that name
   */
  static List<Subject> named(String name) {
    LearnerName learner = Recipes.complete(Map.of("learner", name)).learner();
    TaskShape images = TaskShape.episode(WAYS, 2, 1, SIDE, SIDE, 1);
    return switch (learner) {
      case MAML, FOMAML -> {
        List<Subject> out = new ArrayList<>();
        for (String norm : List.of("transductive", "support")) {
          out.add(
              subject(
                  learner, images, norm, "inner-steps", "2", "inner-rate", "0.4", "head", "mean"));
        }
        TaskShape points = TaskShape.points(4, 5, 1, 1);
        out.add(
            subject(learner, points, "none", "data", "sinusoid", "inner-steps", "2", "ways", "1"));
        yield out;
      }
      case PROTONET ->
          List.of(
              subject(learner, images, "transductive"),
              subject(learner, images, "support"),
              subject(learner, images, "running"));
      case LSTM -> {
        TaskShape sequence = TaskShape.sequence(WAYS, 7, SIDE, SIDE, 1);
        yield List.of(subject(learner, sequence, "none"), subject(learner, images, "none"));
      }
    };
  }

  private static Subject subject(
      LearnerName learner, TaskShape task, String norm, String... options) {
    Map<String, String> given = new LinkedHashMap<>();
    given.put("learner", learner.toString());
    given.put("batch-norm", norm);
    given.put("ways", Integer.toString(WAYS));
    given.put("hidden", learner == LearnerName.LSTM ? "4" : "5,4");
    if (task instanceof TaskShape.Episode || task instanceof TaskShape.Sequence) {
      given.put("size", Integer.toString(SIDE));
      given.put("filters", "3");
      given.put("blocks", "2");
    }
    for (int i = 0; i < options.length; i += 2) {
      given.put(options[i], options[i + 1]);
    }
    RunConfig c = Recipes.complete(given);
    String with = norm.equals("none") ? "" : ", batch norm " + norm;
    Subject s = Subject.of(Parts.learner(c, c.ways(), c.innerSteps()), task).named(learner + with);
    return learner == LearnerName.FOMAML ? s.firstOrder() : s;
  }
}
