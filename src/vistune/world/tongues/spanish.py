"""Spanish: two genders, agreement, del, inverted marks."""

from __future__ import annotations

from vistune.world.tongues.meaning import Np
from vistune.world.tongues.tongue import Tongue, capital, listed

_NOUNS = {
    "dog": "m perro perros", "cat": "m gato gatos", "bird": "m pájaro pájaros", "fish": "m pez peces", "cow": "f vaca vacas",
    "horse": "m caballo caballos", "duck": "m pato patos", "rabbit": "m conejo conejos", "apple": "f manzana manzanas",
    "banana": "m plátano plátanos", "carrot": "f zanahoria zanahorias", "cake": "m pastel pasteles", "egg": "m huevo huevos",
    "pizza": "f pizza pizzas", "ball": "f pelota pelotas", "kite": "f cometa cometas", "drum": "m tambor tambores",
    "block": "m bloque bloques", "balloon": "m globo globos", "chair": "f silla sillas", "table": "f mesa mesas",
    "bed": "f cama camas", "lamp": "f lámpara lámparas", "sofa": "m sofá sofás", "car": "m coche coches",
    "bus": "m autobús autobuses", "truck": "m camión camiones", "boat": "m barco barcos", "plane": "m avión aviones",
    "bike": "f bicicleta bicicletas", "tree": "m árbol árboles", "flower": "f flor flores", "cactus": "m cactus cactus",
    "mushroom": "f seta setas", "boy": "m niño niños", "girl": "f niña niñas", "man": "m hombre hombres",
    "woman": "f mujer mujeres", "cup": "f taza tazas", "book": "m libro libros", "hat": "m sombrero sombreros",
    "shoe": "m zapato zapatos", "umbrella": "m paraguas paraguas", "box": "f caja cajas",
    "board": "m cartel carteles",
}  # fmt: skip
#: Masculine and feminine singular, masculine and feminine plural.
_ADJECTIVES = {
    "red": "rojo roja rojos rojas", "orange": "naranja naranja naranja naranja",
    "yellow": "amarillo amarilla amarillos amarillas", "green": "verde verde verdes verdes", "blue": "azul azul azules azules",
    "purple": "morado morada morados moradas", "pink": "rosa rosa rosa rosa", "brown": "marrón marrón marrones marrones",
    "black": "negro negra negros negras", "white": "blanco blanca blancos blancas",
    "small": "pequeño pequeña pequeños pequeñas", "big": "grande grande grandes grandes",
}  # fmt: skip
#: Behind a noun; and as an answer.
_PATTERNS = {"striped": "a rayas", "spotted": "de lunares", "checked": "a cuadros"}
_PATTERN_NAMES = {"striped": "rayas", "spotted": "lunares", "checked": "cuadros", "plain": "ninguno"}
_NUMBERS = ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez")
_PLACES = {
    "kitchen": "en la cocina", "bedroom": "en el dormitorio", "garden": "en el jardín", "farm": "en la granja",
    "street": "en la calle", "lake": "en el lago", "beach": "en la playa", "playground": "en el parque infantil",
}  # fmt: skip
_RELATIONS = {
    "left of": "a la izquierda de", "right of": "a la derecha de", "above": "por encima de", "below": "debajo de",
    "in front of": "delante de", "behind": "detrás de", "on": "sobre",
}  # fmt: skip


#: Who is seen, and not what, takes "a".
_PEOPLE = {"boy", "girl", "man", "woman"}


class Spanish(Tongue):
    """``¿Hay un perro rojo?``"""

    CODE, NAME, OWN_NAME, INSTRUCTION = "es", "spanish", "español", "Responde en español."
    DESCRIBE = ("Describe la imagen.", "Describe la imagen con detalle.")

    def words(self) -> dict[str, set[str]]:
        found = {k: set(v.split()[1:]) for k, v in _NOUNS.items()} | {k: set(v.split()) for k, v in _ADJECTIVES.items()}
        found |= {k: {v} for k, v in _PATTERNS.items()} | {k: {v} for k, v in _PLACES.items()}
        return found | {k: {v.removesuffix(" de")} for k, v in _RELATIONS.items()}

    @staticmethod
    def adjective(value: str, kind: str, many: bool = False) -> str:
        """Agreeing with a kind."""
        place = (_NOUNS[kind][0] == "f") + 2 * many
        return _ADJECTIVES[value].split()[place]

    def _words(self, np: Np, many: bool) -> str:
        noun = _NOUNS[np.kind].split()[2 if many else 1]
        said = [self.adjective(w, np.kind, many) for w in (np.colour, np.size) if w]
        return " ".join([noun, *said, *([_PATTERNS[np.pattern]] if np.pattern else [])])

    def name(self, kind: str) -> str:
        return _NOUNS[kind].split()[1]

    def some(self, np: Np) -> str:
        """``un perro rojo``, ``dos vacas rojas``."""
        if np.number == 1:
            return f"{'una' if _NOUNS[np.kind][0] == 'f' else 'un'} {self._words(np, False)}"
        return f"{_NUMBERS[np.number]} {self._words(np, True)}"

    def the(self, np: Np) -> str:
        """``la vaca roja``."""
        return f"{'la' if _NOUNS[np.kind][0] == 'f' else 'el'} {self._words(np, False)}"

    def at(self, relation: str, np: Np) -> str:
        """``delante del perro``."""
        return f"{_RELATIONS[relation]} {self.the(np)}".replace(" de el ", " del ")

    def there(self, setting: str, groups: tuple[Np, ...]) -> str:
        return f"{capital(_PLACES[setting])} hay {listed([self.some(g) for g in groups], ', ', ' y ')}."

    def stands(self, np: Np, relation: str, other: Np) -> str:
        return capital(f"{self.the(np)} está {self.at(relation, other)}.")

    def ask_existence(self, np: Np) -> str:
        return f"¿Hay {self.some(np)}?"

    def ask_colour(self, np: Np) -> str:
        return f"¿De qué color es {self.the(np)}?"

    def ask_size(self, np: Np) -> str:
        small, big = (self.adjective(w, np.kind) for w in ("small", "big"))
        return f"¿{capital(self.the(np))} es {small} o {big}?"

    def ask_pattern(self, np: Np) -> str:
        return f"¿Qué dibujo tiene {self.the(np)}?"

    def ask_count(self, np: Np) -> str:
        return f"¿{'Cuántas' if _NOUNS[np.kind][0] == 'f' else 'Cuántos'} {self._words(np, True)} hay?"

    def ask_more(self, np: Np, other: Np) -> str:
        return f"¿Hay más {self._words(np, True)} que {self._words(other, True)}?"

    def ask_relation(self, np: Np, relation: str, other: Np) -> str:
        return f"¿Está {self.the(np)} {self.at(relation, other)}?"

    def ask_setting(self) -> str:
        return "¿Dónde es esto?"

    def ask_choice(self, np: Np, first: str, second: str) -> str:
        return f"¿{capital(self.the(np))} es {self.adjective(first, np.kind)} o {self.adjective(second, np.kind)}?"

    def point(self, np: Np) -> str:
        who = f"a {self.the(np)}" if np.kind in _PEOPLE else self.the(np)
        return f"Señala {who}.".replace(" a el ", " al ")

    def ask_written(self, np: Np) -> str:
        return f"¿Qué pone en {self.the(np)}?"

    def ask_board(self, word: str) -> str:
        return f"¿De qué color es el cartel que dice «{word}»?"

    def yes_no(self, type: str, value: bool) -> str:
        return "sí" if value else "no"

    def counted(self, kind: str, number: int) -> str:
        return "una" if number == 1 and _NOUNS[kind][0] == "f" else _NUMBERS[number]

    def place(self, setting: str) -> str:
        return _PLACES[setting]

    def value(self, type: str, value: str, kind: str) -> str:
        if type == "pattern":
            return _PATTERN_NAMES[value]
        # Of a colour one says its name; what is chosen between agrees.
        return _ADJECTIVES[value].split()[0] if type == "colour" else self.adjective(value, kind)
