"""Captions of photographs against human ones: Flickr8k, COCO, Flickr30k; and of scenes against the world's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, as_question, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, Published, Scored
from vistune.evaluation.benchmarks.caption_files import Captioned, read_captioned
from vistune.evaluation.benchmarks.nano import picture, scene_facets, scenes, split_of
from vistune.evaluation.metrics.captions import CiderD, bleu_columns, bleu_scores, mean_scores, rouge_l
from vistune.evaluation.metrics.tokens import ptb_words
from vistune.world.scene import Scene

Style = Literal["short", "all", "long", "some", "bare"]
#: lmms-eval's request for COCO and Flickr30k.
ONE_SENTENCE = "Provide a one-sentence caption for the provided image."


class CaptionSet(Published):
    """One caption a picture, against several references: CIDEr-D, BLEU-1 to 4 and ROUGE-L by pycocoevalcap's definitions.

    CIDEr's document frequencies are those of the pictures that are measured: never compare it over other sets or another
    ``limit``. In the edition made by the world ``tuple_f1`` stands beside: F1 of things, attributes and relations against the
    exact scene. METEOR and SPICE need Java and are left out here (``metrics.java_captions`` takes a run's answers).
    """

    main = "cider"
    not_shares = ("cider", "words")
    graded = True
    protocol = "pycocoevalcap definitions; PTB tokens by a Python edition of the official tokenizer"
    capabilities = ("captions",)
    #: The world's captions that are references, each in words of its own. People leave out one thing or another: ``some`` names
    #: all kinds with a few of their looks, ``bare`` kinds and numbers only.
    styles: ClassVar[tuple[Style, ...]] = ("short", "short", "some", "bare", "all")
    #: The world's grammar reads English only.
    english: ClassVar[bool] = True

    split: str = "test"
    limit: int | None = None
    prompt: str = "describe the picture."
    max_new_tokens: int = 40
    n: int = 200
    _cider: CiderD | None = field(default=None, init=False)
    _scenes: dict[str, Scene] = field(default_factory=dict, init=False)

    def examples(self) -> list[Example]:
        """One request a picture; references are all its captions."""
        self._scenes = {}
        made = super().examples()
        if not made:
            raise DataError(f"Benchmark '{self.name}' has no picture with a caption.")
        self._cider = CiderD([example.answers for example in made], self.tokenize)
        return made

    def published(self) -> list[Example]:
        """The pictures of the split, in the file's order."""
        assert self.path is not None
        folder = self._folder(self.path)
        return [self._asked(item, folder) for item in read_captioned(self.path, self.split)[: self.limit]]

    def _folder(self, path: Path) -> Path:
        return path if path.is_dir() else path.parent

    def _asked(self, item: Captioned, folder: Path) -> Example:
        meta = {"type": "caption", "group": item.id}
        shown = [ImageSource(path=folder / item.file)]
        return Example(item.id, [user(self.prompt, images=(0,))], shown, answers=list(item.captions), meta=meta)

    def nano(self) -> list[Example]:
        """Test scenes with the captions that the world gives them, each in other words."""
        made = []
        for scene in scenes(self.n, split_of(self.split), self.prior, self.seed):
            identity = f"{self.name}-{scene.seed}"
            meta = {"type": "caption", "group": str(scene.seed), "facets": scene_facets(scene)}
            shown = [picture(scene, self.image_size)]
            self._scenes[identity] = scene
            told = self.references(scene)
            made.append(Example(identity, [user(self.prompt, images=(0,))], shown, answers=told, meta=meta))
        return made

    def references(self, scene: Scene) -> list[str]:
        """The world's captions of a scene, none twice."""
        return list(dict.fromkeys(filter(None, (_told(scene, k, style) for k, style in enumerate(self.styles)))))

    def tokenize(self, text: str) -> list[str]:
        """The words that are compared."""
        return ptb_words(text)

    def score(self, example: Example, answer: str) -> Scored:
        """CIDEr-D of one caption (0 to 10) as its score over 10."""
        if self._cider is None:
            self.examples()
        assert self._cider is not None
        cider = self._cider.score(answer, example.answers)
        means = {
            "mean_cider": cider,
            "mean_rouge_l": rouge_l(answer, example.answers, self.tokenize),
            "mean_words": float(len(answer.split())),
        }
        if self._with_tuples:
            means["mean_tuple_f1"] = self._tuples(example, answer)["f1"]
        columns = {"items": 1.0, **bleu_columns(answer, example.answers, self.tokenize), **means}
        return Scored(answer or None, cider / 10, columns)

    @property
    def _with_tuples(self) -> bool:
        return self.path is None and self.english

    def _tuples(self, example: Example, answer: str) -> dict[str, float]:
        from vistune.evaluation.metrics.tuples import tuple_scores

        return tuple_scores(answer, self._scenes[example.id])

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Corpus BLEU; means of the others."""
        return {**mean_scores(sums), **bleu_scores(sums)}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The words that are compared, and each reference's own score."""
        said = str(item["answer"])
        steps = [("words", " ".join(self.tokenize(said)))]
        assert self._cider is not None
        for reference in example.answers:
            one = self._cider.score(said, [reference])
            steps.append((f"CIDEr-D {one:.3f} against", " ".join(self.tokenize(reference))))
        counts = bleu_columns(said, example.answers, self.tokenize)
        matches = ", ".join(f"{counts[f'match_{n}']:.0f} of {counts[f'total_{n}']:.0f}" for n in range(1, 5))
        steps.append(("n-grams found in a reference, n = 1 to 4", matches))
        if self._with_tuples:
            found = self._tuples(example, said)
            steps.append(("tuples", ", ".join(f"{name} {value:.3f}" for name, value in found.items())))
        return steps


@BENCHMARKS.register("captions")
class Captions(CaptionSet):
    """A caption for each picture of a split of a Flickr8k-format folder (``captions.txt``, split lists, ``Images``).

    CIDEr-D, BLEU and ROUGE-L against all its captions; CIDEr's document frequencies are the split's.
    """

    @property
    def name(self) -> str:
        """With the split."""
        return super().name if self.path is None else f"captions_{self.split}"

    def published(self) -> list[Example]:
        """The split's pictures, as the format's reader gives them."""
        from vistune.data.formats import read

        assert self.path is not None
        made: list[Example] = []
        for example in read(self.path, "flickr8k", split=self.split, per="picture", prompt=self.prompt):
            if self.limit and len(made) == self.limit:
                break
            question = as_question(example)
            question.meta |= {"type": "caption", "group": example.id}
            made.append(question)
        return made


class _SentenceSet(CaptionSet):
    """COCO and Flickr30k: files of captions beside a folder of pictures."""

    images: Path | None = None
    prompt: str = ONE_SENTENCE
    max_new_tokens: int = 64

    def _folder(self, path: Path) -> Path:
        return self.images or super()._folder(path)


@BENCHMARKS.register("coco_captions")
class CocoCaptions(_SentenceSet):
    """One sentence for each COCO photograph, against its five.

    ``path``: COCO's ``captions_val2014.json`` or ``captions_val2017.json`` (the file is the split), Karpathy's
    ``dataset_coco.json`` or BLIP's ``coco_karpathy_test.json``; ``images``: the folder of the pictures. The request is
    lmms-eval's, which leaves SPICE out too; papers on Karpathy's test split report 5,000 pictures.
    """

    styles: ClassVar[tuple[Style, ...]] = ("short", "short", "some", "some", "bare")


@BENCHMARKS.register("flickr30k")
class Flickr30k(_SentenceSet):
    """One sentence for each Flickr30k photograph, against its five.

    ``path``: Karpathy's ``dataset_flickr30k.json`` or BLIP's ``flickr30k_test.json``; ``images``: the folder of the pictures.
    lmms-eval asks all 31,783 pictures, papers Karpathy's 1,000 of the test split, which is the default.
    """

    styles: ClassVar[tuple[Style, ...]] = ("short", "some", "some", "all", "long")


def _told(scene: Scene, seed: int, style: Style) -> str:
    from vistune.world.language import caption
    from vistune.world.tongues import caption as plain_caption

    if style == "some":
        return plain_caption(scene, seed, "en", "all")
    if style == "bare":
        return plain_caption(scene, seed, "en", "short")
    return caption(scene, seed, level=style, split=scene.split)


def reference_sets(examples: Sequence[Example]) -> dict[str, list[str]]:
    """Id -> references, as pycocoevalcap wants them."""
    return {example.id: list(example.answers) for example in examples}
