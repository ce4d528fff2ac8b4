package io.quickstudy.run;

import io.quickstudy.data.DataSource;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Values;
import io.quickstudy.task.TaskKind;
import java.util.List;
import java.util.Map;

/** That training images can be changed as a configuration says. */
final class AugmentationChecks {
  /** The options that turn a change on. */
  static final List<String> SWITCHES =
      List.of(
          "crop-area",
          "crop-padding",
          "flip",
          "flip-vertical",
          "distort",
          "brightness",
          "contrast",
          "saturation",
          "hue",
          "erase");

  private AugmentationChecks() {}

  /**
   * Checks it.
   *
   * @throws ConfigException for the first value that does not fit
   */
  static void check(
      TaskKind kind,
      LearnerKind<?> learner,
      DataSource data,
      TaskSettings tasks,
      AugmentationSettings a) {
    if (a.supportOrder() != AugmentationSettings.SupportOrder.CLASS && kind != TaskKind.EPISODES) {
      throw wrong(
          "support-order",
          a.supportOrder(),
          "class for learner '" + learner + "'",
          "only support sets of episodes are shuffled");
    }
    if (!data.pictures()) {
      images(data, a);
      return;
    }
    if (a.cropPadding() >= tasks.size()) {
      throw wrong(
          "crop-padding",
          a.cropPadding(),
          "less than the size of the images, " + tasks.size(),
          "more would show nothing of some");
    }
    if (tasks.channels() == 1 && a.saturation() > 0) {
      throw wrong("saturation", a.saturation(), "0 for images of one channel", "grey has none");
    }
    if (tasks.channels() == 1 && a.hue() > 0) {
      throw wrong("hue", a.hue(), "0 for images of one channel", "grey has none");
    }
    if (a.eraseLeast() > a.eraseMost()) {
      throw wrong(
          "erase-least",
          a.eraseLeast(),
          "at most --erase-most, " + Values.format(a.eraseMost()),
          "change one of them");
    }
  }

  private static void images(DataSource data, AugmentationSettings a) {
    if (a.augment() != Augment.NONE) {
      throw wrong(
          "augment", a.augment(), "none for '" + data.name() + "'", "only images are changed");
    }
    Map<String, Object> values = Values.values(a);
    Map<String, String> none = Augment.NONE.values(1, 1);
    for (String key : SWITCHES) {
      if (!Values.format(values.get(key)).equals(none.get(key))) {
        throw wrong(
            key,
            values.get(key),
            none.get(key) + " for '" + data.name() + "'",
            key.equals("distort") ? "only images are distorted" : "only images are changed");
      }
    }
  }

  private static ConfigException wrong(String key, Object value, String expected, String repair) {
    return RunChecks.wrong(key, Values.format(value), expected, repair);
  }
}
