package io.quickstudy.run;

import io.quickstudy.data.DataSource;
import io.quickstudy.data.source.DataSources;
import io.quickstudy.learner.LearnerKind;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Learners, models and data by the names that people type: the built-in ones by short names, a
 * user's own by their class, which is looked for on a class path.
 */
public final class NamedChoices {
  /** Identifiers with dots between; other texts make class loaders throw what is no sentence. */
  private static final Pattern CLASS =
      Pattern.compile(
          "\\p{javaJavaIdentifierStart}\\p{javaJavaIdentifierPart}*"
              + "(\\.\\p{javaJavaIdentifierStart}\\p{javaJavaIdentifierPart}*)*");

  private static final Map<String, NamedChoices> KNOWN = new ConcurrentHashMap<>();

  /** How Java wraps what a class threw when it was first loaded, if it is asked for again. */
  private static final Pattern THROWN_BEFORE =
      Pattern.compile("(?s)Exception ([\\w.$]+): (.*) \\[in thread \".*\"]");

  private final ClassLoader loader;
  private final List<String> missing;

  private NamedChoices(ClassLoader loader, List<String> missing) {
    this.loader = loader;
    this.missing = missing;
  }

  /**
   * Those on a class path, beside the program's own. What does not exist of it counts only if a
   * class is not found elsewhere: a run keeps the path of its training, and may be used where its
   * classes come with the program.
   *
   * @param classpath jars and folders, with the system's separator between; empty for none
   * @throws ConfigException if it is no path
   */
  public static NamedChoices on(String classpath) {
    if (classpath.isEmpty()) {
      return new NamedChoices(program(), List.of());
    }
    return KNOWN.computeIfAbsent(classpath, NamedChoices::open);
  }

  /** Where a program has its own classes, which may differ by thread. */
  private static ClassLoader program() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context == null ? NamedChoices.class.getClassLoader() : context;
  }

  private static NamedChoices open(String classpath) {
    List<URL> urls = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (String part : classpath.split(File.pathSeparator, 0)) {
      try {
        Path p = Path.of(part);
        if (!Files.exists(p)) {
          missing.add(part);
        }
        urls.add(p.toUri().toURL());
      } catch (InvalidPathException | MalformedURLException e) {
        throw new ConfigException(
            "Class path '%s' is no path: expected a jar or a folder of classes; check --classpath."
                .formatted(Names.shown(part)),
            e);
      }
    }
    // never closed: classes may be loaded at any time while the program runs
    return new NamedChoices(
        new URLClassLoader(urls.toArray(URL[]::new), program()), List.copyOf(missing));
  }

  /**
   * Checks that all of the class path is there.
   *
   * @throws ConfigException if a part of it does not exist
   */
  NamedChoices whole() {
    if (!missing.isEmpty()) {
      throw lost();
    }
    return this;
  }

  private ConfigException lost() {
    return new ConfigException(
        "Class path '%s' does not exist: expected a jar or a folder of classes; check --classpath, or classpath in the run's config.yaml."
            .formatted(Names.shown(missing.getFirst())));
  }

  /** Whether a name is that of a class: it has a dot or begins with a capital letter. */
  static boolean isClass(String name) {
    return CLASS.matcher(name).matches()
        && (name.contains(".") || Character.isUpperCase(name.charAt(0)));
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
      if (isClass(name) && e.getCause() instanceof ClassNotFoundException) {
        whole();
      }
      throw new ConfigException(e.getMessage(), e);
    }
  }

  /** The recipe that a user's own learner has on data beside its class: NAME-DATA.yaml. */
  Optional<String> resource(String learner, String data) {
    if (!isClass(learner)) {
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
    List<String> names = known.stream().map(k -> named.apply(k)).toList();
    if (!isClass(name)) {
      throw new ConfigException(Names.unknown(what, name, names));
    }
    T found;
    try {
      found = own.apply(Class.forName(name, true, loader));
    } catch (ClassNotFoundException e) {
      whole();
      throw new ConfigException(
          "%s '%s' is no class that is found: expected one of %s, or a class on --classpath; check the name and where it is."
              .formatted(capital(what), Names.shown(name), String.join(", ", names)),
          e);
    } catch (LinkageError e) {
      throw new ConfigException(
          "%s '%s' is a class that cannot be loaded (%s): expected one that can; correct it, or add what it needs to --classpath."
              .formatted(capital(what), Names.shown(name), thrown(e)),
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
        Object kind = f.get(null);
        if (kind != null) {
          return kind;
        }
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

  /** What is behind a class that cannot be loaded: what its initialiser threw, if it did. */
  private static String thrown(LinkageError e) {
    Throwable t = e;
    while (t.getCause() != null && t instanceof LinkageError) {
      t = t.getCause();
    }
    String message = String.valueOf(t.getMessage());
    Matcher before = THROWN_BEFORE.matcher(message);
    String said = before.matches() ? before.group(2) : message;
    String type = before.matches() ? before.group(1) : t.getClass().getName();
    return Names.said(type.substring(type.lastIndexOf('.') + 1) + ": " + said)
        .replaceAll("\\.$", "");
  }

  private static String capital(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }
}
