package io.quickstudy.data.image;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.quickstudy.data.DataException;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.Split;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Splits that files say: {@code train.csv}, {@code val.csv} and {@code test.csv} with the columns
 * filename and label, one row for each image, as those of mini-ImageNet (Ravi and Larochelle 2017);
 * or {@code train.txt} and so on with one class folder in a line. {@code val} may be missing.
 *
 * <p>A row's file is looked for in the data's folder, its folder images, and in either below the
 * label's name.
 */
final class SplitLists {
  private static final int SHOWN = 200;
  private static final String FILENAME = "filename";
  private static final String LABEL = "label";
  private static final ObjectReader CSV =
      CsvMapper.builder()
          .enable(CsvParser.Feature.TRIM_SPACES)
          .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
          .build()
          .readerForMapOf(String.class)
          .with(CsvSchema.emptySchema().withHeader());

  private final Path root;
  private final Set<Path> seen = new HashSet<>();
  private int form;

  private SplitLists(Path root) {
    this.root = root;
  }

  /** Whether a folder has such files. */
  static boolean in(Path folder) {
    return (has(folder, ".csv") || has(folder, ".txt"));
  }

  private static boolean has(Path folder, String kind) {
    PartFolders lists = PartFolders.lists(folder, kind);
    return lists.has(Split.Part.TRAIN) && lists.has(Split.Part.TEST);
  }

  /**
   * Lists the images of the classes that the files name.
   *
   * @param root the folder of the data
   * @param lists the folder of the files
   * @throws DataException if a file is missing or wrong, a class is unknown or in two parts, or an
   *     image is not there
   */
  static ImageListing read(Path root, Path lists) {
    if (!in(lists)) {
      throw new DataException(
          ("Folder '%s' lacks train.csv and test.csv: expected these, with columns filename and "
                  + "label, or train.txt and test.txt with a class in each line; name their folder "
                  + "as --split files:DIR.")
              .formatted(lists));
    }
    SplitLists reader = new SplitLists(root);
    return has(lists, ".csv") ? reader.rows(lists) : reader.lines(lists);
  }

  private ImageListing rows(Path lists) {
    PartFolders files = PartFolders.lists(lists, ".csv");
    Map<String, Split.Part> parts = new TreeMap<>();
    List<ImageListing.Group> groups = new ArrayList<>();
    for (Split.Part part : Split.Part.values()) {
      Path csv = files.of(part).orElse(null);
      if (csv == null) {
        continue;
      }
      Map<String, List<ImageListing.Image>> classes = classes(csv);
      if (classes.isEmpty()) {
        throw ClassLists.empty(csv);
      }
      classes.forEach(
          (label, images) -> {
            ClassLists.apart(label, parts.put(label, part), part, ".csv");
            images.sort(Comparator.comparing(ImageListing.Image::path));
            groups.add(new ImageListing.Group("", label, part, images));
          });
    }
    return ImageListing.of(root, groups, 0, unlisted());
  }

  /** Says how many images there are that no row has. */
  private List<String> unlisted() {
    try {
      int more = ClassTree.of(root).files().size() - seen.size();
      return more > 0
          ? List.of("left out %s that no list names".formatted(Text.count(more, "image")))
          : List.of();
    } catch (DataException e) {
      return List.of(); // of what is not listed nothing is asked
    }
  }

  /** The images of a file by label. */
  private Map<String, List<ImageListing.Image>> classes(Path csv) {
    Map<String, List<ImageListing.Image>> classes = new TreeMap<>();
    List<String> missing = new ArrayList<>();
    int row = 1;
    try (MappingIterator<Map<String, String>> rows = CSV.readValues(ClassLists.checked(csv))) {
      while (rows.hasNextValue()) {
        Map<String, String> values = rows.nextValue();
        row++;
        String name = values.getOrDefault(FILENAME, "");
        String label = FileNames.composed(values.getOrDefault(LABEL, ""));
        if (name.isEmpty() || label.isEmpty()) {
          throw new DataException(
              ("Row %s of '%s' has the values %s: expected a filename and a label; correct it, or "
                      + "the first line, which names the columns.")
                  .formatted(row, csv, Names.shown(values.toString(), SHOWN)));
        }
        ImageListing.Image image = null;
        for (String form : forms(name)) {
          image = image == null ? find(csv, form, values.get(LABEL)) : image;
        }
        if (image == null) {
          missing.add(name);
        } else {
          classes.computeIfAbsent(label, l -> new ArrayList<>()).add(image);
        }
      }
    } catch (IOException | UncheckedIOException | InvalidPathException e) {
      throw new DataException(
          ("File '%s' cannot be read behind row %s (%s): expected a CSV file in UTF-8 with columns "
                  + "filename and label; correct it.")
              .formatted(csv, row, message(e)),
          e);
    }
    if (!missing.isEmpty()) {
      throw new DataException(
          ("Image '%s' of '%s' is not there%s: expected it in '%s', in its folder images, or in "
                  + "either below its label; check --data folder:DIR.")
              .formatted(Names.shown(missing.getFirst()), csv, ImageListing.more(missing), root));
    }
    return classes;
  }

  /** A name as it is written, and in both forms of its letters. */
  private static Set<String> forms(String name) {
    return new LinkedHashSet<>(List.of(name, FileNames.composed(name), FileNames.decomposed(name)));
  }

  private static String message(Exception e) {
    String text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return Names.said(text);
  }

  private ImageListing.Image find(Path csv, String name, String label) throws IOException {
    Path[] places = {
      Path.of(name), Path.of("images", name), Path.of(label, name), Path.of("images", label, name)
    };
    for (int i = 0; i < places.length; i++) {
      int at = (form + i) % places.length; // nearly always where the one before it was
      Path path = places[at].normalize();
      if (path.isAbsolute() || path.startsWith("..")) {
        throw new DataException(
            ("File '%s' has the image '%s' of class '%s', which points outside '%s': expected names"
                    + " below it; correct that.")
                .formatted(csv, Names.shown(name), Names.shown(label), root));
      }
      Path file = root.resolve(path);
      if (Files.isRegularFile(file)) {
        form = at;
        if (!seen.add(path)) {
          throw new DataException(
              "Image '%s' is listed twice, the second time in '%s': expected it once; remove a row."
                  .formatted(Names.shown(name), csv));
        }
        return ImageListing.Image.of(
            root, file, Files.readAttributes(file, BasicFileAttributes.class));
      }
    }
    return null;
  }

  private ImageListing lines(Path lists) {
    ImageListing all = ClassTree.of(root);
    Map<String, Split.Part> parts = ClassLists.read(lists, all.classes(), "folder");
    List<ImageListing.Group> groups = new ArrayList<>();
    for (ImageClass c : all.classes()) {
      Split.Part part = parts.get(c.fullName());
      if (part != null) {
        groups.add(
            new ImageListing.Group(
                c.group(), c.name(), part, all.files().subList(c.first(), c.first() + c.count())));
      }
    }
    List<String> unlisted =
        all.classes().stream()
            .map(ImageClass::fullName)
            .filter(n -> !parts.containsKey(n))
            .toList();
    List<String> notes = new ArrayList<>(all.notes());
    if (!unlisted.isEmpty()) {
      notes.add(
          "left out %s of the class folders, which no list names: %s"
              .formatted(unlisted.size(), ImageListing.listed(unlisted)));
    }
    return ImageListing.of(root, groups, all.others(), notes);
  }
}
