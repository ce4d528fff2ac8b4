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
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Blocks that carry tasks through programs: those of every sample and of every learner's
 * meta-gradient that a block can do.
 */
class CarriedTasksTest {
  /** What not every product and loop has: shared sums, loops over results, bytes, integers. */
  private static final List<String> WAYS =
      List.of(
          "qs_task_join<QsSum, 8>",
          "qs_task_join<QsMax, ",
          "e0y0",
          "qs_task_far<const float>",
          "qs_task_own<const float>",
          "<const unsigned char>",
          "<int>");

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
    return out;
  }

  @TestFactory
  List<DynamicTest> agreeWithTheReference() {
    GatheredTasks kernels = new GatheredTasks();
    List<DynamicTest> tests = new ArrayList<>();
    programs()
        .forEach(
            (name, check) -> {
              Candidate c = new CarriedCandidate(kernels);
              int before = kernels.count();
              check.accept(c);
              if (kernels.count() > before) {
                tests.add(dynamicTest(name, () -> check.accept(c)));
              }
            });
    assertTrue(kernels.count() > 800, "so few kernels: " + kernels.count());
    for (String way : WAYS) {
      assertTrue(kernels.have(way), way + " is in no function");
    }
    kernels.compile();
    return tests;
  }
}
