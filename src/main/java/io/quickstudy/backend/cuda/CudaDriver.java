package io.quickstudy.backend.cuda;

import io.quickstudy.backend.BackendException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The little that the backend asks of a device. Memory is named by its address on the device. Work
 * runs in the order in which it is asked for; only {@link #copyIn}, {@link #copyOut} and {@link
 * #synchronise} wait for it. Not for use by two threads at once.
 *
 * <p>Every method throws {@link BackendException} with one sentence where the device fails.
 */
interface CudaDriver extends AutoCloseable {

  /** The device as it is named in results: "cuda:0". */
  String device();

  /** What was found, by name: the device, libraries, versions. */
  Map<String, String> describe();

  /** Bytes that can be allocated now. */
  long available();

  /**
   * Allocates memory, of any content, on a boundary of at least 256 bytes.
   *
   * @return its address, or 0 where there is not so much
   */
  long alloc(long bytes);

  /** Frees what {@link #alloc} gave. */
  void free(long address);

  /** Copies what remains of a direct buffer to the device. */
  void copyIn(long to, ByteBuffer from);

  /** Fills what remains of a direct buffer from the device. */
  void copyOut(ByteBuffer into, long from);

  /** Sets bytes. */
  void fill(long address, byte value, long bytes);

  /** Starts a kernel. */
  void launch(Launch launch);

  /**
   * Compiles kernels for a program, or takes them from where they are kept.
   *
   * @param name the program's, for messages
   * @param sources each compiled by itself; kernels have different names
   */
  Module compile(String name, List<String> sources);

  /** Starts products. */
  void sgemm(Products products);

  /** Waits for all that was started. */
  void synchronise();

  /**
   * Records what {@code work} starts, without running it, where the device can.
   *
   * @param work calls nothing but {@link #launch}, {@link Module#launch}, {@link #sgemm} and {@link
   *     #fill}
   */
  Optional<Graph> capture(Runnable work);

  @Override
  void close();

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
            "launch of %s with grid %d, block %d, %d shared bytes, %d words"
                .formatted(kernel, grid, block, shared, args.length));
      }
    }

    /** How many numbers a launch carries. */
    static final int NUMBERS = 40;

    /** How many addresses. */
    static final int POINTERS = 16;

    /** All of it. */
    static final int WORDS = NUMBERS + POINTERS;
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
   * A batch of products C = op(A) op(B) of 32-bit floats as BLAS has them: the elements of a column
   * lie one behind the other.
   *
   * @param m rows of C
   * @param n columns of C
   * @param k what is summed over
   */
  record Products(int m, int n, int k, Matrix a, Matrix b, Matrix c, int batch) {}
}
