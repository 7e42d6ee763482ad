"""TabMWP: grade-school mathematics over tables, shown as a picture or written as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from vistune.data.annotations.files import need, read_json
from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.paged import PAGE_SIZE, as_meta, pages
from vistune.evaluation.benchmarks.short import Array, ShortAnswer, find_file, kind_columns, kind_measures, told
from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.tabmwp import LETTERS, extract_tabmwp, normalise_tabmwp, tabmwp_right

#: The table as a picture, as text before the question (PromptPG's form), or both.
Prompt = Literal["picture", "table", "both"]
#: Columns of the authors' table -> (key, value) of a problem.
PARTS: dict[str, tuple[str, str]] = {
    "free": ("ques_type", "free_text"), "choice": ("ques_type", "multi_choice"), "integer": ("ans_type", "integer_number"),
    "decimal": ("ans_type", "decimal_number"), "extractive": ("ans_type", "extractive_text"),
    "boolean": ("ans_type", "boolean_text"), "other": ("ans_type", "other_text"),
}  # fmt: skip
_KEYS = ("question", "choices", "answer", "unit", "table", "table_title", "ques_type", "ans_type", "grade")


@BENCHMARKS.register("tabmwp")
class TabMWP(ShortAnswer):
    """TabMWP: word problems about a table, free or with choices; accuracy over all and by the authors' types of answer.

    Reads ``problems_test.json`` or ``problems_test1k.json`` and ``tables/ID.png``. ``prompt``: the table as a picture, as
    text, or both. Official extraction (PromptPG): where a choice can't be read, the first one is taken; ``mode`` "strict"
    takes it as unread. Nano: tables and receipts, drawn so large that all can be read.
    """

    protocol = "lupantech/PromptPG: its extraction and normal form; question, unit and options in its words"
    capabilities = ("text-in-pictures", "reasoning")
    max_new_tokens = 32

    prompt: Prompt = "picture"
    mode: Mode = "official"
    image_size: int = PAGE_SIZE

    @property
    def parts(self) -> tuple[str, ...]:
        """Types of question and answer that are told apart; the world asks no boolean questions about tables."""
        return tuple(part for part in PARTS if self.path is not None or part not in ("boolean", "other"))

    def _problem(self, identity: str, about: Mapping[str, Any], shown: Sequence[Any], **meta: Any) -> Example:
        """The question as PromptPG writes it, the table before it where it is text."""
        question = about["question"] + (f" (Unit: {about['unit']})" if about["unit"] else "")
        choices = about["choices"]
        if choices:
            question += "\nOptions: " + " ".join(f"({LETTERS[k]}) {choice}" for k, choice in enumerate(choices))
        if self.prompt != "picture":
            title = f"[TITLE]: {about['table_title']}\n" if about["table_title"] else ""
            question = f"Table: {title}{about['table']}\nQuestion: {question}"
        kept = {key: about[key] for key in ("ques_type", "ans_type", "unit", "choices")}
        pictures = [] if self.prompt == "table" else shown
        return self.item(identity, question, pictures, [about["answer"]], **kept, **meta)

    def published(self) -> list[Example]:
        """The problems of the file."""
        assert self.path is not None
        file = find_file(self.path, ("problems_test.json", "problems_test1k.json", "problems_*.json"), "the problems")
        made = []
        for pid, record in list(need(read_json(file), (), str(file)).items())[: self.limit]:
            about = need(record, _KEYS, f"{file}, problem {pid}")
            facets = {"grade": "1-6" if int(about["grade"]) <= 6 else "7-8", "answer": str(about["ans_type"])}
            meta = {"type": str(about["ques_type"]), "group": str(pid), "facets": facets}
            made.append(self._problem(str(pid), about, [self.picture(f"{pid}.png", "tables")], **meta))
        return made

    def nano(self) -> list[Example]:
        """Up to three questions a page; counts are digits, as TabMWP writes them."""
        from vistune.world.language.grammar import NUMBERS

        types = ("total", "items", "best", "cell", "price", "dearer")
        made: list[Example] = []
        for leaf in pages(("receipt", "table"), types, self.image_size, self.split, self.prior, self.seed, 3):
            shown = [leaf.draw()]
            table = "\n".join(" | ".join(row) for row in leaf.rows)
            for k, q in enumerate(leaf.questions):
                answer = str(NUMBERS.index(q.answer)) if q.answer in NUMBERS else q.answer
                number = "decimal_number" if "." in answer else "integer_number"
                about = {
                    "question": q.text, "choices": list(q.choices) if q.choices else None, "answer": answer, "unit": None,
                    "table": table, "table_title": None, "ques_type": "multi_choice" if q.choices else "free_text",
                    "ans_type": "extractive_text" if q.choices else number,
                }  # fmt: skip
                facets = {"page": leaf.kind, "question": q.type, "answer": about["ans_type"]}
                meta = {"type": about["ques_type"], "group": leaf.name, "facets": facets, "words": as_meta(leaf.words)}
                made.append(self._problem(f"{leaf.name}-{k}", about, shown, **meta))
            if len(made) >= self.n:
                break
        return made[: self.n]

    def score(self, example: Example, answer: str) -> Scored:
        """Right or wrong."""
        about = example.meta
        said = extract_tabmwp(answer, about["choices"], self.mode)
        right = float(tabmwp_right(answer, example.answers[0], about["choices"], about["unit"], self.mode))
        columns = kind_columns(right, "", ())
        for part in self.parts:
            key, value = PARTS[part]
            here = float(about[key] == value)
            columns |= {f"items:{part}": here, f"score:{part}": here * right}
        return Scored(said or None, right, columns)

    def measures(self, sums: Mapping[str, Array]) -> dict[str, Array]:
        """Accuracy over all, and of each type of question and answer."""
        return {"accuracy": ratio(sums["score"], sums["items"]), **kind_measures(sums, self.parts)}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Extraction and normal forms."""
        unit = example.meta["unit"]
        said = extract_tabmwp(item["answer"], example.meta["choices"], self.mode)
        normal = None if said is None else normalise_tabmwp(said, unit).lower()
        truth = normalise_tabmwp(example.answers[0], unit).lower()
        return [("extracted", told(said)), ("normal form", told(normal)), ("truth in normal form", told(truth))]
