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
    Placed placed = new Placed(todo.size());
    long end = base;
    for (Buffer b : todo) {
      long at = placed.add(base, align(b.bytes()), ranges.first(b), ranges.last(b));
      b.place(at);
      end = Math.max(end, at + align(b.bytes()));
    }
    return end;
  }

  /** Pieces of memory by where they begin, each wanted from one moment to another. */
  private static final class Placed {
    private final long[] begin;
    private final long[] end;
    private final int[] first;
    private final int[] last;
    private int count;

    Placed(int most) {
      begin = new long[most];
      end = new long[most];
      first = new int[most];
      last = new int[most];
    }

    /** Takes the first place from a base on that is free for so long; returns it. */
    long add(long base, long bytes, int from, int to) {
      long at = base;
      for (int i = 0; i < count; i++) {
        if (first[i] <= to && from <= last[i]) {
          if (begin[i] >= at + bytes) {
            break;
          }
          at = Math.max(at, end[i]);
        }
      }
      int i = count;
      while (i > 0 && begin[i - 1] > at) {
        i--;
      }
      insert(begin, i, at);
      insert(end, i, at + bytes);
      insert(first, i, from);
      insert(last, i, to);
      count++;
      return at;
    }

    private void insert(long[] list, int i, long value) {
      System.arraycopy(list, i, list, i + 1, count - i);
      list[i] = value;
    }

    private void insert(int[] list, int i, int value) {
      System.arraycopy(list, i, list, i + 1, count - i);
      list[i] = value;
    }
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
