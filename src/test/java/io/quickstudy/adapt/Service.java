package io.quickstudy.adapt;

import io.quickstudy.Quickstudy;
import io.quickstudy.bindings.Native;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.ObjectName;

/**
 * A service under load, in a process of its own: 8 threads adapt and predict with two runs for so
 * many seconds, and compare every answer with that of a single thread. Prints what {@link
 * ServiceTest} judges.
 */
public final class Service {
  static final int THREADS = 8;
  static final int LANES = 4;

  /** Of the time, before memory is looked at for the first time. */
  private static final double WARM_UP = 1 / 3.0;

  /** Looks at memory, the least of which counts: a compilation that runs is none. */
  private static final int LOOKS = 5;

  private Service() {}

  /** A support set, queries and what a single thread answers. */
  private record Job(
      Adapter adapter,
      Support support,
      float[] queries,
      Classifier classifier,
      List<Prediction> expected) {

    static Job of(Adapter adapter, int[] shots, int queries) {
      Support support = Runs.support(shots);
      float[] x = new float[queries * Runs.SIDE * Runs.SIDE];
      for (int i = 0; i < queries; i++) {
        float[] one = Runs.numbers(i % shots.length, 19 - i % 10);
        System.arraycopy(one, 0, x, i * one.length, one.length);
      }
      Classifier c = adapter.adapt(support);
      return new Job(adapter, support, x, c, c.predict(x));
    }

    /** Whether the answer is the same to the last bit. */
    boolean right(boolean anew) {
      Classifier c = anew ? adapter.adapt(support) : classifier;
      return c.predict(queries).equals(expected);
    }
  }

  /** Runs, seconds. */
  public static void main(String[] args) throws Exception {
    double seconds = Double.parseDouble(args[2]);
    AdaptOptions o = AdaptOptions.usual().device("cpu").threads(LANES);
    AtomicLong calls = new AtomicLong();
    AtomicLong wrong = new AtomicLong();
    long single;
    long[] bytes = new long[2];
    long[] resident = new long[2];
    try (Adapter protonet = Quickstudy.load(Path.of(args[0]), o);
        Adapter maml = Quickstudy.load(Path.of(args[1]), o)) {
      List<Job> jobs = new ArrayList<>();
      for (int[] shots : new int[][] {{1, 1, 1, 1, 1}, {5, 5, 5}, {2, 4}}) {
        for (int queries : new int[] {1, 5, 11, 70}) {
          jobs.add(Job.of(protonet, shots, queries));
          jobs.add(Job.of(maml, shots, queries));
        }
      }
      single = Native.allocated();
      long start = System.nanoTime();
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        int first = t * 3;
        Thread thread =
            new Thread(
                () -> {
                  for (int i = first; System.nanoTime() - start < seconds * 1e9; i++) {
                    boolean right = jobs.get(i % jobs.size()).right(i / jobs.size() % 2 == 0);
                    wrong.addAndGet(right ? 0 : 1);
                    calls.incrementAndGet();
                  }
                });
        thread.setUncaughtExceptionHandler(
            (who, e) -> {
              e.printStackTrace();
              wrong.incrementAndGet();
            });
        thread.start();
        threads.add(thread);
      }
      Thread.sleep((long) (1e3 * seconds * WARM_UP));
      bytes[0] = Native.allocated();
      resident[0] = resident();
      for (Thread t : threads) {
        t.join();
      }
      bytes[1] = Native.allocated();
      resident[1] = resident();
    }
    System.out.printf(
        Locale.ROOT,
        "calls=%d wrong=%d single=%d warm=%d end=%d closed=%d rss=%d rss-end=%d%n",
        calls.get(),
        wrong.get(),
        single,
        bytes[0],
        bytes[1],
        Native.allocated(),
        resident[0],
        resident[1]);
  }

  /**
   * Bytes of memory that the process holds. What was freed goes back to the system first: a
   * compiler of the virtual machine takes megabytes for a moment, which malloc then keeps.
   */
  private static long resident() throws Exception {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < LOOKS; i++) {
      Thread.sleep(100);
      ManagementFactory.getPlatformMBeanServer()
          .invoke(
              ObjectName.getInstance("com.sun.management:type=DiagnosticCommand"),
              "systemTrimNativeHeap",
              new Object[0],
              new String[0]);
      least =
          Files.readAllLines(Path.of("/proc/self/status")).stream()
              .filter(l -> l.startsWith("VmRSS:"))
              .mapToLong(l -> Long.parseLong(l.replaceAll("[^0-9]", "")) << 10)
              .reduce(least, Math::min);
    }
    return least;
  }
}
