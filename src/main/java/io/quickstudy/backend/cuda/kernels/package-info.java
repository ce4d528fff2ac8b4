/**
 * The kernels of the folder {@code kernels/}: their text, which travels in the jar ({@link
 * io.quickstudy.backend.cuda.kernels.KernelSources}), NVRTC, which compiles it for the very GPU
 * ({@link io.quickstudy.backend.cuda.kernels.KernelCompiler}), many at a time ({@link
 * io.quickstudy.backend.cuda.kernels.KernelCode}), the folder that keeps what it made ({@link
 * io.quickstudy.backend.cuda.kernels.KernelCache}), and in how many blocks they are started ({@link
 * io.quickstudy.backend.cuda.kernels.Grid}, {@link io.quickstudy.backend.cuda.kernels.Tiling} for
 * convolutions, {@link io.quickstudy.backend.cuda.kernels.SmallProduct}).
 *
 * <p>May import: {@code backend}, {@code backend.plan}, {@code graph}.
 */
package io.quickstudy.backend.cuda.kernels;
