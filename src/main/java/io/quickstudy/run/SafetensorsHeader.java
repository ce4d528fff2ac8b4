package io.quickstudy.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.quickstudy.text.Names;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file, whoever wrote it: the type, shape and place of each tensor.
 * Reading trusts nothing: the places must cover the data exactly, without gaps or overlaps, and
 * hold what the shapes say. It is read as a stream, so that memory is bounded by the header's
 * length, whatever it says.
 *
 * @param metadata texts by name, as their writer left them
 * @param entries the tensors in the order of their places
 */
public record SafetensorsHeader(Map<String, String> metadata, List<Entry> entries) {
  /** Bytes at the start of a file that say how long the header is. */
  public static final int LENGTH_BYTES = 8;

  /** The name under which a header has texts, which therefore no tensor can have. */
  public static final String METADATA = "__metadata__";

  // the format's own limit is 100 MB; no model here comes near this
  private static final int MAX_BYTES = 16 << 20;
  private static final int MAX_RANK = 32;
  private static final Map<String, Integer> SIZES =
      Map.ofEntries(
          Map.entry("BOOL", 1),
          Map.entry("U8", 1),
          Map.entry("I8", 1),
          Map.entry("F8_E5M2", 1),
          Map.entry("F8_E4M3", 1),
          Map.entry("I16", 2),
          Map.entry("U16", 2),
          Map.entry("F16", 2),
          Map.entry("BF16", 2),
          Map.entry("I32", 4),
          Map.entry("U32", 4),
          Map.entry("F32", 4),
          Map.entry("I64", 8),
          Map.entry("U64", 8),
          Map.entry("F64", 8));
  // names are read once: a table of them would only be a target
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  /**
   * One tensor.
   *
   * @param name its name
   * @param dtype its type by the format's name, such as "F32"
   * @param shape its extents, each 0 or more
   * @param begin where it begins, in bytes behind the header
   * @param end where it ends
   */
  public record Entry(String name, String dtype, List<Long> shape, long begin, long end) {}

  /**
   * Checks how long a file says its header is.
   *
   * @param file what to call it in messages
   * @param length what its first eight bytes say
   * @param size bytes of the file
   * @throws RunException if it cannot be
   */
  public static int length(String file, long length, long size) {
    long most = Math.min(MAX_BYTES, size - LENGTH_BYTES);
    if (length < 2 || length > most) {
      throw bad(file, "its header says it has " + length + " bytes", "2 to " + most);
    }
    return (int) length;
  }

  /**
   * Reads a header.
   *
   * @param file what to call it in messages
   * @param text the header
   * @param data bytes behind it
   * @throws RunException if it is damaged or lies, saying what is wrong with it
   */
  public static SafetensorsHeader parse(String file, byte[] text, long data) {
    try (JsonParser p = JSON.createParser(new String(text, StandardCharsets.UTF_8))) {
      if (p.nextToken() != JsonToken.START_OBJECT) {
        throw bad(file, "its header is no JSON object", "one");
      }
      Map<String, String> metadata = new LinkedHashMap<>();
      List<Entry> entries = new ArrayList<>();
      while (p.nextToken() != JsonToken.END_OBJECT) {
        String name = p.currentName();
        p.nextToken();
        if (name.equals(METADATA)) {
          readMetadata(file, p, metadata);
        } else {
          if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw bad(file, "a tensor is called '" + shown(name) + "'", "a name in Unicode");
          }
          entries.add(entry(file, p, name, data));
        }
      }
      if (p.nextToken() != null) {
        throw bad(file, "its header goes on behind its end", "blanks");
      }
      entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
      covers(file, entries, data);
      return new SafetensorsHeader(Map.copyOf(metadata), List.copyOf(entries));
    } catch (JsonProcessingException e) {
      String found = "its header is damaged (" + Names.said(e.getOriginalMessage()) + ")";
      throw new RunException(bad(file, found, "JSON").getMessage(), e);
    } catch (IOException e) {
      throw new IllegalStateException("text in memory cannot be read", e);
    }
  }

  private static void readMetadata(String file, JsonParser p, Map<String, String> into)
      throws IOException {
    if (p.currentToken() != JsonToken.START_OBJECT) {
      throw bad(file, "its metadata is " + shown(p.getText()), "texts by name");
    }
    while (p.nextToken() != JsonToken.END_OBJECT) {
      String name = p.currentName();
      if (p.nextToken() != JsonToken.VALUE_STRING) {
        throw bad(file, "its metadata '" + shown(name) + "' is no text", "one");
      }
      into.put(name, p.getText());
    }
  }

  private static Entry entry(String file, JsonParser p, String name, long data) throws IOException {
    String called = "tensor '" + shown(name) + "'";
    if (p.currentToken() != JsonToken.START_OBJECT) {
      throw bad(file, called + " is " + shown(p.getText()), "its type, shape and place");
    }
    String dtype = "";
    List<Long> shape = null;
    List<Long> place = null;
    while (p.nextToken() != JsonToken.END_OBJECT) {
      String key = p.currentName();
      p.nextToken();
      switch (key) {
        case "dtype" -> {
          dtype = p.currentToken() == JsonToken.VALUE_STRING ? shown(p.getText()) : "";
          p.skipChildren(); // of what is no text
        }
        case "shape" -> shape = numbers(file, p, called + " has shape", MAX_RANK);
        case "data_offsets" -> place = numbers(file, p, called + " lies at", 2);
        default -> p.skipChildren();
      }
    }
    if (shape == null || place == null || place.size() != 2) {
      throw bad(
          file, "%s has shape %s at %s".formatted(called, shape, place), "a shape and a place");
    }
    Entry e = new Entry(name, dtype, shape, place.get(0), place.get(1));
    check(file, called, e, data);
    return e;
  }

  private static List<Long> numbers(String file, JsonParser p, String what, int most)
      throws IOException {
    if (p.currentToken() != JsonToken.START_ARRAY) {
      throw bad(file, what + " " + shown(p.getText()), "a list of whole numbers");
    }
    List<Long> numbers = new ArrayList<>();
    while (p.nextToken() != JsonToken.END_ARRAY) {
      if (p.currentToken() != JsonToken.VALUE_NUMBER_INT || numbers.size() == most) {
        String found = "%s %s then '%s'".formatted(what, numbers, shown(p.getText()));
        throw bad(file, found, "at most " + most + " whole numbers");
      }
      numbers.add(p.getLongValue());
    }
    if (numbers.stream().anyMatch(n -> n < 0)) {
      throw bad(file, what + " " + numbers, "no negative numbers");
    }
    return List.copyOf(numbers);
  }

  /** That a tensor lies within the data and takes the room its type and shape say. */
  private static void check(String file, String called, Entry e, long data) {
    String found = "%s of shape %s lies at [%s, %s]".formatted(called, e.shape, e.begin, e.end);
    if (e.begin > e.end || e.end > data) {
      throw bad(file, found, "a place within its " + data + " bytes");
    }
    Integer bytes = SIZES.get(e.dtype);
    if (bytes == null) {
      return; // a type of another time; nobody here reads it
    }
    boolean empty = e.shape.contains(0L);
    long size = empty ? 0 : 1;
    for (long d : e.shape) {
      if (!empty && size > data / bytes / d) {
        throw bad(file, found, "a shape of at most its " + data + " bytes");
      }
      size *= d;
    }
    if (e.end - e.begin != size * bytes) {
      throw bad(file, found, size * bytes + " bytes of type " + e.dtype);
    }
  }

  private static void covers(String file, List<Entry> entries, long data) {
    long expected = 0;
    for (Entry e : entries) {
      if (e.begin != expected) {
        throw bad(
            file, "tensor '%s' begins at byte %s".formatted(shown(e.name), e.begin), "" + expected);
      }
      expected = e.end;
    }
    if (expected != data) {
      throw bad(file, "its tensors end at byte " + expected, data + ", the end of the file");
    }
  }

  /** Foreign text, short enough for a message. */
  static String shown(String text) {
    return Names.shown(text);
  }

  /** The exception for a file that is none. */
  static RunException bad(String file, String found, String expected) {
    return new RunException(
        "File '%s' is no good safetensors file: %s, expected %s; use another file."
            .formatted(file, found, expected));
  }
}
