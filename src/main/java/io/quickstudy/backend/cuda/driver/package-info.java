/**
 * What runs on a GPU: {@link io.quickstudy.backend.cuda.driver.CudaDriver}, the little that the
 * backend asks of a device, and {@link io.quickstudy.backend.cuda.driver.Dnn}, what it asks of
 * cuDNN. {@link io.quickstudy.backend.cuda.driver.RealDriver} answers with CUDA's libraries, which
 * {@link io.quickstudy.backend.cuda.driver.CudaLibraries} finds or names as missing; in the tests
 * an emulator answers, which runs the same kernels on the processor. Nothing here knows programs or
 * steps, but a convolution as cuDNN takes it.
 *
 * <p>May import: {@code backend}, {@code backend.cuda.kernels}, {@code backend.plan}, {@code
 * graph}.
 */
package io.quickstudy.backend.cuda.driver;
