package io.quickstudy.run;

import io.quickstudy.data.ClassUnit;
import io.quickstudy.data.Framing;
import io.quickstudy.data.Ink;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.Within;
import io.quickstudy.settings.Setting;
import io.quickstudy.task.Labelling;

/**
 * What is learned from.
 *
 * @param dataDir folder of the data; empty to look in the usual places
 * @param split which classes train and which test
 * @param rotations what turning by 90 degrees makes of images
 * @param maxShift largest random shift of images in training sequences, in pixels
 * @param labels what the labels of a sequence are
 * @param size side of the images in pixels
 * @param channels 1 or 3
 * @param ink what the brightness of a folder's images means
 * @param fit what becomes of the aspect of a folder's images
 * @param trim whether the empty margin of a folder's images counts
 * @param levels whether brightness is each image's own
 * @param ways classes of a task
 * @param shots labelled examples of each class; of a sequence, appearances of each class; of pairs
 *     or a batch, how many; none of classes that are described
 * @param queries examples of each class to predict; none in a sequence
 * @param unlabelled support images of each class whose label is not told
 * @param distractors classes of unlabelled images that are none of the task's
 * @param within where the classes of an episode come from
 * @param classes what a class of an episode is
 * @param metaBatch tasks of a step
 * @param attributeCount numbers that describe a class
 * @param trainTasks curves to train on
 * @param columns what a table holds, so that a run can be used without it; empty of other data
 */
public record TaskSettings(
    @Setting("folder or file of the data; empty to look in the usual places") String dataDir,
    @Setting(
            "which classes train and test: vinyals, random, lake, heldout; for folders random,"
                + " folders, files[:DIR], heldout; for tables of classes likewise, of tasks"
                + " random; none for curves of a formula")
        String split,
    @Setting(
            value = "turn images by 90 degrees: as new classes, by class, by episode, or not",
            usual = "none")
        Rotations rotations,
    @Setting(
            value = "random shift of images in training sequences, in pixels",
            usual = "0",
            least = 0)
        int maxShift,
    @Setting(
            value =
                "labels of a sequence: one-hot, or strings of five letters that are drawn anew"
                    + " for each",
            usual = "one-hot",
            before = "one-hot")
        Labelling labels,
    @Setting(
            value = "side of the images in pixels; 28, 20 and 84 are usual",
            usual = "28",
            least = 8)
        int size,
    @Setting(
            value = "1 for grey images, 3 for colours; folders have both",
            usual = "1",
            before = "1",
            least = 1)
        int channels,
    @Setting(
            value = "what is drawn in a folder's images: dark, which inverts them, or bright",
            usual = "dark",
            before = "dark")
        Ink ink,
    @Setting(
            value =
                "how a folder's images become squares: stretch, crop the middle, or pad with the"
                    + " colour of the border",
            usual = "stretch",
            before = "stretch")
        Framing.Fit fit,
    @Setting(
            value = "cut the empty margin off drawings: margin, or none",
            usual = "none",
            before = "none")
        Framing.Trim trim,
    @Setting(
            value = "stretch the brightness of each image: each, or none",
            usual = "none",
            before = "none")
        Framing.Levels levels,
    @Setting(value = "classes of a task", usual = "5", least = 1) int ways,
    @Setting(
            value =
                "labelled examples of each class; of a sequence, appearances of each class; of"
                    + " pairs or a batch, how many; 0 of classes that are described",
            usual = "1",
            least = 0)
        int shots,
    @Setting(
            value = "examples of each class to predict; none in a sequence",
            usual = "15",
            least = 0)
        int queries,
    @Setting(
            value = "support images of each class whose label is not told",
            usual = "0",
            before = "0",
            least = 0)
        int unlabelled,
    @Setting(
            value = "classes of unlabelled images that are none of the task's",
            usual = "0",
            before = "0",
            least = 0)
        int distractors,
    @Setting(
            value =
                "draw the classes of an episode from all, or from one group, such as an alphabet",
            usual = "all",
            before = "all")
        Within within,
    @Setting(
            value = "a class of an episode is each class, or one of their groups as a whole",
            usual = "each",
            before = "each")
        ClassUnit classes,
    @Setting(value = "tasks of a step", usual = "4", least = 1) int metaBatch,
    @Setting(
            value = "numbers that describe a class, for learners of described classes; the data's",
            usual = "0",
            before = "0",
            least = 0)
        int attributeCount,
    @Setting(
            value = "curves that there are to train on, again and again; 0 for no end of them",
            usual = "0",
            before = "0",
            least = 0)
        int trainTasks,
    @Setting(
            value = "what a table holds: regression INPUTS VALUES, or classes NUMBERS; found in it",
            usual = "",
            before = "",
            placeholder = "TEXT")
        String columns) {

  /** How pictures are made alike. */
  public Framing framing() {
    return new Framing(fit, trim, levels);
  }
}
