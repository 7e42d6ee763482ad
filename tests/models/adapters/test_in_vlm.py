"""LaVIN and the other adapters inside a ``VisionLanguageModel``: tokens, router, decoding, files, gradients."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor

from models.adapters.harness import distance, shake
from models.tiny import pixels, tiny
from vistune.core.errors import ModelError
from vistune.data.batch import IGNORE, Batch, Role
from vistune.models.vlm import VisionLanguageModel

LAVIN: dict[str, Any] = {
    "words": {"kind": "mixture_of_modality", "temperature": 0.5},
    "pictures": {"kind": "mixture_of_modality", "part": "vision"},
}
SIDE = 4  # visual tokens in a row and a column of a picture


def vlm(adapters: dict[str, Any] | None = None, shaken: bool = True) -> Any:
    """CLIP, an MLP and Llama, all tiny and random; the adapters as if trained."""
    torch.manual_seed(3)
    model = VisionLanguageModel.from_parts(
        tiny("clip"), tiny("llama", attention="sdpa"), adapters=LAVIN if adapters is None else adapters, vision_layer=-1
    ).eval()
    if shaken:
        for adapter in model.adapters.values():
            shake(adapter, 0.1)
    return model


def batch_of(model: Any, pictures: list[int], pad: str = "left", packed: bool = False) -> Batch:
    """One sample for each number of pictures, in its own row (or all in one): [modality] text, pictures, text."""
    tokens: list[list[dict[str, int]]] = []
    seen = 0
    for k, count in enumerate(pictures):
        made = torch.Generator().manual_seed(count)
        sample: list[dict[str, int]] = []
        if model.needs_modality_token:
            sample.append({"id": 0, "role": Role.MODALITY})
        sample += [{"id": int(i)} for i in torch.randint(10, 90, (2,), generator=made)]
        for _ in range(count):
            cells = [(r, c) for r in range(SIDE) for c in range(SIDE)]
            sample += [{"id": 0, "role": Role.IMAGE, "image": seen, "row": r, "col": c} for r, c in cells]
            seen += 1
        words = torch.randint(10, 90, (4 + count,), generator=made)
        sample += [{"id": int(i), "answer": 1, "label": int(i)} for i in words]
        tokens.append([{**token, "sample": k if packed else 0} for token in sample])
    rows = [[token for sample in tokens for token in sample]] if packed else tokens
    return _collated(rows, pad, seen)


def _collated(rows: list[list[dict[str, int]]], pad: str, pictures: int) -> Batch:
    length = max(map(len, rows))
    defaults = {"id": 0, "role": Role.TEXT, "sample": 0, "turn": 0, "answer": 0, "image": -1, "row": -1, "col": -1}
    nothing = {**defaults, "role": Role.PAD, "sample": -1, "turn": -1}
    full = []
    for row in rows:
        blank = [nothing] * (length - len(row))
        full.append([*blank, *row] if pad == "left" else [*row, *blank])

    def field(name: str, default: int) -> Tensor:
        return torch.tensor([[int(token.get(name, default)) for token in row] for row in full])

    fields = {
        name: field(name, int(default)) for name, default in defaults.items() if name not in ("id", "role", "answer")
    }
    return Batch(
        input_ids=field("id", 0),
        roles=field("role", int(Role.TEXT)),
        answer=field("answer", 0).bool(),
        labels=field("label", IGNORE),
        grids=torch.tensor([[SIDE, SIDE]] * pictures).view(-1, 2),
        pixel_values=pixels(pictures) if pictures else None,
        **fields,
    )


def run(model: Any, batch: Batch) -> Tensor:
    with torch.no_grad():
        return model(**batch.tensors()).logits


def own(logits: Tensor, batch: Batch) -> list[Tensor]:
    """Logits of each row's tokens that are neither padding nor the modality token."""
    keep = (batch.sample >= 0) & (batch.roles != Role.MODALITY)
    return [row[mask] for row, mask in zip(logits, keep)]


def kept_routes(model: Any, batch: Batch) -> Tensor:
    """Router weights ``[layers, B, 2]`` of the decoder's adapter."""
    extras: dict[Any, Tensor] = {}
    with torch.no_grad():
        model(**batch.tensors(), extras=extras)
    return torch.stack([extras[("words", layer)] for layer in model.adapters["words"].layer_indices])


def test_at_the_start_it_is_the_bare_model_fed_the_same_bit_for_bit():
    model = vlm(shaken=False)
    batch = batch_of(model, [1, 0, 2])
    before = run(model, batch)
    for adapter in model.adapters.values():
        adapter.detach()
    assert torch.equal(run(model, batch), before)
    bare = vlm({})
    plain = batch_of(bare, [1, 0, 2])
    for a, b in zip(own(before, batch), own(run(bare, plain), plain), strict=True):
        assert distance(a, b) < 1e-5


def test_the_modality_token_changes_logits_only_through_unequal_paths():
    model = vlm()
    words: Any = model.adapters["words"]
    batch = batch_of(model, [1, 0])

    def moved_by_token() -> float:
        start = own(run(model, batch), batch)
        with torch.no_grad():
            kept = words.modality.weight.clone()
            words.modality.weight.copy_(torch.randn(2, 32) * 3)
            end = own(run(model, batch), batch)
            words.modality.weight.copy_(kept)
        return max(distance(a, b) for a, b in zip(start, end, strict=True))

    assert moved_by_token() > 1e-3
    with torch.no_grad():
        for paths in words.layers.values():
            paths.up[1], paths.bias[1] = paths.up[0], paths.bias[0]
    assert moved_by_token() < 1e-5


def test_pixels_and_words_never_change_the_routes_and_text_uses_its_own_embedding():
    model = vlm()
    batch = batch_of(model, [1, 0, 2])
    routes = kept_routes(model, batch)
    changed = copy.copy(batch)
    changed.pixel_values = batch.pixel_values * -3 + 1  # type: ignore[operator]
    changed.input_ids = batch.input_ids.roll(1, 0)
    assert distance(own(run(model, changed), batch)[0], own(run(model, batch), batch)[0]) > 1e-3
    assert torch.allclose(kept_routes(model, changed), routes, atol=1e-6)
    alone = {kind: model.adapters["words"].modality_routes(kind) for kind in ("image", "text")}
    for layer in (0, 1):
        wanted = torch.stack([alone[kind][layer] for kind in ("image", "text", "image")])
        assert torch.allclose(routes[layer], wanted, atol=1e-6)
    assert (routes[:, 0] - routes[:, 1]).abs().min() > 1e-3


@pytest.mark.parametrize("adapters", [LAVIN, {"l": "lora", "b": {"kind": "bottleneck", "part": "vision"}}], ids=str)
def test_padding_packing_and_company_change_nothing(adapters):
    model = vlm(adapters)
    alone = [own(run(model, _only(model, count)), _only(model, count))[0] for count in (1, 0)]
    for pad in ("left", "right"):
        batch = batch_of(model, [1, 0], pad)
        row = own(run(model, batch), batch)
        packed = batch_of(model, [1, 0], pad, packed=True)
        (line,) = own(run(model, packed), packed)
        assert distance(row[0], alone[0]) < 1e-5
        assert distance(line, torch.cat(row)) < 1e-5


def _only(model: Any, pictures: int) -> Batch:
    return batch_of(model, [pictures])


@pytest.mark.parametrize("adapters", [LAVIN, {"l": "lora", "b": {"kind": "bottleneck", "part": "vision"}}], ids=str)
@pytest.mark.parametrize("pictures", [[1, 0], [2, 1, 0]])
def test_step_by_step_is_all_at_once_and_the_router_is_not_run_again(adapters, pictures):
    model = vlm(adapters)
    whole = batch_of(model, pictures)
    prompt = _cut(whole, 3)
    logits, state = model.prefill(prompt)
    kept = {key: value.clone() for key, value in state.extras.items()}
    steps = [logits]
    for token in whole.input_ids[:, -3:].T:
        logits, state = model.step(state, token)
        steps.append(logits)
    wanted = run(model, whole)[:, -4:]
    assert distance(torch.stack(steps, 1), wanted) < 1e-5
    assert bool(kept) == model.needs_modality_token
    assert all(torch.equal(state.extras[key], value) for key, value in kept.items())


def _cut(batch: Batch, last: int) -> Batch:
    """The batch without its last tokens."""
    tokens = {k: v[:, :-last] for k, v in batch.tensors().items() if k not in ("grids", "pixel_values", "labels")}
    return Batch(**tokens, grids=batch.grids, pixel_values=batch.pixel_values)


def test_rows_reordered_while_decoding_keep_their_own_routes():
    model = vlm()
    prompt = _cut(batch_of(model, [1, 0]), 1)
    swapped = prompt.input_ids.new_tensor([1, 0])
    _, state = model.prefill(prompt)
    straight, _ = model.step(state, torch.tensor([11, 12]))
    _, state = model.prefill(prompt)
    state.reorder(swapped)
    turned, _ = model.step(state, torch.tensor([12, 11]))
    assert distance(turned[swapped], straight) < 1e-5


def test_generate_of_transformers_gives_what_our_steps_give():
    model = vlm()
    prompt = _cut(batch_of(model, [1, 0]), 1)
    logits, state = model.prefill(prompt)
    ours = []
    for _ in range(4):
        ours.append(logits.argmax(-1))
        logits, state = model.step(state, ours[-1])
    inputs = {k: v for k, v in prompt.tensors().items() if k != "labels"}
    theirs = model.generate(**inputs, max_new_tokens=4, min_new_tokens=4, do_sample=False)
    assert torch.equal(theirs[:, -4:], torch.stack(ours, 1))


def test_beams_of_transformers_keep_their_own_routes():
    model = vlm()
    prompt = _cut(batch_of(model, [1, 0]), 1)
    options: dict[str, Any] = {"num_beams": 3, "max_new_tokens": 4, "min_new_tokens": 4, "do_sample": False}
    together = model.generate(**prompt.tensors(), **options)[:, -4:]
    for row, pictures in enumerate([1, 0]):
        alone = _cut(batch_of(model, [pictures]), 1)
        assert torch.equal(model.generate(**alone.tensors(), **options)[0, -4:], together[row])


def test_one_model_has_one_router_on_modalities():
    model = vlm()
    before = run(model, batch_of(model, [1, 0]))
    with pytest.raises(ModelError, match="one router"):
        model.add_adapter("again", "mixture_of_modality")
    assert torch.equal(run(model, batch_of(model, [1, 0])), before)


@pytest.mark.parametrize(("feature", "layer", "wanted"), [("patch", -2, [0]), ("patch", -1, [0, 1]), ("patch", 1, [0])])
def test_no_adapter_sits_on_a_vision_layer_that_nobody_reads(feature, layer, wanted):
    model = VisionLanguageModel.from_parts(
        tiny("clip"), tiny("llama"), adapters=LAVIN, vision_feature=feature, vision_layer=layer
    )
    pictures: Any = model.adapters["pictures"]
    assert pictures.layer_indices == wanted
    model.requires_grad_(False)
    shake(pictures)
    pictures.requires_grad_(True)
    model(**batch_of(model, [1]).tensors()).loss.backward()
    assert all(p.grad is not None and p.grad.any() for p in pictures.parameters())


def test_biases_that_an_architecture_cannot_hold_are_never_lost_silently(tmp_path):
    torch.manual_seed(0)
    model = VisionLanguageModel.from_parts(tiny("clip"), tiny("mistral"), adapters={"l": "mixture_of_modality"})
    shake(model.adapters["l"])  # type: ignore[arg-type]
    model.merge_adapters("image")
    model.save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"does not have, the first is '.*bias'"):
        VisionLanguageModel.from_pretrained(tmp_path)


def test_merged_for_a_modality_it_serves_it_without_token_and_adapters():
    for modality, count in (("image", 1), ("text", 0)):
        model = vlm()
        before = own(run(model, _only(model, count)), _only(model, count))[0]
        model.merge_adapters(modality)
        assert not model.needs_modality_token and len(model.adapters) == 0
        batch = _only(model, count)
        assert int(batch.roles[0, 0]) == Role.TEXT
        assert distance(own(run(model, batch), batch)[0], before) < 1e-5


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize(
    "adapters", [LAVIN, {"l": "lora", "b": {"kind": "bottleneck", "activation": "none"}}], ids=["lavin", "others"]
)
def test_saved_and_loaded_it_answers_the_same(adapters, merged, tmp_path):
    model = vlm(adapters)
    if merged:
        model.merge_adapters("image")
    model.save_pretrained(tmp_path)
    again = VisionLanguageModel.from_pretrained(tmp_path).eval()
    batch = batch_of(model, [1, 2])
    assert distance(run(again, batch), run(model, batch)) < 1e-5
    assert set(again.state_dict()) == set(model.state_dict())
    assert any(name.startswith("adapters.") for name in model.state_dict()) != merged


def test_gradients_pass_the_frozen_decoder_to_the_vision_adapters_and_only_adapters_move():
    model = vlm()
    model.requires_grad_(False)
    model.adapters.requires_grad_(True)
    model.connector.requires_grad_(True)
    start = copy.deepcopy(model.state_dict())
    optimiser = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.5)
    batch = batch_of(model, [1, 0, 2])
    first: float | None = None
    for _ in range(3):
        optimiser.zero_grad()
        loss = model(**batch.tensors()).loss
        first = float(loss.detach()) if first is None else first
        loss.backward()
        optimiser.step()
    moved = {name for name, value in model.state_dict().items() if not torch.equal(value, start[name])}
    assert moved == {n for n in start if n.startswith(("adapters.", "connector."))}
    assert float(model(**batch.tensors()).loss.detach()) < (first or 0)
