"""Likelihoods of given answers: one run of the prompt gives what whole conversations give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vistune.core.errors import ModelError
from vistune.data.example import Example, ImageSource, assistant, user
from vistune.decoding import candidate_logprobs
from vistune.models.loading import load_model


@pytest.fixture(scope="module")
def nano():
    return load_model("nano-vlm")


def asked(seed: int, question: str) -> Example:
    pixels = np.random.default_rng(seed).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    return Example(f"e{seed}", [user(question, images=(0,))], [ImageSource(array=pixels)])


def answered(example: Example, *answers: str) -> list[Example]:
    return [replace(example, messages=[*example.messages, assistant(answer)]) for answer in answers]


GROUPS = [
    answered(asked(0, "what colour is the cup?"), "red", "it is dark blue, and it stands on a table", "no"),
    answered(asked(1, "is there a dog?"), "yes", "no"),
    answered(asked(2, "how many?"), "two"),
]


def assert_same(found, model, groups) -> None:
    for group, rows in zip(groups, found, strict=True):
        for example, row in zip(group, rows, strict=True):
            wanted = model.answer_logprobs([example])[0].tolist()
            assert row == pytest.approx(wanted, abs=2e-4)


def test_equals_whole_conversations(nano) -> None:
    assert_same(candidate_logprobs(nano, GROUPS), nano, GROUPS)


def test_answers_to_different_prompts_are_run_whole(nano) -> None:
    """A caption weighed for two pictures, as matching needs: nothing is shared, and nothing is mixed up."""
    caption = "a red cup on a table"
    group = [answered(asked(seed, "describe the picture."), caption)[0] for seed in (3, 4)]
    found = candidate_logprobs(nano, [group, GROUPS[1]])
    assert_same(found, nano, [group, GROUPS[1]])
    assert found[0][0] != pytest.approx(found[0][1])


def test_the_prompt_is_run_once(nano, monkeypatch) -> None:
    rows: list[int] = []
    whole = nano.prefill

    def counting(inputs):
        logits, state = whole(inputs)
        rows.append(len(logits))
        return logits, state

    monkeypatch.setattr(nano, "prefill", counting)
    candidate_logprobs(nano, GROUPS[:2])
    assert rows == [2]


def test_a_group_of_two_prompts_runs_each_once(nano, monkeypatch) -> None:
    """Captions with the picture and with a blank one: two prompts for four weighings, each in its place."""
    group = [*GROUPS[0][:1], *GROUPS[1], *GROUPS[0][1:2]]
    rows: list[int] = []
    whole = nano.prefill
    monkeypatch.setattr(nano, "prefill", lambda inputs: (rows.append(len(inputs.input_ids)), whole(inputs))[1])
    found = candidate_logprobs(nano, [group])
    assert rows == [2]
    assert_same(found, nano, [group])


def test_only_so_many_rows_at_once(nano, monkeypatch) -> None:
    monkeypatch.setattr("vistune.decoding.likelihoods.MOST_ROWS", 2)
    groups = [*GROUPS, answered(asked(7, "describe the picture."), "a", "a dog", "a red dog", "dogs", "x")]
    assert_same(candidate_logprobs(nano, groups), nano, groups)


def test_tokens_of_an_answer_are_those_of_the_conversation(nano) -> None:
    for example in GROUPS[0]:
        assert len(nano.answer_ids(example)) == len(nano.answer_logprobs([example])[0])


def test_without_an_answer(nano) -> None:
    with pytest.raises(ModelError, match="does not end in an answer"):
        candidate_logprobs(nano, [[asked(5, "what?")]])
