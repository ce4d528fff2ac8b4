package io.quickstudy.backend.cpu;

import com.sun.management.OperatingSystemMXBean;
import io.quickstudy.backend.Backend;
import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.MemoryLimit;
import io.quickstudy.backend.MemoryUse;
import io.quickstudy.backend.Program;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.Resident;
import io.quickstudy.bindings.Native;
import io.quickstudy.bindings.NativeLibrary;
import io.quickstudy.bindings.NativeMemory;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The processor: own kernels and OpenBLAS. */
public final class CpuBackend implements Backend {
  /** How buffers are laid out. */
  enum Memory {
    /** Buffers that never live at once share memory. */
    SHARED,
    /**
     * Every buffer has its own memory with sentinels round it, checked after every run. For tests.
     */
    GUARDED;

    private static final Path MEMINFO = Path.of("/proc/meminfo");
    private static final String AVAILABLE = "MemAvailable:";

    /** Bytes that can be taken without swapping: what the system or its container says is free. */
    static long available() {
      long total =
          ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
              .getTotalMemorySize();
      try {
        String text = Files.readString(MEMINFO, StandardCharsets.ISO_8859_1);
        int name = text.indexOf(AVAILABLE);
        int end = text.indexOf(" kB", name);
        return name < 0 || end < 0
            ? total
            : Math.min(
                total,
                Long.parseLong(text.substring(name + AVAILABLE.length(), end).strip()) << 10);
      } catch (IOException | NumberFormatException e) {
        return total; // not a Linux
      }
    }
  }

  /** Numbers that one view of a block holds at most. */
  private static final int PIECE = 1 << 28;

  /** Bytes for which nobody asks first how many there are, which takes half a millisecond. */
  private static final long SMALL = 1 << 20;

  private final int workers;
  private final Memory memory;

  /**
   * The processor with up to so many threads.
   *
   * @throws BackendException if there is no native library for this machine, saying why
   */
  public CpuBackend(int workers) {
    this(workers, Memory.SHARED);
  }

  CpuBackend(int workers, Memory memory) {
    if (workers < 1) {
      throw new BackendException("workers " + workers + ": expected at least 1");
    }
    NativeLibrary.problem()
        .ifPresent(
            why -> {
              throw new BackendException(why);
            });
    forced(System.getenv("QUICKSTUDY_KERNELS"), Native.level());
    this.workers = workers;
    this.memory = memory;
  }

  /** Refuses a kernel set that was asked for and is not the one in use. */
  static void forced(String wanted, String used) {
    if (wanted != null && !wanted.isEmpty() && !wanted.equals(used)) {
      throw new BackendException(
          ("QUICKSTUDY_KERNELS is '%s': expected one of portable, x86-64-v3 and x86-64-v4 that this"
                  + " processor runs; unset it for the best, %s.")
              .formatted(wanted, used));
    }
  }

  @Override
  public String device() {
    return "cpu";
  }

  /**
   * A program that finds the kernels' threads busy runs on its caller's alone, to the same bits.
   */
  @Override
  public boolean concurrent() {
    return true;
  }

  @Override
  public Map<String, String> describe() {
    Map<String, String> m = new LinkedHashMap<>();
    m.put("kernels", Native.level());
    m.put("blas", Native.blas());
    m.put("workers", Integer.toString(workers));
    m.put("precision", "fp32");
    return m;
  }

  /** None: kernels do not depend on speed. */
  @Override
  public Map<String, String> choices() {
    return Map.of();
  }

  @Override
  public void repeat(Map<String, String> choices) {
    // those of another backend mean nothing here
  }

  @Override
  public Program compile(ProgramSpec spec, MemoryLimit limit) {
    CpuPlan.Search search = new CpuPlan.Search(spec, workers);
    CpuPlan plan = search.choose(spec.name(), device(), limit, Memory.available());
    return new CpuProgram(spec, plan, memory);
  }

  @Override
  public MemoryUse leastMemory(ProgramSpec spec) {
    return new CpuPlan.Search(spec, workers).least();
  }

  @Override
  public Resident upload(DType dtype, Shape shape, ByteBuffer data) {
    long bytes = Resident.checkedBytes(dtype, shape, data);
    if (data.isDirect()
        && data.isReadOnly()
        && data.alignmentOffset(data.position(), dtype.bytes()) == 0) {
      return new CpuResident(dtype, shape, NativeMemory.of(data)); // a data set is read where it is
    }
    NativeMemory block = allocate(bytes, "data " + dtype + shape);
    block.buffer(0, (int) bytes).put(data.duplicate());
    return new CpuResident(dtype, shape, block);
  }

  @Override
  public Resident upload(Shape shape, float[] numbers) {
    long bytes = Resident.checkedBytes(shape, numbers);
    NativeMemory block = allocate(bytes, "data " + DType.F32 + shape);
    for (int done = 0; done < numbers.length; done += Math.min(PIECE, numbers.length - done)) {
      int n = Math.min(PIECE, numbers.length - done);
      block
          .buffer((long) Float.BYTES * done, Float.BYTES * n)
          .asFloatBuffer()
          .put(numbers, done, n);
    }
    return new CpuResident(DType.F32, shape, block);
  }

  /** Memory, or a sentence that says how much was wanted and how much there is. */
  static NativeMemory allocate(long bytes, String what) {
    long available = bytes <= SMALL ? SMALL : Memory.available();
    try {
      if (bytes <= available) {
        return NativeMemory.allocate(bytes);
      }
    } catch (OutOfMemoryError e) {
      available = 0; // the system knows better: say the same
    }
    throw new BackendException(
        "%s needs %s of memory and %s are free; take fewer tasks, queries or filters"
            .formatted(what, MemoryUse.text(bytes), MemoryUse.text(available)));
  }

  @Override
  public void close() {
    // programs and residents own their memory; the kernels' threads are shared by the process
  }
}
