package io.quickstudy.bindings;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.annotation.Cast;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Opaque;
import org.bytedeco.javacpp.annotation.Platform;

/**
 * The functions of {@code native/quickstudy.h}, one to one; that header says what each word of a
 * program means. Memory is named by its address, so that no call creates a {@link Pointer}. Nothing
 * here checks an address: a wrong one ends the process.
 *
 * <p>Call {@link NativeLibrary#require()} before the first use to get a readable error where the
 * library does not load.
 */
@Platform(
    include = "quickstudy.h",
    link = {"openblas@.0", "quickstudy_kernels"},
    // From the jar of the OpenBLAS preset. To inherit the preset's class instead would load its own
    // glue as well, and with that a second copy of OpenBLAS with a second pool of threads.
    preload = {"gcc_s@.1", "quadmath@.0", "gfortran@.5", "openblas@.0"},
    preloadresource = "/org/bytedeco/openblas/")
@NoException
public final class Native {
  static {
    Loader.load();
  }

  private Native() {}

  /** A checked program, from {@link #programOpen} until {@link #close()}. */
  @Opaque
  @Name("qs_program")
  public static final class Program extends Pointer {
    /** The constructor that JavaCPP calls with what C returned. */
    public Program(Pointer p) {
      super(p);
    }

    /** Frees the program; closing again does nothing. No run may be under way. */
    @Override
    public void close() {
      if (!isNull()) {
        programClose(this);
        setNull();
      }
    }
  }

  /** The kernel set in use: {@code x86-64-v4}, {@code x86-64-v3} or {@code portable}. */
  @Name("qs_level")
  public static native String level();

  /** OpenBLAS as it was built and, behind a comma, the core it chose its kernels for. */
  @Name("qs_blas")
  public static native String blas();

  /** This thread's last error, one sentence, or the empty string. */
  @Name("qs_error")
  public static native String error();

  /**
   * Allocates zeroed memory.
   *
   * @param bytes how many
   * @return the address, a multiple of 64, or 0 where there is no memory ({@link #error()} says so)
   */
  @Name("qs_alloc")
  public static native @Cast("intptr_t") long alloc(@Cast("int64_t") long bytes);

  /**
   * Frees memory.
   *
   * @param address what {@link #alloc} returned, or 0
   */
  @Name("qs_free")
  public static native void free(@Cast("void*") long address);

  /** Bytes now held through {@link #alloc} and by open programs. */
  @Name("qs_allocated")
  public static native @Cast("int64_t") long allocated();

  /**
   * Checks a program and takes a copy of it.
   *
   * @param code the program's words, in the format of {@code quickstudy.h}
   * @param words how many of them count, at most {@code code.length}
   * @return the program, or null where it is malformed ({@link #error()} says how)
   */
  @Name("qs_program_open")
  public static native Program programOpen(
      @Cast("const int64_t*") long[] code, @Cast("int64_t") long words);

  /**
   * Sets the base address of a space.
   *
   * @param space 0 for the shared arena, or 2 and up for a buffer
   * @param base the address, which the caller keeps allocated for as long as the program runs
   * @return 0, or -1 ({@link #error()} says why)
   */
  @Name("qs_program_bind")
  public static native int programBind(Program p, int space, @Cast("void*") long base);

  /**
   * Runs a program once.
   *
   * @param workers the most threads to use, the caller among them; the result is bitwise the same
   *     for any number
   * @return 0, or -1 ({@link #error()} says why)
   */
  @Name("qs_program_run")
  public static native int programRun(Program p, int workers);

  /**
   * Runs a program once on the calling thread and adds up where the time goes.
   *
   * @param ns one element per instruction of the program, in order, to which its nanoseconds are
   *     added
   * @param count how many elements {@code ns} has
   * @return 0, or -1 ({@link #error()} says why)
   */
  @Name("qs_program_profile")
  public static native int programProfile(
      Program p, @Cast("int64_t*") long[] ns, @Cast("int64_t") long count);

  /**
   * Whether the last run found a fault in what it was given.
   *
   * @param words three, which become its kind, index and limit (native/plan.h)
   * @return 1 if it did, else 0
   */
  @Name("qs_program_fault")
  public static native int programFault(Program p, @Cast("int64_t*") long[] words);

  /** Frees a program; {@link Program#close()} is the way to call it. */
  @Name("qs_program_close")
  static native void programClose(Program p);
}
