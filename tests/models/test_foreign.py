"""Whole Hugging Face models behind the ``Answerer`` face: their steps are those of their own ``generate``."""

from __future__ import annotations

import json

import pytest
import torch
from transformers import BlipConfig, BlipForConditionalGeneration

from models.foreigners import FOREIGNERS, ask, make_foreigner
from vistune.core.errors import DataError, ModelError
from vistune.data.example import Example, Message, Part, Region, assistant, user
from vistune.models.foreign import ForeignModel
from vistune.models.interface import Answerer
from vistune.models.loading import load_model

QUESTIONS = [
    ask("one", 1, "w1 w2 w3", seed=1),
    ask("two", 2, "w4", seed=2, size=(24, 16)),
    ask("none", 0, "w5 w6", seed=3),
    ask("wide", 1, "w7 w8 w9 w10 w11", seed=4, size=(32, 8)),
]


@pytest.fixture(scope="module", params=FOREIGNERS)
def model(request):
    return ForeignModel(*make_foreigner(request.param))


def greedy(model, questions, steps):
    """Tokens and logits, step by step."""
    logits, state = model.prefill(model.prepare(questions))
    tokens, seen = [], []
    for _ in range(steps):
        seen.append(logits)
        tokens.append(logits.argmax(-1))
        logits, state = model.step(state, tokens[-1])
    return torch.stack(tokens, 1), torch.stack(seen, 1)


def test_steps_are_those_of_generate(model):
    assert isinstance(model, Answerer)
    inputs = model.prepare(QUESTIONS)
    made = model.network.generate(
        **inputs, max_new_tokens=6, do_sample=False, eos_token_id=[], output_logits=True, return_dict_in_generate=True
    )
    tokens, logits = greedy(model, QUESTIONS, 6)
    assert torch.equal(tokens, made.sequences[:, -6:])
    torch.testing.assert_close(logits, torch.stack(made.logits, 1), atol=1e-5, rtol=1e-5)


def test_a_batch_is_its_rows(model):
    _, together = greedy(model, QUESTIONS, 5)
    for row, question in enumerate(QUESTIONS):
        torch.testing.assert_close(greedy(model, [question], 5)[1][0], together[row], atol=1e-4, rtol=1e-4)


def test_pictures_are_seen(model):
    other = [ask("one", 1, "w1 w2 w3", seed=9)]
    assert not torch.allclose(greedy(model, other, 1)[1], greedy(model, QUESTIONS[:1], 1)[1], atol=1e-3)


def test_rows_may_be_dropped_repeated_and_reordered(model):
    logits, state = model.prefill(model.prepare(QUESTIONS))
    logits, state = model.step(state, logits.argmax(-1))
    fed = logits.argmax(-1)
    rows = torch.tensor([3, 1, 3])
    plain, state_all = model.step(state, fed)
    plain, _ = model.step(state_all, fed)
    logits, state = model.prefill(model.prepare(QUESTIONS))
    logits, state = model.step(state, logits.argmax(-1))
    state.reorder(rows)
    again, state = model.step(state, fed[rows])
    again, _ = model.step(state, fed[rows])
    torch.testing.assert_close(again, plain[rows], atol=1e-5, rtol=1e-5)


def test_two_conversations_at_once_do_not_mix(model):
    alone = greedy(model, QUESTIONS[:1], 3)[1]
    logits, state = model.prefill(model.prepare(QUESTIONS[:1]))
    first = [logits]
    for step in range(2):
        greedy(model, QUESTIONS[1:3], 2)
        logits, state = model.step(state, first[step].argmax(-1))
        first.append(logits)
    torch.testing.assert_close(torch.stack(first, 1), alone, atol=1e-5, rtol=1e-5)


def with_answer(question, text):
    return Example(question.id, [*question.messages, assistant(text)], question.images)


def test_answer_logprobs_are_those_of_forced_steps(model):
    answers = ["w1", "w2 w3 w4", "w5 w6", "w7"]
    found = model.answer_logprobs([with_answer(q, a) for q, a in zip(QUESTIONS, answers)])
    for question, answer, logprobs in zip(QUESTIONS, answers, found):
        ids = [*model.tokenizer(answer, add_special_tokens=False)["input_ids"], 2]
        logits, state = model.prefill(model.prepare([question]))
        expected = []
        for token in ids:
            expected.append(logits.log_softmax(-1)[0, token])
            logits, state = model.step(state, torch.tensor([token]))
        torch.testing.assert_close(logprobs, torch.stack(expected), atol=1e-4, rtol=1e-4)


def talk(between, prompt):
    """A template of words; ``between`` follows each message's end mark, ``prompt`` asks for an answer."""
    body = "{% for c in m['content'] %}{{ '' if c['type'] == 'image' else c['text'] }}{% endfor %}"
    asks = "{% if add_generation_prompt %}" + prompt + "{% endif %}"
    return "{% for m in messages %}{{ m['role'] + ': ' }}" + body + " </s>" + between + "{% endfor %}" + asks


@pytest.mark.parametrize(
    ("template", "border"),
    [
        (talk(" ", "assistant: "), True),
        (talk(" w50 ", "assistant: "), True),  # something stands between a turn and the next
        (talk(" ", "assistant: w51 "), False),  # history is written otherwise than the prompt
    ],
)
def test_an_answer_ends_with_its_end_mark(template, border):
    model = ForeignModel(*make_foreigner("idefics3"))
    model._template = template
    chat = [{"role": "user", "content": [{"type": "text", "text": "w5"}]}]
    asked = model.processor.apply_chat_template(chat, chat_template=template, add_generation_prompt=True)
    answered = Example("text", [user("w5"), assistant("w20 w21")])
    ids = [model.tokenizer.convert_tokens_to_ids(word) for word in ("w20", "w21", "</s>")]
    assert model.answer_ids(answered) == ids
    whole = model.processor.apply_chat_template(model._chat(answered, prompt=False), chat_template=template)
    assert whole.startswith(asked) is border
    assert len(model.answer_logprobs([answered])[0]) == 3


def test_an_empty_answer_has_no_likelihood_without_an_end_mark():
    model = ForeignModel(*make_foreigner("idefics3"))
    model._template = "{% for m in messages %}{{ m['content'][0]['text'] }} {% endfor %}"
    example = Example("empty", [user("w5"), Message("assistant", [Part(text="")], learn=False)])
    with pytest.raises(DataError, match="'empty'"):
        model.answer_logprobs([example])


def test_a_later_turn_sees_the_earlier_ones(model):
    turns = [*QUESTIONS[0].messages, assistant("w20"), user("w21")]
    inputs = model.prepare([Example("talk", turns, QUESTIONS[0].images)])
    text = model.tokenizer.decode(inputs["input_ids"][0])
    assert text.endswith("w1 w2 w3 </s> assistant: w20 </s> user: w21 </s> assistant:")


def save(folder, kind):
    """As published folders are: the processor's settings beside the image processor's, no video part."""
    network, processor = make_foreigner(kind)
    network.save_pretrained(folder)
    processor.tokenizer.save_pretrained(folder)
    processor.image_processor.save_pretrained(folder)
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    name = {"smolvlm": "SmolVLMProcessor"}.get(kind, type(processor).__name__)
    settings |= {"processor_class": name}
    if kind == "llava":
        settings |= {"patch_size": 4, "vision_feature_select_strategy": "default", "num_additional_image_tokens": 1}
    if kind in ("smolvlm", "idefics3"):
        (folder / "processor_config.json").write_text(json.dumps({"processor_class": name, "image_seq_len": 4}))
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    return ForeignModel(network, processor)


@pytest.mark.parametrize("kind", [k for k in FOREIGNERS if k != "llava"])
def test_a_folder_loads_and_answers_the_same(tmp_path, kind):
    expected = save(tmp_path, kind)
    loaded = load_model(tmp_path, device="cpu")
    assert isinstance(loaded, ForeignModel)
    assert loaded.eos_token_ids == (2,)
    torch.testing.assert_close(greedy(loaded, QUESTIONS, 4)[1], greedy(expected, QUESTIONS, 4)[1])


def test_regions_are_written_out(model):
    example = ask("region", 1, "w1")
    example.regions = [Region(0, box=(0, 0, 8, 16))]
    example.messages = [Message("user", [Part(image=0), Part(text="w1 "), Part(region=0)])]
    chat = model._chat(example, prompt=True)
    assert chat[0]["content"][-1]["text"] == "w1 [0.00, 0.00, 0.50, 1.00]"


# -- errors ------------------------------------------------------------------------------------------------------------


def test_a_folder_of_another_kind_is_refused(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(ModelError, match="no vision-language model of the type 'bert'"):
        ForeignModel.load(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "no_such"}))
    with pytest.raises(ModelError, match="no_such"):
        ForeignModel.load(tmp_path)
    with pytest.raises(ModelError, match="no checkpoint"):
        ForeignModel.load(tmp_path / "nowhere")


def test_a_folder_with_other_weights_is_refused(tmp_path):
    save(tmp_path, "idefics3")
    config = json.loads((tmp_path / "config.json").read_text())
    config["text_config"]["intermediate_size"] = 40
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="another shape"):
        ForeignModel.load(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        ForeignModel.load(tmp_path)


def test_a_folder_without_a_processor_is_refused(tmp_path):
    make_foreigner("idefics3")[0].save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="processor"):
        ForeignModel.load(tmp_path)


def test_networks_that_decode_in_their_own_way_are_refused():
    network, processor = make_foreigner("llava")
    small = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = {**small, "encoder_hidden_size": 16, "vocab_size": 20}
    blip = BlipForConditionalGeneration(BlipConfig(text_config=text, vision_config={**small, "image_size": 16}))
    with pytest.raises(ModelError, match="its own way"):
        ForeignModel(blip, processor)
    network.config.is_encoder_decoder = True
    with pytest.raises(ModelError, match="encoder"):
        ForeignModel(network, processor)


def test_a_template_is_needed():
    network, processor = make_foreigner("llava")
    processor.chat_template = processor.tokenizer.chat_template = None
    with pytest.raises(ModelError, match="no chat template"):
        ForeignModel(network, processor)


def test_examples_that_cannot_be_asked_are_named(model):
    with pytest.raises(DataError, match=r"'forged'.*marks pictures"):
        model.prepare([ask("forged", 1, f"w1 {model.processor.image_token}")])
    with pytest.raises(DataError, match="'lost'"):
        model.prepare([Example("lost", [Message("user", [Part(image=2)])])])
    with pytest.raises(ModelError, match="'one' does not end in an answer"):
        model.answer_logprobs(QUESTIONS[:1])


def test_what_the_template_refuses_is_told(model):
    template = "{{ raise_exception('system messages are not supported') }}"
    strict = ForeignModel(model.network, model.processor)
    strict._template = template
    with pytest.raises(DataError, match="system messages are not supported"):
        strict.prepare(QUESTIONS[:1])
