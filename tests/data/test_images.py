"""Every kind of picture file that people have, and every way in which one can be broken."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from toys import picture, png

from vistune.core.errors import DataError
from vistune.data.example import ImageSource
from vistune.data.images import open_image, pixels


def noise(height: int = 6, width: int = 9) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def opened(data: bytes) -> np.ndarray:
    return np.asarray(ImageSource(data=data).open())


def test_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"gone\.png: there is no such picture"):
        ImageSource(path=tmp_path / "gone.png").open()


def test_empty_file(tmp_path):
    (tmp_path / "empty.jpg").write_bytes(b"")
    with pytest.raises(DataError, match=r"empty\.jpg: the picture is empty \(0 bytes\)"):
        ImageSource(path=tmp_path / "empty.jpg").open()
    with pytest.raises(DataError, match="0 bytes"):
        ImageSource(data=b"").open()


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_truncated_file(tmp_path, format):
    data = png(Image.fromarray(noise(64, 64)), format=format)
    (tmp_path / "cut").write_bytes(data[: len(data) // 2])
    with pytest.raises(DataError, match="damaged or cut off"):
        ImageSource(path=tmp_path / "cut").open()


def test_text_is_no_picture():
    with pytest.raises(DataError, match="not a picture that can be read"):
        ImageSource(data=b"<html>404</html>").open()


def test_a_bomb_is_refused_by_its_header():
    """A PNG header of 20,000 x 20,000 without pixels: decoding would say 'truncated', the header says too large."""
    body = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + body
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(body)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    bomb += struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    for call in (ImageSource(data=bomb).open, ImageSource(data=bomb).size):
        with pytest.raises(DataError, match="megapixels are refused"):
            call()


def test_just_above_our_own_limit(monkeypatch):
    monkeypatch.setattr("vistune.data.images.MAX_PIXELS", 50)
    with pytest.raises(DataError, match="9 x 6 pixels; pictures of more than"):
        opened(png(Image.fromarray(noise())))


def test_cmyk_becomes_rgb():
    red = opened(png(Image.new("CMYK", (4, 4), (0, 255, 255, 0)), format="TIFF"))
    assert red.shape == (4, 4, 3)
    assert red[0, 0].tolist() == [255, 0, 0]


def test_palette_with_transparency_lies_on_white():
    image = Image.new("P", (2, 1))
    image.putpalette([200, 0, 0, 0, 0, 200])
    image.putdata([0, 1])
    result = opened(png(image, transparency=0))
    assert result[0].tolist() == [[255, 255, 255], [0, 0, 200]]


def test_half_transparent_pixels_are_blended():
    result = opened(png(Image.new("RGBA", (1, 1), (0, 0, 0, 51))))
    assert result[0, 0].tolist() == [204, 204, 204]


def test_grey_with_a_transparent_value():
    result = opened(png(Image.fromarray(np.array([[0, 90]], dtype=np.uint8)), transparency=0))
    assert result[0].tolist() == [[255, 255, 255], [90, 90, 90]]


def test_sixteen_bits_keep_their_brightness():
    deep = np.array([[0, 257, 32896, 65535]], dtype=np.uint16)
    result = opened(png(Image.fromarray(deep)))
    assert result[0, :, 0].tolist() == [0, 1, 128, 255]


def test_dark_sixteen_bits_stay_dark():
    """The largest value decides nothing: a dark 16-bit picture is no 8-bit one."""
    result = opened(png(Image.fromarray(np.full((2, 2), 200, dtype=np.uint16))))
    assert result.max() <= 1


def test_floats_out_of_range_are_refused():
    with pytest.raises(DataError, match="values from -5 to"):
        ImageSource(pil=Image.fromarray(np.array([[-5.0, 3.0]], dtype=np.float32))).open()


def test_grey():
    result = opened(png(Image.fromarray(np.array([[7, 200]], dtype=np.uint8))))
    assert result[0].tolist() == [[7, 7, 7], [200, 200, 200]]


@pytest.mark.parametrize("orientation", range(2, 9))
def test_exif_rotation(orientation):
    """Each orientation against numpy's own turning of the stored pixels."""
    stored = noise()
    turn = {
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: np.rot90(a),
    }[orientation]
    exif = Image.Exif()
    exif[274] = orientation
    source = ImageSource(data=png(Image.fromarray(stored), exif=exif))
    result = open_image(source)
    assert np.array_equal(np.asarray(result.image), turn(stored))
    assert source.size() == result.image.size
    assert "turned upright by its EXIF orientation" in result.notes


def test_animation_gives_its_first_frame_and_says_so():
    frames = [Image.new("RGB", (4, 4), colour) for colour in ((250, 0, 0), (0, 250, 0))]
    data = png(frames[0], format="GIF", save_all=True, append_images=frames[1:])
    result = open_image(ImageSource(data=data))
    assert np.asarray(result.image)[0, 0].tolist() == [250, 0, 0]
    assert result.notes[0] == "the first of 2 frames was taken"


def test_an_animation_that_was_wound_forward_still_gives_its_first_frame():
    frames = [Image.new("RGB", (4, 4), colour) for colour in ((250, 0, 0), (0, 250, 0))]
    image = Image.open(io.BytesIO(png(frames[0], format="GIF", save_all=True, append_images=frames[1:])))
    image.seek(1)
    assert np.asarray(ImageSource(pil=image).open())[0, 0].tolist() == [250, 0, 0]


@pytest.mark.parametrize("shape", [(6, 9), (6, 9, 1), (6, 9, 4)])
def test_arrays_of_other_channel_counts(shape):
    array = np.full(shape, 120, dtype=np.uint8)
    if shape[-1] == 4:
        array[..., 3] = 255
    assert np.asarray(ImageSource(array=array).open()).tolist() == np.full((6, 9, 3), 120).tolist()


@pytest.mark.parametrize("array", [np.zeros((3, 8, 8), np.uint8), np.zeros((8, 8, 3)), np.zeros((0, 8, 3), np.uint8)])
def test_arrays_that_are_no_pictures(array):
    with pytest.raises(DataError, match="is no picture"):
        ImageSource(array=array).open()


def test_nothing_in_a_source():
    with pytest.raises(DataError, match="holds nothing"):
        ImageSource().open()


def test_array_path_and_bytes_give_the_same_pixels(tmp_path):
    array = noise()
    data = ImageSource(array=array).encoded()
    (tmp_path / "a.png").write_bytes(data)
    for source in (ImageSource(array=array), ImageSource(data=data), ImageSource(path=tmp_path / "a.png")):
        assert np.array_equal(np.asarray(source.open()), array)
        assert np.array_equal(pixels(source), array)
        assert source.size() == (9, 6)
    assert ImageSource(path=tmp_path / "a.png").encoded() == data


def test_digest_follows_the_content(tmp_path):
    data = png(Image.fromarray(noise()))
    (tmp_path / "a.png").write_bytes(data)
    (tmp_path / "b.png").write_bytes(data)
    same = {ImageSource(path=tmp_path / name).digest() for name in ("a.png", "b.png")} | {
        ImageSource(data=data).digest()
    }
    assert len(same) == 1
    assert picture(1).digest() == picture(1).digest() != picture(2).digest()
    flat = np.zeros((2, 8, 3), np.uint8)
    assert ImageSource(array=flat).digest() != ImageSource(array=flat.reshape(4, 4, 3)).digest()


def encoded(format: str, **options) -> bytes:
    smooth = Image.fromarray(noise(6, 6)).resize((48, 40))
    if format == "CMYK":
        return png(smooth.convert("CMYK"), format="JPEG")
    return png(smooth, format=format, **options)


@pytest.mark.parametrize(
    ("format", "options"), [("JPEG", {}), ("JPEG", {"progressive": True}), ("CMYK", {}), ("PNG", {}), ("GIF", {})]
)
def test_a_file_cut_anywhere_is_refused_or_whole(format, options):
    """Never a picture with a grey lower half: only bytes that hold no pixel may be missing."""
    data = encoded(format, **options)
    whole = opened(data)
    refused = 0
    for end in range(1, len(data), 7):
        try:
            cut = opened(data[:end])
        except DataError:
            refused += 1
        else:
            assert np.array_equal(cut, whole), end
    assert refused > len(data) // 7 * 0.9


def test_a_cmyk_photograph_has_its_colours():
    """JPEG programs store CMYK inverted: read as it stands, red would be cyan."""
    red = opened(png(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), format="JPEG"))
    assert np.abs(red.astype(int) - [255, 0, 0]).max() <= 3
