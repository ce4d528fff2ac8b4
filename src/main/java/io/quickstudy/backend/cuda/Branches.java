package io.quickstudy.backend.cuda;

import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.plan.Accesses;
import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Repeated;
import io.quickstudy.backend.plan.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Which steps of a program run side by side. Two depend on each other where one writes what the
 * other reads or writes, or memory that a buffer of the other shares. A step that could begin
 * before the one in front of it has ended goes into another branch, by an estimate of how long each
 * takes. Shapes and places alone decide, and sums are made in no other order than without.
 */
final class Branches {
  /** Bytes and operations a second, and what a launch and waiting for another branch take, in s. */
  private static final double BYTES = 2.5e12;

  private static final double FLOPS = 25e12;
  private static final double LAUNCH = 2e-6;
  private static final double JOIN = 1e-6;

  private final List<Uses> uses = new ArrayList<>();

  /** Of each part, what surely has ended before it begins. */
  private final List<BitSet> before = new ArrayList<>();

  private final List<Double> ends = new ArrayList<>();
  private final List<Place> places = new ArrayList<>();
  private final int[] last = new int[CudaDriver.BRANCHES];

  /**
   * Where a part runs.
   *
   * @param after parts of other branches that it waits for
   */
  record Place(int branch, List<Integer> after) {}

  /**
   * Steps that are started together.
   *
   * @param first whether they have to be in the first branch
   */
  record Part(List<Step> steps, boolean first) {}

  private Branches() {
    Arrays.fill(last, -1);
  }

  /** The places of parts that would otherwise run one after the other. */
  static List<Place> of(List<Part> parts) {
    Branches b = new Branches();
    parts.forEach(b::add);
    return b.places;
  }

  private void add(Part p) {
    int number = uses.size();
    Uses own = Uses.of(p);
    BitSet ended = new BitSet();
    List<Integer> needed = new ArrayList<>();
    for (int i = number - 1; i >= 0; i--) {
      if (!ended.get(i) && own.conflict(uses.get(i))) {
        needed.add(i);
        ended.or(before.get(i));
        ended.set(i);
      }
    }
    int best = 0;
    double start = Double.POSITIVE_INFINITY;
    for (int b = 0; b < (p.first ? 1 : last.length); b++) {
      double at = start(b, needed);
      boolean follows = last[b] >= 0 && needed.contains(last[b]);
      if (at < start - JOIN / 2 || (at <= start && follows)) {
        best = b;
        start = at;
      }
    }
    int previous = last[best];
    if (previous >= 0) {
      needed.removeIf(i -> i == previous || before.get(previous).get(i));
      ended.or(before.get(previous));
      ended.set(previous);
    }
    last[best] = number;
    uses.add(own);
    before.add(ended);
    ends.add(start + time(p));
    places.add(new Place(best, List.copyOf(needed)));
  }

  /** When a part could begin in a branch. */
  private double start(int branch, List<Integer> needed) {
    int previous = last[branch];
    double at = previous < 0 ? 0 : ends.get(previous);
    for (int i : needed) {
      at = Math.max(at, ends.get(i) + (places.get(i).branch == branch ? 0 : JOIN));
    }
    return at;
  }

  private static double time(Part p) {
    double flops = 0;
    double bytes = 0;
    for (Step s : p.steps) {
      flops += s.flops();
      for (Step.Place o : s.operands()) {
        bytes += o.buffer().bytes();
      }
    }
    return LAUNCH + Math.max(flops / FLOPS, bytes / BYTES);
  }

  /** What a part reads and writes; nothing runs beside what is repeated, inside and out. */
  private record Uses(List<Accesses.Access> reads, List<Accesses.Access> writes, boolean repeated) {
    static Uses of(Part p) {
      List<Accesses.Access> reads = new ArrayList<>();
      List<Accesses.Access> writes = new ArrayList<>();
      for (Step s : p.steps) {
        Accesses u = s.accesses();
        reads.addAll(u.reads());
        writes.addAll(u.writes());
      }
      return new Uses(reads, writes, p.steps.stream().anyMatch(Repeated.class::isInstance));
    }

    boolean conflict(Uses other) {
      return repeated
          || other.repeated
          || meet(writes, other.reads)
          || meet(writes, other.writes)
          || meet(reads, other.writes);
    }

    private static boolean meet(List<Accesses.Access> some, List<Accesses.Access> others) {
      for (Accesses.Access a : some) {
        for (Accesses.Access b : others) {
          if (a.buffer() == b.buffer() ? a.overlaps(b) : shared(a.buffer(), b.buffer())) {
            return true;
          }
        }
      }
      return false;
    }
  }

  /** Whether the order of two parts matters. */
  static boolean conflict(Part a, Part b) {
    return Uses.of(a).conflict(Uses.of(b));
  }

  /** Whether two buffers have memory of the arena in common; no step writes data that is bound. */
  private static boolean shared(Buffer some, Buffer other) {
    Buffer a = some.root();
    Buffer b = other.root();
    return a.space() != Buffer.Space.BOUND
        && b.space() != Buffer.Space.BOUND
        && a.offset() < b.offset() + b.bytes()
        && b.offset() < a.offset() + a.bytes();
  }
}
