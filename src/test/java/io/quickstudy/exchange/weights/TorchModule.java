package io.quickstudy.exchange.weights;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What modules of PyTorch compute, in double precision from their documentation's formulas: images
 * [c, h, w], filters [o, c, kh, kw], matrices [out, in]. Weights are made by a formula of their
 * names.
 */
final class TorchModule {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, double[]> weights = new LinkedHashMap<>();
  private final Map<String, List<Integer>> shapes = new LinkedHashMap<>();

  /** A weight around a number, all its values different and floats of 8 bits. */
  TorchModule with(String name, double around, Integer... dims) {
    int size = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      double wave = Math.sin(1.7 * i + name.hashCode() % 100) / (around == 0 ? 4 : 8);
      values[i] = around + Math.rint(128 * wave) / 128;
    }
    weights.put(name, values);
    shapes.put(name, List.of(dims));
    return this;
  }

  double[] weight(String name) {
    return weights.get(name);
  }

  /** A convolution, perhaps with a bias, and a batch norm behind it. */
  TorchModule block(String conv, String norm, int in, int out, boolean bias) {
    with(conv + ".weight", 0, out, in, 3, 3);
    if (bias) {
      with(conv + ".bias", 0, out);
    }
    with(norm + ".weight", 1, out).with(norm + ".bias", 0, out);
    with(norm + ".running_mean", 0, out).with(norm + ".running_var", 1, out);
    return with(norm + ".num_batches_tracked", 1);
  }

  /** A fully connected layer. */
  TorchModule linear(String name, int in, int out) {
    return with(name + ".weight", 0, out, in).with(name + ".bias", 0, out);
  }

  // ---- what they compute

  /** Conv2d(padding=1). */
  double[] conv(String name, double[] x, int h, int w) {
    List<Integer> s = shapes.get(name + ".weight");
    double[] f = weight(name + ".weight");
    double[] y = new double[s.get(0) * h * w];
    for (int o = 0; o < s.get(0); o++) {
      for (int i = 0; i < h; i++) {
        for (int j = 0; j < w; j++) {
          double sum = weights.containsKey(name + ".bias") ? weight(name + ".bias")[o] : 0;
          for (int c = 0; c < s.get(1); c++) {
            for (int k = 0; k < 9; k++) {
              int row = i + k / 3 - 1;
              int column = j + k % 3 - 1;
              if (row >= 0 && row < h && column >= 0 && column < w) {
                sum += x[(c * h + row) * w + column] * f[(o * s.get(1) + c) * 9 + k];
              }
            }
          }
          y[(o * h + i) * w + j] = sum;
        }
      }
    }
    return y;
  }

  /** BatchNorm2d in eval mode. */
  double[] norm(String name, double[] x, int spots) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int c = i / spots;
      double deviation = Math.sqrt(weight(name + ".running_var")[c] + 1e-5);
      double z = (x[i] - weight(name + ".running_mean")[c]) / deviation;
      y[i] = z * weight(name + ".weight")[c] + weight(name + ".bias")[c];
    }
    return y;
  }

  static double[] relu(double[] x) {
    return Arrays.stream(x).map(v -> Math.max(v, 0)).toArray();
  }

  /** MaxPool2d(2). */
  static double[] pool(double[] x, int h, int w) {
    int channels = x.length / (h * w);
    double[] y = new double[channels * (h / 2) * (w / 2)];
    int i = 0;
    for (int c = 0; c < channels; c++) {
      for (int row = 0; row < h / 2; row++) {
        for (int column = 0; column < w / 2; column++) {
          int at = (c * h + 2 * row) * w + 2 * column;
          y[i++] = Math.max(Math.max(x[at], x[at + 1]), Math.max(x[at + w], x[at + w + 1]));
        }
      }
    }
    return y;
  }

  /** Linear. */
  double[] linear(String name, double[] x) {
    double[] y = weight(name + ".bias").clone();
    for (int o = 0; o < y.length; o++) {
      for (int i = 0; i < x.length; i++) {
        y[o] += weight(name + ".weight")[o * x.length + i] * x[i];
      }
    }
    return y;
  }

  /** The outputs of LSTM over a sequence. */
  double[][] lstm(String name, double[][] x, int hidden) {
    double[] h = new double[hidden];
    double[] c = new double[hidden];
    double[][] out = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      double[] z = new double[4 * hidden];
      for (int k = 0; k < z.length; k++) {
        z[k] = weight(name + ".bias_ih_l0")[k] + weight(name + ".bias_hh_l0")[k];
        for (int i = 0; i < x[t].length; i++) {
          z[k] += weight(name + ".weight_ih_l0")[k * x[t].length + i] * x[t][i];
        }
        for (int i = 0; i < hidden; i++) {
          z[k] += weight(name + ".weight_hh_l0")[k * hidden + i] * h[i];
        }
      }
      double[] next = new double[hidden];
      for (int i = 0; i < hidden; i++) {
        double cell = sigmoid(z[hidden + i]) * c[i] + sigmoid(z[i]) * Math.tanh(z[2 * hidden + i]);
        next[i] = sigmoid(z[3 * hidden + i]) * Math.tanh(cell);
        c[i] = cell;
      }
      h = next;
      out[t] = h;
    }
    return out;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  // ---- as a file

  /** Writes all weights in one of the floating types; counters of batches as I64. */
  Path save(Path file, String type) throws IOException {
    ObjectNode header = JSON.createObjectNode();
    header.putObject("__metadata__").put("format", "pt");
    int size =
        switch (type) {
          case "F64" -> 8;
          case "F32" -> 4;
          default -> 2;
        };
    ByteBuffer data = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
    weights.forEach(
        (name, values) -> {
          boolean counter = name.endsWith("num_batches_tracked");
          ObjectNode entry = header.putObject(name).put("dtype", counter ? "I64" : type);
          shapes.get(name).forEach(entry.putArray("shape")::add);
          int begin = data.position();
          for (double v : values) {
            put(data, counter ? "I64" : type, v);
          }
          entry.putArray("data_offsets").add(begin).add(data.position());
          assert counter || data.position() == begin + size * values.length;
        });
    byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer whole =
        ByteBuffer.allocate(8 + text.length + data.position()).order(ByteOrder.LITTLE_ENDIAN);
    whole.putLong(text.length).put(text).put(data.flip());
    return Files.write(file, whole.array());
  }

  private static void put(ByteBuffer b, String type, double v) {
    switch (type) {
      case "F16" -> b.putShort(Float.floatToFloat16((float) v));
      case "BF16" -> b.putShort((short) (Float.floatToRawIntBits((float) v) >> 16));
      case "F32" -> b.putFloat((float) v);
      case "F64" -> b.putDouble(v);
      default -> b.putLong((long) v);
    }
  }
}
