/**
 * The one interface that every backend stands behind. A {@link io.quickstudy.backend.Backend}
 * compiles a {@link io.quickstudy.backend.ProgramSpec}, a graph with named roles for its inputs,
 * into a {@link io.quickstudy.backend.Program} with memory of its own that is replayed; large data
 * that several programs share is uploaded once as a {@link io.quickstudy.backend.Resident}. {@link
 * io.quickstudy.backend.Precision} says how a backend multiplies.
 *
 * <p>May import: {@code graph}.
 */
package io.quickstudy.backend;
