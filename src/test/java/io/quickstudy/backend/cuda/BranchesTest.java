package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.driver.CudaDriver.Work;
import io.quickstudy.backend.cuda.driver.DeviceMemory;
import io.quickstudy.suite.BackendRun;
import io.quickstudy.suite.MetaStepSample;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What of a meta-step runs side by side, and that nothing does that depends on each other. */
class BranchesTest {
  private static final MetaStepSample SAMPLE = MetaStepSample.small();

  private static List<CudaPlan> plans() {
    List<CudaPlan> seen = new ArrayList<>();
    for (CudaBackend.Loops loops : CudaBackend.Loops.values()) {
      CudaOptions own = new CudaOptions(c -> Optional.empty(), Precision.FP32, loops);
      PlannedBackend backend =
          new PlannedBackend(
              new EmulatedDriver(sources -> 1),
              CudaBackend.Memory.SHARED,
              s -> {
                seen.add(CudaPlan.inChunksOf(s.tasks(), s, own));
                seen.add(new CudaPlan.Search(s, own).wide((kernels, sources) -> {}));
                return CudaPlan.inChunksOf(s.tasks(), s, interpreted());
              });
      BackendRun.of(backend, SAMPLE.outputs(), SAMPLE.arguments(), SAMPLE.tasks(), 1);
    }
    return seen;
  }

  private static CudaOptions interpreted() {
    return new CudaOptions(c -> Optional.empty(), Precision.FP32, CudaBackend.Loops.INTERPRETED);
  }

  @Test
  void whatConflictsIsOrdered() {
    for (CudaPlan plan : plans()) {
      List<Branches.Part> parts = plan.parts();
      int[] last = new int[CudaDriver.BRANCHES];
      java.util.Arrays.fill(last, -1);
      List<BitSet> before = new ArrayList<>();
      for (int i = 0; i < parts.size(); i++) {
        Branches.Place at = plan.branches.get(i);
        List<Integer> direct = new ArrayList<>(at.after());
        if (last[at.branch()] >= 0) {
          direct.add(last[at.branch()]);
        }
        last[at.branch()] = i;
        BitSet ended = new BitSet();
        for (int d : direct) {
          ended.set(d);
          ended.or(before.get(d));
        }
        before.add(ended);
        for (int k = 0; k < i; k++) {
          boolean conflict = Branches.conflict(parts.get(i), parts.get(k));
          assertTrue(!conflict || ended.get(k), parts.get(i) + " needs " + parts.get(k));
        }
      }
    }
  }

  @Test
  void gradientsByFilterAndByInputRunSideBySide() {
    CudaPlan plan = plans().get(1);
    Set<Integer> used = new TreeSet<>();
    plan.branches.forEach(p -> used.add(p.branch()));
    assertTrue(used.size() > 1, "branches " + used);
    assertTrue(plan.branches.stream().anyMatch(p -> !p.after().isEmpty()), "waits");
  }

  @Test
  void inChunksAllIsInOrder() {
    List<ProgramSpec> seen = new ArrayList<>();
    PlannedBackend backend =
        new PlannedBackend(
            new EmulatedDriver(),
            CudaBackend.Memory.SHARED,
            s -> {
              seen.add(s);
              return CudaPlan.inChunksOf(s.tasks(), s, interpreted());
            });
    BackendRun.of(backend, SAMPLE.outputs(), SAMPLE.arguments(), SAMPLE.tasks(), 1);
    CudaPlan plan = CudaPlan.inChunksOf(1, seen.get(0), interpreted());
    assertTrue(plan.branches.stream().allMatch(p -> p.branch() == 0));
  }

  /** What a graph of two fills leaves, after some replays. */
  private static Set<Byte> left(List<Integer> after) {
    EmulatedDriver driver = new EmulatedDriver();
    Set<Byte> seen = new TreeSet<>();
    try (DeviceMemory m = DeviceMemory.allocate(driver, 64, "test")) {
      Work first = new Work(0, List.of(), () -> driver.fill(m.address(), (byte) 1, 64));
      Work second = new Work(1, after, () -> driver.fill(m.address(), (byte) 2, 64));
      try (CudaDriver.Graph graph = driver.capture(List.of(first, second)).orElseThrow()) {
        for (int i = 0; i < 20; i++) {
          graph.replay();
          ByteBuffer bytes = ByteBuffer.allocateDirect(64);
          driver.copyOut(bytes, m.address());
          seen.add(bytes.get(0));
        }
      }
    }
    return seen;
  }

  @Test
  void aDependencyThatIsForgottenShowsOnTheEmulator() {
    assertEquals(Set.of((byte) 2), left(List.of(0)));
    assertEquals(Set.of((byte) 1, (byte) 2), left(List.of()));
  }

  @Test
  void libraryCallsHaveOneWorkspace() {
    EmulatedDriver driver = new EmulatedDriver();
    CudaDriver.Matrix none = new CudaDriver.Matrix(0, CudaDriver.Form.PLAIN, 1, 0);
    CudaDriver.Products p =
        new CudaDriver.Products(1, 1, 1, none, none, none, 1, Precision.FP32, CudaDriver.Into.SET);
    Work work = new Work(1, List.of(), () -> driver.sgemm(p));
    assertThrows(IllegalStateException.class, () -> driver.capture(List.of(work)));
  }
}
