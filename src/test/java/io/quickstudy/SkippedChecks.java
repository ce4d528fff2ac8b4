package io.quickstudy;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Says which check was skipped and why; Surefire only counts them. JUnit finds it as a service. */
public final class SkippedChecks implements TestExecutionListener {
  private TestPlan plan;

  @Override
  public void testPlanExecutionStarted(TestPlan started) {
    plan = started;
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    say(test, reason);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
      say(test, result.getThrowable().map(Throwable::getMessage).orElse("no reason given"));
    }
  }

  private void say(TestIdentifier test, String reason) {
    String of = plan.getParent(test).map(parent -> parent.getDisplayName() + " ").orElse("");
    System.out.println("SKIPPED " + of + test.getDisplayName() + ": " + reason);
  }
}
