package io.quickstudy.data.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.DataException;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.LoadListener;
import io.quickstudy.data.Split;
import io.quickstudy.data.image.FolderSplit;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Vectors of classes in files and folders, and how these are split. */
class ClassTablesTest {
  @TempDir private Path directory;
  private final List<String> said = new ArrayList<>();

  private Path write(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private Path array(String name, float... rowsOfTwo) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    String header = NumpyFileTest.header("<f4", false, rowsOfTwo.length / 2 + ", 2");
    return Files.write(
        file,
        NumpyFileTest.array(
            1,
            header,
            ByteOrder.LITTLE_ENDIAN,
            b -> {
              for (float v : rowsOfTwo) {
                b.putFloat(v);
              }
            }));
  }

  private ClassTables load(Path where, String split) {
    LoadListener listener =
        new LoadListener() {
          @Override
          public void message(String line) {
            said.add(line);
          }
        };
    return ClassTables.load(where, FolderSplit.of(split), 1, listener);
  }

  private ClassTables load(String split) {
    return load(directory, split);
  }

  private void refused(String expected, Path where, String split) {
    String message = assertThrows(RuntimeException.class, () -> load(where, split)).getMessage();
    assertTrue(message.contains(expected), message);
    assertTrue(message.endsWith(".") && !message.contains("\n"), message);
  }

  private static List<String> names(ClassTables t, Split.Part part) {
    return Arrays.stream(t.split().classes(part))
        .mapToObj(k -> t.set().classes().get(k).fullName())
        .toList();
  }

  @Test
  void aFileSaysTheClassOfEachRow() throws IOException {
    Path file = write("own.csv", "id,class,b,a,group\n1,x,1,2,g\n2,y,3,4,g\n3,x,5,6,g\n4,z,7,8,\n");
    ClassTables t = load(file, "random");
    assertEquals(List.of("b", "a"), t.columns(), "an id is no number");
    assertEquals(
        List.of(
            new ImageClass("x", "g", 0, 2),
            new ImageClass("y", "g", 2, 1),
            new ImageClass("z", "", 3, 1)),
        t.set().classes());
    assertArrayEquals(new float[] {1, 2, 5, 6, 3, 4, 7, 8}, t.set().values());
    List<String> all = new ArrayList<>();
    for (Split.Part p : Split.Part.values()) {
      all.addAll(names(t, p));
    }
    assertEquals(List.of("g/x", "g/y", "z"), all.stream().sorted().toList());
  }

  @Test
  void aFolderHasAFileForEachClass() throws IOException {
    write("birds/wren.csv", "a,b\n1,2\n3,4\n");
    write("cat.CSV", "b,a\n6,5\n");
    array("dog.npy", 7, 8);
    write(".hidden.csv", "no table");
    write("__MACOSX/cat.csv", "no table");
    write("readme.md", "no table");
    ClassTables t = load("random");
    assertEquals(
        List.of(
            new ImageClass("wren", "birds", 0, 2),
            new ImageClass("cat", "", 2, 1),
            new ImageClass("dog", "", 3, 1)),
        t.set().classes());
    assertArrayEquals(
        new float[] {1, 2, 3, 4, 5, 6, 7, 8}, t.set().values(), "columns by their headings");
    assertEquals(2, ClassTables.width(directory));
    assertEquals(
        "found 4 rows of 3 classes in %s (1 other file left out)".formatted(directory),
        said.getFirst());
  }

  @Test
  void columnsWithoutNamesAreNumbered() throws IOException {
    write("a.csv", "0,1\n5,6\n");
    refused("expected at least 3", directory, "random");
    write("a.csv", "5,6\n7,8\n");
    refused("Line 1 of", directory, "random");
    refused("has numbers alone: expected a line of headings", directory, "random");
  }

  @Test
  void partsAreFolders() throws IOException {
    write("Train/a.csv", "x\n1\n");
    write("train2/c.csv", "x\n3\n");
    write("test/b.csv", "x\n2\n");
    array("validation/v.npy", 1, 1);
    refused("has 2 numbers in a row: expected 1", directory, "folders");
    Files.delete(directory.resolve("validation/v.npy"));
    write("validation/v.csv", "x\n4\n");
    assertEquals("folders", FolderSplit.usual(directory));
    ClassTables t = load("folders");
    assertEquals(List.of("a"), names(t, Split.Part.TRAIN));
    assertEquals(List.of("v"), names(t, Split.Part.VAL));
    assertEquals(List.of("b"), names(t, Split.Part.TEST));
    assertTrue(said.toString().contains("1 other file left out"), said.toString());
    write("test/a.csv", "x\n9\n");
    refused("Class 'a' is in train and in test", directory, "folders");
    ClassTables joined = load("random");
    assertEquals(4, joined.set().classes().size(), "of one name in two parts are one");
    assertEquals("train2/c", joined.set().classes().get(2).fullName());
  }

  @Test
  void partsAreTablesOfTheirClasses() throws IOException {
    write("train.csv", "class,x\na,1\nb,2\na,3\n");
    write("test.csv", "x,class\n4,c\n");
    assertEquals("files", FolderSplit.usual(directory));
    ClassTables t = load("files");
    assertEquals(List.of("a", "b"), names(t, Split.Part.TRAIN));
    assertEquals(List.of("c"), names(t, Split.Part.TEST));
    assertArrayEquals(new float[] {1, 3, 2, 4}, t.set().values());
    write("test.csv", "x\n4\n");
    refused("has no heading 'class': expected one for split 'files'", directory, "files");
    Files.delete(directory.resolve("test.csv"));
    refused("lacks train.csv and test.csv", directory, "files");
  }

  @Test
  void partsAreListsOfClasses() throws IOException {
    Path file = write("data/own.csv", "class,group,x\na,g,1\nb,g,2\nc,h,3\nd,h,4\n");
    write("lists/train.txt", "a\ng/b\n");
    write("lists/test.txt", "# held out\nc\n");
    Path lists = directory.resolve("lists");
    ClassTables t = load(file, "files:" + lists);
    assertEquals(List.of("g/a", "g/b"), names(t, Split.Part.TRAIN));
    assertEquals(List.of("h/c"), names(t, Split.Part.TEST));
    assertTrue(said.getFirst().contains("left out 1 of the classes"), said.toString());
    write("lists/test.txt", "nobody\n");
    refused("Class 'nobody' of", file, "files:" + lists);
    refused("has no rows: expected one of 4 classes", file, "files:" + lists);
    refused("lacks train.txt and test.txt", file, "files:" + directory);
    refused("say --split files:DIR", file, "files");
    refused("say --split random", file, "folders");
  }

  @Test
  void groupsAreHeldOut() throws IOException {
    Path file = write("own.csv", "class,group,x\na,1,1\nb,2,2\nc,3,3\nd,3,4\n");
    ClassTables t = load(file, "heldout");
    assertEquals(List.of("1/a"), names(t, Split.Part.TRAIN));
    assertEquals(List.of("3/c", "3/d"), names(t, Split.Part.TEST));
  }

  @Test
  void whatIsWrongIsNamedWithItsFile() throws IOException {
    refused("holds no tables", directory, "random");
    write("a.csv", "x,y\n1,2\n");
    write("b.csv", "x,y\n1,two\n");
    refused("b.csv' has 'two' in column 2 ('y'): expected a number", directory, "random");
    write("b.csv", "x,y\n1,NaN\n");
    refused("b.csv' has 'NaN' in column 2", directory, "random");
    write("b.csv", "x,y\n1\n");
    refused("Line 2 of", directory, "random");
    write("b.csv", "x,other\n1,2\n");
    refused("b.csv' has no column 'y': expected those of '", directory, "random");
    write("b.csv", "x,y,z\n1,2,3\n");
    refused("b.csv' has the column 'z' beside those of '", directory, "random");
    write("b.csv", "x,y,Y\n1,2,3\n");
    refused("the heading 'Y' in column 3 and in column 2", directory, "random");
    write("b.csv", "x,y\n");
    refused("b.csv' has no rows", directory, "random");
    write("b.csv", "");
    refused("b.csv' has no rows", directory, "random");
    Files.delete(directory.resolve("b.csv"));
    array("a.npy", 1, 2);
    refused("are one class by their names", directory, "random");
    Files.delete(directory.resolve("a.npy"));
    refused("with 1 class: expected at least 3", directory, "random");
    Path none = write("c.csv", "x\n1\n");
    refused("does not say of which class its rows are", none, "random");
    assertThrows(DataException.class, () -> ClassTables.width(directory.resolve("nowhere")));
  }
}
