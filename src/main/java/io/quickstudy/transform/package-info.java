/**
 * Function transforms over the graph: {@link io.quickstudy.transform.Grad}, {@link
 * io.quickstudy.transform.Vmap}, the loop whose body is traced once ({@link
 * io.quickstudy.transform.Scan}), gradients that are not derived but written down ({@link
 * io.quickstudy.transform.CustomGradient}) or implied by an equation ({@link
 * io.quickstudy.transform.Implicit}, {@link io.quickstudy.transform.LinearSolver}), the named trees
 * of tensors they work on ({@link io.quickstudy.transform.Params}), the {@link
 * io.quickstudy.transform.Simplifier} and the {@link io.quickstudy.transform.Verifier} that checks
 * a graph after every pass.
 *
 * <p>May import: {@code graph}.
 */
package io.quickstudy.transform;
