package io.quickstudy.cli;

import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Classifier;
import io.quickstudy.adapt.Image;
import io.quickstudy.adapt.Prediction;
import io.quickstudy.adapt.Support;
import io.quickstudy.text.Text;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quickstudy demo}. */
@Command(
    name = "demo",
    description = "Adapts a small run that is built in to pictures that are, at once.",
    sortOptions = false)
final class DemoCommand implements Callable<Integer> {
  private static final int COLUMNS = 12;
  private static final String GAP = "   ";

  private final Console console;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "the folder that run and pictures are put into",
      defaultValue = "quickstudy-demo",
      showDefaultValue = picocli.CommandLine.Help.Visibility.ALWAYS)
  private Path out;

  @Mixin private WorkOptions work = new WorkOptions();

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  DemoCommand(Console console) {
    this.console = console;
  }

  /** A picture and what was said of it. */
  private record Answer(Query query, Prediction prediction) {
    boolean right() {
      return query.parent().equals(prediction.label());
    }
  }

  @Override
  public Integer call() {
    DemoFiles files = new DemoFiles(out);
    files.unpack();
    AdaptOptions options = work.options();
    try (Adapter adapter = Adapting.load(files.run(), options, console)) {
      Support support = Support.ofFolder(files.support());
      List<Query> queries = Query.list(Query.Kind.IMAGES, files.query());
      List<Image> images = queries.stream().map(q -> Image.read(q.file())).toList();
      adapter.adapt(support).predict(images.getFirst()); // compiles; a service does so once

      long start = System.nanoTime();
      Classifier classifier = adapter.adapt(support);
      double adapting = (System.nanoTime() - start) / 1e6;
      start = System.nanoTime();
      List<Answer> answers = new ArrayList<>();
      for (int i = 0; i < images.size(); i++) {
        answers.add(new Answer(queries.get(i), classifier.predict(images.get(i))));
      }
      double predicting = (System.nanoTime() - start) / 1e6 / images.size();
      if (json) {
        console.json(json(files, adapter, answers, adapting, predicting));
      } else {
        lines(files, adapter, answers, adapting, predicting).forEach(console.out()::println);
      }
    }
    return 0;
  }

  private static Map<String, Object> json(
      DemoFiles files, Adapter adapter, List<Answer> answers, double adapting, double predicting) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("run", files.run().toString());
    m.put("support", files.support().toString());
    m.put("query", files.query().toString());
    m.put("device", adapter.device());
    m.put("images", answers.size());
    m.put("right", answers.stream().filter(Answer::right).count());
    m.put("adapt_ms", adapting);
    m.put("predict_ms", predicting);
    return m;
  }

  private static List<String> lines(
      DemoFiles files, Adapter adapter, List<Answer> answers, double adapting, double predicting) {
    List<String> out = new ArrayList<>();
    out.add(
        "A built-in run: prototypical networks, meta-trained on Omniglot (%s)."
            .formatted(DemoFiles.REACHED));
    out.add(
        "It learns five characters that it never saw, from one drawing of each, in %s ms on %s:"
            .formatted(Text.fixed(adapting, 1), adapter.device()));
    out.add("");
    out.addAll(examples(files));
    out.add("");
    out.add(
        "Then it says what %s drawings by other hands are, in %s ms each:"
            .formatted(answers.size(), Text.fixed(predicting, 1)));
    out.add("");
    for (String name : DemoFiles.classes()) {
      List<Answer> of = answers.stream().filter(a -> a.query().parent().equals(name)).toList();
      List<String> said = of.stream().map(DemoCommand::said).toList();
      out.add("  %-8s %s".formatted(name, String.join("  ", said)).stripTrailing());
    }
    out.add("");
    out.add(
        "%s of %s right."
            .formatted(answers.stream().filter(Answer::right).count(), answers.size()));
    out.add("");
    out.add("The same by hand; put drawings of your own into folders like these:");
    out.add(
        "  quickstudy adapt %s --support %s --query %s"
            .formatted(files.run(), files.support(), files.query()));
    out.add("A run of your own, in a minute or two: quickstudy train");
    return out;
  }

  private static String said(Answer a) {
    return "%-13s"
        .formatted(
            "%s %s%%"
                .formatted(
                    a.prediction().label(), Text.fixed(100 * a.prediction().confidence(), 0)));
  }

  /** The pictures side by side, with their names above. */
  private static List<String> examples(DemoFiles files) {
    StringBuilder head = new StringBuilder();
    List<StringBuilder> rows = new ArrayList<>();
    for (String name : DemoFiles.classes()) {
      List<String> lines;
      try {
        lines = DotPicture.of(ImageIO.read(files.example(name).toFile()), COLUMNS);
      } catch (IOException e) {
        throw new UncheckedIOException(e); // it was written a moment ago
      }
      head.append("  ").append(("%-" + (COLUMNS + 1) + "s").formatted(name));
      for (int i = 0; i < lines.size(); i++) {
        if (rows.size() == i) {
          rows.add(new StringBuilder("  "));
        }
        rows.get(i).append(lines.get(i)).append(GAP);
      }
    }
    List<String> out = new ArrayList<>(List.of(head.toString().stripTrailing()));
    rows.forEach(r -> out.add(r.toString().stripTrailing()));
    return out;
  }
}
