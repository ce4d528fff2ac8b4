package io.quickstudy.bindings;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A block of native memory, zeroed, at an address that is a multiple of 64, owned by whoever made
 * it and freed by {@link #close()}. Kernels take its {@link #address()}; Java reads and writes it
 * through {@link #buffer}, without copies. Not safe for use by several threads while it is being
 * closed.
 */
public final class NativeMemory implements AutoCloseable {
  private final long bytes;

  /** Whose memory this is where it is not our own: as long as it is referred to, it is there. */
  private ByteBuffer lender;

  private long address;

  private NativeMemory(long address, long bytes, ByteBuffer lender) {
    this.address = address;
    this.bytes = bytes;
    this.lender = lender;
  }

  /**
   * Allocates a block.
   *
   * @param bytes its size, 0 or more
   * @throws IllegalStateException where the native library does not load
   * @throws OutOfMemoryError where there is no such memory
   */
  public static NativeMemory allocate(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException(
          "A block of memory has 0 or more bytes, but " + bytes + " were asked for.");
    }
    NativeLibrary.require();
    long address = Native.alloc(Math.max(bytes, 1));
    if (address == 0) {
      throw new OutOfMemoryError(Native.error());
    }
    return new NativeMemory(address, bytes, null);
  }

  /**
   * The memory of a direct buffer from its position to its limit, as it lies there and at whatever
   * address; {@link #close()} leaves it to the buffer.
   *
   * @throws IllegalArgumentException if the buffer is not direct, or empty
   */
  public static NativeMemory of(ByteBuffer buffer) {
    if (!buffer.isDirect() || !buffer.hasRemaining()) {
      throw new IllegalArgumentException(
          "%s: expected a direct buffer that is not empty.".formatted(buffer));
    }
    NativeLibrary.require();
    ByteBuffer part = buffer.slice();
    return new NativeMemory(new BytePointer(part).address(), part.remaining(), part);
  }

  /** The block's size in bytes. */
  public long bytes() {
    return bytes;
  }

  /** Whether it is closed. */
  public boolean isClosed() {
    return address == 0;
  }

  /** The block's first byte. */
  public long address() {
    if (address == 0) {
      throw new IllegalStateException("This block of " + bytes + " bytes is closed already.");
    }
    return address;
  }

  /**
   * A view of a part of the block, in native byte order; it must not be used after {@link
   * #close()}. Views cost about a microsecond, so make one per buffer, not one per call.
   *
   * @param offset bytes from the block's start
   * @param size bytes in the view
   */
  public ByteBuffer buffer(long offset, int size) {
    Objects.checkFromIndexSize(offset, size, bytes);
    if (size == 0) {
      return ByteBuffer.allocateDirect(0).order(ByteOrder.nativeOrder());
    }
    // asByteBuffer gives native order.
    return new View(address() + offset, size).asByteBuffer();
  }

  /** Frees the block; closing again does nothing. */
  @Override
  public void close() {
    if (address != 0 && lender == null) {
      Native.free(address);
    }
    address = 0;
    lender = null;
  }

  /** JavaCPP makes direct buffers of pointers only, and a pointer's address is protected. */
  private static final class View extends Pointer {
    View(long address, long bytes) {
      this.address = address;
      this.limit = bytes;
      this.capacity = bytes;
    }

    /** The limit above counts bytes. */
    @Override
    public int sizeof() {
      return 1;
    }
  }
}
