package io.quickstudy.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.DataException;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.LoadListener;
import io.quickstudy.data.Split;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a class folder is, and a folder of a part, in real folders; the rest is named. */
class ClassFoldersTest {
  private static final String COMPOSED = "caf\u00e9";

  @TempDir private Path folder;

  private final List<String> said = new ArrayList<>();

  private FolderData load(String split) {
    said.clear();
    LoadListener listener =
        new LoadListener() {
          @Override
          public void message(String line) {
            said.add(line);
          }
        };
    ImageCache cache = new ImageCache(folder.resolve("cache"));
    FolderSplit by = FolderSplit.of(split);
    return FolderData.load(
        photos(), by, new ImageDecoder(6, 6, 3, PictureInk.BRIGHT), 0, listener, cache);
  }

  private Path photos() {
    return folder.resolve("photos");
  }

  private String refused(String split) {
    return assertThrows(DataException.class, () -> load(split)).getMessage();
  }

  private static List<String> names(FolderData data, Split.Part part) {
    return IntStream.of(data.split().classes(part))
        .mapToObj(c -> data.images().classes().get(c).fullName())
        .toList();
  }

  private void shell(String script) throws Exception {
    // names beyond ASCII as bytes, which the locale of the test does not change
    Process shell =
        new ProcessBuilder("bash", "-c", script).directory(photos().toFile()).inheritIO().start();
    assertEquals(0, shell.waitFor());
  }

  @Test
  void whatIsNoClassIsLeftOutAndNamed() throws IOException {
    Painted.classes(photos(), 3, 1);
    FolderData plain = load("random");
    assertEquals(1, said.size(), said + "");
    Painted.image(photos().resolve("__MACOSX/c0/._0.png"), 1);
    Painted.image(photos().resolve("__MACOSX/c0/0.png"), 1);
    Painted.image(photos().resolve("c1/@eaDir/0.png"), 1);
    Painted.image(photos().resolve(".Trash/0.png"), 1);
    Files.writeString(photos().resolve(".DS_Store"), "x");
    Files.createDirectories(photos().resolve("empty/below"));
    Files.createSymbolicLink(photos().resolve("c0/gone.png"), folder.resolve("nowhere"));
    Files.createSymbolicLink(photos().resolve("lost"), folder.resolve("nowhere"));
    Files.createSymbolicLink(photos().resolve("c0/loop"), photos());
    Files.writeString(photos().resolve("c0/a.HEIC"), "x");
    Files.writeString(photos().resolve("c2/b.svg"), "x");
    FolderData data = load("random");
    assertEquals(plain.images().classes(), data.images().classes());
    assertEquals(
        List.of(
            "left out 1 folder without images: 'empty'",
            "left out 2 folders of the system: '__MACOSX', 'c1/@eaDir'",
            "left out 3 links to nothing that is there: 'c0/gone.png', 'c0/loop', 'lost'",
            "left out 2 images in formats that are not read: 'c0/a.HEIC', 'c2/b.svg'"),
        said.subList(1, said.size()).stream().map(ClassFoldersTest::inOrder).toList());
    ImageDecoder.Pictures adapted = ImageDecoder.list(photos());
    assertEquals(List.of("c0", "c1", "c2"), List.copyOf(adapted.byFolder().keySet()));
    assertEquals(said.subList(1, said.size()), adapted.notes(), "adapt and train agree");
  }

  /** A note with its names in order; folders are listed in any. */
  private static String inOrder(String note) {
    int colon = note.indexOf(": ");
    List<String> names = List.of(note.substring(colon + 2).split(", ", -1));
    return note.substring(0, colon + 2) + String.join(", ", names.stream().sorted().toList());
  }

  @Test
  void partsAreTakenAsPeopleSpellThem() throws IOException {
    for (String[] parts :
        List.of(
            new String[] {"Train", "Valid", "Test"},
            new String[] {"training", "validation", "testing"},
            new String[] {"TRAIN", "Dev", "TEST"})) {
      Path photos = photos();
      Painted.classes(photos.resolve(parts[0]), 2, 1);
      Painted.image(photos.resolve(parts[1]).resolve("v/0.png"), 1);
      Painted.image(photos.resolve(parts[2]).resolve("t/0.png"), 1);
      assertEquals("folders", FolderSplit.usual(photos));
      FolderData data = load("folders");
      assertEquals(
          List.of(parts[0] + "/c0", parts[0] + "/c1"), names(data, Split.Part.TRAIN), parts[0]);
      assertEquals(List.of(parts[1] + "/v"), names(data, Split.Part.VAL));
      assertEquals(List.of(parts[2] + "/t"), names(data, Split.Part.TEST));
      Painted.image(photos.resolve(parts[2]).resolve("c0/0.png"), 1);
      assertTrue(refused("folders").contains("Class 'c0' is in the folders train and test"));
      Files.move(photos, folder.resolve("done" + parts[0]));
    }
  }

  @Test
  void whatIsBesideThePartsIsNamed() throws IOException {
    Painted.classes(photos().resolve("train"), 2, 1);
    Painted.image(photos().resolve("valid/v/0.png"), 1);
    assertEquals("folders", FolderSplit.usual(photos()), "valid is not a group of classes");
    assertTrue(refused("folders").contains("has no folder 'test'"));
    Painted.image(photos().resolve("test/t/0.png"), 1);
    Painted.image(photos().resolve("extra/e/0.png"), 1);
    Painted.image(photos().resolve("0.png"), 1);
    assertEquals("folders 2/1/1", load("folders").split().toString());
    assertEquals("left out 2 beside the folders of the parts: '0.png', 'extra'", said.getLast());
    Painted.image(photos().resolve("Val/v/0.png"), 1);
    assertTrue(refused("folders").contains("has both 'Val' and 'valid': expected one for val"));
  }

  @Test
  void classesThatLieInSeveralPartsAreOneClassForASplitOfTheirOwn() throws IOException {
    Painted.classes(photos().resolve("Train"), 4, 2);
    Painted.classes(photos().resolve("Test"), 3, 1);
    assertTrue(refused("folders").contains("in the folders train and test"));
    FolderData data = load("random");
    assertEquals(
        List.of(
            new ImageClass("c0", "", 0, 3),
            new ImageClass("c1", "", 3, 3),
            new ImageClass("c2", "", 6, 3),
            new ImageClass("c3", "", 9, 2)),
        data.images().classes());
    assertEquals(
        "classes of the same name in train, test are one class each: 4 instead of 7",
        said.getLast());
  }

  @Test
  void oneNameInTwoFormsIsOneClass() throws Exception {
    Painted.classes(photos(), 4, 2);
    shell(
        "mv c0 $'caf\\xc3\\xa9'; mv c1 $'cafe\\xcc\\x81'; mv $'cafe\\xcc\\x81/0.png' \"$(ls -d"
            + " cafe*)/7.png\"");
    FolderData data = load("random");
    assertEquals(
        List.of("c2", "c3", COMPOSED),
        data.images().classes().stream().map(ImageClass::fullName).toList());
    assertEquals(4, data.images().classes().get(2).count());
    assertTrue(said.getLast().contains("(NFC) or not (NFD), for one class: '" + COMPOSED + "'"));
    assertEquals(4, ImageDecoder.list(photos()).byFolder().get(COMPOSED).size());
    // and a list may name it in either
    String other = FileNames.decomposed(COMPOSED);
    assertFalse(other.equals(COMPOSED));
    Files.write(photos().resolve("Training.txt"), other.getBytes(StandardCharsets.UTF_8));
    Files.writeString(photos().resolve("TEST.txt"), "c3\n");
    assertEquals("files", FolderSplit.usual(photos()));
    assertEquals(List.of(COMPOSED), names(load("files"), Split.Part.TRAIN));
    assertEquals("left out 1 of the class folders, which no list names: 'c2'", said.getLast());
  }

  @Test
  void namesThatAreNoTextAreRefused() throws Exception {
    Painted.classes(photos(), 3, 1);
    shell("cp -r c0 $'a\\xff' && cp -r c2 $'\\xc3\\xa4\\n b'");
    String message = refused("random");
    assertTrue(message.contains("(its bytes are a%FF): expected names in UTF-8"), message);
    assertFalse(message.contains("\n"), message);
    shell("mv $'a\\xff' a");
    assertEquals("\u00e4\n b", load("random").images().classes().getLast().fullName());
  }
}
