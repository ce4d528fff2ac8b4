/**
 * The CPU backend. {@link io.quickstudy.backend.cpu.TaskSplit} cuts a graph into segments: those
 * that a worker carries through task by task (or a few tasks at a time), and those that all workers
 * share. Each is lowered to steps by {@code backend.plan}; {@link
 * io.quickstudy.backend.cpu.Encoder} writes them as native instructions, and {@link
 * io.quickstudy.backend.cpu.CpuProgram} holds the result and replays it with one native call.
 *
 * <p>May import: {@code backend}, {@code backend.plan}, {@code bindings}, {@code transform}, {@code
 * graph}.
 */
package io.quickstudy.backend.cpu;
