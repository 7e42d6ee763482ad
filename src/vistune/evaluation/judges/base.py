"""A judge is an annotator with a rubric: the rubric writes the requests and reads the marks, the annotator answers."""

from __future__ import annotations

import hashlib
import statistics
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from vistune.annotators.base import Annotator, Asking, Reply, Usage, build_annotator
from vistune.core.errors import ConfigError
from vistune.core.registry import Registry
from vistune.data.example import Example


@dataclass(slots=True)
class Marks:
    """Marks by name as a rubric reads them. ``parsed`` is False where a reply could not be read; what stands in
    ``values`` then is what the official script puts in its place, and ``values`` may be empty.
    """

    values: dict[str, float] = field(default_factory=dict)
    parsed: bool = True


@dataclass(slots=True)
class Verdict:
    """What a judge says of one item: marks, whether all replies could be read, the replies, and an error if there is one.

    ``marks`` is empty where no request was answered. ``spread``: of each mark the standard deviation over several votes.
    """

    marks: dict[str, float]
    parsed: bool
    replies: list[Reply]
    error: str | None = None
    spread: dict[str, float] = field(default_factory=dict)


class Rubric(ABC):
    """What a judge is asked, and how its replies become marks.

    ``requests`` reads of an example: its question (the last user message), ``answers`` (references, the first is the one
    that is shown), ``meta["context"]`` (words that stand for the picture), ``meta["facts"]`` (a scene, for the oracle only),
    and what its class names besides. ``prompt_file``: the user's words in place of ours, a text with the slots that the class
    names. ``pictures``: the judge sees the pictures too.
    """

    kind: ClassVar[str]
    #: Raised whenever words or reading change: marks of unequal versions don't compare.
    version: ClassVar[int] = 1
    #: The mark that stands for the rubric, its range, and whether more is better.
    main: ClassVar[str] = "score"
    scale: ClassVar[tuple[float, float]] = (0.0, 10.0)
    #: It compares the answer with the reference, side by side.
    pairwise: ClassVar[bool] = False
    #: Its marks say right or wrong, or name one of several, and are no grades: judges are outvoted, not averaged.
    verdict: ClassVar[bool] = False
    #: It shows the judge words that stand for the picture.
    uses_context: ClassVar[bool] = True
    #: How the official script asks.
    asking: ClassVar[Asking] = Asking(temperature=0.0)
    #: How often a request is asked whose reply cannot be read, and how much warmer each time.
    tries: ClassVar[int] = 1
    warmer: ClassVar[float] = 0.0
    #: A request that failed is read as an empty reply if others of the item did not.
    partial: ClassVar[bool] = False

    def __init__(self, prompt_file: str | None = None, pictures: bool = False) -> None:
        self.prompt_file, self.pictures = prompt_file, pictures

    @abstractmethod
    def requests(self, example: Example, answers: Sequence[str]) -> list[Example]:
        """The requests for one item. ``answers``: one, or those of several systems for rubrics that compare them."""

    def more(self, example: Example, answers: Sequence[str], replies: Sequence[str]) -> list[Example]:
        """Further requests that need the replies to the first ones. Mostly none."""
        return []

    @abstractmethod
    def read(self, replies: Sequence[str]) -> Marks:
        """Marks from all replies, in the order of the requests."""

    def readable(self, reply: str) -> bool:
        """Whether a reply can be read; where not, it is asked again (``tries``)."""
        return True

    @abstractmethod
    def words(self) -> str:
        """All fixed words of the requests: what ``prompt_hash`` is taken of."""

    @property
    def prompt_source(self) -> str:
        """``ours``, or the name of the user's file."""
        return "ours" if self.prompt_file is None else Path(self.prompt_file).name

    @property
    def prompt_hash(self) -> str:
        """12 hexadecimal digits that change with the words of the requests."""
        return hashlib.blake2b(self.words().encode(), digest_size=6).hexdigest()

    def identity(self) -> dict[str, Any]:
        """What must be equal for marks to compare."""
        told = {"rubric": self.kind, "version": self.version, "prompt": self.prompt_source}
        return told | {"prompt_hash": self.prompt_hash, "pictures": self.pictures}


RUBRICS: Registry[Rubric] = Registry(
    "rubric",
    base=Rubric,
    modules=tuple(f"vistune.evaluation.judges.{m}" for m in ("pairs", "marks", "verdicts", "dnli", "gpt_score")),
)


class Judge:
    """Marks answers.

    ``votes``: how often each item is judged; marks are the means over the votes that could be read. ``tries``: how often a
    request whose reply cannot be read is asked, at most (None: as the rubric's official script does).
    """

    def __init__(self, annotator: Annotator, rubric: Rubric, votes: int = 1, tries: int | None = None) -> None:
        if votes < 1 or (tries is not None and tries < 1):
            raise ConfigError("A judge needs at least one vote and one try.")
        self.annotator, self.rubric, self.votes = annotator, rubric, votes
        self.tries = rubric.tries if tries is None else tries

    @property
    def usage(self) -> Usage:
        """Requests, tokens and cost so far."""
        return self.annotator.usage

    def identity(self) -> dict[str, Any]:
        """Judge, rubric, prompt hash and votes, for every report."""
        return {"judge": self.annotator.identity(), **self.rubric.identity(), "votes": self.votes}

    def judge(self, examples: Sequence[Example], answers: Sequence[str | Sequence[str]]) -> list[Verdict]:
        """One verdict an item, in order. ``answers``: one an item, or several where the rubric compares systems.

        All requests of a vote go to the annotator in one call, so that it may ask side by side. Raises ``ConfigError``
        for unequal numbers of examples and answers.
        """
        if len(examples) != len(answers):
            raise ConfigError(f"A judge got {len(examples)} questions and {len(answers)} answers.")
        given = [[a] if isinstance(a, str) else list(a) for a in answers]
        rounds = [self._vote(examples, given, vote) for vote in range(self.votes)]
        return [_combined([votes[i] for votes in rounds]) for i in range(len(examples))]

    def _vote(self, examples: Sequence[Example], answers: list[list[str]], vote: int) -> list[Verdict]:
        first = self._ask([self.rubric.requests(e, a) for e, a in zip(examples, answers)], vote)
        following = [
            [] if _error(replies) else self.rubric.more(e, a, [r.text for r in replies])
            for e, a, replies in zip(examples, answers, first)
        ]
        if any(following):
            first = [before + after for before, after in zip(first, self._ask(following, vote))]
        return [self._verdict(replies) for replies in first]

    def _ask(self, requests: list[list[Example]], vote: int) -> list[list[Reply]]:
        """Replies to each item's requests; those that cannot be read are asked again, all together."""
        flat = [request for of_item in requests for request in of_item]
        replies: dict[int, Reply] = {}
        waiting = list(range(len(flat)))
        for attempt in range(self.tries):
            asking = self.rubric.asking.again(vote + self.votes * attempt, self.rubric.warmer * attempt)
            for place, reply in zip(waiting, self.annotator.ask([flat[i] for i in waiting], asking)):
                replies[place] = reply
            waiting = [i for i in waiting if replies[i].error is None and not self.rubric.readable(replies[i].text)]
            if not waiting:
                break
        told = iter(range(len(flat)))
        return [[replies[next(told)] for _ in of_item] for of_item in requests]

    def _verdict(self, replies: list[Reply]) -> Verdict:
        error = _error(replies)
        if error is not None and not (self.rubric.partial and any(r.error is None for r in replies)):
            return Verdict({}, False, replies, error)
        marks = self.rubric.read(["" if reply.error else reply.text for reply in replies])
        return Verdict(marks.values, marks.parsed and error is None, replies, error)


def _error(replies: Sequence[Reply]) -> str | None:
    return next((reply.error for reply in replies if reply.error is not None), None)


def _combined(votes: Sequence[Verdict]) -> Verdict:
    """Means over the votes that were read; over all where none was (what the official script puts in their place)."""
    if len(votes) == 1:
        return votes[0]
    replies = [reply for vote in votes for reply in vote.replies]
    used = [v for v in votes if v.parsed] or [v for v in votes if v.marks]
    marks, spread = {}, {}
    for name in {name: None for vote in used for name in vote.marks}:
        values = [vote.marks[name] for vote in used if name in vote.marks]
        marks[name] = statistics.fmean(values)
        spread[name] = statistics.pstdev(values)
    error = None if used else next((v.error for v in votes), None)
    return Verdict(marks, any(v.parsed for v in votes), replies, error, spread)


def build_rubric(spec: str | Mapping[str, Any] | Rubric) -> Rubric:
    """The rubric of a kind or ``{kind: ..., **parameters}``; one that is there already is handed on."""
    return spec if isinstance(spec, Rubric) else RUBRICS.build(spec)


def build_judge(
    spec: str | Mapping[str, Any] | Annotator | Judge, rubric: str | Mapping[str, Any] | Rubric, **context: Any
) -> Judge:
    """The judge of ``{kind: openai, model: ..., votes: 3}``: an annotator's kind and parameters, and the judge's own. Several
    as one: ``{kind: ensemble, of: [...]}`` (see ``ensemble``).

    ``context`` is handed to the annotator if its class takes it (``answerer``: a model that is loaded, for ``kind: model``).
    Raises ``ConfigError``.
    """
    if isinstance(spec, Judge):
        return spec
    if isinstance(spec, Annotator):
        return Judge(spec, build_rubric(rubric))
    parameters: dict[str, Any] = {"kind": spec} if isinstance(spec, str) else dict(spec)
    if parameters.get("kind") == "ensemble":
        from vistune.evaluation.judges.ensemble import build_ensemble

        return build_ensemble(parameters, rubric, **context)
    votes, tries = parameters.pop("votes", 1), parameters.pop("tries", None)
    return Judge(build_annotator(parameters, **context), build_rubric(rubric), votes, tries)
