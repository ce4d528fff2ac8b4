/**
 * The CUDA backend. {@link io.quickstudy.backend.cuda.CudaProgram} turns a graph's steps into
 * launches of the kernels in {@code kernels/} and into products, over one arena that is planned
 * ahead; where cuDNN is there, {@link io.quickstudy.backend.cuda.ConvolutionChoice} leaves to it
 * the convolutions with a shared filter that it is faster at. How large factors are cut is a {@link
 * io.quickstudy.backend.cuda.FactorChoice}, whose kernel a product of few rows takes a {@link
 * io.quickstudy.backend.cuda.ProductChoice}; all go by {@link io.quickstudy.backend.cuda.Trials}.
 * All of it goes through {@link io.quickstudy.backend.cuda.driver.CudaDriver}, behind which stands
 * a GPU or, in the tests, an emulator that runs the same kernels on the processor. {@code
 * kernels/args.h} is the contract with the kernels.
 *
 * <p>Tasks are computed all at once, or chunk by chunk where a {@link
 * io.quickstudy.backend.cuda.CudaPlan} has to fit into less memory. While the device runs a step,
 * the inputs of the next are uploaded ({@link io.quickstudy.backend.cuda.InputUpload}), and what a
 * run reports reaches the host by itself ({@link io.quickstudy.backend.cuda.OutputDownload}).
 *
 * <p>With {@link io.quickstudy.backend.Precision#TF32} the operands of convolutions and products
 * are rounded, and nothing else.
 *
 * <p>In the rooms below are the device itself ({@code backend.cuda.driver}), the kernels' text and
 * how they are compiled and cut into blocks ({@code backend.cuda.kernels}), and the kernels that
 * are written for a program's own loops and small products ({@code backend.cuda.loops}) and for
 * tasks that a block of threads carries through all steps ({@code backend.cuda.tasks}).
 *
 * <p>May import: {@code backend}, {@code backend.cuda.driver}, {@code backend.cuda.kernels}, {@code
 * backend.cuda.loops}, {@code backend.cuda.tasks}, {@code backend.plan}, {@code graph}.
 */
package io.quickstudy.backend.cuda;
