package io.quickstudy.backend.cpu;

import io.quickstudy.graph.DType;

/**
 * A piece of memory that instructions read and write; where it lies is decided after they are
 * known.
 */
final class Buffer {
  /** Which memory a buffer lies in. */
  enum Space {
    /** The program's shared arena. */
    SHARED,
    /** The running worker's own arena. */
    LOCAL,
    /** Data bound by the caller. */
    BOUND
  }

  final String name;
  final DType dtype;
  final long elements;
  Space space;

  /** Bytes from the start of the space; -1 until planned. */
  long offset = -1;

  /** Bytes from one chunk's part to the next one's; 0 where chunks do not matter. */
  long chunkBytes;

  /** How many copies of it lie {@link #chunkBytes} apart, where every chunk has its own. */
  int copies = 1;

  /** Number of the bound data, for {@link Space#BOUND}. */
  int binding;

  /** The buffer whose memory this is another look at, or null. */
  private Buffer of;

  /** First and last instruction that uses it; -1 while none does. */
  int first = -1;

  int last = -1;

  Buffer(String name, DType dtype, long elements, Space space) {
    this.name = name;
    this.dtype = dtype;
    this.elements = elements;
    this.space = space;
  }

  /** The part of a buffer that one chunk reads or writes. */
  Buffer sliced(int chunks) {
    Buffer b = new Buffer(name, dtype, elements / chunks, space);
    b.of = this;
    b.binding = binding;
    b.chunkBytes = b.bytes();
    return b;
  }

  /** Bytes from the start of the space to the first element of the first chunk. */
  long place() {
    long at = of == null ? offset : of.place();
    if (at < 0) {
      throw new IllegalStateException("buffer " + name + " was used but never placed");
    }
    return at;
  }

  long bytes() {
    return elements * dtype.bytes();
  }

  void usedAt(int instruction) {
    first = first < 0 ? instruction : Math.min(first, instruction);
    last = Math.max(last, instruction);
  }

  /** The number of the space in the native program. */
  long spaceNumber() {
    return switch (space) {
      case SHARED -> 0;
      case LOCAL -> 1;
      case BOUND -> 2L + binding;
    };
  }
}
