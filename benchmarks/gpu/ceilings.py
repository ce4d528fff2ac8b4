"""What the GPU reaches at most: a large copy, and large products in FP32 and in TF32."""

import statistics

import torch

import harness
from torch_common import set_precision, versions

COPIED_BYTES = 4 * 2**30
EXTENT = 8192
RUNS = 9


def median_seconds(work):
    """Of several runs between events, after one that warms up."""
    work()
    times = []
    for _ in range(RUNS):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        work()
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end) / 1e3)
    return statistics.median(times)


def copy_rate():
    """Bytes read and written in a second."""
    a = torch.rand(COPIED_BYTES // 4, device="cuda")
    b = torch.empty_like(a)
    return 2 * COPIED_BYTES / median_seconds(lambda: b.copy_(a))


def product_rate(precision):
    """Operations in a second."""
    set_precision(precision)
    a, b = (torch.randn(EXTENT, EXTENT, device="cuda") for _ in range(2))
    out = torch.empty_like(a)
    return 2 * EXTENT**3 / median_seconds(lambda: torch.mm(a, b, out=out))


def main():
    """Adds one row."""
    args = harness.options(__doc__)
    row = {
        "side": "ceilings",
        "copy_tb_s": copy_rate() / 1e12,
        "fp32_tflop_s": product_rate("fp32") / 1e12,
        "tf32_tflop_s": product_rate("tf32") / 1e12,
        "versions": versions(),
    }
    harness.Rows(args.json).add(row)
    print(
        f"copy {row['copy_tb_s']:.2f} TB/s, products {row['fp32_tflop_s']:.0f} TFLOP/s FP32,"
        f" {row['tf32_tflop_s']:.0f} TFLOP/s TF32"
    )


if __name__ == "__main__":
    main()
