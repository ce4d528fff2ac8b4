package io.quickstudy.cli;

import static io.quickstudy.cli.Ran.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code explain} as a user sees it. */
class ExplainCommandTest {
  @TempDir private Path temporary;

  private Ran trained(Path out, String... more) {
    List<String> args = new java.util.ArrayList<>(List.of("train", "--out", out.toString()));
    args.addAll(List.of("--steps", "3", "--meta-batch", "2", "--eval-episodes", "2"));
    args.addAll(List.of("--eval-every", "0"));
    args.addAll(List.of(more));
    return Ran.of(args.toArray(String[]::new));
  }

  @Test
  void aRunAndAFreshNetwork() throws IOException {
    Path out = temporary.resolve("r");
    assertEquals(0, trained(out, "--data", "sinusoid", "--hidden", "8", "--rate", "0.1").code());
    Path page = temporary.resolve("g.html");
    Ran text =
        Ran.of("explain", "gradients", out.toString(), "--tasks", "3", "--html", page.toString());
    assertEquals("", text.err());
    assertEquals(0, text.code());
    assertTrue(text.out().startsWith("maml on sinusoid, run " + out + ", step 3:"), text.out());
    assertTrue(text.out().contains("A = E[g]"), text.out());
    assertTrue(text.out().contains("At the learner's rate of 0.0100"), text.out());
    assertTrue(Files.readString(page).contains("What the expansions leave over"));
    JsonNode of =
        Ran.of("explain", "gradients", out.toString(), "--tasks=3", "--double", "--json").json();
    assertEquals(3, of.get("step").asInt());
    assertEquals("double precision", of.get("device").asText());
    assertEquals(2, of.at("/methods/reptile/slope").asDouble(), 0.05);
    assertEquals(0.01, of.at("/at_inner_rate/rate").asDouble());
    Ran fresh =
        Ran.of(
            "explain gradients --data sinusoid --hidden 8 --tasks 3 --double --json --learner maml"
                .split(" ", -1));
    assertNotEquals(of.get("a").asDouble(), fresh.json().get("a").asDouble());
    Ran other =
        Ran.of("explain", "gradients", out.toString(), "--tasks=3", "--inner-rate=0.5", "--json");
    assertEquals(0.5, other.json().at("/at_inner_rate/rate").asDouble());
    assertRefused(
        2,
        "Option --hidden with a run",
        Ran.of("explain", "gradients", out.toString(), "--hidden", "9"));
  }

  @Test
  void whatCannotBeExplainedIsOneSentence() {
    assertRefused(2, "TOPIC is missing", Ran.of("explain"));
    assertRefused(2, "Unknown topic 'gradient'", Ran.of("explain", "gradient"));
    assertRefused(2, "does not exist", Ran.of("explain", "gradients", temporary + "/no"));
    assertRefused(2, "Option --tasks is '0'", Ran.of("explain", "gradients", "--tasks", "0"));
    assertRefused(2, "did you mean '--tasks'?", Ran.of("explain", "gradients", "--task", "1"));
    String protonet = "explain gradients --learner protonet --size 14 --blocks 2 --filters 4";
    assertRefused(2, "expected one that adapts by gradient steps", Ran.of(protonet.split(" ", -1)));
  }
}
