package io.quickstudy.backend.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Gives every buffer of a segment its place: the largest first, each at the lowest offset where
 * nothing lies that lives at the same time.
 */
public final class MemoryPlan {
  /** Every buffer starts at a multiple of this. */
  public static final long ALIGN = 64;

  private MemoryPlan() {}

  /** The next multiple of {@link #ALIGN}. */
  public static long align(long bytes) {
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
  }

  /** Places a segment's temporaries from {@code base} on; returns the end of the memory used. */
  static long share(LoweredSegment segment, long base) {
    return share(segment, base, 0);
  }

  /**
   * Places a segment's temporaries from {@code base} on, their memory left alone for {@code slack}
   * moments after its last use; returns the end of the memory used.
   */
  static long share(LoweredSegment segment, long base, int slack) {
    LiveRanges ranges = new LiveRanges(segment, slack);
    List<Buffer> todo = new ArrayList<>(segment.allTemporaries());
    todo.sort(Comparator.comparingLong(Buffer::bytes).reversed());
    List<Buffer> placed = new ArrayList<>(); // by offset
    long end = base;
    for (Buffer b : todo) {
      long at = base;
      for (Buffer p : placed) {
        if (ranges.meet(b, p)) {
          if (p.offset() >= at + align(b.bytes())) {
            break;
          }
          at = Math.max(at, p.offset() + align(p.bytes()));
        }
      }
      b.place(at);
      end = Math.max(end, at + align(b.bytes()));
      int i = placed.size();
      while (i > 0 && placed.get(i - 1).offset() > at) {
        i--;
      }
      placed.add(i, b);
    }
    return end;
  }

  /** Places the buffers one behind the other, with a gap around each; returns the end. */
  static long apart(Collection<Buffer> buffers, long base, long gap) {
    long at = base;
    for (Buffer b : buffers) {
      b.place(at + gap);
      at = b.offset() + align(b.bytes()) + gap;
    }
    return at;
  }

  /** Memory between or around buffers. */
  public interface Gap {
    /** Visits so many bytes from an offset on. */
    void at(long offset, int bytes);
  }

  /** Visits what lies before and behind every copy of buffers that were placed apart. */
  public static void gaps(Collection<Buffer> buffers, int gap, Gap visitor) {
    for (Buffer b : buffers) {
      for (int copy = 0; copy < b.copies(); copy++) {
        long at = b.offset() + copy * b.chunkBytes();
        visitor.at(at - gap, gap);
        visitor.at(at + b.bytes(), (int) (align(b.bytes()) - b.bytes()) + gap);
      }
    }
  }
}
