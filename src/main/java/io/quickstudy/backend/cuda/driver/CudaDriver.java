package io.quickstudy.backend.cuda.driver;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The little that the backend asks of a device. Memory is named by its address on the device. Work
 * runs in the order in which it is asked for, but {@link #upload}, which runs beside it. Only
 * {@link #copyIn}, {@link #copyOut}, {@link #free}, {@link #synchronise} and {@link Event#await}
 * wait. Not for use by two threads at once.
 *
 * <p>Every method throws {@link BackendException} with one sentence where the device fails.
 */
public interface CudaDriver extends AutoCloseable {

  /** The device as it is named in results: "cuda:0". */
  String device();

  /** What was found, by name: the device, libraries, versions. */
  Map<String, String> describe();

  /** The device's compute capability, 90 for 9.0. */
  int capability();

  /** Bytes of memory that the threads of a block can share, where a launch asks for so many. */
  int blockBytes();

  /** Bytes that can be allocated now. */
  long available();

  /**
   * Allocates memory, of any content, on a boundary of at least 256 bytes.
   *
   * @return its address, or 0 where there is not so much
   */
  long alloc(long bytes);

  /** Frees what {@link #alloc} gave, once all work is done. */
  void free(long address);

  /** Copies what remains of a direct buffer to the device. */
  void copyIn(long to, ByteBuffer from);

  /** Fills what remains of a direct buffer from the device. */
  void copyOut(ByteBuffer into, long from);

  /** Memory of the host, zeroed, that the device copies to and from while the host goes on. */
  Pinned pinned(long bytes);

  /**
   * Starts a copy to the device beside the work. What is to come before and behind it is said by
   * events; until it is done, the host leaves its memory alone.
   */
  void upload(long to, Pinned from);

  /**
   * Starts a copy to the host.
   *
   * @param at the first byte there
   */
  void download(Pinned into, int at, long from, long bytes);

  /** Starts a copy from one place on the device to another. */
  void copy(long to, long from, long bytes);

  /** An event that nothing leads to yet. */
  Event event();

  /** Sets bytes. */
  void fill(long address, byte value, long bytes);

  /** Starts a kernel. */
  void launch(Launch launch);

  /**
   * Begins to compile kernels, all at the same time and beside what the host does next.
   *
   * @param kernels names of those that {@link #launch} starts
   * @param sources of those that {@link #compile} is to be given
   */
  void prepare(Set<String> kernels, List<String> sources);

  /**
   * Compiles kernels for a program, or takes them from where they are kept.
   *
   * @param name the program's, for messages
   * @param sources each compiled by itself; kernels have different names
   */
  Module compile(String name, List<String> sources);

  /** Starts products. */
  void sgemm(Products products);

  /**
   * cuDNN on this device, the same at every call with a precision and closed with the device.
   *
   * @param precision of convolutions' operands
   * @throws BackendException with one sentence that says why it is not usable
   */
  Dnn dnn(Precision precision);

  /** Waits for all that was started. */
  void synchronise();

  /** How many branches a graph may have. */
  int BRANCHES = 4;

  /**
   * A part of a graph.
   *
   * @param branch from 0 to {@link #BRANCHES} - 1; the parts of one run in their order
   * @param after the parts in front of it, by their numbers, that have to end before it
   * @param start calls nothing but {@link #launch}, {@link Module#launch}, {@link #fill} and, in
   *     branch 0 alone, since these have one workspace, {@link #sgemm} and {@link Dnn#start}
   */
  record Work(int branch, List<Integer> after, Runnable start) {}

  /**
   * Records what {@code parts} start, without running it, where the device can. Replayed, parts of
   * different branches run side by side where nothing is said of their order.
   */
  Optional<Graph> capture(List<Work> parts);

  /** The same for parts that run one after the other. */
  default Optional<Graph> capture(Runnable work) {
    return capture(List.of(new Work(0, List.of(), work)));
  }

  @Override
  void close();

  /** What waits for its turn on a device: each queue runs in its own order, beside the other. */
  enum Queue {
    /** All but uploads. */
    WORK,
    /** Uploads. */
    UPLOADS
  }

  /** Memory of the host. */
  interface Pinned extends AutoCloseable {
    /** All of it, in native byte order. */
    ByteBuffer bytes();

    @Override
    void close();
  }

  /** A point in a queue. Where it was never marked, nothing waits for it. */
  interface Event extends AutoCloseable {
    /**
     * Marks the point behind all that was put into a queue so far; it takes the place of the last.
     */
    void mark(Queue queue);

    /** Lets what is put into a queue from now on wait for the point. */
    void hold(Queue queue);

    /** Waits for the point. */
    void await();

    @Override
    void close();
  }

  /** Kernels of a program's own. */
  interface Module extends AutoCloseable {
    /** Starts one of them. */
    void launch(Launch launch);

    @Override
    void close();
  }

  /** Recorded work. */
  interface Graph extends AutoCloseable {
    /** Starts all of it. */
    void replay();

    @Override
    void close();
  }

  /**
   * A kernel with its arguments.
   *
   * @param kernel its name
   * @param grid blocks
   * @param block threads of a block
   * @param shared bytes of memory that a block's threads share, beyond what the kernel declares
   * @param args the words of {@code QsArgs}
   */
  record Launch(String kernel, int grid, int block, int shared, long[] args) {
    /** Checks the extents. */
    public Launch {
      if (grid < 1 || block < 1 || shared < 0 || args.length != WORDS) {
        throw new IllegalArgumentException(
            "launch of %s with grid %s, block %s, %s shared bytes, %s words"
                .formatted(kernel, grid, block, shared, args.length));
      }
    }

    /** How many numbers a launch carries. */
    public static final int NUMBERS = 40;

    /** How many addresses. */
    public static final int POINTERS = 16;

    /** All of it. */
    public static final int WORDS = NUMBERS + POINTERS;
  }

  /** Whether a stored matrix is the operand or its transpose. */
  enum Form {
    /** As stored. */
    PLAIN,
    /** Transposed. */
    TRANSPOSED
  }

  /**
   * A matrix of every product.
   *
   * @param address the first element
   * @param form what the product takes of it
   * @param ld elements from one column of the stored matrix to the next
   * @param stride elements from one product's matrix to the next one's; 0 shares one
   */
  record Matrix(long address, Form form, int ld, long stride) {}

  /**
   * A batch of products op(A) op(B) of 32-bit floats as BLAS has them: the elements of a column lie
   * one behind the other.
   *
   * @param m rows of C
   * @param n columns of C
   * @param k what is summed over
   * @param precision in which A and B are taken
   * @param what becomes of C
   */
  record Products(
      int m,
      int n,
      int k,
      Matrix a,
      Matrix b,
      Matrix c,
      int batch,
      Precision precision,
      Into what) {}

  /** What becomes of a product's C. */
  enum Into {
    /** It is the product. */
    SET,
    /** It is less by the product. */
    LESS
  }
}
