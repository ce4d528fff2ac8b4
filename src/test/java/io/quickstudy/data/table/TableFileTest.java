package io.quickstudy.data.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.DataException;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.VectorSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables as people write them, and what they get wrong. */
class TableFileTest {
  @TempDir private Path directory;

  private TableFile read(String text) throws IOException {
    return TableFile.read(Files.writeString(directory.resolve("own.csv"), text));
  }

  private void refused(String expected, String text) {
    String message = assertThrows(DataException.class, () -> read(text)).getMessage();
    assertTrue(message.contains(expected), message);
    assertTrue(message.contains("own.csv"), message);
    assertTrue(message.endsWith(".") && !message.contains("\n"), message);
  }

  @Test
  void rowsAreOfTasksInAnyOrder() throws IOException {
    TableFile t =
        read(
            "\ufeffy2, x ,TASK,\"x, squared\",Y1\r\n1,2,b,4,3\r\n\r\n5,-6e-1,a,.36,7\n8,9,b,81,10");
    assertEquals(
        new TableForm(io.quickstudy.data.DataSource.Kind.CURVES, 2, 2), t.columns().form());
    VectorSet rows = t.rows();
    assertEquals(
        List.of(new ImageClass("a", "", 0, 1), new ImageClass("b", "", 1, 2)), rows.classes());
    assertArrayEquals(new float[] {-0.6f, 0.36f, 5, 7, 2, 4, 1, 3, 9, 81, 8, 10}, rows.values());
    assertEquals("regression 2 2", t.columns().form().text());
    assertEquals(t.columns().form(), TableForm.of("regression 2 2"));
    assertEquals(
        t.columns(), TableFile.columns(directory.resolve("own.csv")), "by the headings alone");
  }

  @Test
  void rowsOfClassesMayHaveGroups() throws IOException {
    TableFile t = read("class,a,y,group\nwren,1,2,birds\ncat,3,4,\nwren,5,6,birds\n");
    assertEquals("classes 2", t.columns().form().text());
    assertEquals(
        List.of(new ImageClass("wren", "birds", 0, 2), new ImageClass("cat", "", 2, 1)),
        t.rows().classes());
    assertArrayEquals(new float[] {1, 2, 5, 6, 3, 4}, t.rows().values());
  }

  @Test
  void whatIsWrongIsNamedWithItsLineAndColumn() {
    String head = "task,x,y\n";
    refused("Line 3 of", head + "a,1,2\na,two,3\n");
    refused("'two' in column 2 ('x'): expected a number", head + "a,1,2\na,two,3\n");
    refused("Line 2 of", head + "a,1,NaN\n");
    refused("'NaN' in column 3 ('y'): expected a number", head + "a,1,NaN\n");
    refused("'Infinity' in column 2", head + "a,Infinity,1\n");
    refused("'1e39' in column 2 ('x'): expected a number up to 3.4e38", head + "a,1e39,1\n");
    refused("'0x1p3' in column 2", head + "a,0x1p3,1\n");
    refused("an empty cell in column 3 ('y')", head + "a,1,\n");
    refused("an empty cell in column 1 ('task')", head + ",1,2\n");
    refused("has 2 cells: expected 3", head + "a,1\n");
    refused("has 4 cells: expected 3", head + "a,1,2,3\n");
    refused("no heading 'task' or 'class': expected one; name", "x,y\n1,2\n");
    refused("expected one with commas between", "task;x;y\na;1;2\n");
    refused("both headings 'task' and 'class'", "task,class,y\na,b,2\n");
    refused("no heading 'y'", "task,x\na,1\n");
    refused("no heading of an input: expected a column of numbers besides 'task'", "task,y\na,1\n");
    refused("no heading of an input: expected a column of numbers besides 'class'", "class\na\n");
    refused("the heading 'X' in column 3 and in column 2", "task,x,X,y\na,1,2,3\n");
    refused("the heading '' in column 2", "task,,y\na,1,2\n");
    refused("has no rows", head);
    refused("has no rows", "");
  }

  @Test
  void whatIsNoFileIsRefused() throws IOException {
    assertTrue(
        assertThrows(DataException.class, () -> TableFile.read(directory))
            .getMessage()
            .contains("is a folder: expected a CSV file"));
    assertTrue(
        assertThrows(DataException.class, () -> TableFile.columns(directory.resolve("none.csv")))
            .getMessage()
            .contains("does not exist"));
    Path file = Files.write(directory.resolve("b.csv"), new byte[] {'t', (byte) 0xFF, (byte) 0xC0});
    assertThrows(DataException.class, () -> TableFile.read(file));
  }

  @Test
  void formsAreTextsOfOneKind() {
    for (String text : List.of("", "regression 0 1", "regression 1", "classes -1", "curves 1 1")) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> TableForm.of(text)).getMessage();
      assertTrue(message.contains("--columns is '" + text + "'"), message);
    }
  }
}
