"""Puts the rows of a run together: a table to read, and one JSON file.

report.py OUT                                      writes report.txt and report.json, prints one
report.py --machine OUT                            adds a row: date, GPU, driver
report.py --trained FILE NAME STEPS LEAST OUT      adds a row: a training's result
report.py --open RUN OUT                           whether the run of that name is to go on
"""

import datetime
import json
import pathlib
import subprocess
import sys

import accuracy
import harness
import workloads

# Counted operations of a step, 2 for each multiply-add, where Quickstudy did not say: 10^9.
GFLOP = {"maml-omniglot": 45, "maml-mini": 261, "fomaml-mini": 121, "protonet-60way": 21}

# By the vendor's data sheets, TFLOP/s dense: a floor for the time.
PEAKS = {
    "H200": {"fp32": 67, "tf32": 495},
    "H100": {"fp32": 67, "tf32": 495},
    "A100": {"fp32": 19.5, "tf32": 156},
}

COLUMNS = ("eager", "eager+graph", "vmap", "jax")


def column(row):
    """The column that a row of an opponent belongs to."""
    if row["side"] == "eager":
        return "eager+graph" if "graph" in row["variant"] else "eager"
    return row["side"]


def best_ms(row):
    """An opponent's better figure: waited for step by step, or sent one behind the other."""
    return min(row["median_ms"], row.get("stream_ms") or row["median_ms"])


def timed_rows(rows):
    """The last word on each measurement."""
    last = {}
    for r in rows:
        if r.get("workload") and "event" not in r:
            k = harness.key(r)
            if "median_ms" in r or "median_ms" not in last.get(k, {}):
                last[k] = r
    return list(last.values())


def summary(rows):
    """Workloads by precision: ours, the best variant of each column, ratios, rates."""
    peaks = ceiling(rows)
    out = {}
    times = timed_rows(rows)
    for precision in harness.LOSS_BOUNDS:
        for name in workloads.NAMES:
            of = [r for r in times if r["workload"] == name and r["precision"] == precision]
            if of:
                out.setdefault(precision, {})[name] = entry(name, of, peaks.get(precision))
    return out


def entry(name, rows, peak):
    """One line of the table."""
    ours = next((r for r in rows if r["side"] == "ours"), {})
    e = {"ours": ours.get("median_ms"), "ours_failed": ours.get("failed"), "others": {}}
    for r in rows:
        if r["side"] == "ours":
            continue
        c = e["others"].setdefault(column(r), {"ms": None, "variant": None, "failed": []})
        if "median_ms" not in r:
            c["failed"].append(f"{r['variant']}: {r.get('failed')}")
        elif c["ms"] is None or best_ms(r) < c["ms"]:
            c |= {"ms": best_ms(r), "variant": r["variant"]}
            c |= {"gradient_error": r["gradient_error"], "loss": r["loss"]}
    gflop = ours.get("gflop") or GFLOP.get(name)
    e["gflop"] = gflop
    off = loss_differs(ours, e["others"].values())
    if off is not None and not off <= harness.LOSS_BOUNDS[ours["precision"]]:
        e["ours"], e["ours_failed"] = None, f"its loss is off by {off:.1e}"
    if e["ours"]:
        for c in e["others"].values():
            c["ratio"] = c["ms"] / e["ours"] if c["ms"] else None
        if gflop:
            e["tflop_s"] = gflop / e["ours"]
            e["of_floor"] = e["tflop_s"] / peak if peak else None
    return e


def loss_differs(ours, others):
    """How far Quickstudy's loss is from that of the sides whose gradient was checked; or None."""
    known = [c["loss"] for c in others if c.get("loss")]
    if not known or ours.get("loss") is None:
        return None
    return abs(ours["loss"] - known[0]) / abs(known[0])


def ceiling(rows):
    """TFLOP/s by precision: by the data sheet, else as measured."""
    gpu = next((r["gpu"] for r in reversed(rows) if r.get("side") == "machine" and r["gpu"]), "")
    for name, peaks in PEAKS.items():
        if name in gpu:
            return peaks
    measured = next((r for r in reversed(rows) if r.get("side") == "ceilings"), {})
    return {p: measured[f"{p}_tflop_s"] for p in harness.LOSS_BOUNDS if f"{p}_tflop_s" in measured}


def table(precision, lines):
    """Text."""
    head = ("workload", "ours ms", *(f"{c} ms" for c in COLUMNS), "TFLOP/s", "of floor")
    cells = [head]
    for name, e in lines.items():
        row = [name, figure(e["ours"], e["ours_failed"])]
        for c in COLUMNS:
            o = e["others"].get(c)
            text = figure(o["ms"], o["failed"]) if o else "-"
            row.append(text + (f" ({o['ratio']:.1f}x)" if o and o.get("ratio") else ""))
        row.append(f"{e['tflop_s']:.1f}" if e.get("tflop_s") else "-")
        row.append(f"{100 * e['of_floor']:.0f} %" if e.get("of_floor") else "-")
        cells.append(tuple(row))
    widths = [max(len(r[i]) for r in cells) for i in range(len(head))]
    text = [f"{precision.upper()}, ms per step; in brackets, how many times Quickstudy's"]
    for r in cells:
        text.append(
            "  ".join(
                [r[0].ljust(widths[0])]
                + [c.rjust(w) for c, w in zip(r[1:], widths[1:], strict=True)]
            )
        )
    return text


def figure(ms, failed):
    """A time, or that there is none."""
    if ms is None:
        return "failed" if failed else "-"
    return f"{ms:.3f}" if ms < 10 else f"{ms:.1f}"


def failures(lines):
    """What failed, in a line each."""
    text = []
    for precision, of in lines.items():
        for name, e in of.items():
            where = f"{name}, {precision}"
            if e["ours_failed"]:
                text.append(f"ours, {where}: {e['ours_failed']}")
            for c, o in e["others"].items():
                text += [f"{c}, {where}, {f}" for f in o["failed"]]
    return text


def trained(rows):
    """A line for each training, the last of its kind."""
    last = {(r["recipe"], r["steps"]): r for r in rows if r.get("side") == "train"}
    text = []
    for (name, steps), r in last.items():
        whole = r["step"] >= steps
        verdict = "cut" if not whole else "as expected" if r["value"] >= r["least"] else "TOO LOW"
        text.append(
            f"{name}: {100 * r['value']:.2f} +- {100 * r['ci95']:.2f} % after {r['step']}"
            f" of {steps} steps on {r['device']};"
            f" expected at least {100 * r['least']:.1f} %: {verdict}"
        )
    return text


# What a training had reached stays known when its next call fails at once.
CARRIED_ON = ("step", "steps_per_second", "trained_s")


def accuracies(rows):
    """What is known of each configuration trained in full: its last row with a figure, or its last."""
    last = {}
    for r in rows:
        if r.get("side") == "accuracy":
            k = (r["name"], r["steps"], r["precision"])
            if "value" in r or "value" not in last.get(k, {}):
                kept = {x: v for x, v in last.get(k, {}).items() if x in CARRIED_ON}
                last[k] = kept | r
    return [last[k] for k in sorted(last)]


def accuracy_table(rows):
    """Text: one line for each configuration."""
    if not rows:
        return []
    cells = [("configuration", "", "here", "paper", "steps", "steps/s", "trained s", "device")]
    for r in rows:
        rate, seconds = r.get("steps_per_second"), r.get("trained_s")
        cells.append(
            (
                r["name"],
                r["precision"],
                reached(r),
                r["paper"] or "-",
                f"{r.get('step', 0)} of {r['steps']}",
                f"{rate:.0f}" if rate else "-",
                f"{seconds:.0f}" if seconds else "-",
                r.get("device", "-"),
            )
        )
    widths = [max(len(c[i]) for c in cells) for i in range(len(cells[0]))]
    text = ["full recipes, several side by side; +- is 1.96 standard errors over test tasks"]
    return text + [
        "  ".join(t.ljust(w) for t, w in zip(c, widths, strict=True)).rstrip() for c in cells
    ]


# Of the figures after each inner step, those that papers tell.
TOLD_STEPS = (1, 5, 10)


def reached(row):
    """The figure a training ended with, in the words of its paper."""
    if "failed" in row:
        return f"FAILED: {row['failed']}"
    if "value" not in row:
        return "not ended" if row.get("step") else "not begun"
    if row["metric"] == "mse":
        of = row["by_step"]
        told = ", ".join(f"{of[i - 1]:.3f}" for i in TOLD_STEPS if i <= len(of))
        return f"MSE {told} (+- {row['ci95']:.3f})"
    if row.get("by_instance"):
        second, fifth = (100 * row["by_instance"][i - 1] for i in (2, 5))
        return f"{second:.1f}, {fifth:.1f} % (all: {100 * row['value']:.2f} +- {100 * row['ci95']:.2f})"
    return f"{100 * row['value']:.2f} +- {100 * row['ci95']:.2f} %"


def steps(rows):
    """A line for each stage's item, the last run of it."""
    last = {(r["stage"], r["item"]): r for r in rows if r.get("side") == "stage"}
    words = {0: "done", 124: "OUT OF TIME", harness.RESTART: "started afresh"}
    return [
        f"{stage:7} {item:32} {words.get(r['status'], 'FAILED, exit status ' + str(r['status']))}"
        f", {r['seconds']} s"
        for (stage, item), r in last.items()
    ]


def write(out):
    """Both files."""
    rows = harness.Rows(out / "rows.jsonl").all()
    lines = summary(rows)
    machine = next((r for r in reversed(rows) if r.get("side") == "machine"), {})
    versions = {}
    for r in rows:
        versions |= {k: str(v) for k, v in (r.get("versions") or {}).items()}
    text = [
        f"{machine.get('date', 'no date')}; {machine.get('gpu') or 'no GPU found'},"
        f" driver {machine.get('driver') or 'unknown'}",
        ", ".join(f"{k} {v}" for k, v in sorted(versions.items())),
        "",
        *steps(rows),
        "",
        *trained(rows),
    ]
    full = accuracies(rows)
    text += ["", *accuracy_table(full)]
    for precision, of in lines.items():
        text += ["", *table(precision, of)]
    text += ["", *failures(lines)]
    measured = [r for r in rows if r.get("side") == "ceilings"]
    whole = {
        "date": machine.get("date"),
        "gpu": machine.get("gpu"),
        "driver": machine.get("driver"),
        "versions": versions,
        "ceilings": measured[-1] if measured else None,
        "times": lines,
        "accuracy": full,
        "training": [r for r in rows if r.get("side") == "train"],
        "stages": [r for r in rows if r.get("side") == "stage"],
        "rows": timed_rows(rows),
    }
    replace(out / "report.json", json.dumps(whole, indent=1) + "\n")
    replace(out / "report.txt", "\n".join(text) + "\n")
    print("\n".join(text))


def replace(path, text):
    """Writes a file that is never seen half."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)


def machine_row():
    """Date, GPU and driver."""
    query = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        found = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    except OSError:
        found = ""  # there is no such program where there is no driver
    gpu, _, driver = found.partition("\n")[0].partition(", ")
    date = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    return {"side": "machine", "date": date, "gpu": gpu, "driver": driver}


def trained_row(file, name, count, least):
    """What `train` or `eval` said with --json."""
    said = json.loads(pathlib.Path(file).read_text())
    keep = ("value", "ci95", "step", "device", "seconds", "ways", "shots", "episodes")
    row = {"side": "train", "recipe": name, "steps": int(count), "least": float(least)}
    return row | {k: said.get(k) for k in keep}


def timed_row(file, name, precision, status):
    """What `io.quickstudy.benchmarks.Main time` wrote."""
    row = {"side": "ours", "variant": "", "workload": name, "precision": precision}
    try:
        said = json.loads(pathlib.Path(file).read_text())
        found = next(w for w in said["workloads"] if w["name"] == name)
        row |= {k: v for k, v in found.items() if k != "name"}
        row["versions"] = {"quickstudy " + k: v for k, v in said.get("versions", {}).items()}
        if not isinstance(row.get("median_ms"), (int, float)):
            row["failed"] = "it told no time"
            row.pop("median_ms", None)
    except (OSError, ValueError, KeyError, StopIteration, TypeError):
        row["failed"] = "out of time" if status == "124" else f"exit status {status}"
    return row


def ours_settled(rows, name, precision, again):
    """Whether Quickstudy's time is known, or not to be tried once more."""
    row = {"side": "ours", "variant": "", "workload": name, "precision": precision}
    known = [r for r in rows if harness.key(r) == harness.key(row)]
    return any("median_ms" in r or ("failed" in r and not again) for r in known)


def main(args):
    """See above."""
    command, rest = (args[0], args[1:]) if args[0].startswith("--") else ("", args)
    rows = harness.Rows(pathlib.Path(rest[-1]) / "rows.jsonl")
    if command == "--machine":
        rows.add(machine_row())
    elif command == "--trained":
        rows.add(trained_row(*rest[:-1]))
    elif command == "--open":
        mine = [r for r in accuracies(rows.all()) if accuracy.folder(r) == rest[0]]
        sys.exit(bool(mine) and all("value" in r for r in mine))
    else:
        write(pathlib.Path(rest[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
