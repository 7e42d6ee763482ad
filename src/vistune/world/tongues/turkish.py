"""Turkish: vowel harmony, genitives and accusatives with softened consonants, no plural after numbers, dotted and dotless i."""

from __future__ import annotations

from vistune.world.tongues.meaning import Np
from vistune.world.tongues.tongue import Tongue, listed

_NOUNS = {
    "dog": "köpek", "cat": "kedi", "bird": "kuş", "fish": "balık", "cow": "inek", "horse": "at", "duck": "ördek",
    "rabbit": "tavşan", "apple": "elma", "banana": "muz", "carrot": "havuç", "cake": "pasta", "egg": "yumurta", "pizza": "pizza",
    "ball": "top", "kite": "uçurtma", "drum": "davul", "block": "küp", "balloon": "balon", "chair": "sandalye", "table": "masa",
    "bed": "yatak", "lamp": "lamba", "sofa": "kanepe", "car": "araba", "bus": "otobüs", "truck": "kamyon", "boat": "tekne",
    "plane": "uçak", "bike": "bisiklet", "tree": "ağaç", "flower": "çiçek", "cactus": "kaktüs", "mushroom": "mantar",
    "boy": "erkek çocuk", "girl": "kız", "man": "adam", "woman": "kadın", "cup": "fincan", "book": "kitap", "hat": "şapka",
    "shoe": "ayakkabı", "umbrella": "şemsiye", "box": "kutu",
    "board": "tabela",
}  # fmt: skip
#: Last consonants that soften before a vowel; short nouns and loans keep theirs.
_SOFT = {"k": "ğ", "ç": "c", "p": "b"}
_KEEP = {"top", "küp"}
_COLOURS = {
    "red": "kırmızı", "orange": "turuncu", "yellow": "sarı", "green": "yeşil", "blue": "mavi", "purple": "mor", "pink": "pembe",
    "brown": "kahverengi", "black": "siyah", "white": "beyaz",
}  # fmt: skip
_SIZES = {"small": "küçük", "big": "büyük"}
_PATTERNS = {"striped": "çizgili", "spotted": "benekli", "checked": "kareli", "plain": "düz"}
_NUMBERS = ("sıfır", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz", "on")
#: As an answer; and in the locative.
_PLACES = {
    "kitchen": "mutfak/mutfakta", "bedroom": "yatak odası/yatak odasında", "garden": "bahçe/bahçede",
    "farm": "çiftlik/çiftlikte", "street": "sokak/sokakta", "lake": "göl kıyısı/göl kıyısında", "beach": "plaj/plajda",
    "playground": "oyun parkı/oyun parkında",
}  # fmt: skip
_RELATIONS = {
    "left of": "solunda", "right of": "sağında", "above": "yukarısında", "below": "altında", "in front of": "önünde",
    "behind": "arkasında", "on": "üstünde",
}  # fmt: skip
_HARMONY = {"a": "ı", "ı": "ı", "e": "i", "i": "i", "o": "u", "u": "u", "ö": "ü", "ü": "ü"}


def harmony(word: str) -> str:
    """The high vowel (ı, i, u or ü) that follows a word."""
    return _HARMONY[next(letter for letter in reversed(word) if letter in _HARMONY)]


def softened(noun: str) -> str:
    """As it is before an ending that begins with a vowel: ``köpeğ``, ``kitab``, ``otobüs``."""
    soft = noun[-1] in _SOFT and noun not in _KEEP
    return f"{noun[:-1]}{_SOFT[noun[-1]]}" if soft else noun


def genitive(noun: str) -> str:
    """``köpeğin``, ``kedinin``, ``otobüsün``."""
    return f"{softened(noun)}{'n' if noun[-1] in _HARMONY else ''}{harmony(noun)}n"


def accusative(noun: str) -> str:
    """``köpeği``, ``kediyi``, ``otobüsü``."""
    return f"{softened(noun)}{'y' if noun[-1] in _HARMONY else ''}{harmony(noun)}"


def asking(word: str) -> str:
    """The question particle after a word: ``mı``, ``mi``, ``mu`` or ``mü``."""
    return f"m{harmony(word)}"


def capital(text: str) -> str:
    """Turkish capitals: i becomes İ, ı becomes I."""
    return {"i": "İ", "ı": "I"}.get(text[0], text[0].upper()) + text[1:]


class Turkish(Tongue):
    """``Kırmızı bir köpek var mı?``"""

    CODE, NAME, OWN_NAME, INSTRUCTION = "tr", "turkish", "Türkçe", "Türkçe cevap ver."
    DESCRIBE = ("Resmi anlat.", "Resmi ayrıntılı olarak anlat.")
    YES_NO = ("evet", "hayır")

    def words(self) -> dict[str, set[str]]:
        found = {k: {v, softened(v)} for k, v in _NOUNS.items()}
        found |= {k: {v} for k, v in {**_COLOURS, **_SIZES, **_PATTERNS, **_RELATIONS}.items()}
        return found | {k: {v.split("/")[1]} for k, v in _PLACES.items()}

    @staticmethod
    def _adjectives(np: Np) -> list[str]:
        return [
            table[w]
            for w, table in ((np.size, _SIZES), (np.pattern, _PATTERNS), (np.colour, _COLOURS))
            if w is not None
        ]

    def name(self, kind: str) -> str:
        return _NOUNS[kind]

    def some(self, np: Np) -> str:
        """``kırmızı bir köpek``, ``iki kırmızı köpek``."""
        adjectives = self._adjectives(np)
        if np.number == 1:
            return " ".join([*adjectives, "bir", _NOUNS[np.kind]])
        return " ".join([_NUMBERS[np.number], *adjectives, _NOUNS[np.kind]])

    def the(self, np: Np) -> str:
        """``kırmızı köpek``."""
        return " ".join([*self._adjectives(np), _NOUNS[np.kind]])

    def of(self, np: Np) -> str:
        """``kırmızı köpeğin``."""
        return " ".join([*self._adjectives(np), genitive(_NOUNS[np.kind])])

    def there(self, setting: str, groups: tuple[Np, ...]) -> str:
        place = _PLACES[setting].split("/")[1]
        return f"{capital(place)} {listed([self.some(g) for g in groups], ', ', ' ve ')} var."

    def stands(self, np: Np, relation: str, other: Np) -> str:
        return capital(f"{self.the(np)} {self.of(other)} {_RELATIONS[relation]}.")

    def ask_existence(self, np: Np) -> str:
        return capital(f"{self.some(np)} var mı?")

    def ask_colour(self, np: Np) -> str:
        return capital(f"{self.the(np)} ne renk?")

    def ask_size(self, np: Np) -> str:
        return capital(f"{self.the(np)} küçük mü, büyük mü?")

    def ask_pattern(self, np: Np) -> str:
        return capital(f"{self.of(np)} deseni nasıl?")

    def ask_count(self, np: Np) -> str:
        return f"Kaç {self.the(np)} var?"

    def ask_more(self, np: Np, other: Np) -> str:
        return capital(f"{self.the(np)} sayısı {self.the(other)} sayısından fazla mı?")

    def ask_relation(self, np: Np, relation: str, other: Np) -> str:
        place = _RELATIONS[relation]
        return capital(f"{self.the(np)} {self.of(other)} {place} {asking(place)}?")

    def ask_setting(self) -> str:
        return "Burası neresi?"

    def ask_choice(self, np: Np, first: str, second: str) -> str:
        one, two = _COLOURS[first], _COLOURS[second]
        return capital(f"{self.the(np)} {one} {asking(one)}, {two} {asking(two)}?")

    def point(self, np: Np) -> str:
        return capital(f"{' '.join([*self._adjectives(np), accusative(_NOUNS[np.kind])])} göster.")

    def ask_written(self, np: Np) -> str:
        return capital(f"{self.the(np)}da ne yazıyor?")

    def ask_board(self, word: str) -> str:
        return f"Üzerinde “{word}” yazan tabela ne renk?"

    def counted(self, kind: str, number: int) -> str:
        return _NUMBERS[number]

    def place(self, setting: str) -> str:
        return _PLACES[setting].split("/")[0]

    def value(self, type: str, value: str, kind: str) -> str:
        return {"colour": _COLOURS, "choice": _COLOURS, "size": _SIZES, "pattern": _PATTERNS}[type][value]
