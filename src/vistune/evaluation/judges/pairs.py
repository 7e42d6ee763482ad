"""Rubrics that set an answer beside the reference: TouchStone and LLaVA-Bench."""

from __future__ import annotations

import json
import re
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from vistune.annotators.base import Asking
from vistune.annotators.oracle import Finding
from vistune.core.errors import ConfigError, DataError, nearest
from vistune.data.example import Example
from vistune.evaluation.judges.asking import (
    context_of,
    fill,
    on_scale,
    own_words,
    question_of,
    reference_of,
    request,
)
from vistune.evaluation.judges.base import RUBRICS, Marks, Rubric
from vistune.evaluation.metrics.judged import parse_marks

Pair = tuple[float, float]


def write_pair(findings: Sequence[Finding]) -> str:
    """What an exact judge would reply: the two marks in the first line."""
    return " ".join(on_scale(f.quality, 1, 10) for f in findings) + "\nBy the facts of the picture."


class Pairwise(Rubric):
    """``orders``: for each request whether the reference is shown first. ``pair`` reads (first, second) of one reply."""

    pairwise = True
    scale = (1.0, 10.0)

    @property
    @abstractmethod
    def orders(self) -> tuple[bool, ...]:
        """For each request: the reference is shown first."""

    @abstractmethod
    def pair(self, reply: str) -> Pair | None:
        """The marks of the answer shown first and of the one shown second; None where they cannot be read."""

    def sides(self, replies: Sequence[str]) -> list[tuple[float, float, bool]]:
        """(answer's mark, reference's, reference first) of each reply that can be read."""
        found = []
        for reply, reference_first in zip(replies, self.orders):
            pair = self.pair(reply)
            if pair is not None:
                found.append((pair[1], pair[0], True) if reference_first else (pair[0], pair[1], False))
        return found


_TOUCHSTONE = """An image is described by the following detailed annotation, which you may trust fully:
[Annotation]
{context}

Somebody asked about the image:
[Question]
{question}

Two assistants replied.
[Assistant 1]
{first}
[End of Assistant 1]
[Assistant 2]
{second}
[End of Assistant 2]

Compare how helpful, relevant, accurate and comprehensive the two replies are, by what the annotation says of the image. \
Give each a score from 1 to 10; higher is better. Write on the first line only the two scores, that of Assistant 1 and that \
of Assistant 2, with one space between them. On the lines after it, explain your scores. Do not let the order in which the \
replies are shown, or their length, move you."""


@RUBRICS.register("touchstone", paper="touchstone")
class TouchStone(Pairwise):
    """TouchStone (arXiv 2308.16890, eval.py): the answer beside the judge's own reference, in both orders; 1 to 10.

    ``meta["context"]`` is the fine annotation. Marks: ``score`` and ``reference`` are means over the calls that could be
    read, ``calls`` their number (the official total is 100 times the mean over calls, not over items). ``mode`` official:
    the first line is split at one blank, and of a failed call the other order still counts; strict: two numbers anywhere in
    the first line, from 1 to 10, and only both orders count. Slots of a ``prompt_file``: context, question, first, second.
    """

    asking = Asking(temperature=0.0, stop=("\n",))
    tries = 5
    partial = True

    def __init__(
        self, mode: Literal["official", "strict"] = "official", prompt_file: str | None = None, pictures: bool = False
    ) -> None:
        super().__init__(prompt_file, pictures)
        self.mode = mode
        self._template = own_words(prompt_file, _TOUCHSTONE, ("question", "first", "second"))

    orders = (True, False)  # type: ignore[assignment]

    def words(self) -> str:
        """The template."""
        return self._template

    def requests(self, example: Example, answers: Sequence[str]) -> list[Example]:
        """Two: reference first, then answer first."""
        reference = reference_of(example)
        made = []
        for first, second in ((reference, answers[0]), (answers[0], reference)):
            slots = {"context": context_of(example), "question": question_of(example), "first": first, "second": second}
            text = fill(self._template, **slots)
            made.append(request(example, text, (first, second), write_pair, pictures=self.pictures))
        return made

    def pair(self, reply: str) -> Pair | None:
        """The two numbers of the first line."""
        line = reply.strip().split("\n")[0]
        if self.mode == "official":
            parts = line.split(" ")
            try:
                first, second = (float(part) for part in parts)
            except ValueError:
                return None
            return first, second
        bare = re.sub(r"assistant \d", "", line, flags=re.IGNORECASE)
        numbers = [float(n) for n in re.findall(r"(?<![\d.])\d+(?:\.\d+)?", bare)]
        if len(numbers) != 2 or not all(1 <= n <= 10 for n in numbers):
            return None
        return numbers[0], numbers[1]

    def readable(self, reply: str) -> bool:
        """Two marks."""
        return self.pair(reply) is not None

    def read(self, replies: Sequence[str]) -> Marks:
        """Means over the orders."""
        sides = self.sides(replies)
        if not sides or (self.mode == "strict" and len(sides) < len(self.orders)):
            return Marks({}, False)
        score, reference = (sum(side[k] for side in sides) / len(sides) for k in (0, 1))
        values = {"score": score, "reference": reference, "calls": float(len(sides))}
        return Marks(values, len(sides) == len(self.orders))


_SYSTEM = "You check with care, and fairly, how good answers are."
_RULES = {
    "wild": "For your reference, a few sentences describe what the image shows.",
    "coco": "For your reference, five sentences describe the image, and boxes say where its objects are, as relative "
    "coordinates (x1, y1, x2, y2), each a number from 0 to 1: left, top, right, bottom.",
}
_RULE = """Two AI assistants replied to the question above, which was asked about an image. {shown}
Rate how helpful, relevant, accurate and detailed each reply is, with one overall score from 1 to 10 for each assistant; \
higher is better.
Write first one line with two numbers only: the scores of Assistant 1 and Assistant 2, with a space between them.
Then, from the next line on, explain your rating. Do not be biased, and do not let the order in which the replies are shown \
affect you."""


@RUBRICS.register("llava_bench", paper=None)
class LlavaBench(Pairwise):
    """LLaVA-Bench (haotian-liu/LLaVA, eval_gpt_review_bench.py): reference as Assistant 1, the model as 2; 1 to 10.

    Marks: ``score`` and ``reference``; what cannot be read is (-1, -1) and stays in, as in the original. The benchmark's
    score is 100 times the ratio of the means. ``setting``: ``wild`` (sentences stand for the picture) or ``coco``
    (sentences and boxes). ``swap`` (not official): both orders, averaged. ``prompt_file``: the published rule.json; an
    item's rule is that of ``meta["category"]``.
    """

    asking = Asking(temperature=0.2, max_tokens=1024)

    def __init__(
        self,
        setting: Literal["wild", "coco"] = "wild",
        swap: bool = False,
        prompt_file: str | None = None,
        pictures: bool = False,
    ) -> None:
        super().__init__(prompt_file, pictures)
        if setting not in _RULES:
            raise ConfigError(f"LLaVA-Bench has no setting '{setting}'. {nearest(setting, _RULES)}")
        self.setting, self.swap = setting, swap
        self._rules = None if prompt_file is None else read_rules(prompt_file)

    @property
    def orders(self) -> tuple[bool, ...]:
        """Reference first; with ``swap`` also the other way round."""
        return (True, False) if self.swap else (True,)

    def words(self) -> str:
        """The rules."""
        ours = fill(_RULE, shown=_RULES[self.setting])
        return ours if self._rules is None else json.dumps(self._rules, sort_keys=True)

    def _rule(self, example: Example) -> str:
        if self._rules is None:
            return fill(_RULE, shown=_RULES[self.setting])
        category = str(example.meta.get("category", "default"))
        names = [f"llava_bench_{category}", category] if self.setting == "wild" else [category]
        rule = next((self._rules[name] for name in (*names, "default") if name in self._rules), None)
        if rule is None:
            raise DataError(f"{self.prompt_file} has no rule for '{category}'. {nearest(category, self._rules)}")
        return rule

    def requests(self, example: Example, answers: Sequence[str]) -> list[Example]:
        """The official layout: context, question, both assistants, the rule."""
        reference = reference_of(example)
        made = []
        for reference_first in self.orders:
            first, second = (reference, answers[0]) if reference_first else (answers[0], reference)
            text = (
                f"[Context]\n{context_of(example)}\n\n[Question]\n{question_of(example)}\n\n"
                f"[Assistant 1]\n{first}\n\n[End of Assistant 1]\n\n[Assistant 2]\n{second}\n\n[End of Assistant 2]\n\n"
                f"[System]\n{self._rule(example)}\n\n"
            )
            made.append(request(example, text, (first, second), write_pair, system=_SYSTEM, pictures=self.pictures))
        return made

    def pair(self, reply: str) -> Pair | None:
        """The two numbers of the first line, by the official parser."""
        pair = parse_marks(reply)
        return None if pair == (-1.0, -1.0) else pair

    def read(self, replies: Sequence[str]) -> Marks:
        """Means over the orders; -1 and -1 where nothing can be read."""
        sides = self.sides(replies)
        if not sides:
            return Marks({"score": -1.0, "reference": -1.0}, False)
        score, reference = (sum(side[k] for side in sides) / len(sides) for k in (0, 1))
        return Marks({"score": score, "reference": reference}, len(sides) == len(replies))


def read_rules(path: str) -> dict[str, str]:
    """Category -> rule of a published rule.json. Raises ``DataError``."""
    try:
        content = json.loads(Path(path).expanduser().read_text(encoding="utf-8"))
        return {name: rule["prompt"] for name, rule in content.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} is no rule.json of LLaVA-Bench ({error}).") from error
