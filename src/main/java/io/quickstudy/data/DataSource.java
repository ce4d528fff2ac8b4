package io.quickstudy.data;

import io.quickstudy.graph.Shape;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A data set by the name that people type. One file says all that the rest needs to know of it, so
 * that a class of one's own, which has a public constructor without arguments, is a data set like
 * those that are here.
 *
 * <p>Immutable; nothing is read before {@link #load}.
 */
public interface DataSource {
  /** The smallest height and width of images in pixels. */
  int LEAST_SIZE = 8;

  /** The split of data without classes. */
  String NO_SPLIT = "none";

  /** What tasks are made of. */
  enum Kind {
    /** Images of classes, to tell apart. */
    CLASSES,
    /** Curves, to regress. */
    CURVES,
    /** Bits over time, to be answered with bits. */
    SIGNALS;

    /** What is measured on such tasks. */
    public Metric metric() {
      return switch (this) {
        case CLASSES -> Metric.ACCURACY;
        case CURVES -> Metric.MSE;
        case SIGNALS -> Metric.BITS;
      };
    }
  }

  /**
   * What is wanted of a data set.
   *
   * @param dir where it lies; empty to look in the usual places
   * @param split which classes are for what, by name
   * @param size the height and width of the images in pixels
   * @param channels 1 for grey images, 3 for red, green, blue
   * @param ink what the images' brightness means
   * @param framing how pictures are made alike
   * @param seed for a split or curves that are drawn
   * @param described whether the attributes of the classes are wanted
   */
  record Request(
      Optional<Path> dir,
      String split,
      int size,
      int channels,
      Ink ink,
      Framing framing,
      long seed,
      boolean described) {
    /** Without attributes. */
    public Request(
        Optional<Path> dir,
        String split,
        int size,
        int channels,
        Ink ink,
        Framing framing,
        long seed) {
      this(dir, split, size, channels, ink, framing, seed, false);
    }

    /** With the usual framing. */
    public Request(Optional<Path> dir, String split, int size, int channels, Ink ink, long seed) {
      this(dir, split, size, channels, ink, Framing.USUAL, seed);
    }

    /** The same with the attributes of the classes. */
    public Request withAttributes() {
      return new Request(dir, split, size, channels, ink, framing, seed, true);
    }

    /** What is wanted where nobody says anything. */
    public static Request usual(DataSource source, Optional<Path> dir) {
      return new Request(
          dir,
          source.usualSplit(dir),
          source.usualSize(),
          source.usualChannels(),
          source.usualInk(),
          0);
    }
  }

  /** A data set that is there. */
  sealed interface Loaded {
    /** What it is, one line. */
    String about();

    /** Examples of classes, whatever they are. */
    sealed interface Classes extends Loaded permits Images, Vectors {
      /** The examples. */
      ExampleSet set();

      /** Which classes are for what. */
      Split split();

      /** What the classes are like, in the order of the set's; often not known. */
      Optional<Attributes> attributes();

      /** Tells this from others. */
      String sha256();

      @Override
      default String about() {
        return set() + ", split " + split();
      }
    }

    /**
     * Images of classes.
     *
     * @param set the images
     * @param split which classes are for what
     * @param attributes what the classes are like, in the order of the set's, where that was asked
     *     for and is known
     */
    record Images(ImageSet set, Split split, Optional<Attributes> attributes) implements Classes {
      /** Checks that every class has its row. */
      public Images {
        if (attributes.isPresent()) {
          List<String> names = set.classes().stream().map(ImageClass::fullName).toList();
          if (!attributes.get().classes().equals(names)) {
            throw new IllegalArgumentException(
                "Attributes of %s for the %s of '%s': expected a row for each, in their order."
                    .formatted(
                        Text.count(attributes.get().classes().size(), "class"),
                        Text.count(names.size(), "class"),
                        set.name()));
          }
        }
      }

      /** Without attributes. */
      public Images(ImageSet set, Split split) {
        this(set, split, Optional.empty());
      }

      @Override
      public String sha256() {
        return Fingerprint.of(set, split, attributes);
      }
    }

    /**
     * Vectors of classes.
     *
     * @param set the vectors
     * @param split which classes are for what
     * @param columns what the numbers of a vector are called, in their order; none where they have
     *     no names
     */
    record Vectors(VectorSet set, Split split, List<String> columns) implements Classes {
      /** Copies the list. */
      public Vectors {
        columns = List.copyOf(columns);
      }

      /** Of numbers without names. */
      public Vectors(VectorSet set, Split split) {
        this(set, split, List.of());
      }

      @Override
      public Optional<Attributes> attributes() {
        return Optional.empty();
      }

      @Override
      public String sha256() {
        return Fingerprint.of(set, split);
      }
    }

    /**
     * Signals.
     *
     * @param tasks draws them
     */
    record Signals(SignalTasks tasks) implements Loaded {
      @Override
      public String about() {
        return tasks.about();
      }
    }

    /**
     * Curves.
     *
     * @param tasks draws those to train on
     * @param validation draws those to watch training by
     * @param test draws those to report
     * @param sha256 tells measured curves from others, as {@link Fingerprint} does; empty where
     *     there is no end of curves
     */
    record Curves(CurveTasks tasks, CurveTasks validation, CurveTasks test, String sha256)
        implements Loaded {
      /** Curves without end: the same for all parts. */
      public Curves(CurveTasks tasks) {
        this(tasks, tasks, tasks, "");
      }

      /** Those of a part. */
      public CurveTasks of(Split.Part part) {
        return switch (part) {
          case TRAIN -> tasks;
          case VAL -> validation;
          case TEST -> test;
        };
      }

      @Override
      public String about() {
        return tasks.about();
      }
    }
  }

  /** The name in kebab case, as results show it. */
  String name();

  /** What it is, one line. */
  String about();

  /**
   * What data of a user's own is called: its folder's or file's name; else that of the data set.
   *
   * @param dir where it lies; empty to look in the usual places
   */
  default String title(Optional<Path> dir) {
    return name();
  }

  /** What its tasks are made of. */
  Kind kind();

  /** The names of the splits that fit it, as help shows them; the usual one need not be first. */
  default List<String> splits() {
    return List.of(NO_SPLIT);
  }

  /**
   * The split where none is said.
   *
   * @param dir where it lies, since of a folder the files in it may say
   */
  default String usualSplit(Optional<Path> dir) {
    return splits().getFirst();
  }

  /** The images' height and width in pixels where none is said. */
  default int usualSize() {
    return 28;
  }

  /** The images' channels where none are said. */
  default int usualChannels() {
    return 1;
  }

  /** What the images' brightness means where nobody says. */
  default Ink usualInk() {
    return Ink.BRIGHT;
  }

  /** Whether there are images in colour, that is, in 3 channels. */
  default boolean colours() {
    return false;
  }

  /** Whether its examples are images, which can be looked at and turned; else numbers. */
  default boolean pictures() {
    return kind() == Kind.CLASSES;
  }

  /** Whether a folder may be named, as {@code name:DIR}. */
  default boolean inFolder() {
    return false;
  }

  /** Whether its classes may be described by attributes. */
  default boolean describes() {
    return false;
  }

  /**
   * The names of the attributes that describe its classes, as far as can be said before anything
   * else is read; empty where there are none.
   *
   * @throws DataException if they cannot be read
   */
  default List<String> attributes(Request r) {
    return List.of();
  }

  /**
   * Which options matter to it, of "split", "size", "channels", "ink", "fit", "trim", "levels",
   * "rotations", "within" and "classes"; the last two where its classes are in groups.
   */
  default Set<String> options() {
    return pictures() ? Set.of("split", "size", "rotations", "within", "classes") : Set.of();
  }

  /** Whether there is none without a folder. */
  default boolean needsFolder() {
    return false;
  }

  /**
   * The shape of one example: [height, width, channels] of images, [numbers] of vectors, [inputs]
   * of curves' points and signals' steps.
   */
  default Shape example(Request r) {
    return pictures() ? Shape.of(r.size(), r.size(), r.channels()) : Shape.of(1);
  }

  /** The numbers of a point's value, of curves; the bits of an answer, of signals. */
  default int outputs() {
    return 1;
  }

  /**
   * This data set as it is in a place, where only what lies there says of what kind it is, as of a
   * table. Others are the same everywhere.
   *
   * @param where a file or a folder; empty where none is named
   * @param columns what was found there before, as {@link #columns} said; empty to look
   * @throws DataException if that cannot be read
   * @throws IllegalArgumentException if there is none, or the text is none
   */
  default DataSource in(Optional<Path> where, String columns) {
    return this;
  }

  /** As {@link #in}: all that it may be, one of each kind. */
  default List<DataSource> forms() {
    return List.of(this);
  }

  /** What was found where it lies, as a run keeps it; empty where nothing has to be. */
  default String columns() {
    return "";
  }

  /** Where it is found on this machine: a folder, "built in", or how to get it. */
  default String found() {
    return "built in";
  }

  /**
   * Checks what is wanted as far as that can be done before anything is read: the folder, the size,
   * the channels and the split's name.
   *
   * @throws IllegalArgumentException if it does not fit, in one sentence
   */
  default void check(Request r) {
    if (r.dir().isPresent() && !inFolder()) {
      throw new IllegalArgumentException(
          "Data '%s' with folder '%s': expected none, since it is %s; say --data %s."
              .formatted(name(), r.dir().get(), found(), name()));
    }
    if (pictures()) {
      if (r.size() < LEAST_SIZE) {
        throw new IllegalArgumentException(
            "Option --size is %s: expected a number of at least %s; change it."
                .formatted(r.size(), LEAST_SIZE));
      }
      if (r.channels() != 1 && (r.channels() != 3 || !colours())) {
        String expected =
            colours() ? "1 (grey) or 3 (colours)" : "1 for '" + name() + "', which has no colours";
        throw new IllegalArgumentException(
            "Option --channels is %s: expected %s; leave it out for the default."
                .formatted(r.channels(), expected));
      }
    }
    if (!r.framing().equals(Framing.USUAL) && !options().contains("fit")) {
      throw new IllegalArgumentException(
          "Options --fit, --trim and --levels for '%s': expected data that is a folder of pictures; leave them out."
              .formatted(name()));
    }
    checkSplit(r.split());
  }

  /**
   * Checks the name of a split.
   *
   * @throws IllegalArgumentException if it is none of {@link #splits}, naming the nearest
   */
  default void checkSplit(String split) {
    if (!splits().contains(split)) {
      throw new IllegalArgumentException(Names.unknown("split of " + name(), split, splits()));
    }
  }

  /**
   * Loads it.
   *
   * @param r what is wanted, checked
   * @param listener told how it goes
   * @throws DataException if it cannot be found, fetched or read
   * @throws IllegalArgumentException if the split does not fit the classes
   */
  Loaded load(Request r, LoadListener listener);
}
