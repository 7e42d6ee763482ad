"""xGQA: GQA's questions in several languages, answered in English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError
from vistune.data.annotations.files import need, read_json
from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.nano import picture, scene_facets
from vistune.evaluation.benchmarks.short import SHORT, Array, ShortAnswer, kind_columns, kind_measures, told
from vistune.evaluation.metrics.gqa import Extraction, read_gqa
from vistune.evaluation.metrics.intervals import ratio

PUBLISHED = ("en", "de", "pt", "ru", "id", "bn", "ko", "zh")


@BENCHMARKS.register("xgqa")
class XGQA(ShortAnswer):
    """xGQA: GQA in eight languages; the answer is English whatever the question's language; accuracy of each language.

    Reads a folder with GQA's records by language: ``LANGUAGE/*.json`` or ``*_LANGUAGE.json``. ``accuracy`` is the mean over
    the languages other than English, as zero-shot transfer is reported; ``all`` is over all items. Nano: the same
    questions about scenes in eight languages by grammar; ``style`` "own" asks for the answer in the question's language.
    """

    protocol = "xGQA (IGLUE): English truths, GQA's equality; mean over the languages other than English"
    capabilities = ("perception", "language")
    WITH_FILES = "english"

    #: ``english``: LLaVA's line, and that the answer is to be English, as multilingual models are asked. ``own``: the answer is
    #: to be in the question's language (nano only: the published truths are English). ``plain``: the question alone. ``auto``:
    #: English for published files, plain for the nano edition.
    STYLES = ("auto", "english", "own", "plain")

    languages: Sequence[str] = ()
    extraction: Extraction = "llava"
    n: int = 320

    def __post_init__(self) -> None:
        """All languages where none are named."""
        super().__post_init__()
        self.languages = self.languages or self._known()

    def _known(self) -> list[str]:
        if self.path is not None:
            return [code for code in PUBLISHED if _files(self.path, code)]
        from vistune.world.tongues import TONGUES

        return list(TONGUES)

    def _instruction_in(self, language: str) -> str:
        """After a question of this language."""
        if self.suffix is not None or self.style == "plain":
            return self.suffix or ""
        if self.style == "english":
            return f"{SHORT}\nAnswer in English."
        from vistune.world.tongues import TONGUES

        return f"{SHORT}\nAnswer in {TONGUES[language].NAME.capitalize()}."

    def _asked(self, language: str, identity: str, question: str, shown: Any, truth: str, **meta: Any) -> Example:
        meta["facets"] = {**meta.get("facets", {}), "language": language}
        meta |= {"instruction": self._instruction_in(language), "language": language}
        return self.item(f"{identity}-{language}", question, shown, [truth], **meta)

    def published(self) -> list[Example]:
        """The questions of each language, in turn."""
        assert self.path is not None
        if not self.languages:
            raise DataError(f"{self.path} holds no folder or file of the languages {', '.join(PUBLISHED)}.")
        made = []
        for language in self.languages:
            files = _files(self.path, language)
            if not files:
                raise DataError(
                    f"{self.path} holds no questions in '{language}' ({language}/*.json or *_{language}.json)."
                )
            for q, record in list(need(read_json(files[0]), (), str(files[0])).items())[: self.limit]:
                about = need(record, ("question", "imageId", "answer"), f"{files[0]}, question {q}")
                shown = [self.picture(f"{about['imageId']}.jpg", "images")]
                meta = {"type": str(about.get("types", {}).get("semantic", "all")), "group": str(about["imageId"])}
                made.append(self._asked(language, str(q), about["question"], shown, about["answer"], **meta))
        return made

    def nano(self) -> list[Example]:
        """The same questions in every language, one or two a scene."""
        from vistune.evaluation.benchmarks.knowing import scene_stream
        from vistune.world.tongues import ask

        made: list[Example] = []
        for scene in scene_stream(self.split, self.prior, self.seed):
            asked = {code: ask(scene, scene.seed, code, n=2, split=self.split) for code in self.languages}
            shown, facets = [picture(scene, self.image_size)], scene_facets(scene)
            places = min(map(len, asked.values()))
            for place in range(places):
                for code, questions in asked.items():
                    q = questions[place]
                    truth = q.answer if self.style == "own" else q.facts["english"][1]
                    meta = {"type": q.type, "group": str(scene.seed), "facets": facets}
                    made.append(self._asked(code, f"xgqa-{scene.seed}-{place}", q.text, shown, truth, **meta))
            if len(made) >= self.n:
                break
        each = max(1, len(self.languages))
        return made[: max(each, self.n - self.n % each)]

    def score(self, example: Example, answer: str) -> Scored:
        """Equality, counted at the language."""
        said = read_gqa(answer, self.extraction)
        right = float(said == read_gqa(example.answers[0], self.extraction))
        return Scored(said or None, right, kind_columns(right, example.meta["language"], self.languages))

    def measures(self, sums: Mapping[str, Array]) -> dict[str, Array]:
        """Mean over the other languages, over all items, and of each language."""
        each = kind_measures(sums, self.languages)
        others: Sequence[Array] = [each[code] for code in self.languages if code != "en"] or list(each.values())
        mean = sum(others[1:], others[0]) / len(others)
        return {"accuracy": mean, "all": ratio(sums["score"], sums["items"]), **each}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What was compared."""
        said, truth = read_gqa(item["answer"], self.extraction), read_gqa(example.answers[0], self.extraction)
        return [("language", example.meta["language"]), ("as it is compared", told(said)), ("truth", told(truth))]


def _files(folder: Path, language: str) -> list[Path]:
    """The language's files, a test set before a training cut."""
    found = [*folder.glob(f"**/{language}/*.json"), *folder.glob(f"**/*_{language}.json")]
    return sorted(found, key=lambda p: ("test" not in p.name, "dev" not in p.name, p.name))
