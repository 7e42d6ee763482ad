"""What can be answered without the picture: blind baselines for every type of question.

A question set is only as good as its worst shortcut. Three guessers learn from one half of the pictures and guess for
the other half, and the other way round:

- *commonest*: of the options of a question, the one that is right most often;
- *by words*: a linear classifier on the words of the question (one and two in a row), held to the options;
- *by options*: a linear classifier on the options themselves: their words, their place, and what they stand against.

Options are the choices that are shown; yes and no; what the question offers by name ("red or blue", "which of the cat
and the dog"); else all answers of the type. Chance is one of the options, so a guesser knows the form of the question and no more.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from vistune.core.errors import DataError, MissingExtra
from vistune.data.example import Example

#: An answer that makes up less than this share of its type's answers is no option for a guess.
RARE = 0.01
#: Fewer questions of a type than this say nothing.
LEAST = 100
#: Answers that the guesser by words learns at most, the commonest.
_LEARNED = 60
#: Half the width of a 95% interval, in standard errors.
_Z = 1.96
_YES_NO = ("yes", "no")
#: A question with these words offers its answers by name.
_OFFERS = re.compile(r" (?:or|among|which of|one of) ")
#: Two points to choose from, which hardly ever come twice: "(0.22, 0.94) or (0.71, 0.94)".
_POINTS = re.compile(r"(\([^()]+\)),? or (\([^()]+\))")
_LETTER = re.compile(r"^\(?([A-H])(?:[).:]+|$)\s*(.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a blind guesser sees it; ``group`` keeps the questions of one picture together.

    ``choices``: the options that are shown; the answer is one of them.
    """

    type: str
    question: str
    answer: str
    group: int
    choices: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Blind:
    """Shares of right answers to one type: by chance, by the commonest option, by the words, by the options.

    ``margin``: half the width of the 95% interval of ``above_chance``, in points; questions of one picture count as one
    draw.
    """

    questions: int
    chance: float
    majority: float
    words: float
    options: float
    margin: float

    @property
    def above_chance(self) -> float:
        """How far the best blind guess is above chance, in points of 100."""
        return 100 * (max(self.majority, self.words, self.options) - self.chance)


def asked_in(examples: Iterable[Example]) -> list[Asked]:
    """All questions that engines recorded in ``meta["questions"]``. Raises ``DataError`` where there are none."""
    found = [
        asked(q["type"], q["question"], q["answer"], group, q.get("choices"))
        for group, example in enumerate(examples)
        for q in example.meta.get("questions", ())
    ]
    if not found:
        raise DataError("No example says of what type its questions are (meta 'questions'): there is nothing to guess.")
    return found


def asked(type: str, question: str, answer: str, group: int, choices: Sequence[str] | None = None) -> Asked:
    """A question; an answer by letter ("B", "(B) blue") becomes the choice that it names."""
    if not choices or answer in choices:
        return Asked(type, question, answer, group, tuple(choices) if choices else None)
    lettered = _LETTER.match(answer)
    if lettered is None or (place := ord(lettered[1]) - ord("A")) >= len(choices):
        raise DataError(f"The answer '{answer}' to '{question}' is none of its choices {list(choices)}.")
    return Asked(type, question, choices[place], group, tuple(choices))


def blind_baselines(asked: Sequence[Asked]) -> dict[str, Blind]:
    """The blind baseline of each type with at least ``LEAST`` questions. Raises ``MissingExtra`` without scikit-learn."""
    by_type: dict[str, list[Asked]] = defaultdict(list)
    for question in asked:
        by_type[question.type].append(question)
    return {kind: _baseline(group) for kind, group in sorted(by_type.items()) if len(group) >= LEAST}


def chance(asked: Sequence[Asked]) -> float:
    """The share that guessing evenly among the options gets right."""
    return sum(1 / len(options) for options in options_of(asked)) / len(asked)


def options_of(asked: Sequence[Asked]) -> list[tuple[str, ...]]:
    """The options of each question of one type, in the order in which they are shown."""
    counts = Counter(q.answer for q in asked if q.answer not in _YES_NO and not q.choices)
    common = tuple(sorted(answer for answer, n in counts.items() if n >= RARE * counts.total()))
    if sum(counts[answer] for answer in common) < counts.total() / 2:
        common = tuple(sorted(counts))
    return [_options(q, counts, common) for q in asked]


def _options(question: Asked, answers: Iterable[str], common: tuple[str, ...]) -> tuple[str, ...]:
    if question.choices:
        return question.choices
    if question.answer in _YES_NO:
        return _YES_NO
    named = _named(question.question, answers)
    return named if question.answer in named and len(named) > 1 else common or (question.answer,)


def _named(text: str, answers: Iterable[str]) -> tuple[str, ...]:
    """The answers that a question offers by name, in order; where one lies in another, the longer."""
    words = _plain(text)
    points = _POINTS.search(text)
    if points is not None:
        return points.groups()
    if not _OFFERS.search(words):
        return ()
    found: dict[int, str] = {}
    for answer in sorted(answers, key=len, reverse=True):
        while (place := words.find(f" {_plain(answer).strip()} ")) >= 0:
            length = len(_plain(answer).strip())
            words = words[: place + 1] + "\n" * length + words[place + 1 + length :]
            found[place] = answer
    return tuple(dict.fromkeys(found[place] for place in sorted(found)))


def _plain(text: str) -> str:
    """Words between single spaces, without marks between them."""
    return f" {' '.join(re.sub(r'[?,:;]', ' ', text).split())} "


def _baseline(asked: Sequence[Asked]) -> Blind:
    options = options_of(asked)
    halves = [[i for i, q in enumerate(asked) if q.group % 2 == side] for side in (0, 1)]
    if not all(halves):
        raise DataError("A blind baseline needs the questions of two pictures at least.")
    right: dict[str, list[bool]] = {name: [False] * len(asked) for name in ("majority", "words", "options")}
    for learn, guess in (halves, halves[::-1]):
        taught, shown = [(asked[i], options[i]) for i in learn], [(asked[i], options[i]) for i in guess]
        guesses = {"majority": _commonest(taught, shown), "words": _by_words(taught, shown)}
        guesses["options"] = _by_options(taught, shown, guesses["words"])
        for name, said in guesses.items():
            for i, answer in zip(guess, said):
                right[name][i] = answer == asked[i].answer
    shares = {name: sum(marks) / len(asked) for name, marks in right.items()}
    best = right[max(shares, key=lambda name: shares[name])]
    even = [1 / len(of) for of in options]
    over = [mark - by_chance for mark, by_chance in zip(best, even)]
    return Blind(len(asked), sum(even) / len(asked), **shares, margin=_margin(over, [q.group for q in asked]))


def _margin(values: Sequence[float], groups: Sequence[int]) -> float:
    """Half the 95% interval of a mean, in points; values of one group vary together."""
    mean = sum(values) / len(values)
    sums: dict[int, float] = defaultdict(float)
    for value, group in zip(values, groups):
        sums[group] += value - mean
    return 100 * _Z * math.sqrt(sum(x * x for x in sums.values())) / len(values)


_Known = tuple[Asked, tuple[str, ...]]


def _commonest(learn: Sequence[_Known], guess: Sequence[_Known]) -> list[str]:
    """Of a question's options the one that was right in the largest share of the questions that offered it."""
    right, offered = Counter(q.answer for q, _ in learn), Counter(o for _, options in learn for o in options)
    share = {option: right[option] / (n + 2) for option, n in offered.items()}
    return [max(options, key=lambda o: share.get(o, 0.0)) for _, options in guess]


def _linear(features: Any, answers: Sequence[Any]) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=0.3, max_iter=100).fit(features, answers)


def _by_words(learn: Sequence[_Known], guess: Sequence[_Known]) -> list[str]:
    try:
        from sklearn.feature_extraction.text import CountVectorizer
    except ImportError as error:
        raise MissingExtra("scikit-learn", "data", "A blind baseline") from error
    counts = Counter(q.answer for q, _ in learn)
    frequent = {answer for answer, n in counts.most_common(_LEARNED) if n > 1}
    taught = [q for q, _ in learn if q.answer in frequent]
    fallback = _commonest(learn, guess)
    if len({q.answer for q in taught}) < 2:
        return fallback
    counter = CountVectorizer(ngram_range=(1, 2), token_pattern=r"\S+", min_df=2, binary=True)
    try:
        features = counter.fit_transform([q.question for q in taught])
    except ValueError:  # no word occurs twice: nothing can be learned
        return fallback
    model = _linear(features, [q.answer for q in taught])
    scores = model.decision_function(counter.transform([q.question for q, _ in guess]))
    if scores.ndim == 1:
        scores = [(-score, score) for score in scores]
    places = {str(answer): k for k, answer in enumerate(model.classes_)}
    said = []
    for (_, options), row, other in zip(guess, scores, fallback):
        known = [o for o in options if o in places]
        said.append(max(known, key=lambda o: row[places[o]]) if known else other)
    return said


def _tells(options: tuple[str, ...], place: int) -> list[str]:
    """What is seen of one option: its place, itself, its words one and two in a row, and what it stands against."""
    option = options[place]
    words = option.split()
    pairs = [f"{a} {b}" for a, b in pairwise(words)]
    against = [f"{option} > {other}" for k, other in enumerate(options) if k != place]
    return [f"#{place}/{len(options)}", f"={option}", *words, *pairs, *against]


def _by_options(learn: Sequence[_Known], guess: Sequence[_Known], otherwise: Sequence[str]) -> list[str]:
    """Where the options differ from question to question; ``otherwise`` where they are always the same."""
    from sklearn.feature_extraction.text import CountVectorizer

    if len({options for _, options in learn}) < 2:
        return list(otherwise)
    rows = [
        (_tells(options, k), o == q.answer) for q, options in learn if len(options) <= 8 for k, o in enumerate(options)
    ]
    if len({is_right for _, is_right in rows}) < 2:
        return list(otherwise)
    analyzer: Any = _as_it_is
    counter = CountVectorizer(analyzer=analyzer, min_df=2, binary=True)
    model = _linear(counter.fit_transform([tells for tells, _ in rows]), [is_right for _, is_right in rows])
    said = list(otherwise)
    few = [(i, options) for i, (_, options) in enumerate(guess) if len(options) <= 8]
    if few:
        scores = model.decision_function(counter.transform([_tells(o, k) for _, o in few for k in range(len(o))]))
        ends = list(accumulate(len(options) for _, options in few))
        for (i, options), end in zip(few, ends, strict=True):
            said[i] = options[int(scores[end - len(options) : end].argmax())]
    return said


def _as_it_is(tells: list[str]) -> list[str]:
    return tells


def blind_table(baselines: dict[str, Blind]) -> tuple[str, list[str], list[tuple[Any, ...]]]:
    """(title, columns, rows) for people."""
    rows = [
        (kind, b.questions, f"{b.chance:.0%}", f"{b.majority:.0%}", f"{b.words:.0%}", f"{b.options:.0%}",
         f"{b.above_chance:+.0f} ± {b.margin:.0f}")
        for kind, b in baselines.items()
    ]  # fmt: skip
    columns = ["type", "questions", "chance", "commonest", "by words", "by options", "above"]
    return "Answered without the picture", columns, rows
