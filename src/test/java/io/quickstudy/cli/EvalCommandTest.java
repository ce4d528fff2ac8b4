package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code quickstudy eval} as a user sees it: several kinds of tasks, other tasks, other steps. */
class EvalCommandTest {
  @TempDir private static Path temporary;
  private static Path run;

  @BeforeAll
  static void train() {
    run = temporary.resolve("run");
    Stream<String> small =
        Stream.of("train", "--size=14", "--blocks=2", "--filters=4", "--ways=5", "--steps=12");
    Stream<String> more =
        Stream.of("--val-episodes=20", "--eval-episodes=20", "--eval-every=4", "--out=" + run);
    Ran r = Ran.of(Stream.concat(Stream.concat(small, Stream.of("--device=cpu")), more).toArray());
    assertEquals(0, r.code(), r.err());
    String last = r.out().lines().toList().getLast();
    assertTrue(last.matches(".*, step \\d+, the best by validation"), last);
  }

  private static Ran eval(String... more) {
    Stream<String> usual = Stream.of("eval", run.toString(), "--device=cpu", "--episodes=30");
    return Ran.of(Stream.concat(usual, Stream.of(more)).toArray());
  }

  @Test
  void severalShotsAreATableAndAnArray() throws IOException {
    JsonNode all = eval("--shots=1,3", "--ways=3,5", "--queries=2", "--json").json();
    assertEquals(4, all.size());
    List<String> forms = List.of("3/1", "3/3", "5/1", "5/3");
    for (int i = 0; i < 4; i++) {
      JsonNode one = all.get(i);
      assertEquals(forms.get(i), one.get("ways") + "/" + one.get("shots"));
    }
    JsonNode alone = eval("--shots=3", "--ways=3", "--queries=2", "--json").json();
    assertEquals(alone.get("value"), all.get(1).get("value"), "as measured alone");
    assertNotEquals(all.get(0).get("value"), all.get(3).get("value"));
    List<String> lines = eval("--shots=1,3", "--queries=2").out().lines().toList();
    assertEquals("protonet on glyphs", lines.get(0));
    assertTrue(
        lines.get(1).matches("  ways  shots +accuracy  log-likelihood +ECE +time"), lines.get(1));
    assertTrue(lines.get(2).matches("     5      1  \\d+\\.\\d\\d% ± .*s"), lines.get(2));
    assertTrue(lines.get(3).startsWith("     5      3  "), lines.get(3));
    assertEquals(
        "  30 tasks of each, 2 queries, test classes of split heldout, device cpu", lines.get(4));
    assertEquals(6, lines.size());
  }

  @Test
  void whatCannotBeMeasuredIsRefusedBeforeTheRest() {
    Ran r = eval("--shots=1,19");
    assertEquals(2, r.code());
    assertEquals("", r.out());
    assertTrue(r.err().contains("an episode needs 34"), r.err());
    assertFalse(r.err().contains("evaluating"), r.err());
    refused("--shots=1,", "Option --shots is '1,': expected one number");
    refused("--ways=5,5", "expected one number, or different ones");
    refused("--shots=1,x", "--shots is 'x': expected a whole number");
    refused("--seed=65536", "expected a number from 0 to 65535");
    refused("--checkpoint=last", "expected best, newest or the number");
  }

  private static void refused(String option, String why) {
    Ran r = eval(option);
    assertEquals(2, r.code());
    assertTrue(r.err().contains(why), r.err());
  }

  @Test
  void aSeedChoosesOtherTasks() throws IOException {
    String key = "log_likelihood";
    JsonNode own = eval("--json").json();
    assertEquals(own.get(key), eval("--seed=0", "--json").json().get(key));
    JsonNode one = eval("--seed=1", "--json").json();
    assertNotEquals(own.get(key), one.get(key));
    assertEquals(1, one.get("task_seed").asInt());
  }

  @Test
  void aTemperatureOfOtherTasksIsSaid() throws IOException {
    Ran same = eval();
    assertTrue(same.out().contains("with temperature"), same.out());
    assertFalse(same.out().contains("the temperature was found"), same.out());
    Ran other = eval("--shots=3", "--queries=2");
    String said =
        "the temperature was found on 20 tasks of validation classes, 5-way 1-shot; here it is"
            + " 5-way 3-shot, for which another may be better";
    assertTrue(other.out().contains("  " + said), other.out());
    JsonNode json = eval("--shots=3", "--json").json();
    assertTrue(json.get("temperature_doubt").asText().startsWith(said));
  }

  @Test
  void whichStepIsMeasuredIsSaid() throws IOException {
    JsonNode best = eval("--json").json();
    assertEquals("best", best.get("checkpoint").asText());
    JsonNode newest = eval("--checkpoint=newest", "--json").json();
    assertEquals(12, newest.get("step").asInt());
    JsonNode step = eval("--checkpoint=" + best.get("step"), "--json").json();
    assertEquals(best.get("value"), step.get("value"));
  }
}
