package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.MemoryLimit;
import io.quickstudy.backend.MemoryUse;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.ProgramSpec;
import io.quickstudy.backend.cpu.CpuCandidate;
import io.quickstudy.suite.BackendRun;
import io.quickstudy.suite.MetaStepSample;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a limit of memory makes of a meta-step, on the emulator. */
class CudaMemoryTest {
  private static final int RUNS = 2; // the second is replayed
  private static final MetaStepSample SAMPLE = MetaStepSample.small();
  private static final CudaOptions OWN =
      new CudaOptions(conv -> Optional.empty(), Precision.FP32, CudaBackend.Loops.INTERPRETED);
  private static final ProgramSpec SPEC = spec();

  private final EmulatedDriver driver = new EmulatedDriver();

  private static ProgramSpec spec() {
    List<ProgramSpec> seen = new ArrayList<>();
    PlannedBackend backend =
        new PlannedBackend(
            new EmulatedDriver(),
            CudaBackend.Memory.SHARED,
            s -> {
              seen.add(s);
              return CudaPlan.inChunksOf(s.tasks(), s, OWN);
            });
    BackendRun.of(backend, SAMPLE.outputs(), SAMPLE.arguments(), SAMPLE.tasks(), 1);
    return seen.get(0);
  }

  private static CudaPlan within(long bytes) {
    return new CudaPlan.Search(SPEC, OWN)
        .choose("train", "cuda:0", new MemoryLimit(bytes), 1L << 40);
  }

  private List<double[]> run(CudaBackend.Memory memory, long limit) {
    PlannedBackend backend =
        new PlannedBackend(
            driver,
            memory,
            s ->
                new CudaPlan.Search(s, OWN).choose("train", "x", new MemoryLimit(limit), 1L << 40));
    return BackendRun.of(backend, SAMPLE.outputs(), SAMPLE.arguments(), SAMPLE.tasks(), RUNS);
  }

  private static long bytesInChunksOf(int size) {
    return CudaPlan.inChunksOf(size, SPEC, OWN).bytes();
  }

  private static void same(List<double[]> a, List<double[]> b) {
    for (int i = 0; i < a.size(); i++) {
      assertArrayEquals(a.get(i), b.get(i), "output " + i);
    }
  }

  @Test
  void asFewChunksAreTakenAsFitAndGiveTheSameNumbersNearly() {
    List<double[]> whole = run(CudaBackend.Memory.SHARED, bytesInChunksOf(4));
    for (int size : new int[] {4, 2, 1}) {
      long limit = bytesInChunksOf(size);
      MemoryUse use = within(limit).use();
      assertEquals(size, use.atOnce());
      assertEquals(0, use.repeated());
      assertTrue(use.bytes() <= limit);
      List<double[]> shared = run(CudaBackend.Memory.SHARED, limit);
      same(run(CudaBackend.Memory.GUARDED, limit), shared);
      for (int i = 0; i < shared.size(); i++) {
        CpuCandidate.near(SAMPLE.outputs().get(i), whole.get(i), shared.get(i));
      }
    }
    assertTrue(bytesInChunksOf(2) < bytesInChunksOf(4));
    assertTrue(bytesInChunksOf(1) < bytesInChunksOf(2));
  }

  @Test
  void belowOneTaskAtATimeStepsAreRepeatedWithTheSameBits() {
    long one = bytesInChunksOf(1);
    List<double[]> kept = run(CudaBackend.Memory.SHARED, one);
    int before = 0;
    long least = new CudaPlan.Search(SPEC, OWN).within(1).bytes();
    assertTrue(least < 0.9 * one, least + " of " + one);
    for (double part : new double[] {0.9, 0.5, 0.1}) {
      long limit = least + (long) (part * (one - least));
      MemoryUse use = within(limit).use();
      assertEquals(1, use.atOnce());
      assertTrue(use.bytes() <= limit, use::toString);
      assertTrue(use.repeated() >= before && use.repeated() > 0, use::toString);
      before = use.repeated();
      same(kept, run(CudaBackend.Memory.SHARED, limit));
      same(kept, run(CudaBackend.Memory.GUARDED, limit));
    }
  }

  @Test
  void aLimitThatNothingFitsIsASentence() {
    String message = assertThrows(BackendException.class, () -> within(10_000)).getMessage();
    assertTrue(
        message.matches(
            "train needs at least .*iB of memory \\(in chunks of one of 4 tasks, with"
                + " recomputation \\([0-9]+ steps\\)\\) and --memory-limit is 10 KiB; raise it.*"),
        message);
  }

  @Test
  void aPlanThatDoesNotFitSaysWhatWould() {
    long free = bytesInChunksOf(2) * 17 / 16 + (1 << 20);
    CudaBackend small =
        new CudaBackend(new FullDevice(driver, free), CudaBackend.Memory.SHARED, Precision.FP32);
    BackendException e = assertThrows(BackendException.class, () -> small.compile(SPEC));
    Matcher m =
        Pattern.compile(
                "sample needs .*iB of memory on .* and .*iB are free; --memory-limit ([0-9]+M)"
                    + " would run it in chunks of .* of 4 tasks.* \\(.*iB\\)")
            .matcher(e.getMessage());
    assertTrue(m.matches(), e.getMessage());
    small.compile(SPEC, MemoryLimit.of(m.group(1))).close();
    assertThrows(BackendException.class, () -> small.compile(SPEC, MemoryLimit.of("1T")));
  }
}
