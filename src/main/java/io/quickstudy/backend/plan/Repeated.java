package io.quickstudy.backend.plan;

import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The same steps again and again, on parts of buffers that move from one time to the next: the loop
 * of a recurrence.
 *
 * @param times how often
 * @param moving the parts that move with it (those of what is repeated inside move by themselves)
 * @param body what to run each time; its temporaries are used by nothing else
 */
public record Repeated(int times, List<Buffer> moving, LoweredSegment body, String what)
    implements Step {

  /** What it reads and writes outside, the whole of it. */
  @Override
  public Accesses accesses() {
    return Accesses.of(
        roots(body.steps().stream().flatMap(s -> s.operands().stream())),
        roots(body.steps().stream().flatMap(s -> s.written().stream())).toArray(Place[]::new));
  }

  private List<Place> roots(Stream<Place> inside) {
    Set<Buffer> own = new HashSet<>(body.temporaries());
    return inside
        .map(p -> p.buffer().root())
        .distinct()
        .filter(b -> !own.contains(b))
        .map(b -> new Place(b, 0))
        .toList();
  }

  @Override
  public Step with(UnaryOperator<Buffer> to) {
    Map<Buffer, Buffer> parts = new IdentityHashMap<>();
    UnaryOperator<Buffer> inside = b -> with(b, to, parts);
    LoweredSegment other =
        new LoweredSegment(
            body.chunks(),
            body.steps().stream().map(s -> s.with(inside)).toList(),
            body.moments(),
            body.temporaries(),
            body.repeated());
    return new Repeated(times, moving.stream().map(inside).toList(), other, what);
  }

  private static Buffer with(Buffer b, UnaryOperator<Buffer> to, Map<Buffer, Buffer> parts) {
    if (!b.isPart()) {
      return to.apply(b);
    }
    Buffer known = parts.get(b);
    if (known == null) {
      Buffer outside = to.apply(b); // another that this one is repeated in moves it as well
      known = outside == b ? b.partOf(with(b.whole(), to, parts)) : outside;
      parts.put(b, known);
    }
    return known;
  }

  @Override
  public double flops() {
    return times * body.steps().stream().mapToDouble(Step::flops).sum();
  }

  @Override
  public boolean heavy() {
    return true;
  }
}
