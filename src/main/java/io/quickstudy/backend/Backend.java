package io.quickstudy.backend;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/** A place where programs run. */
public interface Backend extends AutoCloseable {
  /** The device as it is named in results: "cpu". */
  String device();

  /**
   * Whether several threads may compile and run programs at once, each program by one thread. Where
   * not, whoever has several threads lets one of them in at a time.
   */
  boolean concurrent();

  /** What was found, by name, for {@code info}: kernel set, libraries, versions. */
  Map<String, String> describe();

  /**
   * Makes a program ready to run.
   *
   * @throws BackendException if there is not enough memory for it, or the limit is too low, saying
   *     how much it needs and what would fit
   */
  Program compile(ProgramSpec spec, MemoryLimit limit);

  /** As {@link #compile(ProgramSpec, MemoryLimit)} without a limit. */
  default Program compile(ProgramSpec spec) {
    return compile(spec, MemoryLimit.NONE);
  }

  /** What the program takes that needs the least memory of all that would compute it here. */
  MemoryUse leastMemory(ProgramSpec spec);

  /**
   * Copies data to the device, to be bound to resident inputs of programs.
   *
   * @param data the elements in native byte order, exactly as many as the shape says; where it is
   *     direct and read-only, the device may read it where it lies, so it must stay as it is
   */
  Resident upload(DType dtype, Shape shape, ByteBuffer data);

  /** Copies F32 numbers to the device, as many as the shape says, such as parameters. */
  default Resident upload(Shape shape, float[] numbers) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.multiplyExact(Float.BYTES, numbers.length))
            .order(ByteOrder.nativeOrder());
    bytes.asFloatBuffer().put(numbers);
    return upload(DType.F32, shape, bytes);
  }

  /**
   * What was chosen by measuring for the programs so far, and shows in the last bits of results, by
   * what it was chosen for; kept with a run.
   */
  Map<String, String> choices();

  /** Has the programs that are compiled from now on go by the choices of an earlier run. */
  void repeat(Map<String, String> choices);

  @Override
  void close();
}
