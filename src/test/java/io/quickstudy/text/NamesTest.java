package io.quickstudy.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NamesTest {
  @Test
  void editsAreCounted() {
    assertEquals(0, Names.edits("", ""));
    assertEquals(3, Names.edits("kitten", "sitting"));
    assertEquals(1, Names.edits("tets", "test"));
    assertEquals(4, Names.edits("", "maml"));
  }

  @Test
  void theNearestNameIsFound() {
    assertEquals(Optional.of("maml"), Names.nearest("MALM", List.of("anil", "maml", "reptile")));
    assertEquals(Optional.empty(), Names.nearest("x", List.of()));
    assertEquals(
        "Unknown learner 'protnet': expected one of maml, protonet; did you mean 'protonet'?",
        Names.unknown("learner", "protnet", List.of("maml", "protonet")));
  }

  @Test
  void theNamesOfOtherProgramsAreKnown() {
    List<String> options =
        List.of("--ways", "--shots", "--steps", "--rate", "--device", "--meta-batch");
    assertEquals(Optional.of("--rate"), Names.nearest("--lr", options));
    assertEquals(Optional.of("--rate"), Names.nearest("--learning_rate", options));
    assertEquals(Optional.of("--steps"), Names.nearest("--epochs", options));
    assertEquals(Optional.of("--meta-batch"), Names.nearest("--batch-size", options));
    assertEquals(Optional.of("--ways"), Names.nearest("--n-way", options));
    assertEquals(Optional.of("--shots"), Names.nearest("--kshot", options));
    assertEquals(Optional.of("--device"), Names.nearest("--gpu", options));
    assertEquals(Optional.of("--device"), Names.nearest("--dvice", options));
    assertEquals(
        Optional.of("inner-rate"), Names.nearest("inner_lr", List.of("inner-rate", "rate")));
    assertEquals(Optional.of("cuda"), Names.nearest("gpu", List.of("auto", "cpu", "cuda")));
  }

  @Test
  void whatIsNearNothingSuggestsNothing() {
    assertEquals(Optional.empty(), Names.nearest("--frobnicate", List.of("--ways", "--shots")));
    assertEquals(Optional.empty(), Names.nearest("mi", List.of("glyphs", "omniglot", "folder")));
    assertEquals(
        "Unknown data 'mi': expected one of glyphs, omniglot.",
        Names.unknown("data", "mi", List.of("glyphs", "omniglot")));
  }

  @Test
  void countsHaveTheirPlurals() {
    assertEquals("1 class", Text.count(1, "class"));
    assertEquals("0 classes", Text.count(0, "class"));
    assertEquals("2 queries", Text.count(2, "query"));
    assertEquals("3 ways", Text.count(3, "way"));
    assertEquals("2 batches", Text.count(2, "batch"));
    assertEquals("5 tasks", Text.count(5, "task"));
  }
}
