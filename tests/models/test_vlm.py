"""``VisionLanguageModel``: a sample's logits do not depend on padding, packing or its neighbours, on any architecture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from models.batches import batch_of, own, talk
from models.small import GRID, NETWORKS, SAMPLES, SCHEMES, alone, furthest, logits_alone, schemed, small
from models.tiny import tiny
from vistune.core.errors import ModelError
from vistune.data.batch import IGNORE, Role
from vistune.models.sequence import ATTENTION, POSITIONS
from vistune.models.vlm import VisionLanguageModel

LAYOUTS = {
    "right": ([[s] for s in SAMPLES], "right"),
    "left": ([[s] for s in SAMPLES], "left"),
    "packed": ([SAMPLES[:2], SAMPLES[2:]], "right"),
    "packed, left": ([SAMPLES[:1], SAMPLES[1:]], "left"),
}


def check_layouts(model: Any, samples: list[Any] = SAMPLES) -> None:
    wanted = logits_alone(model, samples)
    assert min(float(x.std()) for x in wanted) > 0.1
    for name, (rows, side) in LAYOUTS.items():
        batch = batch_of([[samples[SAMPLES.index(s)] for s in row] for row in rows], side)
        with torch.no_grad():
            got = own(model(**batch.tensors()).logits, batch)
        assert furthest(got, wanted) < 1e-4, name


@pytest.mark.parametrize(("decoder", "attention"), NETWORKS)
def test_padding_packing_and_neighbours_change_nothing(decoder: str, attention: str):
    check_layouts(small(decoder, attention))


@pytest.mark.parametrize(("positions", "attention"), SCHEMES)
def test_nor_do_they_under_any_scheme(positions: str, attention: str):
    check_layouts(schemed(positions, attention))


@pytest.mark.parametrize(("decoder", "attention"), [("gemma3", "sdpa"), ("mistral", "eager"), ("phi", "sdpa")])
def test_schemes_hold_with_windows_and_other_decoders(decoder: str, attention: str):
    check_layouts(schemed("concentric", "concentric", decoder=decoder, attention_function=attention))


def test_the_modality_token_is_kept_apart_in_packed_rows():
    model = small(adapters={"lavin": {"kind": "mixture_of_modality", "temperature": 0.5}})
    with torch.no_grad():
        for parameter in model.adapters.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    check_layouts(model, [["m", *sample] for sample in SAMPLES])


@pytest.mark.parametrize("decoder", ["gemma3", "mistral", "gemma2"])
def test_a_window_is_that_of_transformers(decoder: str):
    """Text alone, through our masks (packed row) and through transformers' own."""
    model = small(decoder, "eager")
    batch = batch_of([[talk("t" * 12), talk("t" * 10)]])
    with torch.no_grad():
        got = own(model(**batch.tensors()).logits, batch)
        wanted = [model.decoder(input_ids=batch.input_ids[batch.sample == k][None]).logits[0] for k in range(2)]
        model.decoder.config.sliding_window = 100
        wide = model.decoder(input_ids=batch.input_ids[batch.sample == 0][None]).logits[0]
    assert furthest(got, wanted) < 1e-5
    assert float((wide - wanted[0]).abs().max()) > 1e-2, "the window must matter"


@pytest.mark.parametrize("encoder", ["clip", "siglip", "dinov2", "dinov2-giant"])
@pytest.mark.parametrize("feature", ["patch", "full"])
def test_encoders(encoder: str, feature: str):
    connector = "pixel_shuffle_mlp" if feature == "patch" or encoder == "siglip" else "linear"
    model = small(encoder=encoder, vision_feature=feature, connector=connector)
    batch = batch_of([[talk("t", model.grid, "tt")], [talk("tt", model.grid, model.grid, "t")]])
    with torch.no_grad():
        features = model.encode_images(batch.pixel_values)
        hidden = model.vision(pixel_values=batch.pixel_values, output_hidden_states=True).hidden_states[-2]
        skipped = hidden.shape[1] - 16 if feature == "patch" else 0
        assert torch.equal(features, hidden[:, skipped:])
        from_pixels = model(**batch.tensors()).logits
        cached = replace(batch, pixel_values=None, features=features)
        assert torch.equal(model(**cached.tensors()).logits, from_pixels)


def test_class_tokens_layer_by_layer():
    model = small(
        vision_feature="cls_per_layer", cls_every=1, connector={"kind": "mlp", "hidden": 5, "activation": "silu"}
    )
    assert model.grid == (1, 2)
    pictures = torch.randn(2, 3, 16, 16)
    hidden = model.vision(pixel_values=pictures, output_hidden_states=True).hidden_states
    assert torch.equal(model.encode_images(pictures), torch.stack([hidden[1][:, 0], hidden[2][:, 0]], 1))
    with pytest.raises(ModelError, match="'siglip_vision_model' has none"):
        small(encoder="siglip", vision_feature="cls_per_layer")


def test_visual_tokens_go_where_picture_row_and_column_say():
    model = small(attention="bidirectional_visual")
    batch = batch_of([[talk("t", GRID, "t", GRID, "tt")]])
    order = torch.tensor([0, 6, 7, 8, 9, 5, 1, 2, 3, 4, 10, 11])  # the second picture first
    swapped = replace(batch, **{n: v[:, order] for n, v in batch.tensors().items() if v.shape[:2] == batch.roles.shape})
    turned = replace(batch, pixel_values=batch.pixel_values.flip(0), image=batch.image)
    with torch.no_grad():
        first = model.sequence(swapped).embeddings
        assert torch.equal(first, model.sequence(batch).embeddings[:, order])
        visual = batch.roles[0] == Role.IMAGE
        other = model.sequence(turned).embeddings
        whole = model.sequence(batch).embeddings
        shown = model.visual_tokens(batch.pixel_values)
        for place in visual.nonzero().flatten().tolist():
            picture, row, col = (int(t[0, place]) for t in (batch.image, batch.row, batch.col))
            assert torch.equal(whole[0, place], shown[picture, 2 * row + col])
    assert torch.allclose(other[0, visual][:4], whole[0, visual][4:], atol=1e-6)
    assert not torch.allclose(other[0, visual][:4], whole[0, visual][:4], atol=1e-2)


def test_within_a_ring_the_decoder_knows_no_order():
    """CCA: permuting visual vectors within a ring leaves all text states as they are; across rings it does not."""
    model = schemed("concentric", "concentric", connector="linear", decoder="llama")
    batch = batch_of([[talk("tt", (4, 4), "ttt")]])
    text = batch.roles[0] == Role.TEXT
    ring = torch.tensor([0 if r in (0, 3) or c in (0, 3) else 1 for r in range(4) for c in range(4)])
    within, across = torch.arange(16), torch.arange(16)
    outer, inner = (ring == 0).nonzero().flatten(), (ring == 1).nonzero().flatten()
    within[outer], within[inner] = outer.roll(1), inner.flip(0)
    across[outer[0]], across[inner[0]] = inner[0], outer[0]
    with torch.no_grad():
        features = model.encode_images(batch.pixel_values)
        results = [
            model(**replace(batch, pixel_values=None, features=features[:, order]).tensors()).logits[0, text]
            for order in (torch.arange(16), within, across)
        ]
    assert torch.allclose(results[0], results[1], atol=1e-4)
    assert float((results[0] - results[2]).abs().max()) > 1e-2


def states(model: Any, batch: Any, layers: int) -> torch.Tensor:
    """Hidden states ``[L, D]`` after ``layers`` layers, before the final norm."""
    found: list[torch.Tensor] = []
    layer = model.decoder.model.layers[layers - 1]
    handle = layer.register_forward_hook(lambda _, __, out: found.append(out[0] if isinstance(out, tuple) else out))
    with torch.no_grad():
        model(**batch.tensors())
    handle.remove()
    return found[0].reshape(batch.roles.shape[1], -1)


def test_modality_mutual_after_one_layer_and_after_two():
    """AKI: one layer opens question -> picture only; from the second on the prompt is seen both ways, answers never."""
    model = schemed("sequential", "modality_mutual")
    batch = batch_of([[talk("t", GRID, "ttt", "aa")]])  # 0 text, 1-4 picture, 5-7 question, 8-9 answer

    def changed(token: int, layers: int) -> list[int]:
        ids = batch.input_ids.clone()
        ids[0, token] = (ids[0, token] + 7) % 90
        difference = states(model, replace(batch, input_ids=ids), layers) - states(model, batch, layers)
        return (difference.abs().amax(-1) > 1e-6).nonzero().flatten().tolist()

    assert changed(7, 1) == [1, 2, 3, 4, 7, 8, 9], "question token 7 reaches the picture, not question tokens 5 and 6"
    assert changed(7, 2) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert changed(9, 2) == [9]
    assert changed(8, 2) == [8, 9]
    causal = schemed("sequential", "causal")
    with torch.no_grad():
        causal.load_state_dict(model.state_dict())
    model = causal
    assert changed(7, 2) == [7, 8, 9]


def test_shifting_all_positions_changes_no_logits():
    model = schemed("variable_increment", "causal")
    batch = batch_of([[talk("tt", GRID, "ttt")]])
    with torch.no_grad():
        seq = model.sequence(batch)
        where = model.positions.positions(seq)
        from vistune.models.adapters.context import AdapterContext

        runs = [
            model.run_decoder(
                seq.embeddings, positions=where + shift, mask=None, context=AdapterContext(seq.roles)
            ).logits
            for shift in (0.0, 17.25)
        ]
        ordinary = schemed("sequential", "causal")
        ordinary.load_state_dict(model.state_dict())
        other = ordinary(**batch.tensors()).logits
    assert torch.allclose(runs[0], runs[1], atol=1e-4)
    assert float((other - runs[0]).abs().max()) > 1e-2, "a quarter step must matter"


def test_delta_one_gives_the_logits_of_sequential():
    model, ordinary = small(positions={"kind": "variable_increment", "delta": 1.0}), small()
    batch = batch_of([[s] for s in SAMPLES])
    with torch.no_grad():
        got, wanted = model(**batch.tensors()).logits, ordinary(**batch.tensors()).logits
    assert torch.equal(got[batch.sample >= 0], wanted[batch.sample >= 0])


@pytest.mark.parametrize(("slot", "registry"), [("positions", POSITIONS), ("attention", ATTENTION)])
def test_every_scheme_vanishes_at_its_neutral_setting_or_says_why_it_cannot(slot: str, registry: Any):
    batch = batch_of([[s] for s in SAMPLES])
    real = batch.sample >= 0
    with torch.no_grad():
        plain = small()(**batch.tensors()).logits[real]
        for kind, scheme in registry.items():
            if scheme.neutral() is None:
                assert scheme.exempt["neutral"], kind
                assert not torch.equal(small(**{slot: kind})(**batch.tensors()).logits[real], plain), kind
            else:
                assert torch.equal(
                    small(**{slot: {"kind": kind, **scheme.neutral()}})(**batch.tensors()).logits[real], plain
                )


def test_the_loss_is_the_mean_over_supervised_tokens_of_each_sample_by_itself():
    model = small()
    batch = batch_of([SAMPLES[:2], SAMPLES[2:]])
    singles = [alone(batch_of([[s] for s in SAMPLES]), k) for k in range(3)]
    with torch.no_grad():
        packed = model(**batch.tensors()).loss
        summed, count = torch.zeros(()), 0
        for one in singles:
            logits = model(**one.tensors()).logits.log_softmax(-1)
            for place in range(1, logits.shape[1]):
                label = int(one.labels[0, place])
                if label != IGNORE:
                    summed, count = summed - logits[0, place - 1, label], count + 1
        by_items = model(**batch.tensors(), num_items_in_batch=torch.tensor(20)).loss
    assert torch.allclose(packed, summed / count, atol=1e-5)
    assert torch.allclose(by_items, summed / 20, atol=1e-5)


def test_the_loss_of_half_precision_logits_is_computed_in_float32():
    from vistune.models.heads import token_loss

    logits = torch.randn(1, 6, 50, dtype=torch.bfloat16)
    labels = torch.randint(0, 50, (1, 6))
    loss = token_loss(logits, labels, torch.zeros(1, 6, dtype=torch.long))
    assert loss.dtype == torch.float32
    assert torch.allclose(loss, torch.nn.functional.cross_entropy(logits[0, :-1].float(), labels[0, 1:]))


@pytest.mark.parametrize("decoder", ["llama", "gemma2", "phi"])
def test_logits_of_chosen_tokens_are_those_of_the_whole(decoder: str):
    model = small(decoder, "eager")
    batch = batch_of([[s] for s in SAMPLES])
    chosen = batch.labels != IGNORE
    tensors = {n: v for n, v in batch.tensors().items() if n != "labels"}
    with torch.no_grad():
        whole = model(**tensors).logits
        some = model(**tensors, logits_to_keep=chosen).logits
        assert torch.allclose(some, whole[chosen], atol=1e-6)
        assert torch.equal(model(**tensors, logits_to_keep=2).logits, whole[:, -2:])
        assert torch.equal(model(**tensors).logits, whole), "the hook is gone"
    with pytest.raises(ModelError, match="logits_to_keep"):
        model(**batch.tensors(), logits_to_keep=2)


TEXT_ONLY = [[talk("tttaa")], [talk("tta")]]


@pytest.mark.parametrize("trains", ["vision", "connector", "adapter"])
def test_a_batch_without_pictures_touches_the_tower_with_weight_zero(trains: str):
    """Otherwise processes whose batches hold pictures wait for this one for ever."""
    model = small(adapters={"low": {"kind": "lora", "part": "vision", "rank": 2}})
    model.requires_grad_(False)
    part = model.adapters if trains == "adapter" else getattr(model, trains)
    part.requires_grad_(True)
    model.decoder.requires_grad_(True)
    batch = batch_of(TEXT_ONLY)
    with torch.no_grad():
        wanted = model(**batch.tensors()).loss
    loss = model.train()(**batch.tensors()).loss
    assert torch.allclose(loss, wanted)
    loss.backward()
    used = {"vision": "encoder.layers.0", "connector": "layers.0", "adapter": "weights"}[trains]
    for name, parameter in part.named_parameters():
        if used in name:
            assert parameter.grad is not None, name
            assert not bool(parameter.grad.any()), name
    assert any(bool(p.grad.any()) for p in model.decoder.parameters() if p.grad is not None)


def test_a_frozen_encoder_is_not_run_for_a_batch_without_pictures():
    model = small()
    model.vision.requires_grad_(False)
    calls: list[int] = []
    model.vision.register_forward_hook(lambda *_: calls.append(1))
    model.train()(**batch_of(TEXT_ONLY).tensors()).loss.backward()
    assert not calls
    assert all(p.grad is not None for p in model.connector.parameters())
    model.eval()(**batch_of(TEXT_ONLY).tensors())
    assert not calls


@pytest.fixture
def process_group(tmp_path: Path) -> Iterator[None]:
    """A group of this one process: enough for DDP to insist that every parameter takes part."""
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/meet", rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


@pytest.mark.parametrize("checkpointing", [False, True])
def test_every_trained_parameter_takes_part_in_each_step_of_ddp(checkpointing: bool, process_group: None):
    """Also the encoder's last layer, which LLaVA does not read, and whatever the batch holds."""
    model = small(vision_layer=-2).train()
    if checkpointing:
        model.gradient_checkpointing_enable()
    trained = torch.nn.parallel.DistributedDataParallel(model, find_unused_parameters=False)
    for rows in (TEXT_ONLY, [[SAMPLES[0]]], TEXT_ONLY, [[SAMPLES[2]], [SAMPLES[1]]]):
        model.zero_grad()
        trained(**batch_of(rows).tensors()).loss.backward()
        assert all(p.grad is not None for p in model.parameters())
    last = model.vision.encoder.layers[-1].mlp.fc1.weight.grad
    assert last is not None
    assert not bool(last.any())


def test_layers_that_are_not_read_get_no_gradient_in_a_process_of_its_own():
    model = small(vision_layer=-2).train()
    model(**batch_of([[SAMPLES[0]]]).tensors()).loss.backward()
    assert model.vision.encoder.layers[-1].mlp.fc1.weight.grad is None, "weight decay would shrink it"


def test_pictures_and_text_get_the_gradients_of_the_loss_without_cache_or_checkpointing_tricks():
    plain, checkpointed = small(), small()
    checkpointed.gradient_checkpointing_enable()
    batch = batch_of([[s] for s in SAMPLES])
    for model in (plain, checkpointed):
        model.train()(**batch.tensors()).loss.backward()
    names = [n for n, p in plain.named_parameters() if p.grad is not None and bool(p.grad.any())]
    for part in (
        "vision.encoder.layers.0",
        "connector.layers.0",
        "decoder.model.layers.0",
        "decoder.model.embed_tokens",
    ):
        assert any(name.startswith(part) for name in names), part
    theirs = dict(checkpointed.named_parameters())
    for name, parameter in plain.named_parameters():
        if parameter.grad is not None:
            assert torch.allclose(parameter.grad, theirs[name].grad, atol=1e-5), name


def test_random_deltas_are_drawn_in_training_only():
    model = small(positions={"kind": "variable_increment", "deltas": [0.25, 0.5]})
    batch = batch_of([[SAMPLES[2]]])
    with torch.no_grad():
        steady = [model(**batch.tensors()).logits for _ in range(2)]
        model.train()
        drawn = {float(model(**batch.tensors()).logits.sum()) for _ in range(12)}
    assert torch.equal(*steady)
    assert 2 <= len(drawn) <= 4


def test_parts_and_parameter_table():
    model = small(adapters={"low": {"kind": "lora", "rank": 2}})
    model.decoder.requires_grad_(False)
    table = {name: (total, trains) for name, total, trains in model.parameter_table()}
    assert list(table) == list(model.parts()) == ["vision", "connector", "decoder", "adapters"]
    assert sum(total for total, _ in table.values()) == sum(p.numel() for p in model.parameters())
    assert table["decoder"][1] == 0
    assert table["adapters"][0] == table["adapters"][1] > 0


def test_parts_keep_their_weights():
    encoder, language = tiny("clip"), tiny("llama")
    before = {**encoder.state_dict(), **language.state_dict()}
    before = {name: value.clone() for name, value in before.items()}
    model = VisionLanguageModel.from_parts(encoder, language)
    after = {**model.vision.state_dict(), **model.decoder.state_dict()}
    assert all(torch.equal(value, before[name]) for name, value in after.items())


def test_a_batch_that_does_not_fit_the_model_is_an_error():
    model = small()
    with pytest.raises(ModelError, match="2 x 2 tokens of a picture; the batch was made for 3 x 3"):
        model(**batch_of([[talk("t", (3, 3), "t")]]).tensors())
    batch = batch_of([[talk("t", GRID, GRID, "t")]])
    with pytest.raises(ModelError, match="2 pictures, but 1"):
        model(**replace(batch, pixel_values=batch.pixel_values[:1]).tensors())
    with pytest.raises(ModelError, match="neither pixel_values nor features"):
        model(**replace(batch, pixel_values=None).tensors())
    with pytest.raises(ModelError, match="16 x 16 pixels, not 8 x 8"):
        model.encode_images(torch.zeros(1, 3, 8, 8))
