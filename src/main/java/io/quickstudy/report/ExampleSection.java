package io.quickstudy.report;

import io.quickstudy.data.Attributes;
import io.quickstudy.data.sampling.DrawnSequence;
import io.quickstudy.data.sampling.Episode;
import io.quickstudy.text.Text;
import io.quickstudy.train.Predictions.Predicted;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Test tasks as pictures: what was shown, what was asked, what was said and how surely. */
final class ExampleSection {
  /** Pictures of one task. */
  private static final int MOST_PICTURES = 120;

  /** Characters of pictures of all tasks together; the page stays below 3 MB. */
  static final long MOST_BYTES = 1_600_000;

  private static final int MOST_ATTRIBUTES = 12;
  private static final int MOST_SUPPORT = 5;
  private static final int MOST_QUERIES = 10;

  /** What a row has room for on a wide page, and what is taken of that, in pixels. */
  private static final int ROOM = 948;

  private static final int SUPPORT_ROOM = 74;
  private static final int QUERY_ROOM = 82;

  private final PredictionCounts findings;
  private final Looks pictures;
  private final Optional<Attributes> attributes;
  private final Html h = new Html();

  private ExampleSection(TestOutcome.OfImages o) {
    this.findings = o.findings();
    this.pictures = o.pictures();
    this.attributes = o.attributes();
  }

  static Html section(TestOutcome.OfImages o) {
    return new ExampleSection(o).section();
  }

  private Html section() {
    h.open("section", "id", "examples").element("h2", "Examples");
    h.element(
        "p",
        "The first test tasks as they were drawn, and the hardest of all: of each class its support"
            + " and, behind the line, its queries. Below an image stand the class that was"
            + " predicted and how surely; a mistake has a cross and a thick frame.");
    List<PredictionCounts.Task> tasks = new ArrayList<>(findings.first());
    if (findings.hardest() != null) {
      tasks.add(findings.hardest());
    }
    for (int i = 0; i < tasks.size(); i++) {
      if (i > 0 && pictures.bytes() > MOST_BYTES * i / (i + 1)) {
        h.element("p", "More tasks would make the page too large.", "class", "aside");
        break;
      }
      task(tasks.get(i), tasks.get(i) == findings.hardest());
    }
    return h.close();
  }

  private void task(PredictionCounts.Task t, boolean hardest) {
    long right = t.answers().stream().filter(Answer::right).count();
    String name = (hardest ? "The hardest: task " : "Task ") + (number(t.predicted()) + 1);
    h.open("article", "class", "task");
    h.open("h3").text(name).text(" ");
    h.element("span", "%s of %s right".formatted(right, t.answers().size())).close();
    switch (t.predicted()) {
      case Predicted.OfEpisode e -> episode(e.episode(), t.answers(), e.logits()[0].length);
      case Predicted.OfSequence s -> sequence(s.sequence(), t.answers());
      case Predicted.OfWave w -> throw new IllegalArgumentException("a sine wave: no pictures");
      case Predicted.OfSignal s -> throw new IllegalArgumentException("a signal: no pictures");
    }
    h.close();
  }

  private static int number(Predicted p) {
    return switch (p) {
      case Predicted.OfEpisode e -> e.number();
      case Predicted.OfSequence s -> s.number();
      case Predicted.OfWave w -> w.number();
      case Predicted.OfSignal s -> s.number();
    };
  }

  /** A line for each class, which is not broken: its support, then its queries. */
  private void episode(Episode e, List<Answer> answers, int ways) {
    int perClass = Math.max(1, answers.size() / ways);
    int labelled = (int) Arrays.stream(e.supportLabel()).filter(label -> label >= 0).count();
    int shots = Math.max(1, labelled / ways);
    int shownSupport = Math.min(MOST_SUPPORT, shots);
    int room = (ROOM - SUPPORT_ROOM * shownSupport) / QUERY_ROOM;
    int most = Math.min(Math.min(MOST_QUERIES, room), perClass);
    int shown = Math.clamp(MOST_PICTURES / ways - shownSupport, 1, most);
    int rows = Math.min(ways, MOST_PICTURES / (shown + shownSupport));
    h.open("div", "class", "rows");
    for (int label = 0; label < rows; label++) {
      String name =
          findings
              .classes()
              .name(
                  findings
                      .classes()
                      .of(e.supportIndex()[label * shots], e.supportMove()[label * shots]));
      List<Answer> of = answers.subList(label * perClass, (label + 1) * perClass);
      h.open("div", "class", "row").open("p", "class", "name");
      h.element("b", Answer.letter(label), "class", "letter").name(name);
      long right = of.stream().filter(Answer::right).count();
      String shares = "%s of %s right".formatted(right, perClass);
      h.element("span", perClass > shown ? shares + ", " + shown + " shown" : shares).close();
      if (attributes.isPresent()) {
        description(e.supportIndex()[label * shots]);
      }
      h.open("div", "class", "strip");
      support(e, label * shots, shots, attributes.isEmpty() ? shownSupport : 0, name);
      h.open("div", "class", "queries");
      for (int k = 0; k < shown; k++) {
        int i = label * perClass + k;
        query(e.queryIndex()[i], e.queryMove()[i], answers.get(i), name, "");
      }
      h.close().close().close();
    }
    h.close();
    if (rows < ways) {
      h.element("p", "%s of %s.".formatted(rows, Text.count(ways, "class")), "class", "aside");
    }
  }

  private void support(Episode e, int first, int shots, int shown, String name) {
    if (shown == 0) {
      return;
    }
    h.open("div", "class", shots == 1 ? "support one" : "support");
    for (int i = first; i < first + shown; i++) {
      pictures.add(h, e.supportIndex()[i], e.supportMove()[i], "support: " + name);
    }
    if (shots > shown) {
      h.element("span", "+" + (shots - shown), "class", "more");
    }
    h.close();
  }

  /** What a class is like, in place of images of it. */
  private void description(int index) {
    Attributes a = attributes.orElseThrow();
    float[] values = a.row(findings.classes().number(index));
    List<String> parts = new ArrayList<>();
    for (int k = 0; k < Math.min(MOST_ATTRIBUTES, values.length); k++) {
      parts.add(a.names().get(k) + " " + Text.number(values[k]));
    }
    if (values.length > MOST_ATTRIBUTES) {
      parts.add("and " + (values.length - MOST_ATTRIBUTES) + " more");
    }
    h.element("p", String.join(", ", parts), "class", "described");
  }

  private void sequence(DrawnSequence s, List<Answer> answers) {
    int shown = Math.min(MOST_PICTURES, answers.size());
    h.element(
        "p",
        "In the order in which it came; above each image its class, and which appearance of that it"
            + " is.",
        "class",
        "aside");
    h.open("div", "class", "queries order");
    for (int i = 0; i < shown; i++) {
      Answer a = answers.get(i);
      String name = findings.classes().name(findings.classes().of(s.index()[i], s.move()[i]));
      query(s.index()[i], s.move()[i], a, name, Answer.letter(a.label()) + s.instance()[i]);
    }
    if (shown < answers.size()) {
      more(answers.subList(shown, answers.size()));
    }
    h.close();
  }

  /** Those that are not shown. */
  private void more(List<Answer> left) {
    long wrong = left.stream().filter(a -> !a.right()).count();
    String text = "+%s, %s".formatted(left.size(), wrong == 0 ? "all right" : wrong + " wrong");
    h.element("span", text, "class", "more");
  }

  private void query(int index, int move, Answer a, String name, String above) {
    String said = Answer.letter(a.predicted());
    String percent = Text.fixed(100 * a.confidence(), 0);
    h.open("div", "class", a.right() ? "answer" : "answer wrong");
    if (!above.isEmpty()) {
      h.element("span", above, "class", "above");
    }
    String alt =
        "query: %s; %s, predicted %s with %s %%"
            .formatted(name, a.right() ? "right" : "wrong", said, percent);
    pictures.add(h, index, move, alt);
    h.open("span", "class", "said").text(a.right() ? "" : "✗ ").element("b", said);
    h.text(" " + percent + "%").close().close();
  }
}
