package io.quickstudy.data.source;

import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Split;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** The splits of Omniglot's 1623 characters. */
enum OmniglotSplit {
  /**
   * That of Vinyals et al. (2016) as the ProtoNet code has it: 1028 training, 172 validation and
   * 423 test characters, by alphabet.
   */
  VINYALS {
    @Override
    Split of(ImageSet set, long seed) {
      return Split.of(key(), whole(set), OmniglotSplit::vinyals);
    }
  },
  /** {@link Split#randomTrainAndTest}. */
  RANDOM {
    @Override
    Split of(ImageSet set, long seed) {
      return Split.randomTrainAndTest(set, seed);
    }
  },
  /**
   * Omniglot's own halves (Lake et al. 2015): 964 background characters for training, 659
   * evaluation characters for test. All 964 are trained on: validation, the five alphabets of
   * {@link #VINYALS}, only shows how training goes and must not choose between models.
   */
  LAKE {
    @Override
    Split of(ImageSet set, long seed) {
      return Split.of(
          key(),
          whole(set),
          c -> !EVALUATION.contains(c.group()),
          c -> VINYALS_VAL.contains(c.group()),
          c -> EVALUATION.contains(c.group()));
    }
  },
  /** {@link Split#heldout}. */
  HELDOUT {
    @Override
    Split of(ImageSet set, long seed) {
      return Split.heldout(set);
    }
  };

  private static final Set<String> VINYALS_VAL =
      Set.of("Armenian", "Bengali", "Early_Aramaic", "Hebrew", "Mkhedruli_(Georgian)");
  private static final Set<String> VINYALS_TEST =
      Set.of(
          "Kannada",
          "Keble",
          "Malayalam",
          "Manipuri",
          "Mongolian",
          "Old_Church_Slavonic_(Cyrillic)",
          "Oriya",
          "Sylheti",
          "Syriac_(Serto)",
          "Tengwar",
          "Tibetan",
          "ULOG");
  private static final Set<String> GURMUKHI_TEST =
      Set.of("character42", "character43", "character44", "character45");
  private static final Set<String> EVALUATION =
      Set.of(
          "Angelic",
          "Atemayar_Qelisayer",
          "Atlantean",
          "Aurek-Besh",
          "Avesta",
          "Ge_ez",
          "Glagolitic",
          "Gurmukhi",
          "Kannada",
          "Keble",
          "Malayalam",
          "Manipuri",
          "Mongolian",
          "Old_Church_Slavonic_(Cyrillic)",
          "Oriya",
          "Sylheti",
          "Syriac_(Serto)",
          "Tengwar",
          "Tibetan",
          "ULOG");

  /**
   * Splits the characters.
   *
   * @param seed for what is drawn
   * @throws IllegalArgumentException if the split does not fit the set
   */
  abstract Split of(ImageSet set, long seed);

  /** The name that people type, in lower case. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** All names. */
  static List<String> names() {
    return Arrays.stream(values()).map(OmniglotSplit::key).toList();
  }

  /** That of one of {@link #names}. */
  static OmniglotSplit named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  private static ImageSet whole(ImageSet set) {
    Set<String> missing = new TreeSet<>(EVALUATION);
    missing.addAll(VINYALS_VAL);
    set.classes().forEach(c -> missing.remove(c.group()));
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          ("A set '%s' that lacks %s alphabets such as '%s': expected all of Omniglot; say --split"
                  + " random or heldout.")
              .formatted(set.name(), missing.size(), missing.iterator().next()));
    }
    return set;
  }

  private static Split.Part vinyals(ImageClass c) {
    if (VINYALS_VAL.contains(c.group())) {
      return Split.Part.VAL;
    }
    boolean gurmukhi = c.group().equals("Gurmukhi") && GURMUKHI_TEST.contains(c.name());
    return gurmukhi || VINYALS_TEST.contains(c.group()) ? Split.Part.TEST : Split.Part.TRAIN;
  }
}
