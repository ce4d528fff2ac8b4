package io.quickstudy.suite;

/**
 * The one device that is checked, if the system property {@value #PROPERTY} names one: "cpu",
 * "cuda" or "cuda:1". Without it the tests try all that there is, a GPU's emulator included.
 */
public final class CheckedDevice {
  /** Names the device. */
  public static final String PROPERTY = "quickstudy.check.device";

  private CheckedDevice() {}

  private static String name() {
    return System.getProperty(PROPERTY, "");
  }

  /** Whether one device is to be checked alone. */
  public static boolean given() {
    return !name().isEmpty();
  }

  /** Whether that is a GPU; then a machine without one fails, where it else skips. */
  public static boolean isCuda() {
    return kind().equals("cuda");
  }

  /** "cpu" or "cuda", which is also the tag of the tests that try it; empty for all devices. */
  public static String kind() {
    return name().split(":", 2)[0];
  }

  /** The GPU's number. */
  public static int index() {
    return name().contains(":") ? Integer.parseInt(name().split(":", 2)[1]) : 0;
  }
}
