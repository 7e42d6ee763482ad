"""Prompts, decoding step by step, and likelihoods: with a cache as without one, in a batch as alone, as transformers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from models.batches import batch_of, talk
from models.small import GRID, NETWORKS, PROMPTS, SCHEMES, alone, schemed, small
from models.speaking import image_processor, tokenizer
from models.tiny import tiny
from vistune.core.errors import ModelError
from vistune.data.batch import Batch, Role
from vistune.data.example import Example, ImageSource, Message, Part, assistant, user
from vistune.models.interface import Answerer
from vistune.models.vlm import VisionLanguageModel

STEPS = 5


def prompts(modality: bool = False, side: str = "left") -> Batch:
    return batch_of([[["m", *p] if modality else p] for p in PROMPTS], side)


def decode(model: Any, batch: Batch, steps: int = STEPS) -> tuple[Tensor, Tensor]:
    """Greedy: tokens ``[B, steps]`` and the logits that chose them ``[B, steps, V]``."""
    logits, state = model.prefill(batch)
    tokens, seen = [], []
    for _ in range(steps):
        seen.append(logits)
        tokens.append(logits.argmax(-1))
        logits, state = model.step(state, tokens[-1])
    return torch.stack(tokens, 1), torch.stack(seen, 1)


@torch.no_grad()
def without_cache(model: Any, batch: Batch, tokens: Tensor) -> Tensor:
    """Logits ``[B, steps, V]`` of the same tokens, each row by itself in one pass."""
    out = []
    for row in range(len(tokens)):
        one = alone(batch, row)
        n = tokens.shape[1]
        added = {"roles": int(Role.TEXT), "sample": 0, "turn": 1, "answer": 1, "image": -1, "row": -1, "col": -1}
        fields = {
            k: torch.cat([getattr(one, k), torch.full((1, n), v).to(getattr(one, k))], 1) for k, v in added.items()
        }
        whole = replace(one, **fields, input_ids=torch.cat([one.input_ids, tokens[row : row + 1]], 1), labels=None)
        out.append(model(**whole.tensors()).logits[0, -n - 1 : -1])
    return torch.stack(out)


def greedy(**options: Any) -> dict[str, Any]:
    return {"max_new_tokens": STEPS, "do_sample": False, "eos_token_id": None, "pad_token_id": 0, **options}


def check_decoding(model: Any, batch: Batch) -> None:
    tokens, seen = decode(model, batch)
    assert float((seen - without_cache(model, batch, tokens)).abs().max()) < 1e-4
    generated = model.generate(batch, **greedy())
    assert torch.equal(generated[:, batch.input_ids.shape[1] :], tokens)


@pytest.mark.parametrize(("decoder", "attention"), NETWORKS)
def test_decoding_with_a_cache_is_decoding_without(decoder: str, attention: str):
    check_decoding(small(decoder, attention), prompts())


@pytest.mark.parametrize(("positions", "attention"), SCHEMES)
def test_so_it_is_under_any_scheme(positions: str, attention: str):
    check_decoding(schemed(positions, attention), prompts())


@pytest.mark.parametrize("positions", ["concentric", "variable_increment"])
def test_so_it_is_with_a_prompt_that_ends_in_a_picture(positions: str):
    """Its last token stands on the outermost ring, not where the picture ends."""
    batch = batch_of([[talk("tt", (4, 4))], [talk("t")]], "left")
    model = schemed(positions, "causal", connector="linear")
    tokens, seen = decode(model, batch)
    assert float((seen - without_cache(model, batch, tokens)).abs().max()) < 1e-4


def routed() -> Any:
    model = small(adapters={"lavin": {"kind": "mixture_of_modality", "temperature": 0.5}})
    with torch.no_grad():
        for parameter in model.adapters.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return model


def test_so_it_is_with_a_modality_router():
    check_decoding(routed(), prompts(modality=True))


@pytest.mark.parametrize("make", [routed, lambda: small("gemma3", "eager")])
def test_beams_of_generate_belong_to_their_own_prompt_and_pictures(make: Any):
    model = make()
    batch = prompts(modality=model.needs_modality_token)
    options = greedy(num_beams=3, num_return_sequences=2)
    together = model.generate(batch, **options)[:, batch.input_ids.shape[1] :]
    for row in range(3):
        one = alone(batch, row)
        assert torch.equal(model.generate(one, **options)[:, one.input_ids.shape[1] :], together[2 * row : 2 * row + 2])
    assert len({tuple(r.tolist()) for r in together}) == 6


def test_generate_without_a_cache_and_from_plain_tensors():
    model, batch = small("mistral"), prompts()
    wanted = model.generate(batch, **greedy())
    assert torch.equal(model.generate(batch, **greedy(use_cache=False)), wanted)
    assert torch.equal(model.generate(**batch.tensors(), **greedy()), wanted)


def test_generate_reads_each_token_once():
    model, batch = small("mistral"), prompts()
    widths: list[int] = []
    model.decoder.register_forward_pre_hook(
        lambda _, __, given: widths.append(given["inputs_embeds"].shape[1]), with_kwargs=True
    )
    model.generate(batch, **greedy())
    assert widths == [batch.input_ids.shape[1], *[1] * (STEPS - 1)]


def test_the_state_can_be_reordered():
    model, batch = routed(), prompts(modality=True)
    rows = torch.tensor([2, 0, 0, 1])
    logits, state = model.prefill(batch)
    first = logits.argmax(-1)
    after, state = model.step(state, first)
    kept, _ = model.step(state, after.argmax(-1))
    logits, state = model.prefill(batch)
    _, state = model.step(state, first)
    state.reorder(rows)
    moved, _ = model.step(state, after.argmax(-1)[rows])
    assert torch.allclose(moved, kept[rows], atol=1e-5)


def test_prefill_takes_a_sequence_whose_tokens_were_pruned():
    model, batch = (
        small(positions="concentric", attention="concentric", connector="linear"),
        batch_of([[talk("t", (4, 4), "tt")]], "left"),
    )
    keep = torch.tensor([[0, 1, 6, 11, 17, 18]])
    pruned = model.sequence(batch).take(keep)
    logits, state = model.prefill(pruned)
    with torch.no_grad():
        wanted = model.run(pruned, pruned.embeddings).logits[:, -1]
    assert torch.allclose(logits, wanted, atol=1e-5)
    whole, _ = model.prefill(batch)
    assert float((whole - logits).abs().max()) > 1e-3
    token = logits.argmax(-1)
    stepped, _ = model.step(state, token)
    longer = pruned.extend(1)
    longer.embeddings[:, -1:] = model.get_input_embeddings()(token[:, None])
    with torch.no_grad():
        assert torch.allclose(stepped, model.run(longer, longer.embeddings).logits[:, -1], atol=1e-4)


def test_prompts_padded_on_the_right_are_an_error():
    with pytest.raises(ModelError, match="padded on the left"):
        small().prefill(prompts(side="right"))


# -- with a tokenizer --------------------------------------------------------------------------------------------------


def speaking(**options: Any) -> Any:
    torch.manual_seed(0)
    return VisionLanguageModel.from_parts(
        tiny("clip"), tiny("llama"), tokenizer=tokenizer(), image_processor=image_processor(), **options
    ).eval()


def example(question: str, answer: str | None = None, pictures: int = 1, learn: bool = True) -> Example:
    made = np.random.default_rng(len(question))
    images = [ImageSource(array=made.integers(0, 256, (16, 16, 3), dtype=np.uint8)) for _ in range(pictures)]
    messages = [user(question, tuple(range(pictures)))]
    return Example(question, messages + ([assistant(answer, learn)] if answer else []), images)


def test_it_is_an_answerer():
    model = speaking()
    assert isinstance(model, Answerer)
    assert model.module is model
    assert model.tokenizer.eos_token_id in model.eos_token_ids
    assert model.pad_token_id == model.tokenizer.pad_token_id


def test_prepare_pads_on_the_left_and_a_row_answers_as_it_does_alone():
    model = speaking()
    asked = [example("what colour is the cat?"), example("a dog?", pictures=0), example("is it red?", pictures=2)]
    batch = model.prepare(asked)
    assert bool((batch.sample[:, -1] == 0).all())
    together, _ = decode(model, batch)
    for k, one in enumerate(asked):
        assert torch.equal(decode(model, model.prepare([one]))[0][0], together[k])


def test_answer_logprobs_are_those_of_the_answer_tokens_one_after_the_other():
    model = speaking()
    asked = [
        example("what colour is the cat?", "it is red", 1),
        example("and the dog?", "blue", 0, learn=False),
        Example("two", [user("is it red?"), assistant("yes"), user("two cups?"), assistant("a blue dog")]),
    ]
    found = model.answer_logprobs(asked)
    for one, got in zip(asked, found):
        logits, state = model.prefill(model.prepare([one]))
        wanted = []
        ids = model.tokenizer(" " + one.messages[-1].text + "</s>", add_special_tokens=False)["input_ids"]
        for token in ids:
            wanted.append(logits.log_softmax(-1)[0, token])
            logits, state = model.step(state, torch.tensor([token]))
        assert torch.allclose(got, torch.stack(wanted), atol=1e-4)


def test_likelihoods_need_an_answer():
    with pytest.raises(ModelError, match="does not end in an answer"):
        speaking().answer_logprobs([Example("x", [Message("user", [Part(text="hello")])])])


def test_a_model_without_a_processor_cannot_be_asked():
    with pytest.raises(ModelError, match="no processor"):
        small().prepare([example("hello")])


def test_all_positions_of_a_grid_are_used():
    assert speaking().processor.grid == speaking().grid == (4, 4)
    assert speaking(connector="pixel_shuffle_mlp").processor.grid == GRID
