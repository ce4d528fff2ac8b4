package io.quickstudy.cli;

import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.SupportCheck;
import io.quickstudy.data.Attributes;
import io.quickstudy.data.image.AttributeFile;
import io.quickstudy.data.image.ImageDecoder;
import io.quickstudy.data.image.PictureInk;
import io.quickstudy.data.table.TableRow;
import io.quickstudy.data.table.VectorFile;
import io.quickstudy.data.table.VectorFolder;
import io.quickstudy.exchange.onnx.OnnxExport;
import io.quickstudy.exchange.weights.Weights;
import io.quickstudy.graph.Shape;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.RunAttributes;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunData;
import io.quickstudy.run.RunException;
import io.quickstudy.run.RunFolder;
import io.quickstudy.run.SafeFiles;
import io.quickstudy.run.TaskSettings;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.task.TaskKind;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import io.quickstudy.train.Calibrator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quickstudy export}. */
@Command(
    name = "export",
    description = "Writes what a run learned for other programs.",
    sortOptions = false,
    footer = {
      "",
      "--onnx FILE                 the network: images or rows in, features out",
      "--onnx FILE --support DIR   a classifier of the classes in DIR, or in a table",
      "--onnx FILE --attributes F  the same of classes that a CSV file describes",
      "--safetensors FILE          the weights, for a PyTorch module of these names",
    })
final class ExportCommand implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RUN", description = "the run's folder")
  private Path run;

  @Option(names = "--onnx", paramLabel = "FILE", description = "write an ONNX model")
  private Path onnx;

  @Option(
      names = "--support",
      paramLabel = "DIR|FILE",
      description = "with --onnx: what to adapt to: class folders of images, or a table")
  private Path support;

  @Option(
      names = "--attributes",
      paramLabel = "FILE",
      description = "with --onnx: a CSV file of what each class is like, for runs that take these")
  private Path attributes;

  @Mixin private PictureOptions pictures = new PictureOptions();

  @Option(names = "--safetensors", paramLabel = "FILE", description = "write the weights")
  private Path safetensors;

  @Option(
      names = "--layout",
      paramLabel = "NAME",
      description = "with --safetensors: pytorch (the default), or quickstudy as in checkpoints")
  private String layout;

  @Option(
      names = "--weights-map",
      paramLabel = "FILE",
      description = "with --safetensors: YAML with lines 'our name: their name'")
  private Path map;

  @Mixin private CheckpointOption checkpoint = new CheckpointOption();

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  ExportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    check();
    RunFolder folder = checkpoint.open(run);
    Checkpoint trained = folder.trained(console::message);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("run", run.toString());
    result.put("step", trained.step());
    CheckpointOption.role(folder, trained.step(), result);
    if (safetensors != null) {
      writeWeights(folder.config(), trained, result);
    }
    if (onnx != null) {
      writeOnnx(folder, trained, result);
    }
    say("run %s, %s".formatted(run, folder.inWords(trained.step())));
    if (json) {
      console.json(result);
    }
    return 0;
  }

  /** Refuses options that make no sense, before anything takes time. */
  private void check() {
    if (onnx == null && safetensors == null) {
      throw new ConfigException(
          "Nothing to write: expected --onnx FILE or --safetensors FILE; say one of them.");
    }
    Map<String, String> options = LearnerOptions.given(spec);
    String option =
        options.keySet().stream().findFirst().map(k -> k.replace("eval-", "--")).orElse("");
    boolean adapted = support != null || attributes != null;
    if (onnx == null && (adapted || !options.isEmpty())) {
      throw new ConfigException(
          "Option %s without --onnx: expected a model to adapt; say --onnx FILE as well."
              .formatted(
                  support != null ? "--support" : attributes != null ? "--attributes" : option));
    }
    if (support != null && attributes != null) {
      throw new ConfigException(
          "Options --support and --attributes: expected one of them, as the run was trained; leave"
              + " the other out.");
    }
    if (!adapted && !options.isEmpty()) {
      throw new ConfigException(
          "Option %s without --support: expected examples to adapt to; add --support DIR."
              .formatted(option));
    }
    if (safetensors == null && (layout != null || map != null)) {
      throw new ConfigException(
          "Option %s without --safetensors: expected a file of weights; say --safetensors FILE as well."
              .formatted(layout != null ? "--layout" : "--weights-map"));
    }
    layout();
    pictures.in(AdaptOptions.usual());
    if (support == null && pictures.any()) {
      throw new ConfigException(
          "Options --ink, --fit, --trim and --levels without --support: expected pictures to take"
              + " so; add --support DIR.");
    }
    refuseIfThere(onnx);
    refuseIfThere(safetensors);
  }

  private static void refuseIfThere(Path file) {
    if (file != null && Files.exists(file)) {
      throw new ConfigException(
          "File '%s' exists: expected a new one; delete it or choose another name."
              .formatted(file));
    }
  }

  private Weights.Layout layout() {
    return one(Weights.Layout.values(), "layout", layout == null ? "pytorch" : layout);
  }

  private static <E extends Enum<E>> E one(E[] values, String kind, String text) {
    return Arrays.stream(values)
        .filter(v -> v.name().equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigException(
                    Names.unknown(
                        kind,
                        text,
                        Arrays.stream(values)
                            .map(v -> v.name().toLowerCase(Locale.ROOT))
                            .toList())));
  }

  private void writeWeights(RunConfig config, Checkpoint c, Map<String, Object> result) {
    byte[] bytes = Weights.write(config, c.theta(), layout(), Optional.ofNullable(map));
    write(safetensors, bytes);
    result.put("safetensors", safetensors.toString());
    say(
        "wrote %s, %s in the layouts of %s"
            .formatted(
                safetensors,
                Text.count(c.theta().size(), "tensor"),
                layout() == Weights.Layout.PYTORCH ? "PyTorch" : "a checkpoint"));
    if (layout() == Weights.Layout.PYTORCH) {
      Weights.advice(config).ifPresent(console::message);
    }
  }

  private void writeOnnx(RunFolder folder, Checkpoint c, Map<String, Object> result) {
    RunConfig config = folder.config();
    OnnxExport.OnnxFile file =
        support == null && attributes == null
            ? OnnxExport.backbone(config, c.theta(), c.step())
            : adapted(folder, c, result);
    write(onnx, file.bytes());
    result.put("onnx", onnx.toString());
    result.put("outputs", List.copyOf(file.outputs().keySet()));
    say("wrote %s, %s KiB".formatted(onnx, (file.bytes().length + 1023) / 1024));
    say("  in   " + port(config.pictures() ? "images" : "x", inputs(config)));
    file.outputs().forEach((n, dims) -> say("  out  " + port(n, dims)));
    say(
        "  with "
            + file.operators().entrySet().stream()
                .map(e -> e.getValue() + " " + e.getKey())
                .collect(Collectors.joining(", ")));
    OnnxExport.advice(config).ifPresent(console::message);
  }

  private static List<Long> inputs(RunConfig c) {
    long channels = c.tasks().channels();
    long size = c.tasks().size();
    return c.pictures()
        ? List.of(-1L, channels, size, size)
        : List.of(-1L, (long) c.data().example(c.request()).size());
  }

  private static String port(String name, List<Long> dims) {
    return name
        + " "
        + dims.stream()
            .map(d -> d < 0 ? "batch" : d.toString())
            .collect(Collectors.joining(", ", "[", "]"));
  }

  private OnnxExport.OnnxFile adapted(RunFolder folder, Checkpoint c, Map<String, Object> result) {
    RunConfig config = folder.config();
    if (!config.classifies()) {
      throw new ConfigException(
          "Option %s for a run on '%s': expected a run that classifies; leave it out to export the network."
              .formatted(support != null ? "--support" : "--attributes", config.data().name()));
    }
    RunConfig measured = MeasuringOptions.measured(config, LearnerOptions.given(spec));
    OnnxExport.Examples examples =
        attributes != null || config.taskKind() == TaskKind.ATTRIBUTES
            ? described(folder)
            : config.pictures() ? examples(config) : rows(folder);
    int ways = examples.classes().size();
    boolean fixed = config.learner().ways() != LearnerKind.Ways.ANY;
    int served = config.evaluation().evalWays(); // an episode of training may be several tasks
    if (fixed && served != ways) {
      throw new ConfigException(
          "'%s' holds %s: expected the %s that the run was trained for, since learner '%s' has one output for each; take as many."
              .formatted(support, Text.count(ways, "class"), served, config.learner()));
    }
    result.put("classes", examples.classes());
    say(
        "adapted to %s of %s"
            .formatted(
                Text.count(
                    examples.count(),
                    attributes != null ? "description" : config.pictures() ? "image" : "row"),
                String.join(", ", examples.classes())));
    double temperature = Calibrator.temperature(folder, config, c.step()).orElse(1);
    return OnnxExport.adapted(
        config, c.theta(), c.step(), examples, measured.measured(), temperature);
  }

  /** What the classes are like, as adapt takes it. */
  private OnnxExport.Examples described(RunFolder folder) {
    Optional<Attributes> given =
        Optional.ofNullable(attributes).map(f -> AttributeFile.read(f).attributes());
    List<String> trained = folder.data().map(RunData::attributes).orElse(List.of());
    return OnnxExport.Examples.ofAttributes(
        RunAttributes.chosen(run, folder.config(), trained, given));
  }

  /** The images of the support folder, as adapt takes them, class by class. */
  private OnnxExport.Examples examples(RunConfig config) {
    TaskSettings t = config.tasks();
    AdaptOptions options = pictures.in(AdaptOptions.usual());
    ImageDecoder decoder =
        new ImageDecoder(
            t.size(),
            t.size(),
            t.channels(),
            options.ink().orElse(PictureInk.usual(t.ink())),
            options.framing(t.framing()));
    ImageDecoder.Pictures listed = ImageDecoder.list(support);
    listed.notes().forEach(n -> console.message("in '%s': %s".formatted(support, n)));
    Map<String, List<Path>> found = listed.byFolder();
    List<byte[]> images = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (List<Path> files : found.values()) {
      int label = labels.isEmpty() ? 0 : labels.getLast() + 1;
      for (Path file : files) {
        images.add(decoder.decode(ImageDecoder.bytes(file), file.toString()));
        labels.add(label);
        names.add(file.toString());
      }
    }
    Shape shape = Shape.of(t.size(), t.size(), t.channels());
    warn(images, labels, names);
    return OnnxExport.Examples.ofImages(images, shape, labels, List.copyOf(found.keySet()));
  }

  /** The rows of the support, as adapt takes them, class by class. */
  private OnnxExport.Examples rows(RunFolder folder) {
    Adapting.noPictureOptions(Query.Kind.ROWS, pictures);
    List<String> columns = folder.data().map(RunData::columns).orElse(List.of());
    int width = folder.config().data().example(folder.config().request()).size();
    Map<String, List<float[]>> classes = new LinkedHashMap<>();
    for (VectorFile file : VectorFolder.of(support).read()) {
      VectorFile f = file.ordered(columns, "the run's training", true).wide(width, "in the run");
      for (TableRow r : f.rows()) {
        classes.computeIfAbsent(f.classOf(r), n -> new ArrayList<>()).add(r.numbers());
      }
    }
    if (classes.containsKey("") || classes.size() < 2) {
      throw new ConfigException(
          "Table '%s' is of %s: expected rows of at least 2 classes, as a column 'class' or the names of files say; add them."
              .formatted(support, classes.containsKey("") ? "rows without a class" : "one class"));
    }
    List<float[]> all = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (List<float[]> rows : classes.values()) {
      int label = labels.isEmpty() ? 0 : labels.getLast() + 1;
      rows.forEach(r -> labels.add(label));
      all.addAll(rows);
    }
    return OnnxExport.Examples.ofRows(all, labels, List.copyOf(classes.keySet()));
  }

  private void warn(List<byte[]> images, List<Integer> labels, List<String> names) {
    int size = images.isEmpty() ? 0 : images.getFirst().length;
    float[] x = new float[images.size() * size];
    for (int i = 0; i < x.length; i++) {
      x[i] = (images.get(i / size)[i % size] & 255) / 255f;
    }
    int[] of = labels.stream().mapToInt(Integer::intValue).toArray();
    SupportCheck.doubts(true, x, size, of, names).forEach(console::message);
  }

  private void write(Path file, byte[] bytes) {
    try {
      SafeFiles.write(file, bytes);
    } catch (IOException e) {
      throw new RunException(
          "File '%s' cannot be written (%s): expected room and the right to write; check the path."
              .formatted(file, SafeFiles.reason(e)),
          e);
    }
  }

  private void say(String line) {
    if (!json) {
      console.out().println(line);
    }
  }
}
