package io.quickstudy.random;

/**
 * What random numbers are drawn for. Streams of one seed and different purposes are independent, so
 * that, say, more glyphs do not change the episodes. The ids are part of what a seed means: add new
 * ones, never change one.
 */
public enum RandomUse {
  /** Classification episodes. */
  EPISODE(1),
  /** Sequences for memory-augmented networks. */
  SEQUENCE(2),
  /** Random splits of classes. */
  SPLIT(3),
  /** Curves to regress. */
  CURVE(4),
  /** The characters of the procedural alphabets. */
  GLYPH_CHARACTER(5),
  /** The habits of the procedural writers. */
  GLYPH_WRITER(6),
  /** The single drawings of the procedural characters. */
  GLYPH_DRAWING(7),
  /** The style of the procedural alphabets. */
  GLYPH_ALPHABET(8),
  /** Initial parameters of models. */
  PARAMETERS(9),
  /** Noise that a learner draws while it trains. */
  NOISE(10),
  /** Pairs of images of one class or two. */
  PAIR(11),
  /** Labelled images of all classes. */
  LABELLED(12),
  /** Tasks whose classes are described. */
  DESCRIBED(13),
  /** Distortions of training images. */
  DISTORTION(14),
  /** The order of a support set's images. */
  ORDER(15),
  /** Signals of bits. */
  SIGNAL(20),
  /** How many items a signal has. */
  SIGNAL_ITEMS(21),
  /** Which of a few curves comes next. */
  FEW_CURVES(22),
  /** Which task of a table comes next, and which of its rows. */
  TABLE(23),
  /** Which part of a training image is shown. */
  CROP(30),
  /** Mirror images. */
  FLIP(31),
  /** The colours of training images. */
  COLOUR(32),
  /** Rectangles that are erased from training images. */
  ERASING(33),
  /** What they are painted with. */
  ERASED_NOISE(34);

  private final int id;

  RandomUse(int id) {
    this.id = id;
  }

  int id() {
    return id;
  }
}
