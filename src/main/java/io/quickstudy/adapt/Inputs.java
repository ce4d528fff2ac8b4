package io.quickstudy.adapt;

import io.quickstudy.data.image.ImageDecoder;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How what a caller gives becomes what a run's model takes.
 *
 * @param run what they are for, in messages
 * @param decoder of images; of a run on other data there is none, and rows are taken
 * @param columns the run's, in their order; none where they have no names
 * @param size numbers in one example
 * @param workers threads that a call may have
 */
record Inputs(
    String run, Optional<ImageDecoder> decoder, List<String> columns, int size, int workers) {
  /** Images or rows one after the other. */
  float[] numbers(List<? extends Input> inputs) {
    float[] x = new float[Math.multiplyExact(inputs.size(), size)];
    decoder.ifPresentOrElse(d -> writeImages(inputs, d, x), () -> writeRows(inputs, x));
    return x;
  }

  private void writeRows(List<? extends Input> inputs, float[] x) {
    List<String> own = null;
    int[] places = new int[0];
    for (int i = 0; i < inputs.size(); i++) {
      if (!(inputs.get(i) instanceof Row row)) {
        throw wrongKind(inputs.get(i), "rows");
      }
      if (!row.columns().equals(own)) {
        own = row.columns();
        places = Row.places(row.name(), own, columns, size);
      }
      row.write(places, own.isEmpty() || columns.isEmpty(), x, i * size);
    }
  }

  /**
   * Decoded on all processors where a call may have several threads; of several images that do not
   * decode, the first is named.
   */
  private void writeImages(List<? extends Input> inputs, ImageDecoder decode, float[] x) {
    RuntimeException[] failed = new RuntimeException[inputs.size()];
    IntStream each = IntStream.range(0, inputs.size());
    (workers > 1 ? each.parallel() : each)
        .forEach(
            i -> {
              try {
                if (!(inputs.get(i) instanceof Image image)) {
                  throw wrongKind(inputs.get(i), "images");
                }
                image.write(decode, x, i * size);
              } catch (RuntimeException e) {
                failed[i] = e;
              }
            });
    for (RuntimeException e : failed) {
      if (e != null) {
        throw e;
      }
    }
  }

  private IllegalArgumentException wrongKind(Input input, String expected) {
    return new IllegalArgumentException(
        "'%s' for %s: expected %s; give these.".formatted(input.name(), run, expected));
  }
}
