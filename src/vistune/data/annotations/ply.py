"""Point clouds in PLY files (Stanford, 1994), text or binary: coordinates with colours, normals or any other numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError

#: PLY's names of types -> numpy's.
TYPES = {
    "char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4", "float": "f4", "double": "f8",
    "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4", "float32": "f4",
    "float64": "f8",
}  # fmt: skip
_NAMES = {np.dtype(code).str[1:]: name for name, code in reversed(TYPES.items()) if name[-1].isalpha()}
#: Arrays with several columns and the properties that they are written as.
GROUPS = {"points": ("x", "y", "z"), "normals": ("nx", "ny", "nz"), "colours": ("red", "green", "blue")}


def write_ply(path: Path, cloud: Mapping[str, NDArray], text: bool = False) -> Path:
    """Write a cloud; coordinates become 32-bit floats.

    ``cloud``: ``points`` ``[n, 3]`` metres, and as wished ``normals`` ``[n, 3]``, ``colours`` uint8 ``[n, 3]`` and any
    other array ``[n]``, which becomes a property of its own name.

    Raises:
        DataError: there are no points, or the lengths differ.
    """
    if "points" not in cloud:
        raise DataError(f"{path}: a point cloud needs 'points'.")
    columns: dict[str, NDArray] = {}
    for name, array in cloud.items():
        if len(array) != len(cloud["points"]):
            raise DataError(f"{path}: '{name}' has {len(array)} rows for {len(cloud['points'])} points.")
        array = array.astype(np.float32) if array.dtype.kind == "f" else array
        array = array.astype(np.int32) if array.dtype.itemsize == 8 else array
        columns |= dict(zip(GROUPS[name], array.T)) if name in GROUPS else {name: array}
    kinds = [(name, column.dtype.newbyteorder("<")) for name, column in columns.items()]
    table = np.empty(len(cloud["points"]), kinds)
    for name, column in columns.items():
        table[name] = column
    header = ["ply", f"format {'ascii' if text else 'binary_little_endian'} 1.0", f"element vertex {len(table)}"]
    header += [f"property {_NAMES[kind.str[1:]]} {name}" for name, kind in kinds]
    with path.open("wb") as file:
        file.write("\n".join([*header, "end_header", ""]).encode("ascii"))
        if text:
            file.writelines((" ".join(map(_number, row)) + "\n").encode("ascii") for row in table)
        else:
            file.write(table.tobytes())
    return path


def _number(value: np.generic) -> str:
    return np.format_float_positional(value, trim="-") if value.dtype.kind == "f" else str(value)  # pyright: ignore


def read_ply(path: Path) -> dict[str, NDArray]:
    """The vertices of a PLY file in the form that ``write_ply`` takes; faces and other elements are left out.

    Raises:
        DataError: it is no PLY file, its vertices are not its first element or have lists, or it is cut off.
    """
    content = path.read_bytes()
    end = content.find(b"end_header")
    if not content.startswith(b"ply") or end < 0:
        raise DataError(f"{path} is no PLY file: it has no header.")
    body = content[content.index(b"\n", end) + 1 :]
    form, count, kinds = _header(path, content[:end].decode("ascii", "replace"))
    if form == "ascii":
        rows = [line.split() for line in body.decode("ascii").splitlines()[:count]]
        if len(rows) < count or any(len(row) != len(kinds) for row in rows):
            raise DataError(f"{path} is cut off: {len(rows)} of {count} points are whole.")
        columns = {name: np.array([row[k] for row in rows]).astype(kind) for k, (name, kind) in enumerate(kinds)}
    else:
        order = "<" if form == "binary_little_endian" else ">"
        kind = np.dtype([(name, np.dtype(code).newbyteorder(order)) for name, code in kinds])
        if len(body) < count * kind.itemsize:
            raise DataError(f"{path} is cut off: {len(body) // kind.itemsize} of {count} points are whole.")
        table = np.frombuffer(body, kind, count)
        columns = {name: table[name].astype(code) for name, code in kinds}
    return _grouped(columns)


def _header(path: Path, text: str) -> tuple[str, int, list[tuple[str, str]]]:
    """Format, number of vertices, and their properties."""
    form, element, elements = "", "", []
    count, kinds = 0, []
    for line in text.splitlines()[1:]:
        words = line.split()
        if not words or words[0] in ("comment", "obj_info"):
            continue
        if words[0] == "format":
            form = words[1]
        elif words[0] == "element":
            element = words[1]
            elements.append(element)
            count = int(words[2]) if element == "vertex" else count
        elif words[0] == "property" and element == "vertex":
            if words[1] not in TYPES:
                raise DataError(f"{path}: vertices with a property of type '{words[1]}' cannot be read.")
            kinds.append((words[2], TYPES[words[1]]))
    if form not in ("ascii", "binary_little_endian", "binary_big_endian") or elements[:1] != ["vertex"]:
        raise DataError(f"{path}: the format '{form}' or the order of elements {elements} cannot be read.")
    return form, count, kinds


def _grouped(columns: dict[str, NDArray]) -> dict[str, NDArray]:
    cloud: dict[str, NDArray] = {}
    for name, parts in GROUPS.items():
        if all(part in columns for part in parts):
            cloud[name] = np.stack([columns.pop(part) for part in parts], 1)
    return {**cloud, **columns}
