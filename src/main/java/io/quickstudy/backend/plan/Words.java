package io.quickstudy.backend.plan;

import java.util.Arrays;

/** A growing array of 64-bit words. */
public final class Words {
  private long[] data = new long[1024];
  private int size;

  /** Appends a word. */
  public void add(long w) {
    if (size == data.length) {
      data = Arrays.copyOf(data, size * 2);
    }
    data[size++] = w;
  }

  /** Appends words. */
  public void addAll(Words more) {
    for (int i = 0; i < more.size; i++) {
      add(more.data[i]);
    }
  }

  /** How many words. */
  public int size() {
    return size;
  }

  /** The words, a copy. */
  public long[] array() {
    return Arrays.copyOf(data, size);
  }
}
