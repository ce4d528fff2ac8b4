package io.quickstudy.data.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.ClassUnit;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.Within;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Episodes by group, and with unlabelled examples. */
class GroupedEpisodesTest {
  private static final int COUNT = 10;

  /** Classes of the groups, which are 0 to 5, 6 to 9, 10 to 12. */
  private static final int[] SIZES = {6, 4, 3};

  private static final ImageSet SET = set("g");
  private static final int[] ALL = IntStream.range(0, 13).toArray();

  private static ImageSet set(String group) {
    List<ImageClass> list = new ArrayList<>();
    for (int g = 0; g < SIZES.length; g++) {
      for (int k = 0; k < SIZES[g]; k++) {
        String of = group.isEmpty() ? "" : group + g;
        list.add(new ImageClass("c" + list.size(), of, list.size() * COUNT, COUNT));
      }
    }
    return ImageSet.of("grouped", 4, 4, 1, new byte[list.size() * COUNT * 16], list);
  }

  private static int groupOf(int example) {
    return SET.classes().get(example / COUNT).group().charAt(1) - '0';
  }

  private static EpisodeSampler sampler(EpisodeSpec spec, Rotations turns) {
    return new EpisodeSampler(SET, ALL, turns, spec, 5);
  }

  private static EpisodeSpec within(int ways) {
    return new EpisodeSpec(ways, 2, 3, 0, 0, Within.GROUP, ClassUnit.EACH);
  }

  private static EpisodeSpec groups(int ways, int shots, int queries, int unlabelled) {
    return new EpisodeSpec(ways, shots, queries, unlabelled, 0, Within.ALL, ClassUnit.GROUPS);
  }

  @ParameterizedTest
  @EnumSource
  void classesWithinAGroupAreDistinctAndOfOne(Rotations turns) {
    int[] drawn = new int[SIZES.length];
    EpisodeSampler s = sampler(within(3), turns);
    for (int i = 0; i < 900; i++) {
      Episode e = s.episode(i);
      Set<Integer> groups = new HashSet<>();
      Set<Integer> classes = new HashSet<>();
      for (int k = 0; k < e.supportIndex().length; k++) {
        groups.add(groupOf(e.supportIndex()[k]));
        int turn = turns == Rotations.CLASSES ? e.supportMove()[k] : 0;
        classes.add(e.supportIndex()[k] / COUNT * 4 + turn);
        assertEquals(k / 2, e.supportLabel()[k]);
      }
      Arrays.stream(e.queryIndex()).forEach(q -> groups.add(groupOf(q)));
      assertEquals(1, groups.size(), "groups of one episode");
      assertEquals(3, classes.size(), "classes of one episode");
      drawn[groups.iterator().next()]++;
    }
    for (int n : drawn) {
      assertEquals(300, n, 60, "each group is as likely: " + Arrays.toString(drawn));
    }
  }

  @Test
  void aGroupTooSmallIsRefused() {
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> sampler(within(4), Rotations.NONE))
            .getMessage()
            .contains("Group 'g2' of 'grouped' has 3 classes: an episode needs 4"));
    // turned characters are classes
    assertEquals(40, sampler(within(10), Rotations.CLASSES).episode(0).supportIndex().length * 2);
  }

  @Test
  void classesWithoutGroupsAreRefused() {
    ImageSet flat = set("");
    for (EpisodeSpec spec : List.of(within(2), groups(2, 1, 1, 0))) {
      String said =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> new EpisodeSampler(flat, ALL, Rotations.NONE, spec, 5))
              .getMessage();
      assertTrue(said.contains("belongs to no group"), said);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aGroupIsAClassOfItsMembers(Rotations turns) {
    EpisodeSampler s = sampler(groups(3, 4, 6, 2), turns);
    assertEquals(turns == Rotations.CLASSES ? 12 : 3, s.poolSize());
    for (int i = 0; i < 200; i++) {
      Episode e = s.episode(i);
      assertArrayEquals(
          new int[] {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, -1, -1, -1, -1, -1, -1}, e.supportLabel());
      Set<Integer> all = new HashSet<>();
      for (int k = 0; k < 3; k++) {
        int group = groupOf(e.supportIndex()[4 * k]);
        Set<Integer> shown = new HashSet<>();
        for (int n = 4 * k; n < 4 * k + 4; n++) {
          assertEquals(group, groupOf(e.supportIndex()[n]));
          assertEquals(e.supportMove()[4 * k], e.supportMove()[n], "a group is turned as a whole");
          shown.add(e.supportIndex()[n] / COUNT);
          all.add(e.supportIndex()[n] * 4 + e.supportMove()[n]);
        }
        assertEquals(Math.min(4, SIZES[group]), shown.size(), "members in the support set");
        for (int n = 6 * k; n < 6 * k + 6; n++) {
          assertEquals(k, e.queryLabel()[n]);
          assertTrue(shown.contains(e.queryIndex()[n] / COUNT), "a query of a member not shown");
          all.add(e.queryIndex()[n] * 4 + e.queryMove()[n]);
        }
      }
      for (int n = 12; n < 18; n++) {
        all.add(e.supportIndex()[n] * 4 + e.supportMove()[n]);
      }
      assertEquals(12 + 18 + 6, all.size(), "distinct images");
    }
  }

  @Test
  void groupsThatAreNotThereAreRefused() {
    String ways =
        assertThrows(
                IllegalArgumentException.class, () -> sampler(groups(4, 1, 1, 0), Rotations.NONE))
            .getMessage();
    assertTrue(ways.contains("4 ways from 3 groups of 'grouped': expected at most 3"), ways);
    String images =
        assertThrows(
                IllegalArgumentException.class, () -> sampler(groups(2, 1, 10, 0), Rotations.NONE))
            .getMessage();
    assertTrue(images.contains("has 10 examples: an episode needs 11"), images);
    assertThrows(
        IllegalArgumentException.class,
        () -> new EpisodeSpec(2, 1, 1, 0, 0, Within.GROUP, ClassUnit.GROUPS));
  }

  @Test
  void unlabelledExamplesStandBehindTheOthers() {
    EpisodeSpec spec = new EpisodeSpec(3, 2, 1, 2, 4, Within.ALL, ClassUnit.EACH);
    assertEquals(3 * 2 + 7 * 2, spec.supportSize());
    EpisodeSampler s = sampler(spec, Rotations.NONE);
    for (int i = 0; i < 100; i++) {
      Episode e = s.episode(i);
      Set<Integer> labelled = new HashSet<>();
      Set<Integer> others = new HashSet<>();
      Set<Integer> images = new HashSet<>();
      for (int k = 0; k < spec.supportSize(); k++) {
        int of = e.supportIndex()[k] / COUNT;
        images.add(e.supportIndex()[k]);
        if (k < 6) {
          assertEquals(k / 2, e.supportLabel()[k]);
          labelled.add(of);
        } else {
          assertEquals(EpisodeSampler.UNLABELLED, e.supportLabel()[k]);
          others.add(of);
        }
      }
      Arrays.stream(e.queryIndex()).forEach(images::add);
      assertEquals(spec.supportSize() + 3, images.size(), "distinct images");
      assertEquals(3, labelled.size());
      assertEquals(7, others.size(), "classes and distractors");
      assertTrue(others.containsAll(labelled));
    }
    // with none of them, a seed means what it meant
    Episode plain = sampler(new EpisodeSpec(3, 2, 1), Rotations.NONE).episode(7);
    assertEquals(6, plain.supportIndex().length);
    assertThrows(
        IllegalArgumentException.class,
        () -> new EpisodeSpec(3, 1, 1, 0, 2, Within.ALL, ClassUnit.EACH));
  }
}
