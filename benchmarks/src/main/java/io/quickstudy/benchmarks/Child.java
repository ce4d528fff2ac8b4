package io.quickstudy.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * One side in a process of its own, started by {@link Peer}. It answers each line on standard input
 * with one line:
 *
 * <pre>
 * open FILE      "ok", once that case is in place
 * run N          N times in nanoseconds
 * results FILE   "ok", once the file has them
 * status         versions and memory as JSON
 * </pre>
 */
final class Child {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<String> how;
  private Side side;
  private long ready;

  private Child(List<String> how) {
    this.how = how;
  }

  /** Takes "ours" or "torch", and how to set that up. */
  public static void main(String[] args) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err); // the libraries may talk
    Child child = new Child(List.of(args));
    BufferedReader questions =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = questions.readLine(); line != null; line = questions.readLine()) {
      answers.println(child.answer(line.split(" ", 2)));
    }
    child.close();
  }

  private void open(CaseFile start) {
    close();
    side =
        how.get(0).equals("ours")
            ? ours(start, Integer.parseInt(how.get(2)))
            : Torch.open(start, TorchOptions.of(how.subList(1, how.size())));
    ready = memory("VmRSS:");
  }

  private Ours ours(CaseFile start, int workers) {
    return how.size() > 3
        ? Ours.open(start, new LoopedLstm(LoopedLstm.Form.valueOf(how.get(3))), workers)
        : Ours.open(start, workers);
  }

  private void close() {
    if (side != null) {
      side.close();
    }
  }

  private String answer(String[] question) throws IOException {
    return switch (question[0]) {
      case "open" -> {
        open(CaseFile.read(Path.of(question[1])));
        yield "ok";
      }
      case "run" -> run(Integer.parseInt(question[1]));
      case "results" -> {
        new CaseFile(side.results(), Map.of()).write(Path.of(question[1]));
        yield "ok";
      }
      case "status" -> JSON.writeValueAsString(status());
      default -> throw new IllegalArgumentException("question '" + question[0] + "'");
    };
  }

  private String run(int steps) {
    StringJoiner times = new StringJoiner(" ");
    for (int i = 0; i < steps; i++) {
      long start = System.nanoTime();
      side.run();
      times.add(Long.toString(System.nanoTime() - start));
    }
    return times.toString();
  }

  private Map<String, Object> status() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("versions", side.versions());
    m.put("ready_mib", ready);
    m.put("peak_mib", memory("VmHWM:"));
    if (side instanceof Ours ours) {
      m.put("program_mib", ours.bytes() >> 20);
    }
    return m;
  }

  /** A line of the kernel's report on this process, in MiB; 0 where there is none. */
  static long memory(String line) {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(l -> l.startsWith(line))
          .mapToLong(l -> Long.parseLong(l.replaceAll("[^0-9]", "")) / 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0; // no Linux
    }
  }
}
