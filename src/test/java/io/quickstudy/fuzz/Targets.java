package io.quickstudy.fuzz;

import io.quickstudy.backend.cuda.kernels.KernelCacheTarget;
import io.quickstudy.data.image.AttributeTarget;
import io.quickstudy.data.image.ImageIndexTarget;
import io.quickstudy.data.image.ImageTarget;
import io.quickstudy.data.image.OtherImageTarget;
import io.quickstudy.data.image.SplitTarget;
import io.quickstudy.data.source.OmniglotTarget;
import io.quickstudy.data.table.NumpyTarget;
import io.quickstudy.data.table.TableTarget;
import io.quickstudy.exchange.weights.NameMapTarget;
import io.quickstudy.exchange.weights.TensorFileTarget;
import io.quickstudy.report.MetricsTarget;
import io.quickstudy.run.CheckpointTarget;
import io.quickstudy.run.ConfigTarget;
import io.quickstudy.run.RunFilesTarget;
import io.quickstudy.run.SafetensorsTarget;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Every parser of foreign files; the names are those of benchmarks/fuzz. */
@SuppressWarnings("ImmutableEnumChecker") // suppliers without a state
public enum Targets {
  /** Tensors of a checkpoint. */
  SAFETENSORS(SafetensorsTarget::new),
  /** Tensors of others, as weights to begin with. */
  TENSOR_FILE(TensorFileTarget::new),
  /** The map of their names. */
  NAME_MAP(NameMapTarget::new),
  /** A run's configuration. */
  CONFIG(ConfigTarget::new),
  /** A checkpoint's counters. */
  COUNTERS(CheckpointTarget::new),
  /** What a device chose. */
  CHOICES(RunFilesTarget.Choices::new),
  /** What a run is trained on. */
  DATA(RunFilesTarget.Data::new),
  /** How sure a run's answers may be. */
  CALIBRATION(RunFilesTarget.Calibration::new),
  /** Metrics, as a run that goes on reads them. */
  LOG(RunFilesTarget.Log::new),
  /** Who has a run. */
  LOCK(RunFilesTarget.Lock::new),
  /** Metrics, as the report shows them. */
  METRICS(MetricsTarget::new),
  /** PNG. */
  PNG(ImageTarget.Png::new),
  /** JPEG. */
  JPEG(ImageTarget.Jpeg::new),
  /** WebP. */
  WEBP(OtherImageTarget.Webp::new),
  /** TIFF. */
  TIFF(OtherImageTarget.Tiffs::new),
  /** BMP. */
  BMP(OtherImageTarget.Bmp::new),
  /** GIF. */
  GIF(OtherImageTarget.Gif::new),
  /** Zips of Omniglot. */
  OMNIGLOT(OmniglotTarget::new),
  /** Splits as tables. */
  SPLIT_CSV(SplitTarget.Rows::new),
  /** Splits as lists of classes. */
  SPLIT_TXT(SplitTarget.Lines::new),
  /** What classes are like. */
  ATTRIBUTES(AttributeTarget::new),
  /** Tables of numbers. */
  TABLE(TableTarget::new),
  /** Arrays of numbers. */
  NUMPY(NumpyTarget::new),
  /** What decoded images are. */
  IMAGE_INDEX(ImageIndexTarget::new),
  /** Kept kernels and choices of algorithms. */
  KERNEL_CACHE(KernelCacheTarget::new);

  private final Supplier<Target> make;

  Targets(Supplier<Target> make) {
    this.make = make;
  }

  /** A target of its own. */
  public Target open() {
    return make.get();
  }

  /** The name in kebab case. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The one of a name. */
  static Targets of(String key) {
    List<String> keys = Stream.of(values()).map(Targets::key).toList();
    if (!keys.contains(key)) {
      throw new IllegalArgumentException("target '" + key + "': expected one of " + keys);
    }
    return values()[keys.indexOf(key)];
  }
}
