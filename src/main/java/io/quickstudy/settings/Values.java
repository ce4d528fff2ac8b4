package io.quickstudy.settings;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Records of {@link Setting}s and their texts. */
public final class Values {
  /** Read once: a configuration asks each learner for its options many times. */
  private static final ClassValue<List<Key>> KEYS =
      new ClassValue<>() {
        @Override
        protected List<Key> computeValue(Class<?> type) {
          return Arrays.stream(type.getRecordComponents()).map(Key::of).toList();
        }
      };

  private Values() {}

  /**
   * The keys of a record's components, in their order.
   *
   * @throws IllegalArgumentException if one has no {@link Setting}, or is of a type that none has
   */
  public static List<Key> keys(Class<? extends Record> type) {
    return KEYS.get(type);
  }

  /** A record's values by key, in their order. */
  public static Map<String, Object> values(Record r) {
    Map<String, Object> m = new LinkedHashMap<>();
    List<Key> keys = keys(r.getClass());
    RecordComponent[] components = r.getClass().getRecordComponents();
    for (int i = 0; i < components.length; i++) {
      try {
        components[i].getAccessor().setAccessible(true); // records of users may be nested and small
        m.put(keys.get(i).name(), components[i].getAccessor().invoke(r));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(
            "'%s' of a record cannot be read".formatted(keys.get(i)), e);
      }
    }
    return m;
  }

  /**
   * A record of the values that texts give.
   *
   * @param text the text of each key
   * @throws ConfigException for the first value that is not of its key's type, or does not fit
   */
  public static <R extends Record> R record(Class<R> type, Function<Key, String> text) {
    List<Object> values = new ArrayList<>();
    List<Key> keys = keys(type);
    for (Key k : keys) {
      values.add(k.parse(text.apply(k)));
    }
    try {
      Class<?>[] types = keys.stream().map(Key::type).toArray(Class<?>[]::new);
      Constructor<R> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values.toArray());
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof ConfigException c) {
        throw c;
      }
      if (e.getCause() instanceof IllegalArgumentException i) {
        throw new ConfigException(i.getMessage(), i);
      }
      throw new IllegalStateException("a " + type.getName() + " could not be made", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          type.getName() + " has no constructor of its components that can be called", e);
    }
  }

  /** A value as people type it. */
  public static String format(Object value) {
    return switch (value) {
      case Enum<?> e -> e.toString().equals(e.name()) ? kebab(e.name()) : e.toString();
      case Double d ->
          Double.isFinite(d)
              ? BigDecimal.valueOf(d).stripTrailingZeros().toPlainString()
              : d.toString();
      case List<?> l -> l.stream().map(Object::toString).collect(Collectors.joining(","));
      default -> value.toString();
    };
  }

  /** An enum's constant in kebab case. */
  public static String kebab(String constant) {
    return constant.toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
