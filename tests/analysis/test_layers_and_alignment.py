"""Importance of layers and alignment of spaces, on the shipped model and on tiny LLaVA, Qwen2-VL and Qwen2.5-VL networks."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.foreigners import ask, make_foreigner
from vistune.analysis.alignment import SPACES, alignments, paired_features, picture_features
from vistune.analysis.layers import LayerImportance, answer_distributions, layer_importance
from vistune.analysis.tokens import token_masks
from vistune.core.errors import ConfigError, DataError, ModelError
from vistune.data.example import Example, ImageSource
from vistune.evaluation.benchmarks.world import WorldQA
from vistune.models.anatomy import anatomy_of
from vistune.models.foreign import ForeignModel
from vistune.models.interventions import AddNoise, ScaleHeads, intervene, skip_layers
from vistune.models.loading import load_model

KINDS = ("nano-vlm", "llava", "qwen2_vl", "qwen2_5_vl")


@pytest.fixture(scope="module", params=KINDS)
def model(request):
    return load_model("nano-vlm") if request.param == "nano-vlm" else ForeignModel(*make_foreigner(request.param))


def questions(model, n: int = 2) -> list[Example]:
    if not isinstance(model, ForeignModel):
        return WorldQA(n=n).examples()
    made = [ask(f"q{k}", 1, f"w{k} w5 w6", seed=k, size=(24, 16)) for k in range(n)]
    for example in made:
        example.answers = ["w7 w8"]
    return made


def decoder(model):
    return anatomy_of(getattr(model.module, "decoder", None) or model.module, "decoder")


def test_which_tokens_are_a_pictures(model) -> None:
    inputs = model.prepare(questions(model))
    masks = token_masks(model, inputs)
    assert torch.equal(masks["image"] | masks["text"], masks["all"]) and not (masks["image"] & masks["text"]).any()
    assert masks["image"].any(1).all() and masks["text"].any(1).all()


def test_no_noise_is_no_importance_and_noise_is_some(model) -> None:
    asked = questions(model, 1)
    none = layer_importance(model, asked, sigma=0.0, draws=2)
    assert all(values.shape == (1, decoder(model).depth) for values in none.values.values())
    assert all((values == 0).all() for values in none.values.values())
    some = layer_importance(model, asked, sigma=0.5, draws=2)
    assert all((some.values[sort][:, 0] > 0).all() for sort in ("image", "text", "all"))
    again = layer_importance(model, asked, sigma=0.5, draws=2)
    assert all(np.array_equal(some.values[sort], again.values[sort]) for sort in some.values)


def test_noise_at_a_picture_that_nobody_reads_any_more_changes_nothing(model) -> None:
    """With attention knocked out from a layer on, visual tokens at its input reach no other token; text still does."""
    example = questions(model, 1)[0]
    anatomy, module = decoder(model), model.module
    last = anatomy.depth - 1
    masks = token_masks(model, model.prepare([example]))
    knocked = ScaleHeads({last: range(anatomy.heads)}, factor=0.0)
    clean = answer_distributions(model, example, 1, 1, [knocked])
    for sort, same in (("image", True), ("text", False)):
        noise = AddNoise(0.5, layers=[last], mask=masks[sort])
        noisy = answer_distributions(model, example, 1, 1, [knocked, noise])
        assert torch.equal(clean, noisy) == same
    # And behind the last layer only the token that answers counts.
    after = AddNoise(0.5, layers=[last], mask=masks["image"], site="after_layer")
    assert torch.equal(answer_distributions(model, example, 1, 1), answer_distributions(model, example, 1, 1, [after]))
    assert module is model.module


@pytest.mark.parametrize("part", ["decoder", "vision"])
def test_leaving_out_a_layer_that_adds_nothing_changes_nothing(model, part: str) -> None:
    """Its output projections zeroed, a layer passes states as they are; leaving it out is then the same, bit for bit."""
    example = questions(model, 1)[0]
    anatomy = anatomy_of(getattr(model.module, part, None) or model.module, part)
    plain = answer_distributions(model, example, 1, 1)
    with intervene(model.module, *skip_layers([0], part)):
        skipped = answer_distributions(model, example, 1, 1)
    assert not torch.equal(plain, skipped), "a layer that does something is missed"
    kept = {name: value.clone() for name, value in anatomy.layers[0].state_dict().items()}
    with torch.no_grad():
        for name in ("o", "down"):
            for parameter in anatomy.linear(0, name).parameters():
                parameter.zero_()
    try:
        zeroed = answer_distributions(model, example, 1, 1)
        with intervene(model.module, *skip_layers([0], part)):
            assert torch.equal(answer_distributions(model, example, 1, 1), zeroed)
        assert torch.equal(zeroed, skipped)
    finally:
        anatomy.layers[0].load_state_dict(kept)
    assert torch.equal(answer_distributions(model, example, 1, 1), plain)


def test_skipping_all_layers_leaves_the_embeddings(model) -> None:
    example = questions(model, 1)[0]
    seen: dict[str, torch.Tensor] = {}
    anatomy = decoder(model)
    handles = [
        anatomy.hook(0, "before_layer", lambda x: seen.setdefault("in", x)),
        anatomy.hook(anatomy.depth - 1, "after_layer", lambda x: seen.setdefault("out", x)),
    ]
    with intervene(model.module, *skip_layers(list(range(anatomy.depth)))):
        model.prefill(model.prepare([example]))
    for handle in handles:
        handle.remove()
    assert torch.equal(seen["in"], seen["out"])


def test_rows_of_one_question_are_alike_without_noise(model) -> None:
    example = questions(model, 1)[0]
    rows = answer_distributions(model, example, 3, 2)
    torch.testing.assert_close(rows[0], rows[2], atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(rows.exp().sum(-1), torch.ones_like(rows[..., 0]))


def test_spaces_of_a_model(model) -> None:
    shown = [example.images[0] for example in questions(model, 5)]
    captions = ["w1 w2", "w3 w4 w5", "w6", "w7 w8", "w9 w2"] if isinstance(model, ForeignModel) else ["a cup.", "a red dog.",
                "two cats.", "a big bus.", "an open box."]  # fmt: skip
    features = paired_features(model, shown, captions)
    assert tuple(features) == SPACES and all(table.shape[0] == 5 for table in features.values())
    assert features["connector"].shape[1] == features["decoder"].shape[1] == features["captions"].shape[1]
    found = alignments(features, k=2)
    assert len(found) == 6 and all(0 <= a.low <= a.value <= a.high <= 1 and a.chance == 0.5 for a in found)
    twice = alignments({"one": features["encoder"], "other": features["encoder"]}, k=2)[0]
    assert twice.value == 1.0
    # Leaving out all layers of the decoder, pictures leave it as they came.
    with intervene(model.module, *skip_layers(list(range(decoder(model).depth)))):
        bare = picture_features(model, shown[0])
    assert torch.equal(bare["connector"], bare["decoder"])


def test_the_encoders_layer_is_the_one_that_is_used() -> None:
    """LLaVA hands on the last layer but one: what the last one does is no part of the features."""
    model = ForeignModel(*make_foreigner("llava"))
    picture = ask("p", 1, "w1").images[0]
    before = picture_features(model, picture)["encoder"]
    with intervene(model.module, *skip_layers([1], "vision")):
        assert torch.equal(picture_features(model, picture)["encoder"], before)
    with intervene(model.module, *skip_layers([0], "vision")):
        assert not torch.equal(picture_features(model, picture)["encoder"], before)


def test_shares_and_ratios_by_hand() -> None:
    found = LayerImportance({"image": np.array([[1.0, 3.0], [1.0, 1.0]]), "text": np.array([[2.0, 0.0], [2.0, 0.0]])})
    assert found.mean("image").tolist() == [1.0, 2.0]
    assert found.normalised("image").tolist() == pytest.approx([1 / 3, 2 / 3])
    assert found.modality_ratio[0] == 0.5 and np.isnan(found.modality_ratio[1])
    assert LayerImportance({"all": np.zeros((1, 2))}).normalised("all").tolist() == [0.0, 0.0]


def test_what_does_not_fit() -> None:
    model = ForeignModel(*make_foreigner("llava"))
    asked = questions(model, 1)
    with pytest.raises(ConfigError, match="sigma"):
        layer_importance(model, asked, sigma=-1.0)
    with pytest.raises(ConfigError, match="no tokens 'imge'"):
        layer_importance(model, asked, where=["imge"])  # type: ignore[list-item]
    with pytest.raises(DataError, match="no answer"):
        layer_importance(model, [ask("x", 1, "w1")])
    with pytest.raises(DataError, match="must be pairs"):
        paired_features(model, [ImageSource(array=np.zeros((4, 4, 3), np.uint8))], [])
    noise = AddNoise(0.1, mask=torch.ones(1, 3, dtype=torch.bool))
    with pytest.raises(ModelError, match="The noise is for tokens"), intervene(model.module, noise):
        model.prefill(model.prepare(asked))
    with pytest.raises(ConfigError, match="0 or more"):
        AddNoise(-0.1)
