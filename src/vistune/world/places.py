"""The settings: what is drawn behind the things, and where things of each place may stand."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A setting's backdrop. ``horizon`` parts wall or sky from ground; ``water`` is the strip that boats float in."""

    back: Colour
    ground: Colour
    horizon: float
    water: tuple[float, float] | None = None
    water_colour: Colour = (120, 185, 230)

    def lines(self, place: str, state: str | None) -> tuple[float, float]:
        """Lowest and highest base line (share of the height, from the top) for things of a place."""
        if place == "sky":
            return (0.3, self.horizon + 0.02) if state != "resting" else (self.horizon + 0.1, 0.96)
        if place == "water" and self.water is not None:
            return self.water[0] + 0.06, self.water[1] - 0.02
        low = self.horizon + 0.08
        if self.water is not None and self.water[1] < 0.9:
            low = self.water[1] + 0.03
        elif self.water is not None:
            return self.horizon + 0.02, self.water[0] + 0.02
        return low, 0.97


PLACES: dict[str, Place] = {
    "kitchen": Place((252, 236, 200), (214, 170, 130), 0.56),
    "bedroom": Place((214, 222, 246), (196, 160, 190), 0.56),
    "garden": Place((190, 228, 250), (160, 210, 120), 0.46),
    "farm": Place((206, 234, 250), (222, 204, 120), 0.48),
    "street": Place((222, 226, 232), (150, 152, 160), 0.54),
    "lake": Place((200, 232, 250), (140, 196, 120), 0.34, water=(0.58, 1.0)),
    "beach": Place((184, 226, 252), (246, 226, 168), 0.36, water=(0.36, 0.6), water_colour=(84, 172, 214)),
    "playground": Place((206, 238, 252), (236, 186, 130), 0.5),
}
