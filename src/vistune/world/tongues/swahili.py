"""Swahili: noun classes, and concords on adjectives, numbers, connectors and verbs.

Living beings take the concords of classes 1 and 2 whatever the form of their noun.
"""

from __future__ import annotations

from vistune.world.tongues.meaning import Np
from vistune.world.tongues.tongue import Tongue, capital, listed

#: Kind -> class of the singular, class of the plural, singular, plural.
_NOUNS = {
    "dog": "1 2 mbwa mbwa", "cat": "1 2 paka paka", "bird": "1 2 ndege ndege", "fish": "1 2 samaki samaki",
    "cow": "1 2 ng'ombe ng'ombe", "horse": "1 2 farasi farasi", "duck": "1 2 bata bata", "rabbit": "1 2 sungura sungura",
    "apple": "5 6 tufaha matufaha", "banana": "9 10 ndizi ndizi", "carrot": "9 10 karoti karoti", "cake": "9 10 keki keki",
    "egg": "5 6 yai mayai", "pizza": "9 10 piza piza", "ball": "3 4 mpira mipira", "kite": "7 8 kishada vishada",
    "drum": "9 10 ngoma ngoma", "block": "5 6 tofali matofali", "balloon": "5 6 puto maputo", "chair": "7 8 kiti viti",
    "table": "9 10 meza meza", "bed": "7 8 kitanda vitanda", "lamp": "9 10 taa taa", "sofa": "9 10 sofa sofa",
    "car": "5 6 gari magari", "bus": "5 6 basi mabasi", "truck": "5 6 lori malori", "boat": "9 10 mashua mashua",
    "plane": "9 10 eropleni eropleni", "bike": "9 10 baiskeli baiskeli", "tree": "3 4 mti miti", "flower": "5 6 ua maua",
    "cactus": "3 4 mpungate mipungate", "mushroom": "11 10 uyoga nyoga", "boy": "1 2 mvulana wavulana",
    "girl": "1 2 msichana wasichana", "man": "1 2 mwanamume wanaume", "woman": "1 2 mwanamke wanawake",
    "cup": "7 8 kikombe vikombe", "book": "7 8 kitabu vitabu", "hat": "9 10 kofia kofia", "shoe": "7 8 kiatu viatu",
    "umbrella": "3 4 mwavuli miavuli", "box": "5 6 sanduku masanduku",
    "board": "7 8 kibao vibao",
}  # fmt: skip
#: Class -> prefix before consonants, before -e (-ekundu, -eusi, -eupe), connector, -enye, subject of "to be at" and "have".
_CONCORDS = {
    1: "m mwe wa mwenye yu a", 2: "wa we wa wenye wa wa", 3: "m mwe wa wenye u u", 4: "mi mye ya yenye i i",
    5: "- je la lenye li li", 6: "ma me ya yenye ya ya", 7: "ki che cha chenye ki ki", 8: "vi vye vya vyenye vi vi",
    9: "n nye ya yenye i i", 10: "n nye za zenye zi zi", 11: "m mwe wa wenye u u",
}  # fmt: skip
_INFLECTED = {"red": "kundu", "black": "usi", "white": "upe"}
#: "-a rangi ya ...".
_NAMED = {
    "orange": "machungwa", "yellow": "njano", "green": "kijani", "blue": "bluu", "purple": "zambarau", "pink": "waridi",
    "brown": "kahawia",
}  # fmt: skip
_ANSWERS = {"red": "nyekundu", "black": "nyeusi", "white": "nyeupe", **_NAMED}
_SIZES = {"small": "dogo", "big": "kubwa"}
_PATTERNS = {"striped": "mistari", "spotted": "madoa", "checked": "miraba", "plain": "hakuna"}
_NUMBERS = ("sifuri", "moja", "wili", "tatu", "nne", "tano", "sita", "saba", "nane", "tisa", "kumi")
#: Numbers that take no concord.
_FIXED = {0, 6, 7, 9, 10}
_PLACES = {
    "kitchen": "jikoni", "bedroom": "chumbani", "garden": "bustanini", "farm": "shambani", "street": "barabarani",
    "lake": "ziwani", "beach": "ufukweni", "playground": "uwanjani",
}  # fmt: skip
_RELATIONS = {
    "left of": "upande wa kushoto wa", "right of": "upande wa kulia wa", "above": "upande wa juu wa", "below": "chini ya",
    "in front of": "mbele ya", "behind": "nyuma ya", "on": "juu ya",
}  # fmt: skip


def concord(number: int, slot: int) -> str:
    """An entry of the table of concords."""
    return _CONCORDS[number].split()[slot].strip("-")


def adjective(value: str, number: int) -> str:
    """A size or colour that agrees with a class: ``mkubwa``, ``ndogo``, ``chekundu``, ``la rangi ya kijani``."""
    if value in _INFLECTED:
        return concord(number, 1) + _INFLECTED[value]
    if value in _NAMED:
        return f"{concord(number, 2)} rangi ya {_NAMED[value]}"
    stem = _SIZES[value]
    if number in (9, 10):
        # The nasal is heard before d, not before k.
        return ("n" if stem[0] == "d" else "") + stem
    return concord(number, 0) + stem


def numeral(count: int, number: int) -> str:
    """A number that agrees with a class: ``wawili``, ``mbili``, ``vitatu``; sita, saba, tisa and kumi do not change."""
    word = _NUMBERS[count]
    if count in _FIXED:
        return word
    if number in (9, 10) or (count == 1 and number == 5):
        return "mbili" if count == 2 else word
    return concord(number, 0) + word


def how_many(number: int) -> str:
    """``-ngapi``."""
    return {2: "wangapi", 4: "mingapi", 6: "mangapi", 8: "vingapi", 10: "ngapi"}[number]


def many(number: int) -> str:
    """``-ingi``."""
    return {2: "wengi", 4: "mingi", 6: "mengi", 8: "vingi", 10: "nyingi"}[number]


class Swahili(Tongue):
    """``Je, kuna kikombe chekundu?``"""

    CODE, NAME, OWN_NAME, INSTRUCTION = "sw", "swahili", "Kiswahili", "Jibu kwa Kiswahili."
    DESCRIBE = ("Eleza picha hii.", "Eleza picha hii kwa undani.")
    YES_NO = ("ndiyo", "hapana")

    def words(self) -> dict[str, set[str]]:
        found = {k: set(v.split()[2:]) for k, v in _NOUNS.items()}
        found |= {k: {v} for k, v in {**_INFLECTED, **_NAMED, **_SIZES, **_PATTERNS, **_PLACES, **_RELATIONS}.items()}
        return found

    @staticmethod
    def noun(kind: str, more: bool = False) -> tuple[int, str]:
        """Class and form."""
        one, two, singular, plural = _NOUNS[kind].split()
        return (int(two), plural) if more else (int(one), singular)

    def _words(self, np: Np, more: bool, count: tuple[str, ...] = ()) -> str:
        """Noun, adjectives, how many, and then what hangs on a connector: ``paka weusi wawili wenye madoa``."""
        number, noun = self.noun(np.kind, more)
        said = [adjective(w, number) for w in (np.size, np.colour) if w and w not in _NAMED]
        named = [adjective(np.colour, number)] if np.colour and np.colour in _NAMED else []
        pattern = [f"{concord(number, 3)} {_PATTERNS[np.pattern]}"] if np.pattern else []
        return " ".join([noun, *said, *count, *named, *pattern])

    def name(self, kind: str) -> str:
        return _NOUNS[kind].split()[2]

    def some(self, np: Np) -> str:
        """``kikombe chekundu``, ``vikombe vyekundu viwili``."""
        if np.number == 1:
            return self._words(np, False)
        return self._words(np, True, (numeral(np.number, self.noun(np.kind, True)[0]),))

    def the(self, np: Np) -> str:
        """The same as ``some``: there are no articles."""
        return self._words(np, False)

    def at(self, np: Np, relation: str, other: Np) -> str:
        """``kiko chini ya meza``."""
        return f"{concord(self.noun(np.kind)[0], 4)}ko {_RELATIONS[relation]} {self.the(other)}"

    def _has(self, np: Np) -> str:
        return f"{concord(self.noun(np.kind)[0], 5)}na"

    def there(self, setting: str, groups: tuple[Np, ...]) -> str:
        return f"{capital(_PLACES[setting])} kuna {listed([self.some(g) for g in groups], ', ', ' na ')}."

    def stands(self, np: Np, relation: str, other: Np) -> str:
        return capital(f"{self.the(np)} {self.at(np, relation, other)}.")

    def ask_existence(self, np: Np) -> str:
        return f"Je, kuna {self.some(np)}?"

    def ask_colour(self, np: Np) -> str:
        return capital(f"{self.the(np)} {self._has(np)} rangi gani?")

    def ask_size(self, np: Np) -> str:
        small, big = (adjective(w, self.noun(np.kind)[0]) for w in ("small", "big"))
        return f"Je, {self.the(np)} ni {small} au {big}?"

    def ask_pattern(self, np: Np) -> str:
        return capital(f"{self.the(np)} {self._has(np)} mchoro gani?")

    def ask_count(self, np: Np) -> str:
        return f"Kuna {self._words(np, True, (how_many(self.noun(np.kind, True)[0]),))}?"

    def ask_more(self, np: Np, other: Np) -> str:
        more = many(self.noun(np.kind, True)[0])
        return f"Je, kuna {self._words(np, True, (more,))} kuliko {self._words(other, True)}?"

    def ask_relation(self, np: Np, relation: str, other: Np) -> str:
        return f"Je, {self.the(np)} {self.at(np, relation, other)}?"

    def ask_setting(self) -> str:
        return "Hapa ni wapi?"

    def ask_choice(self, np: Np, first: str, second: str) -> str:
        one, two = (adjective(w, self.noun(np.kind)[0]) for w in (first, second))
        return f"Je, {self.the(np)} ni {one} au {two}?"

    def point(self, np: Np) -> str:
        return f"Onyesha {self.the(np)}."

    def ask_written(self, np: Np) -> str:
        return f"{capital(self.the(np))} kimeandikwa nini?"

    def ask_board(self, word: str) -> str:
        return f"Kibao kilichoandikwa “{word}” kina rangi gani?"

    def counted(self, kind: str, number: int) -> str:
        return numeral(number, self.noun(kind, number != 1)[0])

    def place(self, setting: str) -> str:
        return _PLACES[setting]

    def value(self, type: str, value: str, kind: str) -> str:
        # What is chosen between agrees with the thing; of a colour one says its name.
        if type in ("size", "choice"):
            return adjective(value, self.noun(kind)[0])
        return _PATTERNS[value] if type == "pattern" else _ANSWERS[value]
