package io.quickstudy.data.sampling;

import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.VectorSet;
import java.util.Arrays;

/**
 * A table of pixel moves: row k says for each pixel of the moved image which source pixel it shows,
 * [rows, height * width]. The value {@code height * width} means blank, that is, background.
 *
 * <p>Rows are ordered by rotation, then by vertical, then by horizontal shift. Rotation r turns the
 * image by 90 r degrees anticlockwise; a positive shift moves it down or to the right.
 */
public final class PixelMoves {
  private final int height;
  private final int width;
  private final int rotations;
  private final int maxShift;
  private final int[] table;

  private PixelMoves(int height, int width, int rotations, int maxShift) {
    if (height < 1 || width < 1 || maxShift < 0) {
      throw new IllegalArgumentException(
          ("Moves of %s x %s images with shifts up to %s: expected sides of at least 1 "
                  + "and a shift of at least 0.")
              .formatted(height, width, maxShift));
    }
    if (rotations > 1 && height != width) {
      throw new IllegalArgumentException(
          "Rotations of %s x %s images: expected square images; use Rotations.NONE."
              .formatted(height, width));
    }
    this.height = height;
    this.width = width;
    this.rotations = rotations;
    this.maxShift = maxShift;
    this.table = new int[Math.multiplyExact(rows(), height * width)];
    for (int row = 0; row < rows(); row++) {
      fill(row);
    }
  }

  /**
   * The moves an episode needs: the identity for {@link Rotations#NONE}, else the four rotations.
   *
   * @throws IllegalArgumentException if images that are not square are to be turned
   */
  public static PixelMoves of(Rotations rotations, int height, int width) {
    return shifted(rotations, 0, height, width);
  }

  /**
   * The moves of {@link #of}, each with every shift of at most {@code maxShift} pixels in both
   * directions: 1 or 4 rotations x (2 maxShift + 1)^2 rows.
   *
   * @throws IllegalArgumentException if images that are not square are to be turned
   */
  public static PixelMoves shifted(Rotations rotations, int maxShift, int height, int width) {
    return new PixelMoves(height, width, rotations == Rotations.NONE ? 1 : 4, maxShift);
  }

  /**
   * The moves of examples of a set; vectors have none.
   *
   * @throws IllegalArgumentException if vectors, or images that are not square, are to be turned
   */
  static PixelMoves of(Rotations rotations, ExampleSet set) {
    return shifted(rotations, 0, set);
  }

  /** The same with shifts. */
  static PixelMoves shifted(Rotations rotations, int maxShift, ExampleSet set) {
    return switch (set) {
      case ImageSet i -> shifted(rotations, maxShift, i.height(), i.width());
      case VectorSet v -> {
        if (rotations != Rotations.NONE || maxShift > 0) {
          throw new IllegalArgumentException(
              "Vectors of '%s' turned or shifted: expected them as they are; leave out --rotations and --max-shift."
                  .formatted(v.name()));
        }
        yield shifted(rotations, maxShift, 1, 1);
      }
    };
  }

  private void fill(int row) {
    int span = 2 * maxShift + 1;
    int rotation = row / (span * span);
    int down = row / span % span - maxShift;
    int right = row % span - maxShift;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        table[(row * height + y) * width + x] = source(rotation, y - down, x - right);
      }
    }
  }

  private int source(int rotation, int y, int x) {
    if (y < 0 || y >= height || x < 0 || x >= width) {
      return blank();
    }
    return switch (rotation) {
      case 0 -> y * width + x;
      case 1 -> x * width + (width - 1 - y);
      case 2 -> (height - 1 - y) * width + (width - 1 - x);
      default -> (height - 1 - x) * width + y;
    };
  }

  /**
   * The row of a move.
   *
   * @param rotation quarter turns anticlockwise, 0 to 3 (only 0 without rotations)
   * @param down pixels downwards, within the largest shift
   * @param right pixels to the right, within the largest shift
   */
  public int row(int rotation, int down, int right) {
    if (rotation < 0
        || rotation >= rotations
        || Math.abs(down) > maxShift
        || Math.abs(right) > maxShift) {
      throw new IllegalArgumentException(
          "Move by %s quarter turns, %s down, %s right: expected 0 to %s turns and shifts up to %s."
              .formatted(rotation, down, right, rotations - 1, maxShift));
    }
    int span = 2 * maxShift + 1;
    return (rotation * span + down + maxShift) * span + right + maxShift;
  }

  /** The number of moves. */
  public int rows() {
    return rotations * (2 * maxShift + 1) * (2 * maxShift + 1);
  }

  /** The images' height in pixels. */
  public int height() {
    return height;
  }

  /** The images' width in pixels. */
  public int width() {
    return width;
  }

  /** 1, or 4 where the table turns images. */
  public int rotations() {
    return rotations;
  }

  /** The largest shift in pixels. */
  public int maxShift() {
    return maxShift;
  }

  /** The index that means background: height * width. */
  public int blank() {
    return height * width;
  }

  /** A copy of the whole table, [rows, height * width], flat. */
  public int[] table() {
    return table.clone();
  }

  /** A copy of one row, [height * width]. */
  public int[] row(int row) {
    int size = height * width;
    return Arrays.copyOfRange(table, row * size, (row + 1) * size);
  }

  /**
   * Moves one image on the host: what the compiled program does on the device.
   *
   * @param image [height, width, channels]
   * @param row the row of the table
   * @return the moved image, [height, width, channels]
   */
  public byte[] apply(byte[] image, int row) {
    int size = height * width;
    int channels = image.length / size;
    byte[] moved = new byte[image.length];
    for (int i = 0; i < size; i++) {
      int from = table[row * size + i];
      if (from != size) {
        System.arraycopy(image, from * channels, moved, i * channels, channels);
      }
    }
    return moved;
  }
}
