package io.quickstudy.run;

import io.quickstudy.data.Split;
import io.quickstudy.data.image.FolderSplit;

/** That what a configuration says about own images fits together. */
final class FolderKeys {
  private FolderKeys() {}

  /**
   * Checks it.
   *
   * @throws ConfigException for the first value that does not fit
   */
  static void check(DataName data, String dataDir, String split, int channels) {
    if (channels != 1 && (channels != 3 || data != DataName.FOLDER)) {
      throw new ConfigException(
          "Option --channels is %d: expected %s; leave it out for the default."
              .formatted(
                  channels,
                  data == DataName.FOLDER
                      ? "1 (grey) or 3 (colours)"
                      : "1 for '" + data + "', which has no colours"));
    }
    if (data == DataName.FOLDER) {
      if (dataDir.isEmpty()) {
        throw new ConfigException(
            "Data 'folder' without a folder: expected one of class folders of images; say --data"
                + " folder:DIR.");
      }
      try {
        FolderSplit.of(split);
      } catch (IllegalArgumentException e) {
        throw new ConfigException(e.getMessage(), e);
      }
    } else if (data.images() && own(split)) {
      throw new ConfigException(
          "Split '%s' with data '%s': expected one of %s; only folders have it."
              .formatted(split, data, String.join(", ", Catalogue.splits(data))));
    }
  }

  private static boolean own(String split) {
    Split.Rule rule = Split.Rule.of(split);
    return rule == Split.Rule.FOLDERS || rule == Split.Rule.FILES;
  }
}
