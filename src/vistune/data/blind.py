"""What can be answered without the picture: a blind baseline for every type of question.

A question set is only as good as its worst shortcut. Per type, a linear classifier on the words of the question (one and
two in a row) learns from one half of the questions and guesses the answers of the other half; beside it stand the
share of the commonest answer, and chance.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from vistune.core.errors import DataError, MissingExtra
from vistune.data.example import Example

#: An answer that makes up less than this share of its type's answers is no option for a guess.
RARE = 0.01
#: Fewer questions of a type than this say nothing.
LEAST = 100


_YES_NO = frozenset({"yes", "no"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a blind guesser sees it; ``group`` keeps the questions of one picture together."""

    type: str
    question: str
    answer: str
    group: int
    choices: int | None = None


@dataclass(frozen=True, slots=True)
class Blind:
    """Shares of right answers to one type: by chance, by the commonest answer, by the words of the question."""

    questions: int
    chance: float
    majority: float
    words: float

    @property
    def above_chance(self) -> float:
        """How far the better blind guess is above chance, in points of 100."""
        return 100 * (max(self.majority, self.words) - self.chance)


def asked_in(examples: Iterable[Example]) -> list[Asked]:
    """All questions that engines recorded in ``meta["questions"]``. Raises ``DataError`` where there are none."""
    found = [
        Asked(q["type"], q["question"], q["answer"], group, len(q["choices"]) if q.get("choices") else None)
        for group, example in enumerate(examples)
        for q in example.meta.get("questions", ())
    ]
    if not found:
        raise DataError("No example says of what type its questions are (meta 'questions'): there is nothing to guess.")
    return found


def blind_baselines(asked: Sequence[Asked]) -> dict[str, Blind]:
    """The blind baseline of each type with at least ``LEAST`` questions. Raises ``MissingExtra`` without scikit-learn."""
    by_type: dict[str, list[Asked]] = defaultdict(list)
    for question in asked:
        by_type[question.type].append(question)
    return {kind: _baseline(group) for kind, group in sorted(by_type.items()) if len(group) >= LEAST}


def _baseline(asked: Sequence[Asked]) -> Blind:
    learn = [q for q in asked if q.group % 2 == 0]
    guess = [q for q in asked if q.group % 2 == 1]
    if not learn or not guess:
        raise DataError("A blind baseline needs the questions of two pictures at least.")
    commonest = Counter(q.answer for q in learn).most_common(1)[0][0]
    majority = sum(q.answer == commonest for q in guess) / len(guess)
    return Blind(len(asked), chance(asked), majority, _by_words(learn, guess))


def chance(asked: Sequence[Asked]) -> float:
    """The share that guessing evenly gets right.

    Among the choices; among yes and no; among the answers that the question itself names ("is it red or blue?"); or else
    among all other answers of the type that are not rare.
    """
    counts = Counter(q.answer for q in asked if q.answer not in _YES_NO and not q.choices)
    options = {answer for answer, n in counts.items() if n >= RARE * counts.total()}
    return sum(1 / _options(q, options) for q in asked) / len(asked)


def _options(question: Asked, options: set[str]) -> int:
    if question.choices:
        return question.choices
    if question.answer in _YES_NO:
        return len(_YES_NO)
    text = f" {' '.join(question.question.replace('?', ' ').replace(',', ' ').split())} "
    if f" {question.answer} " in text:
        named = sum(f" {answer} " in text for answer in options | {question.answer})
        if named > 1:
            return named
    return max(len(options), 1)


def _by_words(learn: Sequence[Asked], guess: Sequence[Asked]) -> float:
    try:
        from sklearn.feature_extraction.text import CountVectorizer
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise MissingExtra("scikit-learn", "data", "A blind baseline") from error
    if len({q.answer for q in learn}) == 1:
        return sum(q.answer == learn[0].answer for q in guess) / len(guess)
    counter = CountVectorizer(ngram_range=(1, 2), token_pattern=r"\S+", min_df=2, binary=True)
    try:
        features = counter.fit_transform([q.question for q in learn])
    except ValueError:  # no word occurs twice: nothing can be learned
        return 0.0
    model: Any = LogisticRegression(C=0.3, max_iter=300)
    model.fit(features, [q.answer for q in learn])
    guessed = model.predict(counter.transform([q.question for q in guess]))
    return sum(a == q.answer for a, q in zip(guessed, guess)) / len(guess)


def blind_table(baselines: dict[str, Blind]) -> tuple[str, list[str], list[tuple[Any, ...]]]:
    """(title, columns, rows) for people."""
    rows = [
        (kind, b.questions, f"{b.chance:.0%}", f"{b.majority:.0%}", f"{b.words:.0%}", f"{b.above_chance:+.0f}")
        for kind, b in baselines.items()
    ]
    return "Answered without the picture", ["type", "questions", "chance", "commonest", "by words", "above"], rows
