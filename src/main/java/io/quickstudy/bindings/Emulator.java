package io.quickstudy.bindings;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.annotation.Cast;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;

/**
 * The functions of {@code native/emulator/emulator.h}, one to one: a CUDA device that is not there,
 * on which the kernels of {@code kernels/} run as C++. Device addresses are checked, addresses of
 * the host are not. A call that returns an int gives 0, or -1 where {@link #error()} says why.
 */
@Platform(include = "emulator/emulator.h", link = "quickstudy_kernels")
@NoException
public final class Emulator {
  static {
    Loader.load();
  }

  private Emulator() {}

  /** This thread's last error, one sentence, or the empty string. */
  @Name("qs_emu_error")
  public static native String error();

  /**
   * Allocates memory between sentinels, filled with bytes 0xFF.
   *
   * @param bytes how many
   * @return the address, a multiple of 256, or 0 where there is no memory
   */
  @Name("qs_emu_alloc")
  public static native @Cast("int64_t") long alloc(@Cast("int64_t") long bytes);

  /**
   * Frees memory and checks its sentinels.
   *
   * @param address what {@link #alloc} returned, or 0
   */
  @Name("qs_emu_free")
  public static native int free(@Cast("int64_t") long address);

  /** How many allocations there are. */
  @Name("qs_emu_live")
  public static native @Cast("int64_t") long live();

  /** Bytes of all allocations. */
  @Name("qs_emu_bytes")
  public static native @Cast("int64_t") long bytes();

  /** Copies from the host to the device. */
  @Name("qs_emu_copy_in")
  public static native int copyIn(
      @Cast("int64_t") long to, @Cast("const void*") Pointer from, @Cast("int64_t") long bytes);

  /** Copies from the device to the host. */
  @Name("qs_emu_copy_out")
  public static native int copyOut(
      @Cast("void*") Pointer to, @Cast("int64_t") long from, @Cast("int64_t") long bytes);

  /** Copies on the device; the ranges may overlap. */
  @Name("qs_emu_copy")
  public static native int copy(
      @Cast("int64_t") long to, @Cast("int64_t") long from, @Cast("int64_t") long bytes);

  /** Sets bytes to the low byte of {@code value}. */
  @Name("qs_emu_fill")
  public static native int fill(
      @Cast("int64_t") long address, int value, @Cast("int64_t") long bytes);

  /** Checks the sentinels of all allocations. */
  @Name("qs_emu_check")
  public static native int check();

  /**
   * Sets the order in which threads take turns.
   *
   * @param backwards 0 from the first to the last, 1 from the last to the first
   */
  @Name("qs_emu_order")
  public static native void order(int backwards);

  /** A kernel by name, or 0 where there is none. */
  @Name("qs_emu_kernel")
  public static native @Cast("int64_t") long kernel(String name);

  /** Loads a shared library of kernels; 0 where that fails. */
  @Name("qs_emu_load")
  public static native @Cast("int64_t") long load(String path);

  /** A kernel of a library by name, or 0 where there is none. */
  @Name("qs_emu_loaded_kernel")
  public static native @Cast("int64_t") long kernel(@Cast("int64_t") long module, String name);

  /**
   * Runs a kernel to its end and checks all sentinels.
   *
   * @param kernel from {@link #kernel}
   * @param shared bytes of dynamic shared memory
   * @param args the 40 numbers and 16 addresses of {@code kernels/args.h}; each address is 0 or
   *     device memory
   */
  @Name("qs_emu_launch")
  public static native int launch(
      @Cast("int64_t") long kernel,
      int gridX,
      int gridY,
      int gridZ,
      int blockX,
      int blockY,
      int blockZ,
      int shared,
      @Cast("const int64_t*") long[] args);

  /**
   * {@code cublasSgemmStridedBatched}, with the numbers of {@code cublasOperation_t} and strides in
   * elements: matrices lie column by column.
   *
   * @param transa 0 takes A as it is, 1 and 2 transposed
   * @param transb the same of B
   * @param m rows of C
   * @param n columns of C
   * @param k what is summed over
   * @param beta where it is 0, C is not read
   * @param tf32 1 rounds A and B, as cuBLAS's math mode of that name does
   */
  @Name("qs_emu_sgemm_strided_batched")
  public static native int sgemmStridedBatched(
      int transa,
      int transb,
      int m,
      int n,
      int k,
      float alpha,
      @Cast("int64_t") long a,
      int lda,
      @Cast("int64_t") long strideA,
      @Cast("int64_t") long b,
      int ldb,
      @Cast("int64_t") long strideB,
      float beta,
      @Cast("int64_t") long c,
      int ldc,
      @Cast("int64_t") long strideC,
      int batch,
      int tf32);

  /**
   * Bytes of workspace that a convolution needs.
   *
   * @param what is written: 0 y, 1 x, 2 w
   * @param x n c h w, then the elements from one to the next of each
   * @param w 0 for NCHW or 1 for NHWC, then k c h w
   * @param y as x
   */
  @Name("qs_emu_convolution_workspace")
  public static native @Cast("int64_t") long convolutionWorkspace(
      int what,
      @Cast("const int32_t*") int[] x,
      @Cast("const int32_t*") int[] w,
      @Cast("const int32_t*") int[] y);

  /**
   * cuDNN's convolution of one filter and its gradients.
   *
   * @param window padding h w, stride h w
   * @param beta where it is 0, what was there is not read
   */
  @Name("qs_emu_convolution")
  public static native int convolution(
      int what,
      @Cast("const int32_t*") int[] window,
      float alpha,
      float beta,
      @Cast("const int32_t*") int[] x,
      @Cast("int64_t") long atX,
      @Cast("const int32_t*") int[] w,
      @Cast("int64_t") long atW,
      @Cast("const int32_t*") int[] y,
      @Cast("int64_t") long atY,
      @Cast("int64_t") long workspace,
      @Cast("int64_t") long workspaceBytes);
}
