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

  /** Notes anew when buffers are used, where the steps of each group run at the same time. */
  public static void live(List<List<Step>> groups) {
    for (List<Step> g : groups) {
      g.forEach(s -> s.operands().forEach(p -> p.buffer().unused()));
    }
    for (int i = 0; i < groups.size(); i++) {
      for (Step s : groups.get(i)) {
        for (Step.Place p : s.operands()) {
          p.buffer().usedAt(i);
        }
      }
    }
  }

  /** Places the buffers from {@code base} on; returns the end of the memory used. */
  public static long share(Collection<Buffer> buffers, long base) {
    List<Buffer> todo = new ArrayList<>(buffers);
    todo.sort(Comparator.comparingLong(Buffer::bytes).reversed());
    List<Buffer> placed = new ArrayList<>(); // by offset
    long end = base;
    for (Buffer b : todo) {
      long at = base;
      for (Buffer p : placed) {
        if (b.livesWith(p)) {
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
  public static long apart(Collection<Buffer> buffers, long base, long gap) {
    long at = base;
    for (Buffer b : buffers) {
      b.place(at + gap);
      at = b.offset() + align(b.bytes()) + gap;
    }
    return at;
  }
}
