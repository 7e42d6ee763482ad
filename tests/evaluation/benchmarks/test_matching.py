"""ARO, SugarCrepe, Winoground, VL-CheckList, retrieval: scored from weighings, by every way, and by dual encoders."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example, ImageSource
from vistune.evaluation.benchmarks import BENCHMARKS
from vistune.evaluation.benchmarks.matching import Matching, Pair
from vistune.evaluation.embeddings import HuggingFaceDual, evaluate_embeddings
from vistune.evaluation.metrics.matching import aro_order, aro_pairs, itm_scores, positive_wins, retrieval, winoground
from vistune.evaluation.records import Evidence, make_item
from vistune.evaluation.results import Result, summarise

KINDS = ("sugar_crepe", "aro", "winoground", "vl_checklist", "retrieval")
#: A picture's content and a caption -> its log-likelihood, spread over two tokens.
Likes = Callable[[Example, Example], float]


def build(kind: str, **parameters) -> Matching:
    made = BENCHMARKS.build({"kind": kind, "n": 14, **parameters})
    assert isinstance(made, Matching)
    return made


def weighed(benchmark: Matching, likes: Likes, examples: list[Example] | None = None) -> Result:
    """The result where each conversation has the log-likelihood that ``likes`` gives it."""
    items = []
    for example in benchmark.examples() if examples is None else examples:
        rows = [[likes(example, c) / 2] * 2 for c in benchmark.candidates(example)]
        items.append(make_item(benchmark, example, Evidence([""], 0.0, rows)))
    return summarise(benchmark, items)


def right_captions(example: Example) -> set[tuple[str, int]]:
    """(caption, digest of its picture) that belong together."""
    pairs = example.meta["pairs"]
    if "right" in example.meta:
        chosen = [pairs[k] for k in example.meta["right"]]
    elif len(example.images) == 2:
        chosen = [pairs[0], pairs[3]]
    else:
        chosen = [pairs[0]]
    return {(pair.caption, id(example.images[pair.pictures[0]])) for pair in chosen}


def knows(example: Example, conversation: Example) -> float:
    """-1 for what belongs together, -3 for all else."""
    said = conversation.messages[-1].text
    return -1.0 if (said, id(conversation.images[0])) in right_captions(example) else -3.0


@pytest.mark.parametrize("kind", KINDS)
def test_who_knows_gets_all_and_who_likes_all_alike_gets_what_ties_give(kind) -> None:
    benchmark = build(kind, by="likelihood")
    best, alike = weighed(benchmark, knows), weighed(benchmark, lambda *_: -2.0)
    full = 600.0 if kind == "retrieval" else 1.0
    assert best.score == full
    assert alike.score == 0.0, "ties are lost"


@pytest.mark.parametrize("part", ["coco_order", "flickr_order"])
def test_official_order_gives_a_constant_scorer_everything(part) -> None:
    assert weighed(build("aro", part=part), lambda *_: -2.0).score == 1.0
    strict = build("aro", part=part, mode="strict")
    assert weighed(strict, lambda *_: -2.0).score == 0.0 and weighed(strict, knows).score == 1.0
    assert strict.chance == 1 / 5


def test_strict_order_has_no_rival_that_is_the_caption() -> None:
    benchmark = build("aro", part="flickr_order", mode="strict")
    item = benchmark._order_item("x", [], ["a dog", "dog a", "a dog"], "g")  # type: ignore[attr-defined]
    assert [pair.caption for pair in item.meta["pairs"]] == ["a dog", "dog a"]


def test_ways_of_scoring_by_hand() -> None:
    image = ImageSource(array=np.zeros((4, 6, 3), np.uint8))
    pairs = [Pair("a dog"), Pair("a red cat")]

    def values(rows, **switches):
        benchmark = build("sugar_crepe", **switches)
        item = benchmark.item("x", [image], pairs, type="t", group="g")
        assert len(benchmark.candidates(item)) == len(rows)
        return benchmark.values(item, rows)

    told = [[-1.0, -1.0], [-1.0, -1.0, -1.0]]
    assert values(told) == {"likelihood": [-2.0, -3.0]}
    assert values(told, length="mean") == {"likelihood": [-1.0, -1.0]}
    assert values(told, by="text") == {"text": [-2.0, -3.0]}
    blind = [[-1.5, -1.0], [-2.0, -2.0, -1.0]]
    found = values([*told, *blind], by="corrected")
    assert found == {"likelihood": [-2.0, -3.0], "text": [-2.5, -5.0], "corrected": [0.5, 2.0]}
    # yes, Yes, no, No: the end mark (last) does not count.
    first = [[math.log(0.3), -9], [math.log(0.1), -9], [math.log(0.2), -1], [math.log(0.2), -1]]
    second = [[math.log(0.1), -1]] * 4
    assert values([*first, *second], by="yes")["yes"] == pytest.approx([0.5, 0.5])
    first[0][0] = math.log(0.5)
    assert values([*first, *second], by="yes")["yes"][0] == pytest.approx(0.6)


def test_what_is_weighed() -> None:
    shown = ImageSource(array=np.zeros((4, 6, 3), np.uint8))
    pairs = [Pair("a dog"), Pair("a cat")]

    def told(**switches) -> list[Example]:
        benchmark = build("sugar_crepe", **switches)
        return benchmark.candidates(benchmark.item("x", [shown], pairs, type="t", group="g"))

    plain = told()
    assert [c.messages[-1].text for c in plain] == ["a dog", "a cat"]
    assert plain[0].messages[:-1] == plain[1].messages[:-1] and plain[0].images[0] is plain[1].images[0] is shown
    corrected = told(by="corrected")
    assert corrected[2].images[0] is corrected[3].images[0] and corrected[2].images[0].size() == (6, 4)
    assert np.unique(np.asarray(corrected[2].images[0].array)).tolist() == [127]
    assert told(by="corrected", blank="text")[2].images == []
    asked = told(by="yes")
    assert asked[0].messages[0].text == 'Does this figure show "a dog"? Please answer yes or no.'
    assert [c.messages[-1].text for c in asked] == ["yes", "Yes", "no", "No"] * 2
    mine = told(by="yes", prompt="{caption}?")
    assert mine[4].messages[0].text == "a cat?"
    with pytest.raises(ConfigError, match="dual encoders"):
        told(by="embedding")


def test_correction_takes_away_what_words_alone_tell() -> None:
    """A scorer that only likes frequent words loses by likelihood, and ties with itself when corrected."""
    benchmark = build("sugar_crepe", by="corrected")

    def frequent(_: Example, conversation: Example) -> float:
        return -float(len(conversation.messages[-1].text))

    found = weighed(benchmark, frequent)
    assert found.values["accuracy"] == 0.0, "all ties"
    assert found.values["accuracy_text"] == found.values["accuracy_likelihood"] > 0.0


@pytest.mark.parametrize(
    ("spec", "match"),
    [
        ({"kind": "sugar_crepe", "by": "yes", "prompt": "does it match?"}, "must hold {caption}"),
        ({"kind": "nlvr2", "prompt": "true or false?"}, "must hold {sentence}"),
        ({"kind": "marvl", "prompt": "{sentence} {x}"}, "has {x}, but is filled with {sentence} only"),
        ({"kind": "refcoco", "prompt": "box?"}, "must hold {expression}"),
        ({"kind": "detection", "prompt": "{name} {"}, "cannot be filled"),
        ({"kind": "keypoints", "prompt": "{name}"}, "must hold {thing}"),
        ({"kind": "multi30k", "prompt": "{language}"}, "must hold {sentence}"),
        ({"kind": "xflickrco", "prompt": "{tongue}"}, "has {tongue}"),
    ],
)
def test_prompts_must_ask(spec, match) -> None:
    with pytest.raises(ConfigError, match=match):
        BENCHMARKS.build(spec)


def test_switches_are_told() -> None:
    assert build("winoground", by="corrected", length="mean").switches == {
        "by": "corrected", "length": "mean", "blank": "picture",
    }  # fmt: skip


def test_winoground_is_the_metric() -> None:
    benchmark = build("winoground")
    rng = np.random.default_rng(0)
    tables = {}

    def likes(example: Example, conversation: Example) -> float:
        table = tables.setdefault(example.id, rng.integers(0, 3, (2, 2)).astype(float))
        captions = [example.meta["pairs"][0].caption, example.meta["pairs"][2].caption]
        place = next(k for k, image in enumerate(example.images) if image is conversation.images[0])
        return table[captions.index(conversation.messages[-1].text), place]

    found = weighed(benchmark, likes)
    wanted = winoground(np.array([tables[item["id"]] for item in found.items]))
    assert {k: found.values[k] for k in wanted} == pytest.approx(wanted)
    example = benchmark.examples()[0]
    assert [pair.pictures for pair in example.meta["pairs"]] == [(0,), (1,), (0,), (1,)]
    first, second = (sorted(p.caption.rstrip(".").replace(" an ", " a ").split()) for p in example.meta["pairs"][::2])
    assert first == second, "the same words"
    assert benchmark.explain(example, {"logprobs": [[-1.0]] * 4})[0][0] == "score by likelihood, caption 1"


def test_choice_is_the_metric_micro_and_macro() -> None:
    benchmark = build("sugar_crepe", n=21)
    examples = benchmark.examples()
    assert Counter(e.meta["type"] for e in examples) == dict.fromkeys(
        ("replace_obj", "replace_att", "replace_rel", "swap_obj", "swap_att", "add_obj", "add_att"), 3
    )
    rng = np.random.default_rng(1)
    told = {e.id: rng.integers(0, 2, 2).astype(float) for e in examples}

    def likes(example: Example, conversation: Example) -> float:
        captions = [pair.caption for pair in example.meta["pairs"]]
        return told[example.id][captions.index(conversation.messages[-1].text)]

    found = weighed(benchmark, likes, examples)
    table = np.array([told[e.id] for e in examples])
    assert found.values["accuracy"] == pytest.approx(positive_wins(table[:, 0].tolist(), table[:, 1].tolist()))
    turned = aro_pairs(table[:, ::-1], [e.meta["type"] for e in examples])
    assert found.values["macro"] == pytest.approx(turned["macro"])
    assert found.values["swap_obj"] == pytest.approx(found.by_type["swap_obj"]["score"])
    low, high = found.intervals["macro"]
    assert low <= found.values["macro"] <= high


def test_text_alone_is_a_control() -> None:
    """The made negatives are as fluent: who sees no picture and likes short captions stays near one half."""
    found = weighed(build("sugar_crepe", by="text", n=140), lambda _, c: -float(len(c.messages[-1].text)))
    assert found.values["accuracy"] < 0.6


# -- published files ---------------------------------------------------------------------------------------------------


def test_sugar_crepe_as_published(real_data) -> None:
    folder = real_data("sugar-crepe")
    benchmark = build("sugar_crepe", path=str(folder), images="val2017")
    examples = benchmark.examples()
    files = ("add_att", "replace_att", "swap_att", "swap_obj")
    counts = {name: len(json.loads((folder / f"{name}.json").read_text())) for name in files}
    assert Counter(e.meta["type"] for e in examples) == counts
    first = next(e for e in examples if e.id == "add_att-0")
    assert [p.caption for p in first.meta["pairs"]] == [
        "A drawing of a young woman with many facial piercings.",
        "A drawing of a tattooed young woman with many facial piercings.",
    ]
    assert first.images[0].path == Path("val2017/000000085329.jpg")
    assert weighed(benchmark, knows, examples[:20]).values["accuracy"] == 1.0
    with pytest.raises(DataError, match="images=FOLDER"):
        build("sugar_crepe", path=str(folder)).examples()


def test_sugar_crepe_without_files(tmp_path) -> None:
    with pytest.raises(DataError, match="none of SugarCrepe's files"):
        build("sugar_crepe", path=str(tmp_path), images="x").examples()
    (tmp_path / "swap_obj.json").write_text('{"0": {"filename": "a.jpg", "caption": "x"}}')
    with pytest.raises(DataError, match="item 0: the key 'negative_caption'"):
        build("sugar_crepe", path=str(tmp_path), images="x").examples()


#: ARO's published form (dataset_zoo/aro_datasets.py of mertyg/vision-language-models-are-bows).
def relation(name: str, number: int = 0) -> dict:
    return {
        "image_path": f"{number}.png", "bbox_x": 2, "bbox_y": 1, "bbox_w": 5, "bbox_h": 4, "relation_name": name,
        "true_caption": f"the dog is {name} the cat", "false_caption": f"the cat is {name} the dog",
    }  # fmt: skip


def test_aro_relations_are_cropped_and_symmetric_ones_left_out(tmp_path) -> None:
    (tmp_path / "images").mkdir()
    pixels = np.arange(10 * 12 * 3, dtype=np.uint8).reshape(10, 12, 3)
    Image.fromarray(pixels).save(tmp_path / "images" / "0.png")
    records = [relation("on"), relation("on"), relation("under"), relation("next to")]
    (tmp_path / "visual_genome_relation.json").write_text(json.dumps(records))
    benchmark = build("aro", path=str(tmp_path))
    examples = benchmark.examples()
    shown = examples[0].images[0]
    assert shown.size() == (5, 4) and np.array_equal(np.asarray(shown.open()), pixels[1:5, 2:7])
    assert [p.caption for p in examples[0].meta["pairs"]] == ["the dog is on the cat", "the cat is on the dog"]
    right = {"relation-0", "relation-3"}
    found = weighed(benchmark, lambda e, c: -1.0 if (c.messages[-1].text == e.answers[0]) == (e.id in right) else -2.0)
    assert found.values["accuracy"] == 0.5
    assert found.values["macro"] == pytest.approx((0.5 + 0) / 2), "'next to' does not count"
    assert found.by_type["next to"]["score"] == 1.0
    with pytest.raises(DataError, match="holds no pixel"):
        type(shown)(path=tmp_path / "images" / "0.png", box=(50, 50, 60, 60)).open()


def test_aro_attributes_need_twenty_five_cases(tmp_path) -> None:
    records = [relation("x") | {"attributes": ["red", "blue"]}] * 25 + [
        relation("x") | {"attributes": ["big", "wet"]}
    ] * 3
    (tmp_path / "visual_genome_attribution.json").write_text(json.dumps(records))
    benchmark = build("aro", part="attribution", path=str(tmp_path))
    found = weighed(
        benchmark,
        lambda e, c: -1.0 if (c.messages[-1].text == e.answers[0]) == (e.meta["type"] == "red_blue") else -2.0,
    )
    assert found.values["macro"] == 1.0 and found.values["accuracy"] == pytest.approx(25 / 28)


def test_aro_orders_with_their_own_options_or_a_tagger(tmp_path) -> None:
    options = ["a dog runs", "dog a runs", "a runs dog", "runs a dog", "runs dog a"]
    file = tmp_path / "coco_karpathy_test.json"
    file.write_text(json.dumps([{"image": "val2014/x.jpg", "caption": ["A dog runs."], "caption_options": options}]))
    benchmark = build("aro", part="coco_order", path=str(file), images="coco")
    (example,) = benchmark.examples()
    assert [p.caption for p in example.meta["pairs"]] == options and example.images[0].path == Path(
        "coco/val2014/x.jpg"
    )
    scores = np.array([[1.0, 1, 0, 0, 0]])
    assert aro_order(scores) == 1.0 and aro_order(scores, strict=True) == 0.0
    file.write_text(json.dumps([{"image": "x.jpg", "caption": ["A dog runs."]}]))
    try:
        import spacy  # noqa: F401  # type: ignore[import-not-found]
    except ImportError:
        with pytest.raises(ConfigError, match="pip install spacy"):
            build("aro", part="coco_order", path=str(file)).examples()


#: Winoground's published form (examples.jsonl beside images/).
def test_winoground_as_published(tmp_path) -> None:
    line = {
        "id": 7, "image_0": "ex_7_img_0", "image_1": "ex_7_img_1", "caption_0": "an old person kisses a young person",
        "caption_1": "a young person kisses an old person", "tag": "Adjective-Age", "secondary_tag": "", "collapsed_tag": "Object",
    }  # fmt: skip
    file = tmp_path / "examples.jsonl"
    file.write_text(json.dumps(line) + "\n")
    (example,) = build("winoground", path=str(tmp_path)).examples()
    assert example.id == "7" and example.meta["type"] == "Adjective-Age" and example.meta["facets"] == {"tag": "Object"}
    assert [i.path for i in example.images] == [tmp_path / "images" / f"ex_7_img_{k}.png" for k in (0, 1)]
    del line["caption_1"]
    file.write_text(json.dumps(line) + "\n")
    with pytest.raises(DataError, match="line 1: a Winoground item needs caption_1"):
        build("winoground", path=str(file)).examples()
    with pytest.raises(DataError, match="no Winoground file"):
        build("winoground", path=str(tmp_path / "none")).examples()


#: VL-CheckList's published form: corpus/GROUP/TYPE/SOURCE.yaml naming [picture, {POS, NEG}] lists.
@pytest.fixture
def checklist(tmp_path) -> Path:
    for type, number in (("Attribute/color", 2), ("Relation/spatial", 1)):
        folder = tmp_path / "corpus" / type
        folder.mkdir(parents=True)
        (folder / "vg.yaml").write_text(f'ANNO_PATH: "data/{type}.json"\nIMG_ROOT: "vg"\nTYPE: "TUPLE_JSON"')
        annotation = tmp_path / "data" / f"{type}.json"
        annotation.parent.mkdir(parents=True, exist_ok=True)
        records = [[f"{k}.jpg", {"POS": ["red car", "unused"], "NEG": ["blue car"]}] for k in range(number)]
        annotation.write_text(json.dumps(records))
    return tmp_path / "corpus"


def test_vl_checklist_as_published(checklist) -> None:
    benchmark = build("vl_checklist", path=str(checklist), by="likelihood")
    examples = benchmark.examples()
    assert [e.meta["type"] for e in examples] == ["Attribute/color"] * 2 + ["Relation/spatial"]
    assert examples[0].images[0].path == checklist.parent / "vg" / "0.jpg"
    assert [p.caption for p in examples[0].meta["pairs"]] == ["red car", "blue car"]
    found = weighed(benchmark, lambda e, c: -1.0 if ("red" in c.messages[-1].text) == ("color" in e.id) else -2.0)
    assert (
        found.values["attribute"] == 1.0
        and found.values["relation"] == 0.0
        and found.values["accuracy"] == pytest.approx(2 / 3)
    )


def test_vl_checklist_matches_one_by_one(checklist) -> None:
    """ITM: each caption alone, a match above one half; the same as the metric."""
    benchmark = build("vl_checklist", path=str(checklist), style="itm")
    positive, negative = [0.9, 0.5, 0.6], [0.6, 0.1, 0.2]
    items = []
    for example, p, n in zip(benchmark.examples(), positive, negative):
        rows = [[math.log(v / 2), -1.0] for share in (p, n) for v in (share, share, 1 - share, 1 - share)]
        items.append(make_item(benchmark, example, Evidence([""], 0.0, rows)))
    found = summarise(benchmark, items).values
    wanted = itm_scores([0.9, 0.499999, 0.6], negative)
    assert {k: found[k] for k in wanted} == pytest.approx(wanted) and found["itc"] == 1.0
    with pytest.raises(ConfigError, match="by: yes"):
        build("vl_checklist", style="itm", by="likelihood")


def test_vl_checklist_of_another_form(checklist, tmp_path) -> None:
    (tmp_path / "data" / "Relation" / "spatial.json").write_text('[["a.jpg", {"POS": []}]]')
    with pytest.raises(DataError, match="record 0"):
        build("vl_checklist", path=str(checklist)).examples()
    with pytest.raises(DataError, match="no corpus file"):
        build("vl_checklist", path=str(tmp_path / "data")).examples()
    with pytest.raises(DataError, match="images=FOLDER"):
        build("vl_checklist", path=str(tmp_path / "data" / "Attribute" / "color.json")).examples()


# -- retrieval ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def gallery(tmp_path) -> Path:
    """BLIP's form of Karpathy's splits: a list of image and captions."""
    told = [{"image": f"{k}.jpg", "caption": [f"picture {k}", f"again {k}"]} for k in range(6)]
    (tmp_path / "flickr30k_test.json").write_text(json.dumps(told))
    return tmp_path / "flickr30k_test.json"


def test_retrieval_is_the_metric(gallery) -> None:
    benchmark = build("retrieval", path=str(gallery), images="flickr")
    examples = benchmark.examples()
    assert len(examples) == 6 + 12 and {e.meta["group"] for e in examples} == {str(k) for k in range(6)}
    similarity = np.random.default_rng(2).integers(0, 4, (6, 12)).astype(float)
    captions = [f"{word} {k}" for k in range(6) for word in ("picture", "again")]
    owner = [k for k in range(6) for _ in (0, 1)]

    def likes(_: Example, conversation: Example) -> float:
        return similarity[int(conversation.images[0].path.stem), captions.index(conversation.messages[-1].text)]  # type: ignore[union-attr]

    found = weighed(benchmark, likes, examples).values
    assert found == pytest.approx(retrieval(similarity, owner))


def test_galleries_are_fixed(gallery) -> None:
    folds = build("retrieval", path=str(gallery), gallery=3).examples()
    assert {len(e.meta["pairs"]) for e in folds if e.meta["type"] == "i2t"} == {6}
    assert {len(e.meta["pairs"]) for e in folds if e.meta["type"] == "t2i"} == {3}
    with pytest.raises(DataError, match="can't be cut into galleries of 4"):
        build("retrieval", path=str(gallery), gallery=4).examples()
    one = build("retrieval", path=str(gallery), directions="i2t")
    assert one.main == "i2t_r1" and {e.meta["type"] for e in one.examples()} == {"i2t"}
    assert weighed(one, knows).values["i2t_median_rank"] == 1.0


def test_made_captions_fit_their_own_scene_alone() -> None:
    from vistune.world import sample_scene
    from vistune.world.language.claims import claims

    examples = build("retrieval", n=8).examples()
    queries = [e for e in examples if e.meta["type"] == "t2i"]
    scenes = {
        e.meta["group"]: sample_scene(int(e.meta["group"]), split="test", prior="flat", min_things=2) for e in queries
    }
    for query in queries:
        fits = [name for name, s in scenes.items() if all(c.holds(s) is not False for c in claims(query.answers[0]))]
        assert fits == [query.meta["group"]]


# -- dual encoders -----------------------------------------------------------------------------------------------------


class Reader:
    """Vectors of captions, and of pictures those of the captions that a key gives them."""

    def __init__(self, key: dict[int, list[str]]) -> None:
        self.key, self.words = key, {}

    def captions(self, texts):
        rows = [self.words.setdefault(text, len(self.words)) for text in texts]
        return torch.nn.functional.one_hot(torch.tensor(rows), 512).float()

    def pictures(self, images):
        return torch.stack([self.captions(self.key[id(image)]).sum(0) for image in images])


def test_a_dual_encoder_that_knows() -> None:
    for kind in ("retrieval", "sugar_crepe"):
        benchmark = build(kind, by="embedding")
        examples = benchmark.examples()
        benchmark.examples = lambda examples=examples: examples  # type: ignore[method-assign]
        key: dict[int, list[str]] = {}
        for example in examples:
            for caption, image in right_captions(example):
                key.setdefault(image, []).append(caption)
        found = evaluate_embeddings(Reader(key), [benchmark])[benchmark.name]
        assert found.score == (600.0 if kind == "retrieval" else 1.0)
    with pytest.raises(ConfigError, match="by: embedding"):
        evaluate_embeddings(Reader({}), [build("winoground")])


def test_a_clip_of_transformers_scores_by_its_own_similarity() -> None:
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

    from vistune.models.loading import load_model

    tokenizer = load_model("nano-vlm").tokenizer
    small = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    torch.manual_seed(0)
    text = {
        **small,
        "vocab_size": len(tokenizer),
        "max_position_embeddings": 64,
        "eos_token_id": tokenizer.eos_token_id or 0,
    }
    config = CLIPConfig(text_config=text, vision_config={**small, "image_size": 32, "patch_size": 16}, projection_dim=8)
    model = CLIPModel(config)
    processor = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    benchmark = build("winoground", by="embedding", n=3)
    found = evaluate_embeddings(HuggingFaceDual(model, tokenizer, processor), [benchmark])[benchmark.name]
    example = benchmark.examples()[0]
    inputs = tokenizer([p.caption for p in example.meta["pairs"][::2]], padding=True, return_tensors="pt")
    pixels = processor([image.open() for image in example.images], return_tensors="pt")["pixel_values"]
    with torch.no_grad():
        told = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], pixel_values=pixels)
    cosines = (told.logits_per_text / model.logit_scale.exp()).detach().numpy().ravel()
    assert found.items[0]["values"] == pytest.approx(cosines.tolist(), abs=1e-5)


# -- the shipped model -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spec",
    [
        {"kind": "sugar_crepe", "by": "corrected"},
        {"kind": "aro", "part": "flickr_order"},
        {"kind": "winoground", "by": "yes"},
        {"kind": "vl_checklist", "style": "itm"},
        {"kind": "retrieval"},
    ],
    ids=lambda spec: spec["kind"],
)
def test_the_shipped_model_can_be_asked(spec, tmp_path) -> None:
    from vistune.evaluation.runner import evaluate
    from vistune.models.loading import load_model

    benchmark = BENCHMARKS.build({**spec, "n": 3})
    found = evaluate(load_model("nano-vlm"), [benchmark], tmp_path)[benchmark.name]
    assert len(found.items) >= 3 and all(item["parsed"] for item in found.items)
    assert all(np.isfinite(value) for item in found.items for row in item["logprobs"] for value in row)
