"""Arabic: definite agreement, duals, broken plurals, numbers of the other gender, no verb "to be"; written without vowels.

Sentences are built so that nouns are nominative or after a preposition: only duals would show the difference.
"""

from __future__ import annotations

from vistune.world.tongues.meaning import Np
from vistune.world.tongues.tongue import Tongue, listed

#: Kind -> gender, singular, plural. The plural goes with the numbers three to ten.
_NOUNS = {
    "dog": "m كلب كلاب", "cat": "f قطة قطط", "bird": "m عصفور عصافير", "fish": "f سمكة سمكات", "cow": "f بقرة بقرات",
    "horse": "m حصان أحصنة", "duck": "f بطة بطات", "rabbit": "m أرنب أرانب", "apple": "f تفاحة تفاحات", "banana": "f موزة موزات",
    "carrot": "f جزرة جزرات", "cake": "f كعكة كعكات", "egg": "f بيضة بيضات", "pizza": "f فطيرة فطائر", "ball": "f كرة كرات",
    "kite": "f طائرة طائرات", "drum": "m طبل طبول", "block": "m مكعب مكعبات", "balloon": "m بالون بالونات",
    "chair": "m كرسي كراسي", "table": "f طاولة طاولات", "bed": "m سرير أسرة", "lamp": "m مصباح مصابيح", "sofa": "f أريكة أرائك",
    "car": "f سيارة سيارات", "bus": "f حافلة حافلات", "truck": "f شاحنة شاحنات", "boat": "m قارب قوارب",
    "plane": "f طائرة طائرات", "bike": "f دراجة دراجات", "tree": "f شجرة أشجار", "flower": "f زهرة زهور",
    "cactus": "f صبارة صبارات", "mushroom": "m فطر فطور", "boy": "m ولد أولاد", "girl": "f بنت بنات", "man": "m رجل رجال",
    "woman": "f امرأة نساء", "cup": "m كوب أكواب", "book": "m كتاب كتب", "hat": "f قبعة قبعات", "shoe": "m حذاء أحذية",
    "umbrella": "f مظلة مظلات", "box": "m صندوق صناديق",
    "board": "f لوحة لوحات",
}  # fmt: skip
#: A kite is a paper plane: an adjective that belongs to the noun.
_OWN_ADJECTIVE = {"kite": "paper"}
#: With "al" the woman loses her first letter.
_DEFINITE = {"امرأة": "المرأة"}
#: Masculine and feminine.
_ADJECTIVES = {
    "red": "أحمر حمراء", "orange": "برتقالي برتقالية", "yellow": "أصفر صفراء", "green": "أخضر خضراء", "blue": "أزرق زرقاء",
    "purple": "بنفسجي بنفسجية", "pink": "وردي وردية", "brown": "بني بنية", "black": "أسود سوداء", "white": "أبيض بيضاء",
    "small": "صغير صغيرة", "big": "كبير كبيرة", "paper": "ورقي ورقية",
}  # fmt: skip
#: Masculine, feminine, and what follows either.
_PATTERNS = {
    "striped": ("مخطط", "مخططة", ""), "spotted": ("منقط", "منقطة", ""), "checked": ("منقوش", "منقوشة", " بمربعات"),
}  # fmt: skip
_PATTERN_NAMES = {"striped": "خطوط", "spotted": "نقاط", "checked": "مربعات", "plain": "بلا نقش"}
#: With masculine nouns, with feminine nouns.
_NUMBERS = (
    "صفر صفر", "واحد واحدة", "اثنان اثنتان", "ثلاثة ثلاث", "أربعة أربع", "خمسة خمس", "ستة ست", "سبعة سبع", "ثمانية ثماني",
    "تسعة تسع", "عشرة عشر",
)  # fmt: skip
_PLACES = {
    "kitchen": "في المطبخ", "bedroom": "في غرفة النوم", "garden": "في الحديقة", "farm": "في المزرعة", "street": "في الشارع",
    "lake": "عند البحيرة", "beach": "على الشاطئ", "playground": "في الملعب",
}  # fmt: skip
_RELATIONS = {
    "left of": "على يسار", "right of": "على يمين", "above": "فوق", "below": "تحت", "in front of": "أمام", "behind": "خلف",
    "on": "على",
}  # fmt: skip


def definite(word: str) -> str:
    """With the article."""
    return _DEFINITE.get(word, f"ال{word}")


def dual(word: str) -> str:
    """Two of them, nominative: ``كلبان``, ``قطتان``, ``حمراوان``."""
    if word.endswith("ة"):
        return f"{word[:-1]}تان"
    if word.endswith("اء") and len(word) > 4:
        # حمراء, not حذاء.
        return f"{word[:-1]}وان"
    return f"{word}ان"


class Arabic(Tongue):
    """``هل هناك كلب أحمر؟``"""

    CODE, NAME, OWN_NAME, INSTRUCTION = "ar", "arabic", "العربية", "أجب باللغة العربية."
    DESCRIBE = ("صف الصورة.", "صف الصورة بالتفصيل.")
    YES_NO = ("نعم", "لا")
    RIGHT_TO_LEFT, FACE = True, "arabic"

    def words(self) -> dict[str, set[str]]:
        # Duals change a last ta marbuta or hamza, and "al" takes a woman's first letter.
        found = {k: {v.split()[1].rstrip("ةء").removeprefix("ا"), v.split()[2]} for k, v in _NOUNS.items()}
        found |= {k: {w.rstrip("ةء") for w in v.split()} for k, v in _ADJECTIVES.items()}
        found |= {k: {v[0]} for k, v in _PATTERNS.items()}
        found |= {k: {v} for k, v in {**_PLACES, **_RELATIONS}.items()}
        return found

    @staticmethod
    def gender(kind: str) -> str:
        """m or f, of one thing."""
        return _NOUNS[kind][0]

    def _adjective(self, value: str, kind: str, number: int) -> str:
        """Things in the plural take the feminine singular."""
        masculine, feminine, *more = _PATTERNS.get(value) or _ADJECTIVES[value].split()
        word = feminine if number > 2 or self.gender(kind) == "f" else masculine
        return (dual(word) if number == 2 else word) + "".join(more)

    def _tail(self, np: Np, number: int, the: bool) -> list[str]:
        own = _OWN_ADJECTIVE.get(np.kind)
        said = [self._adjective(w, np.kind, number) for w in (own, np.size, np.colour, np.pattern) if w]
        return [definite(w) if the else w for w in said]

    def name(self, kind: str) -> str:
        return " ".join([_NOUNS[kind].split()[1], *self._tail(Np(kind), 1, False)])

    def some(self, np: Np) -> str:
        """``كلب أحمر``, ``قطتان صغيرتان``, ``ثلاثة كلاب حمراء``."""
        _, one, many = _NOUNS[np.kind].split()
        if np.number == 1:
            return " ".join([one, *self._tail(np, 1, False)])
        if np.number == 2:
            return " ".join([dual(one), *self._tail(np, 2, False)])
        return " ".join([self._number(np.kind, np.number), many, *self._tail(np, np.number, False)])

    def _number(self, kind: str, number: int) -> str:
        return _NUMBERS[number].split()[self.gender(kind) == "f"]

    def the(self, np: Np) -> str:
        """``الكلب الأحمر``."""
        return " ".join([definite(_NOUNS[np.kind].split()[1]), *self._tail(np, 1, True)])

    def those(self, np: Np) -> str:
        """``الكلاب الحمراء``."""
        return " ".join([definite(_NOUNS[np.kind].split()[2]), *self._tail(np, 3, True)])

    def there(self, setting: str, groups: tuple[Np, ...]) -> str:
        return f"{_PLACES[setting]} {listed([self.some(g) for g in groups], ' و', ' و')}."

    def stands(self, np: Np, relation: str, other: Np) -> str:
        return f"{self.the(np)} {_RELATIONS[relation]} {self.the(other)}."

    def ask_existence(self, np: Np) -> str:
        return f"هل هناك {self.some(np)}؟"

    def ask_colour(self, np: Np) -> str:
        return f"ما لون {self.the(np)}؟"

    def ask_size(self, np: Np) -> str:
        small, big = (self._adjective(w, np.kind, 1) for w in ("small", "big"))
        return f"هل {self.the(np)} {small} أم {big}؟"

    def ask_pattern(self, np: Np) -> str:
        return f"ما نقش {self.the(np)}؟"

    def ask_count(self, np: Np) -> str:
        return f"كم عدد {self.those(np)}؟"

    def ask_more(self, np: Np, other: Np) -> str:
        return f"هل عدد {self.those(np)} أكبر من عدد {self.those(other)}؟"

    def ask_relation(self, np: Np, relation: str, other: Np) -> str:
        return f"هل {self.the(np)} {_RELATIONS[relation]} {self.the(other)}؟"

    def ask_setting(self) -> str:
        return "أين هذا؟"

    def ask_choice(self, np: Np, first: str, second: str) -> str:
        one, two = (self._adjective(w, np.kind, 1) for w in (first, second))
        return f"هل {self.the(np)} {one} أم {two}؟"

    def point(self, np: Np) -> str:
        return f"أشر إلى {self.the(np)}."

    def ask_written(self, np: Np) -> str:
        return f"ماذا كُتب على {self.the(np)}؟"

    def ask_board(self, word: str) -> str:
        return f"ما لون اللوحة المكتوب عليها «{word}»؟"

    def counted(self, kind: str, number: int) -> str:
        word = self._number(kind, number)
        # Eight of the feminine loses its last letter where no noun follows.
        return "ثمان" if word == "ثماني" else word

    def place(self, setting: str) -> str:
        return _PLACES[setting]

    def value(self, type: str, value: str, kind: str) -> str:
        if type == "pattern":
            return _PATTERN_NAMES[value]
        # "Colour" is masculine; what is chosen between agrees with the thing.
        return _ADJECTIVES[value].split()[0] if type == "colour" else self._adjective(value, kind, 1)
