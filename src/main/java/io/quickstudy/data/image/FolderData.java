package io.quickstudy.data.image;

import io.quickstudy.data.DataException;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.LoadListener;
import io.quickstudy.data.Split;
import io.quickstudy.text.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A folder of class folders of images, split by class, to train on. It is decoded once into the
 * cache folder.
 *
 * @param images the images
 * @param split which classes are for what
 */
public record FolderData(ImageSet images, Split split) {

  /**
   * Loads a folder.
   *
   * @param directory the folder, absolute or from here
   * @param by how its classes are split
   * @param form what images are made into
   * @param seed for the random split
   * @param listener told how it goes, and what was left out: images that cannot be read, up to a
   *     tenth
   * @throws DataException if an image, a folder or a list cannot be read, or the cache cannot be
   *     written
   * @throws IllegalArgumentException if the split does not fit the classes
   */
  public static FolderData load(
      Path directory, FolderSplit by, ImageDecoder form, long seed, LoadListener listener) {
    return load(directory, by, form, seed, listener, ImageCache.usual());
  }

  /** Where decoded images are kept. */
  public static Path cacheFolder() {
    return ImageCache.usual().folder();
  }

  static FolderData load(
      Path directory,
      FolderSplit by,
      ImageDecoder form,
      long seed,
      LoadListener listener,
      ImageCache cache) {
    ImageListing listing = list(directory, by);
    int others = listing.others();
    listener.message(
        "found %s of %s in %s%s"
            .formatted(
                Text.count(listing.files().size(), "image"),
                Text.count(listing.classes().size(), "class"),
                directory,
                others == 0 ? "" : " (%s left out)".formatted(Text.count(others, "other file"))));
    listing.notes().forEach(listener::message);
    String layout =
        switch (by.rule()) {
          case FOLDERS -> "folders";
          case FILES -> "files " + (by.lists() == null ? "here" : by.lists().toAbsolutePath());
          case RANDOM, HELDOUT -> "all";
        };
    ImageCache.Decoded decoded = cache.get(listing, layout, form, listener);
    ImageListing read = listing;
    if (!decoded.unreadable().numbers().isEmpty()) {
      listener.message(decoded.unreadable().message(listing));
      read = listing.without(decoded.unreadable().numbers());
    }
    ImageSet set =
        new ImageSet(
            read.name(),
            form.height(),
            form.width(),
            form.channels(),
            decoded.pixels(),
            read.classes());
    Split split =
        switch (by.rule()) {
          case FOLDERS, FILES -> Split.of(by.rule().key(), read.parts());
          case RANDOM -> Split.random(set, seed);
          case HELDOUT -> Split.heldout(set);
        };
    return new FolderData(set, split);
  }

  private static ImageListing list(Path directory, FolderSplit by) {
    return switch (by.rule()) {
      case FILES -> SplitLists.read(directory, by.lists() == null ? directory : by.lists());
      case FOLDERS -> folders(directory);
      case RANDOM, HELDOUT -> {
        ImageListing all = ClassTree.of(directory);
        all.classes().forEach(c -> named(all, c, directory));
        yield PartFolders.in(directory).joined(all);
      }
    };
  }

  private static void named(ImageListing all, ImageClass c, Path folder) {
    if (c.fullName().isEmpty()) {
      throw new DataException(
          ("Image '%s' lies directly in '%s': expected every image in the folder of its class; move"
                  + " it, or name the folder above.")
              .formatted(all.files().get(c.first()).name(), folder));
    }
  }

  /** What lies below train, val and test. */
  private static ImageListing folders(Path directory) {
    PartFolders folders = PartFolders.in(directory);
    List<Path> starts = new ArrayList<>();
    for (Split.Part part : Split.Part.values()) {
      folders.of(part).ifPresent(starts::add);
      if (part != Split.Part.VAL && !folders.has(part)) {
        throw new DataException(
            ("Folder '%s' has no folder '%s': expected train, val and test for split 'folders'; use"
                    + " --split random to have the classes split.")
                .formatted(directory, PartFolders.key(part)));
      }
    }
    ImageListing all = ClassTree.of(directory, starts);
    Map<String, Split.Part> parts = new HashMap<>();
    List<Split.Part> each = new ArrayList<>();
    for (ImageClass c : all.classes()) {
      String[] names = c.fullName().split("/", 2);
      if (names.length < 2) {
        named(all, new ImageClass("", "", c.first(), c.count()), directory.resolve(names[0]));
      }
      Split.Part part = part(names[0]);
      Split.Part before = parts.put(names[1], part);
      if (before != null && before != part) {
        throw new DataException(
            ("Class '%s' is in the folders %s and %s of '%s': expected each class in one, since a"
                    + " test on classes of training says nothing; use --split random, for which"
                    + " they are one class.")
                .formatted(names[1], PartFolders.key(before), PartFolders.key(part), directory));
      }
      each.add(part);
    }
    for (Path start : starts) {
      if (!each.contains(part(start.getFileName().toString()))) {
        throw new DataException(
            "Folder '%s' holds no images: expected class folders of its part; fill or delete it."
                .formatted(start));
      }
    }
    List<String> notes = new ArrayList<>(all.notes());
    if (!folders.others().isEmpty()) {
      notes.add(
          "left out %s beside the folders of the parts: %s"
              .formatted(folders.others().size(), ImageListing.listed(folders.others())));
    }
    return new ImageListing(directory, all.classes(), all.files(), each, all.others(), notes);
  }

  private static Split.Part part(String name) {
    return PartFolders.part(name).orElseThrow();
  }
}
