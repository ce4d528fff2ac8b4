package io.quickstudy.backend.cuda;

import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.backend.plan.View;
import io.quickstudy.graph.Convolution;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a step reads and writes. */
record StepUses(List<Use> reads, List<Use> writes) {

  /**
   * A buffer that is used.
   *
   * @param view what of it, or nothing for all
   */
  record Use(Buffer buffer, Optional<View> view) {
    private Use(View v) {
      this(v.buffer(), Optional.of(v));
    }

    boolean overlaps(Use other) {
      return buffer == other.buffer
          && (view.isEmpty() || other.view.isEmpty() || !apart(view.get(), other.view.get()));
    }

    /** Whether all of the buffer is used in its order. */
    boolean whole() {
      return view.isPresent()
          && view.get().start() == 0
          && view.get().contiguous()
          && view.get().shape().size() == buffer.elements();
    }
  }

  static StepUses of(Step step) {
    List<Use> reads = new ArrayList<>();
    List<Use> writes = new ArrayList<>();
    switch (step) {
      case Step.Loop s -> {
        s.inputs().forEach(i -> reads.add(new Use(i.view())));
        s.outputs().forEach(o -> writes.add(new Use(o.view())));
      }
      case Step.Copy s -> {
        reads.add(new Use(s.from()));
        writes.add(new Use(s.to()));
      }
      case Step.Gemm s -> kernel(s, s.c(), reads, writes);
      case Step.Conv s -> {
        Step.Conv.Operand written =
            switch (s.op()) {
              case Convolution.Conv c -> s.y();
              case Convolution.ConvInputGrad c -> s.x();
              case Convolution.ConvFilterGrad c -> s.w();
            };
        kernel(s, written.place(), reads, writes);
      }
      case Step.Pool s -> kernel(s, s.result(), reads, writes);
      case Step.PoolMax s -> {
        reads.add(new Use(s.x().buffer(), Optional.empty()));
        reads.add(new Use(s.factor().buffer(), Optional.empty()));
        writes.add(new Use(s.index().buffer(), Optional.empty()));
        writes.add(new Use(s.y().buffer(), Optional.empty()));
      }
      case Step.Gather s -> kernel(s, s.y(), reads, writes);
      case Step.ScatterAdd s -> kernel(s, s.y(), reads, writes);
      case Step.TopK s -> kernel(s, s.y(), reads, writes);
      case Step.Cholesky s -> kernel(s, s.l(), reads, writes);
      case Step.Solve s -> kernel(s, s.x(), reads, writes);
      case Step.Random s -> kernel(s, s.y(), reads, writes);
    }
    return new StepUses(reads, writes);
  }

  private static void kernel(Step s, Step.Place written, List<Use> reads, List<Use> writes) {
    writes.add(new Use(written.buffer(), Optional.empty()));
    for (Step.Place p : s.operands()) {
      if (p.buffer() != written.buffer()) {
        reads.add(new Use(p.buffer(), Optional.empty()));
      }
    }
  }

  /** Whether the order of two steps matters. */
  boolean conflicts(StepUses other) {
    return overlap(reads, other.writes)
        || overlap(writes, other.reads)
        || overlap(writes, other.writes);
  }

  static boolean overlap(List<Use> some, List<Use> others) {
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
