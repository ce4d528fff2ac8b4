package io.quickstudy.exchange.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.quickstudy.graph.Shape;
import io.quickstudy.runtime.Array;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** A file in ONNX Runtime. */
public final class OnnxModel implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  /** Loads it. */
  public OnnxModel(byte[] bytes) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      session = environment.createSession(bytes, options);
    }
  }

  /** Extents of the outputs by name, -1 for the batch. */
  Map<String, List<Long>> outputs() throws OrtException {
    Map<String, List<Long>> m = new LinkedHashMap<>();
    for (Map.Entry<String, NodeInfo> e : session.getOutputInfo().entrySet()) {
      long[] dims = ((TensorInfo) e.getValue().getInfo()).getShape();
      m.put(e.getKey(), LongStream.of(dims).boxed().toList());
    }
    return m;
  }

  String metadata(String key) throws OrtException {
    return session.getMetadata().getCustomMetadataValue(key).orElseThrow();
  }

  /** All outputs by name. */
  public Map<String, Array> run(String input, Array x) throws OrtException {
    long[] dims = IntStream.of(x.shape().dims()).asLongStream().toArray();
    Map<String, Array> out = new LinkedHashMap<>();
    try (OnnxTensor tensor =
            OnnxTensor.createTensor(environment, FloatBuffer.wrap(x.data()), dims);
        OrtSession.Result result = session.run(Map.of(input, tensor))) {
      for (var e : result) {
        OnnxTensor t = (OnnxTensor) e.getValue();
        int[] shape = LongStream.of(t.getInfo().getShape()).mapToInt(Math::toIntExact).toArray();
        float[] data = new float[t.getFloatBuffer().remaining()];
        t.getFloatBuffer().get(data);
        out.put(e.getKey(), new Array(Shape.of(shape), data));
      }
    }
    return out;
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
