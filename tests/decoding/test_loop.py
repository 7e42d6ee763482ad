"""The loop gives what transformers gives, whatever the batch."""

from __future__ import annotations

import pytest
import torch
from theirs import theirs

from vistune.core.errors import ConfigError, ModelError
from vistune.data.example import Example, assistant
from vistune.decoding import Settings, generate, stream
from vistune.decoding.loop import row_seed

#: One end mark, one that comes, several, and so many that they take all best places.
END_SETS = ([2], [50], [2, 40, 45, 60, 70, 80], list(range(5, 70, 2)))


def tokens(answers):
    return [a.tokens for a in answers]


# -- equal to transformers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", END_SETS, ids=len)
@pytest.mark.parametrize("penalty", [1.0, 1.7])
def test_greedy_is_that_of_transformers(any_model, questions, ends, end, penalty):
    ends(any_model, end)
    # A penalty of theirs also counts padding, so prompts of one length are asked.
    asked = questions if penalty == 1 else questions[:1]
    ours = generate(any_model, asked, settings=Settings(max_new_tokens=20, repetition_penalty=penalty))
    options = {"max_new_tokens": 20, "do_sample": False, "repetition_penalty": penalty}
    assert tokens(ours) == theirs(any_model, asked, end, **options)


@pytest.mark.parametrize("beams", [2, 5])
@pytest.mark.parametrize("penalty", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("end", END_SETS, ids=len)
def test_beam_search_is_that_of_transformers(any_model, questions, ends, beams, penalty, end):
    ends(any_model, end)
    settings = Settings(mode="beam", beams=beams, length_penalty=penalty, max_new_tokens=12)
    options = {"num_beams": beams, "length_penalty": penalty, "max_new_tokens": 12, "do_sample": False}
    assert tokens(generate(any_model, questions, settings=settings)) == theirs(any_model, questions, end, **options)


def test_beam_search_with_a_repetition_penalty_is_that_of_transformers(any_model, questions):
    settings = Settings(mode="beam", beams=3, repetition_penalty=1.8, max_new_tokens=10)
    options = {"num_beams": 3, "repetition_penalty": 1.8, "max_new_tokens": 10, "do_sample": False}
    ours = generate(any_model, questions[:1], settings=settings)
    assert tokens(ours) == theirs(any_model, questions[:1], list(any_model.eos_token_ids), **options)


@pytest.mark.parametrize("seed", [0, 3])
def test_sampling_one_row_is_that_of_transformers(any_model, questions, seed):
    torch.manual_seed(row_seed(seed, questions[0].id))
    options = {"do_sample": True, "top_p": 0.9, "temperature": 1.3, "top_k": 20, "max_new_tokens": 12}
    expected = theirs(any_model, questions[:1], [2], **options)
    settings = Settings(mode="sample", top_p=0.9, temperature=1.3, top_k=20, max_new_tokens=12, seed=seed)
    assert tokens(generate(any_model, questions[:1], settings=settings)) == expected


# -- batches -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["greedy", "sample", "beam"])
@pytest.mark.parametrize("penalty", [1.0, 1.5])
def test_a_batch_is_its_rows(any_model, questions, ends, mode, penalty):
    ends(any_model, [2, 40, 45, 60, 70])
    settings = Settings(mode=mode, max_new_tokens=10, seed=4, repetition_penalty=penalty)
    together = generate(any_model, questions, settings=settings)
    alone = [generate(any_model, [q], settings=settings)[0] for q in questions]
    assert tokens(together) == tokens(alone)
    assert [a.text for a in together] == [a.text for a in alone]
    for one, other in zip(together, alone):
        assert one.logprobs == pytest.approx(other.logprobs, abs=1e-4)
        assert (
            one.finish_reason == other.finish_reason == ("end" if one.tokens[-1] in (2, 40, 45, 60, 70) else "length")
        )


def test_equal_questions_are_sampled_apart(model, questions):
    """One stream for all rows would make the items of a benchmark err together."""
    copies = [Example(f"copy {i}", questions[0].messages, questions[0].images) for i in range(6)]
    settings = Settings(mode="sample", temperature=2.0, max_new_tokens=5)
    assert len({tuple(t) for t in tokens(generate(model, copies, settings=settings))}) > 3
    assert tokens(generate(model, copies, settings=settings)) == tokens(generate(model, copies, settings=settings))
    other = Settings(mode="sample", temperature=2.0, max_new_tokens=5, seed=2**40)
    assert tokens(generate(model, copies, settings=settings)) != tokens(generate(model, copies, settings=other))


class Counting:
    """A model that notes how many rows it is given."""

    def __init__(self, model):
        self.model, self.rows = model, []

    def __getattr__(self, name):
        return getattr(self.model, name)

    def prefill(self, inputs):
        logits, state = self.model.prefill(inputs)
        self.rows.append(len(logits))
        return logits, state

    def step(self, state, fed):
        self.rows.append(len(fed))
        return self.model.step(state, fed)


@pytest.mark.parametrize("mode", ["greedy", "beam"])
def test_finished_rows_are_not_run(model, questions, ends, mode):
    settings = Settings(mode=mode, beams=3, max_new_tokens=12)
    free = generate(model, questions, settings=settings)
    ends(model, [free[0].tokens[2], free[3].tokens[5]])
    counting = Counting(model)
    answers = generate(counting, questions, settings=settings)
    width = 3 if mode == "beam" else 1
    assert counting.rows[0] == len(questions)
    assert counting.rows[1:] == sorted(counting.rows[1:], reverse=True)
    assert counting.rows[-1] < len(questions) * width
    if mode == "greedy":
        assert sum(counting.rows) == sum(a.new_tokens for a in answers)


def test_nothing_asked_nothing_answered(model):
    assert generate(model, []) == []


def test_a_last_answer_is_left_out(model, questions):
    question = questions[0]
    answered = Example(question.id, [*question.messages, assistant("red")], question.images)
    settings = Settings(max_new_tokens=5)
    assert generate(model, [answered], settings=settings) == generate(model, [question], settings=settings)


# -- what is told of an answer -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["greedy", "beam"])
def test_logprobs_are_those_of_the_model(model, questions, mode):
    answer = generate(model, questions[:1], settings=Settings(mode=mode, max_new_tokens=4))[0]
    assert len(answer.logprobs) == answer.new_tokens == 4
    logits, state = model.prefill(model.prepare(questions[:1]))
    for token, logprob in zip(answer.tokens, answer.logprobs):
        assert logits.log_softmax(-1)[0, token].item() == pytest.approx(logprob, abs=1e-4)
        logits, state = model.step(state, torch.tensor([token]))


def test_tokens_are_told_as_they_come(model, questions):
    told = [[] for _ in questions]
    answers = generate(
        model, questions, settings=Settings(max_new_tokens=6), on_token=lambda index, token: told[index].append(token)
    )
    assert told == tokens(answers)


def test_logits_that_are_no_numbers_are_an_error(model, questions):
    class Broken(Counting):
        def step(self, state, fed):
            logits, state = super().step(state, fed)
            return logits * torch.nan, state

    for mode in ("greedy", "sample", "beam"):
        with pytest.raises(ModelError, match="no numbers"):
            generate(Broken(model), questions[:2], settings=Settings(mode=mode))


# -- stop strings and streaming ---------------------------------------------------------------------------------------


class Scripted:
    """A model that says the given texts, whatever it is asked: row by row, token by token, then its end mark."""

    def __init__(self, model, texts):
        self.tokenizer, self.eos_token_ids = model.tokenizer, model.eos_token_ids
        self.scripts = [[*self.tokenizer(t, add_special_tokens=False)["input_ids"], 2] for t in texts]

    def prepare(self, examples):
        return None

    def prefill(self, inputs):
        self.rows, self.place = list(range(len(self.scripts))), 0
        return self._logits(), self

    def step(self, state, fed):
        assert fed.tolist() == [self._due(row) for row in self.rows]
        self.place += 1
        return self._logits(), self

    def reorder(self, rows):
        self.rows = [self.rows[row] for row in rows.tolist()]

    def _due(self, row):
        return self.scripts[row][min(self.place, len(self.scripts[row]) - 1)]

    def _logits(self):
        logits = torch.zeros(len(self.rows), len(self.tokenizer))
        logits[range(len(self.rows)), [self._due(row) for row in self.rows]] = 50.0
        return logits


TEXTS = ["a red cup\n\nand more", " the grüne 🐱 and 🐶🐶 cats  ", "no end", "aab aaab done", ""]


@pytest.mark.parametrize("mode", ["greedy", "sample"])
def test_texts_come_whole(model, questions, mode):
    answers = generate(Scripted(model, TEXTS), questions, settings=Settings(mode=mode))
    assert [a.text for a in answers] == [t.strip() for t in TEXTS]
    assert {a.finish_reason for a in answers} == {"end"}


@pytest.mark.parametrize("mode", ["greedy", "sample"])
def test_stop_strings_may_span_tokens(model, questions, mode):
    settings = Settings(mode=mode, stop=["\n\n", "🐱 and", "aaab"])
    answers = generate(Scripted(model, TEXTS), questions, settings=settings)
    assert [a.text for a in answers] == ["a red cup", "the grüne", "no end", "aab", ""]
    assert [a.finish_reason for a in answers] == ["stop", "stop", "end", "stop", "end"]
    assert model.tokenizer.decode(answers[0].tokens) == "a red cup\n\n"
    assert model.tokenizer.decode(answers[3].tokens) == "aab aaab"


def test_a_special_token_may_be_a_stop_string(model, questions):
    special = model.tokenizer.pad_token
    answer = generate(Scripted(model, [f"red{special}blue"]), questions[:1], settings=Settings(stop=[special]))[0]
    assert (answer.text, answer.finish_reason) == ("red", "stop")


def test_beam_search_stops_as_transformers_does(model, questions):
    settings = Settings(mode="beam", beams=3, max_new_tokens=14)
    options = {"num_beams": 3, "max_new_tokens": 14, "do_sample": False}
    compared = 0
    for question in questions:
        whole = generate(model, [question], settings=settings)[0]
        for stop in {c for c in whole.text if c.isascii() and c.isprintable() and c != " "}:
            expected = theirs(model, [question], [2], tokenizer=model.tokenizer, stop_strings=[stop], **options)
            found = generate(model, [question], settings=settings.model_copy(update={"stop": [stop]}))
            assert tokens(found) == expected
            assert stop not in found[0].text
            compared += found[0].finish_reason == "stop"
    assert compared > 3


@pytest.mark.parametrize("stop", [[], ["\n\n", "🐱 and", "aaab"], ["🐶🐶 dogs", "\n\nhere", "end of it"]])
def test_stream_joins_to_the_answer(model, questions, stop):
    settings = Settings(stop=stop)
    for text, question in zip(TEXTS, questions):
        script = Scripted(model, [text])
        pieces = list(stream(script, question, settings=settings))
        assert "".join(pieces) == generate(script, [question], settings=settings)[0].text
        assert not any("\ufffd" in piece for piece in pieces)
        assert len(pieces) > 1 or len(text) < 15


@pytest.mark.parametrize("mode", ["greedy", "sample", "beam"])
def test_stream_of_any_model_joins_to_the_answer(any_model, questions, mode):
    settings = Settings(mode=mode, max_new_tokens=15, temperature=1.5)
    for question in questions:
        text = "".join(stream(any_model, question, settings=settings))
        assert text == generate(any_model, [question], settings=settings)[0].text


def test_stream_comes_step_by_step(model, questions):
    counting = Counting(model)
    pieces = stream(counting, questions[0], settings=Settings(max_new_tokens=15))
    assert counting.rows == []
    next(pieces)
    assert 0 < len(counting.rows) < 6
    pieces.close()
    assert len(counting.rows) < 6


def test_stream_hands_errors_on(model):
    with pytest.raises(AttributeError):
        list(stream(model, None))


def test_gradients_are_not_recorded(model, questions):
    pieces = stream(model, questions[0], settings=Settings(max_new_tokens=3))
    next(pieces)
    assert torch.is_grad_enabled()


def test_one_beam_is_refused():
    with pytest.raises(ConfigError, match="at least 2 beams"):
        Settings.from_values({"mode": "beam", "beams": 1})
