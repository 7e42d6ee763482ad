"""Instruction data about sequences of pictures: stories, changes, views, documents."""

from __future__ import annotations

import random
from pathlib import Path

from vistune.data.example import Example, Message, Part, assistant, user
from vistune.engines.base import ENGINES, SeededEngine, question_turns
from vistune.engines.sequence_annotations import Shown, write_sequence_annotations
from vistune.world import render
from vistune.world.language.wordings import Wordings
from vistune.world.scene import Prior, Scene, Split
from vistune.world.sequences import (
    Document,
    Story,
    ask,
    ask_document,
    sample_change,
    sample_document,
    sample_story,
    sample_views,
    tell_story,
)
from vistune.world.sequences.telling import changed_words
from vistune.world.sequences.view import ORDINALS

_TELL = Wordings(
    ("tell the story of these pictures.", "what happens in these pictures?"), ("describe the pictures in order.",)
)
_SORT = Wordings(
    ("this is a story: {s} the pictures are mixed up. in what order do they belong?",),
    ("put the pictures into the order of this story: {s}",),
)
_COMPARE = Wordings(("what changed between the pictures?", "compare the two pictures."), ("what is new here?",))
_NOTHING = "nothing changed."


@ENGINES.register("sequences")
class SequencesEngine(SeededEngine):
    """Examples of several pictures each.

    ``tasks``: ``story`` (tell it), ``story_question``, ``sort`` (pictures mixed up, the story in words), ``change``
    (name all differences of two pictures), ``change_question``, ``views`` (questions on two views of one scene) and
    ``document`` (text and pictures in turns, then questions). ``pictures``: the least and most that a story has.
    """

    KIND = "sequences"
    TASKS = ("story", "story_question", "sort", "change", "change_question", "views", "document")

    def __init__(
        self,
        n: int,
        *,
        split: Split = "train",
        prior: Prior = "skewed",
        image_size: int = 64,
        turns: int = 4,
        tasks: dict[str, float] | None = None,
        seed: int = 0,
        pictures: tuple[int, int] = (4, 8),
    ) -> None:
        super().__init__(n, split=split, prior=prior, image_size=image_size, turns=turns, tasks=tasks, seed=seed)
        self.pictures = (int(pictures[0]), int(pictures[1]))

    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number."""
        task, content, order = self.shown(number, rng)
        if isinstance(content, Document):
            return self._document(content, number)
        messages, meta = self._turns(task, content, number, order, rng)
        pictures = [content.scenes[k] for k in order]
        return self.example(number, messages, self._drawn(pictures), {"task": task, "theme": content.theme, **meta})

    def shown(self, number: int, rng: random.Random) -> tuple[str, Story | Document, list[int]]:
        """What the example of a number is about: task, story or document, and the order in which its pictures are shown."""
        task = self.draw_task(rng)
        if task == "document":
            document = sample_document(number, split=self.split, prior=self.prior)
            return task, document, list(range(len(document.scenes)))
        if task.startswith("change"):
            story = sample_change(number, split=self.split, prior=self.prior)
        elif task == "views":
            story = sample_views(number, split=self.split, prior=self.prior)
        else:
            least, most = self.pictures
            story = sample_story(number, split=self.split, prior=self.prior, min_pictures=least, max_pictures=most)
        order = list(range(len(story.stages)))
        if task == "sort":
            rng.shuffle(order)
        return task, story, order

    def write_annotations(self, folder: Path) -> list[Path]:
        """COCO files of every picture with TAO's tracks, VIST's stories, Spot-the-Diff's changes, OBELICS' documents.

        Pictures are named as the writers of ``vistune.data.formats`` store them in their folder of pictures.
        """
        examples = []
        for index in range(self.n):
            number = self.number(index)
            task, content, order = self.shown(number, self.stream(number))
            files = tuple(f"{index // 1000:04d}/{index:07d}-{k}.png" for k in range(len(order)))
            name = f"{self.KIND}-{self.split}-{number}"
            examples.append(Shown(name, number, task, content, tuple(order), files, self.split))
        return write_sequence_annotations(examples, self.image_size, folder, self.split)

    def _turns(
        self, task: str, story: Story, number: int, order: list[int], rng: random.Random
    ) -> tuple[list[Message], dict]:
        shown = tuple(range(len(order)))
        if task == "story":
            request = _TELL.pick(rng, self.split)
            return [user(request, images=shown), assistant(" ".join(tell_story(story, number, self.split)))], {}
        if task == "sort":
            request = _SORT.pick(rng, self.split).format(s=" ".join(tell_story(story, number, self.split)))
            answer = ", ".join(ORDINALS[order.index(k)] for k in range(len(order)))
            return [user(request, images=shown), assistant(f"{answer}.")], {"order": order}
        if task == "change":
            changes = [changed_words(story, step) for step in story.steps]
            answer = ". ".join(changes) + "." if changes else _NOTHING
            return [user(_COMPARE.pick(rng, self.split), images=shown), assistant(answer)], {"changes": len(changes)}
        found = ask(story, number, n=self.turns, split=self.split)
        if found:
            return question_turns(found, images=len(order))
        return [user(_TELL.pick(rng, self.split), images=shown), assistant(" ".join(tell_story(story, number)))], {}

    def _document(self, document: Document, number: int) -> Example:
        found = ask_document(document, number, n=self.turns, split=self.split)
        messages, meta = question_turns(found, images=0)
        told = [Part(image=part) if isinstance(part, int) else Part(text=f"{part}\n") for part in document.parts()]
        messages[0] = Message("user", [*told, *messages[0].parts])
        meta |= {"task": "document", "describes": list(document.describes)}
        return self.example(number, messages, self._drawn(document.scenes), meta)

    def _drawn(self, scenes: list[Scene] | tuple[Scene, ...]) -> list:
        return [render(scene, self.image_size) for scene in scenes]
