package io.quickstudy.cli;

import java.lang.reflect.Proxy;

/** Signals that ask a run to stop. */
final class Signals {
  private Signals() {}

  /**
   * Calls back on SIGTERM, SIGINT and SIGUSR1, in place of ending the process, where the system has
   * them. By reflection, since the class that can do it is no official part of the platform.
   */
  static void onStop(Runnable callback) {
    for (String name : new String[] {"TERM", "INT", "USR1"}) {
      try {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        Object proxy =
            Proxy.newProxyInstance(
                Signals.class.getClassLoader(),
                new Class<?>[] {handler},
                (self, method, arguments) -> {
                  switch (method.getName()) {
                    case "handle" -> callback.run();
                    case "equals" -> {
                      return self == arguments[0];
                    }
                    case "hashCode" -> {
                      return System.identityHashCode(self);
                    }
                    default -> {
                      return "stop";
                    }
                  }
                  return null;
                });
        signal
            .getMethod("handle", signal, handler)
            .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
      } catch (ReflectiveOperationException e) {
        return; // this signal keeps its usual meaning
      }
    }
  }
}
