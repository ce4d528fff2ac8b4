import java.util.List;

/**
 * Runs a command with JAVA_HOME set to the JDK that this program runs on: Maven's exec plugin
 * follows the toolchain for the command {@code java} alone.
 */
final class WithJdk {
  public static void main(String[] command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(List.of(command)).inheritIO();
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    System.exit(builder.start().waitFor());
  }
}
