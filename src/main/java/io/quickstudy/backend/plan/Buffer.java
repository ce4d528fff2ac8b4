package io.quickstudy.backend.plan;

import io.quickstudy.graph.DType;

/** A piece of memory that steps read and write; where it lies is decided after they are known. */
public final class Buffer {
  /** Which memory a buffer lies in. */
  public enum Space {
    /** The program's shared arena. */
    SHARED,
    /** The running worker's own arena. */
    LOCAL,
    /** Data bound by the caller. */
    BOUND
  }

  private final String name;
  private final DType dtype;
  private final long elements;
  private Space space;
  private Buffer of;
  private int binding;
  private long offset = -1;
  private long chunkBytes;
  private int copies = 1;
  private int first = -1;
  private int last = -1;

  /** A buffer without a place. */
  public Buffer(String name, DType dtype, long elements, Space space) {
    this.name = name;
    this.dtype = dtype;
    this.elements = elements;
    this.space = space;
  }

  /** Data that the caller binds under a number. */
  public static Buffer bound(String name, DType dtype, long elements, int binding) {
    Buffer b = new Buffer(name, dtype, elements, Space.BOUND);
    b.binding = binding;
    b.offset = 0;
    return b;
  }

  /** The part of this buffer that one of so many chunks reads or writes. */
  public Buffer sliced(int chunks) {
    Buffer b = new Buffer(name, dtype, elements / chunks, space);
    b.of = this;
    b.binding = binding;
    b.chunkBytes = b.bytes();
    return b;
  }

  /** What it holds, for messages. */
  public String name() {
    return name;
  }

  /** The kind of number. */
  public DType dtype() {
    return dtype;
  }

  /** Number of elements. */
  public long elements() {
    return elements;
  }

  /** Its size. */
  public long bytes() {
    return elements * dtype.bytes();
  }

  /** Which memory it lies in. */
  public Space space() {
    return space;
  }

  /** The number under which its data is bound. */
  public int binding() {
    return binding;
  }

  /** Bytes from the start of its memory to the first element of the first chunk. */
  public long offset() {
    long at = of == null ? offset : of.offset();
    if (at < 0) {
      throw new IllegalStateException("buffer " + name + " was used but never placed");
    }
    return at;
  }

  /** Bytes from one chunk's part to the next one's; 0 where chunks do not matter. */
  public long chunkBytes() {
    return chunkBytes;
  }

  /** How many copies of it lie {@link #chunkBytes} apart. */
  public int copies() {
    return copies;
  }

  /** Puts it at a place. */
  public void place(long at) {
    offset = at;
  }

  /** Gives each of so many chunks a copy in the shared arena, so many bytes apart. */
  public void spread(int chunks, long apart) {
    space = Space.SHARED;
    copies = chunks;
    chunkBytes = chunks > 1 ? apart : 0;
  }

  /** Notes that the step of a number uses it. */
  void usedAt(int step) {
    first = first < 0 ? step : Math.min(first, step);
    last = Math.max(last, step);
  }

  /** Forgets which steps use it. */
  void unused() {
    first = -1;
    last = -1;
  }

  /** Whether some step uses both while the other's value is wanted too. */
  boolean livesWith(Buffer other) {
    return first <= other.last && other.first <= last;
  }
}
