import functools
import os
import struct
import subprocess
import sys
import zlib

import cv2
import numpy as np
import pytest

from mnistcnn.errors import DataError
from mnistcnn.pictures import imagefile, read_image

pytestmark = pytest.mark.core


@pytest.fixture
def write(tmp_path):
    def write_image(array, name="a.png"):
        path = tmp_path / name
        cv2.imwrite(str(path), array)
        return path

    return write_image


def test_grey(write):
    image = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert np.array_equal(read_image(write(image)), image)


def test_colours_are_red_green_blue(write):
    image = np.zeros((2, 2, 3), np.uint8)
    image[..., 0] = 200  # OpenCV writes blue first
    assert read_image(write(image))[0, 0].tolist() == [0, 0, 200]


def test_alpha_is_kept(write):
    image = np.zeros((2, 2, 4), np.uint8)
    image[0, 0] = (1, 2, 3, 4)
    assert read_image(write(image))[0, 0].tolist() == [3, 2, 1, 4]


def test_sixteen_bits_become_eight(write):
    image = np.array([[0, 257, 65535]], np.uint16)
    assert read_image(write(image)).tolist() == [[0, 1, 255]]


def test_floating_point_tiff(write):
    image = np.array([[0.0, 0.5, 1.0]], np.float32)
    assert read_image(write(image, "a.tiff")).tolist() == [[0, 127, 255]]


def test_a_photo_is_turned_upright(write):
    image = np.zeros((4, 8, 3), np.uint8)
    path = write(image, "a.jpg")
    data = path.read_bytes()
    # An EXIF segment that says: turned by 90 degrees.
    tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    segment = b"Exif\0\0" + tiff
    size = (len(segment) + 2).to_bytes(2, "big")
    path.write_bytes(data[:2] + b"\xff\xe1" + size + segment + data[2:])
    assert read_image(path).shape == (8, 4, 3)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "is no image that can be read: it begins with nothing"),
        (b"<html>", "begins with 3c68746d6c3e. Expected PNG, JPEG"),
        (b"\x89PNG\r\n\x1a\nxx", "is no image that can be read"),
    ],
)
def test_what_is_no_image_is_refused(content, text, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(DataError, match=text):
        read_image(path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("none.png", "cannot be opened .No such file"),
        (".", "cannot be opened .Is a folder, not a regular file"),
        ("/dev/zero", "cannot be opened .Is a device, not a regular file"),
        ("a\0b", "cannot be opened .No file has such a name"),
    ],
)
def test_what_is_not_there_is_refused(name, text, tmp_path):
    with pytest.raises(DataError, match=text):
        read_image(tmp_path / name)


def test_what_is_too_large_is_refused(write, monkeypatch):
    path = write(np.zeros((50, 50), np.uint8))
    monkeypatch.setattr(imagefile, "MAX_PIXELS", 2499)
    with pytest.raises(DataError, match="it has 50x50 pixels, in .* 2,499"):
        read_image(path)
    monkeypatch.setattr(imagefile, "MAX_FILE_BYTES", 10)
    with pytest.raises(DataError, match="bytes. Expected an image of at mo"):
        read_image(path)


# === What a header claims ===


def chunk(name, body):
    crc = zlib.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc)


def png(w, h):
    head = struct.pack(">IIBBBBB", w, h, 1, 0, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


def gif(w, h):
    return b"GIF89a" + struct.pack("<HH", w, h) + bytes(24)


def bmp(w, h):
    head = struct.pack("<IiiHHIIiiII", 40, w, h, 1, 24, *[0] * 6)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + head


def old_bmp(w, h):
    return b"BM" + struct.pack("<IHHIIHHHH", 26, 0, 0, 26, 12, w, h, 1, 24)


def jpeg(w, h, marker=0xC0):
    frame = struct.pack(">BBHBHHB", 0xFF, marker, 11, 8, h, w, 1)
    comment = b"\xff\xfe\x00\x05abc\xff"  # and a byte of padding
    return b"\xff\xd8" + comment + frame + bytes(30)


def webp(kind, body):
    body = kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def webp_lossy(w, h):
    body = b"\x30\1\0\x9d\1\x2a" + struct.pack("<HH", w, h)
    return webp(b"VP8 ", body + bytes(20))


def webp_lossless(w, h):
    body = b"\x2f" + struct.pack("<I", w - 1 | h - 1 << 14)
    return webp(b"VP8L", body + bytes(20))


def webp_extended(w, h):
    sides = [struct.pack("<I", side - 1)[:3] for side in (w, h)]
    return webp(b"VP8X", bytes(4) + b"".join(sides))


def tiff(w, h, end="<", tile=None):
    tags = {256: w, 257: h}
    tags |= {322: tile, 323: tile} if tile else {}
    rows = [struct.pack(end + "HHII", t, 4, 1, v) for t, v in tags.items()]
    start = (b"II*\0" if end == "<" else b"MM\0*") + struct.pack(end + "I", 8)
    count = struct.pack(end + "H", len(rows))
    return start + count + b"".join(rows) + bytes(50)


def big_tiff(w, h):
    rows = [
        struct.pack("<HHQHHI", tag, 3, 1, v, 0, 0)
        for tag, v in ((256, w), (257, h))
    ]
    return b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 2) + b"".join(rows)


def pnm(w, h, kind=5):
    return f"P{kind}\n# {h} {w}\n{w}\t{h}\n255\n".encode() + bytes(20)


def pam(w, h):
    text = f"P7\nWIDTH {w}\nHEIGHT {h}\nDEPTH 1\nMAXVAL 255\nENDHDR\n"
    return text.encode()


HEADERS = {
    "png": png,
    "gif": gif,
    "bmp": bmp,
    "bmp from the top": lambda w, h: bmp(w, -h),
    "old bmp": old_bmp,
    "jpeg": jpeg,
    "progressive jpeg": lambda w, h: jpeg(w, h, 0xC2),
    "lossy webp": webp_lossy,
    "lossless webp": webp_lossless,
    "extended webp": webp_extended,
    "tiff": tiff,
    "Motorola's tiff": lambda w, h: tiff(w, h, ">"),
    "big tiff": big_tiff,
    **{f"P{kind}": functools.partial(pnm, kind=kind) for kind in range(1, 7)},
    "P7": pam,
}


@pytest.fixture
def no_decoder(monkeypatch):
    monkeypatch.setattr(imagefile.cv2, "imdecode", None)


@pytest.mark.parametrize("kind", HEADERS)
def test_what_claims_too_much_is_not_decoded(kind, tmp_path, no_decoder):
    path = tmp_path / "bomb"
    # As many as lossless WebP can say; of 34 bytes and more.
    path.write_bytes(HEADERS[kind](16001, 16003))
    with pytest.raises(DataError, match="it has 16001x16003 pixels, in"):
        read_image(path)
    # Fewer pixels than a photo has, and far more than so few bytes hold.
    path.write_bytes(HEADERS[kind](5001, 5003))
    with pytest.raises(DataError, match="it has 5001x5003 pixels, in"):
        read_image(path)


def test_a_tile_is_as_large_as_the_picture(tmp_path, no_decoder):
    path = tmp_path / "bomb.tiff"
    path.write_bytes(tiff(10, 10, tile=60_000))
    with pytest.raises(DataError, match="it has 60000x60000 pixels"):
        read_image(path)


OTHER_KINDS = {
    "EXR": b"\x76\x2f\x31\x01" + bytes(50),
    "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(50),
    "AVIF": b"\0\0\0\x1cftypavif" + bytes(50),
    "Radiance": b"#?RADIANCE\n\n-Y 32000 +X 32000\n",
    "Sun raster": b"\x59\xa6\x6a\x95" + struct.pack(">7I", *[32000] * 7),
    "PFM": b"PF\n32000 32000\n-1.0\n",
    "SVG": b"<svg width='32000'/>",
    "no pixels": png(0, 9),
    "PNM of words": b"P5\nmany more\n255\n",
    "PNM of a long number": b"P5\n" + b"9" * 3000 + b" 1\n255\n",
    "PAM without a size": b"P7\nWIDTH\n",
    "WebP of nothing": webp(b"ALPH", bytes(30)),
    "JPEG without a frame": b"\xff\xd8" + b"\xff\xfe\0\2" * 5000,
    "JPEG without markers": b"\xff\xd8\xff\xfe\0\2\0\0\0\0",
    "TIFF of fractions": tiff(9, 9).replace(b"\4\0\1\0", b"\5\0\1\0"),
    "TIFF that is cut": tiff(9, 9)[:20],
    "TIFF far away": b"II*\0" + b"\xff" * 4,
}


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_other_kinds_and_half_headers_are_not_decoded(
    kind, tmp_path, no_decoder
):
    path = tmp_path / "a.png"
    path.write_bytes(OTHER_KINDS[kind])
    with pytest.raises(DataError, match="is no image that can be read"):
        read_image(path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "webp", "tiff", "pgm"])
def test_each_kind_is_read(write, suffix):
    image = np.zeros((30, 40), np.uint8)
    image[10:20, 10:30] = 200
    found = read_image(write(image, f"a.{suffix}"))
    assert found.shape[:2] == (30, 40)
    assert (
        np.abs(found.reshape(30, 40, -1)[..., 0].astype(int) - image).max() < 9
    )


def test_opencv_has_a_limit_of_its_own():
    code = (
        "import mnistcnn, os; print(os.environ['OPENCV_IO_MAX_IMAGE_PIXELS'])"
    )
    run = functools.partial(
        subprocess.check_output, [sys.executable, "-c", code], text=True
    )
    environment = dict(os.environ)
    environment.pop("OPENCV_IO_MAX_IMAGE_PIXELS", None)
    assert int(run(env=environment)) == imagefile.MAX_PIXELS
    environment["OPENCV_IO_MAX_IMAGE_PIXELS"] = "7"
    assert int(run(env=environment)) == 7
