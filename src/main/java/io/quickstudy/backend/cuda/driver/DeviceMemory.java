package io.quickstudy.backend.cuda.driver;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.MemoryUse;
import java.nio.ByteBuffer;

/** A block of a device's memory, owned by whoever made it and freed by {@link #close()}. */
public final class DeviceMemory implements AutoCloseable {
  private static final int PIECE = 1 << 24;

  private final CudaDriver driver;
  private final long bytes;
  private long address;

  private DeviceMemory(CudaDriver driver, long address, long bytes) {
    this.driver = driver;
    this.address = address;
    this.bytes = bytes;
  }

  /**
   * Zeroed memory.
   *
   * @throws BackendException if there is not so much, saying how much there is
   */
  public static DeviceMemory allocate(CudaDriver driver, long bytes, String what) {
    long address = driver.alloc(Math.max(bytes, 1));
    if (address == 0) {
      throw tooMuch(driver, bytes, what);
    }
    driver.fill(address, (byte) 0, Math.max(bytes, 1));
    return new DeviceMemory(driver, address, bytes);
  }

  private static BackendException tooMuch(CudaDriver driver, long bytes, String what) {
    return new BackendException(
        ("%s needs %s of memory on %s and %s are free; take fewer tasks, queries or"
                + " filters, or end what else runs there")
            .formatted(
                what, MemoryUse.text(bytes), driver.device(), MemoryUse.text(driver.available())));
  }

  /** Whether it is closed. */
  public boolean isClosed() {
    return address == 0;
  }

  /** The first byte. */
  public long address() {
    if (address == 0) {
      throw new IllegalStateException(
          "These " + bytes + " bytes on " + driver.device() + " are closed already.");
    }
    return address;
  }

  public long bytes() {
    return bytes;
  }

  /** Copies any buffer's remaining bytes to the block's start. */
  public void write(ByteBuffer data) {
    if (data.isDirect()) {
      driver.copyIn(address(), data.duplicate());
      return;
    }
    ByteBuffer piece = ByteBuffer.allocateDirect(Math.min(data.remaining(), PIECE));
    ByteBuffer rest = data.duplicate();
    for (long at = 0; rest.hasRemaining(); at += piece.limit()) {
      piece.clear().limit(Math.min(piece.capacity(), rest.remaining()));
      piece.put(rest.slice(rest.position(), piece.limit())).flip();
      rest.position(rest.position() + piece.limit());
      driver.copyIn(address() + at, piece.duplicate());
    }
  }

  @Override
  public void close() {
    if (address != 0) {
      driver.free(address);
      address = 0;
    }
  }
}
