"""The regions: an atlas without doubles, shares as the prior says, answers that a slow look at the tables confirms."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageFilter

from seeds import seeds
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
from vistune.world.regions.drawing import PARTS, parts
from vistune.world.regions.questions import MAKERS, held_out
from vistune.world.regions.sampling import SHARES
from vistune.world.regions.telling import looks
from vistune.world.vocabulary import COLOURS as RGB

SIGHTS = [sample_sight(seed, prior="flat", split="test") for seed in seeds(300)]


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


def test_colours_asked_about_are_those_of_the_pixels() -> None:
    """Of red, yellow and green, lit or in the shade, the asked one covers most of what a custom is, but for its own wares."""
    names = ("red", "yellow", "green")
    shades = np.array([[v * light for v in RGB[c]] for c in names for light in (0.55, 0.82, 1.0)])
    asked: Counter[str] = Counter()
    for seed, sight in enumerate(SIGHTS[:60]):
        picture = render(sight, 128).astype(int)
        seen = [p for p in parts(sight, 128) if p.kind != "fire" and PARTS[p.kind] == sight.custom.facet]
        pixels = picture[np.any([p.mask for p in seen], 0)]
        away = np.abs(pixels[:, None] - shades).sum(-1)
        found = Counter((away[away.min(1) < 24].argmin(1) // 3).tolist())
        (q,) = ask(sight, seed, types=["look"], split="test")
        assert q.answer == names[found.most_common(1)[0][0]], (sight, q.text, found)
        what = q.text.rstrip("?.").split(" the ")[-1].removeprefix("colour of the ")
        assert what == "food" or what in looks(sight.custom)
        asked[what] += 1
    assert len(asked) > 8


def test_training_is_not_asked_what_is_held_out() -> None:
    for split, may in (("train", False), ("test", True)):
        found = False
        for seed in seeds(400):
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


@pytest.mark.parametrize("facet", FACETS)
def test_masks_are_where_the_pictures_of_a_regions_countries_differ(facet: str) -> None:
    """Countries of a region differ in colour and pattern alone: no pixel outside the facet's masks tells them apart."""
    size = 96
    for shape in {c.shape for c in customs() if c.facet == facet}:
        same = [c for c in customs() if c.facet == facet and c.shape == shape]
        # The time of day of a feast changes everything: only its colours are exchanged.
        looks = [replace(same[0], colour=c.colour, pattern=c.pattern) for c in same]
        for variant in range(3):
            sights = [Sight(0, look, look.origins[0], variant) for look in looks]
            pictures = [render(sight, size).astype(int) for sight in sights]
            seen = parts(sights[0], size)
            own = np.any([p.mask for p in seen if PARTS[p.kind] == facet], axis=0)
            near = np.asarray(Image.fromarray(own).convert("L").filter(ImageFilter.MaxFilter(5))) > 0
            differ = np.any([np.abs(pictures[0] - p).max(-1) > 30 for p in pictures[1:]], axis=0)
            assert differ.any() and not (differ & ~near).any(), (shape, variant)
            assert all(p.mask.any() and p.kind in PARTS for p in seen)
            people = [p for p in seen if p.kind == "person"]
            assert len(people) == {"dress": 1, "feast": len(people)}.get(facet, 0)
            if facet == "dress":
                assert (own <= people[0].mask).all(), "a person's mask has the clothes in it"


def test_no_sky_is_seen_between_chin_and_scarf() -> None:
    """Between the two sides of the scarf, from the eyes down to the robe, there is no sky."""
    scarves = [c for c in customs() if c.shape == "long scarf"]
    for variant in range(6):
        for c in scarves:
            sight = Sight(0, c, c.origins[0], variant)
            picture, (person,) = render(sight, 200), [p.mask for p in parts(sight, 200) if p.kind == "person"]
            rows = np.nonzero(person.any(1))[0][:60]
            for y in rows:
                inside = np.nonzero(person[y])[0]
                between = picture[y, inside[0] : inside[-1] + 1].astype(int)
                assert (np.abs(between - (188, 222, 240)).sum(-1) > 12).all(), (variant, c.name, y)
