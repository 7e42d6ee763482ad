"""The regions: an atlas without doubles, shares as the prior says, answers that a slow look at the tables confirms."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from vistune.core.errors import ConfigError
from vistune.engines.regions import RegionsEngine
from vistune.world.regions import (
    COUNTRIES,
    FACETS,
    HINTS,
    REGIONS,
    Sight,
    ask,
    country,
    custom,
    customs,
    describe,
    facts,
    hint,
    render,
    sample_sight,
)
from vistune.world.regions.questions import MAKERS, held_out
from vistune.world.regions.sampling import SHARES

SIGHTS = [sample_sight(seed, prior="flat", split="test") for seed in range(300)]


def test_the_atlas_has_every_facet_of_every_country_and_no_name_twice() -> None:
    assert len(COUNTRIES) == 18 and Counter(c.region for c in COUNTRIES.values()) == dict.fromkeys(REGIONS, 3)
    every = customs()
    names = [c.name for c in every] + [name.lower() for name in COUNTRIES]
    assert len(set(names)) == len(names)
    for name in COUNTRIES:
        for facet in FACETS:
            assert [c for c in every if c.facet == facet and name in c.origins] == [custom(name, facet)]
    rows = sum(len(c.origins) for c in every)
    assert rows == 18 * len(FACETS), "exploding by origin gives one row for each country and facet"
    assert sum(len(c.origins) == 2 for c in every) == 6
    assert len({(c.facet, c.shape, c.colour, c.pattern, c.detail) for c in every}) == len(every), "no two look alike"


def test_shares_are_those_of_the_prior() -> None:
    order = list(REGIONS)
    for prior, shares in (("skewed", SHARES), ("flat", (1 / 6,) * 6), ("inverted", SHARES[::-1])):
        seen = Counter(COUNTRIES[sample_sight(s, prior=prior).place].region for s in range(4000))  # type: ignore[arg-type]
        assert np.abs([seen[r] / 4000 - share for r, share in zip(order, shares, strict=True)]).max() < 0.03


def test_answers_are_those_of_the_tables() -> None:
    asked: Counter[str] = Counter()
    for seed, sight in enumerate(SIGHTS):
        shown = sight.custom
        where = {"region": {COUNTRIES[o].region for o in shown.origins}, "country": set(shown.origins)}
        where["neighbour"] = where["country"]
        for q in ask(sight, seed, n=7, split="test"):
            asked[q.type] += 1
            if q.type in where:
                assert q.choices is not None and q.answer in where[q.type]
                assert sum(option in where[q.type] for option in q.choices) == 1, "one option is right"
                assert all(option in q.text for option in q.choices)
                if q.type == "neighbour":
                    assert len({COUNTRIES[o].region for o in q.choices}) == 1
            elif q.type == "name":
                assert q.answer == shown.name
            elif q.type == "look":
                assert q.answer == shown.colour
            elif q.type == "is_from":
                place = next(p for p in (*COUNTRIES, *REGIONS) if f" {p}?" in q.text)
                assert (q.answer == "yes") == (place in where["region"] | where["country"])
            elif q.type == "knowledge":
                (place,) = shown.origins
                assert q.answer in {custom(place, f).name for f in FACETS if f != shown.facet}
    assert set(asked) == set(MAKERS) and min(asked.values()) > 100


def test_training_is_not_asked_what_is_held_out() -> None:
    for split, may in (("train", False), ("test", True)):
        found = False
        for seed in range(400):
            sight = sample_sight(seed, prior="flat")
            for q in ask(sight, seed, types=["knowledge"], split=split):
                facet = next(f for f in FACETS if q.answer == custom(sight.custom.origins[0], f).name)
                found |= held_out(sight.custom.origins[0], facet)
        assert found == may


def test_pictures_differ_where_customs_do_and_vary_where_chance_does() -> None:
    every = [c for c in customs() if c.facet == "house"]
    plain = {c.name: render(Sight(0, c, c.origins[0], 5), 48).astype(int) for c in every}
    names = list(plain)
    for k, first in enumerate(names):
        for second in names[k + 1 :]:
            assert (np.abs(plain[first] - plain[second]).max(-1) > 25).sum() > 20, (first, second)
    again = render(Sight(0, every[0], every[0].origins[0], 6), 48).astype(int)
    assert np.abs(again - plain[names[0]]).max() > 25
    assert np.array_equal(render(SIGHTS[0], 48), render(SIGHTS[0], 48))


def test_hints_and_descriptions_name_all_origins() -> None:
    shared = next(c for c in customs() if len(c.origins) == 2)
    sight = Sight(0, shared, shared.origins[0], 0)
    told = {which: hint(sight, which) for which in HINTS}
    assert told["none"] == ""
    assert all(r in told["regions"] and r in told["both"] for r in shared.regions)
    assert all(o in told["countries"] and o in told["both"] and o in describe(shared) for o in shared.origins)
    assert not any(o in told["regions"] for o in shared.origins)
    for name in COUNTRIES:
        said = " ".join(facts(name))
        assert all(custom(name, facet).name in said for facet in FACETS) and COUNTRIES[name].region in said
    with pytest.raises(ConfigError, match="no hint 'all'"):
        hint(sight, "all")
    with pytest.raises(ConfigError, match="no country 'Atlantis'"):
        country("Atlantis")
    with pytest.raises(ConfigError, match="no facet 'song'"):
        custom("Suri", "song")


def test_the_engine_tells_origins_and_gives_hints() -> None:
    engine = RegionsEngine(20, types=["region"], hint="countries", pictures=2, tasks={"question": 1})
    for example in engine.examples():
        assert len(example.images) == 2 and "this was seen in" in example.messages[0].text
        assert example.messages[1].text in example.meta["regions"]
    text = RegionsEngine(20, tasks={"facts": 1, "title": 1})
    assert all(not example.images for example in text.examples())
    with pytest.raises(ConfigError, match="no question type"):
        RegionsEngine(1, types=["colour"])
