package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.train.Sensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All commands on a table of classes, as a user sees them. */
class TableCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path temporary;

  /** Words of a line; a path begins with "@", which is the test's folder. */
  private Ran run(String line) {
    return Ran.of(line.replace("@", temporary + "/").split(" ", -1));
  }

  private String good(String line) {
    Ran r = run(line);
    assertEquals(0, r.code(), r.err());
    return r.out();
  }

  private JsonNode json(String line) throws IOException {
    return JSON.readTree(good(line + " --json"));
  }

  private void refused(int code, String sentence, String line) {
    Ran r = run(line);
    assertEquals("", r.out());
    assertTrue(r.err().contains(sentence), r.err());
    assertEquals(code, r.code(), r.err());
  }

  @BeforeEach
  void train() {
    Sensors.write(temporary.resolve("sensors.csv"), 0, 40, 20);
    good(
        "train --data table:@sensors.csv --out @run --steps 60 --eval-episodes 40"
            + " --val-episodes 20 --queries 5 --device cpu");
    Sensors.write(temporary.resolve("support.csv"), 90, 3, 2);
    Sensors.unnamed(temporary.resolve("query.csv"), 91, 2, 5);
    Sensors.folder(temporary.resolve("queries"), 90, 3, 2, 4);
  }

  @Test
  void aTableGoesTheWholeWayRound() throws IOException {
    assertTrue(json("eval @run").get("value").asDouble() > 0.8);
    assertTrue(json("calibrate @run").get("fits").size() > 0);

    String adapt = "adapt @run --support @support.csv --query ";
    JsonNode unknown = json(adapt + "@query.csv");
    assertEquals(5, unknown.get("rows").asInt());
    assertEquals(0, unknown.get("with_known_class").asInt());
    assertEquals("query.csv:2", unknown.get("predictions").get(0).get("row").asText());
    assertEquals("g9/c91", unknown.get("predictions").get(0).get("prediction").asText());
    assertTrue(good(adapt + "@query.csv").contains("g9/c91"));
    String csv = good(adapt + "@query.csv --csv");
    assertTrue(
        csv.startsWith("row,truth,prediction,confidence,\"p_g9/c90\"")
            || csv.startsWith("row,truth,prediction,confidence,p_g9/c90"),
        csv);

    JsonNode known = json("adapt @run --support @queries --query @queries");
    assertEquals(12, known.get("with_known_class").asInt());
    assertEquals(1.0, known.get("accuracy").asDouble());

    JsonNode suggested = json("suggest @run --support @support.csv --pool @query.csv --n 2");
    assertEquals(2, suggested.get("suggested").size());
    assertTrue(suggested.get("suggested").get(0).get("row").asText().startsWith("query.csv:"));

    good("embed @run @queries --out @f.npy");
    JsonNode embedded = json("embed @run @queries --out @f.csv --neighbours 1");
    assertEquals(1.0, embedded.get("same_class").asDouble());
    List<String> lines = Files.readAllLines(temporary.resolve("f.csv"));
    assertTrue(lines.get(0).startsWith("file,class,f0,f1,"), lines.get(0));
    assertTrue(lines.get(1).startsWith("c90.csv:2,c90,"), lines.get(1));
    good(
        "train --data table:@f.csv --out @of --steps 1 --ways 1 --eval-ways 1 --queries 1"
            + " --eval-queries 1 --device cpu");

    JsonNode onnx = json("export @run --onnx @m.onnx --support @support.csv");
    assertEquals("g9/c90", onnx.get("classes").get(0).asText());
    assertTrue(good("export @run --onnx @n.onnx").contains("in   x [batch, 10]"));
    good("report @run --out @report.html");
    assertTrue(Files.readString(temporary.resolve("report.html")).contains("class=\"profile\""));
  }

  @Test
  void runsOnATableAreCompared() throws IOException {
    good(
        "train --data table:@sensors.csv --learner r2-d2 --out @other --steps 20 --eval-episodes 40"
            + " --val-episodes 20 --queries 5 --device cpu");
    String compared = good("compare @run @other --episodes 40");
    assertTrue(compared.contains("r2-d2"), compared);
  }

  @Test
  void whatDoesNotFitIsOneSentence() throws IOException {
    String support = "adapt @run --support @support.csv --query ";
    refused(1, "does not exist", support + "@none.csv");
    refused(1, "does not say of which class", "adapt @run --support @query.csv --query @query.csv");
    refused(2, "expected none, since its examples are no pictures", support + "@query.csv --trim");
    Files.writeString(temporary.resolve("wrong.csv"), "x,y\n1,2\n");
    refused(1, "has no column 'told0'", support + "@wrong.csv");
    Files.writeString(temporary.resolve("wrong.csv"), "x,y\n1,two\n");
    refused(1, "'two' in column 2 ('y')", support + "@wrong.csv");
    Files.writeString(temporary.resolve("one.csv"), "class,x\na,1\n");
    refused(1, "holds one class, 'a'", "adapt @run --support @one.csv --query @query.csv");
    refused(1, "has no column 'told0'", "export @run --onnx @m --support @one.csv");
    refused(
        2,
        "say --data table:" + temporary.resolve("queries"),
        "train --data " + temporary.resolve("queries"));
  }
}
