"""Dialogues, stories and the text corpus."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace

from seeds import seeds
from vistune.world.language import caption, conversation, text_document
from vistune.world.language.corpus import DOCUMENTS, described, sentence
from vistune.world.language.dialogue import WHY, with_reason
from vistune.world.language.stories import story
from vistune.world.language.view import view_of
from vistune.world.questions import Question, ask
from vistune.world.sampling import sample_scene
from vistune.world.vocabulary import KINDS


def words(document) -> list[str]:
    text = document if isinstance(document, str) else " ".join(message["content"] for message in document)
    return re.findall(r"[A-Za-z'-]+", text)


def test_a_conversation_has_its_turns_no_question_twice_and_is_repeatable():
    for n in seeds(100):
        scene = sample_scene(n)
        pairs = conversation(scene, n, turns=5)
        assert pairs == conversation(scene, n, turns=5)
        assert len(pairs) == 5
        assert len({question for question, _ in pairs}) == 5


def test_a_conversation_may_open_with_a_caption():
    openings = Counter()
    for n in seeds(100):
        scene = sample_scene(n)
        first = conversation(scene, n)[0]
        levels = [level for level in ("short", "long", "all") if first[1] == caption(scene, n, level)]
        openings[levels[0] if levels else "question"] += 1
    assert set(openings) == {"short", "long", "all", "question"}


def test_reasons_are_given_when_asked_for_and_only_then():
    pairs = [pair for n in range(300) for pair in conversation(sample_scene(n), n)]
    endings = tuple(template.removeprefix("{q}") for template in WHY.train)
    asked = [answer for question, answer in pairs if question.endswith(endings)]
    assert len(asked) > 20
    assert all(re.fullmatch(r"(yes|no), .+\.", answer) for answer in asked)
    assert not any(re.match(r"(yes|no),", answer) for question, answer in pairs if not question.endswith(endings))
    assert any(re.fullmatch(r"no, there (is|are) .+ and .+\.", answer) for answer in asked)


def test_a_story_says_what_its_questions_ask():
    for seed in seeds(150):
        tale = story(seed)
        assert 5 <= len([s for s in tale.text.split(".") if s.strip()]) <= 8
        assert tale.questions
        for question, answer in tale.questions:
            if answer in ("yes", "no"):
                noun, colour = re.fullmatch(r"is the (.+) (\w+)\?", question).groups()
                assert (re.search(rf"{colour} {noun}\b", tale.text) is not None) == (answer == "yes")
            else:
                said = answer.removeprefix("a ").removeprefix("an ")
                assert said in tale.text, (tale.text, question, answer)
            assert "{" not in question + tale.text


def test_described_scenes_tell_the_order_and_the_places():
    view = view_of(sample_scene(8, min_things=3, prior="flat"))
    text = described(view, random.Random(0), "train", {"left of", "right of"})
    assert caption(view, 0, "all") in text
    pairs = [(i, j) for i, r, j in view.known() if r == "left of" and view.describe(i) and view.describe(j)]
    assert len(re.findall(r"(?:left|right) of", text)) == len(pairs) > 0
    assert not re.search("behind|in front of|above|below| on ", text.split(".", 1)[1])


def test_only_yes_and_no_get_a_reason():
    count, verdict = Question("count", "how many?", "two"), Question("count", "are there two?", "yes")
    facts = {"reason": "there are two cups"}
    rng = random.Random(0)
    assert with_reason(replace(count, facts=facts), rng, "train") == ("how many?", "two")
    assert with_reason(replace(verdict, facts={"reason": None}), rng, "train") == ("are there two?", "yes")
    question, answer = with_reason(replace(verdict, facts=facts), rng, "train")
    assert question.startswith("are there two? ")
    assert answer == "yes, there are two cups."


def test_documents_are_strings_or_messages_in_turn():
    kinds = Counter()
    for seed in range(400):
        document = text_document(seed)
        assert document == text_document(seed)
        kinds[type(document)] += 1
        if isinstance(document, list):
            assert [m["role"] for m in document] == ["user", "assistant"] * (len(document) // 2)
            assert all(m["content"].strip() == m["content"] != "" for m in document)
    assert min(kinds[str], kinds[list]) > 100
    assert len(DOCUMENTS) == 8


SINGULAR = {kind.plural: kind.name for kind in KINDS}


def test_answers_in_documents_follow_from_what_they_say():
    """Ask for colours and counts of a described scene: a reader of the description alone finds the same."""
    for n in seeds(100):
        scene = sample_scene(n, prior="flat")
        listed = caption(scene, 0, "all")
        for q in ask(scene, n, ["colour", "count"], n=3):
            if q.type == "colour" and q.answer not in ("yes", "no"):
                assert q.answer in listed
            elif q.answer == "zero":
                asked = re.search(r"(?:how many|count the|number of) (.*?)(?: are| can|\.|\?)", q.text)
                assert asked is not None
                wanted = {SINGULAR.get(word, word) for word in asked[1].split()}
                assert not any(wanted <= set(part.split()) for part in re.split(r", | and ", listed))


def test_the_corpus_has_the_words_of_a_child():
    found = Counter(word for seed in range(5000) for word in words(text_document(seed)))
    assert 1000 <= len(found) <= 1600
    assert {"monday", "elbow", "sunny", "grandmother", "quickly", "pencil", "brave", "seven"} <= set(found)


def test_sentences_agree_and_are_clean():
    for seed in range(2000):
        text = sentence(random.Random(seed))
        assert text.endswith(".")
        assert not re.search(
            r"\ba [aeiou]|\ban [^aeiou]|  |\bI (is|are|sees|runs)\b|\b(we|they|you) (is|sees)\b", text
        ), text


def test_splits_share_no_document():
    train = {str(text_document(seed)) for seed in range(2000)}
    test = [str(text_document(seed, "test")) for seed in range(300)]
    assert sum(document in train for document in test) < 6
