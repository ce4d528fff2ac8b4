/**
 * The CPU backend. {@code backend.plan} cuts a graph into segments: those that a worker carries
 * through task by task (or a few tasks at a time), and those that all workers share. {@link
 * io.quickstudy.backend.cpu.CpuPlan} says how many workers there is memory for, {@link
 * io.quickstudy.backend.cpu.Encoder} writes the steps as native instructions, and {@link
 * io.quickstudy.backend.cpu.CpuProgram} holds the result and replays it with one native call.
 *
 * <p>May import: {@code backend}, {@code backend.plan}, {@code bindings}, {@code graph}.
 */
package io.quickstudy.backend.cpu;
