"""Goals: what shall be where, in words, and whether it is."""

from __future__ import annotations

from dataclasses import dataclass

from vistune.world.language.wordings import Wordings
from vistune.world.tabletop.table import Table

#: A thing is to the side of another if it is less than ``LEVEL`` off the other way; the expert sets it down ``CLEAR`` of it
#: and no further than ``NEAR``.
CLEAR, LEVEL, NEAR = 0.06, 0.1, 0.34
#: What is at an edge is within this share of it.
AT_EDGE = 0.25
SIDES = {"left of": (-1, 0), "right of": (1, 0), "behind": (0, 1), "in front of": (0, -1)}
EDGES = {"left edge": (-1, 0), "right edge": (1, 0), "far edge": (0, 1), "near edge": (0, -1)}
#: What a goal can ask for.
GOALS: tuple[str, ...] = (*SIDES, "on", "in", *EDGES)

_WORDS: dict[str, Wordings] = {
    **{r: Wordings((f"put the {{x}} {r} the {{y}}", f"move the {{x}} {r} the {{y}}"), (f"set the {{x}} down {r} the {{y}}",))
       for r in SIDES},
    "on": Wordings(("stack the {x} on the {y}", "put the {x} on the {y}"), ("place the {x} on top of the {y}",)),
    "in": Wordings(("put the {x} in the {y}", "drop the {x} into the {y}"), ("place the {x} inside the {y}",)),
    **{e: Wordings((f"push the {{x}} to the {e}", f"move the {{x}} to the {e}"), (f"bring the {{x}} to the {e}",))
       for e in EDGES},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Goal:
    """``what``: of ``GOALS``. ``item`` and ``other``: places in ``Table.items``; ``other`` is None for the edges."""

    what: str
    item: int
    other: int | None = None

    def wordings(self) -> Wordings:
        """Ways to say it, with slots ``x`` and ``y``."""
        return _WORDS[self.what]

    def words(self, table: Table, template: str) -> str:
        """The goal in the words of a template."""
        other = table.items[self.other].name if self.other is not None else ""
        return template.format(x=table.items[self.item].name, y=other)

    def state(self, table: Table) -> str:
        """The goal as a statement: ``the red block is left of the blue bowl``, ``the cup is at the far edge``."""
        name = f"the {table.items[self.item].name}"
        if self.other is None:
            return f"{name} is at the {self.what}"
        return f"{name} is {self.what} the {table.items[self.other].name}"


def stands(table: Table, what: str, item: int, other: int | None = None) -> bool | None:
    """Whether a thing is so; None where it is a matter of opinion. What is held is nowhere."""
    if table.held is not None and table.held in (item, other):
        return False
    a = table.items[item]
    if what in EDGES:
        ex, ey = EDGES[what]
        to_edge = (0.5 - (a.x - 0.5) * ex) if ex else (0.5 - (a.y - 0.5) * ey)
        return True if to_edge <= AT_EDGE else None if to_edge < AT_EDGE + 0.08 else False
    assert other is not None
    b = table.items[other]
    if what in ("on", "in"):
        return a.on == other and (b.kind == "bowl") == (what == "in")
    if a.on is not None or b.on is not None:
        return None
    sx, sy = SIDES[what]
    along, across = ((a.x - b.x) * sx, abs(a.y - b.y)) if sx else ((a.y - b.y) * sy, abs(a.x - b.x))
    if along > 0 and across <= LEVEL and along >= a.radius + b.radius:
        return True
    # Askew, one may call it so or not.
    return False if along <= 0 else None


def reached(table: Table, goal: Goal) -> bool:
    """Whether a goal is reached beyond doubt, with nothing held."""
    return table.held is None and stands(table, goal.what, goal.item, goal.other) is True
