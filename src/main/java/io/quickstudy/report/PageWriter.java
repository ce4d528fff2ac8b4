package io.quickstudy.report;

import io.quickstudy.explain.GradientTerms;
import io.quickstudy.train.ChangedImages;
import io.quickstudy.train.SystemInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Optional;

/** The page as a whole: its head, and the sections in order. */
final class PageWriter {
  private static final String SCRIPT = resource("report.js");
  private static final String STYLE = resource("report.css");

  private PageWriter() {}

  static Html page(
      ReportedRun s,
      MetricsLog log,
      TestOutcome o,
      Optional<ChangedImages> changed,
      Optional<GradientTerms> gradients) {
    Html h = new Html();
    h.add(Headline.section(s, log, o));
    h.add(TrainingSection.section(s, log, o));
    changed.ifPresent(c -> h.add(AugmentationSection.section(s.run(), c)));
    switch (o) {
      case TestOutcome.OfImages i -> {
        h.add(TaskSection.section(s, i));
        i.findings().calibration().ifPresent(c -> h.add(ReliabilitySection.section(s, c)));
        h.add(ExampleSection.section(i));
        if (!i.attention().isEmpty()) {
          h.add(MemorySection.section(i.attention()));
        }
        i.space().ifPresent(f -> h.add(SpaceSection.section(f, i.findings().classes())));
        h.add(ClassSection.section(i));
        h.add(ConfusionSection.section(i));
      }
      case TestOutcome.OfSignals g -> h.add(MemorySection.section(g));
      case TestOutcome.OfCurves w -> h.add(CurveSection.section(s, w));
      case TestOutcome.Failed f -> {}
    }
    gradients.ifPresent(t -> h.add(GradientSection.section(t)));
    h.add(ConfigSection.section(s.run()));
    return page(s.title(), h, footer(s));
  }

  /** A page that needs nothing else, of sections and a last line. */
  static Html page(String title, Html sections, String footer) {
    Html h = new Html();
    h.open("html", "lang", "en").open("head");
    h.empty("meta", "charset", "utf-8");
    h.empty("meta", "name", "generator", "content", Report.GENERATOR + " " + SystemInfo.version());
    // nothing is fetched, and no script runs but this one
    h.empty(
        "meta",
        "http-equiv",
        "Content-Security-Policy",
        "content",
        ("default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-%s'; "
                + "base-uri 'none'; form-action 'none'")
            .formatted(sha256(SCRIPT)));
    h.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    h.empty("meta", "name", "color-scheme", "content", "light dark");
    h.element("title", title + " – Quickstudy");
    h.own("style", STYLE);
    h.close().open("body").open("main").add(sections).close();
    h.element("footer", footer);
    h.own("script", SCRIPT);
    h.close().close();
    return new Html().empty("!DOCTYPE html").add(h);
  }

  /** This moment in words. */
  static String now() {
    return OffsetDateTime.now(ZoneId.systemDefault())
        .truncatedTo(ChronoUnit.SECONDS)
        .format(DateTimeFormatter.ISO_OFFSET_DATE_TIME);
  }

  private static String footer(ReportedRun s) {
    return ("Intervals are 95 %% intervals of the mean: 1.96 standard errors over tasks. Measured"
            + " on %s from the checkpoint of %s by Quickstudy %s, %s.")
        .formatted(s.device(), s.checkpoint(), SystemInfo.version(), now());
  }

  private static String sha256(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = PageWriter.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
