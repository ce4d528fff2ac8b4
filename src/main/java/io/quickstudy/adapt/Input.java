package io.quickstudy.adapt;

/** What is learnt from or classified: a picture, or the numbers of a row, as the run takes them. */
public sealed interface Input permits Image, Row {
  /** What messages call it. */
  String name();
}
