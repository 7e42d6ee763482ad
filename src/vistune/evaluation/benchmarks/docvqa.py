"""DocVQA and InfographicVQA: questions about scanned pages and infographics, scored by edit distance (ANLS)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.paged import PAGE_SIZE, Leaf, as_meta, charts, digits_too, pages
from vistune.evaluation.benchmarks.short import Array, ShortAnswer, find_file, kind_columns, kind_measures, records
from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.vqa import Lengths, anls, squeezed
from vistune.evaluation.metrics.word_match import vqa_word_match

#: ``anls``: by edit distance. ``word-match``: right if a truth is a word of the answer (LVLM-eHub).
Extraction = Literal["anls", "word-match"]


class Anls(ShortAnswer):
    """ANLS over all, and of each of ``kinds``; or, with ``extraction`` "word-match", LVLM-eHub's word match in its place."""

    main = "anls"
    graded = True
    max_new_tokens = 32
    capabilities = ("text-in-pictures",)
    kinds: ClassVar[tuple[str, ...]] = ()
    #: Names that the file may have, and the key of the picture in it.
    FILES: ClassVar[tuple[str, ...]] = ("*.json",)
    IMAGE: ClassVar[str] = "image"

    ocr: Path | None = None
    mode: Mode = "official"
    lengths: Lengths = "raw"
    extraction: Extraction = "anls"
    image_size: int = PAGE_SIZE

    def __post_init__(self) -> None:
        """The measure's name."""
        super().__post_init__()
        if self.extraction == "word-match":
            self.main = "word_match"

    def kinds_of(self, record: Mapping[str, Any]) -> tuple[str, ...]:
        """A record's kinds of question."""
        return tuple(str(kind) for kind in record.get("question_types") or ())

    def published(self) -> list[Example]:
        """The questions of a split's file, or of an evaluation kit's list with one answer each."""
        assert self.path is not None
        file = find_file(self.path, self.FILES, "the questions")
        kit = file.read_text(encoding="utf-8").lstrip().startswith("[")
        if kit:
            found = records(file, ("question", "question_id", "image_path", "gt_answers"))[: self.limit]
            named = [(r["question_id"], r["image_path"].rsplit("/", 1)[-1], [r["gt_answers"]], r) for r in found]
        else:
            keys = ("questionId", "question", self.IMAGE, "answers")
            found = records(file, keys, "data", "question")[: self.limit]
            named = [(r["questionId"], r[self.IMAGE], r["answers"], r) for r in found]
        made = []
        for identity, name, truths, record in named:
            kinds = self.kinds_of(record)
            meta = {"type": kinds[0] if kinds else "all", "group": str(name), "kinds": list(kinds)}
            if self.ocr is not None:
                meta["words"] = ocr_words(self.ocr, str(name))
            shown = [self.picture(str(name), "images")]
            made.append(self.item(str(identity), record["question"], shown, [str(t) for t in truths], **meta))
        return made

    def leaf_items(self, leaf: Leaf, kinds: Mapping[str, Sequence[str]]) -> list[Example]:
        """Items about a page or chart of the world. ``kinds``: question type -> kinds of question."""
        shown = [leaf.draw()]
        made = []
        for k, q in enumerate(leaf.questions):
            own = list(kinds.get(q.type, ()))
            meta = {"type": own[0] if own else q.type, "group": leaf.name, "kinds": own, "words": as_meta(leaf.words)}
            facets = {"page": leaf.kind, "question": q.type}
            made.append(self.item(f"{leaf.name}-{k}", q.text, shown, digits_too(q.answer), facets=facets, **meta))
        return made

    def score(self, example: Example, answer: str) -> Scored:
        """Score of the answer, counted at each of its kinds of question."""
        if self.extraction == "word-match":
            score = float(vqa_word_match(answer, example.answers, self.mode))
        else:
            score = anls(answer, example.answers, mode=self.mode, lengths=self.lengths)
        columns = kind_columns(score, "", ())
        for kind in self.kinds:
            here = float(kind in example.meta["kinds"])
            columns |= {f"items:{kind}": here, f"score:{kind}": here * score}
        return Scored(squeezed(answer) or None, score, columns)

    def measures(self, sums: Mapping[str, Array]) -> dict[str, Array]:
        """The mean score under the name of what it is, and of each kind of question."""
        return {self.main: ratio(sums["score"], sums["items"]), **kind_measures(sums, self.kinds)}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Similarity to each truth before and after the threshold."""
        if self.extraction == "word-match":
            return [("rule", "right if a truth is a word of the answer, both in VQA's normal form")]
        steps = [("normal form", f'"{squeezed(item["answer"])}"')]
        for truth in example.answers:
            free = anls(item["answer"], [truth], lengths=self.lengths, threshold=0.0)
            steps.append((f'similarity to "{squeezed(truth)}"', f"{free:.3f}"))
        least = "where it is below 0.5" if self.mode == "official" else "unless it is above 0.5"
        return [*steps, ("rule", f"the best, or 0 {least}; lengths are those of the {self.lengths} texts")]


def ocr_words(folder: Path, name: str) -> list[list[Any]]:
    """Words of a page from DocVQA's recognition files (``NAME.json``: lines with words and eight corner coordinates)."""
    from vistune.data.annotations.files import need, read_json

    path = folder / f"{Path(name).stem}.json"
    found = []
    results = need(read_json(path), ("recognitionResults",), str(path))["recognitionResults"]
    lines = [line for page in results for line in page["lines"]]
    for number, line in enumerate(lines):
        for word in line["words"]:
            xs, ys = word["boundingBox"][0::2], word["boundingBox"][1::2]
            found.append([word["text"], [min(xs), min(ys), max(xs), max(ys)], number])
    return found


@BENCHMARKS.register("docvqa")
class DocVQA(Anls):
    """DocVQA: questions about scanned pages, answered by what stands there; ANLS with threshold 0.5, by kind of question.

    Reads ``val_v1.0_withQT.json`` (``data`` with ``questionId``, ``question``, ``image``, ``answers``, ``question_types``),
    or a kit's list with one answer; ``ocr`` is the folder of recognised words. ``lengths`` "raw" divides by the texts as
    given, as the evaluation server's script; "normalised" by what is compared. ``mode`` "strict": 0 at exactly 0.5, as in
    the paper. Nano: fields, prices, cells and order of lines on receipts, forms, tables, letters, slides and signs,
    drawn so large that all can be read.
    """

    protocol = "DocVQA: ANLS by the evaluation server's rule (threshold 0.5 kept, lengths before blanks are squeezed)"
    capabilities = ("text-in-pictures", "reasoning")
    FILES = ("val_v*.json", "*val*.json", "*.json")

    def nano(self) -> list[Example]:
        """One page after the other, up to two questions each."""
        kinds = ("receipt", "form", "table", "letter", "slide", "sign")
        types = ("field", "reads", "price", "cell", "above")
        of_table = ["table/list"]
        named = {"field": ["form"], "reads": ["free_text"], "price": of_table, "cell": of_table, "above": ["layout"]}
        made: list[Example] = []
        for leaf in pages(kinds, types, self.image_size, self.split, self.prior, self.seed, 2):
            made += self.leaf_items(leaf, named)
            if len(made) >= self.n:
                break
        return made[: self.n]


@BENCHMARKS.register("infographicvqa")
class InfographicVQA(Anls):
    """InfographicVQA: questions about pictures of facts and figures, some to be counted, compared or calculated; ANLS.

    Reads ``infographicsVQA_val_v1.0_withQT.json`` (``image_local_name``, ``answer_type``); scored as DocVQA, also by where
    the answer is: in the picture, in the question, or nowhere. Nano: charts and pages with such questions, drawn
    so large that all can be read.
    """

    protocol = "InfographicVQA: ANLS by the evaluation server's rule; by type of answer"
    capabilities = ("text-in-pictures", "reasoning", "counting")
    FILES = ("infographicsVQA_val*.json", "*.json")
    IMAGE = "image_local_name"
    kinds = ("image span", "question span", "non span")

    def kinds_of(self, record: Mapping[str, Any]) -> tuple[str, ...]:
        """Where the answer is."""
        return tuple(str(kind).lower() for kind in record.get("answer_type") or ())

    def nano(self) -> list[Example]:
        """A chart and a page in turn."""
        span, question, none = (["image span"], ["question span"], ["non span"])
        of_charts = {
            "value": span, "greater": question, "extreme": question, "difference": none, "total": none, "above": none,
        }  # fmt: skip
        of_pages = {"price": span, "cell": span, "dearer": question, "best": question, "total": none, "items": none}
        about = self.split, self.prior, self.seed, 2
        drawn = charts(tuple(of_charts), self.image_size, *about)
        written = pages(("receipt", "table"), tuple(of_pages), self.image_size, *about)
        made: list[Example] = []
        for chart, page in zip(drawn, written, strict=False):
            made += self.leaf_items(chart, of_charts) + self.leaf_items(page, of_pages)
            if len(made) >= self.n:
                break
        return made[: self.n]
