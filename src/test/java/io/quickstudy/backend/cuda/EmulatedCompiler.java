package io.quickstudy.backend.cuda;

import io.quickstudy.backend.BackendException;
import io.quickstudy.bindings.Emulator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/** In NVRTC's place: g++, which compiles generated kernels for the emulator. */
final class EmulatedCompiler {
  private static final int MINUTES = 10;
  private static final Path FOLDER = folder();
  private static int made;

  private EmulatedCompiler() {}

  private static Path folder() {
    try {
      Path folder = Files.createTempDirectory("quickstudy-kernels");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
    } catch (IOException e) {
      folder.toFile().deleteOnExit();
    }
  }

  /** A library with the kernels of all sources. */
  static synchronized Path library(List<String> sources) {
    String name = "kernels" + made++;
    List<Path> objects =
        IntStream.range(0, sources.size())
            .parallel()
            .mapToObj(i -> object(name + "-" + i, sources.get(i)))
            .toList();
    Path library = FOLDER.resolve(name + ".so");
    List<String> command = new ArrayList<>(List.of("-shared", "-o", library.toString()));
    objects.forEach(o -> command.add(o.toString()));
    command.add(Loader.load(Emulator.class)); // whose threads and barriers they use
    run(command);
    return library;
  }

  private static Path object(String name, String source) {
    try {
      Path text = Files.writeString(FOLDER.resolve(name + ".cu"), source);
      Path object = FOLDER.resolve(name + ".o");
      run(
          List.of(
              "-std=c++17",
              "-O0",
              "-fPIC",
              "-fno-math-errno",
              "-fno-trapping-math",
              "-Wall",
              "-Wextra",
              "-Werror",
              "-Wno-unknown-pragmas",
              "-DQS_EMULATED",
              name.endsWith("-0") ? "-DQS_EMULATED_MODULE" : "-DQS_EMULATED_PART",
              "-Inative",
              "-Inative/emulator",
              "-Ikernels",
              "-x",
              "c++",
              "-c",
              text.toString(),
              "-o",
              object.toString()));
      return object;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Optional.ofNullable(System.getenv("CXX")).orElse("g++"));
    command.addAll(arguments);
    try {
      Path log = Files.createTempFile(FOLDER, "log", "");
      Process p =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      if (!p.waitFor(MINUTES, TimeUnit.MINUTES) || p.exitValue() != 0) {
        throw new BackendException(command + ": " + Files.readString(log));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackendException("interrupted while kernels were compiled");
    }
  }
}
