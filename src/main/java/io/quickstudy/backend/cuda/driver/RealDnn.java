package io.quickstudy.backend.cuda.driver;

import static org.bytedeco.cuda.global.cudnn.*;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.cudnn.cudnnContext;
import org.bytedeco.cuda.cudnn.cudnnConvolutionBwdDataAlgoPerf_t;
import org.bytedeco.cuda.cudnn.cudnnConvolutionBwdFilterAlgoPerf_t;
import org.bytedeco.cuda.cudnn.cudnnConvolutionFwdAlgoPerf_t;
import org.bytedeco.cuda.cudnn.cudnnConvolutionStruct;
import org.bytedeco.cuda.cudnn.cudnnFilterStruct;
import org.bytedeco.cuda.cudnn.cudnnTensorStruct;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * cuDNN 9 on one stream. Its classes are touched only where its libraries were found. These are its
 * older functions, which it means to drop one day, but not in version 9: those that came after them
 * take a dozen descriptors for what is one call here.
 */
@SuppressWarnings("deprecation")
final class RealDnn implements Dnn, AutoCloseable {
  private static final int CUDA = 13;

  /** No dilation. */
  private static final int DENSE = 1;

  private final Runnable enter;
  private final cudnnContext context = new cudnnContext();
  private final FloatPointer one = new FloatPointer(1f);
  private final FloatPointer zero = new FloatPointer(0f);
  private final DevicePointer x = new DevicePointer();
  private final DevicePointer w = new DevicePointer();
  private final DevicePointer y = new DevicePointer();
  private final DevicePointer workspace = new DevicePointer();
  private final Precision precision;
  private final Map<SharedConvolution, Problem> problems = new HashMap<>();

  /**
   * Opens it for work on a stream.
   *
   * @param precision of operands
   * @param enter makes the device's context the thread's
   * @throws BackendException with one sentence that says why it is not usable
   */
  static RealDnn open(CUstream_st stream, Precision precision, Runnable enter) {
    CudaLibraries.dnnProblem()
        .ifPresent(
            why -> {
              throw new BackendException(why);
            });
    long made = cudnnGetCudartVersion() / 1000;
    if (made != CUDA) {
      throw new BackendException(
          "cuDNN is not usable: the one that was found is made for CUDA %s, not %s; %s."
              .formatted(made, CUDA, CudaLibrary.DNN.repair()));
    }
    return new RealDnn(stream, precision, enter);
  }

  private RealDnn(CUstream_st stream, Precision precision, Runnable enter) {
    this.precision = precision;
    this.enter = enter;
    CudaStatus.dnn(cudnnCreate(context), "cudnnCreate");
    try {
      CudaStatus.dnn(cudnnSetStream(context, stream), "cudnnSetStream");
    } catch (BackendException e) {
      close();
      throw e;
    }
  }

  /** The default arithmetic would round operands to TF32; its name is part of the version. */
  private int arithmetic() {
    return switch (precision) {
      case FP32 -> CUDNN_FMA_MATH;
      case TF32 -> CUDNN_TENSOR_OP_MATH;
    };
  }

  @Override
  public String version() {
    long v = cudnnGetVersion();
    return "%s.%s.%s, %s".formatted(v / 10000, v / 100 % 100, v % 100, precision);
  }

  /** What cuDNN is told of a convolution. */
  private static final class Problem implements AutoCloseable {
    final cudnnTensorStruct x = new cudnnTensorStruct();
    final cudnnFilterStruct w = new cudnnFilterStruct();
    final cudnnTensorStruct y = new cudnnTensorStruct();
    final cudnnConvolutionStruct window = new cudnnConvolutionStruct();

    Problem(SharedConvolution c, int arithmetic) {
      try {
        images(x, c.describeX());
        images(y, c.describeY());
        CudaStatus.dnn(cudnnCreateFilterDescriptor(w), "cudnnCreateFilterDescriptor");
        CudaStatus.dnn(
            cudnnSetFilter4dDescriptor(
                w, CUDNN_DATA_FLOAT, CUDNN_TENSOR_NHWC, c.o(), c.c(), c.kh(), c.kw()),
            "cudnnSetFilter4dDescriptor");
        CudaStatus.dnn(
            cudnnCreateConvolutionDescriptor(window), "cudnnCreateConvolutionDescriptor");
        CudaStatus.dnn(
            cudnnSetConvolution2dDescriptor(
                window,
                c.padH(),
                c.padW(),
                c.strideH(),
                c.strideW(),
                DENSE,
                DENSE,
                CUDNN_CROSS_CORRELATION,
                CUDNN_DATA_FLOAT),
            "cudnnSetConvolution2dDescriptor");
        CudaStatus.dnn(
            cudnnSetConvolutionMathType(window, arithmetic), "cudnnSetConvolutionMathType");
      } catch (BackendException e) {
        close();
        throw e;
      }
    }

    private static void images(cudnnTensorStruct t, int[] d) {
      CudaStatus.dnn(cudnnCreateTensorDescriptor(t), "cudnnCreateTensorDescriptor");
      CudaStatus.dnn(
          cudnnSetTensor4dDescriptorEx(
              t, CUDNN_DATA_FLOAT, d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7]),
          "cudnnSetTensor4dDescriptorEx");
    }

    /** Frees what was made; errors no longer matter. */
    @Override
    public void close() {
      if (!x.isNull()) {
        cudnnDestroyTensorDescriptor(x);
      }
      if (!y.isNull()) {
        cudnnDestroyTensorDescriptor(y);
      }
      if (!w.isNull()) {
        cudnnDestroyFilterDescriptor(w);
      }
      if (!window.isNull()) {
        cudnnDestroyConvolutionDescriptor(window);
      }
    }
  }

  private Problem problem(SharedConvolution c) {
    enter.run();
    return problems.computeIfAbsent(c, k -> new Problem(k, arithmetic()));
  }

  // ---- algorithms

  @Override
  public List<Way> ways(SharedConvolution c, long most) {
    Problem p = problem(c);
    Set<Integer> algorithms =
        switch (c.result()) {
          case Y -> forward(p);
          case X -> data(p);
          case W -> filter(p);
        };
    List<Way> out = new ArrayList<>();
    try (SizeTPointer bytes = new SizeTPointer(1)) {
      for (int a : algorithms) {
        int rc =
            switch (c.result()) {
              case Y ->
                  cudnnGetConvolutionForwardWorkspaceSize(
                      context, p.x, p.w, p.window, p.y, a, bytes);
              case X ->
                  cudnnGetConvolutionBackwardDataWorkspaceSize(
                      context, p.w, p.y, p.window, p.x, a, bytes);
              case W ->
                  cudnnGetConvolutionBackwardFilterWorkspaceSize(
                      context, p.x, p.y, p.window, p.w, a, bytes);
            };
        if (can(rc, "workspace of a convolution") && bytes.get() <= most) {
          out.add(new Way(a, bytes.get()));
        }
      }
    }
    return List.copyOf(out);
  }

  /** Whether cuDNN can do what it was asked about. */
  private static boolean can(int rc, String what) {
    if (rc / 1000 == CUDNN_STATUS_NOT_SUPPORTED / 1000) {
      return false; // with the reason in the last digits
    }
    CudaStatus.dnn(rc, what);
    return true;
  }

  private static boolean good(int status, int determinism) {
    return status == CUDNN_STATUS_SUCCESS && determinism == CUDNN_DETERMINISTIC;
  }

  private Set<Integer> forward(Problem p) {
    int[] n = new int[1];
    CudaStatus.dnn(cudnnGetConvolutionForwardAlgorithmMaxCount(context, n), "algorithms");
    Set<Integer> out = new LinkedHashSet<>();
    try (cudnnConvolutionFwdAlgoPerf_t all = new cudnnConvolutionFwdAlgoPerf_t(n[0])) {
      int rc =
          cudnnGetConvolutionForwardAlgorithm_v7(context, p.x, p.w, p.window, p.y, n[0], n, all);
      for (int i = 0; can(rc, "cudnnGetConvolutionForwardAlgorithm_v7") && i < n[0]; i++) {
        all.position(i);
        if (good(all.status(), all.determinism())) {
          out.add(all.algo());
        }
      }
    }
    return out;
  }

  private Set<Integer> data(Problem p) {
    int[] n = new int[1];
    CudaStatus.dnn(cudnnGetConvolutionBackwardDataAlgorithmMaxCount(context, n), "algorithms");
    Set<Integer> out = new LinkedHashSet<>();
    try (cudnnConvolutionBwdDataAlgoPerf_t all = new cudnnConvolutionBwdDataAlgoPerf_t(n[0])) {
      int rc =
          cudnnGetConvolutionBackwardDataAlgorithm_v7(
              context, p.w, p.y, p.window, p.x, n[0], n, all);
      for (int i = 0; can(rc, "cudnnGetConvolutionBackwardDataAlgorithm_v7") && i < n[0]; i++) {
        all.position(i);
        if (good(all.status(), all.determinism())) {
          out.add(all.algo());
        }
      }
    }
    return out;
  }

  private Set<Integer> filter(Problem p) {
    int[] n = new int[1];
    CudaStatus.dnn(cudnnGetConvolutionBackwardFilterAlgorithmMaxCount(context, n), "algorithms");
    Set<Integer> out = new LinkedHashSet<>();
    try (cudnnConvolutionBwdFilterAlgoPerf_t all = new cudnnConvolutionBwdFilterAlgoPerf_t(n[0])) {
      int rc =
          cudnnGetConvolutionBackwardFilterAlgorithm_v7(
              context, p.x, p.y, p.window, p.w, n[0], n, all);
      for (int i = 0; can(rc, "cudnnGetConvolutionBackwardFilterAlgorithm_v7") && i < n[0]; i++) {
        all.position(i);
        if (good(all.status(), all.determinism())) {
          out.add(all.algo());
        }
      }
    }
    return out;
  }

  // ---- work

  @Override
  public void start(SharedConvolution c, Way way, Operands at) {
    Problem p = problem(c);
    x.at(at.x());
    w.at(at.w());
    y.at(at.y());
    workspace.at(at.workspace());
    int a = way.algorithm();
    long bytes = way.bytes();
    switch (c.result()) {
      case Y ->
          CudaStatus.dnn(
              cudnnConvolutionForward(
                  context, one, p.x, x, p.w, w, p.window, a, workspace, bytes, zero, p.y, y),
              "cudnnConvolutionForward");
      case X ->
          CudaStatus.dnn(
              cudnnConvolutionBackwardData(
                  context, one, p.w, w, p.y, y, p.window, a, workspace, bytes, zero, p.x, x),
              "cudnnConvolutionBackwardData");
      case W ->
          CudaStatus.dnn(
              cudnnConvolutionBackwardFilter(
                  context, one, p.x, x, p.y, y, p.window, a, workspace, bytes, zero, p.w, w),
              "cudnnConvolutionBackwardFilter");
    }
  }

  /** Frees all of it; errors no longer matter. */
  @Override
  public void close() {
    problems.values().forEach(Problem::close);
    cudnnDestroy(context);
    one.close();
    zero.close();
  }
}
