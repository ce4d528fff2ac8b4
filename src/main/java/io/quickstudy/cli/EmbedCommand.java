package io.quickstudy.cli;

import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.cli.Embedding.Distance;
import io.quickstudy.cli.Embedding.Neighbour;
import io.quickstudy.cli.Embedding.Row;
import io.quickstudy.run.RunException;
import io.quickstudy.run.SafeFiles;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Values;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quickstudy embed}. */
@Command(
    name = "embed",
    description = "Writes what a run's network makes of images or rows: their features.",
    sortOptions = false,
    footer = {
      "",
      "--out FILE.csv   a line for each image: file, class folder, features, error",
      "--out FILE.npy   an array for NumPy, and FILE.names.csv, which says of which images",
      "An image that cannot be read has the reason in its line, and the exit status is 1.",
    })
final class EmbedCommand implements Callable<Integer> {
  private static final String CSV = ".csv";
  private static final String NPY = ".npy";

  private final Console console;

  @Parameters(index = "0", paramLabel = "RUN", description = "the run's folder")
  private Path run;

  @Parameters(
      index = "1",
      paramLabel = "DIR|FILE",
      description = "an image, or a folder of them, in folders of any depth; or a table")
  private Path images;

  @Option(names = "--out", paramLabel = "FILE", description = "what to write: .csv or .npy")
  private Path out;

  @Option(
      names = "--neighbours",
      paramLabel = "K",
      description = "print the K examples nearest to each")
  private String neighbours;

  @Option(
      names = "--by",
      paramLabel = "NAME",
      description = "what is near: euclidean (the default) or cosine")
  private String by;

  @Mixin private PictureOptions pictures = new PictureOptions();

  @Mixin private CheckpointOption checkpoint = new CheckpointOption();

  @Mixin private WorkOptions work = new WorkOptions();

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  EmbedCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    check();
    int k = neighbours == null ? 0 : WorkOptions.number("--neighbours", neighbours, 1);
    Distance distance = distance();
    AdaptOptions options = work.options().checkpoint(checkpoint.choice());
    try (Adapter adapter = Adapter.load(run, pictures.in(options), console::message)) {
      if (!adapter.hasFeatures()) {
        throw new ConfigException(
            "Run '%s' of learner '%s' on '%s' has no features of single examples: expected one such as protonet or maml on classes; use another run."
                .formatted(run, adapter.config().learner(), adapter.config().data().name()));
      }
      Query.Kind kind = Query.Kind.of(adapter);
      Adapting.noPictureOptions(kind, pictures);
      List<Query> queries = Query.list(kind, images);
      Query.leftOut(kind, images, console::message);
      if (adapter.featuresTogether()) {
        console.message(
            "note: batch norm '%s' takes the statistics of all these %ss together, so that features depend on what else is there"
                .formatted(Values.format(adapter.config().network().batchNorm()), kind.noun()));
      }
      Embedding e = embedding(adapter, queries, options.workers() > 1);
      List<Path> written = write(e);
      if (json) {
        console.json(json(adapter, e, written, k, distance));
      } else {
        lines(adapter, e, written, k, distance).forEach(console.out()::println);
      }
      boolean all = e.readable().size() == e.rows().size();
      if (!all) {
        console.message(e.failure());
      }
      return all ? 0 : 1;
    } finally {
      console.endBar();
    }
  }

  /** Refuses what makes no sense, before anything takes time. */
  private void check() {
    if (out == null) {
      throw new ConfigException(
          "Option --out is missing: expected a file to write; say --out FILE.csv or FILE.npy.");
    }
    if (!ends(CSV) && !ends(NPY)) {
      throw new ConfigException(
          "Option --out is '%s': expected a name that ends in .csv or .npy; change it."
              .formatted(out));
    }
    if (by != null && neighbours == null) {
      throw new ConfigException(
          "Option --by without --neighbours: expected neighbours to find; add --neighbours 5.");
    }
    for (Path file : ends(NPY) ? List.of(out, names()) : List.of(out)) {
      if (Files.exists(file)) {
        throw new ConfigException(
            "File '%s' exists: expected a new one; delete it or choose another name."
                .formatted(file));
      }
    }
  }

  private boolean ends(String with) {
    return String.valueOf(out.getFileName()).toLowerCase(Locale.ROOT).endsWith(with);
  }

  /** The file beside an array that says of which images its rows are. */
  private Path names() {
    String name = out.getFileName().toString();
    return out.resolveSibling(name.substring(0, name.length() - NPY.length()) + ".names.csv");
  }

  private Distance distance() {
    if (by == null) {
      return Distance.EUCLIDEAN;
    }
    List<String> known = Arrays.stream(Distance.values()).map(Values::format).toList();
    return Arrays.stream(Distance.values())
        .filter(d -> Values.format(d).equalsIgnoreCase(by))
        .findFirst()
        .orElseThrow(() -> new ConfigException(Names.unknown("distance", by, known)));
  }

  private Embedding embedding(Adapter adapter, List<Query> queries, boolean parallel) {
    List<Row> rows = new ArrayList<>();
    ReadQueries.inCalls(
        adapter,
        queries,
        adapter.featuresTogether(),
        parallel,
        console,
        read -> rows.addAll(rows(adapter, read)));
    return new Embedding(rows);
  }

  private static List<Row> rows(Adapter adapter, ReadQueries read) {
    Iterator<float[]> features = adapter.features(read.inputs()).iterator();
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < read.queries().size(); i++) {
      Query q = read.queries().get(i);
      String error = read.errors().get(i);
      float[] f = error.isEmpty() ? features.next() : new float[0];
      rows.add(new Row(q.name(), q.parent(), f, error));
    }
    return rows;
  }

  private List<Path> write(Embedding e) {
    if (ends(CSV)) {
      write(out, e.csv());
      return List.of(out);
    }
    write(out, e.npy());
    write(names(), e.names());
    return List.of(out, names());
  }

  private static void write(Path file, byte[] bytes) {
    try {
      SafeFiles.write(file.toAbsolutePath(), bytes);
    } catch (IOException e) {
      throw new RunException(
          "File '%s' cannot be written (%s): expected room and the right to write; check the path."
              .formatted(file, SafeFiles.reason(e)),
          e);
    }
  }

  private List<String> lines(Adapter a, Embedding e, List<Path> written, int k, Distance by) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s on %s: %s of %s"
            .formatted(
                a.config().learner(),
                a.config().data().name(),
                Text.count(e.width(), "feature"),
                Query.Kind.of(a).count(e.readable().size())));
    lines.add(
        "  run %s, %s, norm %s, device %s".formatted(run, a.checkpoint(), norm(a), a.device()));
    written.forEach(f -> lines.add("  wrote " + f));
    if (k == 0) {
      return lines;
    }
    lines.add("");
    List<Row> all = e.readable();
    Agreement same = new Agreement();
    for (int i = 0; i < all.size(); i++) {
      List<Neighbour> near = e.nearest(i, k, by);
      same.add(all.get(i), near);
      lines.add(
          all.get(i).file()
              + ": "
              + near.stream()
                  .map(n -> n.row().file() + " " + Text.number(n.distance()))
                  .collect(Collectors.joining(", ")));
    }
    if (same.of > 0) {
      lines.add("");
      lines.add(
          "the nearest is %s for %s of %s (%s%%)"
              .formatted(
                  Query.Kind.of(a) == Query.Kind.IMAGES
                      ? "in the same folder"
                      : "of the same class",
                  same.right,
                  same.of,
                  Text.fixed(100.0 * same.right / same.of, 1)));
    }
    return lines;
  }

  /** Whose statistics normalise, in the words of the ONNX file of the same network. */
  private static String norm(Adapter a) {
    return a.featuresTogether() ? "transductive" : a.norm();
  }

  /** How often the nearest image is of the same folder, where there are several. */
  private static final class Agreement {
    private int right;
    private int of;

    void add(Row row, List<Neighbour> near) {
      if (!row.parent().isEmpty() && !near.isEmpty()) {
        of++;
        right += near.getFirst().row().parent().equals(row.parent()) ? 1 : 0;
      }
    }
  }

  private Map<String, Object> json(Adapter a, Embedding e, List<Path> written, int k, Distance by) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("run", run.toString());
    m.put("step", a.step());
    m.put("checkpoint", CheckpointOption.word(a));
    m.put("learner", a.config().learner().name());
    m.put("data", a.config().data().name());
    m.put("norm", norm(a));
    m.put("device", a.device());
    m.put("files", written.stream().map(Path::toString).toList());
    m.put(Query.Kind.of(a).noun() + "s", e.rows().size());
    m.put("unreadable", e.rows().size() - e.readable().size());
    m.put("features", e.width());
    if (k > 0) {
      m.put("by", Values.format(by));
      List<Row> all = e.readable();
      Agreement same = new Agreement();
      List<Object> list = new ArrayList<>();
      for (int i = 0; i < all.size(); i++) {
        List<Neighbour> near = e.nearest(i, k, by);
        same.add(all.get(i), near);
        Map<String, Object> one = new LinkedHashMap<>();
        one.put(Query.Kind.of(a).place(), all.get(i).file());
        one.put("class", all.get(i).parent());
        one.put("nearest", near.stream().map(n -> json(a, n)).toList());
        list.add(one);
      }
      m.put(
          Query.Kind.of(a) == Query.Kind.IMAGES ? "same_folder" : "same_class",
          same.of == 0 ? null : (double) same.right / same.of);
      m.put("neighbours", list);
    }
    return m;
  }

  private static Map<String, Object> json(Adapter a, Neighbour n) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put(Query.Kind.of(a).place(), n.row().file());
    m.put("distance", n.distance());
    return m;
  }
}
