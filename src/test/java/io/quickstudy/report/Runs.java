package io.quickstudy.report;

import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.train.RunFixtures;
import io.quickstudy.train.Session;
import io.quickstudy.train.TrainListener;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Tiny runs and their pages. */
final class Runs {
  /** What somebody may call a folder. */
  static final String EVIL = "<script>alert(1)</script>&\"'</style>";

  private Runs() {}

  /** Prototypical networks on images, with validation. */
  static RunConfig images(String... pairs) {
    return RunFixtures.glyphs(with("eval-every", "5", pairs));
  }

  /** MAML on sine waves, with validation. */
  static RunConfig waves(String... pairs) {
    return RunFixtures.sinusoid(with("eval-every", "10", pairs));
  }

  /** A short recurrent learner. */
  static RunConfig sequences() {
    return RunFixtures.sequences("eval-every", "2");
  }

  private static String[] with(String key, String value, String... pairs) {
    String[] all = new String[pairs.length + 2];
    all[0] = key;
    all[1] = value;
    System.arraycopy(pairs, 0, all, 2, pairs.length);
    return all;
  }

  /** The page of a run on the characters it was trained on. */
  static String page(Path run, RunConfig measured) {
    return page(
        run, measured, measured.classifies() ? RunFixtures.drawn(measured.tasks().size()) : null);
  }

  /** The page of a run, measured on these images. */
  static String page(Path run, RunConfig measured, ImageSet set) {
    try (Session session = RunFixtures.session(measured, set)) {
      Report.Page p = Report.make(session, RunFolder.open(run), TrainListener.NONE);
      return new String(p.html(), StandardCharsets.UTF_8);
    }
  }

  /** The same images under names that mean something in HTML. */
  static ImageSet renamed(ImageSet set) {
    List<ImageClass> classes =
        set.classes().stream()
            .map(c -> new ImageClass(c.name() + EVIL, EVIL + c.group(), c.first(), c.count()))
            .toList();
    return new ImageSet(
        set.name(), set.height(), set.width(), set.channels(), set.pixels(), classes);
  }
}
