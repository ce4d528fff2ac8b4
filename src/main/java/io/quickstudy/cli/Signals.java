package io.quickstudy.cli;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Signals that ask a run to stop. Closing it gives them their former meaning. */
final class Signals implements AutoCloseable {
  private static final int EXIT = 128; // by a shell's convention, more than the signal's number

  /** One that is caught. */
  enum Name {
    /** What kill sends, and a batch scheduler before it kills. */
    TERM(15),
    /** That the terminal's window was closed, or the connection to it lost. */
    HUP(1),
    /** Control-C. */
    INT(2),
    /** What a batch scheduler can be told to send some time before. */
    USR1(10);

    private final int number;

    Name(int number) {
      this.number = number;
    }

    /** Of a process that the signal ended. */
    int exitCode() {
      return EXIT + number;
    }
  }

  private final List<Runnable> undo = new ArrayList<>();

  private Signals() {}

  /**
   * Calls back on SIGTERM, SIGHUP, SIGINT and SIGUSR1, in place of ending the process, where the
   * system has them and nobody ordered that they be ignored, as nohup does. By reflection, since
   * the class that can do it is no official part of the platform.
   */
  static Signals onStop(Consumer<Name> callback) {
    Signals signals = new Signals();
    for (Name name : Name.values()) {
      try {
        signals.undo.add(handle(name.name(), () -> callback.accept(name)));
      } catch (ReflectiveOperationException e) {
        // this signal keeps its usual meaning
      }
    }
    return signals;
  }

  /** Calls back, from now on, whenever the terminal's window changed its size. */
  static void whenWindowChanges(Runnable callback) {
    try {
      handle("WINCH", callback);
    } catch (ReflectiveOperationException e) {
      // then it stays as it is
    }
  }

  /** Handles a signal; what is returned gives it its former meaning. */
  private static Runnable handle(String name, Runnable callback)
      throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.Signal");
    Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
    Object handler =
        Proxy.newProxyInstance(
            Signals.class.getClassLoader(),
            new Class<?>[] {handlerType},
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "handle" -> {
                    callback.run();
                    yield null;
                  }
                  case "equals" -> self == arguments[0];
                  case "hashCode" -> System.identityHashCode(self);
                  default -> "handler of " + name;
                });
    Object signal = type.getConstructor(String.class).newInstance(name);
    Method handle = type.getMethod("handle", type, handlerType);
    Object before = handle.invoke(null, signal, handler);
    return () -> {
      try {
        handle.invoke(null, signal, before);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("signal " + name + " could not be given back", e);
      }
    };
  }

  @Override
  public void close() {
    undo.forEach(Runnable::run);
  }
}
