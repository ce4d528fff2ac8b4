package io.quickstudy.backend.cuda.driver;

import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_N;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_T;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.kernels.KernelCache;
import io.quickstudy.backend.cuda.kernels.KernelCode;
import io.quickstudy.backend.cuda.kernels.KernelCompiler;
import io.quickstudy.backend.cuda.kernels.KernelSources;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.cuda.cublas.cublasContext;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/** A GPU through CUDA's driver interface, cuBLAS and NVRTC. */
public final class RealDriver implements CudaDriver {
  private static final int OLDEST_DRIVER = 13000;
  private static final long WORKSPACE_BYTES = 32L << 20;

  private final int index;
  private final int device;
  private final CUctx_st context = new CUctx_st();
  private final Streams streams = new Streams(this::enter);
  private final CUstream_st stream = streams.work();
  private final cublasContext products = new cublasContext();
  private final FloatPointer one = new FloatPointer(1f);
  private final FloatPointer zero = new FloatPointer(0f);
  private final FloatPointer less = new FloatPointer(-1f);
  private final DevicePointer a = new DevicePointer();
  private final DevicePointer b = new DevicePointer();
  private final DevicePointer c = new DevicePointer();
  private final LongPointer args = new LongPointer(Launch.WORDS);
  private final PointerPointer<Pointer> params = new PointerPointer<Pointer>(1).put(0, args);
  private final Map<String, CUfunc_st> kernels = new HashMap<>();
  private final Map<String, CUmod_st> modules = new HashMap<>();
  private final KernelCache cache;
  private final KernelCode code;
  private final String name;
  private final String architecture;
  private final int capability;
  private final int blockBytes;
  private Precision precision = Precision.FP32; // cuBLAS's own default
  private long workspace;
  private final Map<Precision, RealDnn> dnns = new EnumMap<>(Precision.class);
  private boolean closed;

  /**
   * Opens a GPU.
   *
   * @param index its number, from 0
   * @throws BackendException with one sentence that says what is missing
   */
  public static RealDriver open(int index) {
    CudaLibraries.problem()
        .ifPresent(
            why -> {
              throw new BackendException(why);
            });
    return new RealDriver(index);
  }

  private RealDriver(int index) {
    this.index = index;
    initialise();
    int[] d = new int[1];
    CudaStatus.check(cudart.cuDeviceGet(d, index), "cuDeviceGet");
    device = d[0];
    name = name(device);
    capability = capability(device);
    blockBytes = attribute(cudart.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, device);
    architecture = KernelCompiler.architecture(capability);
    cache = KernelCache.of(System.getenv(), Path.of(System.getProperty("user.home")));
    code = new KernelCode(architecture, cache);
    CudaStatus.check(cudart.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain");
    try {
      enter();
      streams.open();
      CudaStatus.blas(cublas.cublasCreate_v2(products), "cublasCreate");
      CudaStatus.blas(cublas.cublasSetStream_v2(products, stream), "cublasSetStream");
      workspace = alloc(WORKSPACE_BYTES);
      if (workspace == 0) {
        throw new BackendException(
            device() + " has no memory left; end what else runs there or take another GPU.");
      }
      CudaStatus.blas(
          cublas.cublasSetWorkspace_v2(products, a.at(workspace), WORKSPACE_BYTES),
          "cublasSetWorkspace");
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** The driver's own checks, before any device is touched. */
  private void initialise() {
    int[] value = new int[1];
    int rc = cudart.cuInit(0);
    if (rc == cudart.CUDA_ERROR_NO_DEVICE) {
      throw new BackendException("CUDA is not usable: the NVIDIA driver sees no GPU.");
    }
    CudaStatus.check(rc, "cuInit");
    CudaStatus.check(cudart.cuDriverGetVersion(value), "cuDriverGetVersion");
    if (value[0] < OLDEST_DRIVER) {
      throw new BackendException(
          "CUDA is not usable: the NVIDIA driver is made for CUDA %s, older than the %s that is"
                  .formatted(version(value[0]), version(OLDEST_DRIVER))
              + " needed; update it to 580 or newer.");
    }
    CudaStatus.check(cudart.cuDeviceGetCount(value), "cuDeviceGetCount");
    if (index >= value[0]) {
      throw new BackendException(
          "Device 'cuda:%s' is not there: this machine shows %s."
              .formatted(
                  index, value[0] == 1 ? "one GPU, cuda:0" : value[0] + " GPUs, from cuda:0 on"));
    }
  }

  private static String version(int number) {
    return number / 1000 + "." + number % 1000 / 10;
  }

  private static String name(int device) {
    byte[] text = new byte[256];
    CudaStatus.check(cudart.cuDeviceGetName(text, text.length, device), "cuDeviceGetName");
    return new String(text, java.nio.charset.StandardCharsets.UTF_8).replaceAll("\0.*", "");
  }

  private static int capability(int device) {
    return attribute(cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device) * 10
        + attribute(cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device);
  }

  private static int attribute(int which, int device) {
    int[] value = new int[1];
    CudaStatus.check(cudart.cuDeviceGetAttribute(value, which, device), "cuDeviceGetAttribute");
    return value[0];
  }

  /** Where compiled kernels are kept. */
  public KernelCache cache() {
    return cache;
  }

  boolean closed() {
    return closed;
  }

  /** The context belongs to a thread; calls may come from any. */
  void enter() {
    if (closed) {
      throw new IllegalStateException(device() + " is closed");
    }
    CudaStatus.check(cudart.cuCtxSetCurrent(context), "cuCtxSetCurrent");
  }

  @Override
  public String device() {
    return "cuda:" + index;
  }

  @Override
  public int capability() {
    return capability;
  }

  @Override
  public int blockBytes() {
    return blockBytes;
  }

  @Override
  public Map<String, String> describe() {
    int[] driver = new int[1];
    CudaStatus.check(cudart.cuDriverGetVersion(driver), "cuDriverGetVersion");
    int[] blas = new int[1];
    CudaStatus.blas(cublas.cublasGetVersion_v2(products, blas), "cublasGetVersion");
    Map<String, String> m = new LinkedHashMap<>();
    m.put("gpu", name);
    m.put("architecture", architecture);
    m.put("free_mib", Long.toString(available() >> 20));
    m.put("driver_cuda", version(driver[0]));
    m.put("cublas_version", Integer.toString(blas[0]));
    m.put("nvrtc_version", KernelCompiler.version());
    m.put("kernel_cache", cache.folder().toString());
    return m;
  }

  // ---- memory

  @Override
  public long available() {
    enter();
    try (SizeTPointer free = new SizeTPointer(1);
        SizeTPointer total = new SizeTPointer(1)) {
      CudaStatus.check(cudart.cuMemGetInfo(free, total), "cuMemGetInfo");
      return free.get();
    }
  }

  @Override
  public long alloc(long bytes) {
    enter();
    long[] address = new long[1];
    int rc = cudart.cuMemAlloc(address, bytes);
    if (rc == cudart.CUDA_ERROR_OUT_OF_MEMORY) {
      return 0;
    }
    CudaStatus.check(rc, "cuMemAlloc");
    return address[0];
  }

  @Override
  public void free(long address) {
    if (!closed) {
      synchronise();
      CudaStatus.check(cudart.cuMemFree(address), "cuMemFree");
    }
  }

  @Override
  public void copyIn(long to, ByteBuffer from) {
    enter();
    int bytes = from.remaining();
    try (Pointer host = new BytePointer(from.slice())) {
      CudaStatus.check(cudart.cuMemcpyHtoDAsync(to, host, bytes, stream), "cuMemcpyHtoDAsync");
      CudaStatus.check(cudart.cuStreamSynchronize(stream), "copying to the GPU");
    }
  }

  @Override
  public void copyOut(ByteBuffer into, long from) {
    enter();
    int bytes = into.remaining();
    try (Pointer host = new BytePointer(into.slice())) {
      CudaStatus.check(cudart.cuMemcpyDtoHAsync(host, from, bytes, stream), "cuMemcpyDtoHAsync");
      CudaStatus.check(cudart.cuStreamSynchronize(stream), "copying from the GPU");
    }
  }

  @Override
  public Pinned pinned(long bytes) {
    return streams.pinned(bytes);
  }

  @Override
  public void upload(long to, Pinned from) {
    streams.upload(to, from);
  }

  @Override
  public void download(Pinned into, int at, long from, long bytes) {
    streams.download(into, at, from, bytes);
  }

  @Override
  public void copy(long to, long from, long bytes) {
    streams.copy(to, from, bytes);
  }

  @Override
  public Event event() {
    return streams.event();
  }

  @Override
  public void fill(long address, byte value, long bytes) {
    enter();
    CudaStatus.check(
        cudart.cuMemsetD8Async(address, value, bytes, streams.now()), "cuMemsetD8Async");
  }

  // ---- work

  @Override
  public void launch(Launch l) {
    enter();
    CUfunc_st kernel = kernels.get(l.kernel());
    if (kernel == null) {
      kernel = load(l.kernel());
      kernels.put(l.kernel(), kernel);
    }
    start(kernel, l);
  }

  /** Starts a kernel that is loaded. */
  void start(CUfunc_st kernel, Launch l) {
    args.put(l.args(), 0, Launch.WORDS);
    PointerPointer<Pointer> none = null;
    CudaStatus.check(
        cudart.cuLaunchKernel(
            kernel, l.grid(), 1, 1, l.block(), 1, 1, l.shared(), streams.now(), params, none),
        l.kernel());
  }

  @Override
  public Module compile(String name, List<String> sources) {
    List<byte[]> loops = code.loops(sources);
    enter();
    return new LoadedModule(this, name, loops);
  }

  @Override
  public void prepare(Set<String> kernels, List<String> sources) {
    code.prepare(kernels, sources);
  }

  private CUfunc_st load(String kernel) {
    KernelSources.Unit unit = KernelSources.unitOf(kernel);
    String file = unit.name();
    CUmod_st module = modules.get(file);
    if (module == null) {
      module = new CUmod_st();
      try (BytePointer image = new BytePointer(code.of(unit))) {
        CudaStatus.check(cudart.cuModuleLoadData(module, image), "loading " + file);
      }
      modules.put(file, module);
    }
    CUfunc_st function = new CUfunc_st();
    CudaStatus.check(cudart.cuModuleGetFunction(function, module, kernel), kernel);
    return function;
  }

  @Override
  public void sgemm(Products p) {
    enterFirst();
    if (p.precision() != precision) {
      CudaStatus.blas(
          cublas.cublasSetMathMode(products, mathMode(p.precision())), "cublasSetMathMode");
      precision = p.precision();
    }
    CudaStatus.blas(
        cublas.cublasSgemmStridedBatched(
            products,
            form(p.a()),
            form(p.b()),
            p.m(),
            p.n(),
            p.k(),
            switch (p.what()) {
              case SET -> one;
              case LESS -> less;
            },
            a.at(p.a().address()),
            p.a().ld(),
            p.a().stride(),
            b.at(p.b().address()),
            p.b().ld(),
            p.b().stride(),
            switch (p.what()) {
              case SET -> zero;
              case LESS -> one;
            },
            c.at(p.c().address()),
            p.c().ld(),
            p.c().stride(),
            p.batch()),
        "cublasSgemmStridedBatched");
  }

  private static int mathMode(Precision precision) {
    return switch (precision) {
      case FP32 -> cublas.CUBLAS_DEFAULT_MATH;
      case TF32 -> cublas.CUBLAS_TF32_TENSOR_OP_MATH;
    };
  }

  private static int form(Matrix m) {
    return switch (m.form()) {
      case PLAIN -> CUBLAS_OP_N;
      case TRANSPOSED -> CUBLAS_OP_T;
    };
  }

  @Override
  public Dnn dnn(Precision wanted) {
    enter();
    return dnns.computeIfAbsent(wanted, p -> RealDnn.open(stream, p, this::enterFirst));
  }

  private void enterFirst() {
    enter();
    streams.only();
  }

  @Override
  public void synchronise() {
    enter();
    CudaStatus.check(cudart.cuStreamSynchronize(stream), "waiting for the GPU");
  }

  @Override
  public Optional<Graph> capture(List<Work> parts) {
    enter();
    CudaStatus.check(
        cudart.cuStreamBeginCapture(stream, cudart.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
        "cuStreamBeginCapture");
    CUgraph_st recorded = new CUgraph_st();
    try {
      streams.record(parts);
    } catch (RuntimeException e) {
      int rc = cudart.cuStreamEndCapture(stream, recorded); // the first error is the one to report
      if (rc == cudart.CUDA_SUCCESS) {
        CudaStatus.check(cudart.cuGraphDestroy(recorded), "cuGraphDestroy");
      }
      throw e;
    }
    CudaStatus.check(cudart.cuStreamEndCapture(stream, recorded), "cuStreamEndCapture");
    CUgraphExec_st ready = new CUgraphExec_st();
    CudaStatus.check(cudart.cuGraphInstantiate(ready, recorded, 0), "cuGraphInstantiate");
    CudaStatus.check(cudart.cuGraphDestroy(recorded), "cuGraphDestroy");
    return Optional.of(new Recorded(ready));
  }

  private final class Recorded implements Graph {
    private final CUgraphExec_st graph;

    Recorded(CUgraphExec_st graph) {
      this.graph = graph;
    }

    @Override
    public void replay() {
      enter();
      CudaStatus.check(cudart.cuGraphLaunch(graph, stream), "cuGraphLaunch");
    }

    @Override
    public void close() {
      if (!closed) {
        enter();
        CudaStatus.check(cudart.cuGraphExecDestroy(graph), "cuGraphExecDestroy");
      }
    }
  }

  /** Frees all that is left; errors no longer matter. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    code.close();
    cudart.cuCtxSetCurrent(context);
    dnns.values().forEach(RealDnn::close);
    if (!products.isNull()) {
      cublas.cublasDestroy_v2(products);
    }
    if (workspace != 0) {
      cudart.cuMemFree(workspace);
    }
    modules.values().forEach(cudart::cuModuleUnload);
    streams.close();
    cudart.cuDevicePrimaryCtxRelease(device);
    for (Pointer p : List.of(one, zero, less, args, params)) {
      p.close();
    }
  }
}
