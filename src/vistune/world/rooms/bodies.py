"""Many solids side by side as arrays, and what rays from one point meet of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vistune.world.rooms.camera import Array
from vistune.world.rooms.solids import MEETINGS, Material, Shape, Solid, outward, pattern

Numbers = NDArray[np.intp]
#: Where the light comes from (a window high up), and how strong what comes from everywhere is.
LIGHT = np.array([-0.45, -0.35, 0.82]) / np.linalg.norm([-0.45, -0.35, 0.82])
AMBIENT = 0.62
_SIGNS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float).T


@dataclass(frozen=True)
class Meetings:
    """The rays that meet a solid: their numbers ``rays`` ``[met]``, where (``t`` ``[met]``), the number of the solid

    (``owners`` ``[met]``), outward unit normals in the world (``normals`` ``[3, met]``) and the points in the solids' own
    frames, in metres (``places`` ``[3, met]``, for patterns).
    """

    rays: Numbers
    t: Array
    owners: Numbers
    normals: Array
    places: Array


class Bodies:
    """Solids as arrays, the number of a solid last: ``centres`` and ``halves`` (half the sizes) ``[3, solids]``."""

    def __init__(self, solids: Sequence[Solid]) -> None:
        self.solids = tuple(solids)
        self.centres: Array = np.array([solid.centre for solid in solids], float).reshape(-1, 3).T
        self.halves: Array = np.array([solid.size for solid in solids], float).reshape(-1, 3).T / 2
        yaw = np.array([solid.yaw for solid in solids], float)
        self.cosines, self.sines = np.cos(yaw), np.sin(yaw)
        self.things = np.array([solid.thing for solid in solids], np.int16)

    @cached_property
    def colours(self) -> Array:
        """sRGB, 0 to 255: ``[3, solids]``."""
        return np.array([solid.colour for solid in self.solids], float).reshape(-1, 3).T

    @cached_property
    def shapes(self) -> dict[Shape, NDArray[np.bool_]]:
        """Which solids are of each shape that is there: ``[solids]``."""
        names = np.array([solid.shape for solid in self.solids])
        return {shape: names == shape for shape in MEETINGS if (names == shape).any()}

    @cached_property
    def materials(self) -> dict[Material, NDArray[np.bool_]]:
        """Which solids are of each material that is not plain: ``[solids]``."""
        found: dict[Material, NDArray[np.bool_]] = {}
        for solid in self.solids:
            if solid.material != "plain" and solid.material not in found:
                found[solid.material] = np.array([other.material == solid.material for other in self.solids])
        return found

    @cached_property
    def corners(self) -> Array:
        """Corners of their boxes in the world: ``[solids, 8, 3]``."""
        x, y, z = self.halves[:, :, None] * _SIGNS[:, None, :]
        c, s = self.cosines[:, None], self.sines[:, None]
        return np.stack([c * x - s * y, s * x + c * y, z], -1) + self.centres.T[:, None, :]

    @cached_property
    def feet(self) -> Array:
        """How high their lower ends are, metres: ``[solids]``."""
        return self.centres[2] - self.halves[2]

    def into(self, who: Numbers, vectors: Array) -> Array:
        """World vectors in the unit frames of solids ``who`` ``[n]``: ``[3, n]`` or ``[3, 1]`` -> ``[3, n]``."""
        c, s = self.cosines[who], self.sines[who]
        turned = np.empty((3, len(who)))
        np.add(c * vectors[0], s * vectors[1], out=turned[0])
        np.subtract(c * vectors[1], s * vectors[0], out=turned[1])
        turned[2] = vectors[2]
        turned /= self.halves[:, who]
        return turned

    def meet(self, origin: Array, directions: Array, limits: Array, who: Numbers, rays: Numbers) -> Meetings:
        """What rays meet first, before ``limits`` ``[rays]``.

        ``origin`` ``[3]`` and ``directions`` ``[3, rays]`` are in the world. Pairs (``who``, ``rays``) are the meetings
        that may be, sorted by solid; of two solids met at one point the first counts.
        """
        starts = self.into(np.arange(len(self.solids)), origin[:, None] - self.centres)
        along = self.into(who, directions[:, rays])
        t = np.empty(len(who))
        with np.errstate(divide="ignore", invalid="ignore"):
            for shape, members in self.shapes.items():
                mine = np.flatnonzero(members[who])
                t[mine] = MEETINGS[shape](starts[:, who[mine]], along[:, mine])
        kept = np.flatnonzero(t < limits[rays])
        best = limits.copy()
        np.minimum.at(best, rays[kept], t[kept])
        first = kept[t[kept] == best[rays[kept]]]
        winner = np.full(len(limits), -1)
        winner[rays[first[::-1]]] = first[::-1]
        met = np.flatnonzero(winner >= 0)
        pairs = winner[met]
        owners = who[pairs]
        points = starts[:, owners] + along[:, pairs] * t[pairs]
        return Meetings(met, t[pairs], owners, self._normals(owners, points), points * self.halves[:, owners])

    def _normals(self, owners: Numbers, points: Array) -> Array:
        """Unit normals in the world at points of unit bodies."""
        normals = np.empty_like(points)
        for shape, members in self.shapes.items():
            mine = np.flatnonzero(members[owners])
            normals[:, mine] = outward(shape, points[:, mine])
        normals /= self.halves[:, owners]
        normals /= np.maximum(np.sqrt((normals * normals).sum(0)), 1e-12)
        x, y = normals[0].copy(), normals[1].copy()
        c, s = self.cosines[owners], self.sines[owners]
        normals[0], normals[1] = c * x - s * y, s * x + c * y
        return normals

    def painted(self, met: Meetings) -> Array:
        """The colours there, shaded, 0 to 255: ``[3, met]``."""
        light = AMBIENT + (1 - AMBIENT) * np.maximum(LIGHT @ met.normals, -0.12)
        for material, members in self.materials.items():
            mine = np.flatnonzero(members[met.owners])
            light[mine] *= pattern(material, met.places[:, mine])
        return self.colours[:, met.owners] * light

    def shade(self, x: Array, y: Array, aside: tuple[float, float], low: float, soft: float, dark: float) -> Array:
        """How much light reaches points ``[n]`` of the floor: a soft shadow around each solid that stands near it.

        ``aside``: how far shadows fall to the side, metres. ``low``: solids whose feet are higher throw none. ``soft``:
        the width of a shadow's edge in metres on the floor. ``dark``: the share of light that it takes there.
        """
        near = np.flatnonzero((self.feet <= low) & (self.halves[2] >= 0.015))
        if not len(near) or not len(x):
            return np.ones(len(x))
        c, s, foot = self.cosines[near], self.sines[near], self.feet[near]
        turns = np.concatenate([np.stack([c, s], 1), np.stack([-s, c], 1)])
        middles = self.centres[:2, near] + np.array(aside)[:, None]
        out = turns @ np.stack([x, y])
        out -= np.concatenate([(turns[: len(near)] * middles.T).sum(1), (turns[len(near) :] * middles.T).sum(1)])[
            :, None
        ]
        np.abs(out, out=out)
        out -= self.halves[:2, near].reshape(-1, 1)
        np.maximum(out, 0, out=out)
        out *= out
        away = out[: len(near)]
        away += out[len(near) :]
        # The darkest shadow, 1 - max of strength x exp(-away), with one exponential for all solids.
        away /= ((soft + 0.25 * foot) ** 2)[:, None]
        away -= np.log(dark - 0.3 * foot)[:, None]
        return 1 - np.exp(-away.min(0))
