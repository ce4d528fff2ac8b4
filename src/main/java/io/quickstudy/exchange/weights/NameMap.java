package io.quickstudy.exchange.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.quickstudy.nn.Norm;
import io.quickstudy.run.SafetensorsHeader;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.text.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which tensors of a file are which parameters of ours: lines "our name: their name" in YAML. A
 * word in braces stands for the same text without dots in both; where that is a number, theirs may
 * be computed from it, as in {i-1} or {4*i-3}. Several of theirs in brackets are added up, and none
 * (~) leaves a parameter as it was drawn.
 */
final class NameMap {
  private static final ObjectMapper YAML =
      new ObjectMapper(
              YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final long MAX_BYTES = 1 << 20;
  private static final int MOST_HOLES = 4;
  private static final int LONGEST = 1000;
  private static final Pattern HOLE =
      Pattern.compile("\\{(?:(\\d{1,6})\\*)?([a-z]+)(?:([+-])(\\d{1,6}))?\\}");

  private final Path file;
  private final List<Rule> rules;

  private NameMap(Path file, List<Rule> rules) {
    this.file = file;
    this.rules = rules;
  }

  /** A line: our name with holes, and theirs. */
  private record Rule(String ours, Pattern pattern, List<String> holes, List<String> theirs) {
    Optional<Map<String, String>> match(String name) {
      Matcher m = pattern.matcher(name);
      if (!m.matches()) {
        return Optional.empty();
      }
      Map<String, String> values = new HashMap<>();
      for (int i = 0; i < holes.size(); i++) {
        values.put(holes.get(i), m.group(i + 1));
      }
      return Optional.of(values);
    }
  }

  /**
   * Reads a file.
   *
   * @throws ConfigException if it cannot be read or a line of it makes no sense
   */
  static NameMap read(Path file) {
    JsonNode root;
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw bad(file, "has " + Files.size(file) + " bytes", "at most 1 MiB");
      }
      root = YAML.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      String message = Names.said(e.getOriginalMessage());
      throw new ConfigException(
          bad(
                  file,
                  "is no YAML (" + message + ")",
                  "lines such as 'conv1.weight: encoder.0.weight', and names that begin with a"
                      + " brace in quotes")
              .getMessage(),
          e);
    } catch (IOException e) {
      String found = Files.exists(file) ? "cannot be read" : "does not exist";
      throw new ConfigException(bad(file, found, "a YAML file").getMessage(), e);
    }
    if (!root.isObject() || root.isEmpty()) {
      throw bad(file, "holds no names", "lines such as 'conv1.weight: encoder.0.weight'");
    }
    List<Rule> rules = new ArrayList<>();
    root.properties().forEach(e -> rules.add(rule(file, e.getKey(), e.getValue())));
    return new NameMap(file, List.copyOf(rules));
  }

  private static ConfigException bad(Path file, String found, String expected) {
    return new ConfigException(
        "Weights map '%s' %s: expected %s; correct it.".formatted(file, found, expected));
  }

  private static Rule rule(Path file, String ours, JsonNode value) {
    List<String> theirs = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(v -> theirs.add(v.isTextual() ? v.asText() : ""));
    } else if (!value.isNull()) {
      theirs.add(value.isValueNode() ? value.asText() : "");
    }
    if (theirs.stream().anyMatch(t -> !named(t))) {
      throw bad(
          file,
          "has %s for '%s'".formatted(Names.shown(value.toString()), Names.shown(ours)),
          "a name, names in brackets, or ~");
    }
    List<String> holes = new ArrayList<>();
    StringBuilder regex = new StringBuilder();
    int last = 0;
    Matcher m = HOLE.matcher(ours);
    while (m.find()) {
      String hole = m.group(2);
      if (computed(m) || holes.contains(hole) || holes.size() == MOST_HOLES) {
        throw bad(
            file,
            "has '" + Names.shown(ours) + "'",
            "at most four braces, each {i} once and without arithmetic");
      }
      holes.add(hole);
      boolean number = theirs.stream().anyMatch(t -> computes(t, hole));
      regex.append(Pattern.quote(ours.substring(last, m.start())));
      regex.append(number ? "(\\d{1,6})" : "([^.]+)");
      last = m.end();
    }
    regex.append(Pattern.quote(ours.substring(last)));
    theirs.forEach(t -> checkHoles(file, ours, t, holes));
    return new Rule(ours, Pattern.compile(regex.toString()), holes, List.copyOf(theirs));
  }

  /** Whether a tensor can have such a name: messages show it, and a file holds it. */
  private static boolean named(String theirs) {
    return !theirs.isEmpty()
        && !theirs.equals(SafetensorsHeader.METADATA)
        && Names.shown(theirs, LONGEST).equals(theirs);
  }

  private static boolean computed(java.util.regex.MatchResult hole) {
    return hole.group(1) != null || hole.group(3) != null;
  }

  private static boolean computes(String theirs, String hole) {
    return HOLE.matcher(theirs).results().anyMatch(m -> m.group(2).equals(hole) && computed(m));
  }

  private static void checkHoles(Path file, String ours, String theirs, List<String> holes) {
    if (HOLE.matcher(theirs).results().anyMatch(m -> !holes.contains(m.group(2)))) {
      throw bad(
          file,
          "has '%s' for '%s'".formatted(Names.shown(theirs), Names.shown(ours)),
          "only what our name has in braces");
    }
  }

  /**
   * Their names for each of ours; none where a parameter stays as it was drawn.
   *
   * @throws ConfigException if one of ours has no line, or a line fits none of ours
   */
  Map<String, List<String>> of(Collection<String> ours) {
    Map<String, List<String>> map = new LinkedHashMap<>();
    List<String> without = new ArrayList<>();
    for (String name : ours) {
      Optional<List<String>> found =
          rules.stream()
              .filter(r -> r.match(name).isPresent())
              .min(java.util.Comparator.comparingInt(r -> r.holes().size()))
              .map(r -> fill(r, name));
      found.ifPresentOrElse(theirs -> map.put(name, theirs), () -> without.add(name));
    }
    for (Rule r : rules) {
      // a map may name statistics that another batch norm than this run's would take
      if (ours.stream().noneMatch(n -> r.match(n).isPresent()) && !Norm.isBuffer(r.ours())) {
        String hint =
            Names.nearest(r.ours(), ours).map(n -> "; did you mean '" + n + "'?").orElse(".");
        throw new ConfigException(
            "Weights map '%s' names '%s', which this model does not have%s"
                .formatted(file, Names.shown(r.ours()), hint));
      }
    }
    if (!without.isEmpty()) {
      throw new ConfigException(
          "Weights map '%s' has no line for %s: expected one for every parameter; add it, or '%s: ~' to leave it as it is drawn."
              .formatted(file, Some.of(without), without.get(0)));
    }
    distinct(map);
    return map;
  }

  private void distinct(Map<String, List<String>> map) {
    Map<String, String> users = new HashMap<>();
    map.forEach(
        (ours, theirs) ->
            theirs.forEach(
                t -> {
                  String other = users.put(t, ours);
                  if (other != null) {
                    throw bad(
                        file,
                        "gives '%s' to both '%s' and '%s'".formatted(Names.shown(t), other, ours),
                        "a tensor for each; is a {i} missing?");
                  }
                }));
  }

  private static List<String> fill(Rule r, String name) {
    Map<String, String> values = r.match(name).orElseThrow();
    return r.theirs().stream()
        .map(t -> HOLE.matcher(t).replaceAll(m -> Matcher.quoteReplacement(value(m, values))))
        .toList();
  }

  private static String value(java.util.regex.MatchResult m, Map<String, String> values) {
    String text = values.get(m.group(2));
    if (!computed(m)) {
      return text;
    }
    long n = Long.parseLong(text) * (m.group(1) == null ? 1 : Long.parseLong(m.group(1)));
    long shift = m.group(4) == null ? 0 : Long.parseLong(m.group(4));
    return Long.toString("-".equals(m.group(3)) ? n - shift : n + shift);
  }
}
