"""Branches: exact facts of RITUAL and VCD, and what every method must keep."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from PIL import Image

from vistune.core.errors import ConfigError
from vistune.decoding import DECODERS, DecodingMethod, Settings, generate
from vistune.decoding.branches.base import plausible
from vistune.decoding.branches.ritual import Ritual
from vistune.decoding.branches.vcd import VisualContrastive, diffuse, signal_share
from vistune.decoding.transforms import TRANSFORMS


def tokens(answers):
    return [a.tokens for a in answers]


@pytest.mark.parametrize("kind", DECODERS.names())
def test_neutral_is_greedy(model, questions, kind):
    settings = Settings(max_new_tokens=8)
    plain = generate(model, questions, settings=settings)
    assert tokens(generate(model, questions, settings=settings, method=DECODERS.get(kind).neutral())) == tokens(plain)


@pytest.mark.parametrize("kind", DECODERS.names())
@pytest.mark.parametrize("mode", ["greedy", "sample", "beam"])
def test_a_batch_is_its_rows(model, questions, ends, kind, mode):
    ends([2, 60, 70])
    settings = Settings(mode=mode, max_new_tokens=7)
    method = DECODERS.get(kind)()
    alone = [generate(model, [q], settings=settings, method=method)[0] for q in questions]
    assert tokens(generate(model, questions, settings=settings, method=method)) == tokens(alone)


@pytest.mark.parametrize("kind", DECODERS.names())
def test_methods_do_something(model, questions, kind):
    settings = Settings(max_new_tokens=12)
    method = DECODERS.build({"kind": kind, "beta": 0.0})
    assert tokens(generate(model, questions, settings=settings, method=method)) != tokens(
        generate(model, questions, settings=settings)
    )


class Mean(DecodingMethod):
    """Two equal branches and their mean."""

    def branches(self, example, rng):
        return [example, example]

    def combine(self, logits, step):
        return logits.mean(0)

    @classmethod
    def neutral(cls):
        return cls()


class Uneven(Mean):
    def branches(self, example, rng):
        return [example] * (1 + len(example.images))


@pytest.mark.parametrize("mode", ["greedy", "beam"])
def test_mean_of_equal_branches_is_one_branch(model, questions, mode):
    settings = Settings(mode=mode, max_new_tokens=8)
    assert tokens(generate(model, questions, settings=settings, method=Mean())) == tokens(
        generate(model, questions, settings=settings)
    )


def test_unequal_numbers_of_branches_are_refused(model, questions):
    with pytest.raises(ConfigError, match="branches"):
        generate(model, questions, method=Uneven())


def test_ritual_with_identity_is_a_temperature():
    """Identity transform: softmax of (1 + alpha) l on the plausible tokens (card, exact invariants)."""
    logits = torch.randn(1, 3, 40, generator=torch.Generator().manual_seed(0))
    combined = Ritual(alpha=3.0, beta=0.1).combine(logits.expand(2, -1, -1), 0)
    kept = logits[0].softmax(-1) >= 0.1 * logits[0].softmax(-1).amax(-1, keepdim=True)
    expected = (4 * logits[0]).masked_fill(~kept, -torch.inf).softmax(-1)
    torch.testing.assert_close(combined.softmax(-1), expected)


@pytest.mark.parametrize("method", [Ritual(beta=1.0), VisualContrastive(beta=1.0)])
def test_beta_one_leaves_the_best_token_of_the_original(method):
    logits = torch.randn(2, 5, 30, generator=torch.Generator().manual_seed(1))
    combined = method.combine(logits, 0)
    assert (combined.argmax(-1) == logits[0].argmax(-1)).all()
    assert (combined > -torch.inf).sum() == 5


@pytest.mark.parametrize("method", [Ritual(), VisualContrastive()])
def test_support_lies_in_the_cut(method):
    logits = torch.randn(2, 5, 30, generator=torch.Generator().manual_seed(2)) * 3
    outside = logits[0].softmax(-1) < 0.1 * logits[0].softmax(-1).amax(-1, keepdim=True) * (1 - 1e-6)
    assert (method.combine(logits, 0)[outside] == -torch.inf).all()


def test_vcd_by_hand():
    logits = torch.tensor([[[2.0, 1.0]], [[2.0, 0.0]]])
    torch.testing.assert_close(VisualContrastive(alpha=1.0, beta=0.0).combine(logits, 0), torch.tensor([[2.0, 2.0]]))


def test_no_cut_without_beta():
    logits = torch.randn(2, 6)
    assert plausible(logits, logits, 0.0) is logits


def test_diffusion_forgets_the_picture_step_by_step():
    shares = [signal_share(step) for step in (0, 100, 500, 900, 999)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.999
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 255, (32, 32, 3)).astype(np.uint8))

    def likeness(step):
        noised = np.asarray(diffuse(picture, step, random.Random(0)), float)
        return np.corrcoef(noised.ravel(), np.asarray(picture, float).ravel())[0, 1]

    assert likeness(0) > 0.99
    assert likeness(0) > likeness(500) > likeness(900)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_keep_size_and_mode_and_follow_the_seed(name):
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 255, (48, 48, 3)).astype(np.uint8))
    first = TRANSFORMS[name](picture, random.Random(5))
    assert (first.size, first.mode) == (picture.size, "RGB")
    assert np.array_equal(first, TRANSFORMS[name](picture, random.Random(5)))
    assert np.array_equal(first, picture) is (name == "identity")


def test_ritual_draws_all_its_transforms_and_only_those(questions):
    method = Ritual(transforms=["horizontal_flip", "vertical_flip"])
    source = np.asarray(questions[0].images[0].open())
    seen = set()
    for seed in range(20):
        turned = np.asarray(method.branches(questions[0], random.Random(seed))[1].images[0].open())
        seen |= {n for n, a in (("h", source[:, ::-1]), ("v", source[::-1])) if np.array_equal(turned, a)}
    assert seen == {"h", "v"}


def test_unknown_names_are_told():
    with pytest.raises(ConfigError, match="Did you mean 'rotation'"):
        Ritual(transforms=["rotate"])
    with pytest.raises(ConfigError, match="noise_step"):
        VisualContrastive(noise_step=1000)
