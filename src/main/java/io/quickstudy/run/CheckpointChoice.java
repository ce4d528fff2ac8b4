package io.quickstudy.run;

import io.quickstudy.settings.ConfigException;
import io.quickstudy.text.Names;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * Which checkpoint of a run is put to work.
 *
 * @param role the one that is best or newest; of no meaning where a step is given
 * @param step the one of this step
 */
public record CheckpointChoice(Role role, OptionalInt step) {
  /** What a checkpoint is to its run. */
  public enum Role {
    /** That of the best measurement on validation classes, or the newest where there is none. */
    BEST("best by validation"),
    /** The one of the most steps, from which training goes on. */
    NEWEST("newest");

    private final String words;

    Role(String words) {
      this.words = words;
    }

    /** In words, behind "the". */
    public String words() {
      return words;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The best by validation, or where there is none the newest: what all use unless told. */
  public static final CheckpointChoice BEST = new CheckpointChoice(Role.BEST, OptionalInt.empty());

  /** The newest. */
  public static final CheckpointChoice NEWEST =
      new CheckpointChoice(Role.NEWEST, OptionalInt.empty());

  /** That of a step. */
  public static CheckpointChoice of(int step) {
    return new CheckpointChoice(Role.NEWEST, OptionalInt.of(step));
  }

  /**
   * Reads "best", "newest" or a number of steps.
   *
   * @throws ConfigException if it is none of these
   */
  public static CheckpointChoice parse(String text) {
    return switch (text) {
      case "best" -> BEST;
      case "newest" -> NEWEST;
      default -> {
        if (!text.matches("[0-9]{1,9}")) {
          throw new ConfigException(
              "Option --checkpoint is '%s': expected best, newest or the number of a step; change it."
                  .formatted(Names.shown(text)));
        }
        yield of(Integer.parseInt(text));
      }
    };
  }

  /** Whether it is the best. */
  public boolean isBest() {
    return step.isEmpty() && role == Role.BEST;
  }
}
