package io.quickstudy.run;

import io.quickstudy.fuzz.Contract;
import io.quickstudy.fuzz.Scratch;
import io.quickstudy.fuzz.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The smaller files of a run. */
public abstract class RunFilesTarget implements Target {
  private final Path folder = Scratch.folder();
  private final Path file;
  private final RunFolder run = RunFolder.create(folder, Recipes.complete(Map.of()));

  RunFilesTarget(String name) {
    file = folder.resolve(name);
  }

  @Override
  public final void parse(byte[] input) throws IOException {
    Files.write(file, input);
    use(run);
  }

  abstract void use(RunFolder with);

  /** Texts as inputs. */
  static List<byte[]> texts(String... texts) {
    return List.of(texts).stream().map(t -> t.getBytes(StandardCharsets.UTF_8)).toList();
  }

  /** What a device chose. */
  public static final class Choices extends RunFilesTarget {
    /** Begins with none. */
    public Choices() {
      super("choices.json");
    }

    @Override
    void use(RunFolder with) {
      if (with.choices().containsValue(null)) {
        throw new AssertionError("a choice of nothing");
      }
    }

    @Override
    public List<byte[]> seeds() {
      return texts("{}", "{\"cudnn\":\"9.1\", \"convolution 3x3\" : \"algorithm 1\"}\n");
    }

    @Override
    public List<byte[]> extremes() {
      String name = "n".repeat(1 << 19);
      return texts(
          "null",
          "{\"a\":null}",
          "{\"" + name + "\":[]}",
          "[".repeat(1 << 19),
          name,
          " ".repeat(1 << 21));
    }
  }

  /** What a run is trained on. */
  public static final class Data extends RunFilesTarget {
    /** Begins with none. */
    public Data() {
      super("data.json");
    }

    @Override
    void use(RunFolder with) {
      RunData data = with.data().orElseThrow();
      if (data.trainedOf(data.trained()).size() != data.trained().size()) {
        throw new AssertionError("a class that is not itself");
      }
    }

    @Override
    public List<byte[]> seeds() {
      return texts("{\"data\":\"glyphs\",\"sha256\":\"00\",\"trained\":[\"a/b\", \"c\"]}\n");
    }

    @Override
    public List<byte[]> extremes() {
      String name = "n".repeat(1 << 19);
      return texts(
          "null",
          "{}",
          "{\"data\":null,\"sha256\":\"\",\"trained\":[]}",
          "{\"data\":\"\",\"sha256\":\"\",\"trained\":[null]}",
          "{\"data\":\"" + name + "\",\"sha256\":\"\",\"trained\":[\"" + name + "\"]}",
          "{\"" + name + "\":[]}",
          "[".repeat(1 << 19),
          name);
    }
  }

  /** How sure answers may be. */
  public static final class Calibration extends RunFilesTarget {
    /** Begins with none. */
    public Calibration() {
      super("calibration.json");
    }

    @Override
    void use(RunFolder with) {
      for (RunCalibration.Fit f : with.calibration().orElseThrow().fits()) {
        for (double c : new double[] {0, 0.123, 0.9, 1}) {
          RunCalibration.Expected e = f.expected(c);
          boolean none = e.kept() == 0 && Double.isNaN(e.error());
          if (!(e.kept() >= 0 && e.kept() <= 1) || !(none || (e.error() >= 0 && e.error() <= 1))) {
            throw new AssertionError(e);
          }
        }
        f.threshold(0.1);
      }
    }

    @Override
    public List<byte[]> seeds() {
      return texts(
          """
          {"version":1,"step":5,"fits":[{"norm":"support","ways":5,"shots":1,"options":{},
           "tasks":2,"answers":20,"temperature":1.5,"ece":0.1,"tempered":0.05,
           "kept":[{"confidence":0.0,"answers":20,"wrong":4},
                   {"confidence":0.5,"answers":10,"wrong":1}]}]}
          """);
    }

    @Override
    public List<byte[]> extremes() {
      String name = "n".repeat(1 << 18);
      return texts(
          "null",
          "{}",
          "{\"version\":1,\"step\":0,\"fits\":[null]}",
          "{\"version\":1,\"step\":0,\"fits\":[{\"norm\":\"" + name + "\"}]}",
          "[".repeat(1 << 18),
          name);
    }
  }

  /** Lines of metrics. */
  public static final class Log extends RunFilesTarget {
    /** Begins with none. */
    public Log() {
      super("metrics.jsonl");
    }

    @Override
    void use(RunFolder with) {
      boolean validated = with.isValidated(with.logged());
      with.forgetAfter(5);
      if (with.logged() > 5 || (with.isValidated(6) && validated)) {
        throw new AssertionError("lines behind step 5 are still there");
      }
    }

    @Override
    public List<byte[]> seeds() {
      return texts(
          "",
          """
          {"step":0,"device":"cpu","memory_bytes":1024}
          {"step":5,"loss":1.5}
          {"step":5,"split_part":"val","value":0.6}
          """,
          "{\"step\":9,\"split_part\":\"test\"}\r\n\n{\"step\":3");
    }

    @Override
    public List<byte[]> extremes() {
      return texts(
          "{\"step\":1}\n".repeat(1 << 16),
          "[".repeat(1 << 20),
          "{\"step\":" + "9".repeat(1 << 20));
    }
  }

  /** The name of who has a run. */
  public static final class Lock extends RunFilesTarget {
    /** Begins with none. */
    public Lock() {
      super("lock");
    }

    @Override
    void use(RunFolder with) {
      Contract.sentence(RunLock.holder(with.path()) + ".");
    }

    @Override
    public List<byte[]> seeds() {
      return texts("process 17 on host-1.example\n", "");
    }

    @Override
    public List<byte[]> extremes() {
      return texts(
          "process " + "1".repeat(1 << 22) + " on x",
          "process 1 on " + "x".repeat(1 << 22),
          "\n\n");
    }
  }
}
