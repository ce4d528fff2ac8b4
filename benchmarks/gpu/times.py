"""Every side's time, in one order over all of them: what is cut off by time matters least.

First each workload's best variant in FP32 on all sides, the most telling workloads first; the same
in TF32; then the other workloads, and the other variants. The opponents' processes stay between
their turns, so that a library is loaded once; one side measures while the others sleep.

times.py --cases DIR --json FILE [options] -- COMMAND of Quickstudy's benchmarks, without arguments
"""

import argparse
import contextlib
import json
import pathlib
import queue
import signal
import subprocess
import sys
import threading
import time

import harness
import report
import workloads

SCRIPTS = {"eager": "torch_eager.py", "vmap": "torch_vmap.py", "jax": "jax_vmap.py"}
SIDES = ("ours", "jax", "vmap", "eager")

# The first of workloads.NAMES, which the others say little beside.
TELLING = 8

LOADING_SECONDS = 90
GRACE_SECONDS = 10
OURS_SECONDS = 1.5
OUT_OF_TIME = 124  # as `timeout` says it


def options():
    """The command line, and the command behind `--`."""
    argv = sys.argv[1:]
    cut = argv.index("--") if "--" in argv else len(argv)
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--cases", required=True, help="folder of the exported workloads")
    p.add_argument("--json", required=True, help="file that rows are added to, a line each")
    p.add_argument("--sides", default=",".join(SIDES))
    p.add_argument("--workloads", default=",".join(workloads.NAMES))
    p.add_argument("--precisions", default="fp32,tf32")
    p.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    p.add_argument("--until", type=float, default=1e12, help="when to end, in seconds since 1970")
    p.add_argument("--each", type=float, default=60, help="seconds for one measurement")
    p.add_argument("--again", action="store_true", help="try what failed before once more")
    return p.parse_args(argv[:cut]), argv[cut + 1 :]


def order(names, sides, precisions, ranks):
    """(side, workload, precision, rank) of everything there is, the most wanted first.

    ranks says how many variants a side has for a workload; Quickstudy has one.
    """
    telling = [n for n in names if n in workloads.NAMES[:TELLING]]
    rest = [n for n in names if n not in telling]
    most = max((ranks(s, n) for s in sides for n in names), default=0)
    rounds = [(telling, 0, p) for p in precisions] + [(rest, 0, p) for p in precisions]
    rounds += [(telling + rest, rank, p) for p in precisions for rank in range(1, most)]
    return [
        (side, name, precision, rank)
        for of, rank, precision in rounds
        for name in of
        for side in sides
        if rank < ranks(side, name)
    ]


class Opponent:
    """A process that measures what it is asked for."""

    def __init__(self, side, args):
        self.side, self.args = side, args
        self.process, self.lines, self.variants = None, None, None
        self.retry = args.again
        self.start()

    def start(self):
        """Starts it; what it has is known once it answers."""
        here = pathlib.Path(__file__).parent
        a = self.args
        command = [sys.executable, str(here / SCRIPTS[self.side]), "--serve"]
        command += ["--cases", a.cases, "--json", a.json, "--device", a.device]
        command += ["--workloads", a.workloads, "--each", str(a.each)]
        command += ["--again"] if self.retry else []
        self.retry = False  # or what fails would be tried without end
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.lines = queue.Queue()
        threading.Thread(target=self._read, args=(self.process, self.lines), daemon=True).start()
        self.greeted = False

    @staticmethod
    def _read(process, lines):
        for line in process.stdout:
            try:
                lines.put(json.loads(line))
            except json.JSONDecodeError:
                print(line, end="", flush=True)  # what a library says where it loads
        lines.put(None)

    def answer(self, seconds):
        """Its next answer; None if it ended; raises queue.Empty beyond the time."""
        return self.lines.get(timeout=max(1.0, seconds))

    def ready(self, seconds):
        """Whether it is up; a process that cannot begin is not asked again."""
        if self.greeted:
            return True
        try:
            found = self.answer(seconds)
        except queue.Empty:
            found = None
        if found is None:
            self.end()
            return False
        self.greeted, self.variants = True, found
        return True

    def measure(self, variant, name, precision):
        """One measurement, again in a fresh process if that is what ended this one."""
        a = self.args
        if self.process is None:
            self.start()
        if not self.ready(min(LOADING_SECONDS, a.until - time.time())):
            return
        asked = {"variant": variant, "workload": name, "precision": precision, "until": a.until}
        limit = min(a.each, a.until - time.time()) + GRACE_SECONDS
        try:
            print(json.dumps(asked), file=self.process.stdin, flush=True)
            if self.answer(limit) is not None:
                return
        except queue.Empty:
            about = {"side": self.side} | {k: asked[k] for k in asked if k != "until"}
            if time.time() > a.until - GRACE_SECONDS:
                # by the limit of all: no failure
                harness.Rows(a.json).add(about | {"event": "cut"})
            else:
                failed = {"failed": f"it took more than {limit:.0f} s, and did not end by itself"}
                harness.Rows(a.json).add(about | failed)
        except OSError:
            pass  # it has ended: the next one has another process
        self.end()

    def end(self):
        """Ends it, whatever it does."""
        if self.process is None:
            return
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.terminate()
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


def ours(command, name, precision, args):
    """Quickstudy's time, in a process of its own, so that no workload takes another with it."""
    rows = harness.Rows(args.json)
    if report.ours_settled(rows.all(), name, precision, args.again):
        return
    left = args.until - time.time()
    if left < 5:
        return
    file = pathlib.Path(args.cases) / "ours.json"
    file.unlink(missing_ok=True)
    device = "cuda:0" if args.device == "cuda" else "cpu"
    called = [*command, "time", "--device", device, "--workloads", name, "--precision", precision]
    called += ["--seconds", str(OURS_SECONDS), "--json", str(file)]
    process = subprocess.Popen(called)
    running.append(process)
    try:
        status = process.wait(min(args.each, left))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        if left <= args.each:
            return  # cut by the limit of all: no failure
        status = 124
    finally:
        running.remove(process)
    rows.add(report.timed_row(file, name, precision, str(status)))


running = []  # processes of Quickstudy's


def main():
    """Measures until all is known or time is up."""
    args, command = options()
    names, sides = args.workloads.split(","), args.sides.split(",")
    args.json = str(pathlib.Path(args.json).resolve())
    opponents = {s: Opponent(s, args) for s in sides if s != "ours"}

    def stop(*_):
        for o in opponents.values():
            o.end()
        for p in running:
            p.kill()
        sys.exit(143)

    signal.signal(signal.SIGTERM, stop)
    # all load at once, so that none does while another is timed
    present = [
        s
        for s in SIDES
        if s in sides
        and (s == "ours" or opponents[s].ready(min(LOADING_SECONDS, args.until - time.time())))
    ]
    for s in set(sides) - set(present):
        print(f"{s}: it does not start; the reason is above", flush=True)

    def ranks(side, name):
        return 1 if side == "ours" else len(opponents[side].variants.get(name, []))

    status = 0 if len(present) == len(sides) else 1
    for side, name, precision, rank in order(names, present, args.precisions.split(","), ranks):
        if args.until - time.time() < 5:
            print(f"out of time before {side}, {name}, {precision}", flush=True)
            status = OUT_OF_TIME
            break
        if side == "ours":
            ours(command, name, precision, args)
        else:
            o = opponents[side]
            o.measure(o.variants[name][rank], name, precision)
    for o in opponents.values():
        o.end()
    sys.exit(status)


if __name__ == "__main__":
    main()
