"""French: two genders, sizes before the noun, elision, du, a no-break space before question marks."""

from __future__ import annotations

from vistune.world.tongues.meaning import Np
from vistune.world.tongues.romance import Romance
from vistune.world.tongues.tongue import capital, listed

_NOUNS = {
    "dog": "m chien chiens", "cat": "m chat chats", "bird": "m oiseau oiseaux", "fish": "m poisson poissons",
    "cow": "f vache vaches", "horse": "m cheval chevaux", "duck": "m canard canards", "rabbit": "m lapin lapins",
    "apple": "f pomme pommes", "banana": "f banane bananes", "carrot": "f carotte carottes", "cake": "m gâteau gâteaux",
    "egg": "m œuf œufs", "pizza": "f pizza pizzas", "ball": "f balle balles", "kite": "m cerf-volant cerfs-volants",
    "drum": "m tambour tambours", "block": "m cube cubes", "balloon": "m ballon ballons", "chair": "f chaise chaises",
    "table": "f table tables", "bed": "m lit lits", "lamp": "f lampe lampes", "sofa": "m canapé canapés",
    "car": "f voiture voitures", "bus": "m bus bus", "truck": "m camion camions", "boat": "m bateau bateaux",
    "plane": "m avion avions", "bike": "m vélo vélos", "tree": "m arbre arbres", "flower": "f fleur fleurs",
    "cactus": "m cactus cactus", "mushroom": "m champignon champignons", "boy": "m garçon garçons", "girl": "f fille filles",
    "man": "m homme hommes", "woman": "f femme femmes", "cup": "f tasse tasses", "book": "m livre livres",
    "hat": "m chapeau chapeaux", "shoe": "f chaussure chaussures", "umbrella": "m parapluie parapluies", "box": "f boîte boîtes",
    "board": "m panneau panneaux",
}  # fmt: skip
_ADJECTIVES = {
    "red": "rouge rouge rouges rouges", "orange": "orange orange orange orange", "yellow": "jaune jaune jaunes jaunes",
    "green": "vert verte verts vertes", "blue": "bleu bleue bleus bleues", "purple": "violet violette violets violettes",
    "pink": "rose rose roses roses", "brown": "marron marron marron marron", "black": "noir noire noirs noires",
    "white": "blanc blanche blancs blanches", "small": "petit petite petits petites", "big": "grand grande grands grandes",
}  # fmt: skip
_PATTERNS = {"striped": "à rayures", "spotted": "à pois", "checked": "à carreaux"}
_PATTERN_NAMES = {"striped": "rayures", "spotted": "pois", "checked": "carreaux", "plain": "aucun"}
_NUMBERS = ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")
_PLACES = {
    "kitchen": "dans la cuisine", "bedroom": "dans la chambre", "garden": "dans le jardin", "farm": "à la ferme",
    "street": "dans la rue", "lake": "au bord du lac", "beach": "à la plage", "playground": "sur l'aire de jeux",
}  # fmt: skip
_RELATIONS = {
    "left of": "à gauche de", "right of": "à droite de", "above": "au-dessus de", "below": "au-dessous de",
    "in front of": "devant", "behind": "derrière", "on": "sur",
}  # fmt: skip
#: The no-break space that stands before question marks.
ASK = "\u00a0?"


def elided(article: str, words: str) -> str:
    """``l'oiseau``, ``d'œufs``, ``le chien``: every h of the lexicon is mute."""
    if words[0] in "aeiouâêîôûéèœh" and article in ("le", "la", "de"):
        return f"{article[0]}'{words}"
    return f"{article} {words}"


class French(Romance):
    """``Y a-t-il un petit chien rouge ?``"""

    CODE, NAME, OWN_NAME, INSTRUCTION = "fr", "french", "français", "Réponds en français."
    DESCRIBE = ("Décris l'image.", "Décris l'image en détail.")
    YES_NO = ("oui", "non")
    NOUNS, ADJECTIVES, NUMBERS, PLACES, RELATIONS = _NOUNS, _ADJECTIVES, _NUMBERS, _PLACES, _RELATIONS
    PATTERNS, PATTERN_NAMES, A = _PATTERNS, _PATTERN_NAMES, ("un", "une")

    def phrase(self, np: Np, many: bool = False) -> str:
        before = [self.adjective(np.size, np.kind, many)] if np.size else []
        after = [self.adjective(np.colour, np.kind, many)] if np.colour else []
        after += [_PATTERNS[np.pattern]] if np.pattern else []
        return " ".join([*before, self.noun(np.kind, many), *after])

    def the(self, np: Np) -> str:
        """``l'oiseau``, ``le petit oiseau``."""
        return elided("la" if self.is_feminine(np.kind) else "le", self.phrase(np))

    def at(self, relation: str, np: Np) -> str:
        """``à gauche du chien``, ``devant la vache``."""
        return f"{_RELATIONS[relation]} {self.the(np)}".replace(" de le ", " du ")

    def _pronoun(self, np: Np) -> str:
        return "elle" if self.is_feminine(np.kind) else "il"

    def there(self, setting: str, groups: tuple[Np, ...]) -> str:
        return f"{capital(_PLACES[setting])}, il y a {listed([self.some(g) for g in groups], ', ', ' et ')}."

    def stands(self, np: Np, relation: str, other: Np) -> str:
        return capital(f"{self.the(np)} est {self.at(relation, other)}.")

    def ask_existence(self, np: Np) -> str:
        return f"Y a-t-il {self.some(np)}{ASK}"

    def ask_colour(self, np: Np) -> str:
        return f"De quelle couleur est {self.the(np)}{ASK}"

    def ask_size(self, np: Np) -> str:
        small, big = (self.adjective(w, np.kind) for w in ("small", "big"))
        return capital(f"{self.the(np)} est-{self._pronoun(np)} {small} ou {big}{ASK}")

    def ask_pattern(self, np: Np) -> str:
        return f"Quel motif a {self.the(np)}{ASK}"

    def ask_count(self, np: Np) -> str:
        return f"Combien {elided('de', self.phrase(np, many=True))} y a-t-il{ASK}"

    def ask_more(self, np: Np, other: Np) -> str:
        first, second = (elided("de", self.phrase(p, many=True)) for p in (np, other))
        return f"Y a-t-il plus {first} que {second}{ASK}"

    def ask_relation(self, np: Np, relation: str, other: Np) -> str:
        return capital(f"{self.the(np)} est-{self._pronoun(np)} {self.at(relation, other)}{ASK}")

    def ask_setting(self) -> str:
        return f"Où est-ce{ASK}"

    def ask_choice(self, np: Np, first: str, second: str) -> str:
        one, two = (self.adjective(w, np.kind) for w in (first, second))
        return capital(f"{self.the(np)} est-{self._pronoun(np)} {one} ou {two}{ASK}")

    def point(self, np: Np) -> str:
        return f"Montre {self.the(np)}."

    def ask_written(self, np: Np) -> str:
        return f"Qu'est-ce qui est écrit {self.at('on', np)}{ASK}"

    def ask_board(self, word: str) -> str:
        return f"De quelle couleur est le panneau où est écrit «\u00a0{word}\u00a0»{ASK}"
