package io.quickstudy.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One side in a process of its own, which waits for its turn: it has its own memory, and its
 * threads sleep while the others run. A {@link Child}, or a program that answers as one does.
 */
final class Peer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> JAVA =
      List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "-XX:+UseSerialGC",
          "-Xmx1g",
          "--enable-native-access=ALL-UNNAMED",
          "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
          "-Dorg.bytedeco.javacpp.maxbytes=0",
          // libtorch's tensors are closed by scopes; a reference for each would only cost it time
          "-Dorg.bytedeco.javacpp.nopointergc=true",
          "-cp",
          System.getProperty("java.class.path"),
          Child.class.getName());

  private final String name;
  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter questions;

  private Peer(String name, List<String> command, Map<String, String> environment) {
    this.name = name;
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().remove("OPENBLAS_CORETYPE");
    builder.environment().putAll(environment);
    try {
      this.process = builder.start();
    } catch (IOException e) {
      throw new BenchmarkException(
          "The process of %s does not start: %s.".formatted(name, e.getMessage()), e);
    }
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.questions =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
  }

  /** Quickstudy on the CPU, with variables added to its environment. */
  static Peer ours(int workers, Map<String, String> environment) {
    return new Peer("Quickstudy", java("ours", "cpu", Integer.toString(workers)), environment);
  }

  /** Quickstudy on the CPU, with the time loop of an LSTM in a form of choice. */
  static Peer ours(int workers, LoopedLstm.Form form) {
    String[] words = {"ours", "cpu", Integer.toString(workers), form.name()};
    return new Peer("Quickstudy", java(words), Map.of());
  }

  /** libtorch. */
  static Peer torch(TorchOptions options) {
    List<String> words = new ArrayList<>(List.of("torch"));
    words.addAll(options.words());
    Map<String, String> environment = new LinkedHashMap<>(options.memory().environment());
    environment.put("OPENBLAS_NUM_THREADS", "1"); // ATen's threads call it, each for itself
    return new Peer("libtorch", java(words.toArray(String[]::new)), environment);
  }

  /** Another program, with one thread for OpenBLAS. */
  static Peer program(String name, List<String> command) {
    return new Peer(name, command, Map.of("OPENBLAS_NUM_THREADS", "1"));
  }

  private static List<String> java(String... words) {
    List<String> command = new ArrayList<>(JAVA);
    command.addAll(List.of(words));
    return command;
  }

  /** Puts a case in place. */
  void open(Path start) {
    ask("open " + start);
  }

  /** Runs so many steps; milliseconds of each. */
  double[] run(int steps) {
    return Arrays.stream(ask("run " + steps).split(" "))
        .mapToDouble(ns -> Long.parseLong(ns) / 1e6)
        .toArray();
  }

  /** What the last step computed, by way of a file. */
  Map<String, Values> results(Path file) {
    ask("results " + file);
    return CaseFile.read(file).values();
  }

  /** Versions and memory. */
  JsonNode status() {
    try {
      return JSON.readTree(ask("status"));
    } catch (IOException e) {
      throw new BenchmarkException("%s gives no status: %s.".formatted(name, e.getMessage()), e);
    }
  }

  /** The answer to a question. */
  String ask(String question) {
    String answer = null;
    try {
      questions.write(question + "\n");
      questions.flush();
      answer = answers.readLine();
    } catch (IOException e) {
      // the pipe is broken: the same as no answer
    }
    if (answer == null) {
      throw new BenchmarkException(
          "%s ended at '%s': expected an answer; what it said is above.".formatted(name, question));
    }
    return answer;
  }

  @Override
  public void close() {
    try {
      questions.close(); // the end of its input ends it
      process.waitFor();
    } catch (IOException e) {
      process.destroy();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
    }
  }
}
