"""LVLM-eHub's own protocols (Xu et al., arXiv 2306.09265): classes and words by word match, common sense by prefix."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, assistant, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, Benchmark, OfSplit, Scored, Way
from vistune.evaluation.benchmarks.short import Array, kind_columns, told
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.word_match import plain_word_match, plain_words, prefix_scores
from vistune.world.scene import Prior, Scene, Split

_SUFFIXES = (".jpg", ".jpeg", ".png")


def single_things(split: Split, prior: Prior, seed: int, size: int) -> Iterator[tuple[Scene, str, ImageSource]]:
    """(scene, kind, picture) without end: a thing that nothing hides, cut out with a margin from a large picture."""
    from PIL import Image

    from vistune.evaluation.benchmarks.knowing import scene_stream
    from vistune.world import boxes, render, visible_share

    large = 4 * size
    for number, scene in enumerate(scene_stream(split, prior, seed)):
        if not scene.things:
            continue
        index = number % len(scene.things)
        if visible_share(scene, large)[index] < 0.95:
            continue
        x0, y0, x1, y1 = boxes(scene, large)[index]
        half = 0.6 * max(x1 - x0, y1 - y0)
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        whole = Image.fromarray(render(scene, large))
        cut = whole.crop((round(x - half), round(y - half), round(x + half), round(y + half)))
        yield scene, scene.things[index].kind, ImageSource(pil=cut.resize((size, size), Image.Resampling.LANCZOS))


class WordMatch(OfSplit):
    """Right where a truth occurs in the answer as a whole word, letters and digits alone, in lower case."""

    main = "has_word"
    capabilities = ("classification",)
    max_new_tokens = 16

    prompt: str = ""
    limit: int | None = None
    #: Classes whose mean accuracy is reported; none where items have no class.
    classes: Sequence[str] = field(default=(), init=False)

    def score(self, example: Example, answer: str) -> Scored:
        """Word match, and equality beside it."""
        right = float(plain_word_match(answer, example.answers))
        exact = float(plain_words(answer) in [plain_words(truth) for truth in example.answers])
        columns = kind_columns(right, str(example.meta.get("class", "")), self.classes)
        return Scored(plain_words(answer).strip() or None, right, {**columns, "exact": exact})

    def measures(self, sums: Mapping[str, Array]) -> dict[str, Array]:
        """Word match, exact match, and the mean over classes that have items."""
        found = {"has_word": ratio(sums["score"], sums["items"]), "exact": ratio(sums["exact"], sums["items"])}
        if self.classes:
            zero = 0.0 * sums["items"]
            total = sum((ratio(sums[f"score:{c}"], sums[f"items:{c}"]) for c in self.classes), zero)
            found["per_class"] = ratio(total, sum(((sums[f"items:{c}"] > 0).astype(float) for c in self.classes), zero))
        return found

    def explain(self, example: Example, item: Mapping) -> list[tuple[str, str]]:
        """Normal forms."""
        truths = ", ".join(told(plain_words(truth)) for truth in example.answers)
        return [("letters and digits", told(plain_words(item["answer"]))), ("a truth as a whole word", truths)]


@BENCHMARKS.register("word_classes", paper="lvlm-ehub")
class WordClasses(WordMatch):
    """Zero-shot classification by word match, as LVLM-eHub: "The photo of the", and the class must occur in the answer.

    Reads a folder of class folders with pictures (CIFAR-10's ``test``). Measures word match, exact match and the mean over
    classes. Word match takes "it is not a cat" for "cat". Nano: things cut out of scenes; a thing's other names count too.
    """

    protocol = "LVLM-eHub classification: word match of letters and digits; its prompt"
    capabilities = ("classification", "perception")

    prompt: str = "The photo of the"
    n: int = 176

    def __post_init__(self) -> None:
        """Classes are the folders, or the world's kinds."""
        from vistune.world.vocabulary import KINDS

        super().__post_init__()
        self.classes = self._folders() if self.path is not None else [kind.name for kind in KINDS]

    def _folders(self) -> list[str]:
        assert self.path is not None
        found = sorted(p.name for p in self.path.iterdir() if p.is_dir()) if self.path.is_dir() else []
        if not found:
            raise DataError(f"{self.path} holds no folders of classes.")
        return found

    def published(self) -> list[Example]:
        """Every picture of every class; ``limit`` is of each."""
        assert self.path is not None
        made = []
        for name in self.classes:
            files = sorted(p for p in (self.path / name).iterdir() if p.suffix.lower() in _SUFFIXES)
            for file in files[: self.limit]:
                meta = {"type": name, "group": f"{name}/{file.name}", "class": name}
                shown = [ImageSource(path=file)]
                asked = [user(self.prompt, images=(0,))]
                made.append(Example(f"{name}/{file.stem}", asked, shown, answers=[name], meta=meta))
        return made

    def nano(self) -> list[Example]:
        """As many things of each kind as there is room for."""
        from vistune.world.vocabulary import KIND_BY_NAME

        each = -(-self.n // len(self.classes))
        taken = dict.fromkeys(self.classes, 0)
        made: list[Example] = []
        for scene, kind, shown in single_things(self.split, self.prior, self.seed, self.image_size):
            if taken[kind] < each:
                taken[kind] += 1
                meta = {"type": KIND_BY_NAME[kind].group, "group": str(scene.seed), "class": kind}
                names = [kind, *KIND_BY_NAME[kind].synonyms]
                asked = [user(self.prompt, images=(0,))]
                made.append(Example(f"class-{scene.seed}", asked, [shown], answers=names, meta=meta))
            if len(made) >= self.n:
                break
        return made


@BENCHMARKS.register("word_ocr", paper="lvlm-ehub")
class WordOCR(WordMatch):
    """Reading words by word match, as LVLM-eHub: "what is written in the image?", and the word must occur in the answer.

    Reads an ICDAR word-recognition folder: ``gt.txt`` with lines ``word_1.png, "JOINT"``, and the pictures. Nano: signs, which
    can be read at 64 pixels.
    """

    protocol = "LVLM-eHub OCR: word match of letters and digits; its question"
    capabilities = ("text-in-pictures",)

    prompt: str = "what is written in the image?"
    n: int = 120

    def _item(self, identity: str, shown: ImageSource, text: str, type_: str) -> Example:
        meta = {"type": type_, "group": identity}
        return Example(identity, [user(self.prompt, images=(0,))], [shown], answers=[text], meta=meta)

    def published(self) -> list[Example]:
        """A word a line. Words without a letter or digit are left out: nothing of them would be compared."""
        assert self.path is not None
        file = self.path if self.path.is_file() else self.path / "gt.txt"
        if not file.is_file():
            raise DataError(f"There is no file {file} of words.")
        made = []
        for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), 1):
            found = re.fullmatch(r'\s*(\S+)\s*,\s*"(.*)"\s*', line)
            if line.strip() and found is None:
                raise DataError(f'{file}, line {number}: PICTURE, "WORD" was expected.')
            if found is not None and plain_words(found[2]).strip():
                made.append(self._item(found[1], ImageSource(path=file.parent / found[1]), found[2], "word"))
        return made[: self.limit]

    def nano(self) -> list[Example]:
        """Signs, as the world paints them."""
        from vistune.evaluation.benchmarks.paged import pages

        made: list[Example] = []
        for sign in pages(("sign",), ("reads",), self.image_size, self.split, self.prior, self.seed, 1):
            made.append(self._item(sign.name, sign.draw(), sign.questions[0].answer, "sign"))
            if len(made) == self.n:
                break
        return made


@BENCHMARKS.register("usual_colour", paper="lvlm-ehub")
class UsualColour(Benchmark):
    """Common sense by prefix score, as LVLM-eHub asks ImageNetVC: which colour does a kind of thing usually have?

    Each colour is put at the end of the question, the mean loss over question and colour is taken with each of three
    pictures of the kind, and softmax(1 / loss) is averaged over the pictures. The pictures show the thing in any colour:
    what is usual is known, not seen. The truth is the colour that the skewed world gives the kind most often.
    """

    protocol = "LVLM-eHub prefix score: softmax of 1 / mean loss of question and candidate, averaged over pictures"
    capabilities = ("knowledge",)

    prompt: str = "the colour of the {x} is {c}"
    pictures: int = 3
    split: Split = "test"
    prior: Prior = "flat"
    image_size: int = 64
    seed: int = 0
    colours: Sequence[str] = field(default=(), init=False)

    def __post_init__(self) -> None:
        """All colours of the world are weighed."""
        from vistune.world.vocabulary import COLOURS

        super().__post_init__()
        self.colours = tuple(COLOURS)
        self.chance = 1 / len(self.colours)

    @property
    def way(self) -> Way:
        """The texts are weighed."""
        return "likelihood"

    def examples(self) -> list[Example]:
        """One item a kind; people have no colour of their own."""
        from vistune.world.priors import USUAL_COLOUR
        from vistune.world.vocabulary import KINDS

        shown: dict[str, list[ImageSource]] = {kind.name: [] for kind in KINDS if kind.group != "person"}
        for _, kind, picture in single_things(self.split, self.prior, self.seed, self.image_size):
            if kind in shown and len(shown[kind]) < self.pictures:
                shown[kind].append(picture)
            if all(len(found) == self.pictures for found in shown.values()):
                break
        made = []
        for kind, pictures in shown.items():
            meta = {"type": "colour", "group": kind, "kind": kind}
            asked = [user("", images=(0,))]
            made.append(Example(f"usual-{kind}", asked, pictures, answers=[USUAL_COLOUR[kind]], meta=meta))
        return made

    def candidates(self, example: Example) -> list[Example]:
        """Each colour with each picture; the question is part of what is weighed, as in the original."""
        texts = [self.prompt.format(x=example.meta["kind"], c=colour) for colour in self.colours]
        return [
            Example(f"{example.id}/{k}/{text}", [user("", images=(0,)), assistant(text)], [picture])
            for k, picture in enumerate(example.images)
            for text in texts
        ]

    def score_candidates(self, example: Example, logprobs: Sequence[Sequence[float]]) -> Scored:
        """The colour with the highest mean score. The end mark is left out of the loss."""
        losses = [-sum(tokens[:-1]) / max(1, len(tokens) - 1) for tokens in logprobs]
        width = len(self.colours)
        rows = [losses[k : k + width] for k in range(0, len(losses), width)]
        scores = prefix_scores(rows)
        best = self.colours[scores.index(max(scores))]
        right = float(best == example.answers[0])
        return Scored(best, right, {"items": 1.0, "correct": right})
