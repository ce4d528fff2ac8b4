/**
 * Loops, reductions, copies and small products put together and written as kernels of the program's
 * own, which the driver compiles and keeps on disk:
 *
 * <ol>
 *   <li>{@link io.quickstudy.backend.cuda.loops.LoopSplit} cuts loops so that what one reduces
 *       removes the same axes.
 *   <li>{@link io.quickstudy.backend.cuda.loops.LoopSchedule} decides what is started together.
 *   <li>{@link io.quickstudy.backend.cuda.loops.LoopNest} and {@link
 *       io.quickstudy.backend.cuda.loops.LoopLayout} take a loop's axes together and share its
 *       elements out over threads; {@link io.quickstudy.backend.cuda.loops.LoopSource} writes it.
 *       So do {@link io.quickstudy.backend.cuda.loops.ProductLayout} and {@link
 *       io.quickstudy.backend.cuda.loops.ProductSource} with a product.
 *   <li>{@link io.quickstudy.backend.cuda.loops.LoopKernels} makes kernels of that, each once.
 * </ol>
 *
 * <p>A loop of more elements or operands than these take is interpreted, by {@code
 * kernels/loop.cu}; in tests of many small programs all are.
 *
 * <p>May import: {@code backend.cuda.driver}, {@code backend.cuda.kernels}, {@code backend.plan},
 * {@code graph}.
 */
package io.quickstudy.backend.cuda.loops;
