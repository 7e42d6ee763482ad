"""The same scenes in eight languages, by grammar: captions, questions, answers and instructions, and their meanings back."""

from vistune.world.tongues.arabic import Arabic
from vistune.world.tongues.chinese import Chinese
from vistune.world.tongues.english import English
from vistune.world.tongues.french import French
from vistune.world.tongues.german import German
from vistune.world.tongues.meaning import TYPES, Meaning, Np, program_of
from vistune.world.tongues.parse import parse
from vistune.world.tongues.shaping import drawn, shape
from vistune.world.tongues.spanish import Spanish
from vistune.world.tongues.swahili import Swahili
from vistune.world.tongues.tongue import Tongue
from vistune.world.tongues.turkish import Turkish

#: Code -> language.
TONGUES: dict[str, Tongue] = {
    t.CODE: t for t in (English(), German(), Spanish(), French(), Chinese(), Turkish(), Swahili(), Arabic())
}

__all__ = ["TONGUES", "TYPES", "Meaning", "Np", "Tongue", "drawn", "parse", "program_of", "shape"]
