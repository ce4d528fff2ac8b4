package io.quickstudy;

import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;
import static org.junit.platform.launcher.TagFilter.includeTags;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.runtime.Engine;
import io.quickstudy.suite.CheckedDevice;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * {@code quickstudy check} of the bundle: runs the tests that are tagged with a device's kind on
 * that device alone, for a machine that has no Maven. Exits with 0 if all pass, 1 if one does not
 * or the device cannot be used, 2 for bad usage.
 */
public final class DeviceChecks {
  private static final int WRONG_USAGE = 2;

  private DeviceChecks() {}

  /**
   * Runs the checks.
   *
   * @param args {@code --device cpu|cuda|cuda:1}; nothing for the CPU
   */
  public static void main(String[] args) {
    String device = device(args);
    if (!device.matches("cpu|cuda(:[0-9]{1,4})?")) {
      System.err.printf(
          "quickstudy: Unknown arguments '%s': expected 'check [--device cpu|cuda|cuda:1]'.%n",
          String.join(" ", args));
      System.exit(WRONG_USAGE);
    }
    System.exit(check(device, System.out));
  }

  private static String device(String[] args) {
    if (args.length == 0) {
      return "cpu";
    }
    if (args.length == 1 && args[0].startsWith("--device=")) {
      return args[0].substring("--device=".length());
    }
    return args.length == 2 && args[0].equals("--device") ? args[1] : "";
  }

  /** Checks a device and returns the exit code. */
  static int check(String device, PrintStream out) {
    try (Engine engine = Engine.open(device, 1, Precision.FP32)) {
      out.println("checking " + device);
      engine.describe().forEach((name, value) -> out.println("  " + name + ": " + value));
    } catch (BackendException | IllegalStateException e) {
      System.err.println("quickstudy: " + e.getMessage());
      return 1;
    }
    System.setProperty(CheckedDevice.PROPERTY, device);
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClasspathRoots(Set.of(classes())))
            .filters(includeTags(CheckedDevice.kind()), includeClassNamePatterns(".*Test"))
            .build();
    Count count = new Count(out);
    LauncherFactory.create().execute(request, count);
    boolean well = count.failed == 0 && count.skipped == 0 && count.passed > 0;
    out.printf(
        "%s: %d checks passed, %d failed, %d skipped on %s%n",
        well ? "OK" : "FAILED", count.passed, count.failed, count.skipped, device);
    return well ? 0 : 1;
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

    private final PrintStream out;
    private TestPlan plan;
    private int passed;
    private int failed;
    private int skipped;
    private int before;

    Count(PrintStream out) {
      this.out = out;
    }

    @Override
    public void testPlanExecutionStarted(TestPlan started) {
      plan = started;
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      skipped++;
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      switch (result.getStatus()) {
        case SUCCESSFUL -> passed += test.isTest() ? 1 : 0;
        case ABORTED -> skipped++;
        case FAILED -> {
          failed++;
          if (failed <= SHOWN) {
            out.printf(
                "FAILED %s: %s%n",
                name(test), result.getThrowable().map(Throwable::toString).orElse("no reason"));
          }
        }
      }
      int done = passed + failed + skipped;
      if (test.isContainer() && done > before) {
        out.printf("  %s: %d checks%n", name(test), done - before);
        before = done;
      }
    }

    private String name(TestIdentifier test) {
      String of = plan.getParent(test).map(p -> p.getDisplayName() + " ").orElse("");
      return of + test.getDisplayName();
    }
  }
}
