package io.quickstudy.suite;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.backend.Backend;
import io.quickstudy.backend.cpu.CpuCandidate;
import io.quickstudy.backend.cuda.EmulatedBackend;
import io.quickstudy.suite.RandomSample.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Functions drawn by a seed, checked as those of {@link OpSuiteTest} are, and besides: that neither
 * the order in which a graph's nodes were made nor little memory changes a bit. {@code
 * -Dquickstudy.random.from=1000 -Dquickstudy.random.times=20} draws others, and twenty times as
 * many.
 */
class RandomProgramsTest {
  private static Stream<DynamicTest> each(List<Sample> samples, Consumer<Sample> check) {
    return samples.stream().map(s -> dynamicTest(s.name(), () -> check.accept(s)));
  }

  @TestFactory
  Stream<DynamicTest> gradientsAreThoseOfDifferences() {
    return each(RandomSample.some(Kind.SMOOTH, 40), GradientCheck::check);
  }

  @TestFactory
  Stream<DynamicTest> vmapIsALoop() {
    return each(RandomSample.some(Kind.ANY, 30), VmapCheck::single);
  }

  @TestFactory
  Stream<DynamicTest> passesPreserveValues() {
    return Suite.passes().stream()
        .flatMap(p -> each(RandomSample.some(Kind.ANY, 40), s -> SimplifierCheck.check(p, s)));
  }

  private static Stream<DynamicTest> each(Candidate c, Kind kind, int count) {
    return each(RandomSample.tame(kind, count), s -> CandidateCheck.check(c, s, Close.FLOAT));
  }

  @TestFactory
  @Tag("cpu")
  @Tag("cuda")
  Stream<DynamicTest> backendsAgreeWithTheReference() {
    return Suite.candidates().stream()
        .flatMap(c -> Stream.concat(each(c, Kind.ANY, 60), each(c, Kind.LARGE, 15)));
  }

  private static List<Candidate> on(String device, Backend backend) {
    return List.of(new NumberedOtherwise(device, backend), new Limited(device, backend));
  }

  @TestFactory
  Stream<DynamicTest> neitherNumbersOfNodesNorMemoryChangeABit() {
    List<Candidate> all = new ArrayList<>();
    all.addAll(on("cpu", CpuCandidate.guarded(2)));
    all.addAll(on("cuda, emulated", EmulatedBackend.open()));
    return all.stream()
        .flatMap(
            c ->
                Stream.of(each(c, Kind.ANY, 16), each(c, Kind.SMOOTH, 8), each(c, Kind.LARGE, 4))
                    .flatMap(t -> t));
  }
}
