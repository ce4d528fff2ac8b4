package io.quickstudy.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.DataException;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.Ink;
import io.quickstudy.data.LoadListener;
import io.quickstudy.data.Sets;
import io.quickstudy.data.Split;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Own folders with every kind of split, and what people get wrong about them. */
class FolderDataTest {
  @TempDir private Path directory;
  private Path photos;

  @BeforeEach
  void name() {
    photos = directory.resolve("photos");
  }

  private FolderData load(String split) {
    return load(split, 0);
  }

  private FolderData load(String split, long seed) {
    ImageCache cache = new ImageCache(directory.resolve("cache"));
    FolderSplit by = FolderSplit.of(split);
    ImageDecoder form = new ImageDecoder(6, 6, 3, PictureInk.BRIGHT);
    return FolderData.load(photos, by, form, seed, LoadListener.NONE, cache);
  }

  private List<String> names(FolderData data, Split.Part part) {
    return IntStream.of(data.split().classes(part))
        .mapToObj(c -> data.images().classes().get(c).fullName())
        .toList();
  }

  private void assertRefused(String split, String... parts) {
    String message = assertThrows(RuntimeException.class, () -> load(split)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
    assertTrue(message.matches(".*[.?]") && !message.contains("\n"), message);
  }

  private void write(String file, String... lines) throws IOException {
    Files.write(photos.resolve(file), List.of(lines));
  }

  @Test
  void randomPartsAreApartAndFollowTheSeed() throws IOException {
    Painted.classes(photos, 25, 1);
    FolderData data = load("random");
    assertEquals("random 16/4/5", data.split().toString());
    Set<String> all = new HashSet<>();
    for (Split.Part part : Split.Part.values()) {
      all.addAll(names(data, part));
    }
    assertEquals(25, all.size());
    Split again = load("random").split();
    assertArrayEquals(data.split().classes(Split.Part.TEST), again.classes(Split.Part.TEST));
    assertTrue(!names(data, Split.Part.TEST).equals(names(load("random", 1), Split.Part.TEST)));
    assertEquals("photos (25 classes, 25 images of 6 x 6 x 3)", data.images().toString());
  }

  @Test
  void oneHundredClassesAreSplitAsMiniImageNet() {
    assertEquals("random 64/16/20", Split.random(Sets.random(100, 1), 3).toString());
    assertEquals("random 1/1/1", Split.random(Sets.random(3, 1), 3).toString());
  }

  @Test
  void tooFewClassesAreNamed() throws IOException {
    Painted.classes(photos, 2, 1);
    assertRefused("random", "with 2 classes", "add class folders");
  }

  @Test
  void groupsOfClassesStayTogether() throws IOException {
    for (int g = 0; g < 5; g++) {
      Painted.classes(photos.resolve("deep/g" + g), 2, 1);
    }
    FolderData data = load("heldout");
    assertEquals(List.of("deep/g4/c0", "deep/g4/c1"), names(data, Split.Part.TEST));
    assertEquals("heldout 6/2/2", data.split().toString());
  }

  @Test
  void foldersOfPartsAreTaken() throws IOException {
    assertEquals("random", FolderSplit.usual(photos));
    Painted.classes(photos.resolve("train"), 3, 2);
    Painted.image(photos.resolve("test/x/d0/1.png"), 1);
    Painted.image(photos.resolve("val/d1/1.png"), 1);
    assertEquals("folders", FolderSplit.usual(photos));
    FolderData data = load("folders");
    assertEquals(List.of("train/c0", "train/c1", "train/c2"), names(data, Split.Part.TRAIN));
    assertEquals(List.of("val/d1"), names(data, Split.Part.VAL));
    assertEquals(List.of("test/x/d0"), names(data, Split.Part.TEST));

    Painted.image(photos.resolve("test/c1/1.png"), 1);
    assertRefused("folders", "Class 'c1' is in the folders train and test", "--split random");
    Files.delete(photos.resolve("test/c1/1.png"));
    Painted.image(photos.resolve("test/1.png"), 1);
    assertRefused("folders", "1.png' lies directly in");
    Files.delete(photos.resolve("test/1.png"));
    Files.delete(photos.resolve("test/x/d0/1.png"));
    assertRefused("folders", "test' holds no images");
    Files.delete(photos.resolve("val/d1/1.png"));
    Files.delete(photos.resolve("val/d1"));
    Files.delete(photos.resolve("val"));
    Painted.image(photos.resolve("test/d0/1.png"), 1);
    assertEquals("folders 3/0/1", load("folders").split().toString());
    assertRefused("files", "lacks train.csv and test.csv", "files:DIR");
  }

  @Test
  void splitsOfMiniImageNetAreRead() throws IOException {
    for (String name : List.of("n020", "n021", "n010", "n011", "n030")) {
      Painted.image(photos.resolve("images").resolve(name + ".jpg"), name.charAt(2));
    }
    write("train.csv", "filename,label", "n020.jpg,n02", "n010.jpg,n01", "n021.jpg,n02", "");
    write("test.csv", "label , other, filename", "n03,7,n030.jpg");
    assertEquals("files", FolderSplit.usual(photos));
    FolderData data = load("files");
    assertEquals("files 2/0/1", data.split().toString());
    assertEquals(
        List.of(
            new ImageClass("n01", "", 0, 1),
            new ImageClass("n02", "", 1, 2),
            new ImageClass("n03", "", 3, 1)),
        data.images().classes());
    // the one file that is not listed is in no class
    ImageFolder all = ImageFolder.load(photos.resolve("images"), 6, 6, 3, Ink.BRIGHT);
    assertArrayEquals(all.images().image(2), data.images().image(1));
    assertArrayEquals(all.images().image(4), data.images().image(3));
  }

  @Test
  void splitsWithClassFoldersAndElsewhereAreRead() throws IOException {
    Painted.classes(photos, 4, 2);
    Path lists = Files.createDirectories(directory.resolve("lists"));
    Files.writeString(lists.resolve("train.csv"), "\ufefffilename,label\n0.png,c0\nc1/1.jpg,c1\n");
    Files.writeString(lists.resolve("val.csv"), "filename,label\n\"1.jpg\",c2\r\n");
    Files.writeString(lists.resolve("test.csv"), "filename,label\n1.jpg,c3\n0.png,c3\n");
    FolderData data = load("files:" + lists);
    assertEquals("files 2/1/1", data.split().toString());
    assertEquals(5, data.images().examples());
  }

  @Test
  void listsOfClassesAreRead() throws IOException {
    Painted.classes(photos.resolve("a"), 4, 2);
    Painted.classes(photos.resolve("b"), 1, 2);
    write("train.txt", "# for training", "a/c0", "", " c1 ");
    write("test.txt", "b/c0", "c3");
    FolderData data = load("files");
    assertEquals(List.of("a/c0", "a/c1"), names(data, Split.Part.TRAIN));
    assertEquals(List.of("a/c3", "b/c0"), names(data, Split.Part.TEST));
    assertEquals(8, data.images().examples(), "a/c2 is in no list");
    write("val.txt", "c0");
    assertRefused("files", "may be any of [a/c0, b/c0]");
    write("val.txt", "a/c00");
    assertRefused("files", "'a/c00' of", "has no folder", "did you mean 'a/c0'?");
    write("val.txt", "a/c3");
    assertRefused("files", "Class 'a/c3' is in val.txt and in test.txt");
    write("val.txt", "#");
    assertRefused("files", "val.txt' lists nothing");
  }

  @Test
  void whatIsWrongWithAListIsNamed() throws IOException {
    Painted.classes(photos, 3, 2);
    Painted.image(directory.resolve("secret.png"), 1);
    write("train.csv", "filename,label", "0.png,c0");
    write("test.csv", "filename,label", "0.png,c1");
    assertEquals("files 1/0/1", load("files").split().toString());
    write("val.csv", "filename,label", "1.jpg,c0");
    assertRefused("files", "Class 'c0' is in train.csv and in val.csv", "remove it from one");
    write("val.csv", "filename,label", "c0/0.png,c2");
    assertRefused("files", "'c0/0.png' is listed twice");
    write("val.csv", "filename,label", "7.png,c2", "8.png,c2");
    assertRefused("files", "Image '7.png' of", "is not there (so with 1 more: '8.png')");
    write("val.csv", "filename,label", "../secret.png,c2");
    assertRefused("files", "points outside");
    write("val.csv", "filename,label", directory.resolve("secret.png") + ",c2");
    assertRefused("files", "points outside");
    write("val.csv", "filename,label", "secret.png,../..");
    assertRefused("files", "points outside");
    write("val.csv", "name,class", "0.png,c2");
    assertRefused("files", "Row 2 of", "expected a filename and a label");
    write("val.csv", "filename,label", "0.png");
    assertRefused("files", "Row 2 of");
    write("val.csv", "filename,label");
    assertRefused("files", "val.csv' lists nothing");
    write("val.csv");
    assertRefused("files", "val.csv'");
    write("val.csv", "filename,label", "\"0.png,c2");
    assertRefused("files", "val.csv' cannot be read");
    Files.write(photos.resolve("val.csv"), new byte[] {-1, -2, -3, 'a', '\n', 0, 0, 1});
    assertRefused("files", "val.csv'");
    write("val.csv", "filename,label", "a\u0000b.png,c2");
    assertRefused("files", "val.csv'");
  }

  @Test
  void whatIsWrongWithAFolderIsNamed() throws IOException {
    assertRefused("random", photos.toString(), "does not exist");
    Files.createDirectories(photos);
    assertRefused("random", "holds no images");
    Files.writeString(photos.resolve("file"), "x");
    photos = photos.resolve("file");
    assertRefused("random", "is no folder");
    photos = Path.of("~/photos");
    assertRefused("random", "write $HOME for ~");
    photos = directory.resolve("photos");
    Painted.classes(photos, 3, 1);
    Painted.image(photos.resolve("0.png"), 1);
    assertRefused("random", "Image '0.png' lies directly in");
    Files.delete(photos.resolve("0.png"));
    Files.createDirectories(photos.resolve("c0/folder.png"));
    Files.write(photos.resolve("c0/.hidden.png"), new byte[1]);
    Painted.image(photos.resolve(".thumbnails/1.png"), 1);
    assertEquals(3, load("random").images().examples());
  }

  @Test
  void moreThanTwoGigabytesAreRefused() {
    List<ImageListing.Image> files =
        java.util.Collections.nCopies(120_000, new ImageListing.Image(Path.of("x"), "x", 1, 1));
    ImageListing listing =
        ImageListing.of(
            Path.of("/big"), List.of(new ImageListing.Group("", "c", null, files)), 0, List.of());
    String message =
        assertThrows(DataException.class, () -> listing.checkedBytes(84, 84, 3)).getMessage();
    assertTrue(message.contains("120000 images of 84 x 84 x 3"), message);
    assertEquals(
        "x".getBytes(StandardCharsets.UTF_8).length * 120_000, listing.checkedBytes(1, 1, 1));
  }
}
