package io.quickstudy.backend.cuda.kernels;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Compiled kernels, and what was measured, on disk, each under the digest of all that it depends
 * on, with a digest of its own at the end: one that is damaged is made again. An entry gets its
 * name when it is whole, so that several processes may start at once.
 */
public final class KernelCache {
  private static final System.Logger LOG = System.getLogger(KernelCache.class.getName());
  private static final int DIGEST_BYTES = 32;
  private static final long MAX_BYTES = 256 << 20;

  private final Path folder;
  private boolean silent;

  public KernelCache(Path folder) {
    this.folder = folder;
  }

  /** {@code $XDG_CACHE_HOME} or {@code ~/.cache}, below it quickstudy/kernels. */
  public static KernelCache of(Map<String, String> environment, Path home) {
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path base = cache.isBlank() ? home.resolve(".cache") : Path.of(cache);
    return new KernelCache(base.resolve("quickstudy").resolve("kernels"));
  }

  /** Where the entries lie. */
  public Path folder() {
    return folder;
  }

  /** The digest of texts, each apart from the next. */
  public static String key(List<String> parts) {
    MessageDigest digest = sha256();
    for (String p : parts) {
      byte[] bytes = p.getBytes(StandardCharsets.UTF_8);
      digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /** What is kept under a name, or else what is made now and kept from then on. */
  public byte[] get(String name, Supplier<byte[]> make) {
    return get(name, kept -> true, make);
  }

  /** The same where what is kept may be of no use. */
  public byte[] get(String name, Predicate<byte[]> useful, Supplier<byte[]> make) {
    Path entry = folder.resolve(name);
    byte[] kept = read(entry);
    if (kept != null && useful.test(kept)) {
      return kept;
    }
    byte[] made = make.get();
    write(entry, made);
    return made;
  }

  /** An entry's content, or null where there is none that is whole. */
  private static byte[] read(Path entry) {
    try {
      if (Files.size(entry) > MAX_BYTES) {
        return null;
      }
      byte[] all = Files.readAllBytes(entry);
      if (all.length > DIGEST_BYTES) {
        byte[] content = Arrays.copyOf(all, all.length - DIGEST_BYTES);
        byte[] digest = Arrays.copyOfRange(all, content.length, all.length);
        return Arrays.equals(sha256().digest(content), digest) ? content : null;
      }
      return null;
    } catch (IOException e) {
      return null; // not there or not readable: it is made anew
    }
  }

  private void write(Path entry, byte[] content) {
    Path whole = null;
    try {
      Files.createDirectories(folder);
      whole = Files.createTempFile(folder, entry.getFileName().toString(), ".part");
      byte[] all = Arrays.copyOf(content, content.length + DIGEST_BYTES);
      System.arraycopy(sha256().digest(content), 0, all, content.length, DIGEST_BYTES);
      Files.write(whole, all);
      Files.move(whole, entry, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!silent) {
        silent = true;
        LOG.log(
            System.Logger.Level.WARNING,
            "Kernels cannot be kept in {0} ({1}); they are compiled, and convolutions measured, at"
                + " every start. Set XDG_CACHE_HOME to a folder that can be written to.",
            folder,
            e.toString());
      }
      delete(whole);
    }
  }

  private static void delete(Path part) {
    if (part != null) {
      try {
        Files.deleteIfExists(part);
      } catch (IOException e) {
        part.toFile().deleteOnExit(); // the folder turned read-only in between
      }
    }
  }
}
