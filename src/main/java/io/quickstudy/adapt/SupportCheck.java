package io.quickstudy.adapt;

import io.quickstudy.text.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Looks at a support set for what makes predictions worthless without any error. */
public final class SupportCheck {
  /** Between the darkest and the brightest number of an image, from 0 to 1. */
  private static final float LEAST_RANGE = 8 / 255f;

  private static final int SHOWN = 10;

  private SupportCheck() {}

  /**
   * What is doubtful, a sentence each: images in which nothing is to be seen, and images of two
   * classes that are the same.
   *
   * @param pictures whether they are images that are to be seen; else rows
   * @param x the images or rows as the model takes them, one after the other
   * @param size the numbers of each
   * @param labels the class of each, or -1
   * @param names what each is called
   */
  public static List<String> doubts(
      boolean pictures, float[] x, int size, int[] labels, List<String> names) {
    List<String> doubts = new ArrayList<>();
    List<String> blank = new ArrayList<>();
    List<String> same = new ArrayList<>();
    Map<Integer, List<Integer>> alike = new HashMap<>();
    for (int i = 0; i < labels.length; i++) {
      float[] image = Arrays.copyOfRange(x, i * size, (i + 1) * size);
      if (pictures && isBlank(image)) {
        blank.add("'" + Names.shown(names.get(i)) + "'");
        continue;
      }
      List<Integer> before = alike.computeIfAbsent(Arrays.hashCode(image), h -> new ArrayList<>());
      for (int j : before) {
        boolean equal = Arrays.equals(x, j * size, (j + 1) * size, image, 0, size);
        if (equal && labels[j] != labels[i] && labels[j] >= 0 && labels[i] >= 0) {
          same.add("'%s' and '%s'".formatted(Names.shown(names.get(j)), Names.shown(names.get(i))));
          break;
        }
      }
      before.add(i);
    }
    if (!blank.isEmpty()) {
      doubts.add(
          "nothing is to be seen in %s of the support set, so that nothing can be learnt from"
                  .formatted(listed(blank))
              + " there: look whether ink and ground differ, or try --ink, --levels or --trim");
    }
    if (!same.isEmpty()) {
      doubts.add(
          "the support set has the same %s in two classes, which cannot be told apart by it: %s; remove one of each"
              .formatted(pictures ? "image" : "row", listed(same)));
    }
    return doubts;
  }

  private static boolean isBlank(float[] image) {
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (float v : image) {
      least = Math.min(least, v);
      most = Math.max(most, v);
    }
    return most - least < LEAST_RANGE;
  }

  private static String listed(List<String> names) {
    String shown = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
    return names.size() > SHOWN ? shown + " and " + (names.size() - SHOWN) + " more" : shown;
  }
}
