package io.quickstudy.train;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.data.source.DataSources;
import io.quickstudy.runtime.Engine;
import java.util.LinkedHashMap;
import java.util.Map;

/** What Quickstudy finds on this machine. */
public final class SystemInfo {
  private static final String CLEARED = "quickstudy.cleared.OPENBLAS_CORETYPE";
  private static final long MIB = 1 << 20;

  private SystemInfo() {}

  /** The version, or "development" where the classes come from no jar. */
  public static String version() {
    String v = SystemInfo.class.getPackage().getImplementationVersion();
    return v == null ? "development" : v;
  }

  /** All of it by name; values are texts and numbers, and maps of these. */
  public static Map<String, Object> gather() {
    java.lang.Runtime jvm = java.lang.Runtime.getRuntime();
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("version", version());
    m.put(
        "java",
        "%s (%s)".formatted(System.getProperty("java.version"), System.getProperty("java.vendor")));
    m.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    m.put("cores", jvm.availableProcessors());
    m.put("memory_mib", memory());
    m.put("heap_mib", jvm.maxMemory() / MIB);
    m.putAll(device(jvm.availableProcessors()));
    m.put("openblas_coretype", coretype());
    Map<String, Object> data = new LinkedHashMap<>();
    DataSources.ALL.forEach(d -> data.put(d.name(), d.found()));
    m.put("data", data);
    return m;
  }

  private static long memory() {
    if (java.lang.management.ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean os) {
      return os.getTotalMemorySize() / MIB;
    }
    return -1;
  }

  private static Map<String, Object> device(int cores) {
    Map<String, Object> m = new LinkedHashMap<>();
    try (Engine r = Engine.open("auto", cores, Precision.FP32)) {
      m.put("device", r.device());
      m.put(r.device(), new LinkedHashMap<>(r.describe()));
      Map<String, Object> cuda = new LinkedHashMap<>();
      cuda.put("usable", Engine.cudaProblem().orElse("yes"));
      cuda.putAll(Engine.cudaLibraries());
      m.put("cuda", cuda);
    } catch (BackendException | LinkageError | IllegalStateException e) {
      m.put("device", "none: " + e.getMessage());
    }
    return m;
  }

  private static String coretype() {
    String cleared = System.getProperty(CLEARED);
    if (cleared != null) {
      return "was '%s'; cleared by the launcher, since it forces kernels upon OpenBLAS"
          .formatted(cleared);
    }
    String set = System.getenv("OPENBLAS_CORETYPE");
    return set == null
        ? "not set"
        : "'%s', which forces kernels upon OpenBLAS; unset it or use the launcher".formatted(set);
  }
}
