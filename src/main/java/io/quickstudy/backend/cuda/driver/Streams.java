package io.quickstudy.backend.cuda.driver;

import io.quickstudy.backend.cuda.driver.CudaDriver.Event;
import io.quickstudy.backend.cuda.driver.CudaDriver.Pinned;
import io.quickstudy.backend.cuda.driver.CudaDriver.Queue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A GPU's streams: of the work, of uploads, and of the branches of a graph that is recorded; and
 * what is copied on the first two while the host goes on.
 */
final class Streams {
  private final Runnable enter;
  private final CUstream_st work = new CUstream_st();
  private final CUstream_st uploads = new CUstream_st();

  /** Of a graph's branches, from the second on. */
  private final List<CUstream_st> branches = new ArrayList<>();

  private CUstream_st now = work;
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
    for (CUstream_st s : List.of(work, uploads)) {
      open(s);
    }
  }

  private static void open(CUstream_st s) {
    CudaStatus.check(cudart.cuStreamCreate(s, cudart.CU_STREAM_NON_BLOCKING), "cuStreamCreate");
  }

  /** What kernels are started on: {@link #work()}, or a branch while a graph is recorded. */
  CUstream_st now() {
    return now;
  }

  /** The same, for what may not stand in another branch than the first. */
  CUstream_st only() {
    if (now != work) {
      throw new IllegalStateException("a product or cuDNN in another branch than the first");
    }
    return work;
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

  /**
   * Records parts on the streams of their branches, between the beginning and the end of a capture
   * of {@link #work()}.
   */
  void record(List<CudaDriver.Work> parts) {
    Map<Integer, CUevent_st> behind = new HashMap<>();
    CUevent_st first = mark(work, behind, -1);
    Set<Integer> wanted = new HashSet<>();
    parts.forEach(p -> wanted.addAll(p.after()));
    Set<Integer> entered = new HashSet<>(List.of(0));
    try {
      for (int i = 0; i < parts.size(); i++) {
        CudaDriver.Work p = parts.get(i);
        CUstream_st on = branch(p.branch());
        if (entered.add(p.branch())) {
          hold(on, first);
        }
        for (int before : p.after()) {
          hold(on, behind.get(before));
        }
        now = on;
        p.start().run();
        now = work;
        if (wanted.contains(i)) {
          mark(on, behind, i);
        }
      }
      for (int b : entered) {
        if (b > 0) {
          hold(work, mark(branch(b), behind, -1 - b));
        }
      }
    } finally {
      now = work;
      behind.values().forEach(cudart::cuEventDestroy); // the graph has what they said
    }
  }

  private CUstream_st branch(int i) {
    while (branches.size() < i) {
      CUstream_st s = new CUstream_st();
      open(s);
      branches.add(s);
    }
    return i == 0 ? work : branches.get(i - 1);
  }

  private static CUevent_st mark(CUstream_st on, Map<Integer, CUevent_st> events, int number) {
    CUevent_st e = new CUevent_st();
    CudaStatus.check(cudart.cuEventCreate(e, cudart.CU_EVENT_DISABLE_TIMING), "cuEventCreate");
    events.put(number, e);
    CudaStatus.check(cudart.cuEventRecord(e, on), "cuEventRecord");
    return e;
  }

  private static void hold(CUstream_st on, CUevent_st event) {
    CudaStatus.check(cudart.cuStreamWaitEvent(on, event, 0), "cuStreamWaitEvent");
  }

  /** Ends all of them, and with the context all events and memory; errors no longer matter. */
  void close() {
    closed = true;
    List<CUstream_st> all = new ArrayList<>(branches);
    all.addAll(List.of(work, uploads));
    for (CUstream_st s : all) {
      if (!s.isNull()) {
        cudart.cuStreamDestroy(s);
      }
    }
  }
}
