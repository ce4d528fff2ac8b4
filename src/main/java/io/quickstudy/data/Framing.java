package io.quickstudy.data;

/**
 * How pictures of any shape are made alike before a model sees them. Support, queries and what is
 * trained on are all made so.
 *
 * @param fit what becomes of the aspect
 * @param trim whether an empty margin counts
 * @param levels whether brightness is each picture's own
 */
public record Framing(Fit fit, Trim trim, Levels levels) {
  /** As pictures always were taken: stretched, margin and all, with the brightness they have. */
  public static final Framing USUAL = new Framing(Fit.STRETCH, Trim.NONE, Levels.NONE);

  /** What becomes of the aspect of a picture that is no square. */
  public enum Fit {
    /** The whole picture is squeezed into the square. */
    STRETCH,
    /** The largest square in the middle is cut out. */
    CROP,
    /** The whole picture, with margins in the colour of its border. */
    PAD
  }

  /** Whether the empty margin of drawings counts. */
  public enum Trim {
    /** It does: where and how large something is drawn stays as it is. */
    NONE,
    /**
     * It does not: what is drawn is cut out with its aspect, and with a margin of its own, so that
     * small drawings on large sheets become as large as others.
     */
    MARGIN
  }

  /** Whether brightness is each picture's own. */
  public enum Levels {
    /** It is not: bytes stay as they are. */
    NONE,
    /**
     * It is: the darkest and the brightest of each picture become 0 and 255, so that grey paper and
     * light pencil look like white paper and ink.
     */
    EACH
  }
}
