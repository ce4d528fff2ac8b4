"""What all opponents share: options, the check before a time is taken, timing, rows of JSON.

An opponent is a module that calls `main`. Every row goes to the file at once, and rows that are
there are not measured again, so that a run may be cut at any moment and go on later.
"""

import argparse
import contextlib
import gc
import json
import os
import pathlib
import signal
import statistics
import sys
import time

import workloads

# How far apart right results are, as |difference| / |expected| of the whole gradient: what rounding
# does where a ReLU or a pooling window is near its kink. Of FP32, between Quickstudy and PyTorch on
# a CPU; of TF32, with the operands of every convolution and product rounded to its 10 bits there.
SPREAD = {
    "maml-omniglot": {"fp32": 1.1e-2, "tf32": 0.12},
    "maml-omniglot-q1": {"fp32": 2.2e-2, "tf32": 0.27},
    "maml-mini": {"fp32": 0.10, "tf32": 0.19},
    "fomaml-omniglot": {"fp32": 8.3e-3, "tf32": 0.095},
    "fomaml-mini": {"fp32": 6.6e-2, "tf32": 0.12},
    "protonet-60way": {"fp32": 4.4e-3, "tf32": 0.091},
    "protonet-20way": {"fp32": 3.9e-3, "tf32": 0.053},
    "adapt-latency": {"fp32": 3e-5, "tf32": 1.8e-2},
}
# Where there are no kinks, or none that matter, ten times what was seen and more.
SMOOTH = {"fp32": 1e-5, "tf32": 1e-2}
MARGIN = 3

# Of the loss, which has no jumps.
LOSS_BOUNDS = {"fp32": 2e-3, "tf32": 1e-2}

RUNS = 20
MOST_RUNS = 300
FEWEST_RUNS = 5
WAITED_SECONDS = 1.5
STREAM_SECONDS = 0.75
MIN_SETS, MAX_SETS = 4, 16
# three times the largest L2 there is
ROTATED_BYTES = 3 * 60 * 2**20

RESTART = 75  # the exit status that asks for a fresh process


class Wrong(Exception):
    """A result that is not the exported one."""


class TooLong(BaseException):
    """A measurement beyond its limit; nobody's `except Exception` on the way may keep it."""


def options(description):
    """The command line."""
    p = argparse.ArgumentParser(description=description)
    p.add_argument("--cases", required=True, help="folder of the exported workloads")
    p.add_argument("--json", required=True, help="file that rows are added to, a line each")
    p.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    p.add_argument("--workloads", default=",".join(workloads.NAMES))
    p.add_argument("--precisions", default="fp32,tf32")
    p.add_argument("--variants", default="", help="names of variants; all of them by default")
    p.add_argument("--until", type=float, default=1e12, help="when to end, in seconds since 1970")
    p.add_argument("--each", type=float, default=90, help="seconds for one measurement")
    p.add_argument("--again", action="store_true", help="try what failed before once more")
    p.add_argument("--serve", action="store_true", help="measure what standard input asks for")
    return p.parse_args()


class Rows:
    """The file of rows."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)

    def all(self):
        """Those that are whole; the last one may have been cut."""
        rows = []
        if self.path.exists():
            for line in self.path.read_text().splitlines():
                with contextlib.suppress(json.JSONDecodeError):
                    rows.append(json.loads(line))
        return rows

    def add(self, row):
        """Writes a row so that it is there whatever happens next."""
        before = self.path.read_text() if self.path.exists() else ""
        # a line that was cut keeps to itself
        gap = "\n" if before and not before.endswith("\n") else ""
        with self.path.open("a") as f:
            f.write(gap + json.dumps(row) + "\n")


def key(row):
    """What a row is about."""
    return tuple(row.get(k) for k in ("side", "variant", "workload", "precision"))


@contextlib.contextmanager
def alarm(seconds):
    """Raises TooLong where Python is next at work after so many seconds."""

    def ring(_number, _frame):
        raise TooLong(f"it took more than {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(1.0, seconds))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def gradient_bound(name, precision):
    """Beyond which no time is reported."""
    return MARGIN * SPREAD.get(name, SMOOTH)[precision]


def check(workload, precision, results):
    """The differences from what was exported; raises Wrong beyond the bounds."""
    try:
        loss, gradient = workloads.differences(workload, results)
    except ValueError as e:
        raise Wrong(str(e)) from e
    bounds = (LOSS_BOUNDS[precision], gradient_bound(workload.name, precision))
    if not (loss <= bounds[0] and gradient <= bounds[1]):
        raise Wrong(
            f"loss off by {loss:.1e} (bound {bounds[0]:.0e}),"
            f" gradient by {gradient:.1e} (bound {bounds[1]:.0e})"
        )
    return loss, gradient


def set_count(workload):
    """How many copies of the episodes take turns."""
    size = sum(v.nbytes for v in workload.episodes.values())
    return min(MAX_SETS, max(MIN_SETS, -(-ROTATED_BYTES // size)))


def waited(step, sets):
    """Milliseconds of steps that are each waited for."""
    times, begin = [], time.perf_counter()
    while len(times) < MOST_RUNS:
        spent = time.perf_counter() - begin
        if len(times) >= RUNS and spent > WAITED_SECONDS / 3:
            break
        if len(times) >= FEWEST_RUNS and spent > WAITED_SECONDS:
            break
        start = time.perf_counter()
        step.run(len(times) % sets)
        step.wait()
        times.append(1e3 * (time.perf_counter() - start))
    return times


def streamed(step, sets, median):
    """Milliseconds per step of steps that are sent one behind the other, the last waited for."""
    n = int(min(MOST_RUNS, max(FEWEST_RUNS, 1e3 * STREAM_SECONDS / max(median, 1e-3))))
    start = time.perf_counter()
    for i in range(n):
        step.run(i % sets)
    step.wait()
    return 1e3 * (time.perf_counter() - start) / n


def measure(workload, precision, build):
    """Checks, warms up and times one step: what a row says of it.

    `build(sets)` gives an object with `run(i)`, which starts a step on input set i, `wait()`, and
    `results()`, a dict of arrays in the layouts of `workload.expected`; `results` reads what the
    last step wrote and spoils it, so that nothing old can pass for new.
    """
    sets = set_count(workload)
    start = time.perf_counter()
    step = build(workloads.input_sets(workload, sets))
    step.run(0)
    step.wait()
    prepared = time.perf_counter() - start
    check(workload, precision, step.results())
    for i in range(sets):
        step.run(i)
    step.wait()
    gc.collect()
    gc.disable()
    try:
        times = waited(step, sets)
        median = statistics.median(times)
        stream = streamed(step, sets, median)
    finally:
        gc.enable()
    step.results()
    step.run(0)
    step.wait()
    results = step.results()
    loss, gradient = check(workload, precision, results)
    return {
        "median_ms": median,
        "min_ms": min(times),
        "stream_ms": stream,
        "runs_ms": [round(t, 4) for t in times],
        "loss": float(results["loss"]) if "loss" in results else None,
        "loss_error": loss,
        "gradient_error": gradient,
        "prepared_s": round(prepared, 2),
    }


class Bench:
    """One opponent: its variants, and how a step of one is built."""

    def __init__(self, side, args, variants, first, applies, versions, step, free):
        self.side, self.args = side, args
        self.variants, self.first, self.applies = variants, first, applies
        self.versions, self.step, self.free = versions, step, free
        self.rows = Rows(args.json)
        self.loaded = {}

    def workload(self, name):
        """A workload, or None where it was not exported."""
        if name not in self.loaded:
            try:
                self.loaded[name] = workloads.load(self.args.cases, name)
            except OSError as e:
                print(f"{self.side}: {name}: not exported: {e}", flush=True)
                self.loaded[name] = None
        return self.loaded[name]

    def ranked(self, name):
        """The variants that mean anything for a workload, the one that should be best first."""
        workload = self.workload(name)
        if workload is None:
            return []
        wanted = self.args.variants.split(",") if self.args.variants else list(self.variants)
        fit = [v for v in wanted if self.applies(self.variants[v], workload)]
        return sorted(fit, key=lambda v: v != self.first(workload))

    def measure(self, variant, name, precision, until):
        """Measures, and adds a row; after a failure on a GPU the process ends, see `main`.

        Returns whether there was time for it.
        """
        row = {"side": self.side, "variant": variant, "workload": name, "precision": precision}
        row["device"] = self.args.device
        left = until - time.time()
        if left < 5:
            print(f"{self.side}: out of time before {variant}, {name}, {precision}", flush=True)
            return False
        if settled(self.rows, row, self.args.again):
            return True
        self.rows.add(row | {"event": "begin"})
        spoilt = False
        workload, options = self.workload(name), self.variants[variant]
        try:
            with alarm(min(self.args.each, left)):
                row |= measure(
                    workload,
                    precision,
                    lambda sets: self.step(workload, options, precision, self.args.device, sets),
                )
        except (Exception, TooLong) as e:  # whatever it is, the next one gets its turn
            if isinstance(e, TooLong) and left < self.args.each:
                self.rows.add(row | {"event": "cut"})  # by the limit of all: no failure
                print(f"{self.side}: out of time in {variant}, {name}, {precision}", flush=True)
                return False
            row["failed"] = told(e)
            spoilt = self.args.device == "cuda" and not isinstance(e, Wrong)
        self.rows.add(row | {"versions": self.versions()})
        tell(row)
        if spoilt:
            sys.exit(RESTART)
        gc.collect()
        self.free()
        return True

    def all(self):
        """Every workload's best variant, in every precision, then the second of each, and so on."""
        names = self.args.workloads.split(",")
        ranked = {n: self.ranked(n) for n in names}
        for rank in range(max(map(len, ranked.values()), default=0)):
            for precision in self.args.precisions.split(","):
                for name in names:
                    if rank < len(ranked[name]) and not self.measure(
                        ranked[name][rank], name, precision, self.args.until
                    ):
                        return

    def serve(self):
        """Answers lines of JSON on standard input: which variants there are, then one each."""
        answers = os.fdopen(os.dup(1), "w", buffering=1)
        os.dup2(2, 1)  # what libraries print is no answer
        names = self.args.workloads.split(",")
        print(json.dumps({n: self.ranked(n) for n in names}), file=answers)
        for line in sys.stdin:
            asked = json.loads(line)
            done = self.measure(
                asked["variant"], asked["workload"], asked["precision"], asked["until"]
            )
            print(json.dumps({"done": done}), file=answers)


def main(side, description, variants, first, applies, versions, step, free=lambda: None):
    """Measures every variant on every workload in every precision, the best ones first.

    variants: options by name; first(workload) names the one to begin with, which should be the
    fastest; applies(options, workload) says whether a variant is one for a workload; versions() is
    told in every row; step(workload, options, precision, device, sets) builds what `measure`
    wants; free() gives the GPU's memory back to the others. After a failure on a GPU nothing is known of the process's hold on it: it ends with the
    status RESTART, to be started afresh.
    """
    args = options(description)
    bench = Bench(side, args, variants, first, applies, versions, step, free)
    if args.serve:
        bench.serve()
    else:
        bench.all()


def told(error):
    """An error in one line."""
    text = " ".join(str(error).split())
    name = "" if isinstance(error, (Wrong, TooLong)) else type(error).__name__ + ": "
    return (name + text)[:300]


def settled(rows, row, again):
    """Whether there is a result; what ended its process twice is not tried a third time."""
    about = [r for r in rows.all() if key(r) == key(row)]
    ends = [r for r in about if "event" not in r]
    open_ended = sum({"begin": 1, "cut": -1}.get(r.get("event"), 0) for r in about)
    if any("median_ms" in r for r in ends):
        return True
    if again:
        return False
    if ends:
        return True
    if open_ended >= 2:
        rows.add(row | {"failed": "its process ended twice without a word"})
        return True
    return False


def tell(row):
    """A line for whoever looks on."""
    what = f"{row['side']:6} {row['variant']:22} {row['workload']:17} {row['precision']}"
    if "failed" in row:
        print(f"{what}  FAILED: {row['failed']}", flush=True)
    else:
        print(
            f"{what}  {row['median_ms']:9.3f} ms, streamed {row['stream_ms']:9.3f};"
            f" gradient off by {row['gradient_error']:.1e}; ready in {row['prepared_s']:.1f} s",
            flush=True,
        )
