package io.quickstudy.backend.plan;

import io.quickstudy.graph.Body;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Layout;
import io.quickstudy.graph.Leaf;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Recurrence;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Graphs;
import io.quickstudy.transform.Simplifier;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the step of a recurrence. Its body is lowered once, for all tasks, and reads and writes
 * slices through parts of buffers that move. Carries and sums have one place each: a step computes
 * the next carries beside it and copies them there at its end, and adds to sums where they are.
 */
final class RecurrenceSteps {
  private final Lowering out;
  private final Tensor result;
  private final Recurrence op;
  private final Body body;
  private final List<Recurrence.Place> places;
  private final Map<Tensor, View> slots = new IdentityHashMap<>();
  private final List<Buffer> moving = new ArrayList<>();
  private final List<Buffer> temporaries = new ArrayList<>();

  /** Results and where the body is to leave them. */
  private final List<Tensor> results = new ArrayList<>();

  private final List<Buffer> targets = new ArrayList<>();

  /** What follows them in every step: copies to where they are wanted. */
  private final List<Step> behind = new ArrayList<>();

  RecurrenceSteps(Lowering out, Tensor result, Recurrence op) {
    this.out = out;
    this.result = result;
    this.op = op;
    Body tasks = op.allTasks();
    this.body = tasks.with(Simplifier.merge(tasks.results()));
    this.places = op.places();
  }

  void emit() {
    int carries = body.carries().size();
    int firstShared = carries + body.slices().size();
    for (int i = carries; i < result.inputs().size(); i++) {
      Tensor slot = body.slots().get(i);
      if (i < firstShared) {
        slots.put(slot, slice(out.view(result.input(i)), op.levels(i).size(), slot.shape()));
      } else {
        slots.put(slot, out.dense(result.input(i)));
      }
    }
    turn();
    Buffer all = out.result(result);
    List<Runnable> after = new ArrayList<>();
    int firstSum = carries + body.stacked().size();
    for (int i = 0; i < body.results().size(); i++) {
      Tensor r = body.results().get(i);
      if (i >= carries && i < firstSum) {
        stacked(all, i, r);
        continue;
      }
      View place = place(all, i, r.shape());
      View inside = place;
      if (op.tasks() == 1) {
        Buffer part = all.part(places.get(i).from(), r.shape().size(), 0);
        inside = View.of(part, r.shape());
      } else {
        View own =
            View.of(out.temporary("kept by " + result.id(), DType.F32, r.shape()), r.shape());
        inside = own;
        place = own;
        View last = place(all, i, r.shape());
        after.add(() -> out.move(own, last));
      }
      if (i < carries) {
        start(i, place);
        carried(i, r, inside);
      } else {
        out.fill(r.shape(), 0, place);
        Tensor sum = Tensor.argument("sum", DType.F32, r.shape());
        slots.put(sum, inside);
        results.add(Ops.add(sum, r));
        targets.add(inside.buffer());
      }
    }
    Lowering inside = out.inside(results, targets, slots);
    List<Step> steps = new ArrayList<>(inside.steps());
    steps.addAll(behind);
    temporaries.addAll(inside.temporaries());
    LoweredSegment part = new LoweredSegment(out.chunks(), steps, temporaries, 0);
    out.add(new Repeated(op.steps(), List.copyOf(moving), part, op.toString()));
    after.forEach(Runnable::run);
  }

  /** Turns matrices that thin products of every step read transposed, once for all steps. */
  private void turn() {
    for (Tensor t : Graphs.order(body.results())) {
      if (op.steps() >= KernelLowering.MANY_PRODUCTS && KernelLowering.isThin(t)) {
        Tensor right = t.input(1);
        View of = right.op() instanceof Layout.Transpose ? slots.get(right.input(0)) : null;
        if (of != null && body.shared().contains(right.input(0)) && !slots.containsKey(right)) {
          View turned = View.of(out.temporary("" + right, DType.F32, right.shape()), right.shape());
          out.move(of.through((Layout) right.op(), right.shape()), turned);
          slots.put(right, turned);
        }
      }
    }
  }

  /** Where a result that is no stack lies in the end. */
  private View place(Buffer all, int i, Shape shape) {
    return new View(all, places.get(i).from(), shape, strides(shape));
  }

  /** The strides of something in a result that has more of each task. */
  private int[] strides(Shape shape) {
    int[] s = shape.strides();
    int tasks = result.rank() - 1;
    int[] outside = result.shape().strides();
    System.arraycopy(outside, 0, s, 0, tasks);
    return s;
  }

  private Buffer moving(Buffer of, long first, long length, long perStep) {
    long start = first;
    long each = perStep;
    if (op.direction() == Recurrence.Direction.BACKWARD) {
      start += (op.steps() - 1) * perStep;
      each = -perStep;
    }
    Buffer b = of.part(start, length, each);
    moving.add(b);
    return b;
  }

  /** The slice of an input [tasks..., T, ...] that a step sees. */
  private View slice(View all, int axis, Shape slot) {
    int[] s = new int[slot.rank()];
    int from = 0;
    for (int i = 0; i <= s.length; i++) {
      if (i != axis) {
        s[from++] = all.strides()[i];
      }
    }
    int perStep = all.strides()[axis];
    if (perStep == 0 || op.steps() == 1) {
      return new View(all.buffer(), all.start(), slot, s);
    }
    return new View(moving(all.buffer(), all.start(), slot.size(), perStep), 0, slot, s);
  }

  private void start(int i, View place) {
    if (result.input(i).op() instanceof Leaf.Fill f) {
      out.fill(place.shape(), f.value(), place);
      return;
    }
    View first = out.view(result.input(i));
    int[] s = new int[place.strides().length];
    List<Integer> levels = op.levels(i);
    int axis = 0;
    for (int d = 0; d < s.length; d++) {
      boolean has = d >= op.extents().size() || levels.contains(d);
      s[d] = has ? first.strides()[axis++] : 0;
    }
    out.move(new View(first.buffer(), first.start(), place.shape(), s), place);
  }

  private void carried(int i, Tensor next, View place) {
    slots.put(body.carries().get(i), place);
    Buffer beside = beside(next);
    behind.add(new Step.Copy(View.of(beside, next.shape()), place, "carry " + next.shape()));
    results.add(next);
    targets.add(beside);
  }

  private Buffer beside(Tensor t) {
    Buffer b =
        new Buffer(
            "" + t,
            DType.F32,
            t.shape().size(),
            out.chunks() > 1 ? Buffer.Space.LOCAL : Buffer.Space.SHARED);
    temporaries.add(b);
    return b;
  }

  private void stacked(Buffer all, int i, Tensor r) {
    int from = places.get(i).from();
    int size = places.get(i).shape().size() / op.steps();
    Buffer part =
        op.steps() == 1
            ? all.part(from, r.shape().size(), 0)
            : moving(all, from, r.shape().size(), size);
    results.add(r);
    if (op.tasks() == 1) {
      targets.add(part);
      return;
    }
    Buffer beside = beside(r);
    targets.add(beside);
    View to = new View(part, 0, r.shape(), strides(r.shape()));
    behind.add(new Step.Copy(View.of(beside, r.shape()), to, "stack " + r.shape()));
  }
}
