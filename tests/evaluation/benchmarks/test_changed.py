"""Benchmarks on changed pictures: what changes, what must not, and that answers read off the picture fall to chance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vistune.core.errors import ConfigError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks import BENCHMARKS, Benchmark, Scored
from vistune.evaluation.benchmarks.changed import Changed
from vistune.evaluation.corruptions import CHANGES
from vistune.evaluation.runner import evaluate
from vistune.models.loading import load_model

LEVELS = (1, 2, 3, 4, 5)


def photograph(seed: int = 0) -> np.ndarray:
    """Smooth colours with edges."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)
    blocks = np.repeat(np.repeat(coarse, 8, 0), 8, 1).astype(int)
    slope = np.linspace(-40, 40, 64).astype(int)
    return np.clip(blocks + slope[:, None, None] + slope[None, :, None], 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_each_level_changes_more_and_keeps_the_form(name: str) -> None:
    pixels = photograph()
    before = pixels.copy()
    gaps = []
    for level in LEVELS:
        made = CHANGES[name](pixels, level, np.random.default_rng(1))
        again = CHANGES[name](pixels, level, np.random.default_rng(1))
        assert made.shape == pixels.shape and made.dtype == np.uint8
        assert np.array_equal(made, again)
        gaps.append(float(np.abs(made.astype(int) - pixels.astype(int)).mean()))
    assert np.array_equal(pixels, before), "the picture itself is left alone"
    assert min(gaps) > 0 or name == "pixelate"  # a grid that fits the edges of a coarse picture
    if name == "pixelate":
        assert gaps[-1] > 0
    elif name not in ("blank", "tiles"):
        assert gaps == sorted(gaps), f"{name}: {gaps}"


def test_tiles_keep_every_pixel() -> None:
    pixels = photograph()
    for level in (1, 2, 3):
        made = CHANGES["tiles"](pixels, level, np.random.default_rng(level))
        assert np.array_equal(np.sort(made.reshape(-1, 3), axis=0), np.sort(pixels.reshape(-1, 3), axis=0))


def test_a_level_means_the_same_at_every_size() -> None:
    """Blur of a picture that is four times as large is the same picture enlarged."""
    small, large = photograph(), np.repeat(np.repeat(photograph(), 4, 0), 4, 1)
    blurred = [CHANGES["blur"](p, 5, np.random.default_rng(0)).astype(int) for p in (small, large)]
    shrunk = blurred[1].reshape(64, 4, 64, 4, 3).mean((1, 3))
    assert np.abs(shrunk - blurred[0])[8:-8, 8:-8].mean() < 4


class Bright(Benchmark):
    """Is the picture bright? One item a picture, half of them bright."""

    kind = "bright"
    chance = 0.5

    def examples(self) -> list[Example]:
        made = []
        for k in range(20):
            pixels = np.full((16, 16, 3), 220 if k % 2 else 30, np.uint8)
            pixels[0, 0] = k  # tells the pictures apart
            picture = ImageSource(array=pixels)
            meta = {"type": "bright", "group": str(k)}
            made.append(
                Example(
                    f"q{k}", [user("bright?", images=(0,))], [picture], answers=["yes" if k % 2 else "no"], meta=meta
                )
            )
        return made

    def score(self, example: Example, answer: str) -> Scored:
        right = float(answer == example.answers[0])
        return Scored(answer, right, {"items": 1.0, "correct": right})


def looks(example: Example) -> str:
    """An answerer that looks at the picture."""
    return "yes" if example.images and np.asarray(example.images[0].open()).mean() > 125 else "no"


def accuracy(by: str) -> float:
    benchmark = Changed(Bright(), by=by)  # type: ignore[arg-type]
    examples = benchmark.examples()
    return float(np.mean([benchmark.score(e, looks(e)).score for e in examples]))


@pytest.fixture(autouse=True)
def takes_made_benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    build = BENCHMARKS.build
    monkeypatch.setattr(
        BENCHMARKS, "build", lambda spec, **k: spec if isinstance(spec, Benchmark) else build(spec, **k)
    )


def test_one_that_looks_is_right_only_while_it_sees() -> None:
    assert accuracy("nothing") == 1.0
    assert accuracy("contrast") == 1.0
    assert accuracy("blind") == accuracy("blank") == 0.5
    assert accuracy("swap") == pytest.approx(0.5, abs=0.3)


def test_blind_leaves_no_placeholder_and_swap_another_groups_picture() -> None:
    plain = {e.id: e for e in Bright().examples()}
    for example in Changed(Bright(), by="blind").examples():
        assert not example.images
        assert all(part.image is None for message in example.messages for part in message.parts)
        assert example.messages[-1].text == plain[example.id].messages[-1].text
    swapped = Changed(Bright(), by="swap").examples()
    shown = [str(np.asarray(example.images[0].open())[0, 0, 0]) for example in swapped]
    assert all(picture != example.meta["group"] for picture, example in zip(shown, swapped, strict=True))
    assert len(set(shown)) > 5


def test_name_switches_and_bad_settings() -> None:
    benchmark = BENCHMARKS.build({"kind": "changed", "of": {"kind": "pope", "n": 2}, "by": "tiles", "level": 2})
    assert benchmark.name == "pope_random_tiles_2"
    assert benchmark.switches["by"] == "tiles, level 2"
    assert benchmark.switches["mode"] == "official"
    with pytest.raises(ConfigError, match="not changed by 'blurr'.*blur"):
        BENCHMARKS.build({"kind": "changed", "by": "blurr"})
    with pytest.raises(ConfigError, match="1 to 5"):
        BENCHMARKS.build({"kind": "changed", "level": 6})


def test_the_shipped_model_needs_its_picture(tmp_path: Path) -> None:
    """Far from noise: of 90 questions it has most right, and blind no more than its guesses."""
    model = load_model("nano-vlm")
    spec = {"kind": "world_qa", "n": 90, "split": "train"}
    benchmarks = [Changed(spec, by="nothing"), Changed(spec, by="blind"), Changed(spec, by="swap")]
    found = {name: r.score for name, r in evaluate(model, benchmarks, tmp_path).items()}
    clean = found["world_qa_flat_train_nothing"]
    assert clean > 0.7
    assert max(found["world_qa_flat_train_blind"], found["world_qa_flat_train_swap"]) < clean - 0.25
