package io.quickstudy.learners;

import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.bayesian.Alpaca;
import io.quickstudy.learners.bayesian.AmortisedVariational;
import io.quickstudy.learners.bayesian.Bmaml;
import io.quickstudy.learners.bayesian.Emaml;
import io.quickstudy.learners.bayesian.Platipus;
import io.quickstudy.learners.bayesian.Versa;
import io.quickstudy.learners.closed.LogisticHead;
import io.quickstudy.learners.closed.RidgeHead;
import io.quickstudy.learners.closed.SvmHead;
import io.quickstudy.learners.gradient.AlphaMaml;
import io.quickstudy.learners.gradient.Anil;
import io.quickstudy.learners.gradient.Cavia;
import io.quickstudy.learners.gradient.FineTuning;
import io.quickstudy.learners.gradient.ImplicitMaml;
import io.quickstudy.learners.gradient.Maml;
import io.quickstudy.learners.gradient.MamlPlusPlus;
import io.quickstudy.learners.gradient.MetaSgd;
import io.quickstudy.learners.gradient.Reptile;
import io.quickstudy.learners.memory.BlackBoxLstm;
import io.quickstudy.learners.memory.ConditionalNeuralProcess;
import io.quickstudy.learners.memory.GeneratedHead;
import io.quickstudy.learners.memory.LstmMetaLearner;
import io.quickstudy.learners.memory.Mann;
import io.quickstudy.learners.memory.MetaNetworks;
import io.quickstudy.learners.memory.NeuralTuringMachine;
import io.quickstudy.learners.memory.Snail;
import io.quickstudy.learners.metric.GraphNet;
import io.quickstudy.learners.metric.Matching;
import io.quickstudy.learners.metric.MixturePrototypes;
import io.quickstudy.learners.metric.ProtoNet;
import io.quickstudy.learners.metric.Relation;
import io.quickstudy.learners.metric.Siamese;
import io.quickstudy.learners.metric.ZeroShotProtoNet;
import java.util.List;

/** The learners there are; a user's own is named by its class. */
public final class Learners {
  /** All of them, in the order in which they are listed; of those that fit, the first is usual. */
  public static final List<LearnerKind<?>> ALL =
      List.of(
          ProtoNet.KIND,
          Matching.KIND,
          Relation.KIND,
          Siamese.KIND,
          MixturePrototypes.KIND,
          GraphNet.KIND,
          Maml.KIND,
          Maml.FIRST_ORDER,
          Anil.KIND,
          MetaSgd.KIND,
          MamlPlusPlus.KIND,
          AlphaMaml.KIND,
          Cavia.KIND,
          ImplicitMaml.KIND,
          Reptile.KIND,
          FineTuning.KIND,
          Versa.KIND,
          AmortisedVariational.KIND,
          Platipus.KIND,
          Bmaml.KIND,
          Emaml.KIND,
          Alpaca.KIND,
          ZeroShotProtoNet.KIND,
          BlackBoxLstm.KIND,
          Snail.KIND,
          ConditionalNeuralProcess.KIND,
          GeneratedHead.KIND,
          LstmMetaLearner.KIND,
          NeuralTuringMachine.KIND,
          Mann.KIND,
          MetaNetworks.KIND,
          RidgeHead.KIND,
          LogisticHead.KIND,
          SvmHead.KIND);

  /** The one with which networks are searched where none is named: that of Auto-Meta's paper. */
  public static final LearnerKind<?> OF_SEARCH = Reptile.KIND;

  private Learners() {}
}
