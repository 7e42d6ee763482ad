"""What all multiple-choice benchmarks share: how options are shown, how a choice is read, circles, categories, bias of place."""

from __future__ import annotations

import inspect
import random
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypedDict, get_args

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError
from vistune.data.example import Example, ImageSource, Message, assistant, user
from vistune.evaluation.benchmarks.base import OfSplit, Scored, Way
from vistune.evaluation.metrics.choices import LETTERS, likeliest, place_bias, place_columns, rolled
from vistune.evaluation.metrics.intervals import ratio
from vistune.world.scene import Prior, Split

if TYPE_CHECKING:
    from vistune.evaluation.judges.base import Judge, Verdict

#: How an answer becomes a choice: by the benchmark's own rule, by what is likeliest, or by a judge where the rule finds none.
Extraction = Literal["rule", "likelihood", "judge"]
#: How options are shown: ``A. x`` or ``(A) x`` on lines of their own, or not at all: then their texts are the answers.
Style = Literal["letters", "brackets", "texts"]
#: What a likelihood is: the mean over the tokens of an option, or their sum.
By = Literal["mean", "sum"]
#: What becomes of an answer that names no option: wrong, or drawn at random by a seed.
Fill = Literal["wrong", "random"]
#: Seed of a random choice, as MMMU's.
FILL_SEED = 42


DIRECTLY = "Answer with the option's letter from the given choices directly."


class Drawing(TypedDict):
    """How questions of the world are drawn, and their pictures."""

    seed: int
    image_size: int
    split: Split
    prior: Prior


@dataclass(frozen=True, slots=True)
class Ask:
    """A question with options. ``truth``: place of the right one. ``buckets``: names whose accuracies are measures.

    ``group``: the picture, for intervals. ``text`` is the prompt where the file gives it whole. ``turn``: place in a circle.
    """

    id: str
    question: str
    options: tuple[str, ...]
    truth: int
    images: tuple[ImageSource, ...] = ()
    hint: str = ""
    type: str = "all"
    group: str = ""
    buckets: tuple[str, ...] = ()
    facets: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    turn: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)


class Choice(OfSplit):
    """Base of benchmarks whose questions have options, one of them right.

    A subclass gives ``published_asks`` and ``nano_asks``, says how a prompt is worded (``prompt_of``) and how its authors
    read an answer (``rule``). Switches: ``extraction``, ``style``, ``by``, ``circular`` (every rotation of the options is
    asked, and all must be right), ``fill``. ``meta`` holds ``choices``, ``truth``, ``buckets`` and ``turn``.

    Measures: accuracy; ``vanilla`` (first copies alone) beside a circular one; ``chance`` of blind guessing on these items;
    the accuracy of each bucket; the share of answers at each place with ``place_spread``, how far these are from even.
    """

    #: Places that are counted apart: the most options a question has.
    places: ClassVar[int] = 4
    #: Styles that the benchmark has.
    styles: ClassVar[tuple[str, ...]] = get_args(Style)

    limit: int | None = None
    extraction: Extraction = "rule"
    style: Style = "letters"
    by: By = "mean"
    circular: bool = False
    fill: Fill = "wrong"
    judge: Any = "oracle"

    def __post_init__(self) -> None:
        """Also the benchmark's own styles; a judge is named where one is asked."""
        super().__post_init__()
        if self.style not in self.styles:
            raise ConfigError(f"'style' is one of {', '.join(self.styles)}, not '{self.style}'.")
        if self.extraction != "judge":
            self.judge = None

    @property
    def name(self) -> str:
        """With what makes it another measure than the class's usual one: circular or not, and the extraction."""
        usual = {name: p.default for name, p in inspect.signature(type(self)).parameters.items()}
        parts = [super().name]
        if self.circular != usual.get("circular", False):
            parts.append("circular" if self.circular else "vanilla")
        if self.extraction != usual.get("extraction", "rule"):
            parts.append(self.extraction)
        return "_".join(parts)

    @property
    def way(self) -> Way:
        """By the extraction."""
        ways: dict[str, Way] = {"rule": "answer", "likelihood": "likelihood", "judge": "judge"}
        return ways[self.extraction]

    @property
    def drawn(self) -> Drawing:
        """How the world's questions are drawn, for ``nano_choices``."""
        return {"seed": self.seed, "image_size": self.image_size, "split": self.split, "prior": self.prior}

    @abstractmethod
    def published_asks(self) -> list[Ask]:
        """The questions of the files at ``path``."""

    @abstractmethod
    def nano_asks(self) -> list[Ask]:
        """Questions of the same form, made by the world."""

    def published(self) -> list[Example]:
        """Items of the files."""
        return self._items(self.published_asks())

    def nano(self) -> list[Example]:
        """Items of the world."""
        return self._items(self.nano_asks())

    def _items(self, asks: Sequence[Ask]) -> list[Example]:
        seen: dict[str, int] = {}
        made = []
        for ask in asks[: self.limit]:
            seen[ask.id] = seen.get(ask.id, 0) + 1
            one = ask if seen[ask.id] == 1 else replace(ask, id=f"{ask.id}#{seen[ask.id]}")
            made += [self.example(turn) for turn in (circle(one) if self.circular else [one])]
        return made

    def example(self, ask: Ask) -> Example:
        """An item: the prompt, and the right letter and text as references."""
        right = ask.options[ask.truth]
        answers = [right] if self.style == "texts" else [LETTERS[ask.truth], right]
        meta: dict[str, Any] = {
            "type": ask.type, "group": ask.group or ask.id, "choices": list(ask.options), "truth": ask.truth,
            "buckets": list(ask.buckets), "turn": ask.turn, "options": dict(zip(LETTERS, ask.options)), **ask.more,
        }  # fmt: skip
        if ask.facets:
            meta["facets"] = dict(ask.facets)
        return Example(ask.id, [self.message(ask)], list(ask.images), answers=answers, meta=meta)

    def message(self, ask: Ask) -> Message:
        """The user's turn: pictures first, then the prompt."""
        return user(self.prompt_of(ask), images=tuple(range(len(ask.images))))

    def prompt_of(self, ask: Ask) -> str:
        """The prompt in words: the hint, the question, the options, and LLaVA's request for a letter."""
        if ask.text:
            return ask.text
        lines = [ask.hint, ask.question, *option_lines(ask.options, self.style)]
        return "\n".join([*filter(None, lines), *([] if self.style == "texts" else [DIRECTLY])])

    def rule(self, answer: str, options: Mapping[str, str]) -> str | None:
        """The letter that an answer names by the rule of the benchmark's authors; None for none. ``options``: by letter."""
        raise NotImplementedError(f"{type(self).__name__} has no rule.")

    def read(self, example: Example, answer: str) -> int | None:
        """Place of the option that an answer names; None where it names none, or one that is not there."""
        choices = example.meta["choices"]
        if self.style == "texts":
            said = plain(answer)
            return next((k for k, text in enumerate(choices) if plain(text) == said), None) if said else None
        letter = self.rule(answer.strip(), dict(zip(LETTERS, choices)))
        return LETTERS.index(letter) if letter is not None and letter in LETTERS[: len(choices)] else None

    def score(self, example: Example, answer: str) -> Scored:
        """Right or wrong by the rule."""
        return self.scored(example, self.read(example, answer))

    def scored(self, example: Example, chosen: int | None) -> Scored:
        """Counts of one item, given the chosen place."""
        choices, truth = example.meta["choices"], example.meta["truth"]
        taken = chosen
        if chosen is None and self.fill == "random":
            taken = random.Random(f"{FILL_SEED}/{example.id}").randrange(len(choices))
        right = float(taken == truth)
        columns = {"items": 1.0, "correct": right, "even": 1 / len(choices)}
        columns |= place_columns(chosen, truth, len(choices), self.places)
        for name in example.meta["buckets"]:
            columns |= {f"n:{name}": 1.0, f"right:{name}": right}
        said = None if chosen is None else choices[chosen] if self.style == "texts" else LETTERS[chosen]
        return Scored(said, right, self.with_all_buckets(columns))

    def with_all_buckets(self, columns: dict[str, float]) -> dict[str, float]:
        """The columns with those of all other buckets at zero: every item has the same columns."""
        return {**{f"{what}:{name}": 0.0 for name in self._buckets() for what in ("n", "right")}, **columns}

    def _buckets(self) -> tuple[str, ...]:
        if not hasattr(self, "_names"):
            self.examples()
        return self._names

    def examples(self) -> list[Example]:
        """The items of the edition."""
        made = super().examples()
        self._names = tuple(dict.fromkeys(name for e in made for name in e.meta.get("buckets", ())))
        return made

    def candidates(self, example: Example) -> list[Example]:
        """One conversation for each option: it ends in the letter, or in the option's text where no letters are shown."""
        choices = example.meta["choices"]
        ends = choices if self.style == "texts" else LETTERS[: len(choices)]
        return [replace(example, messages=[*example.messages, assistant(text)]) for text in ends]

    def score_candidates(self, example: Example, logprobs: Sequence[Sequence[float]]) -> Scored:
        """Right where the true option is the likeliest by the mean or the sum of its tokens' log-probabilities."""
        losses = [[-value for value in row] for row in logprobs]
        return self.scored(example, likeliest(losses, mean=self.by == "mean"))

    def build_judge(self) -> Judge:
        """Who matches an answer with the options."""
        from vistune.evaluation.judges.base import build_judge

        return build_judge(self.judge if self.judge is not None else "oracle", "choice")

    def score_judged(self, example: Example, answer: str, verdict: Verdict) -> Scored:
        """By the rule where it finds an option, else the judge's mark ``option``: its place, -1 for none."""
        chosen = self.read(example, answer)
        if chosen is None and verdict.parsed:
            place = int(verdict.marks.get("option", -1))
            chosen = place if 0 <= place < len(example.meta["choices"]) else None
        return self.scored(example, chosen)

    def group_columns(self, items: Sequence[Mapping[str, Any]]) -> dict[str, float]:
        """Circles of one picture: how many, how many wholly right, and what guessing would give."""
        if not self.circular:
            return {}
        circles: dict[str, list[Mapping[str, Any]]] = {}
        for item in items:
            circles.setdefault(base_id(item["id"]), []).append(item)
        columns = {"circles": 0.0, "circled": 0.0, "vanilla": 0.0, "even_circles": 0.0}
        columns |= {f"{what}:{name}": 0.0 for name in self._buckets() for what in ("circles", "circled")}
        for copies in circles.values():
            whole = float(all(copy["score"] == 1.0 for copy in copies))
            options = 1 / copies[0]["columns"]["even"]
            columns["circles"] += 1
            columns["circled"] += whole
            columns["vanilla"] += next((copy["score"] for copy in copies if copy["id"].endswith("@0")), 0.0)
            columns["even_circles"] += options**-options
            for name in (n[2:] for n, value in copies[0]["columns"].items() if n.startswith("n:") and value):
                columns[f"circles:{name}"] += 1
                columns[f"circled:{name}"] += whole
        return columns

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Accuracy, chance, accuracies of buckets, places."""
        if self.circular:
            found = {
                "accuracy": ratio(sums["circled"], sums["circles"]),
                "vanilla": ratio(sums["vanilla"], sums["circles"]),
                "chance": ratio(sums["even_circles"], sums["circles"]),
            }
        else:
            found = {"accuracy": ratio(sums["correct"], sums["items"]), "chance": ratio(sums["even"], sums["items"])}
        return {**found, **self.bucket_measures(sums), **place_bias(sums)}

    def bucket_measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Accuracy of each bucket; circular where the benchmark is."""
        top, bottom = ("circled", "circles") if self.circular else ("right", "n")
        names = [key.split(":", 1)[1] for key in sums if key.startswith(f"{bottom}:")]
        return {name: ratio(sums[f"{top}:{name}"], sums[f"{bottom}:{name}"]) for name in names}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The options, what was read, and the right one."""
        choices = example.meta["choices"]
        steps = [("options", "; ".join(f"{LETTERS[k]}: {text}" for k, text in enumerate(choices)))]
        if self.extraction == "likelihood":
            weighed = "text" if self.style == "texts" else "letter"
            steps.append(("extraction", f"likeliest {weighed} by the {self.by} of its tokens"))
        else:
            read = self.read(example, item["answer"])
            steps.append(("extraction", f"by the rule: {'no option' if read is None else LETTERS[read]}"))
            if read is None and self.fill == "random":
                steps.append(("fill", f"one of {len(choices)} options at random, seed {FILL_SEED}"))
        return [*steps, ("right", f"{LETTERS[example.meta['truth']]}: {choices[example.meta['truth']]}")]


def bare_prompt(ask: Ask) -> str:
    """The hint and the question alone: for style ``texts``, where options are weighed or named, not shown."""
    return "\n".join(filter(None, [ask.hint, ask.question]))


def option_lines(options: Sequence[str], style: Style) -> list[str]:
    """``A. x`` or ``(A) x`` a line; none for ``texts``."""
    if style == "texts":
        return []
    form = "({}) {}" if style == "brackets" else "{}. {}"
    return [form.format(letter, text) for letter, text in zip(LETTERS, options)]


def circle(ask: Ask) -> list[Ask]:
    """All rotations of the options, the first as it is; ids end in ``@0``, ``@1``..."""
    return [
        replace(ask, id=f"{ask.id}@{turn}", options=tuple(options), truth=truth, turn=turn, group=ask.group or ask.id)
        for turn, (options, truth) in enumerate(rolled(ask.options, ask.truth))
    ]


def base_id(name: str) -> str:
    """The id of a copy's question."""
    return name.rsplit("@", 1)[0]


def plain(text: str) -> str:
    """Lower case without a full stop or blanks at the ends."""
    return text.strip().rstrip(".").strip().lower()
