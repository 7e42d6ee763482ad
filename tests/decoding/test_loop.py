"""The loop gives what transformers gives, whatever the batch."""

from __future__ import annotations

import pytest
import torch

from vistune.core.errors import ConfigError
from vistune.decoding import Settings, generate, stream
from vistune.decoding.loop import cut_stops

END_SETS = ([2], [50], [2, 60, 70, 80])


def cut(row, ends):
    tokens = row.tolist()
    stop = next((i for i, t in enumerate(tokens) if t in ends), len(tokens) - 1)
    return tokens[: stop + 1]


def theirs(model, questions, ends, **options):
    inputs = model.prepare(questions)
    out = model.generate(**inputs.tensors(), eos_token_id=ends, pad_token_id=0, **options)
    return [cut(row, ends) for row in out[:, inputs.input_ids.shape[1] :]]


@pytest.mark.parametrize("end", END_SETS, ids=str)
def test_greedy_is_that_of_transformers(model, questions, ends, end):
    ends(end)
    ours = generate(model, questions, settings=Settings(max_new_tokens=20))
    assert [a.tokens for a in ours] == theirs(model, questions, end, max_new_tokens=20, do_sample=False)


@pytest.mark.parametrize("beams", [2, 3, 5])
@pytest.mark.parametrize("penalty", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("end", END_SETS, ids=str)
def test_beam_search_is_that_of_transformers(model, questions, ends, beams, penalty, end):
    ends(end)
    settings = Settings(mode="beam", beams=beams, length_penalty=penalty, max_new_tokens=12)
    ours = [a.tokens for a in generate(model, questions, settings=settings)]
    options = {"num_beams": beams, "length_penalty": penalty, "max_new_tokens": 12, "do_sample": False}
    assert ours == theirs(model, questions, end, **options)


@pytest.mark.parametrize("seed", [0, 3])
def test_sampling_one_row_is_that_of_transformers(model, questions, seed):
    torch.manual_seed(seed)
    options = {"do_sample": True, "top_p": 0.9, "temperature": 1.3, "top_k": 20, "max_new_tokens": 12}
    expected = theirs(model, questions[:1], [2], **options)
    settings = Settings(mode="sample", top_p=0.9, temperature=1.3, top_k=20, max_new_tokens=12, seed=seed)
    assert [a.tokens for a in generate(model, questions[:1], settings=settings)] == expected


@pytest.mark.parametrize("mode", ["greedy", "sample", "beam"])
def test_a_batch_is_its_rows(model, questions, ends, mode):
    ends([2, 60, 70])
    settings = Settings(mode=mode, max_new_tokens=10, seed=4)
    together = generate(model, questions, settings=settings)
    alone = [generate(model, [q], settings=settings)[0] for q in questions]
    assert [a.tokens for a in together] == [a.tokens for a in alone]
    assert len({a.finish_reason for a in together} & {"end", "length"}) >= 1


def test_logprobs_are_those_of_the_model(model, questions):
    answer = generate(model, questions[:1], settings=Settings(max_new_tokens=3))[0]
    logits, state = model.prefill(model.prepare(questions[:1]))
    for token, logprob in zip(answer.tokens, answer.logprobs):
        assert logits.log_softmax(-1)[0, token].item() == pytest.approx(logprob, abs=1e-5)
        logits, state = model.step(state, torch.tensor([token]))


def test_stop_strings_end_and_are_cut(model, questions):
    whole = generate(model, questions[:1], settings=Settings(max_new_tokens=20))[0]
    readable = next(c for c in whole.text[2:] if c.strip() and c != "\ufffd")
    stopped = generate(model, questions[:1], settings=Settings(max_new_tokens=20, stop=[readable]))[0]
    assert stopped.finish_reason == "stop"
    assert len(stopped.tokens) < len(whole.tokens)
    assert readable not in stopped.text
    assert cut_stops("one END two", ["END", "two"]) == "one"


def test_stream_joins_to_the_answer(model, questions):
    pieces = list(stream(model, questions[0], settings=Settings(max_new_tokens=15)))
    assert "".join(pieces).strip() == generate(model, questions[:1], settings=Settings(max_new_tokens=15))[0].text
    assert len(pieces) > 1


def test_stream_hands_errors_on(model):
    with pytest.raises(AttributeError):
        list(stream(model, None))


def test_nothing_asked_nothing_answered(model):
    assert generate(model, []) == []


def test_one_beam_is_refused():
    with pytest.raises(ConfigError, match="at least 2 beams"):
        Settings.from_values({"mode": "beam", "beams": 1})
