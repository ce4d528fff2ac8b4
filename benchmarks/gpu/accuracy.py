"""The ready configurations trained in full on one GPU, several at once: the figure each ends with.

What there is comes from `quickstudy list`, not from here. A training that time cuts off stops with a
checkpoint, and the next call goes on from there; what is done is not done again.

accuracy.py --json FILE --runs DIR [options] -- COMMAND that starts quickstudy
"""

import argparse
import fnmatch
import json
import pathlib
import signal
import subprocess
import sys
import time

import harness

# Data of a configuration that --data is for.
CARRIED = "omniglot"

# Those of the table of results first.
WANTED = "omniglot-5w1s-*,omniglot-*,sinusoid-*"

# For a last step and its checkpoint.
STOP_SECONDS = 25

OUT_OF_TIME = 124  # as `timeout` says it

# With less than this left nothing is begun: a JVM, data and compilers would take most of it.
LEAST_SECONDS = 20


def options():
    """The command line, and the command behind `--`."""
    argv = sys.argv[1:]
    cut = argv.index("--") if "--" in argv else len(argv)
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--json", required=True, help="file that rows are added to, a line each")
    p.add_argument("--runs", required=True, help="folder of the runs")
    p.add_argument("--data", default="", help="Omniglot's folder; its configurations need one")
    p.add_argument("--device", default="cuda")
    p.add_argument("--precision", default="fp32", choices=("fp32", "tf32"))
    p.add_argument("--only", default=WANTED, help="patterns of names, the most valuable first")
    p.add_argument("--at-once", type=int, default=3, help="trainings side by side")
    p.add_argument("--steps", type=int, default=0, help="end earlier, to try the stage out")
    p.add_argument("--times", type=int, default=1, help="train so many times as long")
    p.add_argument("--until", type=float, default=1e12, help="when to end, in seconds since 1970")
    p.add_argument("--again", action="store_true", help="try what failed before once more")
    return p.parse_args(argv[:cut]), argv[cut + 1 :]


def configurations(command, args):
    """What `quickstudy list` tells, those wanted: by the first pattern of theirs, then by work."""
    said = subprocess.run([*command, "list", "--json"], capture_output=True, text=True, check=True)
    wanted = args.only.split(",")
    found = []
    for c in json.loads(said.stdout)["configurations"]:
        ranks = [i for i, w in enumerate(wanted) if fnmatch.fnmatchcase(c["name"], w)]
        if ranks:
            found.append((ranks[0], work(c["values"]), c["name"], c))
    return [c for *_, c in sorted(found, key=lambda f: f[:3])]


def work(v):
    """Examples that pass through the network in all of a training, roughly."""
    task = int(v["ways"]) * (int(v["shots"]) * int(v.get("inner-steps", 1)) + int(v["queries"]))
    side = int(v["size"]) if v["data"] != "sinusoid" else 1
    return int(v["steps"]) * int(v["meta-batch"]) * task * side * side


def about(c, args):
    """What a row is about."""
    steps = args.steps or args.times * int(c["values"]["steps"])
    row = {"side": "accuracy", "name": c["name"], "steps": steps, "precision": args.precision}
    return row | {"paper": c.get("paper", "")}


def folder(row):
    """The name of a run's folder; TF32 is another run, and so is one of other steps."""
    precision = "" if row["precision"] == "fp32" else "-" + row["precision"]
    return f"{row['name']}-{row['steps']}{precision}"


def same(row, other):
    """Whether two rows are of one training."""
    return all(row.get(k) == other.get(k) for k in ("side", "name", "steps", "precision"))


class Run:
    """One training, in its folder."""

    def __init__(self, c, args, command):
        self.row = about(c, args)
        self.folder = pathlib.Path(args.runs) / folder(self.row)
        self.said = self.folder.with_suffix(".json")
        self.called = [*command, "train", "--config", c["name"], "--device", args.device]
        self.called += ["--precision", args.precision, "--eval-every", "0"]
        self.called += ["--out", str(self.folder), "--resume", "--json"]
        if c["values"]["data"] == CARRIED:
            self.called += ["--data", f"{CARRIED}:{args.data}"]
        if args.steps or args.times > 1:
            self.called += ["--steps", str(self.row["steps"])]
        self.process, self.output = None, None

    def begun(self):
        """Whether an earlier call left a checkpoint."""
        return any(self.folder.glob("checkpoints/*.safetensors"))

    def start(self):
        """Starts or goes on."""
        self.output = self.said.open("w")
        self.process = subprocess.Popen(self.called, stdout=self.output)
        print(f"{self.row['name']}: {'going on' if self.begun() else 'begins'}", flush=True)

    def ended(self):
        """The row of its end, whatever that was."""
        self.output.close()
        row = self.row | self.logged()
        try:
            said = json.loads(self.said.read_text())
        except ValueError:
            said = {}
        status = self.process.returncode
        if said:
            keep = ("metric", "value", "ci95", "by_step", "by_instance", "device", "step")
            keep += ("ways", "shots", "queries", "episodes", "split", "norm", "learner")
            row |= {k: said[k] for k in keep if k in said}
            row["measured_s"] = said["seconds"]
        elif status in (0, -signal.SIGTERM, 143):
            row["event"] = "cut"
        else:
            row["failed"] = f"exit status {status}"
        return row

    def logged(self):
        """How far it is and how fast it was, from its log."""
        row = {}
        try:
            lines = (self.folder / "metrics.jsonl").read_text().splitlines()
        except OSError:
            return row
        for line in lines:
            said = json.loads(line)
            if "steps_per_second" in said:
                row = {
                    "step": said["step"],
                    "steps_per_second": said["steps_per_second"],
                    "trained_s": said["seconds"],
                }
        return row


def tell(row):
    """A line for whoever looks on."""
    if "failed" in row:
        end = f"FAILED: {row['failed']}"
    elif "value" in row:
        end = f"{row['metric']} {row['value']:.4f} +- {row['ci95']:.4f}"
    else:
        end = f"stopped at step {row.get('step', 0)} of {row['steps']}"
    print(f"{row['name']}: {end}", flush=True)


class Pool:
    """Trainings side by side."""

    def __init__(self, rows, at_once):
        self.rows, self.at_once = rows, at_once
        self.running, self.stopping = [], False

    def full(self):
        """Whether no other may begin."""
        return len(self.running) >= self.at_once

    def reap(self):
        """Writes down those that ended."""
        for r in [r for r in self.running if r.process.poll() is not None]:
            self.running.remove(r)
            row = r.ended()
            self.rows.add(row)
            tell(row)

    def stop(self):
        """Asks all of them to end with a checkpoint, and waits."""
        self.stopping = True
        for r in self.running:
            r.process.terminate()
        end = time.time() + STOP_SECONDS
        while self.running and time.time() < end:
            self.reap()
            time.sleep(0.1)
        for r in self.running:
            r.process.kill()
            r.process.wait()
        self.reap()


def settled(rows, row, again):
    """Whether a figure is known, or not to be tried for once more."""
    mine = [r for r in rows if same(r, row)]
    return any("value" in r or ("failed" in r and not again) for r in mine)


def main():
    """Trains until all is known or time is up; the exit status tells whether something is missing."""
    args, command = options()
    rows = harness.Rows(args.json)
    pathlib.Path(args.runs).mkdir(parents=True, exist_ok=True)
    waiting, all_of_it = [], []
    for c in configurations(command, args):
        row = about(c, args)
        all_of_it.append(row)
        if not any(same(r, row) for r in rows.all()):
            rows.add(row | {"event": "planned"})
        if settled(rows.all(), row, args.again):
            continue
        if c["values"]["data"] == CARRIED and not args.data:
            print(f"{c['name']}: no Omniglot; name its folder with --data", flush=True)
            continue
        waiting.append(Run(c, args, command))
    waiting.sort(key=lambda r: not r.begun())  # what was begun ends first
    pool = Pool(rows, args.at_once)

    def ask_to_stop(*_):
        args.until = 0

    signal.signal(signal.SIGTERM, ask_to_stop)
    while (waiting or pool.running) and time.time() < args.until - STOP_SECONDS:
        while waiting and not pool.full() and time.time() < args.until - STOP_SECONDS - LEAST_SECONDS:
            r = waiting.pop(0)
            pool.running.append(r)
            r.start()
        time.sleep(0.1)
        pool.reap()
    pool.stop()
    known = [r for r in rows.all() if "value" in r]
    missing = [r for r in all_of_it if not any(same(k, r) for k in known)]
    out_of_time = time.time() > args.until - STOP_SECONDS - LEAST_SECONDS
    sys.exit(0 if not missing else OUT_OF_TIME if out_of_time else 1)


if __name__ == "__main__":
    main()
