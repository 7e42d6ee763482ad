"""MME (arXiv 2306.13394): two yes-no questions about each picture of fourteen subtasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, DataError, nearest
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, OfSplit, Scored
from vistune.evaluation.benchmarks.tables import need, picture_of, rows_of
from vistune.evaluation.metrics.yes_no import MME_TASKS, mme_columns, mme_measures, mme_pair_columns, parse_mme

_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
_END = "Please answer yes or no."


@BENCHMARKS.register("mme")
class Mme(OfSplit):
    """Two yes-no questions a picture, one of each answer; 14 subtasks, each worth accuracy plus the share of pictures with both
    right (``acc_plus``), 200 at most. ``perception`` (ten subtasks) and ``cognition`` (four) are sums, ``total`` both.

    ``path``: the released folder of subtasks (``count/0001.jpg`` with ``count/0001.txt``, or ``images`` and
    ``questions_answers_YN``), the evaluation tool's folder of ``SUBTASK.txt`` (picture, question, answer by tabs; ``images``
    holds ``SUBTASK/picture``), or VLMEvalKit's ``MME.tsv``. ``style=plain`` leaves out "Please answer yes or no.", which ends
    every question. The nano edition has ten subtasks: no posters, celebrities, artworks or code. VLMEvalKit finds yes or no
    anywhere in an answer, the tool (and this) in its first four letters.
    """

    main = "total"
    protocol = "MME's evaluation tool: yes or no in the first four letters; acc + acc+ by subtask"
    capabilities = ("hallucination", "perception", "counting", "spatial", "text-in-pictures", "knowledge")
    not_shares = ("total", "perception", "cognition", *MME_TASKS)

    images: Path | None = None
    tasks: list[str] | None = None
    style: Literal["official", "plain"] = "official"
    n: int = 280

    def __post_init__(self) -> None:
        """Subtasks that there are, and what a coin gets of them."""
        super().__post_init__()
        for name in self.tasks or ():
            if name not in MME_TASKS:
                raise ConfigError(f"MME has no subtask '{name}'. {nearest(name, MME_TASKS)}")
        if self.tasks is not None or self.path is None:
            from vistune.evaluation.benchmarks.mme_nano import MAKERS

            # A coin gets half of the questions and a quarter of the pictures.
            self.chance = 75.0 * len(self.tasks if self.tasks is not None else MAKERS)

    @property
    def name(self) -> str:
        """With the style, where it is not the official one."""
        return super().name + ("" if self.style == "official" else f"_{self.style}")

    def _styled(self, example: Example) -> Example:
        if self.style == "official":
            return example
        text = example.messages[-1].text.removesuffix(_END).rstrip()
        return replace(example, messages=[user(text, images=(0,))])

    def published(self) -> list[Example]:
        """Both questions of every picture of ``path``."""
        path = self.path
        assert path is not None
        if path.is_file():
            made = _table(path)
        elif path.is_dir() and any((path / f"{task}.txt").is_file() for task in MME_TASKS):
            made = _tool_files(path, self.images or path)
        elif path.is_dir():
            made = _release(path)
        else:
            raise DataError(f"There is no MME folder or file {path}.")
        made = [e for e in made if self.tasks is None or e.meta["type"] in self.tasks]
        counted = Counter(e.meta["group"] for e in made)
        odd = next((group for group, number in counted.items() if number != 2), None)
        if not made or odd is not None:
            what = "no question of MME's subtasks" if not made else f"{counted[odd]} questions about {odd}, not two"
            raise DataError(f"{path} holds {what}.")
        return [self._styled(example) for example in made]

    def nano(self) -> list[Example]:
        """Pairs of questions about pictures of the world, as many of each subtask."""
        from vistune.evaluation.benchmarks.mme_nano import MAKERS

        chosen = [task for task in MAKERS if self.tasks is None or task in self.tasks]
        if not chosen:
            raise ConfigError(f"The world asks none of these subtasks. {nearest(str(self.tasks), MAKERS)}")
        each = max(1, self.n // (2 * len(chosen)))
        made: list[Example] = []
        for task in chosen:
            pairs = MAKERS[task](self.split, self.prior, self.seed, self.image_size)
            for number, pair in zip(range(each), pairs):
                asked = ((pair.yes, "Yes"), (pair.no, "No"))
                for place in (number % 2, 1 - number % 2):
                    text, answer = asked[place]
                    shown = ImageSource(array=pair.picture)
                    made.append(_item(task, f"{number:04d}", shown, f"{text} {_END}", answer, place))
                    made[-1].meta["facets"] |= pair.facets
        return [self._styled(example) for example in made]

    def score(self, example: Example, answer: str) -> Scored:
        """Right or wrong; what is neither yes nor no by the tool's rule is wrong."""
        columns = mme_columns(example.meta["type"], example.answers[0], answer)
        return Scored(parse_mme(answer), columns[f"right_{example.meta['type']}"], columns)

    def group_columns(self, items: Sequence[Mapping[str, Any]]) -> dict[str, float]:
        """Whether both questions about a picture are right."""
        return mme_pair_columns(items[0]["type"], [item["score"] == 1.0 for item in items])

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """``total``, ``perception``, ``cognition``, each subtask, and their acc and acc+."""
        return mme_measures(sums)

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """How the answer was read."""
        said = str(item["answer"]).lower().strip().replace(".", "")
        return [
            ("lower case, no full stops", repr(said)),
            ("looked at", "the whole" if said in ("yes", "no") or len(said) == 1 else repr(said[:4])),
            ("read as", str(parse_mme(str(item["answer"])))),
            ("truth", example.answers[0]),
            ("subtask", str(item["type"])),
        ]


def _item(task: str, name: str, picture: ImageSource, question: str, answer: str, number: int) -> Example:
    group = f"{task}/{name}"
    meta = {"type": task, "group": group, "facets": {"answer": answer.strip().lower()}}
    return Example(f"{group}#{number}", [user(question, images=(0,))], [picture], answers=[answer], meta=meta)


def _release(path: Path) -> list[Example]:
    """The released folders: two lines of question, tab, answer for each picture."""
    made = []
    for task in MME_TASKS:
        folder = path / task
        if not folder.is_dir():
            continue
        told = folder / "questions_answers_YN" if (folder / "questions_answers_YN").is_dir() else folder
        pictures = folder / "images" if (folder / "images").is_dir() else folder
        for file in sorted(told.glob("*.txt")):
            named = (pictures / f"{file.stem}{suffix}" for suffix in _PICTURES)
            picture = next((place for place in named if place.is_file()), None)
            if picture is None:
                raise DataError(f"{file} has no picture {file.stem}.jpg or .png in {pictures}.")
            for number, (question, answer) in enumerate(_lines(file, 2)):
                made.append(_item(task, picture.name, ImageSource(path=picture), question, answer, number))
    return made


def _tool_files(path: Path, images: Path) -> list[Example]:
    """The evaluation tool's ``SUBTASK.txt``: picture, question, answer (and a model's answer, which is left)."""
    made = []
    for task in MME_TASKS:
        if not (path / f"{task}.txt").is_file():
            continue
        for number, (name, question, answer) in enumerate(_lines(path / f"{task}.txt", 3)):
            place = images / task / name
            picture = images / task / "images" / name if (images / task / "images").is_dir() else place
            made.append(_item(task, name, ImageSource(path=picture), question, answer, number % 2))
    return made


def _lines(file: Path, parts: int) -> list[list[str]]:
    """Fields of each line that is not empty. Raises ``DataError`` with the line."""
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            fields = line.split("\t")
            if len(fields) < parts or fields[parts - 1].strip().lower().rstrip(".") not in ("yes", "no"):
                raise DataError(f"{file}, line {number}: {parts} fields by tabs are expected, the last Yes or No.")
            found.append([field.strip() for field in fields[:parts]])
    return found


def _table(path: Path) -> list[Example]:
    """VLMEvalKit's table: ``question``, ``answer``, ``category``, ``image`` (base64) and ``image_path``."""
    made: list[Example] = []
    before: Counter[str] = Counter()
    for number, row in enumerate(rows_of(path), start=1):
        need(row, ("question", "answer", "category"), path, number)
        if row["category"] not in MME_TASKS:
            raise DataError(f"{path}, record {number}: MME has no subtask '{row['category']}'.")
        name = Path(str(row.get("image_path") or row.get("question_id") or f"{(number - 1) // 2:05d}")).name
        picture = picture_of(row.get("image") or row.get("image_path"), path.parent, f"{path}, record {number}")
        group = f"{row['category']}/{name}"
        made.append(_item(row["category"], name, picture, row["question"], row["answer"], before[group]))
        before[group] += 1
    return made
