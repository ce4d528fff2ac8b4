package io.quickstudy.data.source;

import io.quickstudy.data.DataException;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.DataSource.Loaded;
import io.quickstudy.data.DataSource.Request;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.LoadListener;
import io.quickstudy.data.image.ImageDecoder;
import io.quickstudy.data.table.VectorFile;
import io.quickstudy.graph.Shape;
import io.quickstudy.text.Names;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The data sets by name. */
public final class DataSources {
  /** Those that are here, in the order of lists. A new one of ours is entered here. */
  public static final List<DataSource> ALL =
      List.of(
          new Glyphs(),
          new Omniglot(),
          new Folder(),
          Table.DATA,
          Sinusoids.DATA,
          Sinusoids.NOISY,
          GaussianProcess.DATA,
          Waves.DATA,
          SinesAndLines.DATA,
          CopyTask.DATA,
          RecallTask.DATA);

  private DataSources() {}

  /** The names of {@link #ALL}. */
  public static List<String> names() {
    return ALL.stream().map(DataSource::name).toList();
  }

  /**
   * A data set by its name, or by that of a class of one's own on the class path, such as
   * "org.example.Shapes", which is told apart by a dot or a capital letter at its beginning.
   *
   * @param loader looks for such a class
   * @throws IllegalArgumentException if there is none, in one sentence
   */
  public static DataSource of(String name, ClassLoader loader) {
    for (DataSource s : ALL) {
      if (s.name().equalsIgnoreCase(name)) {
        return s;
      }
    }
    boolean typed =
        name.indexOf('.') >= 0 || (!name.isEmpty() && Character.isUpperCase(name.charAt(0)));
    if (typed) {
      return own(name, loader);
    }
    throw unknown(name);
  }

  /** What is no data set may be the name of a folder. */
  private static IllegalArgumentException unknown(String name) {
    String said = Names.unknown("data", name, names());
    if (!isFolder(name)) {
      return new IllegalArgumentException(said);
    }
    boolean tables = holdsTables(Path.of(name));
    return new IllegalArgumentException(
        "Unknown data '%s': expected one of %s; for the %s of this folder say --data %s:%s."
            .formatted(
                Names.shown(name),
                String.join(", ", names()),
                tables ? "tables" : "images",
                tables ? "table" : "folder",
                Names.shown(name)));
  }

  /** Whether there are tables in a folder, or in those in it, and no images at all. */
  private static boolean holdsTables(Path folder) {
    try (Stream<Path> some = Files.walk(folder, 2)) {
      if (some.noneMatch(VectorFile::named)) {
        return false;
      }
      ImageDecoder.list(folder);
      return false;
    } catch (DataException noImages) {
      return true;
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }

  private static boolean isFile(String name) {
    try {
      return Files.isRegularFile(Path.of(name));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static boolean isFolder(String name) {
    try {
      return !name.isEmpty() && Files.isDirectory(Path.of(name));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /**
   * Checks what is wanted, loads it, and checks that it is what was wanted.
   *
   * @param r what is wanted
   * @param listener told how it goes
   * @throws io.quickstudy.data.DataException if it cannot be found, fetched or read
   * @throws IllegalArgumentException if what is wanted does not fit the data set, or what it gave
   */
  public static Loaded load(DataSource source, Request r, LoadListener listener) {
    source.check(r);
    Loaded loaded = source.load(r, listener);
    switch (source.kind()) {
      case CLASSES -> images(source, r, loaded);
      case CURVES -> {
        if (!(loaded instanceof Loaded.Curves)) {
          throw new IllegalArgumentException(
              "Data '%s' gave no curves: expected some, as its kind is CURVES; change one of both."
                  .formatted(source.name()));
        }
      }
      case SIGNALS -> {
        if (!(loaded instanceof Loaded.Signals)) {
          throw new IllegalArgumentException(
              "Data '%s' gave no signals: expected some, as its kind is SIGNALS; change one of both."
                  .formatted(source.name()));
        }
      }
    }
    return loaded;
  }

  private static void images(DataSource source, Request r, Loaded loaded) {
    if (loaded instanceof Loaded.Vectors v) {
      if (!Shape.of(v.set().width()).equals(source.example(r))) {
        throw new IllegalArgumentException(
            "Data '%s' gave vectors of %s numbers: expected examples of %s; change one of both."
                .formatted(source.name(), v.set().width(), source.example(r)));
      }
      return;
    }
    if (!(loaded instanceof Loaded.Images i)) {
      throw new IllegalArgumentException(
          "Data '%s' gave no images: expected some, as its kind is CLASSES; change one of both."
              .formatted(source.name()));
    }
    ImageSet set = i.set();
    if (set.height() != r.size() || set.width() != r.size() || set.channels() != r.channels()) {
      throw new IllegalArgumentException(
          ("Data '%s' gave images of %s x %s pixels in %s channels: expected %s x %s in %s, as"
                  + " --size and --channels say; leave them out or change the data set.")
              .formatted(
                  source.name(),
                  set.height(),
                  set.width(),
                  set.channels(),
                  r.size(),
                  r.size(),
                  r.channels()));
    }
  }

  private static DataSource own(String name, ClassLoader loader) {
    try {
      Class<?> type = Class.forName(name, true, loader);
      return type.asSubclass(DataSource.class).getConstructor().newInstance();
    } catch (ClassNotFoundException e) {
      throw isFile(name)
          ? new IllegalArgumentException(
              "Unknown data '%s': expected one of %s; for the numbers of this file say --data table:%s."
                  .formatted(Names.shown(name), String.join(", ", names()), Names.shown(name)),
              e)
          : wrong(name, "is not found", "check the name and the class path", e);
    } catch (LinkageError e) {
      throw wrong(
          name, "cannot be loaded (%s)".formatted(e), "check what it needs on the class path", e);
    } catch (ClassCastException e) {
      throw wrong(name, "is none", "let it implement io.quickstudy.data.DataSource", e);
    } catch (InvocationTargetException e) {
      throw wrong(
          name,
          "cannot be made (%s)".formatted(e.getCause()),
          "look at its constructor",
          e.getCause());
    } catch (ReflectiveOperationException e) {
      throw wrong(
          name,
          "cannot be made",
          "make it a public class with a public constructor without arguments",
          e);
    }
  }

  private static IllegalArgumentException wrong(
      String name, String what, String repair, Throwable cause) {
    return new IllegalArgumentException(
        "Data '%s' is a class that %s: expected one of %s, or a data set of your own; %s."
            .formatted(Names.shown(name), what, String.join(", ", names()), repair),
        cause);
  }
}
