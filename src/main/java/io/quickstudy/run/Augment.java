package io.quickstudy.run;

import java.util.LinkedHashMap;
import java.util.Map;

/** Usual changes of training images, by name; single options change single ones of them. */
public enum Augment {
  /** None. */
  NONE,
  /**
   * Of written characters, whose mirror images are others: affine distortions, each part with
   * probability 0.5 (Koch et al. 2015, section 3.2).
   */
  CHARACTERS,
  /**
   * Of photos: mirrored, cropped with a tenth of the size around them, and changed in brightness,
   * contrast and saturation by 0.4, as few-shot work on mini-ImageNet and CIFAR-FS does it (Lee et
   * al. 2019, "Meta-Learning with Differentiable Convex Optimization", section 4.1).
   */
  PHOTOS,
  /**
   * Of photos that there are few of: resized crops of a fifth to all of the area, mirrored, colours
   * with the hue by 0.1, and a rectangle erased from every fourth (Zhong et al. 2020).
   */
  STRONG;

  private static final double PADDING = 0.1;

  /**
   * The values of the options, by key.
   *
   * @param size side of the images
   * @param channels 1 has no saturation and no hue
   */
  Map<String, String> values(int size, int channels) {
    Map<String, String> m = new LinkedHashMap<>();
    for (String key : AugmentationChecks.SWITCHES) {
      m.put(key, key.equals("crop-area") ? "1" : "0");
    }
    switch (this) {
      case NONE -> {}
      case CHARACTERS -> m.put("distort", "0.5");
      case PHOTOS -> {
        m.put("flip", "0.5");
        m.put("crop-padding", Long.toString(Math.round(PADDING * size)));
        colours(m, channels);
      }
      case STRONG -> {
        m.put("flip", "0.5");
        m.put("crop-area", "0.2");
        colours(m, channels);
        if (channels > 1) {
          m.put("hue", "0.1");
        }
        m.put("erase", "0.25");
      }
    }
    return m;
  }

  private static void colours(Map<String, String> m, int channels) {
    m.put("brightness", "0.4");
    m.put("contrast", "0.4");
    if (channels > 1) {
      m.put("saturation", "0.4");
    }
  }
}
