package io.quickstudy;

import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;
import static org.junit.platform.launcher.TagFilter.includeTags;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.check.OpChecks;
import io.quickstudy.runtime.Engine;
import io.quickstudy.suite.CheckedDevice;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs the tests that are tagged with a device's kind on that device alone, for a machine that has
 * no Maven: every op with its gradients and every learner's meta-gradient. In the bundle {@code
 * quickstudy check} finds it as a service.
 */
public final class DeviceChecks implements OpChecks {
  /** For the service loader. */
  public DeviceChecks() {}

  /**
   * Runs the checks alone and exits with 0 if all pass, with 1 if one does not or the device cannot
   * be used.
   *
   * @param args {@code --device} and "cpu", "cuda" or "cuda:1"
   */
  public static void main(String[] args) {
    String device = args[1];
    try (Engine engine = Engine.open(device, 1, Precision.FP32)) {
      engine.describe().forEach((name, value) -> System.out.println("  " + name + ": " + value));
    } catch (BackendException | IllegalStateException e) {
      System.err.println("quickstudy: " + e.getMessage());
      System.exit(1);
    }
    Found f = new DeviceChecks().run(device, System.out::println);
    f.failures().forEach(System.out::println);
    System.out.printf(
        Locale.ROOT,
        "%s: %d checks passed, %d failed, %d skipped on %s%n",
        f.allPassed() ? "OK" : "FAILED",
        f.passed(),
        f.failed(),
        f.skipped(),
        device);
    System.exit(f.allPassed() ? 0 : 1);
  }

  @Override
  public Found run(String device, Consumer<String> progress) {
    System.setProperty(CheckedDevice.PROPERTY, device);
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClasspathRoots(Set.of(classes())))
            .filters(includeTags(CheckedDevice.kind()), includeClassNamePatterns(".*Test"))
            .build();
    progress.accept(
        "  every op on " + device + " alone; what needs GPU emulation, a checkout tests");
    Count count = new Count(progress);
    PrintStream out = System.out;
    System.setOut(System.err); // what tests say is no result
    try {
      LauncherFactory.create().execute(request, count);
    } finally {
      System.setOut(out);
    }
    return new Found(count.passed, count.failed, count.skipped, count.failures);
  }

  /** The folder that the tests lie in. */
  private static Path classes() {
    try {
      return Path.of(
          DeviceChecks.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("a folder that is no address", e);
    }
  }

  /** Counts, and prints each failure and a line for every group of checks. */
  private static final class Count implements TestExecutionListener {
    private static final int SHOWN = 20;

    private final Consumer<String> progress;
    private final List<String> failures = new ArrayList<>();
    private TestPlan plan;
    private int passed;
    private int failed;
    private int skipped;
    private int before;

    Count(Consumer<String> progress) {
      this.progress = progress;
    }

    @Override
    public void testPlanExecutionStarted(TestPlan started) {
      plan = started;
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      skip(test, reason);
    }

    private void skip(TestIdentifier test, String reason) {
      skipped++;
      progress.accept("  SKIPPED %s: %s".formatted(name(test), reason));
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      switch (result.getStatus()) {
        case SUCCESSFUL -> passed += test.isTest() ? 1 : 0;
        case ABORTED ->
            skip(test, result.getThrowable().map(Throwable::getMessage).orElse("no reason given"));
        case FAILED -> {
          failed++;
          if (failed <= SHOWN) {
            String why = result.getThrowable().map(Throwable::toString).orElse("no reason");
            failures.add("FAILED %s: %s".formatted(name(test), why));
          }
        }
      }
      int done = passed + failed + skipped;
      if (test.isContainer() && done > before) {
        progress.accept("  %s: %s checks".formatted(name(test), done - before));
        before = done;
      }
    }

    private String name(TestIdentifier test) {
      String of = plan.getParent(test).map(p -> p.getDisplayName() + " ").orElse("");
      return of + test.getDisplayName();
    }
  }
}
