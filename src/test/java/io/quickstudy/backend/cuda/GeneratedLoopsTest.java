package io.quickstudy.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.learners.MetaGradientTest;
import io.quickstudy.suite.Candidate;
import io.quickstudy.suite.CandidateCheck;
import io.quickstudy.suite.Close;
import io.quickstudy.suite.RandomSample;
import io.quickstudy.suite.Sample;
import io.quickstudy.suite.Samples;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The kernels that are generated for loops: those of every sample's programs and of every learner's
 * meta-gradient.
 */
class GeneratedLoopsTest {
  /** What few have: quads, threads that share a result, slices, loops over results of each kind. */
  private static final List<String> WAYS =
      List.of(
          "<4, 1, true>",
          "<4, 1, false>",
          "<4, 400, false>",
          "u < 4u",
          "QsSum, 256, true",
          "QsMax, 256, true",
          "QsSum, 16, false",
          "qs_last",
          "qs_products<1, 16, 256, 96, 4, 4, 16",
          "qs_products<3, 10, 165, 101, 4, 3, 16",
          "e1y0");

  private static Map<String, Consumer<Candidate>> programs() {
    Map<String, Consumer<Candidate>> out = new LinkedHashMap<>();
    out.put("edges", CandidateCheck::edges);
    for (Sample s : Samples.all()) {
      out.put(s.name(), c -> CandidateCheck.check(c, s, Close.FLOAT));
    }
    for (Sample s : RandomSample.tame(RandomSample.Kind.ANY, 30)) {
      out.put(s.name(), c -> CandidateCheck.check(c, s, Close.FLOAT));
    }
    out.putAll(MetaGradientTest.checks());
    out.putAll(LargeLoops.checks());
    return out;
  }

  @TestFactory
  List<DynamicTest> agreeWithTheReference() {
    GatheredKernels kernels = new GatheredKernels();
    List<DynamicTest> tests = new ArrayList<>();
    programs()
        .forEach(
            (name, check) -> {
              Candidate c = new GeneratedCandidate(kernels);
              check.accept(c);
              tests.add(dynamicTest(name, () -> check.accept(c)));
            });
    assertTrue(kernels.count() > 1000, "so few kernels: " + kernels.count());
    for (String way : WAYS) {
      assertTrue(kernels.have(way), way + " is in no function");
    }
    kernels.compile();
    return tests;
  }

  /** On every device, a program with its own kernels from the compiler to the results. */
  @TestFactory
  Stream<DynamicTest> aMetaGradientGoesThroughKernelsOfItsOwn() {
    Map.Entry<String, Consumer<Candidate>> maml =
        MetaGradientTest.checks().entrySet().stream()
            .filter(e -> e.getKey().startsWith("MAML"))
            .findFirst()
            .orElseThrow();
    return CudaCandidate.GENERATED.stream()
        .map(c -> dynamicTest(c.name() + ": " + maml.getKey(), () -> maml.getValue().accept(c)));
  }
}
