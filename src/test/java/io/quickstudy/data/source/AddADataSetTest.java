package io.quickstudy.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.DocumentedCode;
import io.quickstudy.data.CurveTasks;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.DataSource.Loaded;
import io.quickstudy.data.DataSource.Request;
import io.quickstudy.data.Fingerprint;
import io.quickstudy.data.Ink;
import io.quickstudy.data.LoadListener;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.Split;
import io.quickstudy.data.sampling.Episode;
import io.quickstudy.data.sampling.EpisodeSampler;
import io.quickstudy.data.sampling.EpisodeSpec;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the classes of docs/add-a-data-set.md compile and are data sets. */
class AddADataSetTest {
  @TempDir private Path temporary;

  private static DataSource named(String name, Path folder) throws Exception {
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      return DataSources.of(name, loader);
    }
  }

  private static Loaded load(DataSource source, Request r) {
    return DataSources.load(source, r, LoadListener.NONE);
  }

  @Test
  void theExampleGivesTasks() throws Exception {
    List<String> blocks = DocumentedCode.blocks(Path.of("docs/add-a-data-set.md"));
    long lines = blocks.getFirst().lines().count();
    assertTrue(lines <= 42, lines + " lines are no small example");
    DataSource stripes = named(DocumentedCode.compile(blocks.getFirst(), temporary), temporary);
    assertEquals("stripes", stripes.name());
    Request r = Request.usual(stripes, Optional.empty());
    Loaded.Images i = (Loaded.Images) load(stripes, r);
    assertEquals("stripes (12 classes, 240 images of 28 x 28 x 1), split random 8/2/2", i.about());
    Loaded.Images again = (Loaded.Images) load(stripes, r);
    assertEquals(Fingerprint.of(i.set(), i.split()), Fingerprint.of(again.set(), again.split()));
    Request other = new Request(Optional.empty(), "random", 28, 1, Ink.BRIGHT, 1);
    Loaded.Images split = (Loaded.Images) load(stripes, other);
    assertNotEquals(Fingerprint.of(i.set(), i.split()), Fingerprint.of(split.set(), split.split()));

    EpisodeSampler sampler =
        new EpisodeSampler(
            i.set(),
            i.split().classes(Split.Part.TRAIN),
            Rotations.NONE,
            new EpisodeSpec(5, 1, 15),
            0);
    Episode e = sampler.episode(0);
    assertEquals(75, e.queryIndex().length);
    long ink = 0;
    for (byte b : i.set().image(0)) {
      ink += b == 0 ? 0 : 1;
    }
    assertTrue(ink > 200 && ink < 584, ink + " of 784 pixels are ink");
    assertThrows(
        IllegalArgumentException.class,
        () -> load(stripes, new Request(Optional.empty(), "randm", 28, 1, Ink.BRIGHT, 0)));
  }

  @Test
  void theCurvesAreLines() throws Exception {
    List<String> blocks = DocumentedCode.blocks(Path.of("docs/add-a-data-set.md"));
    assertEquals(2, blocks.size());
    String source =
        """
        import io.quickstudy.data.*;

        public final class Lines implements DataSource {
          public String name() { return "lines"; }
          public String about() { return "lines"; }
          public Kind kind() { return Kind.CURVES; }
        """;
    String name = DocumentedCode.compile(source + blocks.get(1) + "}", temporary);
    DataSource lines = named(name, temporary);
    Loaded.Curves c = (Loaded.Curves) load(lines, Request.usual(lines, Optional.empty()));
    CurveTasks tasks = c.tasks();
    float[] x = new float[3];
    float[] y = new float[3];
    tasks.fill(2, 1, 1, 3, new float[1], new float[1], x, y);
    assertEquals(y[0] / x[0], y[2] / x[2], 1e-5);
    assertTrue(tasks.curve(2).orElseThrow().about().startsWith("Slope "));
  }
}
