package io.quickstudy.run;

import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.Learners;
import io.quickstudy.nn.ModelKind;
import io.quickstudy.nn.Models;
import io.quickstudy.settings.Key;
import io.quickstudy.settings.Setting;
import io.quickstudy.settings.Values;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Configurations from before version 2. They had a value for every key of every learner and model,
 * where now each has its own; and the LSTM, which is a network of its own, was called a model.
 */
final class OldRuns {
  /** What a learner without the option said there. */
  private static final String NOTHING = "0";

  private OldRuns() {}

  /** The same as it is written now. */
  static Map<String, String> upgrade(Map<String, String> texts) {
    Map<String, String> now = new LinkedHashMap<>(texts);
    String learnerName = texts.getOrDefault("learner", "");
    List<Key> learner = List.of();
    for (LearnerKind<?> l : Learners.ALL) {
      if (l.name().equalsIgnoreCase(learnerName)) {
        learner = l.keys();
        if (l.backbone() != LearnerKind.Backbones.ANY) {
          now.computeIfPresent("model", (k, m) -> m.equals(l.name()) ? RunKeys.NO_MODEL : m);
        }
      }
    }
    List<Key> model = List.of();
    for (ModelKind<?> m : Models.ALL) {
      if (m.name().equalsIgnoreCase(now.getOrDefault("model", ""))) {
        model = m.keys();
      }
    }
    if (!texts.containsKey("learner") || !texts.containsKey("model")) {
      return now; // somebody wrote it, who gave no value for what there is not
    }
    List<String> own =
        Stream.concat(learner.stream(), model.stream())
            .flatMap(k -> Stream.of(k.name(), k.evaluated().name()))
            .toList();
    Models.ALL.stream()
        .flatMap(m -> m.keys().stream())
        .map(Key::name)
        .filter(k -> !own.contains(k))
        .forEach(now::remove);
    Learners.ALL.stream()
        .flatMap(l -> l.keys().stream())
        .flatMap(k -> Stream.of(k.name(), k.evaluated().name()))
        .filter(k -> !own.contains(k))
        .forEach(k -> now.remove(k, NOTHING));
    return now;
  }

  /**
   * A configuration that a run wrote, which has every value, with what it meant by the options that
   * its learner and model got since: {@code train --config} makes that run again. One that somebody
   * wrote stays as it is.
   */
  static Map<String, String> completed(Map<String, String> texts) {
    boolean whole =
        Stream.of(OptimiserSettings.class, RunSettings.class)
            .flatMap(group -> Values.keys(group).stream())
            .allMatch(k -> texts.containsKey(k.name()) || isLater(k));
    if (!whole) {
      return texts;
    }
    Map<String, String> now = new LinkedHashMap<>(texts);
    Stream<Key> learner =
        Learners.ALL.stream()
            .filter(l -> l.name().equalsIgnoreCase(texts.getOrDefault("learner", "")))
            .flatMap(l -> l.keys().stream());
    Stream<Key> model =
        Models.ALL.stream()
            .filter(m -> m.name().equalsIgnoreCase(texts.getOrDefault("model", "")))
            .flatMap(m -> m.keys().stream());
    Stream.concat(learner, model)
        .filter(OldRuns::isLater)
        .forEach(k -> now.putIfAbsent(k.name(), k.setting().before()));
    return now;
  }

  private static boolean isLater(Key k) {
    return !k.setting().before().equals(Setting.NEVER_MISSING);
  }
}
