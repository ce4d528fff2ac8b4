package io.quickstudy.backend.cuda;

import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.plan.Buffer;
import io.quickstudy.backend.plan.Constants;
import io.quickstudy.backend.plan.Lowering;
import io.quickstudy.backend.plan.MemoryPlan;
import io.quickstudy.backend.plan.Ports;
import io.quickstudy.backend.plan.Segment;
import io.quickstudy.backend.plan.Step;
import io.quickstudy.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A program's steps and where its buffers lie in the arena. The whole graph is one segment, with
 * the task axis in every step; the copies of carried outputs are another.
 */
final class Plan {
  /** Bytes of sentinel before and behind a guarded buffer. */
  static final int GAP = 64;

  final Ports ports;
  final List<Step> steps = new ArrayList<>();

  /** Everything in the arena that lies between sentinels; empty where memory is shared. */
  final List<Buffer> guarded = new ArrayList<>();

  final Map<Tensor, Buffer> constants;

  /** The kernels of loops that are not interpreted. */
  final LoopKernels generated = new LoopKernels();

  final long bytes;

  private final CudaBackend.Loops loops;

  Plan(ProgramSpec spec, CudaBackend.Memory memory, CudaBackend.Loops loops) {
    this.loops = loops;
    ports = new Ports(spec);
    for (Tensor t : spec.outputs()) {
      ports.outputs().add(new Buffer("" + t, t.dtype(), t.shape().size(), Buffer.Space.SHARED));
    }
    List<Segment> segments = new ArrayList<>();
    segments.add(new Segment(1, spec.outputs(), ports.outputs(), ports.where()));
    segments.add(ports.carry());
    segments.removeIf(s -> s.outputs().isEmpty());

    Constants tables = new Constants();
    List<Lowering> lowered = segments.stream().map(s -> new Lowering(s, tables)).toList();
    constants = tables.all();
    List<Buffer> lasting = new ArrayList<>(ports.owned());
    lasting.addAll(ports.outputs());
    lasting.addAll(constants.values());
    List<List<Buffer>> temporaries = lowered.stream().map(this::add).toList();
    bytes =
        switch (memory) {
          case SHARED -> share(lasting, temporaries);
          case GUARDED -> {
            guarded.addAll(lasting);
            temporaries.forEach(guarded::addAll);
            yield MemoryPlan.apart(guarded, 0, GAP);
          }
        };
  }

  /** Adds a segment's steps; returns the buffers that only they use. */
  private List<Buffer> add(Lowering l) {
    return switch (loops) {
      case INTERPRETED -> {
        steps.addAll(l.steps());
        yield l.temporaries();
      }
      case GENERATED -> {
        LoopSchedule s = new LoopSchedule(l.steps());
        s.groups().forEach(generated::add);
        List<List<Step>> groups = s.groups().stream().map(LoopSchedule.Group::steps).toList();
        MemoryPlan.live(groups);
        groups.forEach(steps::addAll);
        List<Buffer> all = new ArrayList<>(l.temporaries());
        all.addAll(s.temporaries());
        yield all;
      }
    };
  }

  private static long share(List<Buffer> lasting, List<List<Buffer>> temporaries) {
    long base = MemoryPlan.apart(lasting, 0, 0);
    long end = base;
    for (List<Buffer> t : temporaries) {
      end = Math.max(end, MemoryPlan.share(t, base));
    }
    return end;
  }
}
