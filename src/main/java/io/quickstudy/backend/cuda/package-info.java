/**
 * The CUDA backend. {@link io.quickstudy.backend.cuda.CudaProgram} turns a graph's steps into
 * launches of the kernels in {@code kernels/} and into products, over one arena that is planned
 * ahead; where cuDNN is there, {@link io.quickstudy.backend.cuda.ConvolutionChoice} leaves to it
 * the convolutions with a shared filter that it is faster at. All of it goes through {@link
 * io.quickstudy.backend.cuda.CudaDriver}, behind which stands a GPU or, in the tests, an emulator
 * that runs the same kernels on the processor. {@code kernels/args.h} is the contract with the
 * kernels.
 *
 * <p>Tasks are computed all at once, or chunk by chunk where a {@link
 * io.quickstudy.backend.cuda.CudaPlan} has to fit into less memory. While the device runs a step,
 * the inputs of the next are uploaded ({@link io.quickstudy.backend.cuda.InputUpload}), and what a
 * run reports reaches the host by itself ({@link io.quickstudy.backend.cuda.OutputDownload}).
 *
 * <p>{@link io.quickstudy.backend.cuda.Tiling} says how a convolution is cut into blocks. With
 * {@link io.quickstudy.backend.Precision#TF32} its operands and those of products are rounded, and
 * nothing else.
 *
 * <p>Loops, reductions and copies are put together and written as kernels of the program's own,
 * which the driver compiles and keeps on disk:
 *
 * <ol>
 *   <li>{@link io.quickstudy.backend.cuda.LoopSplit} cuts loops so that what one reduces removes
 *       the same axes.
 *   <li>{@link io.quickstudy.backend.cuda.LoopSchedule} decides what is started together.
 *   <li>{@link io.quickstudy.backend.cuda.LoopNest} and {@link
 *       io.quickstudy.backend.cuda.LoopLayout} take a loop's axes together and share its elements
 *       out over threads; {@link io.quickstudy.backend.cuda.LoopSource} writes it.
 *   <li>{@link io.quickstudy.backend.cuda.LoopKernels} makes kernels of that, each once.
 * </ol>
 *
 * <p>A loop of more elements or operands than these take is interpreted, by {@code
 * kernels/loop.cu}; in tests of many small programs all are.
 *
 * <p>May import: {@code backend}, {@code backend.plan}, {@code graph}.
 */
package io.quickstudy.backend.cuda;
