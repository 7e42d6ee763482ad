"""Pictures of records: finding them when reading, storing them when writing, and folders that appear whole."""

from __future__ import annotations

import base64
import binascii
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlparse

from vistune.core.errors import DataError
from vistune.core.files import writing
from vistune.data.example import ImageSource

_MAGIC = {
    b"\x89PNG": "png",
    b"\xff\xd8\xff": "jpg",
    b"GIF8": "gif",
    b"BM": "bmp",
    b"RIFF": "webp",
    b"II*\0": "tif",
    b"MM\0*": "tif",
}
IMAGE_SUFFIXES = ("png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff")


class PictureFolder:
    """Where relative picture names lead: the given folder, else the data file's own or its ``images`` folder.

    Which of the last two is settled by the first name asked for.
    """

    def __init__(self, home: Path, root: Path | str | None) -> None:
        self.root = None if root is None else Path(root)
        self._home = home

    def find(self, name: str) -> ImageSource:
        """A path, ``file://`` address or ``data:`` address as a picture. Raises ``DataError`` for a remote one."""
        if name.startswith("data:"):
            return ImageSource(data=_from_data_url(name))
        if name.startswith("file://"):
            name = unquote(urlparse(name).path)
        elif "://" in name[:12]:
            raise DataError(f"the picture '{name}' is remote; pictures are not fetched. Download it and name the file")
        path = Path(name)
        if path.is_absolute():
            return ImageSource(path=path)
        if self.root is None:
            nested = self._home / "images"
            self.root = nested if not (self._home / path).exists() and (nested / path).exists() else self._home
        return ImageSource(path=Path(os.path.normpath(self.root / path)))


def _from_data_url(url: str) -> bytes:
    head, _, body = url.partition(",")
    try:
        return base64.b64decode(body, validate=True) if head.endswith(";base64") else unquote(body).encode("latin-1")
    except (binascii.Error, UnicodeEncodeError) as error:
        raise DataError(f"a picture's data: address is damaged ({error})") from error


def suffix_of(data: bytes) -> str:
    """File name ending of an encoded picture, by its first bytes."""
    return next((suffix for magic, suffix in _MAGIC.items() if data.startswith(magic)), "bin")


class PictureWriter:
    """Stores the pictures of written examples under ``folder`` and gives names relative to the data file.

    A picture that is a file already is named where it lies, unless ``copy`` is set.
    """

    def __init__(self, staged: Path, final: Path, folder: str, copy: bool) -> None:
        self._staged, self._final, self._folder, self._copy = staged, final, folder, copy

    def names(self, pictures: list[ImageSource], example: int) -> list[str]:
        """Names of the pictures of the ``example``-th example, stored where needed."""
        return [self._name(picture, example, place) for place, picture in enumerate(pictures)]

    def _name(self, picture: ImageSource, example: int, place: int) -> str:
        if picture.path is not None and not self._copy:
            return os.path.relpath(picture.path.absolute(), self._final.absolute())
        data = picture.encoded()
        name = f"{self._folder}/{example // 1000:04d}/{example:07d}-{place}.{suffix_of(data)}"
        path = self._staged / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return name


@contextmanager
def staged_folder(folder: Path, last: str | None = None) -> Iterator[Path]:
    """A temporary folder whose files move into ``folder`` when the block ends well, and vanish when it does not.

    Other files in ``folder`` stay. ``last`` names the file that moves last: it says that all is there. A full disk is a
    ``DataError``.
    """
    with writing(folder):
        home = folder if folder.is_dir() else folder.parent
        home.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".vistune-", dir=home))
        try:
            yield stage
            folder.mkdir(parents=True, exist_ok=True)
            for entry in sorted(stage.iterdir(), key=lambda entry: entry.name == last):
                _move(entry, folder / entry.name)
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    """Rename; a folder that is there already takes the files in."""
    if source.is_dir() and target.is_dir():
        for entry in source.iterdir():
            _move(entry, target / entry.name)
        return
    source.replace(target)
    if target.is_file():
        target.chmod(0o644)
