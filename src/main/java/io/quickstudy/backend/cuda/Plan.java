package io.quickstudy.backend.cuda;

import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Constants;
import io.quickstudy.backend.plan.Lowering;
import io.quickstudy.backend.plan.MemoryPlan;
import io.quickstudy.backend.plan.Segment;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A program's steps and where its buffers lie in the arena. The whole graph is one segment, with
 * the task axis in every step; the copies of carried outputs are another.
 */
final class Plan {
  /** Bytes of sentinel before and behind a guarded buffer. */
  static final int GAP = 64;

  final List<Buffer> inputs = new ArrayList<>();
  final List<Buffer> outputs = new ArrayList<>();
  final List<Step> steps = new ArrayList<>();

  /** Everything in the arena that lies between sentinels; empty where memory is shared. */
  final List<Buffer> guarded = new ArrayList<>();

  final Map<Tensor, Buffer> constants;
  final long bytes;

  Plan(ProgramSpec spec, CudaBackend.Memory memory) {
    Map<Tensor, Buffer> where = new IdentityHashMap<>();
    int bindings = 0;
    for (int i = 0; i < spec.inputs().size(); i++) {
      Tensor t = spec.inputs().get(i);
      Buffer b =
          spec.residents().contains(i)
              ? Buffer.bound("" + t, t.dtype(), t.shape().size(), bindings++)
              : buffer(t);
      inputs.add(b);
      where.put(t, b);
    }
    spec.outputs().forEach(t -> outputs.add(buffer(t)));
    List<Segment> segments = new ArrayList<>();
    segments.add(new Segment(1, spec.outputs(), outputs, where));
    segments.add(carry(spec));
    segments.removeIf(s -> s.outputs().isEmpty());

    Constants tables = new Constants();
    List<Lowering> lowered = segments.stream().map(s -> new Lowering(s, tables)).toList();
    constants = tables.all();
    List<Buffer> lasting = new ArrayList<>(inputs);
    lasting.removeIf(b -> b.space() == Buffer.Space.BOUND);
    lasting.addAll(outputs);
    lasting.addAll(constants.values());
    lowered.forEach(l -> steps.addAll(l.steps()));
    bytes =
        switch (memory) {
          case SHARED -> share(lasting, lowered);
          case GUARDED -> {
            guarded.addAll(lasting);
            lowered.forEach(l -> guarded.addAll(l.temporaries()));
            yield MemoryPlan.apart(guarded, 0, GAP);
          }
        };
  }

  private static long share(List<Buffer> lasting, List<Lowering> lowered) {
    long base = MemoryPlan.apart(lasting, 0, 0);
    long end = base;
    for (Lowering l : lowered) {
      end = Math.max(end, MemoryPlan.share(l.temporaries(), base));
    }
    return end;
  }

  private static Buffer buffer(Tensor t) {
    return new Buffer("" + t, t.dtype(), t.shape().size(), Buffer.Space.SHARED);
  }

  /** Copies from outputs to the inputs they are carried to. */
  private Segment carry(ProgramSpec spec) {
    List<Tensor> from = new ArrayList<>();
    List<Buffer> to = new ArrayList<>();
    Map<Tensor, Buffer> arguments = new IdentityHashMap<>();
    spec.carry()
        .forEach(
            (o, i) -> {
              Tensor t = spec.outputs().get(o);
              if (t != spec.inputs().get(i)) {
                Tensor a = Tensor.argument("carried", t.dtype(), t.shape());
                arguments.put(a, outputs.get(o));
                from.add(a);
                to.add(inputs.get(i));
              }
            });
    return new Segment(1, from, to, arguments);
  }
}
