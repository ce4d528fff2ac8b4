/**
 * From a graph to a list of steps on buffers, the same for every backend:
 *
 * <ol>
 *   <li>{@link io.quickstudy.backend.plan.Fusion} groups elementwise ops and reductions into loops;
 *       everything else is a kernel of its own.
 *   <li>{@link io.quickstudy.backend.plan.Lowering} writes loops and kernels as {@link
 *       io.quickstudy.backend.plan.Step}s. What only moves numbers becomes a strided {@link
 *       io.quickstudy.backend.plan.View} where a kernel can read through it, and a copy where not.
 *   <li>{@link io.quickstudy.backend.plan.MemoryPlan} gives buffers that never live at once the
 *       same memory.
 * </ol>
 *
 * <p>A backend turns the steps into what its device runs, by an exhaustive switch.
 *
 * <p>May import: {@code transform} (the simplifier runs once more on what is lowered), {@code
 * graph}.
 */
package io.quickstudy.backend.plan;
