"""All benchmarks, one after the other, each in its own process with the same number of threads: one table of ratios.

Run: python benchmarks/run_all.py [--out docs/results] [--only training,decoding] [--quick]
Writes speed.json and speed.md; with --only the other parts stay as they were measured before. On two quiet cores it takes
about ten minutes. Leave the machine alone meanwhile.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from common import THREADS, figure

HERE = Path(__file__).parent
#: Name -> heading in the table.
PARTS = {
    "training": "Training",
    "collation": "Collation",
    "memory": "A million samples",
    "decoding": "Decoding",
    "evaluation": "Evaluation",
    "world_speed": "The nano world: scenes",
    "language_speed": "The nano world: language",
    "startup": "Waiting",
}
LIMIT = 900
Told = dict[str, Any]


def run_part(name: str, quick: bool, folder: Path) -> list[Told]:
    """The lines of one benchmark; a benchmark that fails is one line that says so."""
    path = folder / f"{name}.json"
    command = [sys.executable, str(HERE / f"{name}.py"), "--json", str(path), *(["--quick"] if quick else [])]
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": str(THREADS),
        "TQDM_DISABLE": "1",
        "TRANSFORMERS_VERBOSITY": "error",
    }
    try:
        done = subprocess.run(command, env=environment, timeout=LIMIT, capture_output=True, text=True)
    except subprocess.TimeoutExpired:
        return [{"what": name, "failed": f"not done after {LIMIT} s"}]
    if done.returncode or not path.is_file():
        last = (done.stderr or done.stdout).strip().splitlines() or ["nothing was said"]
        print(done.stderr[-4000:], file=sys.stderr)
        return [{"what": name, "failed": last[-1][:300]}]
    return json.loads(path.read_text(encoding="utf-8"))


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    import importlib.metadata

    from vistune.core.device import describe_machine

    facts: dict[str, Any] = dict(describe_machine())
    for name in ("trl", "lm_eval"):
        try:
            facts[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            facts[name] = "absent"
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {**facts, "threads": THREADS, "load at the start": busy}


def row(line: Mapping[str, Any]) -> str:
    """A line as a row of a Markdown table."""
    what = str(line["what"]).replace("|", "\\|")
    if "skipped" in line or "failed" in line:
        word = "skipped" if "skipped" in line else "**failed**"
        reason = str(line.get("skipped") or line["failed"]).replace("|", "\\|").replace("<", "&lt;")
        return f"| {what} | | | {word}: {reason} | | |"
    goal = "" if line["goal"] is None else f"{line['sense']} {figure(line['goal'])}"
    met = {None: "", True: "yes", False: "**no**"}[line["met"]]
    measured = figure(line["measured"])
    own = f"{figure(line['ours'])} {line['unit']}"
    beside = "" if line["beside"] is None else f"{figure(line['beside'])} ({line['against']})"
    if line["note"]:
        what += f"<br><small>{line['note']}</small>"
    return f"| {what} | {goal} | {measured} | {own} | {beside} | {met} |"


def page(parts: Mapping[str, Sequence[Told]], facts: Mapping[str, Any], quick: bool, again: Sequence[str] = ()) -> str:
    """The table as a page of the documentation. ``again``: parts that were measured later than the others."""
    lines = [line for part in parts.values() for line in part]
    goals = [line for line in lines if line.get("met") is not None]
    met = sum(line["met"] for line in goals)
    failed = sum("failed" in line for line in lines)
    text = ["# Speed", ""]
    if quick:
        text += ["Made with `--quick`: it shows that everything runs, the figures mean nothing.", ""]
    text += [
        f"{met} of {len(goals)} goals are met" + (f"; {failed} benchmarks failed" if failed else "") + ". Made by "
        "`make bench`; each side of a comparison has the same model, data and threads, the sides are interleaved, "
        "figures are medians. Where a step is done by one thread, its time is the processor's.",
        "",
        f"Machine: {facts.get('processor')}, {facts.get('cores')} cores, {THREADS} thread"
        f"{'s' if THREADS > 1 else ''} (more only where it is said), {facts.get('system')}. "
        + ", ".join(f"{name} {facts.get(name)}" for name in ("python", "torch", "transformers", "trl", "lm_eval"))
        + f". Load when it began: {figure(facts.get('load at the start'))}. {facts.get('date', '')}"
        + (f". Measured again later than the rest: {', '.join(again)}." if again else ""),
        "",
    ]
    for name, part in parts.items():
        text += [f"## {PARTS[name]}", "", f"`benchmarks/{name}.py`", ""]
        text += ["| what | goal | measured | vistune | beside | met |", "|---|---|---|---|---|---|"]
        text += [row(line) for line in part] + [""]
    return "\n".join(text)


def main() -> None:
    """Run, print the table, write both files. The exit status is 1 where a benchmark failed (not where a goal is missed)."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, default=HERE.parent / "docs" / "results")
    options.add_argument("--only", help="names of benchmarks, separated by commas")
    options.add_argument("--quick", action="store_true", help="a few steps of each: shows that they work")
    chosen = options.parse_args()
    names = list(PARTS) if chosen.only is None else chosen.only.split(",")
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        options.error(f"there is no benchmark '{unknown[0]}'; known: {', '.join(PARTS)}")
    facts = {**machine(), "date": datetime.datetime.now(datetime.UTC).date().isoformat()}
    parts: dict[str, list[Told]] = {}
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            start = time.perf_counter()
            parts[name] = run_part(name, chosen.quick, Path(folder))
            seconds[name] = round(time.perf_counter() - start, 1)
            print(f"{name}: {seconds[name]:.0f} s", flush=True)
            for line in parts[name]:
                print("  " + row(line).strip("| "), flush=True)
    chosen.out.mkdir(parents=True, exist_ok=True)
    store = chosen.out / "speed.json"
    before = json.loads(store.read_text(encoding="utf-8")) if chosen.only and store.is_file() else None
    again: list[str] = []
    if before is not None and not (before["quick"] or chosen.quick):
        again = [name for name in PARTS if name in parts or name in before.get("again", ())]
        parts = {
            name: parts.get(name) or before["parts"][name] for name in PARTS if name in parts or name in before["parts"]
        }
        facts, seconds = before["machine"], {**before["seconds"], **seconds}
    found = {"machine": facts, "quick": chosen.quick, "seconds": seconds, "again": again, "parts": parts}
    store.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (chosen.out / "speed.md").write_text(page(parts, facts, chosen.quick, again), encoding="utf-8")
    print(f"{sum(seconds.values()):.0f} s in all; wrote {chosen.out / 'speed.md'} and speed.json")
    if any("failed" in line for part in parts.values() for line in part):
        sys.exit(1)


if __name__ == "__main__":
    main()
