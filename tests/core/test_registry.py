"""Registry and errors."""

from __future__ import annotations

from typing import Any

import pytest

from vistune.core.errors import ConfigError, MissingExtra, nearest
from vistune.core.registry import Registry


class Base:
    pass


@pytest.fixture
def shapes() -> Registry[Base]:
    registry: Registry[Base] = Registry("shape", base=Base)

    @registry.register("square", paper="lavin")
    class Square(Base):
        def __init__(self, side: int, *, colour: str = "red") -> None:
            self.side = side
            self.colour = colour

    return registry


def test_builds_from_kind_and_context(shapes: Registry[Any]) -> None:
    made = shapes.build({"kind": "square", "colour": "blue"}, side=3, unknown_size=9)
    assert (made.side, made.colour, made.kind) == (3, "blue", "square")
    assert shapes.paper("square") == "lavin"
    assert shapes.names() == ["square"]


def test_own_parameters_win_over_context(shapes: Registry[Any]) -> None:
    assert shapes.build({"kind": "square", "side": 5}, side=3).side == 5


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("sqare", "There is no shape 'sqare'. Did you mean 'square'"),
        ({"kind": "square", "color": "blue", "side": 1}, "has no parameter 'color'. Did you mean 'colour'"),
        ({"side": 1}, "needs a 'kind'"),
        ("square", "missing 1 required positional argument: 'side'"),
        ("no.such.module:Thing", "cannot be imported"),
    ],
)
def test_faults(shapes: Registry[Any], spec: Any, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        shapes.build(spec)
    assert words in str(caught.value)


def test_refuses_duplicates_and_wrong_bases(shapes: Registry[Any]) -> None:
    class Other(Base):
        pass

    with pytest.raises(ConfigError, match="registered twice"):
        shapes.register("square")(Other)
    with pytest.raises(ConfigError, match="must derive from Base"):
        shapes.register("round")(int)


def test_kind_may_be_a_users_own_class(shapes: Registry[Any]) -> None:
    assert shapes.get("collections:OrderedDict").__name__ == "OrderedDict"


def test_built_in_modules_are_imported_at_first_look_up() -> None:
    registry: Registry[Any] = Registry("late", modules=("tests.core.no_such_module",))
    with pytest.raises(ModuleNotFoundError):
        registry.names()


def test_nearest_lists_what_is_known() -> None:
    assert nearest("mpl", ["mlp", "linear"]) == "Did you mean 'mlp'? Known: linear, mlp."
    assert nearest("zzz", ["mlp"]) == "Known: mlp."
    assert nearest("zzz", []) == "Known: none."


def test_missing_extra_says_what_to_install() -> None:
    assert str(MissingExtra("ray", "scale", "Many machines")) == (
        "Many machines needs the package 'ray': pip install 'vistune[scale]'."
    )
