"""The table-top: an exact step, an expert that reaches its goals, materials that feeling tells, right answers."""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from seeds import seeds
from vistune.core.errors import ConfigError
from vistune.engines.tabletop import TabletopEngine
from vistune.world.tabletop import (
    GOALS,
    MATERIALS,
    Action,
    Goal,
    Item,
    Table,
    ask,
    feel,
    find_material,
    instructions,
    reached,
    render,
    sample_episode,
    sample_table,
    step,
)
from vistune.world.tabletop.episode import held_out
from vistune.world.tabletop.questions import MAKERS, moment
from vistune.world.tabletop.table import COLOURS
from vistune.world.vocabulary import COLOURS as RGB

EPISODES = [sample_episode(seed, prior="flat", split="test") for seed in seeds(150)]
TABLE = Table(
    (Item("block", "red", 0.3, 0.3), Item("bowl", "blue", 0.6, 0.3), Item("block", "green", 0.3, 0.6)), 0.3, 0.3, 0.0
)


def test_a_thing_is_lifted_carried_and_set_into_a_bowl() -> None:
    held = step(TABLE, Action(grip="close"))
    assert held.held == 0 and held.closed
    up = step(step(held, Action(dz=0.15)), Action(dx=0.15))
    over = step(up, Action(dx=0.15))
    assert (over.items[0].x, over.items[0].y) == (over.x, over.y) == (pytest.approx(0.6), 0.3)
    down = step(over, Action(grip="open"))
    assert down.held is None and down.items[0].on == 1 and not down.closed
    assert reached(down, Goal("in", 0, 1)) and not reached(over, Goal("in", 0, 1))


def test_what_cannot_be_done_is_left_undone() -> None:
    high = replace(TABLE, z=0.9)
    assert step(high, Action(grip="close")).held is None
    held = step(TABLE, Action(grip="close"))
    # Just beside the bowl: no room on the table, and not over the bowl either.
    beside = replace(held.with_item(0, replace(held.items[0], x=0.5)), x=0.5)
    assert step(beside, Action(grip="open")) == beside
    assert step(TABLE, Action(dx=9.0)).x == pytest.approx(0.45), "one action goes no further than the reach"
    stacked = TABLE.with_item(2, replace(TABLE.items[2], x=0.3, y=0.3, on=0))
    assert step(stacked, Action(grip="close")).held == 2, "the topmost is taken"


def test_a_closed_low_gripper_pushes_until_something_is_in_the_way() -> None:
    low = replace(TABLE, x=0.15, closed=True)
    after = step(step(low, Action(dx=0.15)), Action(dx=0.15))
    assert after.items[0].x == pytest.approx(after.x + 0.055, abs=1e-6) and after.items[0].y == 0.3
    far = after
    for _ in range(4):
        far = step(far, Action(dx=0.15))
    gap = math.hypot(far.items[0].x - far.items[1].x, far.items[0].y - far.items[1].y)
    assert gap >= 0.055 + 0.085 - 1e-9 and far.items[1] == TABLE.items[1]
    assert step(replace(low, z=0.5), Action(dx=0.15)).items == TABLE.items


def slowly_reached(table: Table, goal: Goal) -> bool:
    """The goal read from the coordinates, sort by sort."""
    a = table.items[goal.item]
    if goal.what in ("on", "in"):
        return a.on == goal.other
    if goal.other is None:
        distance = {"left edge": a.x, "right edge": 1 - a.x, "near edge": a.y, "far edge": 1 - a.y}[goal.what]
        return distance <= 0.25
    b = table.items[goal.other]
    dx, dy = a.x - b.x, a.y - b.y
    beside = {"left of": (-dx, dy), "right of": (dx, dy), "behind": (dy, dx), "in front of": (-dy, dx)}[goal.what]
    return beside[0] > 0 and abs(beside[1]) <= 0.1 and a.on is None and b.on is None


def slowly_related(table: Table, text: str) -> bool:
    """A relation between two things named in a text, read from the coordinates."""
    first, second = sorted((item for item in table.items if item.name in text), key=lambda item: text.index(item.name))
    relation = next(w for w in ("left of", "right of", "behind", "in front of", " on ", " in ") if w in text).strip()
    if relation in ("on", "in"):
        return first.on == table.items.index(second)
    ahead = {"left of": second.x - first.x, "right of": first.x - second.x, "behind": first.y - second.y}
    return ahead.get(relation, second.y - first.y) > 0


def test_the_expert_reaches_every_goal_and_nothing_overlaps_on_the_way() -> None:
    assert {e.goal.what for e in EPISODES} == set(GOALS)
    for episode in EPISODES:
        assert not slowly_reached(episode.start, episode.goal) and slowly_reached(episode.end, episode.goal)
        assert reached(episode.end, episode.goal) and len(episode.states) == len(episode.actions) + 1
        state = episode.start
        for action, wanted in zip(episode.actions, episode.states[1:], strict=True):
            state = step(state, action)
            assert state == wanted
            standing = [i for k, i in enumerate(state.items) if i.on is None and k != state.held]
            for k, a in enumerate(standing):
                assert all(math.hypot(a.x - b.x, a.y - b.y) >= a.radius + b.radius - 1e-9 for b in standing[k + 1 :])
        moved = [k for k, (a, b) in enumerate(zip(episode.start.items, episode.end.items, strict=True)) if a != b]
        assert moved == [episode.goal.item], "the expert moves nothing else"


def test_training_lacks_the_held_out_goals() -> None:
    train = [sample_episode(seed, prior="flat") for seed in seeds(150)]
    assert not any(held_out(e.start.items[e.goal.item], e.goal.what) for e in train)
    assert any(held_out(e.start.items[e.goal.item], e.goal.what) for e in EPISODES)
    assert all(e.words in instructions(e) for e in train)


def test_feedback_tells_the_material() -> None:
    rng = random.Random(0)
    for seed in seeds(60):
        table = sample_table(seed, materials=True)
        for style in ("distinct", "vague"):
            material = str(rng.choice(table.items).material)
            probes, picked = find_material(table, material, rng, style)
            assert table.items[picked].material == material
            assert len(probes) < len(table.items), "the last one need not be felt"
    heard = [feel(table, 0, "knock_on", rng, doubt=0.5) for _ in range(400)]
    right = np.mean([told == f"it is probably made of {table.items[0].material}." for told in heard])
    assert 0.4 < right < 0.6 and len(MATERIALS) == 6
    with pytest.raises(ConfigError, match="no skill 'lick'"):
        feel(table, 0, "lick", rng)
    with pytest.raises(ConfigError, match="no material"):
        feel(TABLE, 0, "touch", rng)


def test_answers_are_read_off_the_states() -> None:
    asked = dict.fromkeys(
        ("relation", "holding", "count", "existence", "colour", "done", "next", "moved_kind", "moved_colour"), 0
    )
    for seed, episode in enumerate(EPISODES):
        for at in (0, len(episode.actions) // 2, len(episode.actions)):
            table = episode.states[at]
            for q in ask(moment(episode, at), seed, n=6, split="test"):
                asked[q.type] = asked.get(q.type, 0) + 1
                if q.type == "relation":
                    assert (q.answer == "yes") == slowly_related(table, q.text), q.text
                elif q.type == "holding":
                    assert (q.answer == "yes") == (table.held is not None)
                elif q.type.startswith("held"):
                    assert table.held is not None and q.answer in table.items[table.held].name
                elif q.type == "count":
                    kind = next(k for k in ("block", "bowl", "cup", "ball") if f"{k}s" in q.text)
                    numbers = ("zero", "one", "two", "three", "four", "five")
                    assert q.answer == numbers[sum(i.kind == kind for i in table.items)]
                elif q.type == "existence":
                    assert (q.answer == "yes") == any(i.name in q.text for i in table.items)
                elif q.type == "colour":
                    assert [q.answer] == [i.colour for i in table.items if f" {i.kind}" in q.text]
                elif q.type == "next":
                    assert q.answer == episode.actions[at].words and q.answer in (q.choices or ())
                elif q.type.startswith("moved"):
                    assert q.answer in episode.start.items[episode.goal.item].name
                elif q.type == "done":
                    assert (q.answer == "yes") == (table.held is None and slowly_reached(table, episode.goal))
    assert all(asked.values()), asked


def test_many_turns_ask_no_more_often_for_what_is_rare() -> None:
    """Types that pass over common answers are asked once; else those with a rare one would be asked again and again."""
    for seed, episode in enumerate(EPISODES):
        view = moment(episode, len(episode.actions) // 2)
        found = ask(view, seed, types=[name for name in MAKERS if name != "moved"], n=24)
        types = [q.type for q in found]
        assert all(types.count(name) <= 1 for name in ("next", "count", "holding", "done")), types


def place(x: float, y: float) -> tuple[float, float]:
    """Column and row, in shares of the picture, of a place on the table: between its drawn corners."""
    half = 0.46 - 0.1 * y
    return 0.5 + (2 * x - 1) * half, 0.9 - 0.54 * y


def colour_of(pixels: np.ndarray) -> str:
    """The commonest colour of the pixels, lit and in the shade."""
    shades = np.array([[v * light for v in RGB[c]] for c in COLOURS for light in (0.6, 0.85, 1.0, 1.12)]).clip(0, 255)
    away = np.abs(pixels[:, None] - shades).sum(-1)
    found = Counter((away[away.min(1) < 30].argmin(1) // 4).tolist())
    return COLOURS[found.most_common(1)[0][0]]


def test_each_thing_is_seen_in_its_colour_where_it_stands() -> None:
    """What changes when a thing is taken away is above its place on the table, as wide as it is, and mostly its colour."""
    looked = 0
    for episode in EPISODES[:: len(EPISODES) // 30]:
        table = replace(episode.start, x=0.0, y=1.0, z=1.0)
        whole = render(table, 128).astype(int)
        for k, item in enumerate(table.items):
            others = [o for i, o in enumerate(table.items) if i != k]
            if any(o.y < item.y and abs(o.x - item.x) < 0.25 for o in others):
                continue  # Nearer things may hide it.
            without = render(replace(table, items=tuple(others)), 128).astype(int)
            rows, columns = np.nonzero(np.abs(whole - without).max(-1) > 12)
            column, row = (128 * v for v in place(item.x, item.y))
            assert abs((columns.min() + columns.max() + 1) / 2 - column) < 7 and abs(rows.max() + 1 - row) < 7
            assert colour_of(whole[rows, columns]) == item.colour
            looked += 1
    assert looked > 40


def test_what_is_done_is_seen() -> None:
    """A thing in a bowl shows above the wall, on a block above the block, in the gripper between the fingers."""
    for episode in EPISODES[:20]:
        first, last = (render(state, 64).astype(int) for state in (episode.start, episode.end))
        assert first.shape == (64, 64, 3)
        assert np.abs(first - last).max(-1).sum() > 0
    seen = set()
    for episode in EPISODES:
        for state in (episode.end, *(s for s in episode.states if s.held is not None)):
            item = state.items[episode.goal.item]
            how = "held" if state.held is not None else episode.goal.what
            if how in seen or how not in ("on", "in", "held"):
                continue
            seen.add(how)
            far = replace(state, x=state.x if how == "held" else 0.0, z=state.z)
            other = "green" if item.colour != "green" else "red"
            changed = render(far.with_item(episode.goal.item, replace(item, colour=other)), 128).astype(int)
            rows, columns = np.nonzero(np.abs(render(far, 128).astype(int) - changed).max(-1) > 12)
            column, row = (128 * v for v in place(item.x, item.y))
            assert abs(columns.mean() - column) < 5 and rows.mean() < row - 2 and len(rows) > 12, how
    assert seen == {"on", "in", "held"}


def test_the_engine_writes_episodes(tmp_path) -> None:
    engine = TabletopEngine(3)
    (file,) = engine.write_annotations(tmp_path)
    records = json.loads(file.read_text())
    for record, index in zip(records, range(3), strict=True):
        episode = engine.episode(engine.number(index))
        assert record["language_instruction"] == episode.words
        assert [s["reward"] for s in record["steps"]][-1] == 1 and record["steps"][-1]["action"] is None
        assert len(list((tmp_path / "frames" / record["id"]).glob("*.png"))) == len(episode.states)
    found = TabletopEngine(10, tasks={"find": 1}, style="vague")
    assert all(example.meta["right"] for example in found.examples())
