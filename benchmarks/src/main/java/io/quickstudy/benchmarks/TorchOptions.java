package io.quickstudy.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How the opponent is set up.
 *
 * @param precision of all its numbers
 * @param layout of its images and filters
 * @param memory how its allocator treats what is freed
 * @param lstm which of its LSTMs
 * @param threads of a kernel
 */
record TorchOptions(Precision precision, Layout layout, Memory memory, Lstm lstm, int threads) {

  /** The kind of number. */
  enum Precision {
    /** What is timed. */
    SINGLE,
    /** The reference that both sides are compared with. */
    DOUBLE
  }

  /** The order of numbers in images and filters. */
  enum Layout {
    /** PyTorch's default, NCHW. */
    CONTIGUOUS,
    /** NHWC, which oneDNN often likes better. */
    CHANNELS_LAST
  }

  /** How glibc's allocator is set, by the environment of the process. */
  enum Memory {
    /** As it comes: large blocks go back to the system when freed, and come back as new pages. */
    RETURNED,
    /** Everything freed is kept for the next step. */
    KEPT,
    /** The same, in huge pages. */
    HUGE;

    /** Its environment variables. */
    Map<String, String> environment() {
      Map<String, String> m = new LinkedHashMap<>();
      if (this != RETURNED) {
        m.put("MALLOC_ARENA_MAX", "1");
        m.put("MALLOC_MMAP_MAX_", "0");
        m.put("MALLOC_TRIM_THRESHOLD_", "1000000000000");
        m.put("MALLOC_TOP_PAD_", "67108864");
      }
      if (this == HUGE) {
        m.put("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
      }
      return m;
    }
  }

  /** Ways to compute an LSTM. */
  enum Lstm {
    /** One call for all steps, as nn.LSTM does; it has no second derivative. */
    FUSED,
    /** Step by step from differentiable ops, for gradients of any order. */
    UNROLLED
  }

  /** As words of a command line. */
  List<String> words() {
    return List.of(
        precision.name(), layout.name(), memory.name(), lstm.name(), Integer.toString(threads));
  }

  /** The inverse of {@link #words}. */
  static TorchOptions of(List<String> words) {
    return new TorchOptions(
        Precision.valueOf(words.get(0)),
        Layout.valueOf(words.get(1)),
        Memory.valueOf(words.get(2)),
        Lstm.valueOf(words.get(3)),
        Integer.parseInt(words.get(4)));
  }

  /** These in double precision, for the reference. */
  TorchOptions reference() {
    return new TorchOptions(Precision.DOUBLE, layout, memory, lstm, threads);
  }

  /** What is worth trying for a workload, to find what is fastest on the machine at hand. */
  static List<TorchOptions> candidates(Workload w, Lstm lstm, int threads) {
    List<TorchOptions> all = new ArrayList<>();
    for (Memory memory : Memory.values()) {
      for (Layout layout : Layout.values()) {
        if (layout == Layout.CONTIGUOUS || w.net().down() != null) { // no images, no choice
          all.add(new TorchOptions(Precision.SINGLE, layout, memory, lstm, threads));
        }
      }
    }
    return all;
  }

  @Override
  public String toString() {
    return "%s, memory %s".formatted(layout, memory).toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
