/**
 * Quickstudy beside libtorch: the {@link io.quickstudy.benchmarks.Workload}s of the field, computed
 * by {@link io.quickstudy.benchmarks.Ours} and by {@link io.quickstudy.benchmarks.Torch}, first
 * compared, then timed in turn, each in a process of its own. {@code benchmarks/README.md} has the
 * commands.
 */
package io.quickstudy.benchmarks;
