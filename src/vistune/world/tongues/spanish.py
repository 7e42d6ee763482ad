"""Spanish: two genders, agreement, del, inverted marks."""

from __future__ import annotations

from vistune.world.tongues.meaning import Np
from vistune.world.tongues.romance import Romance
from vistune.world.tongues.tongue import capital, listed

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


class Spanish(Romance):
    """``¿Hay un perro rojo?``"""

    CODE, NAME, OWN_NAME, INSTRUCTION = "es", "spanish", "español", "Responde en español."
    DESCRIBE = ("Describe la imagen.", "Describe la imagen con detalle.")
    YES_NO = ("sí", "no")
    NOUNS, ADJECTIVES, NUMBERS, PLACES, RELATIONS = _NOUNS, _ADJECTIVES, _NUMBERS, _PLACES, _RELATIONS
    PATTERNS, PATTERN_NAMES, A = _PATTERNS, _PATTERN_NAMES, ("un", "una")

    def phrase(self, np: Np, many: bool = False) -> str:
        noun = self.noun(np.kind, many)
        said = [self.adjective(w, np.kind, many) for w in (np.colour, np.size) if w]
        return " ".join([noun, *said, *([_PATTERNS[np.pattern]] if np.pattern else [])])

    def the(self, np: Np) -> str:
        """``la vaca roja``."""
        return f"{'la' if self.is_feminine(np.kind) else 'el'} {self.phrase(np)}"

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
        return f"¿{'Cuántas' if self.is_feminine(np.kind) else 'Cuántos'} {self.phrase(np, many=True)} hay?"

    def ask_more(self, np: Np, other: Np) -> str:
        return f"¿Hay más {self.phrase(np, many=True)} que {self.phrase(other, many=True)}?"

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
