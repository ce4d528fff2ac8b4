package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.adapt.Runs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code quickstudy suggest} as a user sees it. */
class SuggestCommandTest {
  @TempDir private Path temporary;
  private Path support;
  private Path pool;

  private Ran suggest(Path run, String... more) {
    Stream<String> usual =
        Stream.of(
            "suggest", run.toString(), "--support=" + support, "--pool=" + pool, "--device=cpu");
    return Ran.of(Stream.concat(usual, Stream.of(more)).toArray());
  }

  private static void refused(int code, String sentence, Ran r) {
    assertEquals("", r.out());
    assertTrue(r.err().contains(sentence), r.err());
    assertEquals(code, r.code(), r.err());
  }

  @BeforeEach
  void draw() {
    support = temporary.resolve("support");
    pool = temporary.resolve("pool");
    Runs.write(support, 4, 0, 1);
    Runs.write(pool, 4, 10, 3);
  }

  @Test
  void allFormatsSayTheSame() throws IOException {
    for (String by : List.of("entropy", "margin")) {
      Ran table = suggest(Runs.protonet(), "--n", "3", "--by", by);
      assertEquals(0, table.code(), table.err());
      JsonNode json =
          new ObjectMapper()
              .readTree(suggest(Runs.protonet(), "--n=3", "--json", "--by=" + by).out());
      assertEquals(12, json.get("images").asInt());
      assertEquals(3, json.get("suggested").size());
      List<String> csv =
          suggest(Runs.protonet(), "--n=3", "--csv", "--by=" + by).out().lines().toList();
      assertEquals("file,score,prediction,confidence", csv.getFirst());
      List<String> lines = table.out().lines().toList();
      assertEquals("label next, by %s:".formatted(by), lines.get(3));
      for (int i = 0; i < 3; i++) {
        JsonNode s = json.get("suggested").get(i);
        String file = s.get("file").asText();
        assertTrue(csv.get(1 + i).startsWith(file + "," + s.get("score").asText()), csv.get(1 + i));
        assertTrue(lines.get(4 + i).contains(file), lines.get(4 + i));
        assertEquals(4, s.get("probabilities").size());
      }
    }
  }

  @Test
  void aPoolThatIsSmallOrPartlyUnreadable() throws IOException {
    Ran all = suggest(Runs.protonet(), "--n", "99");
    assertEquals(0, all.code(), all.err());
    assertEquals(4 + 12, all.out().lines().count());
    assertTrue(all.err().contains("12 of the 99 that were asked for: the pool has no more"));
    Files.writeString(pool.resolve("c1/torn.png"), "no image");
    Ran some = suggest(Runs.protonet(), "--n", "99", "--json");
    assertEquals(1, some.code());
    JsonNode json = new ObjectMapper().readTree(some.out());
    assertEquals(13, json.get("images").asInt());
    assertEquals(1, json.get("unreadable").asInt());
    assertEquals(12, json.get("suggested").size());
    assertTrue(some.err().contains("1 of 13 images cannot be read; the first: "), some.err());
    assertTrue(some.err().contains("torn.png"), some.err());
    Path empty = Files.createDirectories(temporary.resolve("empty"));
    pool = empty;
    refused(1, "empty", suggest(Runs.protonet()));
    pool = temporary.resolve("none");
    refused(1, "none", suggest(Runs.protonet()));
  }

  @Test
  void badUsageIsOneSentence() {
    refused(2, "--n is '0'", suggest(Runs.protonet(), "--n", "0"));
    refused(2, "did you mean 'margin'?", suggest(Runs.protonet(), "--by", "margn"));
    refused(2, "expected one of them", suggest(Runs.protonet(), "--json", "--csv"));
    refused(2, "answers by one model", suggest(Runs.protonet(), "--by", "disagreement"));
    refused(2, "expected a run that classifies", suggest(Runs.sinusoid()));
    refused(2, "--pool is missing", Ran.of("suggest", Runs.protonet(), "--support", support));
    refused(2, "--support is missing", Ran.of("suggest", Runs.protonet(), "--pool", pool));
    Runs.write(support, 6, 0, 1);
    refused(2, "expected at most 5, the outputs", suggest(Runs.maml("support")));
  }
}
