package io.quickstudy.fuzz;

import com.sun.management.ThreadMXBean;
import io.quickstudy.data.DataException;
import io.quickstudy.run.RunException;
import io.quickstudy.settings.ConfigException;
import java.lang.management.ManagementFactory;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What every parser of foreign files owes: a result or one sentence, and memory in proportion to
 * the input.
 */
public final class Contract {
  private static final int LONGEST_MESSAGE = 2000;
  private static final long MEMORY = 64L << 20;

  /** In all, not at once: the reader of YAML copies what is left of its text every so often. */
  private static final long MEMORY_PER_BYTE = 4096;

  private static final Pattern CLASS = Pattern.compile("\\b(java|com|org)\\.[a-z.]+[A-Z]\\w+");
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Contract() {}

  /**
   * Gives a parser an input.
   *
   * @return whether it took it
   * @throws AssertionError if it broke the contract; any other exception of its own breaks it too
   */
  public static boolean holds(Target target, byte[] input) throws Exception {
    long most = MEMORY + MEMORY_PER_BYTE * input.length;
    long before = THREADS.getCurrentThreadAllocatedBytes();
    boolean taken = takes(target, input);
    if (THREADS.getCurrentThreadAllocatedBytes() - before > most) {
      before = THREADS.getCurrentThreadAllocatedBytes(); // the first time classes are loaded
      taken = takes(target, input);
      long spent = THREADS.getCurrentThreadAllocatedBytes() - before;
      if (spent > most) {
        throw new AssertionError(
            "%s bytes of memory for an input of %s".formatted(spent, input.length));
      }
    }
    return taken;
  }

  private static boolean takes(Target target, byte[] input) throws Exception {
    try {
      target.parse(input);
      return true;
    } catch (RunException | ConfigException | DataException e) {
      sentence(e.getMessage());
      return false;
    }
  }

  /**
   * Checks what a user is told.
   *
   * @throws AssertionError if it is not one line, or too long, or has what does not belong there
   */
  public static void sentence(String message) {
    if (message == null || message.isBlank() || message.length() > LONGEST_MESSAGE) {
      String length = message == null ? "no" : message.length() + " characters of";
      throw new AssertionError(length + " message: " + cut(message));
    }
    if (message.chars().anyMatch(Character::isISOControl)) {
      throw new AssertionError("a message of several lines: " + message);
    }
    if (!message.endsWith(".") && !message.endsWith("?")) {
      throw new AssertionError("a message without an end: " + message);
    }
    if (CLASS.matcher(message).results().map(MatchResult::group).anyMatch(Contract::exists)) {
      throw new AssertionError("a message for programmers: " + message);
    }
  }

  /** Whether there is such a class; inputs that are quoted may only look like one. */
  private static boolean exists(String name) {
    return ClassLoader.getSystemResource(name.replace('.', '/') + ".class") != null;
  }

  private static String cut(String message) {
    return message == null ? "" : message.substring(0, Math.min(200, message.length()));
  }
}
