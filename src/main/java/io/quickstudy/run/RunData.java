package io.quickstudy.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The images or vectors that a run is trained on, as far as it takes to recognise them: data.json.
 *
 * @param data the data and its split in words
 * @param sha256 of classes, split and pixels, {@link io.quickstudy.data.Fingerprint}
 * @param trained the names of the classes that are trained on
 * @param attributes the names of what describes classes, in their order; often none
 * @param columns what the numbers of a vector are called, in their order; none of images, and where
 *     they have no names
 */
public record RunData(
    @JsonProperty(required = true) String data,
    @JsonProperty(required = true) String sha256,
    @JsonProperty(required = true) List<String> trained,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> attributes,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> columns) {

  /**
   * Copies the lists; nothing may be null but attributes and columns, which data without them
   * lacks.
   */
  public RunData {
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(sha256, "sha256");
    trained = List.copyOf(trained);
    attributes = attributes == null ? List.of() : List.copyOf(attributes);
    columns = columns == null ? List.of() : List.copyOf(columns);
  }

  /** Of classes that are shown and not described, by images. */
  public RunData(String data, String sha256, List<String> trained) {
    this(data, sha256, trained, List.of(), List.of());
  }

  /** How data of now differs, for a sentence. */
  public String change(String now) {
    return now.equals(data)
        ? data + " still, but of other names or values"
        : "%s before, %s now".formatted(data, now);
  }

  /** Those of some classes that have the names of classes that were trained on, in their order. */
  public List<String> trainedOf(List<String> classes) {
    Set<String> known = new HashSet<>(trained);
    return classes.stream().filter(known::contains).toList();
  }
}
