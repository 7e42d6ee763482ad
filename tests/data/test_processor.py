"""Tokens, roles and labels, for our own chat template and those of published models."""

from __future__ import annotations

import numpy as np
import pytest
from chat_templates import QWEN2_VL
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import ALL_TEMPLATES, make_processor, make_tokenizer, picture, talk

from vistune.core.errors import DataError, ModelError
from vistune.data.batch import IGNORE, Role
from vistune.data.encoded import Encoded
from vistune.data.example import Example, ImageSource, Message, Part, Region, assistant, user
from vistune.data.processor import Processor

END_MARKS = {
    "nano": "</s>",
    "vicuna": "</s>",
    "llava-1.5": "</s>",
    "chatml": "<|im_end|>",
    "thinking": "<|im_end|>",
    "smolvlm": "<end_of_utterance>",
    "gemma": "<end_of_turn>",
    "llama-2": "</s>",
    "llama-3": "<|eot_id|>",
}
templates = pytest.mark.parametrize("template", ALL_TEMPLATES)


def learned(processor: Processor, sample: Encoded) -> list[str]:
    """The supervised tokens of each answer, decoded."""
    out = []
    for turn in sorted(set(sample.turn[sample.labels != IGNORE].tolist())):
        out.append(processor.tokenizer.decode(sample.labels[(sample.labels != IGNORE) & (sample.turn == turn)]))
    return out


@templates
@pytest.mark.parametrize("kind", ["bytes", "words"])
def test_labels_decode_to_the_answers_and_their_end_marks(template, kind):
    processor = make_processor(template, kind=kind)
    sample = processor.encode(talk("what colour is the cat?", "a red cat", "and the dogs?", "two blue dogs, yes"))
    answers = [text.replace(" ", "") for text in learned(processor, sample)]
    assert answers == [f"aredcat{END_MARKS[template]}", f"twobluedogs,yes{END_MARKS[template]}"]
    assert (sample.labels[sample.labels != IGNORE] == sample.ids[sample.labels != IGNORE]).all()
    assert np.array_equal(sample.labels != IGNORE, sample.answer == 1)


@templates
@pytest.mark.parametrize("kind", ["bytes", "words"])
def test_the_prompt_is_what_precedes_the_last_answer(template, kind):
    """What a model sees when it is asked is, token by token, what it saw when it learned."""
    processor = make_processor(template, kind=kind)
    example = talk("what colour is the cat?", "red", "there is one left of it", "yes, a blue one", images=2)
    sample, prompt = processor.encode(example), processor.prompt(example)
    start = int(np.flatnonzero((sample.turn == 3) & (sample.answer == 1))[0])
    assert prompt.ids.tolist() == sample.ids[:start].tolist()
    assert prompt.roles.tolist() == sample.roles[:start].tolist()
    assert prompt.turn.tolist()[:-3] == sample.turn[:start].tolist()[:-3]
    assert (prompt.labels == IGNORE).all()


@templates
def test_tokens_are_those_of_the_tokenizer_itself(template):
    """Pictures apart, the ids are what plain ``apply_chat_template`` and ``__call__`` of transformers give."""
    processor = make_processor(template)
    tokenizer = processor.tokenizer
    example = talk("what colour is the cat?", "a red cat", images=0)
    sample = processor.encode(example)
    content = ["what colour is the cat?", "a red cat"]
    if template in ("llava-1.5", "smolvlm"):
        content = [[{"type": "text", "text": text}] for text in content]
    messages = [{"role": role, "content": c} for role, c in zip(("user", "assistant"), content)]
    text = tokenizer.apply_chat_template(messages, tokenize=False)
    if template == "llava-1.5":  # ends no answer: the end mark is ours
        text = text.replace("a red cat", "a red cat</s>")
    assert sample.ids.tolist() == tokenizer(text, add_special_tokens=False)["input_ids"]


@templates
def test_pictures_stand_where_their_parts_stand(template):
    parts = [Part(text="a red cat "), Part(image=1), Part(text=" and two dogs "), Part(image=0)]
    images = [picture(1), picture(2)]
    processor = make_processor(template)
    sample = processor.encode(Example("e", [Message("user", parts), assistant("yes")], images))
    assert sample.images == [images[1], images[0]]
    visual = sample.roles == Role.IMAGE
    assert visual.sum() == 12
    assert sample.image[visual].tolist() == [0] * 6 + [1] * 6
    assert sample.row[visual].tolist() == [0, 0, 0, 1, 1, 1] * 2
    assert sample.col[visual].tolist() == [0, 1, 2] * 4
    assert (sample.labels[visual] == IGNORE).all() and (sample.answer[visual] == 0).all()
    assert (sample.image[~visual] == -1).all() and (sample.row[~visual] == -1).all()
    texts = processor.tokenizer.decode(sample.ids[~visual])
    assert texts.index("red cat") < texts.index("two dogs")
    first = np.flatnonzero(visual)
    assert "red cat" in processor.tokenizer.decode(sample.ids[: first[0]])
    assert "two dogs" in processor.tokenizer.decode(sample.ids[first[5] + 1 : first[6]])


@templates
def test_a_literal_placeholder_is_text(template):
    """A user who types <image>, an end mark or a role mark gets plain text tokens that read back as typed."""
    typed = "is <image> </s> <|im_end|> <end_of_turn> <|assistant|> a cat?"
    processor = make_processor(template)
    sample = processor.encode(talk(typed, "no, </s> is <image> text"))
    clean = processor.encode(talk("is a cat?", "no, is text"))
    written = ["<image>", END_MARKS[template], *(["<|assistant|>"] if template == "nano" else [])]
    controls = processor.tokenizer.convert_tokens_to_ids(written)
    for control in controls:
        assert (sample.ids == control).sum() == (clean.ids == control).sum()
    text = processor.tokenizer.decode(sample.ids[sample.roles == Role.TEXT])
    assert typed in text
    assert learned(processor, sample)[0].strip().startswith("no, </s> is <image> text")


def test_turns_that_are_not_learned_keep_their_answer_mark():
    example = talk("what colour?", "red", "and the dogs?", "blue")
    example.messages[1].learn = False
    processor = make_processor()
    sample = processor.encode(example)
    assert learned(processor, sample) == [" blue</s>"]
    assert set(sample.turn[sample.answer == 1].tolist()) == {1, 3}


def test_turns_number_the_messages():
    sample = make_processor().encode(talk("what colour?", "red", "and?", "blue"))
    assert sorted(set(sample.turn.tolist())) == [0, 1, 2, 3]
    assert (np.diff(sample.turn) >= 0).all()


def test_system_message_comes_first_and_is_not_learned():
    example = talk("what colour?", "red")
    example.messages.insert(0, Message("system", [Part(text="two blue dogs")]))
    processor = make_processor("chatml")
    sample = processor.encode(example)
    assert processor.tokenizer.decode(sample.ids).startswith("<|im_start|>system\ntwo blue dogs<|im_end|>")
    assert learned(processor, sample) == ["red<|im_end|>"]


def test_modality_token_opens_the_sample():
    sample = make_processor(modality_token=True).encode(talk("what colour?", "red"))
    plain = make_processor().encode(talk("what colour?", "red"))
    assert sample.roles[0] == Role.MODALITY and sample.ids[0] == make_tokenizer().pad_token_id
    assert np.array_equal(sample.table[:, 1:], plain.table)
    assert (sample.roles == Role.MODALITY).sum() == 1


def test_a_template_that_strips_texts_is_followed():
    processor = make_processor("gemma")
    sample = processor.encode(talk("  what colour?\n", "\n red  "))
    assert learned(processor, sample) == ["red<end_of_turn>"]


def test_a_template_that_the_layout_cannot_follow_is_rendered_for_real():
    """It strips line breaks but not spaces: none of the usual ways."""
    chatml = ALL_TEMPLATES["chatml"]
    processor = make_processor(chatml.replace("message['content']", "message['content'].strip('\\n')"))
    sample = processor.encode(talk("what colour?", "\n red \n"))
    assert learned(processor, sample) == [" red <|im_end|>"]
    again = processor.encode(talk("\n\nwhat?", "\nblue", "and?\n", "\nno"))
    assert learned(processor, again) == ["blue<|im_end|>", "no<|im_end|>"]


def test_a_token_across_the_end_of_the_prompt_is_learned():
    """The prompt ends in a space that the tokenizer joins to the answer's first word."""
    template = ALL_TEMPLATES["vicuna"].replace("%}ASSISTANT:{%", "%}ASSISTANT: {%")
    processor = make_processor(template)
    sample = processor.encode(talk("what colour?", "red"))
    assert learned(processor, sample) == [" red</s>"]


def test_thoughts_are_learned_where_the_template_keeps_them():
    """The template looks for </think>: the layout cannot tell, the sample is rendered for real."""
    processor = make_processor("thinking")
    sample = processor.encode(talk("what colour?", "<think>a cat</think>red"))
    assert learned(processor, sample) == ["<think>a cat</think>red<|im_end|>"]


def test_a_template_that_drops_text_is_refused_not_mislabelled():
    """The same template drops thoughts of earlier turns, which then cannot be found."""
    with pytest.raises(DataError, match=r"Example 'e'.*alters a text"):
        make_processor("thinking").encode(talk("a?", "<think>a cat</think>red", "b?", "blue"))


def test_text_only_template_gets_the_picture_on_its_own_line():
    processor = make_processor("chatml")
    text = processor.tokenizer.decode(processor.encode(talk("what colour?", "red")).ids)
    assert "user\n" + "<image>" * 6 + "\nwhat colour?" in text


def test_pictures_between_marks_and_template_options():
    """Qwen2-VL: its own placeholder, between vision marks, numbered where ``add_vision_id`` asks for it."""
    options = {"image_token": "<|image_pad|>", "template_options": {"add_vision_id": True}}
    processor = make_processor(QWEN2_VL, **options)
    sample = processor.encode(talk("what is in the image? <|image_pad|>", "a cat", "and the text?", "none", images=2))
    text = processor.tokenizer.decode(sample.ids)
    pad = "<|image_pad|>" * 6
    assert f"Picture 1: <|vision_start|>{pad}<|vision_end|>Picture 2: <|vision_start|>{pad}<|vision_end|>what" in text
    assert (sample.roles == Role.IMAGE).sum() == 12
    assert learned(processor, sample) == ["a cat<|im_end|>", "none<|im_end|>"]
    number = processor.tokenizer.convert_tokens_to_ids("<|image_pad|>")
    assert (sample.ids == number).sum() == 12


def test_one_structure_is_rendered_once():
    """Words that a template looks for in a part's keys ('image', 'text') do not slow samples down."""
    processor = make_processor(QWEN2_VL, image_token="<|image_pad|>")
    processor.encode(talk("a?", "b"))
    calls = []
    processor._layout._render = lambda *args: calls.append(args)
    processor.encode(talk("what text is in the image?", "image_url"))
    assert calls == []


def test_a_tokenizer_without_template_gets_a_plain_one():
    tokenizer = make_tokenizer()
    tokenizer.chat_template = None
    processor = Processor(tokenizer, None, grid=(1, 1))
    sample = processor.encode(talk("what colour?", "red", images=0))
    assert processor.tokenizer.decode(sample.ids) == "USER: what colour? ASSISTANT: red</s>"


def test_a_tokenizer_without_the_placeholder_gets_pad_ids():
    tokenizer = make_tokenizer("chatml")
    processor = Processor(tokenizer, None, grid=(1, 2), image_token="<picture>")
    sample = processor.encode(talk("what colour?", "red"))
    assert sample.ids[sample.roles == Role.IMAGE].tolist() == [tokenizer.pad_token_id] * 2
    assert sample.ids.max() < len(tokenizer)


def test_other_special_tokens_may_be_written():
    """Special tokens that the template does not use (places, say) keep their id in texts."""
    tokenizer = make_tokenizer("chatml")
    tokenizer.add_tokens(["<loc_7>"], special_tokens=True)
    sample = Processor(tokenizer, None, grid=(1, 1)).encode(talk("where?", "at <loc_7>", images=0))
    assert tokenizer.convert_tokens_to_ids("<loc_7>") in sample.labels.tolist()


def test_regions_are_written_as_places():
    image = ImageSource(array=np.zeros((10, 20, 3), np.uint8))
    parts = [Part(image=0), Part(text="what is in "), Part(region=0), Part(text="?")]
    region = Region(image=0, box=(5.0, 2.0, 10.0, 10.0))
    processor = make_processor("chatml")
    sample = processor.encode(Example("e", [Message("user", parts), assistant("red")], [image], [region]))
    assert "what is in [0.25, 0.20, 0.50, 1.00]?" in processor.tokenizer.decode(sample.ids)


BAD = {
    "shows picture 1, but there are 1": Example("x", [user("a", (0, 1)), assistant("b")], [picture()]),
    "2 pictures, but the conversation shows 1": Example("x", [user("a", (0,)), assistant("b")], [picture(), picture()]),
    "message 1 is an empty answer": Example("x", [user("a"), assistant("  ")]),
    "no token is supervised": Example("x", [user("a"), assistant("b", learn=False)]),
    "a label would fall on a picture": Example(
        "x", [user("a"), Message("assistant", [Part(text="b"), Part(image=0)])], [picture()]
    ),
    "message 0 is the assistant's where the user's is due": Example("x", [assistant("b")]),
    "message 1 is the user's where the assistant's": Example("x", [user("a"), user("b"), assistant("c")]),
    "message 2 is the system's": Example("x", [user("a"), assistant("b"), Message("system", [Part(text="c")])]),
    "the last message must be the assistant's": Example("x", [user("a")]),
    "there is no message": Example("x", []),
    "neither text nor a picture": Example("x", [Message("user", [Part()]), assistant("b")]),
    "names region 0": Example("x", [Message("user", [Part(region=0)]), assistant("b")]),
    "noncharacters": Example("x", [user("a \ufdd0t0\ufdd1"), assistant("b")]),
}


@pytest.mark.parametrize("reason", BAD)
def test_bad_conversations(reason):
    with pytest.raises(DataError, match="Example 'x': ") as told:
        make_processor().encode(BAD[reason])
    assert reason in str(told.value)


def test_a_role_that_the_template_refuses():
    example = talk("what colour?", "red")
    example.messages.insert(0, Message("system", [Part(text="a cat")]))
    with pytest.raises(DataError, match=r"Example 'e'.*System role not supported"):
        make_processor("gemma").encode(example)


def test_bad_examples_are_handed_over_and_the_rest_goes_on():
    told = []
    good = [talk("a?", "b", name="one"), talk("a?", "b", name="two")]
    bad = Example("bad", [user("a"), assistant("")])
    samples = make_processor().encode_many(
        [good[0], bad, good[1]], on_error=lambda e, error: told.append((e.id, str(error)))
    )
    assert [sample.id for sample in samples] == ["one", "two"]
    assert told == [("bad", "Example 'bad': message 1 is an empty answer.")]


def test_a_slow_tokenizer_is_refused():
    class Slow:
        chat_template = None

    with pytest.raises(ModelError, match="Slow is a slow tokenizer"):
        Processor(Slow(), None, grid=(1, 1))


def test_saved_and_loaded_gives_the_same_tokens(tmp_path):
    from transformers import CLIPImageProcessorPil

    images = CLIPImageProcessorPil(size={"shortest_edge": 8}, crop_size={"height": 8, "width": 8})
    processor = make_processor("chatml", images=images, max_length=200, modality_token=True)
    processor.save_pretrained(tmp_path)
    again = Processor.from_pretrained(tmp_path)
    example = talk("what colour?", "red")
    assert np.array_equal(again.encode(example).table, processor.encode(example).table)
    assert (again.grid, again.max_length, again.modality_token) == ((2, 3), 200, True)
    assert np.allclose(again([example]).pixel_values, processor([example]).pixel_values)
    assert Processor.from_pretrained(tmp_path, max_length=None).max_length is None
    with pytest.raises(ModelError, match=r"holds no vistune_processor\.json"):
        Processor.from_pretrained(tmp_path / "elsewhere")


texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30).filter(
    lambda text: text.strip() and not any("\ufdd0" <= c <= "\ufddf" for c in text)
)
CACHED = {name: make_processor(name) for name in ALL_TEMPLATES}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(ALL_TEMPLATES)), st.lists(texts, min_size=2, max_size=6).filter(lambda t: len(t) % 2 == 0))
def test_any_text_is_learned_whole_and_alone(template, said):
    """Whatever people write: supervised tokens are the answers (as the template shows them) and end marks, no more."""
    processor = CACHED[template]
    try:
        sample = processor.encode(talk(*said))
    except DataError as error:
        assert "alters a text" in str(error) and any("</think>" in text for text in said)
        return
    answers = learned(processor, sample)
    assert len(answers) == len(said) // 2
    for text, decoded in zip(said[1::2], answers):
        assert decoded.endswith(END_MARKS[template])
        assert decoded.removesuffix(END_MARKS[template]).strip() == text.strip()
    shown = processor.tokenizer.decode(sample.ids[sample.labels == IGNORE])
    for text in said[0::2]:
        assert text.strip() in shown
