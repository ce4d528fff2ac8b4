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
    BOUND,
    /** A part of another buffer, which moves from step to step of a recurrence. */
    MOVING
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
  private boolean part;
  private long start;
  private long perStep;

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

  /**
   * A part of this buffer as one of its own, for the steps of a recurrence.
   *
   * @param start its first element, in the step that is taken first
   * @param length elements of it
   * @param perStep elements from one step's part to the next one's, perhaps against the order of
   *     memory; 0 for a part that stays
   */
  Buffer part(long start, long length, long perStep) {
    Buffer b = new Buffer(name, dtype, length, perStep == 0 ? space : Space.MOVING);
    b.of = this;
    b.part = true;
    b.start = start * dtype.bytes();
    b.perStep = perStep * dtype.bytes();
    return b;
  }

  /** The buffer that this is a part of, itself where it is none. */
  public Buffer root() {
    return part ? of.root() : this;
  }

  /** The part that moves from step to step which this is, or is a part of; else null. */
  public Buffer mover() {
    return isMoving() ? this : part ? of.mover() : null;
  }

  private boolean isMoving() {
    return part && perStep != 0;
  }

  /** Whether it begins at a multiple of so many bytes, at most 64, in every step. */
  public boolean isAligned(long bytes) {
    return !part || (start % bytes == 0 && perStep % bytes == 0 && of.isAligned(bytes));
  }

  /** What this is directly a part of. */
  public Buffer whole() {
    return of;
  }

  /** Bytes from the start of what it is a part of to its own, in the first step. */
  public long start() {
    return start;
  }

  /** Bytes from one step's part to the next one's. */
  public long perStep() {
    return perStep;
  }

  /** The same part of another buffer, or of this one's where that stays. */
  Buffer partOf(Buffer other) {
    long size = dtype.bytes();
    return other == of ? this : other.part(start / size, elements, perStep / size);
  }

  /** Whether it is a part of another. */
  boolean isPart() {
    return part;
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
    return part && !isMoving() ? of.space() : space;
  }

  /** The number under which its data is bound. */
  public int binding() {
    return part ? of.binding() : binding;
  }

  /**
   * Bytes from the start of its memory to the first element of the first chunk; of a part that
   * moves, or one of such, from where that is in a step.
   */
  public long offset() {
    if (isMoving()) {
      return 0;
    }
    long at = of == null ? offset : of.offset() + start;
    if (at < 0) {
      throw new IllegalStateException("buffer " + name + " was used but never placed");
    }
    return at;
  }

  /** Bytes from one chunk's part to the next one's; 0 where chunks do not matter. */
  public long chunkBytes() {
    return part && !isMoving() ? of.chunkBytes() : chunkBytes;
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
}
