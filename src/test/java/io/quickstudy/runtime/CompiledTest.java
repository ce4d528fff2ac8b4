package io.quickstudy.runtime;

import static io.quickstudy.runtime.Engines.each;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.MemoryLimit;
import io.quickstudy.backend.MemoryUse;
import io.quickstudy.backend.Resident;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.transform.Params;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/** What can go wrong around a compiled function is a sentence, on the CPU and on emulated CUDA. */
class CompiledTest {
  private static final Op.Type PAIR = new Op.Type(Shape.of(2), DType.F32);
  private static final Op.Type INDEX = new Op.Type(Shape.of(2), DType.I32);
  private static final Op.Type BYTES = new Op.Type(Shape.of(2), DType.U8);

  private static Signature inputs(Map<String, Op.Type> inputs) {
    return new Signature(Map.of(), inputs, Map.of(), 1, Set.of());
  }

  private static Function.Result outputs(Tensor y) {
    return new Function.Result(Params.empty(), Params.of("y", y));
  }

  private static void refused(String message, Class<? extends Exception> kind, Executable what) {
    assertEquals(message, assertThrows(kind, what).getMessage());
  }

  private static void argument(String message, Executable what) {
    refused(message, IllegalArgumentException.class, what);
  }

  private static void state(String message, Executable what) {
    refused(message, IllegalStateException.class, what);
  }

  private static ByteBuffer floats(float... values) {
    ByteBuffer b =
        ByteBuffer.allocateDirect(Float.BYTES * values.length).order(ByteOrder.nativeOrder());
    b.asFloatBuffer().put(values);
    return b;
  }

  @TestFactory
  Stream<DynamicTest> oneNameInEveryRoleIsAsManyValues() {
    Signature all =
        new Signature(Map.of("x", PAIR), Map.of("x", PAIR), Map.of("x", PAIR), 1, Set.of());
    Function f =
        (s, in, r) ->
            new Function.Result(
                Params.of("x", Ops.add(s.get("x"), in.get("x"))),
                Params.of("x", Ops.mul(in.get("x"), r.get("x")), "was", s.get("x")));
    return each(
        engine -> {
          try (Compiled c = engine.compile("roles", all, f);
              Resident data = engine.upload(DType.F32, Shape.of(2), floats(10, 20))) {
            c.setState(Map.of("x", new Array(Shape.of(2), new float[] {1, 2})));
            c.bind("x", data);
            c.set("x", new float[] {3, 5});
            c.run();
            assertArrayEquals(new float[] {30, 100}, c.output("x").data());
            assertArrayEquals(new float[] {1, 2}, c.output("was").data());
            assertArrayEquals(new float[] {4, 7}, c.state().get("x").data());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> anArgumentOfAnotherTraceIsNamed() {
    Tensor foreign = Tensor.argument("elsewhere", DType.F32, Shape.of(2));
    return each(
        engine ->
            argument(
                "leak: the outputs depend on argument 'elsewhere' F32[2], which is not its own:"
                    + " expected only ['x' F32[2]]; use what the function is given, not what"
                    + " another trace or a vmap or grad around it was.",
                () ->
                    engine.compile(
                        "leak",
                        inputs(Map.of("x", PAIR)),
                        (s, in, r) -> outputs(Ops.mul(in.get("x"), Ops.exp(foreign))))));
  }

  @TestFactory
  Stream<DynamicTest> whatWasNeverSetCannotRun() {
    Signature all =
        new Signature(Map.of("w", PAIR), Map.of("x", PAIR), Map.of("d", PAIR), 1, Set.of());
    Function f =
        (s, in, r) ->
            new Function.Result(
                s, Params.of("y", Ops.add(Ops.mul(s.get("w"), in.get("x")), r.get("d"))));
    return each(
        engine -> {
          try (Compiled c = engine.compile("unset", all, f);
              Resident data = engine.upload(DType.F32, Shape.of(2), floats(1, 2))) {
            String noState =
                "unset: state 'w' was never set: expected values before it runs or is read; call"
                    + " setState first.";
            state(noState, c::run);
            state(noState, c::state);
            c.setState(Map.of("w", new Array(Shape.of(2), new float[] {1, 2})));
            assertArrayEquals(new float[] {1, 2}, c.state().get("w").data());
            state(
                "unset: input 'x' was never set: expected values before it runs; call set(\"x\","
                    + " ...) first.",
                c::run);
            c.set("x", new float[] {3, 4});
            String noData =
                "unset: resident 'd' was never bound: expected data before it runs; call"
                    + " bind(\"d\", ...) first.";
            state(noData, c::run);
            state(noData, () -> c.profile(1));
            c.bind("d", data);
            String noRun =
                "unset: output 'y' was not computed: expected a run before it is read; call run"
                    + " first.";
            state(noRun, () -> c.output("y"));
            c.run();
            assertArrayEquals(new float[] {4, 10}, c.output("y").data());
            c.run(); // what was set stays
            assertArrayEquals(new float[] {4, 10}, c.output("y").data());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> aRunThatFailedLeavesNothing() {
    Signature all = new Signature(Map.of("n", PAIR), Map.of("k", INDEX), Map.of(), 1, Set.of());
    Function f =
        (s, in, r) ->
            new Function.Result(
                s.map(n -> Ops.add(n, Ops.scalar(1))),
                Params.of("y", Ops.gather(s.get("n"), in.get("k"), 0)));
    return each(
        engine -> {
          try (Compiled c = engine.compile("failing", all, f)) {
            Map<String, Array> start = Map.of("n", new Array(Shape.of(2), new float[] {1, 2}));
            c.setState(start);
            c.set("k", new int[] {1, 2});
            assertThrows(
                BackendException.class,
                () -> {
                  c.run();
                  c.output("y"); // where the device computes on by itself
                });
            state(
                "failing: output 'y' was not computed, as the last run failed: expected a run"
                    + " before it is read; call run first.",
                () -> c.output("y"));
            String lost =
                "failing: state 'n' was never set since a run failed: expected values before it"
                    + " runs or is read; call setState first.";
            state(lost, c::state);
            state(lost, c::run);
            c.setState(start);
            c.set("k", new int[] {1, 0});
            c.run();
            assertArrayEquals(new float[] {2, 1}, c.output("y").data());
            assertArrayEquals(new float[] {2, 3}, c.state().get("n").data());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> dataThatIsClosedIsNotRead() {
    Signature signature = new Signature(Map.of(), Map.of(), Map.of("d", PAIR), 1, Set.of());
    return each(
        engine -> {
          try (Compiled c =
                  engine.compile("closed", signature, (s, in, r) -> outputs(Ops.exp(r.get("d"))));
              Resident other = engine.upload(DType.F32, Shape.of(2), floats(0, 0))) {
            Resident data = engine.upload(DType.F32, Shape.of(2), floats(1, 2));
            c.bind("d", data);
            c.run();
            data.close();
            String said = assertThrows(IllegalStateException.class, c::run).getMessage();
            assertTrue(said.startsWith("closed: resident input "), said);
            assertTrue(
                said.endsWith(
                    "is closed: expected its data as long as it runs; bind other data first."),
                said);
            c.bind("d", other);
            c.run();
            assertArrayEquals(new float[] {1, 1}, c.output("y").data());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> whatIsNullIsNamed() {
    String nothing =
        "nothing: the function returned null: expected its next state and its outputs; return"
            + " Params.empty() where there are none.";
    return each(
        engine -> {
          argument(nothing, () -> engine.compile("nothing", inputs(Map.of()), (s, in, r) -> null));
          argument(
              nothing,
              () ->
                  engine.compile(
                      "nothing", inputs(Map.of()), (s, in, r) -> new Function.Result(s, null)));
          argument(
              "A signature with a role that is null: expected types by name; give Map.of() or"
                  + " Set.of() where there are none.",
              () -> inputs(null));
          argument(
              "array: shape [1] without numbers; give both", () -> new Array(Shape.of(1), null));
        });
  }

  @TestFactory
  Stream<DynamicTest> outputsAreReadAsWhatTheyAre() {
    Signature signature =
        new Signature(Map.of(), Map.of("x", PAIR), Map.of("b", BYTES), 1, Set.of());
    Function f =
        (s, in, r) ->
            new Function.Result(
                s,
                Params.of("order", Ops.topK(in.get("x"), 2), "x", in.get("x"))
                    .with("swapped", Ops.gather(r.get("b"), Ops.topK(in.get("x"), 2), 0)));
    return each(
        engine -> {
          try (Compiled c = engine.compile("kinds", signature, f);
              Resident data =
                  engine.upload(
                      DType.U8,
                      Shape.of(2),
                      ByteBuffer.allocateDirect(2).put(new byte[] {7, (byte) 200}).flip())) {
            c.bind("b", data);
            c.set("x", new float[] {3, 4});
            c.run();
            assertArrayEquals(new int[] {1, 0}, c.ints("order"));
            assertArrayEquals(new byte[] {(byte) 200, 7}, c.bytes("swapped"));
            argument(
                "kinds: output 'order' is I32[2]: expected F32; read it with ints.",
                () -> c.output("order"));
            argument(
                "kinds: output 'swapped' is U8[2]: expected I32; read it with bytes.",
                () -> c.ints("swapped"));
            argument(
                "kinds: output 'x' is F32[2]: expected U8; read it with output.",
                () -> c.bytes("x"));
            argument(
                "kinds: output 'x' is F32[2]: expected a single number; read it with output.",
                () -> c.scalar("x"));
            argument(
                "kinds: there is no output 'z': expected one of [order, x, swapped]; use one of"
                    + " these.",
                () -> c.output("z"));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> whatIsSetMustFit() {
    Map<String, Op.Type> types = new LinkedHashMap<>();
    types.put("x", PAIR);
    types.put("k", INDEX);
    Function f = (s, in, r) -> outputs(Ops.gather(in.get("x"), in.get("k"), 0));
    return each(
        engine -> {
          try (Compiled c = engine.compile("fit", inputs(types), f)) {
            argument(
                "fit: input 'x' was given 3 numbers of F32: expected 2 numbers for F32[2]; give"
                    + " these.",
                () -> c.set("x", new float[3]));
            argument(
                "fit: input 'k' was given 2 numbers of F32: expected 2 numbers for I32[2]; give"
                    + " these.",
                () -> c.set("k", new float[2]));
            argument(
                "fit: input 'x' was given null: expected 2 numbers for F32[2]; give these.",
                () -> c.set("x", (float[]) null));
            argument(
                "fit: there is no input 'y': expected one of [x, k]; use one of these.",
                () -> c.set("y", new float[2]));
            argument(
                "fit: there is no resident 'x': expected one of []; use one of these.",
                () -> c.bind("x", null));
          }
        });
  }

  @Test
  void aSignatureRefusesWhatCannotBe() {
    Map<String, Op.Type> x = Map.of("x", new Op.Type(Shape.of(3, 2), DType.F32));
    argument(
        "Task input 'y' is no input: expected some of [x]; correct its name.",
        () -> new Signature(Map.of(), x, Map.of(), 3, Set.of("y")));
    argument(
        "Task input 'x' is F32[3, 2]: expected a leading extent of 4, one slice for each task;"
            + " change its shape, or leave it out of the task inputs.",
        () -> new Signature(Map.of(), x, Map.of(), 4, Set.of("x")));
    argument(
        "A signature of 0 tasks: expected at least 1; give 1 where there is no task axis.",
        () -> new Signature(Map.of(), x, Map.of(), 0, Set.of()));
    argument(
        "State 'k' is I32[2]: expected F32; make it an input or an output instead.",
        () -> new Signature(Map.of("k", INDEX), x, Map.of(), 1, Set.of()));
    argument(
        "Input 'b' is U8[2]: expected F32 or I32; make it a resident, whose data is uploaded.",
        () -> inputs(Map.of("b", BYTES)));
    assertEquals(1, new Signature(Map.of(), x, Map.of(), 3, Set.of("x")).taskInputs().size());
  }

  @TestFactory
  Stream<DynamicTest> stateComesBackAsItWent() {
    Signature signature = new Signature(Map.of("w", PAIR), Map.of(), Map.of(), 1, Set.of());
    return each(
        engine -> {
          argument(
              "shrinks: the function returned state 'w' as F32[]: expected F32[2], as it was"
                  + " given; keep its type.",
              () ->
                  engine.compile(
                      "shrinks",
                      signature,
                      (s, in, r) -> new Function.Result(s.map(Ops::sum), Params.empty())));
          argument(
              "forgets: the function returned state []: expected [w]; return the next value of"
                  + " each.",
              () ->
                  engine.compile(
                      "forgets",
                      signature,
                      (s, in, r) -> new Function.Result(Params.empty(), Params.empty())));
        });
  }

  @TestFactory
  Stream<DynamicTest> theLeastMemoryIsTheLowestLimitThatRuns() {
    int tasks = 4;
    Op.Type rows = new Op.Type(Shape.of(tasks, 64, 64), DType.F32);
    Signature signature = new Signature(Map.of(), Map.of("x", rows), Map.of(), tasks, Set.of("x"));
    Function f =
        (s, in, r) -> {
          Tensor x = in.get("x");
          Tensor y = Ops.dot(x, x);
          return outputs(
              Ops.sum(Ops.add(Ops.dot(y, Ops.exp(y)), Ops.dot(Ops.exp(y), y)), List.of(0)));
        };
    return each(
        engine -> {
          MemoryUse least = engine.leastMemory("least", signature, f);
          MemoryLimit enough = new MemoryLimit(least.bytes());
          try (Compiled c = engine.compile("least", signature, enough, f);
              Compiled free = engine.compile("least", signature, f)) {
            assertEquals(least, c.memory());
            assertTrue(least.bytes() < free.memory().bytes(), least + " of " + free.memory());
          }
          String message =
              assertThrows(
                      BackendException.class,
                      () ->
                          engine.compile("least", signature, new MemoryLimit(least.bytes() - 1), f))
                  .getMessage();
          String needs =
              "least needs at least %s of memory (%s)"
                  .formatted(MemoryUse.text(least.bytes()), least.how());
          assertTrue(message.startsWith(needs), message);
        });
  }
}
