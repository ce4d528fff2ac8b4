package io.quickstudy.run;

import io.quickstudy.data.DataSource;
import io.quickstudy.data.source.DataSources;
import io.quickstudy.learners.LearnerKind;
import io.quickstudy.learners.Learners;
import io.quickstudy.nn.ModelKind;
import io.quickstudy.nn.Models;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.text.Names;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Learners, models and data by the names that people type: the built-in ones by short names, a
 * user's own by their class, which is looked for on a class path.
 */
public final class NamedChoices {
  private static final Map<String, NamedChoices> KNOWN = new ConcurrentHashMap<>();

  private final String classpath;
  private final ClassLoader loader;

  private NamedChoices(String classpath, ClassLoader loader) {
    this.classpath = classpath;
    this.loader = loader;
  }

  /**
   * Those on a class path, beside the program's own.
   *
   * @param classpath jars and folders, with the system's separator between; empty for none
   * @throws ConfigException if one of them does not exist
   */
  public static NamedChoices on(String classpath) {
    return KNOWN.computeIfAbsent(classpath, NamedChoices::open);
  }

  private static NamedChoices open(String classpath) {
    if (classpath.isEmpty()) {
      ClassLoader context = Thread.currentThread().getContextClassLoader();
      return new NamedChoices("", context == null ? NamedChoices.class.getClassLoader() : context);
    }
    List<URL> urls = new ArrayList<>();
    for (String part : classpath.split(File.pathSeparator, 0)) {
      try {
        Path p = Path.of(part);
        if (!Files.exists(p)) {
          throw new ConfigException(
              "Class path '%s' does not exist: expected a jar or a folder of classes; check --classpath."
                  .formatted(part));
        }
        urls.add(p.toUri().toURL());
      } catch (InvalidPathException | MalformedURLException e) {
        throw new ConfigException(
            "Class path '%s' is no path: expected a jar or a folder of classes; check --classpath."
                .formatted(part),
            e);
      }
    }
    // never closed: classes may be loaded at any time while the program runs
    return new NamedChoices(
        classpath,
        new URLClassLoader(urls.toArray(URL[]::new), NamedChoices.class.getClassLoader()));
  }

  /**
   * A learner: by a short name, or a class with a public static {@link LearnerKind} called KIND.
   *
   * @throws ConfigException if there is none
   */
  public LearnerKind<?> learner(String name) {
    return find(
        "learner",
        name,
        Learners.ALL,
        k -> k.name(),
        c -> (LearnerKind<?>) constant(c, LearnerKind.class, "learner"));
  }

  /**
   * A model: by a short name, or a class with a public static {@link ModelKind} called KIND.
   *
   * @throws ConfigException if there is none
   */
  public ModelKind<?> model(String name) {
    return find(
        "model",
        name,
        Models.ALL,
        k -> k.name(),
        c -> (ModelKind<?>) constant(c, ModelKind.class, "model"));
  }

  /**
   * Data: by a short name, or a class that is a {@link DataSource} and has a public constructor
   * without parameters.
   *
   * @throws ConfigException if there is none
   */
  public DataSource data(String name) {
    try {
      return DataSources.of(name, loader);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }

  /** The recipe that a user's own learner has on data beside its class: NAME-DATA.yaml. */
  Optional<String> resource(String learner, String data) {
    if (!learner.contains(".")) {
      return Optional.empty();
    }
    String file = learner.replace('.', '/') + "-" + data + ".yaml";
    try (InputStream in = loader.getResourceAsStream(file)) {
      return in == null
          ? Optional.empty()
          : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new ConfigException(
          "Recipe '%s' cannot be read: expected a YAML file; check --classpath.".formatted(file),
          e);
    }
  }

  private <T> T find(
      String what,
      String name,
      List<? extends T> known,
      Function<T, String> named,
      Function<Class<?>, T> own) {
    for (T t : known) {
      if (named.apply(t).equalsIgnoreCase(name)) {
        return t;
      }
    }
    if (!name.contains(".")) {
      List<String> names = known.stream().map(k -> named.apply(k)).toList();
      throw new ConfigException(Names.unknown(what, name, names));
    }
    T found;
    try {
      found = own.apply(Class.forName(name, true, loader));
    } catch (ClassNotFoundException | LinkageError e) {
      throw new ConfigException(
          "%s '%s' is no class that can be loaded%s: expected one on the class path; %s."
              .formatted(
                  capital(what),
                  Names.shown(name),
                  e instanceof LinkageError ? " (" + Names.said(String.valueOf(e)) + ")" : "",
                  classpath.isEmpty()
                      ? "say where it is with --classpath FILE.jar"
                      : "check its name and --classpath " + classpath),
          e);
    }
    if (!named.apply(found).equals(name)) {
      throw new ConfigException(
          "%s '%s' calls itself '%s': expected the name of its class; leave named(...) out of its KIND, or give it that class."
              .formatted(capital(what), name, named.apply(found)));
    }
    return found;
  }

  private static Object constant(Class<?> c, Class<?> type, String what) {
    try {
      Field f = c.getDeclaredField("KIND");
      if (Modifier.isStatic(f.getModifiers()) && type.isAssignableFrom(f.getType())) {
        f.setAccessible(true);
        return f.get(null);
      }
    } catch (NoSuchFieldException e) {
      // said below
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
    throw new ConfigException(
        "Class '%s' is no %s: expected a 'public static final %s<?> KIND'; add it, or name another class."
            .formatted(c.getName(), what, type.getSimpleName()));
  }

  private static String capital(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }
}
