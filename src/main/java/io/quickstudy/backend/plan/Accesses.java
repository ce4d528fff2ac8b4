package io.quickstudy.backend.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a step reads and writes. */
public record Accesses(List<Access> reads, List<Access> writes) {

  /**
   * Something that is read or written.
   *
   * @param place the first element
   * @param view which elements, or nothing where only the kernel knows: any of the buffer
   */
  public record Access(Step.Place place, Optional<View> view) {
    private Access(Step.Place p) {
      this(p, Optional.empty());
    }

    private Access(View v) {
      this(v.place(), Optional.of(v));
    }

    /** Where it lies. */
    public Buffer buffer() {
      return place.buffer();
    }

    /** Whether both may touch an element. */
    public boolean overlaps(Access other) {
      return buffer() == other.buffer()
          && (view.isEmpty() || other.view.isEmpty() || !apart(view.get(), other.view.get()));
    }

    /** Whether all of the buffer is used in its order. */
    public boolean whole() {
      return view.isPresent()
          && view.get().start() == 0
          && view.get().contiguous()
          && view.get().shape().size() == buffer().elements();
    }
  }

  /** Of a step that reads some places and writes others. */
  static Accesses of(List<Step.Place> reads, Step.Place... writes) {
    return new Accesses(
        reads.stream().map(Access::new).toList(),
        List.of(writes).stream().map(Access::new).toList());
  }

  /** Of a step that sees what it reads and writes through views. */
  static Accesses of(List<View> reads, List<View> writes) {
    return new Accesses(
        reads.stream().map(Access::new).toList(), writes.stream().map(Access::new).toList());
  }

  /** The places, those that are read first. */
  List<Step.Place> places() {
    List<Step.Place> all = new ArrayList<>();
    reads.forEach(a -> all.add(a.place));
    writes.forEach(a -> all.add(a.place));
    return all;
  }

  /** Whether the order of two steps matters. */
  public boolean conflicts(Accesses other) {
    return overlap(reads, other.writes)
        || overlap(writes, other.reads)
        || overlap(writes, other.writes);
  }

  public static boolean overlap(List<Access> some, List<Access> others) {
    return some.stream().anyMatch(a -> others.stream().anyMatch(a::overlaps));
  }

  /**
   * Whether two views of one buffer surely have no element in common: they lie in different parts
   * of it, or, as what is concatenated along an inner axis does, in different parts of every row.
   */
  private static boolean apart(View a, View b) {
    if (apart(a, b, Long.MAX_VALUE)) {
      return true;
    }
    for (int row : a.strides()) {
      if (row > 1 && apart(a, b, row)) {
        return true;
      }
    }
    return false;
  }

  private static boolean apart(View a, View b, long row) {
    long endA = end(a, row);
    long endB = end(b, row);
    return endA >= 0 && endB >= 0 && (endA < b.start() % row || endB < a.start() % row);
  }

  /** The last element of a row that a view reaches, or -1 where it goes on into the next one. */
  private static long end(View v, long row) {
    long last = v.start() % row;
    for (int d = 0; d < v.strides().length; d++) {
      if (v.strides()[d] % row != 0) {
        last += (v.shape().dim(d) - 1L) * v.strides()[d];
      }
    }
    return last < row ? last : -1;
  }
}
