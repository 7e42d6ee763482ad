"""ARO's shuffles of a caption's words (arXiv 2210.01936, appendix), and what its tables leave out."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal

from vistune.core.errors import ConfigError

#: What a word is to the shuffles.
Tag = Literal["noun", "adjective", "other"]
Tagger = Callable[[str], tuple[list[str], list[Tag]]]
#: Captions are cut to this many words before they are weighed.
MOST_WORDS = 30


def clean_caption(text: str, most: int = 50) -> str:
    """Lower case, ``. ! " ( ) * # : ; ~`` out, at most ``most`` words: what the original does before it scores."""
    return " ".join(re.sub(r'[.!"()*#:;~]', " ", text.lower()).split()[:most])


def shuffles(words: Sequence[str], tags: Sequence[Tag], rng: random.Random) -> list[str]:
    """The four shuffles in the order of the paper: nouns among themselves and adjectives among themselves; all other words;
    words within each three in a row; the threes.
    """
    first, second = list(words), list(words)
    for kinds in (("noun",), ("adjective",)):
        _permute(first, [i for i, tag in enumerate(tags) if tag in kinds], rng)
    _permute(second, [i for i, tag in enumerate(tags) if tag == "other"], rng)
    threes = [list(words[i : i + 3]) for i in range(0, len(words), 3)]
    within = [rng.sample(three, len(three)) for three in threes]
    apart = rng.sample(threes, len(threes))
    return [
        " ".join(first),
        " ".join(second),
        *(" ".join(w for three in said for w in three) for said in (within, apart)),
    ]


def _permute(words: list[str], places: Sequence[int], rng: random.Random) -> None:
    drawn = rng.sample([words[i] for i in places], len(places))
    for place, word in zip(places, drawn):
        words[place] = word


@lru_cache(maxsize=1)
def spacy_tagger(model: str = "en_core_web_sm") -> Tagger:
    """Words and tags by spaCy, as the original takes them (NN* nouns, JJ* adjectives). Raises ``ConfigError`` without it."""
    try:
        import spacy  # type: ignore[import-not-found]

        pipeline = spacy.load(model)
    except (ImportError, OSError) as error:
        raise ConfigError(
            f"ARO's shuffles need the tags of spaCy's {model}: pip install spacy, then python -m spacy download {model}; or "
            "give records that bring their own caption_options."
        ) from error

    def tag(text: str) -> tuple[list[str], list[Tag]]:
        told = pipeline(text)
        return [token.text for token in told], [_coarse(token.tag_) for token in told]

    return tag


def _coarse(tag: str) -> Tag:
    return "noun" if tag.startswith("NN") else "adjective" if tag.startswith("JJ") else "other"


def world_tags(text: str) -> tuple[list[str], list[Tag]]:
    """Words and tags of a caption of the nano world, whose nouns and adjectives are known."""
    words = re.findall(r"[\w'-]+|[^\w\s]", text)
    nouns, adjectives = _known()
    return words, ["noun" if w in nouns else "adjective" if w in adjectives else "other" for w in words]


@lru_cache(maxsize=1)
def _known() -> tuple[frozenset[str], frozenset[str]]:
    from vistune.world.language.grammar import GROUP_NOUNS
    from vistune.world.vocabulary import COLOURS, KINDS, PATTERNS, SETTINGS, SIZES

    nouns = {word for kind in KINDS for word in (kind.name, kind.plural, *kind.synonyms)}
    nouns |= {word for forms in GROUP_NOUNS.values() for word in forms} | {
        *SETTINGS,
        "things",
        "thing",
        "picture",
        "clothes",
    }
    return frozenset(nouns), frozenset({*COLOURS, *SIZES, *PATTERNS, *(s for kind in KINDS for s in kind.states)})


#: Relations that read alike, or nearly so, with their things exchanged; the authors leave them out of the mean (notebook
#: "Replicate ARO!" of their repository).
_SYMMETRIC = """\
adjusting, around, attached to, beside, between, bigger than, biting, boarding, brushing, by, chewing, cleaning,
climbing, close to, coming from, coming out of, contain, crossing, dragging, draped over, drinking, drinking from,
driving, driving down, driving on, eating from, eating in, enclosing, exiting, facing, filled with, floating in,
floating on, flying, flying above, flying in, flying over, flying through, full of, going down, going into, going
through, grazing in, growing in, growing on, guiding, hanging from, hanging in, hanging off, hanging over, higher
than, holding onto, hugging, in between, jumping off, jumping on, jumping over, kept in, larger than, leading, leaning
over, leaving, licking, longer than, looking in, looking into, looking out, looking over, looking through, lying next
to, lying on top of, making, mixed with, mounted on, moving, near, next to, of, on the back of, on the edge of, on the
front of, on the other side of, on the side of, opening, painted on, parked at, parked beside, parked by, parked in,
parked in front of, parked near, parked next to, perched on, petting, piled on, playing, playing in, playing on,
playing with, pouring, reaching for, reading, reflected on, riding on, running in, running on, running through, seen
through, sitting behind, sitting beside, sitting by, sitting in front of, sitting near, sitting next to, sitting
under, skiing down, skiing on, sleeping in, sleeping on, smiling at, sniffing, splashing, sprinkled on, stacked on,
standing against, standing around, standing behind, standing beside, standing in front of, standing near, standing
next to, staring at, stuck in, surrounding, swimming in, swinging, talking to, topped with, touching, traveling down,
traveling on, tying, typing on, underneath, wading in, waiting for, walking across, walking by, walking down, walking
next to, walking through, with, working in, working on, worn on, wrapped around, wrapped in
"""


@lru_cache(maxsize=1)
def symmetric_relations() -> frozenset[str]:
    """Names of the relations that don't count for ARO's mean over relations."""
    return frozenset(_SYMMETRIC.replace("\n", " ").strip().split(", "))
