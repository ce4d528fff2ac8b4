package io.quickstudy.data.source;

import io.quickstudy.data.Attributes;
import io.quickstudy.data.DataException;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.LoadListener;
import io.quickstudy.data.Split;
import io.quickstudy.data.image.AttributeFile;
import io.quickstudy.data.image.FolderData;
import io.quickstudy.data.image.FolderSplit;
import io.quickstudy.data.image.ImageDecoder;
import io.quickstudy.data.image.PictureInk;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Own images: any folder of class folders of image files. */
public final class Folder implements DataSource {
  @Override
  public String name() {
    return "folder";
  }

  @Override
  public String about() {
    return "your own images: class folders of images, as folder:DIR";
  }

  @Override
  public String title(Optional<Path> dir) {
    return dir.map(Path::getFileName).map(Path::toString).orElse(name());
  }

  @Override
  public Kind kind() {
    return Kind.CLASSES;
  }

  @Override
  public List<String> splits() {
    return FolderSplit.names();
  }

  /** What lies in the folder says. */
  @Override
  public String usualSplit(Optional<Path> dir) {
    return dir.map(FolderSplit::usual).orElse(Split.RANDOM);
  }

  @Override
  public int usualSize() {
    return 84; // that of mini-ImageNet (Vinyals et al. 2016)
  }

  @Override
  public int usualChannels() {
    return 3;
  }

  @Override
  public boolean colours() {
    return true;
  }

  @Override
  public boolean inFolder() {
    return true;
  }

  @Override
  public boolean needsFolder() {
    return true;
  }

  @Override
  public boolean describes() {
    return true;
  }

  /** The headings of the file beside the class folders, where there is one. */
  @Override
  public List<String> attributes(Request r) {
    return r.dir()
        .flatMap(AttributeFile::in)
        .map(f -> AttributeFile.read(f).names())
        .orElse(List.of());
  }

  @Override
  public Set<String> options() {
    return Set.of(
        "split",
        "size",
        "channels",
        "ink",
        "fit",
        "trim",
        "levels",
        "rotations",
        "within",
        "classes");
  }

  @Override
  public String found() {
    return "as folder:DIR; decoded images are kept in " + FolderData.cacheFolder();
  }

  @Override
  public void check(Request r) {
    DataSource.super.check(r);
    if (r.dir().isEmpty()) {
      throw new IllegalArgumentException(
          "Data 'folder' without a folder: expected one of class folders of images; say --data"
              + " folder:DIR.");
    }
  }

  /** Also "files:DIR". */
  @Override
  public void checkSplit(String split) {
    FolderSplit.of(split);
  }

  @Override
  public Loaded load(Request r, LoadListener listener) {
    FolderData data =
        FolderData.load(
            r.dir().orElseThrow(),
            FolderSplit.of(r.split()),
            new ImageDecoder(r.size(), r.size(), r.channels(), PictureInk.of(r.ink()), r.framing()),
            r.seed(),
            listener);
    return new Loaded.Images(
        data.images(),
        data.split(),
        r.described() ? Optional.of(described(r, data)) : Optional.empty());
  }

  private static Attributes described(Request r, FolderData data) {
    Path dir = r.dir().orElseThrow();
    Path file =
        AttributeFile.in(dir)
            .orElseThrow(
                () ->
                    new DataException(
                        "Folder '%s' has no file %s: expected one with a line of attributes for each class folder; write it, or choose another learner."
                            .formatted(dir, AttributeFile.NAME)));
    return AttributeFile.read(file).of(data.images().classes());
  }
}
