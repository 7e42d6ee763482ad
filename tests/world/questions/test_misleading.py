"""Leading questions, false suppositions, text beside the picture, instructions: right answers from the scene's values."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from slow_answers import matches, slow_answer

from seeds import seeds
from vistune.core.errors import ConfigError
from vistune.world import sample_scene
from vistune.world.questions import ask
from vistune.world.questions.misleading import (
    INSTRUCTIONS,
    NOTHING_THERE,
    ask_misleading,
    beside,
    instruction,
    wrong_answers,
)
from vistune.world.vocabulary import COLOURS

SCENES = [sample_scene(seed, prior="flat", split="test") for seed in seeds(250)]


def test_what_is_supposed_is_there_or_said_to_be_missing() -> None:
    said: Counter[str] = Counter()
    for seed, scene in enumerate(SCENES):
        for q in ask_misleading(scene, seed, ["supposed"], 2, "test"):
            kind = re.search(r"(?:is|of) the (\w+)", q.text)[1]  # type: ignore[index]
            colours = [t.colour for t in scene.things if t.kind == kind]
            assert [q.answer] == colours or (not colours and q.answer == NOTHING_THERE)
            said[q.answer] += 1
    assert said[NOTHING_THERE] and len(said) > 8


def test_leading_questions_are_right_half_of_the_time() -> None:
    answers: Counter[str] = Counter()
    tagged = 0
    for seed, scene in enumerate(SCENES):
        for q in ask_misleading(scene, seed, ["leading"], 2, "train"):
            answers[q.answer] += 1
            if match := re.fullmatch(r"there is an? (\w+) here, isn't there\?", q.text):
                assert (q.answer == "yes") == any(t.kind == match[1] for t in scene.things)
            if match := re.fullmatch(r"(the .+?) (?:is|are) (\w+), .*\?", q.text):
                (index,) = matches(match[1], scene)
                thing = scene.things[index]
                assert (q.answer == "yes") == (match[2] in (thing.colour, thing.size, thing.pattern)), q.text
                tagged += 1
            if q.answer == "no":
                assert q.facts["reason"]
    assert 0.4 < answers["yes"] / answers.total() < 0.6 and tagged > 60


@pytest.mark.parametrize("how", ["match", "corrupt", "irrelevant"])
def test_the_answer_is_the_pictures_whatever_the_text_says(how: str) -> None:
    made = 0
    for seed, scene in enumerate(SCENES):
        found = beside(scene, seed, how)  # type: ignore[arg-type]
        if found is None:
            continue
        made += 1
        assert found.asked.program is not None and found.answer == found.asked.program.answer(scene)
        assert slow_answer(found.asked.text, scene) == found.answer
        assert found.text in found.prompt and found.prompt.endswith(found.asked.text)
        if how == "match":
            assert found.text_answer == found.answer and found.answer.split()[-1] in found.text
        elif how == "corrupt":
            assert found.text_answer not in (None, found.answer) and str(found.text_answer).split()[-1] in found.text
        else:
            assert found.text_answer is None
    assert made > 200
    with pytest.raises(ConfigError, match="no text 'matches'"):
        beside(SCENES[0], 0, "matches")  # type: ignore[arg-type]


def test_negative_instructions_are_contradicted_and_true_ones_followed() -> None:
    for seed, scene in enumerate(SCENES):
        kinds = {t.kind for t in scene.things}
        absent = instruction(scene, seed, "absent_thing")
        assert absent is not None
        assert re.search(r"no (\w+) in", absent.response)[1] not in kinds  # type: ignore[index]
        place = instruction(scene, seed, "wrong_place")
        assert place is not None and place.response.endswith(f"it is the {scene.setting}.")
        wrong = instruction(scene, seed, "wrong_look")
        if wrong is not None:
            colour, kind = re.match(r"there is no (\w+) (\w+):", wrong.response).groups()  # type: ignore[union-attr]
            assert colour in COLOURS and colour in wrong.text
            assert not any(t.kind == kind and t.colour == colour for t in scene.things)
        true = instruction(scene, seed, "true")
        assert true is None or any(t.colour in true.response and t.pattern in true.response for t in scene.things)
    assert INSTRUCTIONS[-1] == "true"


def test_wrong_answers_are_wrong_and_of_the_same_sort() -> None:
    near = total = 0
    for seed, scene in enumerate(SCENES):
        for q in ask(scene, seed, n=4, types=["colour", "count", "setting", "existence", "state"]):
            wrong = wrong_answers(scene, q, 3, seed)
            assert q.answer not in wrong and len(set(wrong)) == len(wrong)
            if q.answer in COLOURS:
                assert len(wrong) == 3 and set(wrong) <= set(COLOURS)
                others = {t.colour for t in scene.things} - {q.answer}
                near += len(set(wrong) & others)
                total += min(3, len(others))
            elif q.answer in ("yes", "no"):
                assert wrong == ("no" if q.answer == "yes" else "yes",)
    assert near == total > 0, "the scene's own colours come first"
