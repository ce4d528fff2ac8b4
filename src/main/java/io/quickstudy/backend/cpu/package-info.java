/**
 * The CPU backend. A graph goes through it in this order:
 *
 * <ol>
 *   <li>{@link io.quickstudy.backend.cpu.TaskSplit} cuts it into segments: those that a worker
 *       carries through task by task (or a few tasks at a time), and those that all workers share.
 *   <li>{@link io.quickstudy.backend.cpu.Fusion} groups the elementwise ops and reductions of a
 *       segment into loops; everything else is a kernel of its own.
 *   <li>{@link io.quickstudy.backend.cpu.Lowering} writes loops and kernels as instructions on
 *       buffers.
 *   <li>{@link io.quickstudy.backend.cpu.MemoryPlan} gives buffers that never live at once the same
 *       memory.
 *   <li>{@link io.quickstudy.backend.cpu.CpuProgram} holds the result and replays it with one
 *       native call.
 * </ol>
 *
 * <p>May import: {@code backend}, {@code bindings}, {@code transform} (the simplifier runs once
 * more on every segment), {@code graph}.
 */
package io.quickstudy.backend.cpu;
