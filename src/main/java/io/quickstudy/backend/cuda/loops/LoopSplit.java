package io.quickstudy.backend.cuda.loops;

import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Loop;
import io.quickstudy.backend.plan.View;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Cuts loops so that all reductions of one remove the same axes. Those of a large loop that remove
 * more axes than others are made from results of these; the rest compute their values again.
 */
public final class LoopSplit {
  /** Elements from which on reading all of them again takes longer than another step. */
  private static final int LARGE = 1 << 16;

  private final Loop loop;
  private final Consumer<Buffer> temporaries;
  private final List<Loop> out = new ArrayList<>();

  private LoopSplit(Loop loop, Consumer<Buffer> temporaries) {
    this.loop = loop;
    this.temporaries = temporaries;
  }

  /**
   * The loops that a loop becomes, to be run in this order.
   *
   * @param temporaries takes the buffers that are needed between them
   */
  public static List<Loop> of(Loop loop, Consumer<Buffer> temporaries) {
    LoopSplit s = new LoopSplit(loop, temporaries);
    s.split();
    return s.out;
  }

  private void split() {
    Map<Set<Integer>, List<Loop.Output>> layouts = new LinkedHashMap<>();
    List<Loop.Output> first = new ArrayList<>();
    for (Loop.Output o : loop.outputs()) {
      Set<Integer> axes = removed(o);
      if (o.mode() == Loop.Mode.STORE || axes.isEmpty()) {
        first.add(new Loop.Output(o.value(), Loop.Mode.STORE, o.as(), o.view()));
      } else {
        layouts.computeIfAbsent(axes, k -> new ArrayList<>()).add(o);
      }
    }
    if (layouts.isEmpty()) {
      out.add(only(first));
      return;
    }
    // the one with the most results
    Set<Integer> finest =
        layouts.keySet().stream().min(Comparator.comparingLong(this::elements)).orElseThrow();
    first.addAll(layouts.remove(finest));
    List<Loop> behind = new ArrayList<>();
    layouts.forEach(
        (axes, outputs) -> {
          if (loop.space().size() >= LARGE && axes.containsAll(finest)) {
            behind.add(derived(finest, first, outputs));
          } else {
            behind.add(only(outputs));
          }
        });
    out.add(only(first));
    out.addAll(behind);
  }

  private Set<Integer> removed(Loop.Output o) {
    Set<Integer> axes = new TreeSet<>();
    for (int d = 0; d < loop.space().rank(); d++) {
      if (loop.space().dim(d) > 1 && o.view().strides()[d] == 0) {
        axes.add(d);
      }
    }
    return axes;
  }

  private long elements(Set<Integer> axes) {
    return axes.stream().mapToLong(loop.space()::dim).reduce(1, (a, b) -> a * b);
  }

  /** A loop over the results of {@code first}, to which is added what is not there yet. */
  private Loop derived(Set<Integer> finest, List<Loop.Output> first, List<Loop.Output> outputs) {
    int[] kept = IntStream.range(0, loop.space().rank()).filter(d -> !finest.contains(d)).toArray();
    Shape space = Shape.of(IntStream.of(kept).map(loop.space()::dim).toArray());
    List<Loop.Input> from = new ArrayList<>();
    List<Loop.Output> to = new ArrayList<>();
    for (Loop.Output o : outputs) {
      Loop.Output part =
          first.stream()
              .filter(f -> f.value() == o.value() && f.mode() == o.mode())
              .findFirst()
              .orElseGet(() -> part(o, kept, space));
      if (!first.contains(part)) {
        first.add(part);
      }
      View read = View.of(part.view().buffer(), space);
      int[] strides = IntStream.of(kept).map(d -> o.view().strides()[d]).toArray();
      View written = new View(o.view().buffer(), o.view().start(), space, strides);
      to.add(new Loop.Output(from.size(), o.mode(), o.as(), written));
      from.add(new Loop.Input(DType.F32, read));
    }
    return new Loop(space, from, List.of(), List.of(), to, loop.what() + ", then " + space);
  }

  private Loop.Output part(Loop.Output o, int[] kept, Shape results) {
    Buffer b =
        new Buffer(
            "part of " + o.view().buffer().name(), DType.F32, results.size(), Buffer.Space.SHARED);
    temporaries.accept(b);
    int[] strides = new int[loop.space().rank()];
    for (int i = 0; i < kept.length; i++) {
      strides[kept[i]] = results.strides()[i];
    }
    View view = new View(b, 0, loop.space(), strides);
    return new Loop.Output(o.value(), o.mode(), DType.F32, view);
  }

  /** The loop with some outputs and what they need. */
  private Loop only(List<Loop.Output> outputs) {
    int inputs = loop.inputs().size();
    int constants = loop.constants().size();
    boolean[] wanted = new boolean[inputs + constants + loop.ops().size()];
    outputs.forEach(o -> wanted[o.value()] = true);
    for (int i = loop.ops().size() - 1; i >= 0; i--) {
      if (wanted[inputs + constants + i]) {
        loop.ops().get(i).operands().forEach(v -> wanted[v] = true);
      }
    }
    int[] number = new int[wanted.length];
    int next = 0;
    for (int v = 0; v < wanted.length; v++) {
      number[v] = next;
      next += wanted[v] ? 1 : 0;
    }
    return new Loop(
        loop.space(),
        IntStream.range(0, inputs).filter(i -> wanted[i]).mapToObj(loop.inputs()::get).toList(),
        IntStream.range(0, constants)
            .filter(i -> wanted[inputs + i])
            .mapToObj(loop.constants()::get)
            .toList(),
        IntStream.range(0, loop.ops().size())
            .filter(i -> wanted[inputs + constants + i])
            .mapToObj(i -> renumbered(loop.ops().get(i), number))
            .toList(),
        outputs.stream()
            .map(o -> new Loop.Output(number[o.value()], o.mode(), o.as(), o.view()))
            .toList(),
        loop.what());
  }

  private static Loop.Apply renumbered(Loop.Apply a, int[] number) {
    return new Loop.Apply(a.op(), a.operands().stream().map(v -> number[v]).toList());
  }
}
