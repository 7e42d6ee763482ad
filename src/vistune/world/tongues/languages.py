"""All languages by their codes."""

from __future__ import annotations

from vistune.world.tongues.arabic import Arabic
from vistune.world.tongues.chinese import Chinese
from vistune.world.tongues.english import English
from vistune.world.tongues.french import French
from vistune.world.tongues.german import German
from vistune.world.tongues.spanish import Spanish
from vistune.world.tongues.swahili import Swahili
from vistune.world.tongues.tongue import Tongue
from vistune.world.tongues.turkish import Turkish

#: Code -> language.
TONGUES: dict[str, Tongue] = {
    t.CODE: t for t in (English(), German(), Spanish(), French(), Chinese(), Turkish(), Swahili(), Arabic())
}
