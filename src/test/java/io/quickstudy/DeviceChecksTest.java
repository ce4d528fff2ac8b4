package io.quickstudy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.quickstudy.backend.cuda.CudaCandidate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That the checks of a device need nothing that the bundle lacks, where they run alone. */
class DeviceChecksTest {
  private static final JavaClasses TESTS =
      new ClassFileImporter()
          .importUrl(DeviceChecks.class.getProtectionDomain().getCodeSource().getLocation());

  private static List<JavaCodeUnit> checks() {
    return TESTS.stream()
        .flatMap(c -> c.getMethods().stream())
        .filter(
            m ->
                m.isAnnotatedWith(Tag.class)
                    || m.isAnnotatedWith(Tag.class.getName() + "s")
                    || m.getOwner().isAnnotatedWith(Tag.class))
        .map(JavaCodeUnit.class::cast)
        .toList();
  }

  /** The one place that asks first whether a device is checked alone. */
  private static boolean choosesDevices(JavaCodeUnit unit) {
    return unit.getOwner().isEquivalentTo(CudaCandidate.class) && unit.getName().equals("drivers");
  }

  @Test
  void noneReachesTheEmulator() {
    Set<String> wrong = new TreeSet<>();
    for (JavaCodeUnit check : checks()) {
      Deque<JavaCodeUnit> left = new ArrayDeque<>(List.of(check));
      Set<JavaCodeUnit> seen = new HashSet<>();
      while (!left.isEmpty()) {
        JavaCodeUnit unit = left.pop();
        if (!seen.add(unit) || choosesDevices(unit)) {
          continue;
        }
        for (JavaAccess<?> a : unit.getAccessesFromSelf()) {
          if (a.getTargetOwner().getSimpleName().startsWith("Emulat")) {
            wrong.add(check.getFullName() + " by " + unit.getFullName());
          }
          a.getTarget()
              .resolveMember()
              .filter(JavaCodeUnit.class::isInstance)
              .map(JavaCodeUnit.class::cast)
              .ifPresent(left::push);
        }
      }
    }
    assertEquals(Set.of(), wrong);
  }

  @Test
  void thereAreSome() {
    assertTrue(checks().size() > 5, checks().toString());
  }
}
