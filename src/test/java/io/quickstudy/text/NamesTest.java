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
}
