package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What {@code train --help} says of values that are not given. */
class HelpDefaultsTest {
  /** The help in one line, so that it does not matter where its lines end. */
  private static String help(String... before) {
    String[] args = new String[before.length + 2];
    args[0] = "train";
    System.arraycopy(before, 0, args, 1, before.length);
    args[args.length - 1] = "--help";
    Ran ran = Ran.of(args);
    assertEquals(0, ran.code(), ran.err());
    return ran.out().replaceAll("\\s+", " ");
  }

  @Test
  void aloneItHasAllOptionsAndTheDefaultsOfTheUsualRun() {
    String help = help();
    assertTrue(
        help.contains("Defaults are those of --learner protonet --data glyphs --model conv;"),
        help);
    assertTrue(help.contains("--ways=N classes of a task (default: 20)"), help);
    assertTrue(help.contains("--inner-steps"), help);
  }

  @Test
  void besideALearnerItHasTheOptionsAndTheRecipeOfThat() {
    String help = help("--learner", "maml", "--data=omniglot");
    assertTrue(
        help.contains("Options and defaults are those of --learner maml --data omniglot"), help);
    assertTrue(
        help.contains("--inner-steps=N gradient steps on the support set (default: 1)"), help);
    assertTrue(help.contains("the learner (default: maml)"), help);
    assertFalse(help.contains("--cost"), help); // another learner's
    // what is given decides what others are
    String many = help("--learner", "maml", "--data=omniglot", "--ways", "20");
    assertTrue(
        many.contains("--inner-steps=N gradient steps on the support set (default: 5)"), many);
  }

  @Test
  void whatMakesNoRunHasHelpAllTheSame() {
    String help = help("--learner", "protnet");
    assertFalse(help.contains("Defaults are those"), help);
    assertTrue(help.contains("--ways=N classes of a task "), help);
  }
}
