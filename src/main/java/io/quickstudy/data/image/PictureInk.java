package io.quickstudy.data.image;

import io.quickstudy.data.Ink;
import java.util.Locale;

/** What the brightness of pictures means that somebody brings to a trained model. */
public enum PictureInk {
  /**
   * Pictures that are light for the most part are dark ink on light paper, and so are those whose
   * ink is darker than what is around it; others are bright ink.
   */
  AUTO,
  /** Dark ink on light paper: inverted, so that ink is 255 on 0 as in Omniglot and glyphs. */
  DARK,
  /** Bright ink, or no ink at all: pixels stay as they are. */
  BRIGHT;

  /** That of a data set, whose pictures are all alike. */
  public static PictureInk of(Ink data) {
    return switch (data) {
      case DARK -> DARK;
      case BRIGHT -> BRIGHT;
    };
  }

  /** How pictures are taken for data of some ink, where nobody says. */
  public static PictureInk usual(Ink data) {
    return switch (data) {
      case DARK -> AUTO;
      case BRIGHT -> BRIGHT;
    };
  }

  /** The name used on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
