package io.quickstudy.backend.plan;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The steps that make a value once more, for a step that wants it late: from values that are there
 * then, from small ones that are kept a little longer, or from others that are made again as well.
 */
final class RecomputedValue {
  /** How many values may be made again, one from the other, to make one. */
  private static final int DEPTH = 4;

  /** A value of at most this part of the one that is made again is rather kept. */
  private static final int SMALL = 8;

  /** Multiplications and additions that a device does while it moves a byte, about. */
  private static final double FLOPS_PER_BYTE = 16;

  private final List<Step> steps;
  private final BufferUses uses;
  private final Map<Buffer, List<Buffer>> same;
  private final int at;
  private final Buffer value;
  private final List<Step> inserted = new ArrayList<>();
  private final Map<Buffer, Buffer> fresh = new LinkedHashMap<>();
  private final Set<Buffer> kept = new LinkedHashSet<>();
  private double cost;
  private boolean heavy;

  private RecomputedValue(
      List<Step> steps, BufferUses uses, Map<Buffer, List<Buffer>> same, Buffer value, int at) {
    this.steps = steps;
    this.uses = uses;
    this.same = same;
    this.value = value;
    this.at = at;
  }

  /**
   * How to make a value again in front of a step, or null where that cannot be done.
   *
   * @param same all buffers that hold a buffer's value, by buffer
   */
  static RecomputedValue of(
      List<Step> steps, BufferUses uses, Map<Buffer, List<Buffer>> same, Buffer value, int at) {
    RecomputedValue r = new RecomputedValue(steps, uses, same, value, at);
    return r.make(value, 0) == null ? null : r;
  }

  /** What to insert in front of the step. */
  List<Step> inserted() {
    return inserted;
  }

  /** The new buffers, by those whose values they hold. */
  Map<Buffer, Buffer> fresh() {
    return fresh;
  }

  /** Whether a product, a convolution or a factorisation is among the steps. */
  boolean heavy() {
    return heavy;
  }

  /** Bytes that are wanted less at the step where most is wanted, for each of the steps' cost. */
  double worth(int peak) {
    return saving(peak) / cost;
  }

  /** Bytes that are wanted less at a step between the value's uses. */
  long saving(int step) {
    return BufferUses.size(value) - keptAt(step);
  }

  private long keptAt(int step) {
    return kept.stream().filter(k -> uses.of(k).last() < step).mapToLong(BufferUses::size).sum();
  }

  /** Whether less than so many bytes are wanted wherever more are wanted than before. */
  boolean staysBelow(long bytes) {
    int from = kept.stream().mapToInt(k -> uses.of(k).last() + 1).min().orElse(at);
    int gap = uses.of(value).before(at);
    for (int i = from; i < at; i++) {
      long more = keptAt(i) - (i > gap ? BufferUses.size(value) : 0);
      if (more > 0 && uses.live(i) + more >= bytes) {
        return false;
      }
    }
    long arriving =
        steps.get(at).operands().stream()
            .map(Step.Place::buffer)
            .distinct()
            .filter(b -> uses.has(b) && uses.of(b).first() == at)
            .mapToLong(BufferUses::size)
            .sum();
    long made = fresh.keySet().stream().mapToLong(BufferUses::size).sum() - BufferUses.size(value);
    return uses.live(at) - arriving + keptAt(at) + made < bytes;
  }

  /** The buffer that will hold b's value, once the inserted steps have run; null if none can. */
  private Buffer make(Buffer b, int depth) {
    List<Step> writers = new ArrayList<>();
    for (int i : uses.of(b).steps()) {
      Step s = steps.get(i);
      if (s.writes(b)) {
        writers.add(s instanceof Loop l ? DeadCode.removed(l, k -> k == b) : s);
      }
    }
    Buffer copy = new Buffer(b.name(), b.dtype(), b.elements(), b.space());
    Map<Buffer, Buffer> to = new IdentityHashMap<>();
    for (Step w : writers) {
      if (w instanceof Repeated) {
        return null; // takes much, and makes much besides
      }
      if (w instanceof Loop l && l.outputs().stream().anyMatch(o -> o.mode() != Loop.Mode.STORE)) {
        return null; // its sum could be made in another order
      }
      if (!(w instanceof Loop)) {
        for (Step.Place p : w.written()) { // what it makes besides, it makes again too
          Buffer x = p.buffer();
          if (x != b) {
            fresh.computeIfAbsent(x, k -> new Buffer(k.name(), k.dtype(), k.elements(), k.space()));
          }
        }
      }
      for (Step.Place p : w.operands()) {
        Buffer x = p.buffer();
        if (x != b && uses.has(x)) {
          Buffer source = source(x, depth);
          if (source == null) {
            return null;
          }
          to.put(x, source);
        }
      }
      UnaryOperator<Buffer> moves = x -> x == b ? copy : to.getOrDefault(x, x);
      inserted.add(w.with(moves));
      cost += cost(w);
      heavy |= w.heavy();
    }
    fresh.put(b, copy);
    return copy;
  }

  private Buffer source(Buffer x, int depth) {
    if (fresh.containsKey(x)) {
      return fresh.get(x);
    }
    Buffer latest = x;
    for (Buffer y : same.getOrDefault(x, List.of(x))) {
      if (uses.has(y) && uses.of(y).lastWrite() < at && uses.of(y).last() >= at) {
        return y;
      }
      if (uses.has(y) && uses.of(y).last() < at && uses.of(y).last() > uses.of(latest).last()) {
        latest = y;
      }
    }
    if (kept.contains(latest) || SMALL * BufferUses.size(x) <= BufferUses.size(value)) {
      kept.add(latest);
      return latest;
    }
    return depth + 1 < DEPTH ? make(x, depth + 1) : null;
  }

  private static double cost(Step step) {
    double bytes = step.operands().stream().mapToDouble(p -> p.buffer().bytes()).sum();
    return bytes + step.flops() / FLOPS_PER_BYTE;
  }
}
