package io.quickstudy.adapt;

import io.quickstudy.data.Attributes;
import io.quickstudy.data.DataException;
import io.quickstudy.data.image.AttributeFile;
import io.quickstudy.data.image.ImageArchive;
import io.quickstudy.data.image.ImageDecoder;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A handful of labelled images, or rows of numbers, to adapt to, any number of each class, and
 * images whose class is not known, for a learner that learns from such; or what classes are like,
 * for a run that learned to know classes by their attributes. Immutable.
 */
public final class Support {
  /** Images that an archive may hold, if nothing else is said. */
  public static final int ZIP_IMAGES = 1000;

  /** Bytes that its files may have, if nothing else is said. */
  public static final long ZIP_BYTES = 64L << 20;

  private static final int UNLABELLED = -1;

  private final Map<String, List<Input>> classes;
  private final Optional<Attributes> attributes;
  private final List<Input> unlabelled;

  private Support(
      Map<String, List<Input>> classes, Optional<Attributes> attributes, List<Input> unlabelled) {
    this.classes = classes;
    this.attributes = attributes;
    this.unlabelled = unlabelled;
  }

  /** Begins an empty one. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * A folder of class folders of image files, named as the classes are. Classes are ordered by
   * name, images by file name. Folders without images are no classes; {@link ImageDecoder#list}
   * says what was left out.
   *
   * @throws DataException if there are no such images, or not of two classes, or one cannot be read
   */
  public static Support ofFolder(Path folder) {
    Map<String, List<Path>> found = ImageDecoder.list(folder).byFolder();
    if (found.containsKey("")) {
      throw new DataException(
          ("Folder '%s' holds images itself, '%s' for one: expected a folder of images for each"
                  + " class; move them into these.")
              .formatted(folder, found.get("").get(0).getFileName()));
    }
    if (found.size() < 2) {
      throw new DataException(
          "Folder '%s' holds one class, '%s': expected at least 2; add a folder for each."
              .formatted(folder, found.keySet().iterator().next()));
    }
    Builder b = builder();
    found.forEach((name, files) -> files.forEach(f -> b.add(name, Image.read(f))));
    return b.build();
  }

  /**
   * As {@link #ofZip(byte[], int, long)}, of at most {@value #ZIP_IMAGES} images and {@value
   * #ZIP_BYTES} bytes.
   */
  public static Support ofZip(byte[] archive) {
    return ofZip(archive, ZIP_IMAGES, ZIP_BYTES);
  }

  /**
   * A ZIP archive with a folder of image files for each class, as it comes over a network. Classes
   * are ordered by name, images by file name; what is no image, hidden or in no folder is left out.
   * Nothing is written to disk.
   *
   * @param archive the bytes of the archive
   * @param mostImages that it may hold
   * @param mostBytes that its files may have when they are unpacked
   * @throws DataException if it is no archive, is damaged, holds more, or has no images of two
   *     classes; images are decoded when an adapter takes them
   */
  public static Support ofZip(byte[] archive, int mostImages, long mostBytes) {
    Map<String, List<ImageArchive.File>> found = ImageArchive.read(archive, mostImages, mostBytes);
    if (found.size() < 2) {
      throw new DataException(
          "The ZIP archive holds %s: expected folders of images of at least 2 classes; add a folder for each."
              .formatted(
                  found.isEmpty()
                      ? "no folder of images"
                      : "images of one class, '%s'"
                          .formatted(Names.shown(found.keySet().iterator().next()))));
    }
    Builder b = builder();
    found.forEach(
        (name, files) -> files.forEach(f -> b.add(name, Image.named(f.bytes(), f.name()))));
    return b.build();
  }

  /**
   * Rows of numbers: a CSV file with a column "class", or a folder with a CSV or NPY file for each
   * class. Classes are in the order in which they are first named.
   *
   * @throws DataException if a row is of no class, or there are not two classes, or a file cannot
   *     be read or has a wrong cell: with its line and column
   */
  public static Support ofTable(Path where) {
    Builder b = builder();
    for (Row row : Row.read(where)) {
      b.add(
          row.label()
              .orElseThrow(
                  () ->
                      new DataException(
                          "Table '%s' does not say of which class its rows are: expected a column 'class', or a folder with such a file for each class; add it."
                              .formatted(where))),
          row);
    }
    if (b.classes.size() < 2) {
      throw new DataException(
          "Table '%s' holds one class, '%s': expected at least 2; add rows of another."
              .formatted(where, Names.shown(b.classes.keySet().iterator().next())));
    }
    return b.build();
  }

  /**
   * Classes that are described in place of shown: a CSV file with a line of headings, and for each
   * class a line of its name and its attributes. Classes are in the file's order; columns may be in
   * any, and more than the run was trained with.
   *
   * @throws DataException if it cannot be read, a line of it is wrong, or there are not two classes
   */
  public static Support ofAttributes(Path file) {
    Attributes a = AttributeFile.read(file).attributes();
    if (a.classes().size() < 2) {
      throw new DataException(
          "File '%s' describes one class, '%s': expected at least 2; add a line for another."
              .formatted(file, Names.shown(a.classes().getFirst())));
    }
    return ofAttributes(a);
  }

  /**
   * The same of numbers at hand.
   *
   * @throws IllegalArgumentException if there are fewer than two classes
   */
  public static Support ofAttributes(Attributes attributes) {
    if (attributes.classes().size() < 2) {
      throw new IllegalArgumentException(
          "Attributes of one class, '%s': expected those of at least 2; add another."
              .formatted(Names.shown(attributes.classes().getFirst())));
    }
    Map<String, List<Input>> none = new LinkedHashMap<>();
    attributes.classes().forEach(c -> none.put(c, List.of()));
    return new Support(none, Optional.of(attributes), List.of());
  }

  /** What the classes are like, where they are described and not shown. */
  public Optional<Attributes> attributes() {
    return attributes;
  }

  /** The same with more images whose class is not known. */
  public Support withUnlabelled(Collection<? extends Input> images) {
    List<Input> all = new ArrayList<>(unlabelled);
    all.addAll(images);
    return new Support(classes, attributes, List.copyOf(all));
  }

  /**
   * The same with more images whose class is not known: those of a folder and of its folders, in
   * the order of their paths.
   *
   * @throws DataException if there are no such images, or one cannot be read
   */
  public Support withUnlabelled(Path folder) {
    List<Image> images = new ArrayList<>();
    ImageDecoder.list(folder)
        .byFolder()
        .values()
        .forEach(files -> files.forEach(f -> images.add(Image.read(f))));
    return withUnlabelled(images);
  }

  /** How many images whose class is not known. */
  public int unlabelled() {
    return unlabelled.size();
  }

  /** The classes, in the order in which they were first named. */
  public List<String> classes() {
    return List.copyOf(classes.keySet());
  }

  /** How many images of each class; 0 of those that are described. */
  public Map<String, Integer> shots() {
    Map<String, Integer> m = new LinkedHashMap<>();
    classes.forEach((name, images) -> m.put(name, images.size()));
    return m;
  }

  /** How many labelled images in all. */
  public int size() {
    return classes.values().stream().mapToInt(List::size).sum();
  }

  /** An image or a row and the number of its class; -1 where it is not known. */
  record Example(Input input, int label) {}

  /** One class after the other, and then what is not labelled. */
  List<Example> byClass() {
    List<Example> out = new ArrayList<>();
    int label = 0;
    for (List<Input> images : classes.values()) {
      for (Input image : images) {
        out.add(new Example(image, label));
      }
      label++;
    }
    unlabelled.forEach(image -> out.add(new Example(image, UNLABELLED)));
    return out;
  }

  /** The first image of every class, then the second of each that has one, and so on. */
  List<Example> inTurn() {
    List<Example> out = new ArrayList<>();
    for (int shot = 0; out.size() < size(); shot++) {
      int label = 0;
      for (List<Input> images : classes.values()) {
        if (shot < images.size()) {
          out.add(new Example(images.get(shot), label));
        }
        label++;
      }
    }
    return out;
  }

  @Override
  public String toString() {
    String unknown = unlabelled.isEmpty() ? "" : " and " + unlabelled.size() + " unlabelled";
    return (attributes.isPresent() ? "attributes of " + classes() : "support set " + shots())
        + unknown;
  }

  /** Collects labelled images or rows; for one thread. */
  public static final class Builder {
    private final Map<String, List<Input>> classes = new LinkedHashMap<>();

    private Builder() {}

    /**
     * Adds an image or a row of a class.
     *
     * @param label the class's name, not empty
     */
    public Builder add(String label, Input image) {
      if (label.isEmpty()) {
        throw new IllegalArgumentException(
            "A class without a name: expected a text that predictions give back; name it.");
      }
      classes.computeIfAbsent(label, l -> new ArrayList<>()).add(Objects.requireNonNull(image));
      return this;
    }

    /**
     * The support set.
     *
     * @throws IllegalArgumentException if it has fewer than two classes
     */
    public Support build() {
      if (classes.size() < 2) {
        throw new IllegalArgumentException(
            "A support set of %s %s: expected at least 2; add examples of another."
                .formatted(Text.count(classes.size(), "class"), new TreeSet<>(classes.keySet())));
      }
      Map<String, List<Input>> copy = new LinkedHashMap<>();
      classes.forEach((name, images) -> copy.put(name, List.copyOf(images)));
      return new Support(copy, Optional.empty(), List.of());
    }
  }
}
