package io.quickstudy.data.image;

import io.quickstudy.data.DataException;
import io.quickstudy.text.Text;
import java.util.ArrayList;
import java.util.List;

/**
 * Images that are left out since they cannot be read: of many files a few are damaged, and the rest
 * is as good as ever. More than a tenth is a mistake that somebody has to see.
 *
 * @param numbers of the listing's files, in order
 * @param why what is wrong with the first, in a sentence; empty where there are none
 * @param lasting whether it is of the files themselves; not of a disk that may be there tomorrow
 */
record Unreadable(List<Integer> numbers, String why, boolean lasting) {
  /** Nothing is. */
  static final Unreadable NONE = new Unreadable(List.of(), "", true);

  static final int TENTH = 10;

  /** Copies the numbers. */
  Unreadable {
    numbers = List.copyOf(numbers);
  }

  /** Whether these may be some of so many images, which an index on disk need not know. */
  boolean fits(int images) {
    int before = -1;
    for (int i : numbers) {
      if (i <= before || i >= images) {
        return false;
      }
      before = i;
    }
    return numbers.size() <= images / TENTH;
  }

  /**
   * Refuses more than a tenth of a listing.
   *
   * @throws DataException naming up to ten of them
   */
  void check(ImageListing listing) {
    int images = listing.files().size();
    if (numbers.size() <= images / TENTH) {
      return;
    }
    String first = why.substring(0, why.length() - 1) + ImageListing.more(names(listing));
    throw new DataException(
        images == 1
            ? first + "."
            : "%s; %s of %s images cannot be read, and at most a tenth is left out."
                .formatted(first, numbers.size(), images));
  }

  /** What is said of those that are left out. */
  String message(ImageListing listing) {
    String first = why.substring(0, why.length() - 1) + ImageListing.more(names(listing));
    return "left out %s: %s".formatted(Text.count(numbers.size(), "unreadable image"), first);
  }

  private List<String> names(ImageListing listing) {
    List<String> names = new ArrayList<>();
    numbers.forEach(i -> names.add(listing.files().get(i).name()));
    return names;
  }
}
