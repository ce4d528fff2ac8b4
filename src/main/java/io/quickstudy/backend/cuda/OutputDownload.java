package io.quickstudy.backend.cuda;

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
 * What each run leaves behind for the host: its fault record and its small outputs. The device
 * copies them by itself, so that they can be read while the next run goes on. Those of the last two
 * runs are kept.
 */
final class OutputDownload implements AutoCloseable {
  private record Slot(Pinned host, Event copied) {}

  private final CudaDriver driver;
  private final DeviceMemory fault;
  private final DeviceMemory arena;
  private final List<Slot> slots;
  private final long from;
  private final long bytes;
  private int runs;

  /**
   * Of a program.
   *
   * @param outputs small ones that lie one behind the other
   */
  OutputDownload(CudaDriver driver, DeviceMemory fault, DeviceMemory arena, List<Buffer> outputs) {
    this.driver = driver;
    this.fault = fault;
    this.arena = arena;
    this.from = outputs.isEmpty() ? 0 : outputs.get(0).offset();
    this.bytes = InputUpload.span(outputs);
    this.slots = List.of(slot(), slot());
  }

  private Slot slot() {
    return new Slot(driver.pinned(CudaPlan.FAULT_BYTES + bytes), driver.event());
  }

  /** Starts the copies of a run, behind its work. */
  void start() {
    Slot s = slots.get(runs % 2);
    driver.download(s.host, 0, fault.address(), CudaPlan.FAULT_BYTES);
    if (bytes > 0) {
      driver.download(s.host, CudaPlan.FAULT_BYTES, arena.address() + from, bytes);
    }
    s.copied.mark(Queue.WORK);
    runs++;
  }

  /** How many runs were started. */
  int runs() {
    return runs;
  }

  /**
   * Waits for a run and returns its fault record.
   *
   * @param back 0 for the last run, 1 for the one before
   */
  ByteBuffer fault(int back) {
    return awaited(back).slice(0, CudaPlan.FAULT_BYTES).order(ByteOrder.nativeOrder());
  }

  /** Waits for a run and returns one of its small outputs. */
  ByteBuffer output(int back, Buffer output) {
    int at = CudaPlan.FAULT_BYTES + (int) (output.offset() - from);
    return awaited(back).slice(at, (int) output.bytes()).order(ByteOrder.nativeOrder());
  }

  private ByteBuffer awaited(int back) {
    Slot s = slots.get((runs - 1 - back) % 2);
    s.copied.await();
    return s.host.bytes();
  }

  @Override
  public void close() {
    for (Slot s : slots) {
      s.copied.close();
      s.host.close();
    }
  }
}
