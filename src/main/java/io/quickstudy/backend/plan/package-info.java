/**
 * From a graph to a list of steps on buffers, the same for every backend. A {@link
 * io.quickstudy.backend.plan.ProgramPlan} is made in these steps:
 *
 * <ol>
 *   <li>{@link io.quickstudy.backend.plan.TaskSplit} cuts the graph along the task axis, where it
 *       is to be computed a few tasks at a time, into segments that run once for each chunk of
 *       tasks and segments that run once.
 *   <li>{@link io.quickstudy.backend.plan.Fusion} groups elementwise ops and reductions of a
 *       segment into loops; everything else is a kernel of its own. For a device on which {@link
 *       io.quickstudy.backend.plan.Scarce#BYTES} are scarce, {@link
 *       io.quickstudy.backend.plan.LoopReads} has loops compute what they need not read.
 *   <li>{@link io.quickstudy.backend.plan.Lowering} writes loops and kernels as {@link
 *       io.quickstudy.backend.plan.Step}s. What only moves numbers becomes a strided {@link
 *       io.quickstudy.backend.plan.View} where a kernel can read through it, and a copy where not.
 *   <li>{@link io.quickstudy.backend.plan.RecurrenceSteps} lowers the body of a loop over steps
 *       once, for all tasks of a chunk, into a {@link io.quickstudy.backend.plan.Repeated} step.
 *   <li>{@link io.quickstudy.backend.plan.Recompute}, where memory is short, repeats steps late
 *       rather than keep what they computed.
 *   <li>{@link io.quickstudy.backend.plan.MemoryPlan} gives buffers that never live at once the
 *       same memory.
 * </ol>
 *
 * <p>{@link io.quickstudy.backend.plan.MemorySearch} takes the fastest plan that fits, before
 * anything runs, or says what would. A backend turns the steps into what its device runs, by an
 * exhaustive switch.
 *
 * <p>May import: {@code backend} (what to compile, limits and errors), {@code transform} (the
 * simplifier runs once more on what is lowered), {@code graph}.
 */
package io.quickstudy.backend.plan;
