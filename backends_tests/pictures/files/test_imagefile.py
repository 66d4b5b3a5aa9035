import functools
import io
import os
import struct
import subprocess
import sys
import warnings

import cv2
import numpy as np
import pytest
from image_headers import HEADERS, png, tiff, webp
from PIL import Image

from mnistcnn.errors import DataError, DataWarning
from mnistcnn.pictures import decode_image, read_image
from mnistcnn.pictures.files import imagefile
from mnistcnn.pictures.files.damage import hear_damage
from mnistcnn.pictures.files.tiffs import read_orientation

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


@pytest.mark.parametrize("name", ["a.png", "a.tiff"])
@pytest.mark.parametrize("white", [1023, 4095, 30000])
def test_sixteen_bits_have_the_white_of_the_picture(write, name, white):
    """A sensor's 12 bits in 16 were black before."""
    image = np.full((40, 50), white, np.uint16)
    image[:, 10:20] = white // 5
    image[3, 3] = 65535  # a pixel that is broken is not the white
    grey = read_image(write(image, name))
    assert grey[20, 30] == 255 and abs(int(grey[20, 15]) - 51) <= 1
    colour = read_image(write(np.dstack([image] * 3), name))
    assert colour.shape == (40, 50, 3) and colour[20, 30].tolist() == [255] * 3


def test_sixteen_bits_with_alpha(write):
    image = np.zeros((4, 4, 4), np.uint16)
    image[..., 0], image[..., 3] = 4095, 65535
    assert read_image(write(image))[0, 0].tolist() == [0, 0, 255, 255]


def tags(data, *changes):
    """A little-endian TIFF of one directory with entries more, or others."""
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    rows = [
        struct.unpack_from("<HHII", data, start + 2 + 12 * k)
        for k in range(count)
    ]
    found = {row[0]: row for row in rows} | {row[0]: row for row in changes}
    directory = b"".join(
        struct.pack("<HHII", *found[tag]) for tag in sorted(found)
    )
    directory = struct.pack("<H", len(found)) + directory + bytes(4)
    return data[:4] + struct.pack("<I", len(data)) + data[8:] + directory


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ((339, 3, 1, 3), "8-bit floating-point numbers.*: save it as PNG"),
        ((339, 3, 1, 2), "8-bit signed numbers"),
        ((258, 3, 1, 32), "32-bit whole numbers"),
        ((259, 3, 1, 50002), "compressed by JPEG XL"),
        ((259, 3, 1, 34712), "compressed by JPEG 2000"),
        ((259, 3, 1, 65000), "compressed by method 65000"),
        ((50706, 1, 4, 0x0401), "a raw photo.*develop it"),  # DNG
        ((262, 3, 1, 32803), "a raw photo"),
    ],
)
def test_a_tiff_that_is_not_read_says_why(change, name, tmp_path, capfd):
    """Of some compressions OpenCV gives a blank picture."""
    _, code = cv2.imencode(".tiff", np.full((9, 9), 90, np.uint8))
    path = tmp_path / "a.tiff"
    path.write_bytes(tags(code.tobytes(), change))
    with pytest.raises(DataError, match=f"a.tiff is .*{name}"):
        read_image(path)
    assert capfd.readouterr() == ("", "")


def test_a_small_picture_before_a_raw_one_is_not_taken_for_it(tmp_path):
    _, code = cv2.imencode(".tiff", np.full((9, 9), 90, np.uint8))
    path = tmp_path / "a.nef"
    path.write_bytes(tags(code.tobytes(), (254, 4, 1, 1), (330, 4, 1, 8)))
    with pytest.raises(DataError, match="is a raw photo"):
        read_image(path)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floating_point_tiff_is_refused(write, dtype):
    image = np.array([[0.0, 0.5, 1.0]], dtype)
    said = "TIFF of (32|64)-bit floating-point numbers.*save it as PNG"
    with pytest.raises(DataError, match=said):
        read_image(write(image, "a.tiff"))


def test_opencv_says_nothing_beside_the_errors_line(tmp_path, capfd):
    _, code = cv2.imencode(".tiff", np.full((90, 90), 90, np.uint8))
    path = tmp_path / "a.tiff"
    data = code.tobytes()
    path.write_bytes(tags(data, (273, 4, 1, 10**6)))
    with pytest.raises(DataError, match=r"a\.tiff is damaged"):
        read_image(path)
    assert capfd.readouterr() == ("", "")


def as_held(image, orientation):
    """What a camera stores that is held so: turned, it is the image."""
    turned = {
        1: lambda x: x,
        2: lambda x: x[:, ::-1],
        3: lambda x: x[::-1, ::-1],
        4: lambda x: x[::-1],
        5: lambda x: x.swapaxes(0, 1),
        6: lambda x: x.swapaxes(0, 1)[::-1],
        7: lambda x: x.swapaxes(0, 1)[::-1, ::-1],
        8: lambda x: x.swapaxes(0, 1)[:, ::-1],
    }
    return np.ascontiguousarray(turned[orientation](image))


def exif(orientation):
    return b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0" + bytes(
        [orientation, 0, 0, 0, 0, 0, 0]
    )


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("end", "channels", "dtype"),
    [
        (".jpg", 1, np.uint8),
        (".jpg", 3, np.uint8),
        (".png", 1, np.uint8),
        (".png", 1, np.uint16),
        (".png", 3, np.uint8),
        (".png", 4, np.uint8),
        (".png", 4, np.uint16),
        (".webp", 3, np.uint8),
        (".webp", 4, np.uint8),
    ],
)
def test_an_image_is_turned_upright(
    orientation, end, channels, dtype, tmp_path
):
    white = np.iinfo(dtype).max
    image = np.zeros((16, 24, channels), dtype)
    image[:8, :16] = white
    image[8:, 16:] = white // 3
    image[..., 3:] = white
    held = as_held(image, orientation)
    held = held[..., 0] if channels == 1 else held
    blob = np.frombuffer(exif(orientation), np.uint8)
    kinds = [cv2.IMAGE_METADATA_EXIF]
    _, code = cv2.imencodeWithMetadata(end, held, kinds, [blob])
    path = tmp_path / f"a{end}"
    path.write_bytes(code.tobytes())
    upright = np.atleast_3d(read_image(path))[..., 0].astype(float)
    wanted = image[..., 0].astype(float) / white * 255
    assert upright.shape == (16, 24)
    assert np.abs(upright - wanted).mean() < 12


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_tiff_is_turned_upright(orientation, dtype, tmp_path):
    image = np.zeros((8, 12), dtype)
    image[:4, :9] = np.iinfo(dtype).max
    held = Image.fromarray(as_held(image, orientation))
    held.save(tmp_path / "a.tiff", tiffinfo={274: orientation})
    assert np.array_equal(read_image(tmp_path / "a.tiff") > 127, image > 0)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_tiles_of_a_tiff_are_turned_together(orientation, tmp_path):
    """OpenCV turns each by itself."""
    image = np.zeros((48, 80), np.uint8)
    image[:20, :50] = 255
    held = as_held(image, orientation)
    rows, columns = (-(-side // 32) for side in held.shape)
    padded = np.zeros((32 * rows, 32 * columns), np.uint8)
    padded[: held.shape[0], : held.shape[1]] = held
    tiles = padded.reshape(rows, 32, columns, 32).swapaxes(1, 2).tobytes()
    count = rows * columns
    lists = struct.pack(f"<{count}I", *(8 + 1024 * k for k in range(count)))
    lists += struct.pack(f"<{count}I", *[1024] * count)
    start = 8 + len(tiles)
    entries = [
        (256, 4, 1, held.shape[1]),
        (257, 4, 1, held.shape[0]),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (274, 3, 1, orientation),
        (277, 3, 1, 1),
        (322, 3, 1, 32),
        (323, 3, 1, 32),
        (324, 4, count, start),
        (325, 4, count, start + 4 * count),
    ]
    path = tmp_path / "a.tif"
    directory = struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHII", *entry) for entry in entries
    )
    head = b"II*\0" + struct.pack("<I", start + len(lists))
    path.write_bytes(head + tiles + lists + directory + bytes(4))
    assert np.array_equal(read_image(path), image)


@pytest.mark.parametrize(
    "block", [b"", b"junk", exif(9), exif(6)[:20], b"II*\0\xff\xff\xff\x7f"]
)
def test_an_exif_block_that_says_nothing_turns_nothing(block):
    assert read_orientation(block) == 1


@pytest.mark.parametrize(
    ("start", "text"),
    [
        (b"%PDF-1.7", "is PDF. Expected PNG.*export its page as PNG"),
        (b"\0\0\0\x18ftypheic", "is HEIC.*export it as JPEG"),
        (b"\0\0\0\x18ftypmif1", "is HEIF.*export it as JPEG"),
        (b"\0\0\0\x18ftypavif", "is AVIF"),
        (b"\0\0\0\x18ftypisom", "is a video"),
        (b"8BPS\0\1", "is a Photoshop file"),
        (b"#?RADIANCE", "is floating-point Radiance HDR"),
        (b"v/1\x01\2", "is floating-point OpenEXR"),
        (b"\xff\x0a\0", "is JPEG XL"),
        (b"<svg>", "is SVG"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a -->\n<svg ', "is SVG"),
        (b"<!DOCTYPE html><html>", "is a web page, or XML"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", "is AVIF"),
        (b"\0\0\0\x18ftypcrx \0", "is a raw photo.*develop it"),
        (b"II*\0\x10\0\0\0CR\2\0", "is a raw photo"),
        (b"IIRO\x08\0", "is a raw photo"),
        (b"FUJIFILMCCD-RAW 0201", "is a raw photo"),
    ],
)
def test_other_formats_are_refused_by_their_names(start, text, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(start.ljust(200, b"\0"))
    with pytest.raises(DataError, match=text) as caught:
        read_image(path)
    assert "\n" not in str(caught.value)


def test_a_stream_is_read_as_a_file_is(write):
    image = np.arange(12, dtype=np.uint8).reshape(3, 4)
    data = write(image).read_bytes()
    assert np.array_equal(decode_image(io.BytesIO(data), "a pipe"), image)
    with pytest.raises(DataError, match="A pipe is no image"):
        decode_image(io.BytesIO(b"junk"), "A pipe")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "is no image that can be read: it begins with nothing"),
        (b"{text}", "begins with 7b746578747d. Expected PNG, JPEG"),
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
    with pytest.raises(DataError, match=r"a\.png is .* Expected PNG, JPEG"):
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


def _encode(end):
    noise = np.random.default_rng(0).integers(0, 256, (64, 80), np.uint8)
    return cv2.imencode(end, noise)[1].tobytes()


@pytest.mark.parametrize(
    ("end", "harm", "text"),
    [
        (".png", lambda b: b[:99] + bytes([b[99] ^ 1]) + b[100:], "IDAT is"),
        (".png", lambda b: b[: len(b) // 2], "before its last chunk"),
        (".png", lambda b: b[:-12], "before its last chunk"),
        (".jpg", lambda b: b[: len(b) // 2], "before its last rows"),
        (".jpg", lambda b: b[:-2], "before its last rows"),
    ],
)
def test_what_is_damaged_is_not_decoded(end, harm, text, tmp_path, no_decoder):
    path = tmp_path / "a.png"
    path.write_bytes(harm(_encode(end)))
    with pytest.raises(DataError, match=text):
        read_image(path)


@pytest.mark.parametrize(
    ("end", "option", "text"),
    [
        (".jpg", [], "Corrupt JPEG data"),
        (".tif", [cv2.IMWRITE_TIFF_COMPRESSION, 5], "LZW|code not"),
        (".tif", [cv2.IMWRITE_TIFF_COMPRESSION, 8], "ZIPDecode"),
    ],
)
def test_half_a_picture_is_damaged(end, option, text, tmp_path, capfd):
    """Decoders give one, and say so on standard error alone."""
    noise = np.random.default_rng(0).integers(0, 256, (64, 80), np.uint8)
    data = bytearray(cv2.imencode(end, noise, option)[1])
    middle = len(data) // 2
    data[middle : middle + 99] = bytes(99)
    path = tmp_path / "a.tif"
    path.write_bytes(data)
    with pytest.raises(DataError, match=f"a.tif is damaged: .*({text})"):
        read_image(path)
    assert capfd.readouterr() == ("", "")


def test_what_others_write_meanwhile_is_not_lost(capfd):
    assert not hear_damage(["", "libpng warning: iCCP", "one", "two"])
    assert not hear_damage(["Corrupt JPEG data: 4 extraneous bytes before"])
    assert capfd.readouterr().err == "one\ntwo\n"


@pytest.mark.parametrize("end", [".png", ".jpg"])
def test_bytes_behind_a_whole_image_do_no_harm(end, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(_encode(end) + b"more")
    assert read_image(path).shape == (64, 80)


@pytest.mark.parametrize("second", [".png", ".jpg"])
def test_of_two_images_in_one_stream_the_first_is_read_with_a_warning(second):
    picture = np.full((20, 30), 200, np.uint8)
    first, other = (
        cv2.imencode(suffix, picture)[1].tobytes()
        for suffix in (".png", second)
    )
    with pytest.warns(DataWarning, match="a pipe: only the first image is re"):
        image = decode_image(io.BytesIO(first + other), "a pipe")
    np.testing.assert_array_equal(image, picture)
    # What is no image, or not right behind, is not said; nor behind a JPEG,
    # where photos have another by design.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for data in (first, first + b"\0" * 9, first + b"\n" + other):
            decode_image(io.BytesIO(data), "a pipe")
        photo = cv2.imencode(".jpg", picture)[1].tobytes()
        decode_image(io.BytesIO(photo + other), "a pipe")
