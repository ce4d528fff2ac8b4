package io.quickstudy.report;

import io.quickstudy.explain.GradientTerms;
import io.quickstudy.train.SystemInfo;
import java.nio.charset.StandardCharsets;

/** What a gradient is made of, as one HTML page that needs nothing else. */
public final class GradientPage {
  private GradientPage() {}

  /**
   * The page.
   *
   * @param title whose gradient it is: "maml on glyphs, a fresh network"
   */
  public static Report.Page make(String title, GradientTerms t) {
    Html h = new Html();
    h.open("header").element("p", "Quickstudy explains gradients", "class", "over");
    h.element("h1", title).close();
    h.add(GradientSection.section(t));
    String footer =
        "Computed on %s by Quickstudy %s, %s."
            .formatted(t.device(), SystemInfo.version(), PageWriter.now());
    Html page = PageWriter.page(title, h, footer);
    return new Report.Page(page.toString().getBytes(StandardCharsets.UTF_8), title);
  }
}
