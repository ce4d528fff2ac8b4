package io.quickstudy.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.Curve;
import io.quickstudy.data.CurveFamily;
import io.quickstudy.data.CurveTasks;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.DataSource.Loaded;
import io.quickstudy.data.DataSource.Request;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Ink;
import io.quickstudy.data.LoadListener;
import io.quickstudy.data.Metric;
import io.quickstudy.data.Sets;
import io.quickstudy.data.Split;
import io.quickstudy.data.image.Painted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every data set, and for one of one's own. */
class DataSourcesTest {
  @TempDir private Path temporary;

  /** A data set of one's own: straight lines. */
  public static final class Lines implements DataSource {
    @Override
    public String name() {
      return "lines";
    }

    @Override
    public String about() {
      return "straight lines";
    }

    @Override
    public Kind kind() {
      return Kind.CURVES;
    }

    @Override
    public Loaded load(Request r, LoadListener listener) {
      return new Loaded.Curves(
          new CurveFamily(
              "lines",
              0,
              1,
              r.seed(),
              random -> {
                double slope = random.between(-1.0, 1.0);
                return Curve.of("", x -> slope * x);
              }));
    }
  }

  /** No data set. */
  public static final class Other {}

  /** One that cannot be made. */
  public static final class Broken implements DataSource {
    /** Fails. */
    public Broken() {
      throw new IllegalStateException("no luck");
    }

    @Override
    public String name() {
      return "broken";
    }

    @Override
    public String about() {
      return "";
    }

    @Override
    public Kind kind() {
      return Kind.CURVES;
    }

    @Override
    public Loaded load(Request r, LoadListener listener) {
      throw new IllegalStateException();
    }
  }

  private static void assertError(String part, Executable call) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(message.contains(part), message);
    assertTrue(message.endsWith(".") || message.endsWith("?"), message);
  }

  private static Request request(DataSource s) {
    return Request.usual(s, s.needsFolder() ? Optional.of(Path.of("x")) : Optional.empty());
  }

  static java.util.List<DataSource> all() {
    return DataSources.ALL;
  }

  @ParameterizedTest
  @MethodSource("all")
  void eachSaysWhatItIs(DataSource s) {
    assertSame(s, of(s.name()));
    assertTrue(s.name().matches("[a-z][a-z-]*"), s.name());
    assertFalse(s.about().isBlank() || s.found().isBlank());
    assertTrue(s.splits().contains(s.usualSplit(Optional.empty())));
    boolean classes = s.kind() == DataSource.Kind.CLASSES;
    Metric counted = s.kind() == DataSource.Kind.CURVES ? Metric.MSE : Metric.BITS;
    assertEquals(classes ? Metric.ACCURACY : counted, s.kind().metric());
    assertEquals(!s.splits().contains(DataSource.NO_SPLIT), s.options().contains("split"));
    assertEquals(s.colours(), s.options().contains("channels"));
  }

  @ParameterizedTest
  @MethodSource("all")
  void whatDoesNotFitIsRefusedBeforeAnythingIsRead(DataSource s) {
    Request r = request(s);
    s.check(r);
    assertError(
        "Unknown split of",
        () -> s.check(new Request(r.dir(), "nosuch", r.size(), 1, Ink.DARK, 0)));
    if (s.kind() == DataSource.Kind.CLASSES) {
      assertError("--size is 7", () -> s.check(new Request(r.dir(), r.split(), 7, 1, Ink.DARK, 0)));
      assertError(
          "--channels is 2", () -> s.check(new Request(r.dir(), r.split(), 28, 2, Ink.DARK, 0)));
    }
    if (!s.inFolder()) {
      Optional<Path> dir = Optional.of(Path.of("somewhere"));
      assertError(
          "with folder 'somewhere'",
          () -> s.check(new Request(dir, r.split(), 28, 1, Ink.DARK, 0)));
    }
  }

  @Test
  void eachHasItsOwnLimits() {
    DataSource omniglot = of("omniglot");
    assertError(
        "expected 1 to 105",
        () -> omniglot.check(new Request(Optional.empty(), "lake", 106, 1, Ink.DARK, 0)));
    DataSource glyphs = of("glyphs");
    assertError(
        "no colours",
        () -> glyphs.check(new Request(Optional.empty(), "random", 28, 3, Ink.DARK, 0)));
    assertError(
        "8 to 256",
        () -> glyphs.check(new Request(Optional.empty(), "random", 257, 1, Ink.DARK, 0)));
    DataSource folder = of("folder");
    assertError("without a folder", () -> folder.check(Request.usual(folder, Optional.empty())));
    folder.check(new Request(Optional.of(Path.of("x")), "files:lists", 28, 1, Ink.DARK, 0));
  }

  @Test
  void glyphsLoad() {
    DataSource glyphs = of("glyphs");
    Request r = new Request(Optional.empty(), "heldout", 8, 1, Ink.DARK, 0);
    Loaded.Images i = (Loaded.Images) glyphs.load(r, LoadListener.NONE);
    assertEquals(
        "glyphs (1300 classes, 26000 images of 8 x 8 x 1), split heldout 910/130/260", i.about());
  }

  @Test
  void foldersLoad() throws IOException {
    Path photos = temporary.resolve("photos");
    Painted.classes(photos.resolve("train"), 3, 2);
    for (int c = 3; c < 5; c++) {
      Painted.image(photos.resolve("test/c" + c + "/0.png"), c);
    }
    DataSource folder = of("folder");
    Request r = Request.usual(folder, Optional.of(photos));
    assertEquals("folders", r.split());
    Loaded.Images i = (Loaded.Images) folder.load(r, LoadListener.NONE);
    assertEquals(84, i.set().height());
    assertEquals(3, i.split().classes(Split.Part.TRAIN).length);
  }

  @Test
  void ownClassesAreDataSets() {
    DataSource own = of(Lines.class.getName());
    Request r = Request.usual(own, Optional.empty());
    own.check(r);
    CurveTasks tasks = ((Loaded.Curves) own.load(r, LoadListener.NONE)).tasks();
    float[] x = new float[2];
    float[] y = new float[2];
    tasks.fill(3, 1, 1, 2, new float[1], new float[1], x, y);
    assertEquals(y[0] / x[0], y[1] / x[1], 1e-6);
  }

  /** One that gives what was not asked for. */
  private record Careless(Kind kind, Loaded loaded) implements DataSource {
    @Override
    public String name() {
      return "careless";
    }

    @Override
    public String about() {
      return "";
    }

    @Override
    public Loaded load(Request r, LoadListener listener) {
      return loaded;
    }
  }

  @Test
  void whatIsGivenIsWhatWasWanted() {
    ImageSet set = Sets.random(4, 2);
    Loaded images = new Loaded.Images(set, Split.random(set, 0));
    Loaded curves = new Loaded.Curves(Sinusoids.tasks(0));
    refuses("4 x 4 pixels in 1 channels: expected 28 x 28 in 1", DataSource.Kind.CLASSES, images);
    refuses("gave no images", DataSource.Kind.CLASSES, curves);
    refuses("gave no curves", DataSource.Kind.CURVES, images);
  }

  private static void refuses(String part, DataSource.Kind kind, Loaded given) {
    DataSource careless = new Careless(kind, given);
    Request r = Request.usual(careless, Optional.empty());
    assertError(part, () -> DataSources.load(careless, r, LoadListener.NONE));
  }

  @Test
  void whatIsNoneIsRefused() {
    assertError("did you mean 'omniglot'", () -> of("omnoglot"));
    assertError("is not found", () -> of("org.example.Nowhere"));
    assertError("is not found", () -> of("Nowhere"));
    assertError("is none", () -> of(Other.class.getName()));
    assertError("no luck", () -> of(Broken.class.getName()));
    assertError("cannot be made", () -> of(DataSource.class.getName()));
  }

  private static DataSource of(String name) {
    return DataSources.of(name, DataSourcesTest.class.getClassLoader());
  }
}
