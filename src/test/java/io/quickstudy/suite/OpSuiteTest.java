package io.quickstudy.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.backend.cuda.CudaCandidate;
import io.quickstudy.graph.Convolution;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.transform.Graphs;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Verifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every sample of every op, checked in every way. */
class OpSuiteTest {
  private static final List<Sample> SAMPLES = Samples.all();

  /** Every op, and every constant of one that is an enum. */
  private static Set<Object> ops(Class<?> type) {
    Set<Object> out = new LinkedHashSet<>();
    if (type.isSealed() && !type.isEnum()) {
      for (Class<?> sub : type.getPermittedSubclasses()) {
        out.addAll(ops(sub));
      }
    } else if (type.isEnum()) {
      out.addAll(List.of(type.getEnumConstants()));
    } else {
      out.add(type);
    }
    return out;
  }

  private static List<Object> missing(Predicate<Sample> kind) {
    Set<Object> rest = new LinkedHashSet<>(ops(Op.class));
    SAMPLES.stream().filter(kind).forEach(s -> rest.remove(s.covers()));
    return List.copyOf(rest);
  }

  @Test
  void everyOpHasASample() {
    assertTrue(ops(Op.class).size() > 40, "the walk over the sealed type found too little");
    assertEquals(List.of(), missing(s -> true), "ops without a sample");
    assertEquals(List.of(), missing(s -> !s.facts().isEmpty()), "ops without a known result");
  }

  @Test
  void everyNameIsUsedOnce() {
    Set<String> seen = new HashSet<>();
    assertEquals(List.of(), SAMPLES.stream().map(Sample::name).filter(n -> !seen.add(n)).toList());
  }

  private static Stream<DynamicTest> each(Predicate<Sample> which, Consumer<Sample> check) {
    return SAMPLES.stream().filter(which).map(s -> dynamicTest(s.name(), () -> check.accept(s)));
  }

  @TestFactory
  Stream<DynamicTest> valueIsAsDefined() {
    return each(
        s -> true,
        s -> {
          Params x = s.placeholders();
          Tensor y = s.f().apply(x);
          Verifier.verify("building " + s, List.of(y));
          assertTrue(
              Graphs.order(List.of(y)).stream()
                  .anyMatch(t -> s.covers().equals(t.op()) || s.covers().equals(t.op().getClass())),
              s + " does not contain the op it covers");
          for (int seed = 0; seed < 2; seed++) {
            var values = s.draw(seed);
            double[] result = Reference.eval(y, Sample.bind(x, values));
            s.facts().forEach(f -> f.check(values, result));
          }
          s.linear().forEach(name -> LinearCheck.check(s, name));
        });
  }

  @TestFactory
  Stream<DynamicTest> gradientsAreThoseOfDifferences() {
    return each(s -> !s.differentiable().isEmpty(), GradientCheck::check);
  }

  @TestFactory
  Stream<DynamicTest> vmapIsALoop() {
    return each(s -> true, VmapCheck::single);
  }

  @TestFactory
  Stream<DynamicTest> vmapOfVmapIsALoop() {
    return each(s -> true, VmapCheck::nested);
  }

  @TestFactory
  @Tag("cpu")
  @Tag("cuda")
  Stream<DynamicTest> backendsAgreeWithTheReference() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Candidate c : Suite.candidates()) {
      tests.add(dynamicTest(c.name() + ": edges", () -> CandidateCheck.edges(c)));
      for (Sample s : SAMPLES) {
        tests.add(dynamicTest(c.name() + ": " + s, () -> CandidateCheck.check(c, s, Close.FLOAT)));
      }
    }
    return tests.stream();
  }

  private static boolean multiplies(Sample s) {
    return s.covers() instanceof Class<?> op
        && (Convolution.class.isAssignableFrom(op) || op == Product.Dot.class);
  }

  @TestFactory
  @Tag("cuda")
  Stream<DynamicTest> tensorCoresAgreeWithTheReference() {
    return CudaCandidate.TF32.stream()
        .flatMap(
            c ->
                SAMPLES.stream()
                    .filter(OpSuiteTest::multiplies)
                    .map(s -> dynamicTest(c.name() + ": " + s, () -> CandidateCheck.tf32(c, s))));
  }

  @TestFactory
  @Tag("cuda")
  Stream<DynamicTest> convolutionsByCudnnAgreeWithTheReference() {
    return CudaCandidate.DNN.stream()
        .flatMap(
            c ->
                SAMPLES.stream()
                    .filter(
                        s ->
                            s.covers() instanceof Class<?> op
                                && Convolution.class.isAssignableFrom(op))
                    .map(
                        s ->
                            dynamicTest(
                                c.name() + ": " + s,
                                () -> CandidateCheck.check(c, s, Close.FLOAT))));
  }

  @TestFactory
  Stream<DynamicTest> passesPreserveValues() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Pass p : Suite.passes()) {
      tests.add(dynamicTest(p + ": edges", () -> SimplifierCheck.edges(p)));
      for (Sample s : SAMPLES) {
        tests.add(dynamicTest(p + ": " + s, () -> SimplifierCheck.check(p, s)));
      }
    }
    return tests.stream();
  }
}
