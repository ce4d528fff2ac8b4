import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Writes the file INDEX into folders of resources: the names of their YAML files, one a line. */
class Index {
  public static void main(String[] folders) throws IOException {
    for (String folder : folders) {
      Path dir = Path.of(folder);
      List<String> names;
      try (Stream<Path> files = Files.list(dir)) {
        names =
            files
                .map(f -> f.getFileName().toString())
                .filter(f -> f.endsWith(".yaml"))
                .sorted()
                .toList();
      }
      String text = String.join("\n", names) + "\n";
      Path index = dir.resolve("INDEX");
      if (!Files.exists(index) || !Files.readString(index).equals(text)) {
        Files.writeString(index, text);
      }
    }
  }
}
