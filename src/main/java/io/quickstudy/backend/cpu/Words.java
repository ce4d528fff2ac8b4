package io.quickstudy.backend.cpu;

import java.util.Arrays;

/** A growing array of 64-bit words. */
final class Words {
  private long[] data = new long[1024];
  private int size;

  void add(long w) {
    if (size == data.length) {
      data = Arrays.copyOf(data, size * 2);
    }
    data[size++] = w;
  }

  void addAll(Words more) {
    for (int i = 0; i < more.size; i++) {
      add(more.data[i]);
    }
  }

  int size() {
    return size;
  }

  long[] array() {
    return Arrays.copyOf(data, size);
  }
}
