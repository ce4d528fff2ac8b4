package io.quickstudy.adapt;

import io.quickstudy.data.DataException;
import io.quickstudy.data.image.ImageDecoder;
import io.quickstudy.text.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/** A handful of labelled images to adapt to: any number of each class. Immutable. */
public final class Support {
  private final Map<String, List<Image>> classes;

  private Support(Map<String, List<Image>> classes) {
    this.classes = classes;
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

  /** The classes, in the order in which they were first named. */
  public List<String> classes() {
    return List.copyOf(classes.keySet());
  }

  /** How many images of each class. */
  public Map<String, Integer> shots() {
    Map<String, Integer> m = new LinkedHashMap<>();
    classes.forEach((name, images) -> m.put(name, images.size()));
    return m;
  }

  /** How many images in all. */
  public int size() {
    return classes.values().stream().mapToInt(List::size).sum();
  }

  /** An image and the number of its class. */
  record Example(Image image, int label) {}

  /** One class after the other. */
  List<Example> byClass() {
    List<Example> out = new ArrayList<>();
    int label = 0;
    for (List<Image> images : classes.values()) {
      for (Image image : images) {
        out.add(new Example(image, label));
      }
      label++;
    }
    return out;
  }

  /** The first image of every class, then the second of each that has one, and so on. */
  List<Example> inTurn() {
    List<Example> out = new ArrayList<>();
    for (int shot = 0; out.size() < size(); shot++) {
      int label = 0;
      for (List<Image> images : classes.values()) {
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
    return "support set " + shots();
  }

  /** Collects labelled images; for one thread. */
  public static final class Builder {
    private final Map<String, List<Image>> classes = new LinkedHashMap<>();

    private Builder() {}

    /**
     * Adds an image of a class.
     *
     * @param label the class's name, not empty
     */
    public Builder add(String label, Image image) {
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
            "A support set of %s %s: expected at least 2; add images of another."
                .formatted(Text.count(classes.size(), "class"), new TreeSet<>(classes.keySet())));
      }
      Map<String, List<Image>> copy = new LinkedHashMap<>();
      classes.forEach((name, images) -> copy.put(name, List.copyOf(images)));
      return new Support(copy);
    }
  }
}
