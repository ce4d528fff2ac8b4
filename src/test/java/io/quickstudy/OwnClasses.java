package io.quickstudy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** Classes of a user's own, compiled into a folder and packed into a jar. */
public final class OwnClasses {
  private final Path folder;

  /** Into a folder that is made here. */
  public OwnClasses(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
  }

  /** Compiles a class, and says its name. */
  public String add(String source) throws IOException {
    return DocumentedCode.compile(source, folder);
  }

  /** Adds a file that is no class. */
  public OwnClasses add(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    return this;
  }

  /** The block of a document that declares a class. */
  public static String documented(String document, String name) throws IOException {
    List<String> found =
        DocumentedCode.blocks(Path.of("docs", document)).stream()
            .filter(b -> b.matches("(?s).*\\npublic (final )?(class|record) " + name + "\\b.*"))
            .toList();
    return found.getFirst();
  }

  /** Where the classes lie. */
  public Path folder() {
    return folder;
  }

  /** Packs all of it. */
  public Path jar(Path into) throws IOException {
    try (OutputStream out = Files.newOutputStream(into);
        JarOutputStream jar = new JarOutputStream(out);
        Stream<Path> files = Files.walk(folder)) {
      for (Path f : files.filter(Files::isRegularFile).sorted().toList()) {
        jar.putNextEntry(new JarEntry(folder.relativize(f).toString()));
        Files.copy(f, jar);
      }
    }
    return into;
  }
}
