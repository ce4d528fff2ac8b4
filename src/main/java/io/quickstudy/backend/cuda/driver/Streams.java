package io.quickstudy.backend.cuda.driver;

import io.quickstudy.backend.cuda.driver.CudaDriver.Event;
import io.quickstudy.backend.cuda.driver.CudaDriver.Pinned;
import io.quickstudy.backend.cuda.driver.CudaDriver.Queue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** A GPU's two streams, and what is copied on them while the host goes on. */
final class Streams {
  private final Runnable enter;
  private final CUstream_st work = new CUstream_st();
  private final CUstream_st uploads = new CUstream_st();
  private boolean closed;

  /**
   * Streams that are opened by {@link #open()}.
   *
   * @param enter makes the GPU's context this thread's, and refuses that of a closed one
   */
  Streams(Runnable enter) {
    this.enter = enter;
  }

  void open() {
    for (CUstream_st s : new CUstream_st[] {work, uploads}) {
      CudaStatus.check(cudart.cuStreamCreate(s, cudart.CU_STREAM_NON_BLOCKING), "cuStreamCreate");
    }
  }

  /** The stream of all but uploads. */
  CUstream_st work() {
    return work;
  }

  private CUstream_st of(Queue queue) {
    return switch (queue) {
      case WORK -> work;
      case UPLOADS -> uploads;
    };
  }

  void upload(long to, Pinned from) {
    enter.run();
    Host host = (Host) from;
    CudaStatus.check(
        cudart.cuMemcpyHtoDAsync(to, host.at(0), host.bytes.capacity(), uploads),
        "cuMemcpyHtoDAsync");
  }

  void download(Pinned into, int at, long from, long bytes) {
    enter.run();
    Host host = (Host) into;
    CudaStatus.check(cudart.cuMemcpyDtoHAsync(host.at(at), from, bytes, work), "cuMemcpyDtoHAsync");
  }

  void copy(long to, long from, long bytes) {
    enter.run();
    CudaStatus.check(cudart.cuMemcpyDtoDAsync(to, from, bytes, work), "cuMemcpyDtoDAsync");
  }

  Pinned pinned(long bytes) {
    enter.run();
    return new Host(bytes);
  }

  Event event() {
    enter.run();
    return new Point();
  }

  private final class Host implements Pinned {
    private final BytePointer memory = new BytePointer((Pointer) null);
    private final ByteBuffer bytes;
    private boolean freed;

    Host(long size) {
      CudaStatus.check(cudart.cuMemAllocHost(memory, Math.max(size, 1)), "cuMemAllocHost");
      memory.capacity(size);
      Pointer.memset(memory, 0, size);
      bytes = memory.asByteBuffer().order(ByteOrder.nativeOrder());
    }

    BytePointer at(int offset) {
      return memory.position(offset);
    }

    @Override
    public ByteBuffer bytes() {
      return bytes;
    }

    @Override
    public void close() {
      if (!freed && !closed) {
        freed = true;
        cudart.cuMemFreeHost(memory.position(0)); // errors no longer matter
      }
    }
  }

  private final class Point implements Event {
    private final CUevent_st event = new CUevent_st();
    private boolean freed;

    Point() {
      CudaStatus.check(
          cudart.cuEventCreate(event, cudart.CU_EVENT_DISABLE_TIMING), "cuEventCreate");
    }

    @Override
    public void mark(Queue queue) {
      enter.run();
      CudaStatus.check(cudart.cuEventRecord(event, of(queue)), "cuEventRecord");
    }

    @Override
    public void hold(Queue queue) {
      enter.run();
      CudaStatus.check(cudart.cuStreamWaitEvent(of(queue), event, 0), "cuStreamWaitEvent");
    }

    @Override
    public void await() {
      enter.run();
      CudaStatus.check(cudart.cuEventSynchronize(event), "waiting for the GPU");
    }

    @Override
    public void close() {
      if (!freed && !closed) {
        freed = true;
        cudart.cuEventDestroy(event); // errors no longer matter
      }
    }
  }

  /** Ends both, and with the context all events and memory; errors no longer matter. */
  void close() {
    closed = true;
    for (CUstream_st s : new CUstream_st[] {work, uploads}) {
      if (!s.isNull()) {
        cudart.cuStreamDestroy(s);
      }
    }
  }
}
