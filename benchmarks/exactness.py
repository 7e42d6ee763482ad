"""How many seeds each property of the world was tried on: runs the property tests with many times as many seeds as usual.

python benchmarks/exactness.py [--times 10] [--kinds rooms aerial ...] [--out docs/results]

A kind that is run again takes the place of its own lines on the page; the others stay.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import asdict, dataclass
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests" / "world"
#: What lies beside the kinds' own folders: scenes.
SCENES = "scenes"


@dataclass(frozen=True, slots=True)
class Property:
    """One test: what it says, over how many seeds it was tried, and whether it held."""

    kind: str
    says: str
    seeds: int
    held: bool


def kinds() -> dict[str, list[str]]:
    """The test files of each kind of picture."""
    found = {SCENES: sorted(str(path) for path in TESTS.glob("test_*.py"))}
    for folder in sorted(path for path in TESTS.iterdir() if path.is_dir()):
        files = sorted(str(path) for path in folder.glob("test_*.py"))
        if files:
            found[folder.name] = files
    return found


def run(kind: str, files: list[str], times: float) -> list[Property]:
    """Every property of a kind, tried on ``times`` as many seeds as in a usual run."""
    with tempfile.TemporaryDirectory() as folder:
        junit = Path(folder) / "junit.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--timeout=3600",
            f"--junitxml={junit}",
        ]
        environment = {**os.environ, "VISTUNE_SEEDS": str(times), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
        done = subprocess.run([*command, *files], env=environment, capture_output=True, text=True, check=False)
        if not junit.is_file():
            raise SystemExit(f"The tests of {kind} did not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return _read(kind, junit)


def _read(kind: str, junit: Path) -> list[Property]:
    """Tests of one name with several parameters are one property: their seeds add up, and all must hold."""
    merged: dict[str, Property] = {}
    for case in ElementTree.parse(junit).iter("testcase"):
        tried = [int(p.get("value", 0)) for p in case.iter("property") if p.get("name") == "seeds"]
        if not tried or case.find("skipped") is not None:
            continue
        says = _sentence(case.get("name", ""))
        held = case.find("failure") is None and case.find("error") is None
        before = merged.get(says, Property(kind, says, 0, True))
        merged[says] = Property(kind, says, before.seeds + sum(tried), before.held and held)
    return list(merged.values())


def _sentence(name: str) -> str:
    """``test_boxes_are_tight[64]`` -> ``boxes are tight``."""
    return re.sub(r"\[.*", "", name).removeprefix("test_").replace("_", " ")


def page(found: list[Property], times: float) -> str:
    """The results as a page."""
    broken = [one for one in found if not one.held]
    lines = [
        "# Exactness",
        "",
        f"{len(found)} properties of the world, tried on {sum(one.seeds for one in found):,} seeds in all: "
        + (f"**{len(broken)} do not hold**." if broken else "all hold."),
        "",
        "Each line is a test. Most compare what the world says with a slow computation of their own, from pixels, masks, depth "
        "or geometry; some hold what every value must be (sound, apart, within bounds). "
        "Seeds: scenes, pages, rooms and so on that it was tried on; where a test runs for several sorts of question "
        f"or picture, of all sorts together. A usual run of the tests tries one in {times:g} of them. "
        "Made by `python benchmarks/exactness.py`.",
    ]
    for kind in dict.fromkeys(one.kind for one in found):
        mine = [one for one in found if one.kind == kind]
        lines += ["", f"## {kind}", "", "| property | seeds | |", "|---|---|---|"]
        lines += [f"| {one.says} | {one.seeds:,} | {'holds' if one.held else '**does not hold**'} |" for one in mine]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run the chosen kinds; write the page and the figures."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    files = kinds()
    options.add_argument("--times", type=float, default=10.0, help="how many times as many seeds as usual")
    options.add_argument("--kinds", nargs="+", choices=sorted(files), help="these alone")
    options.add_argument("--out", type=Path, default=Path("docs/results"))
    chosen = options.parse_args()
    store = chosen.out / "exactness.json"
    kept = json.loads(store.read_text())["properties"] if store.is_file() and chosen.kinds else []
    found = {kind: [Property(**one) for one in kept if one["kind"] == kind] for kind in files}
    every: list[Property] = []
    for kind in chosen.kinds or files:
        began = time.monotonic()
        found[kind] = run(kind, files[kind], chosen.times)
        print(f"{kind}: {len(found[kind])} properties, {time.monotonic() - began:.0f} s", flush=True)
        every = [one for kind in files for one in found[kind]]
        store.write_text(
            json.dumps({"times": chosen.times, "properties": [asdict(one) for one in every]}, indent=1) + "\n"
        )
        (chosen.out / "exactness.md").write_text(page(every, chosen.times))
    broken = [f"{one.kind}: {one.says}" for one in every if not one.held]
    if broken:
        raise SystemExit("These do not hold:\n" + "\n".join(broken))


if __name__ == "__main__":
    main()
