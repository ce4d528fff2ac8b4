package io.quickstudy.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.CacheFolder;
import io.quickstudy.data.DataException;
import io.quickstudy.data.Framing;
import io.quickstudy.data.Ink;
import io.quickstudy.data.LoadListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That images are decoded once, and again when they must. */
class ImageCacheTest {
  private static final ImageDecoder FORM = new ImageDecoder(6, 6, 3, PictureInk.BRIGHT);

  @TempDir private Path directory;
  private Path photos;
  private Path cache;

  /** Counts what is decoded. */
  private static final class Counting implements LoadListener {
    private final List<String> said = new ArrayList<>();
    private int decoded;

    @Override
    public void message(String line) {
      said.add(line);
    }

    @Override
    public void decoded(int images, int of) {
      decoded = images;
    }
  }

  @BeforeEach
  void paint() throws IOException {
    photos = directory.resolve("photos");
    cache = directory.resolve("cache");
    Painted.classes(photos, 4, 5);
  }

  private ByteBuffer get(LoadListener listener) {
    return new ImageCache(cache).get(ClassTree.of(photos), "all", FORM, listener).pixels();
  }

  private void assertDecodes(int images) {
    Counting listener = new Counting();
    ByteBuffer expected = ImageFolder.load(photos, 6, 6, 3, Ink.BRIGHT).images().pixels();
    ByteBuffer pixels = get(listener);
    assertTrue(pixels.isDirect() && pixels.isReadOnly());
    assertEquals(expected, pixels);
    assertEquals(images, listener.decoded);
  }

  private List<Path> kept(String kind) throws IOException {
    try (java.util.stream.Stream<Path> files = Files.list(cache)) {
      return files.filter(f -> f.toString().endsWith(kind)).toList();
    }
  }

  @Test
  void imagesAreDecodedOnce() throws IOException {
    assertDecodes(20);
    assertDecodes(0);
    assertEquals(1, kept(".images").size());
    assertEquals(20L * FORM.size(), Files.size(kept(".images").getFirst()));
    assertEquals(List.of(), kept(".tmp"));
  }

  @Test
  void anyChangeOfTheFolderIsSeen() throws IOException {
    assertDecodes(20);
    Painted.image(photos.resolve("c0/9.png"), 3);
    assertDecodes(21);
    Files.delete(photos.resolve("c1/0.png"));
    assertDecodes(20);
    Files.move(photos.resolve("c1/1.jpg"), photos.resolve("c2/11.jpg"));
    assertDecodes(20);
    Files.setLastModifiedTime(photos.resolve("c0/9.png"), FileTime.fromMillis(1_000_000));
    assertDecodes(20);
    assertDecodes(0);
  }

  @Test
  void otherFormsAndLayoutsAreKeptBesideEachOther() throws IOException {
    ImageListing listing = ClassTree.of(photos);
    ImageCache c = new ImageCache(cache);
    c.get(listing, "all", FORM, LoadListener.NONE);
    c.get(listing, "files", FORM, LoadListener.NONE);
    c.get(listing, "all", new ImageDecoder(6, 6, 1, PictureInk.BRIGHT), LoadListener.NONE);
    ImageDecoder inverted = new ImageDecoder(6, 6, 3, PictureInk.DARK);
    ByteBuffer dark = c.get(listing, "all", inverted, LoadListener.NONE).pixels();
    int forms = 4;
    for (Framing framing :
        List.of(
            new Framing(Framing.Fit.CROP, Framing.Trim.NONE, Framing.Levels.NONE),
            new Framing(Framing.Fit.PAD, Framing.Trim.NONE, Framing.Levels.NONE),
            new Framing(Framing.Fit.STRETCH, Framing.Trim.MARGIN, Framing.Levels.NONE),
            new Framing(Framing.Fit.STRETCH, Framing.Trim.NONE, Framing.Levels.EACH))) {
      ImageDecoder framed = new ImageDecoder(6, 6, 3, PictureInk.BRIGHT, framing);
      ByteBuffer other = c.get(listing, "all", framed, LoadListener.NONE).pixels();
      assertNotEquals(get(LoadListener.NONE), other, framing.toString());
      assertEquals(++forms, kept(".images").size());
    }
    assertEquals(8, kept(".images").size());
    assertEquals(255 - (get(LoadListener.NONE).get(7) & 255), dark.get(7) & 255);
    assertDecodes(0);
  }

  /** As another process would have left it: what this one reads is never deleted by it. */
  private Path foreign(String key, boolean index) throws IOException {
    Path whole = kept(".json").getFirst();
    if (index) {
      Files.copy(whole, cache.resolve(key + ".json"));
    }
    return Files.write(cache.resolve(key + ".images"), new byte[3]);
  }

  @Test
  void whatAFolderWasBeforeIsDeletedAndNothingElse() throws IOException {
    assertDecodes(20);
    Path mine = kept(".images").getFirst();
    Path before = foreign("before", true);
    Path other = foreign("other", true);
    Path json = cache.resolve("other.json");
    Files.writeString(json, Files.readString(json).replace("photos", "elsewhere"));
    Path unfinished = foreign("unfinished", false);
    Path torn = foreign("torn", false);
    Path left = Files.write(cache.resolve("killed.1.tmp"), new byte[1]);
    Path fresh = Files.write(cache.resolve("running.1.tmp"), new byte[1]);
    Path lock = Files.write(cache.resolve("failed.lock"), new byte[0]);
    FileTime old = FileTime.fromMillis(System.currentTimeMillis() - 100_000_000);
    Files.setLastModifiedTime(torn, old);
    Files.setLastModifiedTime(left, old);
    Files.setLastModifiedTime(lock, old);
    Painted.image(photos.resolve("c0/9.png"), 3);
    assertDecodes(21);
    for (Path gone : List.of(before, cache.resolve("before.json"), torn, left, lock)) {
      assertFalse(Files.exists(gone), gone.toString());
    }
    for (Path stays : List.of(mine, other, json, unfinished, fresh)) {
      assertTrue(Files.exists(stays), stays.toString());
    }
  }

  @Test
  void whatAnotherProcessReadsIsNotDeleted() throws Exception {
    assertDecodes(20);
    Path before = foreign("before", true);
    String program =
        """
        import java.nio.channels.*;
        import java.nio.file.*;
        public class Hold {
          public static void main(String[] a) throws Exception {
            FileChannel c = FileChannel.open(Path.of(a[0]), StandardOpenOption.CREATE,
                StandardOpenOption.READ, StandardOpenOption.WRITE);
            c.lock(0, Long.MAX_VALUE, true);
            System.out.println("held");
            System.in.read();
          }
        }
        """;
    Path source = Files.writeString(directory.resolve("Hold.java"), program);
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                source.toString(),
                CacheLocks.file(cache, "before").toString())
            .start();
    try {
      assertEquals("held", holder.inputReader().readLine());
      Painted.image(photos.resolve("c0/9.png"), 3);
      assertDecodes(21);
      assertTrue(Files.exists(before));
    } finally {
      holder.destroyForcibly().waitFor();
    }
    Painted.image(photos.resolve("c0/11.png"), 3);
    assertDecodes(22);
    assertFalse(Files.exists(before));
  }

  @Test
  void whatIsDamagedIsMadeAgain() throws IOException {
    assertDecodes(20);
    Path pixels = kept(".images").getFirst();
    Path json = kept(".json").getFirst();
    byte[] whole = Files.readAllBytes(pixels);
    List<byte[]> damaged = new ArrayList<>();
    damaged.add(whole.clone());
    damaged.getFirst()[1000] ^= 1;
    damaged.add(java.util.Arrays.copyOf(whole, whole.length - 1));
    damaged.add(java.util.Arrays.copyOf(whole, whole.length + 1));
    damaged.add(new byte[0]);
    for (byte[] bytes : damaged) {
      Path other = Files.write(cache.resolve("written"), bytes);
      Files.move(other, pixels, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      Counting listener = new Counting();
      get(listener);
      assertEquals(20, listener.decoded);
      assertTrue(listener.said.getFirst().contains("are damaged"), listener.said.toString());
      assertDecodes(0);
    }
    Files.delete(pixels);
    assertDecodes(20);
    for (String text :
        List.of("", "{", "null", "[]", "{\"version\": \"x\"}", "x".repeat(100_000))) {
      Files.writeString(json, text);
      assertDecodes(20);
    }
    Files.delete(json);
    assertDecodes(20);
    assertDecodes(0);
  }

  @Test
  void manyAtOnceEndWithOne() throws Exception {
    ByteBuffer expected = ImageFolder.load(photos, 6, 6, 3, Ink.BRIGHT).images().pixels();
    try (ExecutorService pool = Executors.newFixedThreadPool(6)) {
      Callable<ByteBuffer> one = () -> get(LoadListener.NONE);
      for (Future<ByteBuffer> f : pool.invokeAll(List.of(one, one, one, one, one, one))) {
        assertEquals(expected, f.get());
      }
    }
    assertEquals(1, kept(".images").size());
    assertEquals(List.of(), kept(".tmp"));
    assertDecodes(0);
  }

  @Test
  void aFewUnreadableImagesAreLeftOutAndRemembered() throws IOException {
    ByteBuffer expected = get(LoadListener.NONE);
    Files.writeString(photos.resolve("c1/note.png"), "no image");
    Files.write(photos.resolve("c2/cut.jpg"), new byte[] {-1, -40, -1});
    ImageListing listing = ClassTree.of(photos);
    for (int decoded : new int[] {22, 0}) {
      Counting listener = new Counting();
      ImageCache.Decoded found = new ImageCache(cache).get(listing, "all", FORM, listener);
      assertEquals(expected, found.pixels());
      assertEquals(decoded, listener.decoded);
      assertEquals(2, found.unreadable().numbers().size());
      String said = found.unreadable().message(listing);
      assertTrue(said.startsWith("left out 2 unreadable images: Image '"), said);
      assertTrue(said.contains("note.png' is in no known format"), said);
      assertTrue(said.endsWith("(so with 1 more: 'c2/cut.jpg')"), said);
      ImageListing rest = listing.without(found.unreadable().numbers());
      assertEquals(20, rest.files().size());
      assertEquals(15, rest.classes().get(3).first());
    }
    Path json = cache;
    for (Path kept : kept(".json")) { // there is one of the folder as it was, too
      if (Files.readString(kept).matches("(?s).*\"unreadable\" : \\[ ?\\d.*")) {
        json = kept;
      }
    }
    String whole = Files.readString(json);
    for (String wrong : List.of("[ 9, 8 ]", "[ 9 ]", "[ -1, 9 ]", "[ 9, 22 ]", "null")) {
      Files.writeString(
          json, whole.replaceAll("\"unreadable\" : [^]]*]", "\"unreadable\" : " + wrong));
      Counting listener = new Counting();
      assertEquals(expected, get(listener));
      assertEquals(22, listener.decoded, wrong);
    }
  }

  @Test
  void whatCannotBeOpenedIsTriedAgain() throws IOException {
    Path locked = Files.createSymbolicLink(photos.resolve("c0/9.png"), photos.resolve("c0/0.png"));
    ImageListing listing = ClassTree.of(photos);
    Files.delete(locked);
    ImageCache.Decoded found = new ImageCache(cache).get(listing, "all", FORM, LoadListener.NONE);
    assertEquals(1, found.unreadable().numbers().size());
    assertEquals(List.of(), kept(".json"));
  }

  @Test
  void manyUnreadableImagesAreAllNamedAndNothingIsKept() throws IOException {
    Files.writeString(photos.resolve("c1/note.png"), "no image");
    Files.write(photos.resolve("c2/cut.jpg"), new byte[] {-1, -40, -1});
    Files.write(photos.resolve("c3/cut.jpg"), new byte[] {-1, -40, -1});
    String message = assertThrows(DataException.class, () -> get(LoadListener.NONE)).getMessage();
    assertTrue(message.contains("note.png' is in no known format"), message);
    assertTrue(message.contains("(so with 2 more: 'c2/cut.jpg', 'c3/cut.jpg')"), message);
    assertTrue(message.endsWith("3 of 23 images cannot be read, and at most a tenth is left out."));
    assertEquals(List.of(), kept(".images"));
    assertEquals(List.of(), kept(".tmp"));
    for (String gone : List.of("c1/note.png", "c2/cut.jpg", "c3/cut.jpg")) {
      Files.delete(photos.resolve(gone));
    }
    assertDecodes(20);
  }

  @Test
  void aCacheThatCannotBeWrittenIsNamed() throws IOException {
    Files.writeString(cache, "a file in its place");
    String message = assertThrows(DataException.class, () -> get(LoadListener.NONE)).getMessage();
    assertTrue(message.contains(cache.toString()) && message.contains("XDG_CACHE_HOME"), message);
  }

  @Test
  void itLiesBesideTheOtherCaches() {
    assertEquals(
        Path.of("/x/quickstudy/images"),
        CacheFolder.of("images", Map.of("XDG_CACHE_HOME", "/x"), Path.of("/home")));
    assertEquals(
        Path.of("/home/.cache/quickstudy/images"),
        CacheFolder.of("images", Map.of(), Path.of("/home")));
    assertEquals(CacheFolder.of("images"), ImageCache.usual().folder());
  }
}
