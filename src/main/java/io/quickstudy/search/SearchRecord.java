package io.quickstudy.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.quickstudy.nn.Cell;
import io.quickstudy.run.RunException;
import io.quickstudy.run.SafeFiles;
import io.quickstudy.settings.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a search has measured, as its folder keeps it: {@code search.json}, always whole. */
final class SearchRecord {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Path file;
  private final SearchPlan plan;
  private final List<Measured> measured = new ArrayList<>();

  private SearchRecord(Path file, SearchPlan plan) {
    this.file = file;
    this.plan = plan;
  }

  /**
   * The record in a folder; a new one where there is none.
   *
   * @throws ConfigException if it is of another plan
   * @throws RunException if it cannot be read or written
   */
  static SearchRecord open(Path folder, SearchPlan plan) {
    SearchRecord r = new SearchRecord(folder.resolve("search.json"), plan);
    if (Files.exists(r.file)) {
      r.read(folder);
    } else {
      r.write();
    }
    return r;
  }

  private void read(Path folder) {
    try {
      JsonNode root = JSON.readTree(Files.readAllBytes(file));
      JsonNode was = root.path("plan");
      if (!was.equals(JSON.valueToTree(plan()))) {
        throw new ConfigException(
            "Folder '%s' holds a search that was begun with %s: expected the same to go on, and not %s; repeat its options, or choose another --out."
                .formatted(folder, was, JSON.valueToTree(plan())));
      }
      for (JsonNode m : root.path("measured")) {
        measured.add(
            new Measured(
                Cell.parse(m.path("cell").asText()),
                m.path("filters").asInt(),
                m.path("parameters").asLong(),
                m.path("accuracy").asDouble(),
                m.path("ci95").asDouble()));
      }
    } catch (JsonProcessingException | IllegalArgumentException e) {
      if (e instanceof ConfigException c) {
        throw c;
      }
      throw new RunException(
          "File '%s' is no record of a search: expected what search wrote; delete the folder to begin anew."
              .formatted(file),
          e);
    } catch (IOException e) {
      throw new RunException(
          "File '%s' cannot be read (%s): expected a search's record; check its permissions."
              .formatted(file, SafeFiles.reason(e)),
          e);
    }
  }

  private Map<String, Object> plan() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("options", new TreeMap<>(plan.given()));
    m.put("blocks", plan.blocks());
    m.put("keep", plan.keep());
    m.put("parameters", (int) Math.min(Integer.MAX_VALUE, plan.numbers()));
    m.put("final-steps", plan.finalSteps());
    return m;
  }

  private void write() {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("plan", plan());
    root.put("measured", measured.stream().map(SearchRecord::json).toList());
    try {
      Files.createDirectories(file.getParent());
      SafeFiles.write(file, JSON.writeValueAsBytes(root));
    } catch (IOException e) {
      throw new RunException(
          "File '%s' cannot be written (%s): expected room on the disk and the right to write; repair that and run search again."
              .formatted(file, SafeFiles.reason(e)),
          e);
    }
  }

  /** One cell as JSON, as it is printed too. */
  static Map<String, Object> json(Measured m) {
    Map<String, Object> j = new LinkedHashMap<>();
    j.put("cell", m.cell().toString());
    j.put("filters", m.filters());
    j.put("parameters", m.numbers());
    j.put("accuracy", m.accuracy());
    j.put("ci95", m.ci95());
    return j;
  }

  List<Measured> measured() {
    return List.copyOf(measured);
  }

  Optional<Measured> of(Cell cell) {
    return measured.stream().filter(m -> m.cell().equals(cell)).findFirst();
  }

  void add(Measured m) {
    measured.add(m);
    write();
  }
}
