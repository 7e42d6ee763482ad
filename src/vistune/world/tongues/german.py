"""German: three genders, cases, strong, mixed and weak adjectives, capitals for nouns."""

from __future__ import annotations

from vistune.world.tongues.meaning import Np
from vistune.world.tongues.tongue import Tongue, capital, listed

#: Kind -> gender, singular, plural.
_NOUNS = {
    "dog": "m Hund Hunde", "cat": "f Katze Katzen", "bird": "m Vogel Vögel", "fish": "m Fisch Fische", "cow": "f Kuh Kühe",
    "horse": "n Pferd Pferde", "duck": "f Ente Enten", "rabbit": "n Kaninchen Kaninchen", "apple": "m Apfel Äpfel",
    "banana": "f Banane Bananen", "carrot": "f Karotte Karotten", "cake": "m Kuchen Kuchen", "egg": "n Ei Eier",
    "pizza": "f Pizza Pizzas", "ball": "m Ball Bälle", "kite": "m Drachen Drachen", "drum": "f Trommel Trommeln",
    "block": "m Bauklotz Bauklötze", "balloon": "m Luftballon Luftballons", "chair": "m Stuhl Stühle", "table": "m Tisch Tische",
    "bed": "n Bett Betten", "lamp": "f Lampe Lampen", "sofa": "n Sofa Sofas", "car": "n Auto Autos", "bus": "m Bus Busse",
    "truck": "m Lastwagen Lastwagen", "boat": "n Boot Boote", "plane": "n Flugzeug Flugzeuge", "bike": "n Fahrrad Fahrräder",
    "tree": "m Baum Bäume", "flower": "f Blume Blumen", "cactus": "m Kaktus Kakteen", "mushroom": "m Pilz Pilze",
    "boy": "m Junge Jungen", "girl": "n Mädchen Mädchen", "man": "m Mann Männer", "woman": "f Frau Frauen",
    "cup": "f Tasse Tassen", "book": "n Buch Bücher", "hat": "m Hut Hüte", "shoe": "m Schuh Schuhe",
    "umbrella": "m Regenschirm Regenschirme", "box": "f Schachtel Schachteln",
    "board": "n Schild Schilder",
}  # fmt: skip
#: Nouns that end in -n in all but the nominative singular.
_WEAK = {"boy": "Jungen"}
_ADJECTIVES = {
    "red": "rot", "orange": "orangefarben", "yellow": "gelb", "green": "grün", "blue": "blau", "purple": "violett",
    "pink": "rosafarben", "brown": "braun", "black": "schwarz", "white": "weiß", "small": "klein", "big": "groß",
    "striped": "gestreift", "spotted": "gepunktet", "checked": "kariert", "plain": "einfarbig",
}  # fmt: skip
_NUMBERS = ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn")
_PLACES = {
    "kitchen": "in der Küche", "bedroom": "im Schlafzimmer", "garden": "im Garten", "farm": "auf dem Bauernhof",
    "street": "auf der Straße", "lake": "am See", "beach": "am Strand", "playground": "auf dem Spielplatz",
}  # fmt: skip
#: All take the dative; "von dem" becomes "vom".
_RELATIONS = {
    "left of": "links von", "right of": "rechts von", "above": "über", "below": "unter", "in front of": "vor",
    "behind": "hinter", "on": "auf",
}  # fmt: skip
_DEFINITE = {
    "nom": {"m": "der", "f": "die", "n": "das"}, "acc": {"m": "den", "f": "die", "n": "das"},
    "dat": {"m": "dem", "f": "der", "n": "dem"},
}  # fmt: skip
#: Endings after "ein", in the accusative.
_MIXED = {"m": "en", "f": "e", "n": "es"}
_EIN = {"m": "einen", "f": "eine", "n": "ein"}
#: One, alone, in the accusative of "es gibt": "Wie viele Hunde gibt es?" "Einen."
_ONE = {"m": "einen", "f": "eine", "n": "eins"}


class German(Tongue):
    """``Gibt es einen roten Hund?``"""

    CODE, NAME, OWN_NAME, INSTRUCTION = "de", "german", "Deutsch", "Antworte auf Deutsch."
    DESCRIBE = ("Beschreibe das Bild.", "Beschreibe das Bild genau.")
    YES_NO = ("ja", "nein")

    def words(self) -> dict[str, set[str]]:
        found = {k: {w.lower() for w in v.split()[1:]} for k, v in _NOUNS.items()}
        found |= {k: {v} for k, v in _ADJECTIVES.items()} | {k: {v.lower()} for k, v in _PLACES.items()}
        return found | {k: {v[:6]} for k, v in _RELATIONS.items()}

    @staticmethod
    def noun(kind: str, case: str = "nom", many: bool = False) -> tuple[str, str]:
        """Gender and form. The dative plural is not needed."""
        gender, one, more = _NOUNS[kind].split()
        if many:
            return gender, more
        return gender, one if case == "nom" else _WEAK.get(kind, one)

    @staticmethod
    def _adjectives(np: Np, ending: str) -> list[str]:
        return [_ADJECTIVES[w] + ending for w in (np.size, np.pattern, np.colour) if w]

    def name(self, kind: str) -> str:
        return _NOUNS[kind].split()[1]

    def some(self, np: Np) -> str:
        """Indefinite, accusative: ``einen roten Hund``, ``zwei rote Hunde``."""
        gender, noun = self.noun(np.kind, "acc", np.number != 1)
        if np.number != 1:
            return " ".join([_NUMBERS[np.number], *self._adjectives(np, "e"), noun])
        return " ".join([_EIN[gender], *self._adjectives(np, _MIXED[gender]), noun])

    def many(self, np: Np) -> str:
        """Plural without an article: ``rote Hunde``."""
        return " ".join([*self._adjectives(np, "e"), self.noun(np.kind, many=True)[1]])

    def the(self, np: Np) -> str:
        """Definite, nominative: ``der rote Hund``."""
        gender, noun = self.noun(np.kind)
        return " ".join([_DEFINITE["nom"][gender], *self._adjectives(np, "e"), noun])

    def at(self, relation: str, np: Np) -> str:
        """Preposition and dative: ``links vom roten Hund``, ``auf der Kuh``."""
        gender, noun = self.noun(np.kind, "dat")
        words = " ".join([_RELATIONS[relation], _DEFINITE["dat"][gender], *self._adjectives(np, "en"), noun])
        return words.replace("von dem ", "vom ")

    def there(self, setting: str, groups: tuple[Np, ...]) -> str:
        return f"{capital(_PLACES[setting])} sieht man {listed([self.some(g) for g in groups], ', ', ' und ')}."

    def stands(self, np: Np, relation: str, other: Np) -> str:
        return capital(f"{self.the(np)} ist {self.at(relation, other)}.")

    def ask_existence(self, np: Np) -> str:
        return f"Gibt es {self.some(np)}?"

    def ask_colour(self, np: Np) -> str:
        return f"Welche Farbe hat {self.the(np)}?"

    def ask_size(self, np: Np) -> str:
        return f"Ist {self.the(np)} klein oder groß?"

    def ask_pattern(self, np: Np) -> str:
        return f"Welches Muster hat {self.the(np)}?"

    def ask_count(self, np: Np) -> str:
        return f"Wie viele {self.many(np)} gibt es?"

    def ask_more(self, np: Np, other: Np) -> str:
        return f"Gibt es mehr {self.many(np)} als {self.many(other)}?"

    def ask_relation(self, np: Np, relation: str, other: Np) -> str:
        return f"Ist {self.the(np)} {self.at(relation, other)}?"

    def ask_setting(self) -> str:
        return "Wo ist das?"

    def ask_choice(self, np: Np, first: str, second: str) -> str:
        return f"Ist {self.the(np)} {_ADJECTIVES[first]} oder {_ADJECTIVES[second]}?"

    def point(self, np: Np) -> str:
        gender, noun = self.noun(np.kind, "acc")
        adjectives = self._adjectives(np, "en" if gender == "m" else "e")
        return f"Zeige auf {' '.join([_DEFINITE['acc'][gender], *adjectives, noun])}."

    def ask_written(self, np: Np) -> str:
        return f"Was steht {self.at('on', np)}?"

    def ask_board(self, word: str) -> str:
        return f"Welche Farbe hat das Schild mit dem Wort „{word}“?"

    def counted(self, kind: str, number: int) -> str:
        return _ONE[self.noun(kind)[0]] if number == 1 else _NUMBERS[number]

    def place(self, setting: str) -> str:
        return _PLACES[setting]

    def value(self, type: str, value: str, kind: str) -> str:
        return _ADJECTIVES[value]
