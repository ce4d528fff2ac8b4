package io.quickstudy.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.quickstudy.explain.Explanation;
import io.quickstudy.explain.GradientTerms;
import io.quickstudy.run.RunConfig;
import io.quickstudy.train.Beginning;
import io.quickstudy.train.RunFixtures;
import io.quickstudy.train.Session;
import io.quickstudy.train.TrainListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pages in a real browser: nothing fails, nothing is wider than the screen, all charts are there.
 */
class ReportBrowserTest {
  private static final int[] WIDTHS = {1280, 390};
  private static final List<String> SCHEMES = List.of("light", "dark");

  /** The points that a chart's lines have, counted in what is drawn; by chart and series. */
  private static final String DRAWN =
      """
      Object.fromEntries([...document.querySelectorAll('figure.chart')].map(f =>
        [f.querySelector('h3').textContent,
         Math.max(...[...f.querySelectorAll('path.line, path.points, path.bars')]
           .map(p => p.getAttribute('d').match(p.matches('.bars') ? /M/g : /[ML]/g).length))]))
      """;

  /** Texts too faint to read: contrast below 4.5 against what is behind them. */
  private static final String FAINT =
      """
      (() => {
        const rgb = c => c.match(/[\\d.]+/g).map(Number);
        const light = c => { const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= .03928 ? v / 12.92
          : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
        const behind = e => { let layers = [];
          for (; e; e = e.parentElement) layers.push(rgb(getComputedStyle(e).backgroundColor));
          return layers.reverse().reduce((under, l) => { const a = l.length > 3 ? l[3] : 1;
            return under.map((v, i) => v * (1 - a) + l[i] * a); }, [255, 255, 255]); };
        const faint = [];
        for (const e of document.querySelectorAll('body *')) {
          const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
          if (!own || e.matches('script, style') || !e.getClientRects().length) continue;
          const a = light(rgb(getComputedStyle(e).color)), b = light(behind(e));
          const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
          if (contrast < 4.5) faint.push(contrast.toFixed(2) + ' ' + e.outerHTML.slice(0, 90));
        }
        return faint;
      })()
      """;

  /** At least one: how many bins hold enough answers depends on the last bits. */
  private static final int ANY = -1;

  private static Browser browser;

  @TempDir private Path temporary;

  @BeforeAll
  static void start() throws IOException {
    Path program =
        Browser.find()
            .orElseGet(
                () ->
                    Assumptions.abort(
                        "no pages in a browser, since neither chromium nor google-chrome is on the "
                            + "PATH"));
    browser = new Browser(program);
  }

  @AfterAll
  static void stop() throws IOException {
    if (browser != null) {
      browser.close();
    }
  }

  private Path page(RunConfig c) throws IOException {
    Path run = temporary.resolve("run");
    RunFixtures.train(run, c);
    String html =
        c.classifies()
            ? Runs.page(run, c, Runs.renamed(RunFixtures.drawn(c.tasks().size())))
            : Runs.page(run, c);
    return Files.writeString(temporary.resolve("report.html"), html);
  }

  /** Shows a page everywhere and expects charts with so many points. */
  private void check(Path page, Map<String, Integer> charts) {
    String background = "";
    for (String scheme : SCHEMES) {
      for (int width : WIDTHS) {
        String where = scheme + " at " + width;
        browser.show(page, width, scheme);
        assertEquals(List.of(), browser.complaints(), where);
        List<String> fetched =
            browser.requests().stream().filter(r -> !r.startsWith("data:")).toList();
        assertEquals(List.of(page.toUri().toString()), fetched, where);
        int wide = browser.evaluate("document.documentElement.scrollWidth").asInt();
        assertTrue(wide <= browser.evaluate("innerWidth").asInt(), where + ": " + wide + " wide");
        Map<String, Integer> drawn = new TreeMap<>();
        for (Map.Entry<String, JsonNode> e : browser.evaluate(DRAWN).properties()) {
          drawn.put(e.getKey(), e.getValue().asInt());
        }
        assertTrue(drawn.values().stream().allMatch(n -> n > 0), where + ": " + drawn);
        charts.forEach((name, n) -> drawn.computeIfPresent(name, (k, v) -> n == ANY ? n : v));
        assertEquals(new TreeMap<>(charts), drawn, where);
        assertEquals(
            0,
            browser.evaluate("[...document.images].filter(i => !i.naturalWidth).length").asInt(),
            "pictures that do not load, " + where);
        assertEquals("[]", browser.evaluate(FAINT).toString(), where);
        assertTrue(
            browser.evaluate("document.querySelectorAll('img:not([alt])').length").asInt() == 0);
      }
      String now = browser.evaluate("getComputedStyle(document.body).backgroundColor").asText();
      assertNotEquals(background, now, "light and dark look the same");
      background = now;
    }
    pointer();
  }

  /** The pointer over the first chart shows values, and leaves none behind. */
  private static void pointer() {
    JsonNode box =
        browser.evaluate(
            "(a => (a.scrollIntoView({block: 'center'}), a.getBoundingClientRect().toJSON()))"
                + "(document.querySelector('.area'))");
    double y = box.get("y").asDouble() + 40;
    browser.point(box.get("x").asDouble() + box.get("width").asDouble() / 2, y);
    String tip = browser.evaluate("document.querySelector('.tip').textContent").asText();
    assertTrue(tip.matches("(?s)step \\d+.*training.*\\d.*"), tip);
    browser.point(1, 1);
    assertEquals(0, browser.evaluate("document.querySelectorAll('.tip').length").asInt());
    browser.evaluate("document.querySelector('.area').focus()");
    browser.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}))");
    assertEquals(1, browser.evaluate("document.querySelectorAll('.tip').length").asInt());
    assertEquals(List.of(), browser.complaints());
  }

  @Test
  void images() throws IOException {
    RunConfig c = Runs.images("steps", "20", "log-every", "2");
    check(
        page(c),
        Map.of(
            "Loss", 10,
            "Accuracy", 10,
            "Learning rate", 10,
            "Speed", 10,
            "Accuracy of single tasks", 20,
            "Confidence and accuracy", ANY,
            "Answers by confidence", 15));
    assertTrue(browser.evaluate("document.querySelectorAll('.answer.wrong').length").asInt() > 0);
    String lines = "[...document.querySelectorAll('.strip')]";
    assertEquals(20, browser.evaluate(lines + ".length").asInt());
    assertTrue(
        browser
            .evaluate(
                lines
                    + ".every(s => new Set([...s.querySelectorAll('.answer')]"
                    + ".map(a => a.offsetTop)).size === 1)")
            .asBoolean(),
        "queries of a class in one line");
    assertEquals(
        "",
        browser
            .evaluate(
                "[...document.querySelectorAll('main script:not([type])')]"
                    + ".map(s => s.textContent).join()")
            .asText(),
        "a name became a script");
  }

  @Test
  void waves() throws IOException {
    RunConfig c = Runs.waves("steps", "30", "log-every", "3");
    Map<String, Integer> charts = new TreeMap<>();
    charts.putAll(Map.of("Loss", 10, "Learning rate", 10, "Speed", 10, "Error by inner step", 11));
    for (int task = 1; task <= 6; task++) {
      charts.put("Task " + task, TestOutcome.POINTS);
    }
    check(page(c), charts);
  }

  /** Rates by factors: the pointer shows those under it, and the values at them. */
  @Test
  void gradients() throws IOException {
    RunConfig c = Runs.waves("hidden", "8");
    GradientTerms t;
    try (Session s = RunFixtures.session(c)) {
      t =
          Explanation.gradients(
              s, Beginning.theta(s, TrainListener.NONE), 2, Explanation.Arithmetic.DOUBLE);
    }
    byte[] html = GradientPage.make("maml", t).html();
    browser.show(Files.write(temporary.resolve("g.html"), html), WIDTHS[0], SCHEMES.getFirst());
    assertEquals(List.of(), browser.complaints());
    JsonNode box =
        browser.evaluate(
            "(a => (a.scrollIntoView({block: 'center'}), a.getBoundingClientRect().toJSON()))"
                + "(document.querySelector('.area'))");
    browser.point(
        box.get("x").asDouble() + box.get("width").asDouble() - 2, box.get("y").asDouble() + 40);
    String tip = browser.evaluate("document.querySelector('.tip').textContent").asText();
    double last = t.expansions().getFirst().rates()[t.expansions().getFirst().rates().length - 1];
    String rate = tip.replaceFirst("(?s)inner rate \u03b1 ([-0-9.e]+).*", "$1");
    assertEquals(last, Double.parseDouble(rate), 0.01 * last, tip);
    assertTrue(tip.contains("MAML, A") && tip.contains("Reptile, 2A"), tip);
  }

  @Test
  void sequences() throws IOException {
    check(
        page(Runs.sequences()),
        Map.of(
            "Loss", 6,
            "Accuracy", 6,
            "Learning rate", 6,
            "Speed", 6,
            "Accuracy by instance", 4,
            "Accuracy of single tasks", 20,
            "Confidence and accuracy", ANY,
            "Answers by confidence", 15));
  }
}
