"""The face of every benchmark."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, dataclass_transform, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, nearest
from vistune.core.registry import Registry
from vistune.data.example import Example
from vistune.evaluation.metrics.intervals import ratio
from vistune.world.scene import Prior, Split

if TYPE_CHECKING:
    from vistune.evaluation.judges.base import Judge, Verdict

#: What is asked of the model: an answer in words; the likelihood of given texts; an answer that a judge marks.
Way = Literal["answer", "likelihood", "judge"]
#: Parameters that say how it is asked or scored, where a benchmark has them; a report prints them with every score.
SWITCHES = (
    "mode", "extraction", "circular", "style", "prompt", "suffix", "judge", "by", "length", "blank", "part", "convention",
    "padded", "fill", "condition", "hint", "modality", "beginning", "max_new_tokens",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scored:
    """One answer: as it was understood (None: not at all), its score in [0, 1], and the counts that go into the measures."""

    parsed: str | None
    score: float
    columns: dict[str, float]


@dataclass_transform(kw_only_default=True, eq_default=False, field_specifiers=(field,))
class Benchmark(ABC):
    """Examples to ask, and the official way to score their answers.

    A subclass is a dataclass without saying so: what it annotates is a parameter, by keyword, and ``__post_init__`` checks
    more than types. What has no annotation, or is a ``ClassVar``, is the same for all of its objects.

    An example's ``meta`` holds ``type`` (for the table by type), ``group`` (the picture: what intervals resample) and, where
    they are known, ``facets``: name -> value (number of things, size, prior...), each a table of its own in a report.

    How a model is asked is its ``way``. ``answer``: it writes, and ``score`` reads the text. ``likelihood``: each of the
    ``candidates`` gets its log-probabilities, and ``score_candidates`` reads them. ``judge``: it writes, a judge marks what
    it wrote, and ``score_judged`` reads the marks.
    """

    kind: ClassVar[str]
    #: The measure that stands for the benchmark, and whether more of it is better.
    main: str = "accuracy"
    higher_is_better: bool = True
    #: Protocol that is followed, for the report.
    protocol: str = ""
    #: What it tests, in words of ``vistune.evaluation.benchmarks.capabilities``.
    capabilities: tuple[str, ...] = ()
    #: The measure's value for blind guessing; None where that is not known.
    chance: float | None = None
    #: Raised whenever what is asked, or how it is scored, changes: scores of unequal versions don't compare.
    version: int = 1
    #: Measures that are no shares of 1 (CIDEr, MME's sums, a judge's marks): shown as they are, all others in percent.
    not_shares: tuple[str, ...] = ()
    #: Scores are grades, not right or wrong.
    graded: bool = False
    #: Each turn of a dialogue is asked by itself, without what was said before.
    afresh: bool = False
    max_new_tokens: int = 16
    #: Records that ``examples`` had to leave out because they are broken.
    unreadable: int = 0
    #: Whether the class, or one before it, says itself how it is made.
    _own_init: ClassVar[bool] = False
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __init_subclass__(cls, **told: Any) -> None:
        super().__init_subclass__(**told)
        cls._own_init = cls._own_init or "__init__" in vars(cls)
        dataclass(init=not cls._own_init, kw_only=True, eq=False, repr=False)(cls)
        unsaid = [one.name for one in fields(cls) if one.name in vars(cls) and vars(cls)[one.name] != one.default]
        if unsaid and not cls._own_init:
            raise TypeError(f"{cls.__name__}: '{unsaid[0]}' is a parameter of a class before it; annotate it here too.")

    def __post_init__(self) -> None:
        """Texts of paths become paths. Raises ``ConfigError`` for a value that is none of a parameter's."""
        for name, hint in _parameters(type(self)).items():
            value = getattr(self, name)
            if get_origin(hint) is Literal and value not in get_args(hint):
                known = list(map(str, get_args(hint)))
                near = nearest(str(value), known).partition("Known:")[0]
                raise ConfigError(f"'{name}' is one of {', '.join(known)}, not '{value}'. {near}".rstrip())
            if hint in (Path, Path | None) and isinstance(value, str):
                setattr(self, name, Path(value) if value else None)

    @property
    def name(self) -> str:
        """Name in reports and folders."""
        return self.kind

    @property
    def way(self) -> Way:
        """What is asked of the model."""
        return "answer"

    @property
    def switches(self) -> dict[str, str]:
        """The choices of protocol in force: name -> value."""
        named = [name for name in inspect.signature(type(self)).parameters if name in SWITCHES]
        values = {
            name: getattr(self, name) for name in dict.fromkeys([*named, "max_new_tokens"]) if hasattr(self, name)
        }
        return {name: " ".join(str(value).split()) for name, value in values.items() if value not in (None, "")}

    @abstractmethod
    def examples(self) -> list[Example]:
        """What is asked; the last message is the user's, ``answers`` hold the references."""

    def score(self, example: Example, answer: str) -> Scored:
        """One answer's score."""
        raise NotImplementedError(f"{type(self).__name__} is not scored by the text of an answer.")

    def candidates(self, example: Example) -> list[Example]:
        """The conversations whose last answers are weighed, for the way ``likelihood``."""
        raise NotImplementedError(f"{type(self).__name__} has no candidates to weigh.")

    def score_candidates(self, example: Example, logprobs: Sequence[Sequence[float]]) -> Scored:
        """Score from the log-probabilities of each candidate's tokens, its end mark last."""
        raise NotImplementedError(f"{type(self).__name__} has no candidates to weigh.")

    def build_judge(self) -> Judge:
        """Who marks the answers, for the way ``judge``."""
        raise NotImplementedError(f"{type(self).__name__} is not judged.")

    def score_judged(self, example: Example, answer: str, verdict: Verdict) -> Scored:
        """Score from a judge's marks."""
        raise NotImplementedError(f"{type(self).__name__} is not judged.")

    def follow_up(self, example: Example, said: Sequence[str]) -> Example | None:
        """What the user says next, given all answers so far; None where the dialogue is over. ``example`` is the first turn.

        Its messages come after what was said before; its images are those of the whole dialogue, earlier ones first.
        """
        return None

    def score_dialogue(self, example: Example, said: Sequence[str]) -> Scored:
        """Score of a dialogue from all its answers; by default the last one's."""
        return self.score(example, said[-1])

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Steps from the raw answer to the score, beside those that every benchmark has: (step, what came out)."""
        return []

    def group_columns(self, items: Sequence[Mapping[str, Any]]) -> dict[str, float]:
        """Counts of a whole group (a picture, a sentence), given its scored items."""
        return {}

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Measures from sums of the columns over items."""
        return {"accuracy": ratio(sums["correct"], sums["items"])}


@cache
def _parameters(part: type[Benchmark]) -> dict[str, Any]:
    """Parameter -> its type; nothing where a type is only known to those who check types."""
    try:
        hints = get_type_hints(part)
    except NameError:
        return {}
    return {one.name: hints[one.name] for one in fields(part) if one.init}


class Published(Benchmark):
    """A benchmark with two editions under one protocol: published files at ``path``, or, without one, made by the world.

    A subclass implements ``published`` and ``nano``, which makes ``n`` items of pictures ``image_size`` pixels on a side, of
    the world's ``prior``; ``seed`` draws other ones.
    """

    path: Path | None = None
    n: int = 240
    prior: Prior = "flat"
    image_size: int = 64
    seed: int = 0

    @property
    def name(self) -> str:
        """``nano_KIND`` for the edition made by the world."""
        return self.kind if self.path is not None else f"nano_{self.kind}"

    def examples(self) -> list[Example]:
        """The items of the edition."""
        return unique_ids(self.nano() if self.path is None else self.published())

    @abstractmethod
    def published(self) -> list[Example]:
        """Items read from ``path``. Raises ``DataError`` where the files are not as published."""

    @abstractmethod
    def nano(self) -> list[Example]:
        """Items made by the world, with the same fields."""


class OfSplit(Published):
    """One whose nano edition has the world's splits (those of the files go by other names, or there is none)."""

    split: Split = "test"


def unique_ids(examples: Sequence[Example]) -> list[Example]:
    """The examples, an id that came before marked ``id#2``, ``id#3``... (LLaVA files give all turns of a picture one id)."""
    seen: dict[str, int] = {}
    named = []
    for example in examples:
        seen[example.id] = seen.get(example.id, 0) + 1
        times = seen[example.id]
        named.append(example if times == 1 else replace(example, id=f"{example.id}#{times}"))
    return named


#: One module a benchmark or family.
_MODULES = """
world files chair pope nlvr captions retrieval m_haldetect leading dnli gavie mmhal statements detection changed
words_or_vision mm_bigbench steered mm_vet llava_bench touchstone amber hallusion_bench refcoco multilingual mme
scienceqa mmbench choice_files seed_bench mmmu cv_bench mmcomposition gimmick patheval provision few_shot owleval aro
vl_checklist winoground sugar_crepe kinds vqa aokvqa vizwiz gqa xgqa textvqa docvqa chartqa tabmwp vqa_rad forms
docqa_text ehub gpt_score judged sub_questions house_walks
"""

BENCHMARKS: Registry[Benchmark] = Registry(
    "benchmark", base=Benchmark, modules=tuple(f"vistune.evaluation.benchmarks.{m}" for m in _MODULES.split())
)
