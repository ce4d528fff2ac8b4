package io.quickstudy.cli;

import static io.quickstudy.cli.Ran.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

/** {@code quickstudy check}. */
class CheckCommandTest {
  @Test
  void everyLearnerPasses() throws Exception {
    Ran r = Ran.of("check", "--device", "cpu", "--json");
    assertEquals(0, r.code(), r.err());
    JsonNode json = r.json();
    assertTrue(json.get("passed").asBoolean());
    assertTrue(json.at("/devices/cpu fp32").isObject(), r.out());
    StringBuilder names = new StringBuilder();
    for (JsonNode learner : json.get("learners")) {
      assertTrue(learner.get("passed").asBoolean(), learner.toString());
      assertEquals(4, learner.get("comparisons").size(), learner.toString());
      assertTrue(learner.get("seconds").asDouble() < 60, learner.toString());
      names.append(learner.get("learner").asText()).append(" on ");
      names.append(learner.get("task").asText()).append('\n');
    }
    for (String expected :
        new String[] {
          "maml, batch norm transductive on 3-way 2-shot episodes of 8x8x1",
          "maml on functions",
          "fomaml, batch norm support",
          "protonet, batch norm running",
          "lstm on sequences of 7"
        }) {
      assertTrue(names.toString().contains(expected), names.toString());
    }
    assertTrue(r.err().contains("Ops are not checked here"), r.err());
  }

  @Test
  void oneLearnerIsATable() {
    Ran r = Ran.of("check", "--device", "cpu", "--learner", "fomaml");
    assertEquals(0, r.code(), r.err() + r.out());
    assertEquals("", r.err());
    assertTrue(r.out().contains("gradient against differences"), r.out());
    assertTrue(r.out().contains("skipped: declared first-order"), r.out());
    assertTrue(r.out().endsWith("OK: 15 learners passed, 0 failed" + System.lineSeparator()));
  }

  @Test
  void whatCannotBeCheckedIsOneSentence() {
    assertRefused(2, "did you mean 'maml'?", Ran.of("check", "--learner", "mamml"));
    assertRefused(2, "Unknown device 'gpu'", Ran.of("check", "--device", "gpu"));
    Ran cuda = Ran.of("check", "--device", "cuda:999", "--learner", "lstm");
    assertRefused(1, cuda.err().contains("'cuda:999' is not there") ? "cuda" : "CUDA is not", cuda);
  }
}
