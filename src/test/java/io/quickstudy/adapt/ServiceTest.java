package io.quickstudy.adapt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Eight threads that adapt and predict for a minute: right answers, to the last bit, and flat
 * memory. {@code -Dquickstudy.test.seconds=5} makes it shorter.
 */
class ServiceTest {
  private static final double SECONDS =
      Double.parseDouble(System.getProperty("quickstudy.test.seconds", "30"));

  /**
   * What the process may grow by after the warm-up, beside programs, which have a bound of their
   * own: code that is still being compiled. A hundred bytes lost in every call would be several
   * times as much in a minute.
   */
  private static final long GROWTH = 8 << 20;

  @TempDir private Path temporary;

  @Test
  void eightThreadsGetRightAnswersInFlatMemory() throws IOException, InterruptedException {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "only Linux says what a process has");
    Path out = temporary.resolve("out");
    Process p =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                    "-Dorg.bytedeco.javacpp.maxbytes=0",
                    "-XX:+UseSerialGC",
                    // all of the heap at once, so that what grows is something else
                    "-Xms192m",
                    "-Xmx192m",
                    "-XX:+AlwaysPreTouch",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Service.class.getName(),
                    Runs.protonet().toString(),
                    Runs.maml("support").toString(),
                    Double.toString(SECONDS)))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      assertTrue(p.waitFor((long) SECONDS + 120, TimeUnit.SECONDS), "it does not end");
    } finally {
      p.destroyForcibly();
    }
    String text = Files.readString(out);
    assertEquals(0, p.exitValue(), text);
    Map<String, Long> said = new HashMap<>();
    for (String pair : text.strip().split(" ")) {
      said.put(pair.split("=")[0], Long.valueOf(pair.split("=")[1]));
    }
    System.out.println("ServiceTest: " + text.strip());
    assertEquals(0, said.get("wrong"), text);
    assertTrue(said.get("calls") > 100 * SECONDS, text);
    assertTrue(said.get("single") > 0, text);
    assertTrue(said.get("end") <= Service.LANES * said.get("single"), text);
    assertEquals(0, said.get("closed"), text);
    long programs = said.get("end") - said.get("warm");
    assertTrue(said.get("rss-end") - said.get("rss") - programs <= GROWTH, text);
  }
}
