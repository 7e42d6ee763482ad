"""English."""

from __future__ import annotations

from vistune.world.language.grammar import NUMBERS, PLACES, article, plural
from vistune.world.tongues.meaning import RELATIONS, Np
from vistune.world.tongues.tongue import Tongue, capital, listed
from vistune.world.vocabulary import COLOURS, KINDS

_RELATIONS = {r: r for r in RELATIONS} | {"left of": "to the left of", "right of": "to the right of"}


class English(Tongue):
    """Articles, plurals."""

    CODE, NAME, OWN_NAME, INSTRUCTION = "en", "english", "English", "Answer in English."
    DESCRIBE = ("Describe the picture.", "Describe the picture in detail.")
    YES_NO = ("yes", "no")

    def words(self) -> dict[str, set[str]]:
        found = {k.name: {k.name, k.plural} for k in KINDS} | {c: {c} for c in COLOURS}
        found |= {w: {w} for w in ("small", "big", "striped", "spotted", "checked")}
        return found | {s: {p} for s, p in PLACES.items()} | {r: {w} for r, w in _RELATIONS.items()}

    def _words(self, np: Np, many: bool) -> str:
        noun = plural(np.kind) if many else np.kind
        return " ".join(w for w in (np.size, np.colour, np.pattern, noun) if w)

    def name(self, kind: str) -> str:
        return kind

    def some(self, np: Np) -> str:
        """``a red cup``, ``three red cups``."""
        words = self._words(np, np.number != 1)
        return f"{NUMBERS[np.number]} {words}" if np.number != 1 else f"{article(words)} {words}"

    def the(self, np: Np) -> str:
        """``the red cup``."""
        return f"the {self._words(np, False)}"

    def there(self, setting: str, groups: tuple[Np, ...]) -> str:
        be = "is" if groups[0].number == 1 else "are"
        return f"{capital(PLACES[setting])} there {be} {listed([self.some(g) for g in groups], ', ', ' and ')}."

    def stands(self, np: Np, relation: str, other: Np) -> str:
        return capital(f"{self.the(np)} is {_RELATIONS[relation]} {self.the(other)}.")

    def ask_existence(self, np: Np) -> str:
        return f"Is there {self.some(np)}?"

    def ask_colour(self, np: Np) -> str:
        return f"What colour is {self.the(np)}?"

    def ask_size(self, np: Np) -> str:
        return f"Is {self.the(np)} small or big?"

    def ask_pattern(self, np: Np) -> str:
        return f"What pattern does {self.the(np)} have?"

    def ask_count(self, np: Np) -> str:
        return f"How many {self._words(np, True)} are there?"

    def ask_more(self, np: Np, other: Np) -> str:
        return f"Are there more {self._words(np, True)} than {self._words(other, True)}?"

    def ask_relation(self, np: Np, relation: str, other: Np) -> str:
        return f"Is {self.the(np)} {_RELATIONS[relation]} {self.the(other)}?"

    def ask_setting(self) -> str:
        return "Where is this?"

    def ask_choice(self, np: Np, first: str, second: str) -> str:
        return f"Is {self.the(np)} {first} or {second}?"

    def point(self, np: Np) -> str:
        return f"Point to {self.the(np)}."

    def ask_written(self, np: Np) -> str:
        return f"What is written on {self.the(np)}?"

    def ask_board(self, word: str) -> str:
        return f'What colour is the board that says "{word}"?'

    def counted(self, kind: str, number: int) -> str:
        return NUMBERS[number]

    def place(self, setting: str) -> str:
        return PLACES[setting]

    def value(self, type: str, value: str, kind: str) -> str:
        return value
