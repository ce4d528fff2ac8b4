package io.quickstudy.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.text.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A small file of a run's folder that is read and written as a whole.
 *
 * @param path where it is, or would be
 * @param most bytes; a larger one is not read
 * @param type of what is in it
 * @param kind what is in it, for a sentence: "texts by name"
 * @param expected what is expected of it, and the repair, for a sentence
 */
record JsonFile<T>(Path path, long most, TypeReference<T> type, String kind, String expected) {
  /** Reads and writes every JSON of a run but checkpoints: one value, and nothing behind it. */
  static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * What is in it; nothing if there is no such file.
   *
   * @throws RunException if it cannot be read, or holds something else
   */
  Optional<T> read() {
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    try {
      if (Files.size(path) > most) {
        throw new IOException("it has " + Files.size(path) + " bytes");
      }
      T value = JSON.readValue(Files.readAllBytes(path), type);
      if (value == null) {
        throw new IOException("it has null where " + kind + " should be");
      }
      return Optional.of(value);
    } catch (JsonMappingException e) {
      throw unreadable("it holds other things than " + kind, e);
    } catch (JsonProcessingException e) {
      throw unreadable(e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw unreadable(SafeFiles.reason(e), e);
    }
  }

  /** Why it is of no use. */
  RunException unreadable(String why, Exception cause) {
    return new RunException(
        "File '%s' cannot be read (%s): expected %s.".formatted(path, Names.said(why), expected),
        cause);
  }

  void write(T value) throws IOException {
    SafeFiles.write(path, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(value));
  }
}
