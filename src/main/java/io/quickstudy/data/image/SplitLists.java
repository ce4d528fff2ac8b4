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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
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
  private static final long MAX_BYTES = 64 << 20;
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
        throw empty(csv);
      }
      classes.forEach(
          (label, images) -> {
            apart(label, parts.put(label, part), part, ".csv");
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

  private static DataException empty(Path list) {
    return new DataException(
        "File '%s' lists nothing: expected the classes of its part; fill or delete it."
            .formatted(list));
  }

  private static void apart(String label, Split.Part before, Split.Part now, String kind) {
    if (before != null && before != now) {
      throw new DataException(
          ("Class '%s' is in %s and in %s: expected each class in one part, since a test on "
                  + "classes of training says nothing; remove it from one.")
              .formatted(
                  Names.shown(label), PartFolders.key(before) + kind, PartFolders.key(now) + kind));
    }
  }

  /** The images of a file by label. */
  private Map<String, List<ImageListing.Image>> classes(Path csv) {
    Map<String, List<ImageListing.Image>> classes = new TreeMap<>();
    List<String> missing = new ArrayList<>();
    int row = 1;
    try (MappingIterator<Map<String, String>> rows = CSV.readValues(checked(csv))) {
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

  /** The bytes of a list that is not too large. */
  private static byte[] checked(Path list) throws IOException {
    long size = Files.size(list);
    if (size > MAX_BYTES) {
      throw new DataException(
          "File '%s' has %s bytes: expected a list of at most %s MiB; name another."
              .formatted(list, size, MAX_BYTES >> 20));
    }
    return Files.readAllBytes(list);
  }

  private ImageListing lines(Path lists) {
    ImageListing all = ClassTree.of(root);
    PartFolders files = PartFolders.lists(lists, ".txt");
    Map<String, Split.Part> parts = new TreeMap<>();
    Map<Split.Part, Set<String>> named = new EnumMap<>(Split.Part.class);
    for (Split.Part part : Split.Part.values()) {
      Path list = files.of(part).orElse(null);
      if (list == null) {
        continue;
      }
      Set<String> classes = new LinkedHashSet<>();
      for (String line : text(list)) {
        String name = FileNames.composed(line.strip());
        if (!name.isEmpty() && !name.startsWith("#")) {
          String found = known(list, name, all.classes());
          apart(found, parts.put(found, part), part, ".txt");
          classes.add(found);
        }
      }
      if (classes.isEmpty()) {
        throw empty(list);
      }
      named.put(part, classes);
    }
    List<ImageListing.Group> groups = new ArrayList<>();
    for (ImageClass c : all.classes()) {
      named.forEach(
          (part, classes) -> {
            if (classes.contains(c.fullName())) {
              groups.add(
                  new ImageListing.Group(
                      c.group(),
                      c.name(),
                      part,
                      all.files().subList(c.first(), c.first() + c.count())));
            }
          });
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

  private static List<String> text(Path list) {
    try {
      return new String(checked(list), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new DataException(
          "File '%s' cannot be read (%s): expected a class in each line; check its permissions."
              .formatted(list, e),
          e);
    }
  }

  /** The full name of a class by that or, where there is one of it, its last part. */
  private static String known(Path list, String name, List<ImageClass> classes) {
    List<String> same =
        classes.stream()
            .filter(c -> c.fullName().equals(name) || c.name().equals(name))
            .map(ImageClass::fullName)
            .toList();
    if (same.contains(name)) {
      return name;
    }
    if (same.size() > 1) {
      throw new DataException(
          "Class '%s' of '%s' may be any of %s: expected one; write its whole name."
              .formatted(Names.shown(name), list, Names.shown(same.toString(), SHOWN)));
    }
    if (same.isEmpty()) {
      List<String> names = classes.stream().map(ImageClass::fullName).toList();
      throw new DataException(
          "Class '%s' of '%s' has no folder: expected one of %s; %s"
              .formatted(
                  Names.shown(name),
                  list,
                  Text.count(classes.size(), "class"),
                  Names.hint("", name, names, "correct the list.")));
    }
    return same.getFirst();
  }
}
