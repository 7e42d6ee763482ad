"""Parameters of benchmarks: what a class annotates, checked and turned into what it says."""

from __future__ import annotations

import inspect
import pickle
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import pytest

from vistune.core.errors import ConfigError
from vistune.data.example import Example
from vistune.evaluation.benchmarks import BENCHMARKS
from vistune.evaluation.benchmarks.base import OfSplit
from vistune.evaluation.benchmarks.nano import split_of
from vistune.experiments.catalogue import needs_nothing

PARAMETERS = {kind: inspect.signature(part).parameters for kind, part in BENCHMARKS.items()}
#: Boards of noughts and crosses are few: those of ``steered`` may come again.
SPLIT = [kind for kind, own in PARAMETERS.items() if {"n", "split"} <= own.keys() and kind != "steered"]


class Birds(OfSplit):
    """A benchmark of nothing."""

    kinds: ClassVar[tuple[str, ...]] = ("wren", "tit")
    main = "seen"

    n: int = 7
    style: Literal["short", "long"] = "short"
    notes: Path | None = None

    def published(self) -> list[Example]:
        return []

    def nano(self) -> list[Example]:
        return []


class Said(Birds):
    """One that says itself how it is made."""

    def __init__(self, path: str) -> None:
        super().__init__(path=Path(path), n=1)


class SaidToo(Said):
    """Made like the class before it."""

    loud: bool = False


def test_what_is_annotated_is_a_parameter() -> None:
    names = list(inspect.signature(Birds).parameters)
    assert names == ["path", "n", "prior", "image_size", "seed", "split", "style", "notes"]
    assert all(p.kind is p.KEYWORD_ONLY for p in inspect.signature(Birds).parameters.values())
    made = Birds(notes="here/notes.txt", style="long")  # type: ignore[arg-type]
    assert (made.n, made.style, made.notes, made.path) == (7, "long", Path("here/notes.txt"), None)
    assert Birds(path="").path is None  # type: ignore[arg-type]
    again = pickle.loads(pickle.dumps(made))
    assert vars(again) == vars(made) and again != made


def test_wrong_values_are_told() -> None:
    with pytest.raises(ConfigError, match="'style' is one of short, long, not 'middling'"):
        Birds(style="middling")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="'split' is one of train, val, test"):
        Birds(split="dev")  # type: ignore[arg-type]


def test_a_default_that_would_be_lost_is_told() -> None:
    with pytest.raises(TypeError, match="'n' is a parameter"):
        type("Lost", (Birds,), {"n": 3})


def test_a_class_may_say_itself_how_it_is_made() -> None:
    made = SaidToo("birds.json")
    assert (made.path, made.n, made.loud) == (Path("birds.json"), 1, False)
    assert list(inspect.signature(SaidToo).parameters) == ["path"]


@pytest.mark.parametrize("kind", [k for k in PARAMETERS if {"path", "n", "image_size"} <= PARAMETERS[k].keys()])
def test_all_with_two_editions_honour_a_split_or_prior(kind: str) -> None:
    assert "split" in PARAMETERS[kind] and ("prior" in PARAMETERS[kind] or kind == "few_shot")


def test_splits_of_files_stand_for_splits_of_the_world() -> None:
    named = {
        "train": "train minitrain trainval",
        "val": "val dev minival restval",
        "test": "test testA test_2016_flickr",
    }
    assert all(split_of(name) == split for split, names in named.items() for name in names.split())


@pytest.mark.parametrize("kind", SPLIT)
def test_training_items_show_no_picture_of_the_test(kind: str) -> None:
    if not needs_nothing(BENCHMARKS.get(kind)):
        pytest.skip(f"{kind} reads files only")
    few = {"kind": kind, "n": 6}
    shown = [_pictures(BENCHMARKS.build(spec).examples()) for spec in ({**few, "split": "train"}, few)]
    assert shown[0].isdisjoint(shown[1])
    assert shown[0] or kind in ("text_only", "mmhal_bench", "seed_bench", "gavie")


def _pictures(examples: list[Example]) -> set[bytes]:
    return {np.asarray(source.open()).tobytes() for example in examples for source in example.images}
