/**
 * The graph: {@link io.quickstudy.graph.Tensor} nodes, their {@link io.quickstudy.graph.Shape} and
 * {@link io.quickstudy.graph.DType}, the sealed {@link io.quickstudy.graph.Op} with every
 * primitive, and {@link io.quickstudy.graph.Ops}, the static functions that build nodes.
 *
 * <p>A primitive is complete here or it does not compile: its shape rule, its gradient and its
 * task-batching rule stand side by side, each written with other primitives. Nothing in this
 * package computes a number.
 *
 * <p>A loop over steps is one node as well, a {@link io.quickstudy.graph.Recurrence} with its
 * {@link io.quickstudy.graph.Body}, a graph of its own: its rules work on the body with those of
 * the ops in it, by the {@link io.quickstudy.graph.Walks} that all transforms are made of.
 *
 * <p>May import: nothing of the project.
 */
package io.quickstudy.graph;
