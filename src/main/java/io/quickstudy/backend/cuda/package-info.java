/**
 * The CUDA backend. {@link io.quickstudy.backend.cuda.CudaProgram} turns a graph's steps into
 * launches of the kernels in {@code kernels/} and into products, over one arena that is planned
 * ahead; all of it goes through {@link io.quickstudy.backend.cuda.CudaDriver}, behind which stands
 * a GPU or, in the tests, an emulator that runs the same kernels on the processor. {@code
 * kernels/args.h} is the contract with the kernels. {@link io.quickstudy.backend.cuda.Tiling} says
 * how a convolution is cut into blocks. With {@link io.quickstudy.backend.Precision#TF32} its
 * operands and those of products are rounded, and nothing else.
 *
 * <p>May import: {@code backend}, {@code backend.plan}, {@code bindings}, {@code transform}, {@code
 * graph}.
 */
package io.quickstudy.backend.cuda;
