"""Opening pictures: whatever the file holds becomes upright 8-bit RGB, or one clear ``DataError``.

Two pictures that look alike must give the model the same pixels: EXIF rotation is applied, transparency is laid on
white, 16-bit and CMYK data are brought to 8-bit RGB, and of an animation the first frame is taken (with a note).
A file that is too large is refused by its header, before any pixel is decoded.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vistune.core.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

    from vistune.data.example import ImageSource

#: Pictures with more pixels are refused: 80 megapixels decode to 240 MB.
MAX_PIXELS = 80_000_000

#: EXIF tag of the camera's orientation, and the values that swap width and height.
_ORIENTATION, _SIDEWAYS = 274, (5, 6, 7, 8)


class Opened(NamedTuple):
    """A picture as 8-bit RGB, and what had to be done to it that a person may want to know."""

    image: Image
    notes: tuple[str, ...] = ()


def open_image(source: ImageSource) -> Opened:
    """Decode ``source``. Raises ``DataError`` for a missing, empty, truncated, unknown or far too large file."""
    if source.array is not None:
        return Opened(_from_array(source.array))
    if source.pil is not None:
        return _to_rgb(source.pil, "the PIL image")
    name = source.describe()
    from PIL import Image

    with _raw(source) as file:
        image = _header(file, name)
        try:
            image.load()
        except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
            raise DataError(f"{name}: the picture is damaged or cut off ({error}). Fetch the file again.") from error
        return _to_rgb(image, name)


def image_size(source: ImageSource) -> tuple[int, int]:
    """Width and height that ``open_image`` would give, from the header alone."""
    if source.array is not None:
        height, width = _checked(source.array).shape[:2]
        return width, height
    if source.pil is not None:
        return _upright_size(source.pil)
    with _raw(source) as file:
        return _upright_size(_header(file, source.describe()))


def encode_image(source: ImageSource) -> bytes:
    """The bytes of an image file. Raises ``DataError`` where a path cannot be read."""
    if source.data is not None:
        return source.data
    if source.path is not None:
        with _raw(source) as file:
            return file.read()
    buffer = io.BytesIO()
    image = source.pil if source.pil is not None else _from_array(_one(source.array))
    if image.mode not in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        image = _to_rgb(image, "the PIL image").image
    image.save(buffer, "PNG")
    return buffer.getvalue()


def image_digest(source: ImageSource) -> str:
    """BLAKE2 hash of the file's bytes, or of the shape and pixels of what is in memory."""
    if source.path is not None or source.data is not None:
        return hashlib.blake2b(encode_image(source), digest_size=16).hexdigest()
    array = np.asarray(source.pil) if source.pil is not None else _checked(_one(source.array))
    head = f"{array.shape}{array.dtype}".encode()
    return hashlib.blake2b(head + np.ascontiguousarray(array).tobytes(), digest_size=16).hexdigest()


def pixels(source: ImageSource) -> np.ndarray:
    """``[height, width, 3]`` uint8; an array that has this form already is handed on without a copy."""
    array = source.array
    if array is not None and array.dtype == np.uint8 and array.ndim == 3 and array.shape[2] == 3:
        return array
    return np.asarray(open_image(source).image)


def _one(array: np.ndarray | None) -> np.ndarray:
    if array is None:
        raise DataError("An ImageSource holds nothing: set one of path, data, pil and array.")
    return array


def _raw(source: ImageSource) -> io.BytesIO | io.BufferedReader:
    if source.data is not None:
        if not source.data:
            raise DataError("A picture in memory is empty (0 bytes).")
        return io.BytesIO(source.data)
    if source.path is None:
        _one(None)
    path = Path(str(source.path))
    try:
        if path.stat().st_size == 0:
            raise DataError(f"{path}: the picture is empty (0 bytes). Fetch the file again.")
        return path.open("rb")
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such picture. Check the path and the picture folder.") from error
    except OSError as error:
        raise DataError(f"{path}: the picture cannot be read ({error.strerror}).") from error


def _header(file: io.BytesIO | io.BufferedReader, name: str) -> Image:
    from PIL import Image, UnidentifiedImageError

    try:
        image = Image.open(file)
    except UnidentifiedImageError as error:
        file.seek(0)
        raise DataError(f"{name}: not a picture that can be read (it begins with {file.read(8)!r}).") from error
    except Image.DecompressionBombError as error:
        raise DataError(f"{name}: {_too_large()} ({error})") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise DataError(f"{name}: the picture's header is damaged ({error}).") from error
    if image.width * image.height > MAX_PIXELS:
        raise DataError(f"{name}: {image.width} x {image.height} pixels; {_too_large()}")
    return image


def _too_large() -> str:
    return f"pictures of more than {MAX_PIXELS // 1_000_000} megapixels are refused. Scale it down first."


def _upright_size(image: Image) -> tuple[int, int]:
    sideways = image.getexif().get(_ORIENTATION) in _SIDEWAYS
    return (image.height, image.width) if sideways else (image.width, image.height)


def _to_rgb(image: Image, name: str) -> Opened:
    from PIL import ImageOps

    notes = []
    if getattr(image, "is_animated", False):
        image.seek(0)
        notes.append(f"the first of {getattr(image, 'n_frames', '?')} frames was taken")
    if image.getexif().get(_ORIENTATION, 1) != 1:
        image = ImageOps.exif_transpose(image)
        notes.append("turned upright by its EXIF orientation")
    if image.mode == "RGB" and "transparency" not in image.info:
        return Opened(image if type(image).__name__ == "Image" else image.copy(), tuple(notes))
    if image.mode.startswith("I") or image.mode == "F":
        return Opened(_from_deep(image, name), (*notes, f"{image.mode} brought to 8 bits"))
    if image.has_transparency_data:
        return Opened(_on_white(image), (*notes, "transparency laid on white"))
    return Opened(image.convert("RGB"), tuple(notes))


def _on_white(image: Image) -> Image:
    from PIL import Image

    rgba = image.convert("RGBA")
    white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
    white.alpha_composite(rgba)
    return white.convert("RGB")


def _from_deep(image: Image, name: str) -> Image:
    """16-bit integers are divided by 257; wider ones and floats must lie in one of the usual ranges."""
    values = np.asarray(image).astype(np.float64)
    top, bottom = float(values.max(initial=0)), float(values.min(initial=0))
    if bottom < 0 or top > 65535:
        raise DataError(f"{name}: values from {bottom:g} to {top:g} are no picture's. Convert it to 8 or 16 bits.")
    if image.mode == "F":
        scale = 255.0 if top <= 1 else 1.0 if top <= 255 else 255 / 65535
    else:
        scale = 1.0 if image.mode == "I" and top <= 255 else 255 / 65535
    return _from_array(np.rint(values * scale).astype(np.uint8))


def _checked(array: np.ndarray) -> np.ndarray:
    """The array if it can be a picture: ``[height, width]`` or ``[height, width, 1 | 3 | 4]`` uint8."""
    shaped = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 3, 4))
    if not shaped or array.dtype != np.uint8 or 0 in array.shape:
        raise DataError(
            f"An array of shape {array.shape} and type {array.dtype} is no picture: [height, width, 3] uint8 is needed."
        )
    return array


def _from_array(array: np.ndarray) -> Image:
    from PIL import Image

    array = _checked(array)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    return _to_rgb(Image.fromarray(np.ascontiguousarray(array)), "the array").image
