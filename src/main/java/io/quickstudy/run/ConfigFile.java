package io.quickstudy.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Key;
import io.quickstudy.settings.Values;
import io.quickstudy.text.Names;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A configuration as YAML: a flat list of keys. */
public final class ConfigFile {
  private static final ObjectMapper YAML =
      new ObjectMapper(
              YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final String VERSION_KEY = "version";
  private static final int MAX_BYTES = 1 << 20;

  /**
   * The version of runs as they are written. Raised when one that reads older runs alone would
   * misread them; the first had no such key. {@link OldRuns} reads what came before 2.
   */
  private static final int VERSION = 2;

  private ConfigFile() {}

  /**
   * The values that a file gives, as texts; any of the keys may be absent. Relative paths begin at
   * the file's folder, and are given absolute.
   *
   * @throws ConfigException if the file cannot be read, is no flat list, has an unknown key, or is
   *     of a version to come
   */
  public static Map<String, String> read(Path file) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1); // it may be no file that has a size
    } catch (NoSuchFileException e) {
      throw new ConfigException(
          "Configuration '%s' does not exist: expected a YAML file; check the path."
              .formatted(file),
          e);
    } catch (IOException e) {
      throw new ConfigException(
          "Configuration '%s' cannot be read (%s): expected a YAML file; check the path."
              .formatted(file, Files.isDirectory(file) ? "it is a folder" : SafeFiles.reason(e)),
          e);
    }
    if (bytes.length > MAX_BYTES) {
      throw new ConfigException(
          "File '%s' is too long: expected a configuration of at most 1 MiB; name another."
              .formatted(file));
    }
    Map<String, String> texts = parse(file.toString(), bytes);
    // what comes through a pipe has no place
    Path folder = Files.isRegularFile(file) ? file.toAbsolutePath().getParent() : Path.of("");
    return Recipes.normalise(texts, folder);
  }

  /** As {@link #parse(String, String)}, of bytes that have to be UTF-8. */
  static Map<String, String> parse(String file, byte[] yaml) {
    try {
      return parse(
          file, StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(yaml)).toString());
    } catch (CharacterCodingException e) {
      throw new ConfigException(
          "Configuration '%s' is no YAML (it is no UTF-8): expected lines such as 'ways: 5'; correct it."
              .formatted(file),
          e);
    }
  }

  /**
   * The values that a text gives.
   *
   * @param file what to call it in messages
   * @throws ConfigException as {@link #read}
   */
  static Map<String, String> parse(String file, String yaml) {
    JsonNode root = tree("Configuration '" + file + "'", yaml);
    checkVersion(file, root.path(VERSION_KEY));
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> e : root.properties()) {
      if (!e.getKey().equals(VERSION_KEY)) {
        texts.put(e.getKey(), text(file, e));
      }
    }
    if (root.path(VERSION_KEY).asInt() < VERSION) {
      texts = OldRuns.upgrade(texts);
    }
    texts = OldRuns.completed(texts);
    if (!ofClass(texts, "learner") && !ofClass(texts, "model")) { // whose options are known later
      texts.keySet().forEach(key -> known(file, key));
    }
    return texts;
  }

  private static boolean ofClass(Map<String, String> texts, String key) {
    return NamedChoices.isClass(texts.getOrDefault(key, ""));
  }

  /**
   * A text as YAML: a block of keys, empty where there is nothing.
   *
   * @param what to call it in messages
   * @throws ConfigException if it is none
   */
  static JsonNode tree(String what, String yaml) {
    JsonNode root;
    try {
      root = YAML.readTree(yaml);
    } catch (IOException e) {
      throw new ConfigException(
          "%s is no YAML (%s): expected lines such as 'ways: 5'; correct it."
              .formatted(what, where(e)),
          e);
    }
    if (root.isMissingNode() || root.isNull()) {
      return YAML.createObjectNode();
    }
    if (!root.isObject()) {
      throw new ConfigException(
          "%s is no list of keys: expected lines such as 'ways: 5'; correct it.".formatted(what));
    }
    return root;
  }

  /** Before anything else is read, since a version to come may have other keys. */
  private static void checkVersion(String file, JsonNode version) {
    if (version.isMissingNode()) {
      return;
    }
    if (!version.canConvertToInt() || !version.isIntegralNumber() || version.asInt() < 1) {
      throw new ConfigException(
          "Configuration '%s' has version '%s': expected a number from 1 to %s; correct it."
              .formatted(
                  file,
                  version.isValueNode() ? Names.shown(version.asText()) : "a block",
                  VERSION));
    }
    if (version.asInt() > VERSION) {
      throw new ConfigException(
          ("Configuration '%s' has version %s: expected at most %s; a newer Quickstudy wrote it, "
                  + "so use that one.")
              .formatted(file, version.asInt(), VERSION));
    }
  }

  private static String where(IOException e) {
    if (!(e instanceof JsonProcessingException p)) {
      return SafeFiles.reason(e);
    }
    String message =
        p.getOriginalMessage()
            .replaceAll("(?s)^Duplicate field '(.*)'.*", "the key '$1' is there twice")
            .replaceAll("(?s)^Trailing token.*", "something follows the list of keys");
    return p.getLocation() == null
        ? Names.said(message)
        : "line " + p.getLocation().getLineNr() + ": " + Names.said(message);
  }

  private static void known(String file, String key) {
    List<String> names = RunKeys.names();
    if (!names.contains(key)) {
      throw new ConfigException(
          "Configuration '%s' has the unknown key '%s'; %s"
              .formatted(
                  file,
                  Names.shown(key),
                  Names.hint("", key, names, "'quickstudy train --help' lists all.")));
    }
  }

  private static String text(String file, Map.Entry<String, JsonNode> e) {
    JsonNode value = e.getValue();
    if (value.isNull()) {
      return "";
    }
    if (value.isArray()) {
      List<String> parts = new ArrayList<>();
      value.forEach(v -> parts.add(v.asText()));
      return String.join(",", parts);
    }
    if (!value.isValueNode()) {
      throw new ConfigException(
          "Configuration '%s' has a block under '%s': expected one value; correct it."
              .formatted(file, e.getKey()));
    }
    return value.asText();
  }

  /** The file that says everything about a run, under headings. */
  public static String write(RunConfig config) {
    return write(config, Map.of());
  }

  private static String write(RunConfig config, Map<String, String> instead) {
    StringBuilder s = new StringBuilder();
    s.append("# Everything about this run; quickstudy train --config FILE makes it again.\n");
    s.append(VERSION_KEY).append(": ").append(VERSION).append('\n');
    Map<String, Object> values = RunKeys.values(config);
    values.putAll(instead);
    RunKeys.of(config.learner(), config.model())
        .forEach(
            (group, keys) -> {
              s.append("\n# ").append(group.heading()).append('\n');
              for (Key k : keys) {
                s.append(k.name()).append(": ").append(yaml(values.get(k.name()))).append('\n');
              }
            });
    return s.toString();
  }

  private static String yaml(Object value) {
    if (value instanceof List<?> l) {
      return l.toString();
    }
    if (!(value instanceof String s)) {
      return Values.format(value);
    }
    if (s.matches("[A-Za-z/][A-Za-z0-9_./-]*") && !s.equalsIgnoreCase("null")) {
      return s;
    }
    try {
      return new ObjectMapper().writeValueAsString(s); // a JSON string is YAML
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a string that JSON cannot hold: " + s, e);
    }
  }

  /** The bytes of {@link #write}. */
  static byte[] bytes(RunConfig config) {
    return write(config).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The bytes of a run's file. Paths below its folder are relative to it, so that they move with
   * it, as are those that somebody made relative in the file that is there; others are absolute.
   */
  static byte[] bytes(RunConfig config, Path file) {
    Path folder = file.toAbsolutePath().normalize().getParent();
    Map<String, String> before = kept(file);
    Map<String, String> instead = new LinkedHashMap<>();
    RunKeys.texts(config)
        .forEach(
            (key, path) -> {
              String was = before.getOrDefault(key, "");
              if (!Recipes.PATHS.contains(key) || path.isEmpty()) {
                return;
              }
              if (!was.isEmpty() && Path.of(path).equals(folder.resolve(was).normalize())) {
                instead.put(key, was);
              } else if (Path.of(path).startsWith(folder)) {
                instead.put(key, folder.relativize(Path.of(path)).toString());
              }
            });
    return write(config, instead).getBytes(StandardCharsets.UTF_8);
  }

  /** The texts of the file that is to be written again; none where it cannot be read. */
  private static Map<String, String> kept(Path file) {
    try {
      return Files.exists(file) ? parse(file.toString(), Files.readAllBytes(file)) : Map.of();
    } catch (IOException | ConfigException e) {
      return Map.of();
    }
  }
}
