package io.quickstudy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** That what the documents point at is there. */
class DocumentsTest {
  private static final Pattern LINK = Pattern.compile("]\\(([^)#:]*)(?:#([^)]*))?\\)");
  private static final Pattern FILE =
      Pattern.compile("`((?:benchmarks|docs|src|native|kernels|[.]ci|[.]mvn)/[\\w./-]+)`");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

  /** Stands for files that are yet to be written. */
  private static final String ANY = "DATE-WHAT";

  private static List<Path> documents() throws IOException {
    List<Path> all =
        new ArrayList<>(
            List.of(
                Path.of("README.md"),
                Path.of("CONTRIBUTING.md"),
                Path.of("CHANGELOG.md"),
                Path.of("benchmarks/README.md"),
                Path.of("benchmarks/gpu/README.md")));
    try (Stream<Path> pages = Files.list(Path.of("docs"))) {
      pages.filter(p -> p.toString().endsWith(".md")).sorted().forEach(all::add);
    }
    return all;
  }

  /** A heading as links name it. */
  private static String anchor(String heading) {
    return heading.strip().toLowerCase(Locale.ROOT).replaceAll("[^\\w\\- ]", "").replace(' ', '-');
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    List<String> lost = new ArrayList<>();
    for (Path document : documents()) {
      Matcher m = LINK.matcher(Files.readString(document));
      while (m.find()) {
        Path to = m.group(1).isEmpty() ? document : document.resolveSibling(m.group(1)).normalize();
        boolean there =
            Files.exists(to)
                && (m.group(2) == null
                    || HEADING
                        .matcher(Files.readString(to))
                        .results()
                        .anyMatch(h -> anchor(h.group(1)).equals(m.group(2))));
        if (!there) {
          lost.add(document + ": " + m.group());
        }
      }
    }
    assertEquals(List.of(), lost);
  }

  @Test
  void filesThatAreNamedExist() throws IOException {
    List<String> lost = new ArrayList<>();
    int named = 0;
    for (Path document : documents()) {
      Matcher m = FILE.matcher(Files.readString(document));
      while (m.find()) {
        named++;
        boolean here =
            Files.exists(Path.of(m.group(1)))
                || Files.exists(document.resolveSibling(m.group(1)))
                || m.group(1).contains(ANY);
        if (!here) {
          lost.add(document + ": " + m.group());
        }
      }
    }
    assertEquals(List.of(), lost);
    assertTrue(named > 10, named + " files are named");
  }
}
