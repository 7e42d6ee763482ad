"""Rubrics that mark one answer by itself: GAVIE, MMHal-Bench, MM-Vet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from vistune.annotators.base import Asking
from vistune.annotators.oracle import Finding, same_answer
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
from vistune.evaluation.metrics.judged import parse_gavie, parse_mmhal

_GAVIE = """What an image shows is known by descriptions of its parts, each with its box (X and Y of the top left corner, \
width and height, in pixels; boxes that overlap much may be of one object):
{context}

Instruction: {instruction}

{answers}

You are a teacher who knows this image. Score each of the answers above from 0 to 10 on two things:
(1) RELEVANCY: whether it directly follows the instruction;
(2) ACCURACY: whether what it says is right about the image.
Give your scores for each answer in this form, with a reason for each score:
Answer 1
RELEVANCY: <0 to 10>. Reason: <why>
ACCURACY: <0 to 10>. Reason: <why>"""


def region_lines(
    regions: Sequence[tuple[str, tuple[float, float, float, float]]], mode: Literal["official", "strict"] = "official"
) -> str:
    """GAVIE's context: a line a region (phrase, (x, y, width, height)). The official script writes the width in the field
    of the height too.
    """
    return "\n".join(
        f"{phrase} X: {x:g} Y: {y:g} Width: {w:g} Height: {w if mode == 'official' else h:g}"
        for phrase, (x, y, w, h) in regions
    )


def write_gavie(findings: Sequence[Finding]) -> str:
    """Relevancy from what was asked, accuracy from the share of true claims."""
    lines = []
    for number, f in enumerate(findings, start=1):
        accuracy = f.account.precision if f.account.pieces else float(bool(f.right))
        if f.right is False:
            accuracy = min(accuracy, 0.5) if f.account.pieces else 0.0
        lines.append(
            f"Answer {number}\nRELEVANCY: {on_scale(f.relevant, 0, 10)}. Reason: by the question.\n"
            f"ACCURACY: {on_scale(accuracy, 0, 10)}. Reason: {f.account.true} true, {f.account.false} false."
        )
    return "\n".join(lines)


@RUBRICS.register("gavie", paper="lrv-instruction")
class Gavie(Rubric):
    """GAVIE (arXiv 2306.14565): relevancy and accuracy, 0 to 10, of one or several systems' answers in one prompt.

    ``meta["context"]``: dense captions with boxes (see ``region_lines``); no reference is needed. Marks: ``relevancy`` and
    ``accuracy`` of the first system, ``relevancy_2``... of further ones. ``together`` (official): all answers in one
    prompt, so that marks depend on each other and on the order; False: one prompt an answer. ``swap`` (not official): the
    prompt once more with the answers in reverse order, averaged. Slots of a ``prompt_file``: context, instruction, answers.
    """

    main = "accuracy"

    def __init__(
        self,
        together: bool = True,
        swap: bool = False,
        prompt_file: str | None = None,
        pictures: bool = False,
    ) -> None:
        super().__init__(prompt_file, pictures)
        self.together, self.swap = together, swap
        self._template = own_words(prompt_file, _GAVIE, ("instruction", "answers"))

    def words(self) -> str:
        """The template."""
        return self._template

    def requests(self, example: Example, answers: Sequence[str]) -> list[Example]:
        """One, or one an answer; with ``swap`` a second one in reverse order."""
        if not self.together:
            return [self._request(example, [answer]) for answer in answers]
        made = [self._request(example, answers)]
        return [*made, self._request(example, answers[::-1])] if self.swap and len(answers) > 1 else made

    def _request(self, example: Example, answers: Sequence[str]) -> Example:
        shown = "\n".join(f"Answer {i}: {answer}" for i, answer in enumerate(answers, start=1))
        slots = {"context": context_of(example), "instruction": question_of(example), "answers": shown}
        return request(example, fill(self._template, **slots), answers, write_gavie, pictures=self.pictures)

    def read(self, replies: Sequence[str]) -> Marks:
        """Both marks of each answer; nothing where one is missing."""
        if not self.together:
            blocks = [block for reply in replies for block in marked_answers(reply)[:1] or [None]]
        else:
            orders = [marked_answers(reply) for reply in replies]
            if len(orders) == 2 and None not in orders[0] + orders[1] and len(orders[0]) == len(orders[1]):
                pairs = zip(orders[0], orders[1][::-1])
                blocks = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in pairs if a is not None and b is not None]
            else:
                blocks = orders[0] if len(orders) == 1 else []
        if not blocks or None in blocks:
            return Marks({}, False)
        values: dict[str, float] = {}
        for number, block in enumerate(blocks, start=1):
            assert block is not None
            tail = "" if number == 1 else f"_{number}"
            values |= {f"relevancy{tail}": block[0], f"accuracy{tail}": block[1]}
        return Marks(values, all(0 <= v <= 10 for v in values.values()))


def marked_answers(reply: str) -> list[tuple[float, float] | None]:
    """(relevancy, accuracy) of each answer in a reply; a reply without "Answer n" is about one."""
    parts = re.split(r"answer\s*\d+", reply, flags=re.IGNORECASE)
    blocks = [part for part in parts if re.search(r"relevancy|accuracy", part, re.IGNORECASE)]
    return [parse_gavie(block) for block in blocks]


_MMHAL = """Judge, fairly and by facts, how good a reply of a vision-language model is: how informative, and whether it \
hallucinates, that is, tells of what is not in the image, or contradicts it. What a reply adds by reasoning or common \
knowledge is no hallucination.

### Image contents
{context}

### Question
{question}

### Standard human answer
{reference}

### Reply of the model
{answer}

First compare the reply with the image contents and the standard answer, and explain. Then give one rating, on a line of its \
own, as "Rating: n", where n is:
6, very informative with good analysis or reasoning, no hallucination
5, very informative, no hallucination
4, somewhat informative, no hallucination
3, not informative, no hallucination
2, very informative, with hallucination
1, somewhat informative, with hallucination
0, not informative, with hallucination"""


def write_mmhal(findings: Sequence[Finding]) -> str:
    """Three steps of informing, three fewer points where anything is false."""
    f = findings[0]
    wrong = f.account.false > 0 or f.right is False
    informed = f.account.recall if f.right is None else float(f.right)
    rating = (0 if wrong else 3) + (2 if informed >= 0.5 else 1 if informed > 0 else 0)
    return f"{f.account.true} statements are true, {f.account.false} false.\nRating: {rating}"


@RUBRICS.register("mmhal", paper=None)
class MmHal(Rubric):
    """MMHal-Bench (LLaVA-RLHF, eval_gpt_mmhal.py): a rating from 0 to 6; below 3 is a hallucination.

    ``meta["context"]``: the image's contents. Marks: ``score``, ``hallucination`` (0 or 1). No rating, or several: 0, which
    counts as a hallucination. Slots of a ``prompt_file``: context, question, reference, answer.
    """

    scale = (0.0, 6.0)

    def __init__(self, prompt_file: str | None = None, pictures: bool = False) -> None:
        super().__init__(prompt_file, pictures)
        self._template = own_words(prompt_file, _MMHAL, ("question", "reference", "answer"))

    def words(self) -> str:
        """The template."""
        return self._template

    def requests(self, example: Example, answers: Sequence[str]) -> list[Example]:
        """One."""
        slots = {
            "context": context_of(example),
            "question": question_of(example),
            "reference": reference_of(example),
            "answer": answers[0],
        }
        return [request(example, fill(self._template, **slots), answers[:1], write_mmhal, pictures=self.pictures)]

    def read(self, replies: Sequence[str]) -> Marks:
        """The official parser; whether there was exactly one rating is told by ``parsed``."""
        score = parse_mmhal(replies[0])
        found = sum(f"rating: {n}" in replies[0].lower() for n in range(7))
        return Marks({"score": float(score), "hallucination": float(score < 3)}, found == 1)


_MMVET = """Compare a model's prediction with the ground truth, and give it a correctness score from 0.0 (wholly wrong) to \
1.0 (wholly right), in steps of 0.1. <AND> in the ground truth joins parts that must all be there; <OR> separates answers of \
which any one will do. Fill in the last space.

Question | Ground truth | Prediction | Correctness
--- | --- | --- | ---
Which fruits lie on the table? | apple <AND> pear | There is an apple. | 0.5
Which fruits lie on the table? | apple <AND> pear | A cherry. | 0.0
Which fruits lie on the table? | apple <AND> pear | I see an apple, a pear and a melon. | 0.8
Which fruits lie on the table? | apple <AND> pear | An apple and a pear. | 1.0
How many birds are there? | 4 <OR> four | Four birds sit on the wire. | 1.0
How many birds are there? | 4 <OR> four | Five or so. | 0.0
Why is the boy laughing? | His dog wears his hat, as if it went to school. | Because of a dog. | 0.3
Why is the boy laughing? | His dog wears his hat, as if it went to school. | The dog next to him has his hat on. | 0.7
"""


def write_mmvet(findings: Sequence[Finding], reference: str) -> str:
    """The share of the parts joined by <AND> that the answer gives; of each any of the words separated by <OR>."""
    answer = findings[0].answer
    if "<AND>" in reference or "<OR>" in reference:
        parts = [[option.strip() for option in part.split("<OR>")] for part in reference.split("<AND>")]
        given = [any(_says(answer, option) for option in options) for options in parts]
        return on_scale(sum(given) / len(given), 0, 1)
    return on_scale(findings[0].quality, 0, 1)


def _says(answer: str, option: str) -> bool:
    """The same value, or the option's own words with no letter or sign beside them."""
    words = re.search(rf"(?<![\w-]){re.escape(option)}(?!\w)", answer, re.IGNORECASE)
    return words is not None or same_answer(answer, option)


@RUBRICS.register("mm_vet", paper=None)
class MmVet(Rubric):
    """MM-Vet (yuweihao/MM-Vet): a few-shot table, a score from 0.0 to 1.0.

    Marks: ``score``. The official evaluation asks five times and tells mean and standard deviation (``votes: 5``); a reply
    that is no number is asked again, 0.5 warmer each time, and is 0 in the end. A ``prompt_file`` is the text before the
    row that is asked about.
    """

    uses_context = False
    scale = (0.0, 1.0)
    asking = Asking(temperature=0.0, max_tokens=3)
    tries = 6
    warmer = 0.5

    def __init__(self, prompt_file: str | None = None, pictures: bool = False) -> None:
        super().__init__(prompt_file, pictures)
        self._template = own_words(prompt_file, _MMVET, ())

    def words(self) -> str:
        """The table."""
        return self._template

    def requests(self, example: Example, answers: Sequence[str]) -> list[Example]:
        """One: the table with a last row."""
        reference = reference_of(example)
        cells = (question_of(example), reference.replace("<AND>", " <AND> ").replace("<OR>", " <OR> "), answers[0])
        row = " | ".join(" ".join(cell.split()) for cell in cells)
        text = f"{self._template.rstrip()}\n{row} | "
        blind = "<AND>" in reference or "<OR>" in reference

        def write(findings: Sequence[Finding]) -> str:
            return write_mmvet(findings, reference)

        return [request(example, text, answers[:1], write, pictures=self.pictures, blind=blind)]

    def readable(self, reply: str) -> bool:
        """A number from 0 to 1 before the first blank."""
        return parse_mm_vet(reply) is not None

    def read(self, replies: Sequence[str]) -> Marks:
        """The score; 0 where there is none."""
        score = parse_mm_vet(replies[0])
        return Marks({"score": score or 0.0}, score is not None)


def parse_mm_vet(reply: str) -> float | None:
    """What stands before the first blank, as a number from 0 to 1."""
    try:
        score = float(reply.split(" ")[0].strip())
    except ValueError:
        return None
    return score if 0.0 <= score <= 1.0 else None
