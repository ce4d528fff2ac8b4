package io.quickstudy.backend.cuda;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.MemoryUse;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.driver.CudaDriver.Event;
import io.quickstudy.backend.cuda.driver.CudaDriver.Pinned;
import io.quickstudy.backend.cuda.driver.CudaDriver.Queue;
import io.quickstudy.backend.cuda.driver.DeviceMemory;
import io.quickstudy.backend.plan.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The inputs that a caller sets, on their way into the arena: written down on the host, uploaded
 * while the run before goes on, and moved to where the steps read them when that is done. Steps
 * read at fixed addresses, so that recorded work can be replayed.
 */
final class InputUpload implements AutoCloseable {
  /** A copy on the host, and when its upload is done. */
  private record Slot(Pinned host, Event uploaded) {}

  private final CudaDriver driver;
  private final DeviceMemory staging;
  private final long from;
  private final long to;
  private final ByteBuffer latest;
  private final List<Slot> slots;
  private final Event moved;
  private int next;
  private boolean changed;

  /**
   * For inputs that lie one behind the other.
   *
   * @param staging as many bytes as there are from the first to the last of them
   */
  InputUpload(CudaDriver driver, List<Buffer> inputs, DeviceMemory arena, DeviceMemory staging) {
    this.driver = driver;
    this.staging = staging;
    this.from = inputs.isEmpty() ? 0 : inputs.get(0).offset();
    this.to = arena.address() + from;
    if (span(inputs) > Integer.MAX_VALUE) {
      throw new BackendException(
          "Inputs of %s: expected at most 2 GiB for each run; take fewer tasks or examples."
              .formatted(MemoryUse.text(span(inputs))));
    }
    int bytes = (int) span(inputs);
    latest = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    if (bytes == 0) {
      slots = List.of();
      moved = null;
      return;
    }
    driver.copyOut(latest.duplicate(), to); // what lies between inputs stays as it is
    slots = List.of(slot(bytes), slot(bytes));
    moved = driver.event();
  }

  private Slot slot(int bytes) {
    return new Slot(driver.pinned(bytes), driver.event());
  }

  /** Bytes from the first to the end of the last of buffers that lie one behind the other. */
  static long span(List<Buffer> buffers) {
    if (buffers.isEmpty()) {
      return 0;
    }
    Buffer last = buffers.get(buffers.size() - 1);
    return last.offset() + last.bytes() - buffers.get(0).offset();
  }

  /** Where an input's numbers are written for the runs to come. */
  ByteBuffer writing(Buffer input) {
    changed = true;
    return reading(input);
  }

  /** An input's numbers. */
  ByteBuffer reading(Buffer input) {
    int at = (int) (input.offset() - from);
    return latest.slice(at, (int) input.bytes()).order(ByteOrder.nativeOrder());
  }

  /** Starts to bring what was written to where the work that is started next will read it. */
  void start() {
    if (!changed || slots.isEmpty()) {
      return;
    }
    Slot slot = slots.get(next);
    slot.uploaded.await(); // long past where every run waits for the one before
    slot.host.bytes().put(0, latest, 0, latest.capacity());
    moved.hold(Queue.UPLOADS); // until then the staging memory is wanted
    driver.upload(staging.address(), slot.host);
    slot.uploaded.mark(Queue.UPLOADS);
    slot.uploaded.hold(Queue.WORK);
    driver.copy(to, staging.address(), latest.capacity());
    moved.mark(Queue.WORK);
    next = 1 - next;
    changed = false;
  }

  @Override
  public void close() {
    for (Slot s : slots) {
      s.uploaded.close();
      s.host.close();
    }
    if (moved != null) {
      moved.close();
    }
  }
}
