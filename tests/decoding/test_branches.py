"""Branches: exact facts of RITUAL and VCD, and what every method must keep."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from vistune.core.errors import ConfigError
from vistune.data.example import ImageSource, user
from vistune.decoding import DECODERS, DecodingMethod, Settings, generate
from vistune.decoding.branches.base import plausible
from vistune.decoding.branches.ritual import Ritual
from vistune.decoding.branches.together import Together, as_one
from vistune.decoding.branches.vcd import VisualContrastive, diffuse, signal_share
from vistune.decoding.transforms import TRANSFORMS, turn_hue


def tokens(answers):
    return [a.tokens for a in answers]


METHODS = {
    **{kind: DECODERS.get(kind) for kind in DECODERS.names()},
    "ritual and vcd": lambda: [Ritual(), VisualContrastive()],
}


@pytest.mark.parametrize("kind", DECODERS.names())
@pytest.mark.parametrize("mode", ["greedy", "sample", "beam"])
def test_neutral_is_plain(any_model, questions, kind, mode):
    settings = Settings(mode=mode, max_new_tokens=8)
    plain = generate(any_model, questions, settings=settings)
    neutral = DECODERS.get(kind).neutral()
    assert tokens(generate(any_model, questions, settings=settings, method=neutral)) == tokens(plain)
    assert tokens(generate(any_model, questions, settings=settings, method=[neutral, neutral])) == tokens(plain)


@pytest.mark.parametrize("kind", METHODS)
@pytest.mark.parametrize("mode", ["greedy", "sample", "beam"])
def test_a_batch_is_its_rows(any_model, questions, ends, kind, mode):
    method = METHODS[kind]()
    settings = Settings(mode=mode, max_new_tokens=7, beams=3, repetition_penalty=1.2)
    free = generate(any_model, questions, settings=settings, method=method)
    ends(any_model, [2, free[0].tokens[2], free[3].tokens[-3]])
    alone = [generate(any_model, [q], settings=settings, method=method)[0] for q in questions]
    together = generate(any_model, questions, settings=settings, method=method)
    assert tokens(together) == tokens(alone)


@pytest.mark.parametrize("kind", METHODS)
def test_steps_are_those_of_separate_runs(any_model, questions, kind):
    """Each branch by itself, without batch: the chosen tokens follow from their combined logits."""
    method = as_one(METHODS[kind]())
    answer = generate(any_model, questions[1:2], settings=Settings(max_new_tokens=5), method=method)[0]
    variants = method.branches(questions[1], random.Random(f"0/{questions[1].id}"))
    runs = [any_model.prefill(any_model.prepare([variant])) for variant in variants]
    for step, token in enumerate(answer.tokens):
        combined = method.combine(torch.stack([logits for logits, _ in runs]), step)
        assert int(combined.argmax()) == token
        assert answer.logprobs[step] == pytest.approx(float(combined.log_softmax(-1).max()), abs=1e-3)
        runs = [any_model.step(state, torch.tensor([token])) for _, state in runs]


@pytest.mark.parametrize("kind", METHODS)
def test_branches_differ_in_their_pictures_only(questions, kind):
    method = as_one(METHODS[kind]())
    for question in questions:
        for variant in method.branches(question, random.Random(0)):
            assert (variant.messages, variant.id) == (question.messages, question.id)
            assert [i.open().size for i in variant.images] == [i.open().size for i in question.images]
        if question.images:
            pictures = [np.asarray(v.images[0].open()).tobytes() for v in method.branches(question, random.Random(0))]
            assert len(set(pictures)) == len(pictures)


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


class Last(DecodingMethod):
    """Other branches before the plain one, which alone counts."""

    def branches(self, example, rng):
        blank = [ImageSource(pil=Image.new("RGB", source.size())) for source in example.images]
        other = replace(example, messages=[user("w9 w8 w7", tuple(range(len(blank))))], images=blank)
        return [other, replace(example, images=blank), example]

    def combine(self, logits, step):
        return logits[-1]

    @classmethod
    def neutral(cls):
        return cls()


@pytest.mark.parametrize("mode", ["greedy", "sample", "beam"])
def test_every_branch_keeps_its_own_cache(any_model, questions, mode):
    settings = Settings(mode=mode, max_new_tokens=8)
    plain = generate(any_model, questions, settings=settings)
    assert tokens(generate(any_model, questions, settings=settings, method=Last())) == tokens(plain)


class Uneven(Mean):
    def branches(self, example, rng):
        return [example] * (1 + len(example.images))


@pytest.mark.parametrize("mode", ["greedy", "sample", "beam"])
def test_mean_of_equal_branches_is_one_branch(any_model, questions, mode):
    settings = Settings(mode=mode, max_new_tokens=8)
    assert tokens(generate(any_model, questions, settings=settings, method=Mean())) == tokens(
        generate(any_model, questions, settings=settings)
    )


def test_methods_together_add_their_changes_to_the_plain_logits():
    logits = torch.randn(3, 4, 20, generator=torch.Generator().manual_seed(3))
    ritual, vcd = Ritual(alpha=3.0, beta=0.0), VisualContrastive(alpha=1.0, beta=0.0)
    both = Together([ritual, vcd])
    both._counts = [1, 1]
    torch.testing.assert_close(both.combine(logits, 0), 2 * logits[0] + 3 * logits[1] - logits[2])
    cut = Together([Ritual(alpha=3.0, beta=0.5), vcd])
    cut._counts = [1, 1]
    out = logits[0].softmax(-1) < 0.5 * logits[0].softmax(-1).amax(-1, keepdim=True)
    assert ((cut.combine(logits, 0) == -torch.inf) == out).all()


def test_one_method_in_a_list_is_that_method():
    method = Ritual()
    assert as_one([method]) is method
    assert as_one([]) is None


def test_a_method_that_changes_the_plain_prompt_stays_alone(model, questions):
    class Other(Mean):
        def branches(self, example, rng):
            return [replace(example, images=[]), example]

    with pytest.raises(ConfigError, match="Other changes the plain prompt"):
        generate(model, questions[2:3], method=[Other(), Mean()])


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


@pytest.mark.parametrize("method", [Ritual(alpha=0.0, beta=0.3), VisualContrastive(alpha=0.0, beta=0.3)])
def test_alpha_zero_is_plain_under_the_cut(method):
    logits = torch.randn(2, 5, 30, generator=torch.Generator().manual_seed(4)) * 2
    plain = logits[0].softmax(-1)
    kept = plain >= 0.3 * plain.amax(-1, keepdim=True)
    expected = plain * kept / (plain * kept).sum(-1, keepdim=True)
    torch.testing.assert_close(method.combine(logits, 0).softmax(-1), expected)
    assert 5 < kept.sum() < 150


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


def test_the_transform_is_drawn_once_and_for_itself(questions):
    """Equal for the same seed, whatever else is decoded; different between examples and seeds."""
    method = Ritual()

    def pixels(question, seed):
        images = method.branches(question, random.Random(f"{seed}/{question.id}"))[1].images
        return [np.asarray(source.open()).tobytes() for source in images]

    assert pixels(questions[0], 1) == pixels(questions[0], 1)
    assert len({tuple(pixels(questions[0], seed)) for seed in range(12)}) > 6


def test_rotation_and_hue_by_hand():
    red = Image.new("RGB", (8, 8), (255, 0, 0))
    assert turn_hue(red, 1 / 3).getpixel((0, 0)) == (0, 255, 0)
    turned = [np.asarray(TRANSFORMS["rotation"](red, random.Random(seed))) for seed in range(4)]
    assert all(image[4, 4].tolist() == [255, 0, 0] for image in turned)
    assert any(image[0, 0].tolist() == [0, 0, 0] for image in turned)


def test_noise_outlives_shrinking():
    """At twice the resolution the noise that an encoder sees is as strong as at the resolution itself."""

    def spread(side):
        grey = Image.new("RGB", (side, side), (128, 128, 128))
        noised = diffuse(grey, 500, random.Random(0), resolution=32).resize((32, 32), Image.Resampling.BOX)
        return np.asarray(noised, float).std()

    assert spread(64) == pytest.approx(spread(32), rel=0.1)


def test_text_alone_is_asked_twice_alike(questions):
    for method in (Ritual(), VisualContrastive()):
        first, second = method.branches(questions[2], random.Random(0))
        assert first == second


def test_unknown_names_are_told():
    with pytest.raises(ConfigError, match="Did you mean 'rotation'"):
        Ritual(transforms=["rotate"])
    with pytest.raises(ConfigError, match="empty"):
        Ritual(transforms=[])
    with pytest.raises(ConfigError, match="noise_step"):
        VisualContrastive(noise_step=1000)
