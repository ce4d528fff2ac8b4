package io.quickstudy.report;

import io.quickstudy.run.AugmentationSettings;
import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.Values;
import io.quickstudy.train.ChangedImages;
import io.quickstudy.train.Results;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Training images beside what augmentation makes of them. */
final class AugmentationSection {
  /** Images that are shown. */
  static final int IMAGES = 5;

  /** Versions of each. */
  static final int VERSIONS = 8;

  /** Options that say how large a change is that another turns on. */
  private static final Map<String, Set<String>> BESIDE =
      Map.of(
          "distort", Set.of("max-rotation", "max-shear", "max-scaling", "max-translation"),
          "crop-area", Set.of("crop-ratio"),
          "erase", Set.of("erase-least", "erase-most", "erase-ratio", "erase-paint"));

  private AugmentationSection() {}

  static Html section(RunConfig run, ChangedImages images) {
    Pictures pictures = new Pictures(images.set(), images.moves(), Pictures.Ink.of(run));
    Html h = new Html().open("section", "id", "augmentation").element("h2", "Augmentation");
    h.element(
        "p",
        "Some training images and what training makes of each at random, by the program of"
            + " training: "
            + String.join(", ", options(run))
            + ". Images that measure are never changed.");
    h.open("div", "class", "task");
    for (int i = 0; i < images.index().length; i++) {
      h.open("div", "class", "strip changes").open("div", "class", "support");
      pictures.add(h, images.index()[i], images.move()[i], "a training image");
      h.close().element("span", "→", "class", "arrow", "aria-hidden", "true");
      h.open("div", "class", "queries");
      for (float[] version : images.versions().get(i)) {
        pictures.add(h, version, "the same image, changed");
      }
      h.close().close();
    }
    return h.close().close();
  }

  /** What is turned on, in the words of the options. */
  private static List<String> options(RunConfig run) {
    AugmentationSettings a = run.augmentation();
    Map<String, Object> values = Values.values(a);
    List<String> words = new ArrayList<>();
    AugmentationSettings.off()
        .forEach(
            (key, off) -> {
              if (!Values.format(values.get(key)).equals(off)) {
                words.add(Results.option(key, values.get(key)));
                BESIDE.getOrDefault(key, Set.of()).stream()
                    .sorted()
                    .forEach(k -> words.add(Results.option(k, values.get(k))));
              }
            });
    return words;
  }
}
