"""Captions in other languages (xFlickrCO, arXiv 2201.11732) and translation with the picture (Multi30K, arXiv 1605.00459)."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, DataError, nearest
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, Published, Scored
from vistune.evaluation.benchmarks.captions import CaptionSet
from vistune.evaluation.benchmarks.nano import picture, scene_facets, scenes, split_of
from vistune.evaluation.benchmarks.prompts import check_prompt
from vistune.evaluation.metrics.captions import sacrebleu_columns, sacrebleu_score
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.tokens import any_words
from vistune.world.scene import Scene

LANGUAGES = {
    "ar": "Arabic", "cs": "Czech", "de": "German", "en": "English", "es": "Spanish", "fr": "French", "id": "Indonesian",
    "ja": "Japanese", "ru": "Russian", "sw": "Swahili", "tr": "Turkish", "zh": "Chinese",
}  # fmt: skip


def check_language(language: str, known: Mapping[str, Any]) -> None:
    """Raises ``ConfigError`` for a language that is not there."""
    if language not in known:
        raise ConfigError(f"There is no language '{language}' here. {nearest(language, known)}")


@BENCHMARKS.register("xflickrco")
class XFlickrCO(CaptionSet):
    """A caption in a given ``language`` for each picture, against the one that a speaker of it wrote.

    ``path``: IGLUE's ``xFlickrCO`` folder (``LANGUAGE/SPLIT.jsonl``); ``images``: the folder of the pictures (``images`` in it).
    CIDEr-D, BLEU and ROUGE-L on words of any language (Chinese and Japanese by characters), not PTB's. IGLUE uses the set for
    retrieval: that is ``retrieval`` on the same files. With one reference a picture, scores are low; compare within a language.
    """

    protocol = "xFlickrCO captions; pycocoevalcap definitions on words of any language, not PTB tokens"
    capabilities = ("captions", "language")
    english: ClassVar[bool] = False

    images: Path | None = None
    language: str = "de"
    only_there: bool = False
    prompt: str = "Describe the picture in one sentence in {language}."
    max_new_tokens: int = 64

    def __post_init__(self) -> None:
        """The request in words."""
        super().__post_init__()
        check_language(self.language, LANGUAGES)
        check_prompt(self.kind, self.prompt, (), ("language",))
        self.prompt = self.prompt.format(language=LANGUAGES[self.language])

    @property
    def name(self) -> str:
        """With the language."""
        return f"{super().name}_{self.language}"

    def published(self) -> list[Example]:
        """The language's lines; ``only_there`` leaves out pictures that are not in the folder."""
        from vistune.evaluation.benchmarks.caption_files import read_captioned

        assert self.path is not None
        folder = self.images or self.path / "images"
        told = read_captioned(self.path / self.language / f"{self.split}.jsonl")
        kept = [item for item in told if not self.only_there or (folder / item.file).is_file()]
        return [self._asked(item, folder) for item in kept[: self.limit]]

    def tokenize(self, text: str) -> list[str]:
        """Words of any language."""
        return any_words(text)

    def references(self, scene: Scene) -> list[str]:
        """Two captions in the language, one with looks and one without. Raises ``ConfigError`` if the world doesn't speak it."""
        from vistune.world.tongues import TONGUES, caption

        check_language(self.language, TONGUES)
        told = (caption(scene, k, self.language, level) for k, level in enumerate(("all", "short")))
        return list(dict.fromkeys(filter(None, told)))

    def nano(self) -> list[Example]:
        """Test scenes with things; in these languages nobody says that there is nothing."""
        return [example for example in super().nano() if example.answers]


@BENCHMARKS.register("multi30k")
class Multi30k(Published):
    """An English caption of a picture to be translated; BLEU of the whole set by sacreBLEU (13a tokens, case kept).

    ``path``: the data set's task-1 folder (``raw/SPLIT.LANGUAGE.gz``, ``image_splits/SPLIT.txt``); ``images``: the folder of
    the pictures; without it nothing is shown, a text-only baseline. ``language``: de, fr or cs. The shared tasks scored
    lower-case tokenised text by METEOR and multi-bleu: numbers differ.
    """

    main = "bleu"
    not_shares = ("bleu",)
    graded = True
    max_new_tokens = 64
    protocol = "Multi30K task 1, sacreBLEU 13a on raw text (papers: lower-case METEOR and multi-bleu)"
    capabilities = ("language", "captions")

    images: Path | None = None
    language: str = "de"
    split: str = "test_2016_flickr"
    prompt: str = "Translate into {language}: {sentence}"
    limit: int | None = None
    n: int = 200

    def __post_init__(self) -> None:
        """A language, and a request that holds the sentence."""
        super().__post_init__()
        check_language(self.language, LANGUAGES)
        check_prompt(self.kind, self.prompt, ("sentence",), ("language",))

    @property
    def name(self) -> str:
        """With the language, and the split of a published edition."""
        return f"{super().name}_{self.language}" + ("" if self.path is None else f"_{self.split}")

    def published(self) -> list[Example]:
        """Aligned lines. Raises ``DataError`` where files are missing or their lengths differ."""
        assert self.path is not None
        english, translated = (_lines(self.path / "raw" / f"{self.split}.{c}.gz") for c in ("en", self.language))
        names = _lines(self.path / "image_splits" / f"{self.split}.txt")
        if not len(english) == len(translated) == len(names):
            raise DataError(
                f"{self.path}, split {self.split}: {len(english)} English lines, {len(translated)} in "
                f"'{self.language}' and {len(names)} pictures; they must be equally many."
            )
        made = []
        for name, sentence, wanted in list(zip(names, english, translated))[: self.limit]:
            shown = [ImageSource(path=self.images / name)] if self.images else []
            made.append(self._item(name, shown, sentence, wanted, {}))
        return made

    def nano(self) -> list[Example]:
        """Captions of test scenes in English and in the language: the same meaning by two grammars."""
        from vistune.world.tongues import TONGUES, caption

        check_language(self.language, {k: v for k, v in TONGUES.items() if k != "en"})
        made = []
        for scene in scenes(self.n, split_of(self.split), self.prior, self.seed, min_things=1):
            sentence, wanted = (caption(scene, scene.seed, code, "all") for code in ("en", self.language))
            shown = [picture(scene, self.image_size)]
            made.append(self._item(f"{self.name}-{scene.seed}", shown, sentence, wanted, scene_facets(scene)))
        return made

    def _item(
        self, identity: str, shown: list[ImageSource], sentence: str, wanted: str, facets: dict[str, str]
    ) -> Example:
        asked = self.prompt.format(language=LANGUAGES[self.language], sentence=sentence)
        meta = {"type": "translation", "group": identity, "facets": facets}
        messages = [user(asked, images=tuple(range(len(shown))))]
        return Example(identity, messages, shown, answers=[wanted], meta=meta)

    def score(self, example: Example, answer: str) -> Scored:
        """An item's score is its own smoothed BLEU over 100; the measure is the corpus'."""
        columns = sacrebleu_columns(answer, example.answers[0])
        own = sacrebleu_score({name: np.array([value]) for name, value in columns.items()})[0] / 100
        exact = float(" ".join(answer.split()) == " ".join(example.answers[0].split()))
        return Scored(answer or None, float(own), {**columns, "items": 1.0, "exact": exact})

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Corpus BLEU, 0 to 100, and the share that equals the reference."""
        return {"bleu": sacrebleu_score(sums), "exact": ratio(sums["exact"], sums["items"])}


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        raise DataError(f"There is no Multi30K file {path}.")
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return raw.decode("utf-8").splitlines()
