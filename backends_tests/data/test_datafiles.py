import gzip
import io
import os
import socket
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mnistcnn.data import KEYS, digest, load_data
from mnistcnn.data.idx import IDX_NAMES
from mnistcnn.errors import DataError

pytestmark = pytest.mark.core


# === Good files ===


def make_arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    arrays = {}
    for split, n in (("train", 12), ("test", 7)):
        shape = (n, 28, 28)
        arrays[f"x_{split}"] = rng.integers(0, 256, shape, dtype=np.uint8)
        arrays[f"y_{split}"] = rng.integers(0, 10, n, dtype=np.uint8)
    return arrays


ARRAYS = make_arrays()


def read_arrays(path, classes=None) -> dict[str, np.ndarray]:
    data = load_data(str(path), classes=classes)
    return {key: getattr(data, key) for key in KEYS}


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array)
    return buffer.getvalue()


def npy_header(text: str, body: bytes = b"", *, version=b"\1\0") -> bytes:
    header = text.encode() + b"\n"
    length = struct.pack("<H" if version == b"\1\0" else "<I", len(header))
    return b"\x93NUMPY" + version + length + header + body


def npz(
    changes: dict | None = None, *, method: int = zipfile.ZIP_STORED
) -> bytes:
    """An archive of the good arrays, some members replaced or, `None`, left."""
    members = {key: npy(array) for key, array in ARRAYS.items()}
    members |= changes or {}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for key, body in members.items():
            if body is not None:
                archive.writestr(f"{key}.npy", body)
    return buffer.getvalue()


def labels(values) -> bytes:
    return npz({"y_train": npy(np.array(values))})


def header(text: str) -> bytes:
    return npz({"x_train": npy_header(text)})


def spoil(data: bytes, find: bytes, offset: int, value: int) -> bytes:
    """Replaces one byte, counted from where `find` first stands."""
    changed = bytearray(data)
    changed[data.index(find) + offset] = value
    return bytes(changed)


def twice() -> bytes:
    buffer = io.BytesIO(npz())
    with (
        zipfile.ZipFile(buffer, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr("y_test.npy", npy(ARRAYS["y_test"]))
    return buffer.getvalue()


def idx(array: np.ndarray) -> bytes:
    head = struct.pack(">HBB", 0, 8, array.ndim)
    return head + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_folder(folder: Path, changes: dict, *, packed: bool = False) -> Path:
    """The four IDX files, some of them replaced or, `None`, left out."""
    folder.mkdir()
    files = {IDX_NAMES[key]: idx(array) for key, array in ARRAYS.items()}
    if packed:
        files = {f"{n}.gz": gzip.compress(body) for n, body in files.items()}
    for name, body in (files | changes).items():
        if body is not None:
            (folder / name).write_bytes(body)
    return folder


# === Broken archives ===

DESCR = "{'descr': '|u1', 'fortran_order': False, 'shape': %s}"
NPZ_CASES = {
    "empty": (lambda: b"", "it is empty .*Expected an .npz"),
    "HTML": (lambda: b"\n<!DOCTYPE html>", "it looks like an HTML page"),
    "npy": (lambda: npy(ARRAYS["x_train"]), "it is a single .npy array"),
    "gzip": (lambda: gzip.compress(npz()), "it is gzip data"),
    "text": (lambda: b"hello", "begins with the bytes 68656c6c6f"),
    "half": (lambda: npz()[:9000], "a zip archive that is cut short"),
    "bit flip": (
        lambda: spoil(npz(), ARRAYS["x_train"][5].tobytes(), 0, 0x55),
        r"cut short or damaged \(BadZipFile\)",
    ),
    "deflate damaged": (
        lambda: spoil(
            npz(method=zipfile.ZIP_DEFLATED), b"x_train.npy", 2000, 0xFF
        )[:-1],
        "cut short or damaged",
    ),
    "encrypted": (
        lambda: spoil(npz(), b"PK\1\2", 8, 1),
        r"damaged \(RuntimeError\)",
    ),
    "unknown method": (
        lambda: spoil(npz(), b"PK\1\2", 10, 99),
        r"damaged \(NotImplementedError\)",
    ),
    "damaged LZMA": (
        lambda: spoil(npz(method=zipfile.ZIP_LZMA), b"x_train.npy", 300, 0x11),
        "cut short or damaged",
    ),
    "missing key": (
        lambda: npz({"y_test": None}),
        "has 0 members named y_test.npy .*Expected one each of x_train",
    ),
    "no members": (
        lambda: npz(dict.fromkeys(KEYS)),
        r"has 0 members named x_train.npy \(it holds \[\]\)",
    ),
    "member twice": (twice, "has 2 members named y_test.npy"),
    "objects": (
        lambda: header(
            "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}"
        ),
        "x_train has dtype object. Expected numbers",
    ),
    "strings": (
        lambda: npz({"y_train": npy(np.array(["7"] * 12))}),
        "y_train has dtype <U1. Expected whole",
    ),
    "no header": (lambda: npz({"x_train": b"?"}), "cannot be read as an .npz"),
    "garbage header": (lambda: header("{'descr': ((("), "cannot be read"),
    "odd header": (lambda: header("{[]: 1}"), "cannot be read as an .npz"),
    "odd descr": (
        lambda: header("{'descr': (), 'fortran_order': False, 'shape': (1,)}"),
        "cannot be read as an .npz",
    ),
    "version 2": (
        lambda: npz({"x_train": npy_header(DESCR % "(1,)", version=b"\2\0")}),
        r"cannot be read as an .npz .*\(ValueError\)",
    ),
    "terabyte": (
        lambda: header(DESCR % "(1000000000, 28, 28)"),
        r"shape \(1000000000, 28, 28\) and dtype uint8. "
        "Expected at most 67,108,864 bytes in all arrays",
    ),
    "negative": (
        lambda: header(DESCR % "(-1, 28, 28)"),
        r"says it has shape \(-1, 28, 28\)",
    ),
    "short body": (
        lambda: header(DESCR % "(12, 28, 28)"),
        r"says it has shape \(12, 28, 28\) but its data is shorter or longer",
    ),
    "long body": (
        lambda: npz({"y_train": npy(ARRAYS["y_train"]) + b"\0"}),
        r"says it has shape \(12,\) but its data is shorter or longer",
    ),
    "flat images": (
        lambda: npz({"x_train": npy(np.zeros((12, 784), "u1"))}),
        r"x_train has shape \(12, 784\) and dtype uint8. "
        r"Expected \(28, 28\), .*reshape\(-1, 28, 28\)",
    ),
    "colour images": (
        lambda: npz({"x_test": npy(np.zeros((7, 28, 28, 3), "u1"))}),
        r"x_test has shape \(7, 28, 28, 3\)",
    ),
    "float images": (
        lambda: npz({"x_train": npy(ARRAYS["x_train"] / 255)}),
        "x_train has dtype float64 and no value above 1. Expected uint8",
    ),
    "no images": (
        lambda: npz({"x_train": npy(ARRAYS["x_train"][:0])}),
        "0 images in x_train but 12 labels",
    ),
    "counts differ": (
        lambda: npz({"y_train": npy(ARRAYS["y_train"][:9])}),
        "12 images in x_train but 9 labels in y_train. Expected as many",
    ),
    "label 10": (
        lambda: labels([0] * 8 + [10, 0, 10, 0]),
        r"y_train\[8\] is 10 \(2 such labels\). Expected 0..9",
    ),
    "label -1": (lambda: labels([-1] + [0] * 11), r"y_train\[0\] is -1"),
    "label 2**63": (lambda: labels([2**63] * 12), rf"\[0\] is {2**63}"),
    "label 3.7": (
        lambda: labels([3.7] * 12),
        r"y_train\[0\] is 3.7. Expected whole numbers 0..9",
    ),
    "label true": (lambda: labels([True] * 12), "y_train has dtype bool"),
    "one-hot": (
        lambda: labels(np.eye(12, 10, dtype=int)),
        r"y_train\[10\] is \[0, 0, .*Expected one-hot rows",
    ),
    "no labels": (
        lambda: npz({"y_test": npy(ARRAYS["y_test"][:0])}),
        "7 images in x_test but 0 labels",
    ),
}


def refuse(path: Path, text: str) -> None:
    with pytest.raises(DataError, match=text) as caught:
        read_arrays(path)
    message = str(caught.value)
    assert str(path) in message
    assert "Expected" in message
    assert message.isprintable(), "one line, and nothing odd in it"


@pytest.mark.parametrize("name", NPZ_CASES)
def test_a_broken_archive_is_refused(tmp_path, name):
    build, text = NPZ_CASES[name]
    path = tmp_path / "digits.npz"
    path.write_bytes(build())
    refuse(path, text)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_mutants_of_an_archive_raise_nothing_else(tmp_path, method):
    path = tmp_path / "digits.npz"
    good = npz(method=method)
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        mutant = bytearray(good)
        # Where the structure is: the directory, and the first header.
        size = len(good)
        low, high = ((0, 200), (size - 300, size))[rng.integers(2)]
        mutant[rng.integers(low, high)] = rng.integers(256)
        path.write_bytes(bytes(mutant))
        try:
            arrays = read_arrays(path)
        except DataError as error:
            assert str(error).isprintable()
            refused += 1
        else:
            for key in KEYS:
                np.testing.assert_array_equal(arrays[key], ARRAYS[key])
    assert refused > 100


@pytest.mark.parametrize(
    "bomb",
    [
        npy_header(DESCR % "(-1, 28, 28)", bytes(32 << 20)),
        b"\x93NUMPY\2\0" + struct.pack("<I", 32 << 20) + bytes(32 << 20),
    ],
    ids=["negative", "long header"],
)
def test_a_header_cannot_ask_for_memory(tmp_path, bomb):
    path = tmp_path / "digits.npz"
    path.write_bytes(npz({"x_train": bomb}, method=zipfile.ZIP_DEFLATED))
    tracemalloc.start()
    refuse(path, "says it has shape|cannot be read")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20


# === Good files are read ===


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_is_read(tmp_path, method):
    path = tmp_path / "digits.npz"
    path.write_bytes(npz(method=method))
    arrays = read_arrays(path)
    for key in KEYS:
        np.testing.assert_array_equal(arrays[key], ARRAYS[key])
        assert arrays[key].dtype == np.uint8


@pytest.mark.parametrize("dtype", ["<i8", ">i2", "u4"])
def test_labels_of_any_whole_type_become_uint8(tmp_path, dtype):
    path = tmp_path / "digits.npz"
    path.write_bytes(npz({"y_train": npy(ARRAYS["y_train"].astype(dtype))}))
    labels = read_arrays(path)["y_train"]
    np.testing.assert_array_equal(labels, ARRAYS["y_train"])
    assert labels.dtype == np.uint8


def test_fortran_order_and_other_members_are_no_obstacle(tmp_path):
    path = tmp_path / "digits.npz"
    images = np.asfortranarray(ARRAYS["x_train"])
    changes = {"x_train": npy(images), "writer": npy(np.array("someone"))}
    path.write_bytes(npz(changes))
    read = read_arrays(path)["x_train"]
    np.testing.assert_array_equal(read, ARRAYS["x_train"])
    assert digest(read) == digest(ARRAYS["x_train"])


@pytest.mark.parametrize("empty", [False, True])
def test_one_of_the_sets_is_enough(tmp_path, empty):
    path = tmp_path / "digits.npz"
    y = np.arange(12, dtype=np.uint8) % 2
    none = {"x_test": ARRAYS["x_test"][:0], "y_test": y[:0]} if empty else {}
    np.savez(path, x_train=ARRAYS["x_train"], y_train=y, **none)
    found = read_arrays(path)
    assert (len(found["x_train"]), len(found["x_test"])) == (10, 2)
    np.savez(path, x_test=ARRAYS["x_train"], y_test=y)
    assert len(read_arrays(path)["x_train"]) == 0
    np.savez(path, x_test=ARRAYS["x_train"][:0], y_test=y[:0])
    refuse(path, "There is no image, neither in x_train nor in x_test")


def test_more_classes_may_be_allowed(tmp_path):
    path = tmp_path / "letters.npz"
    path.write_bytes(labels([46] * 12))
    assert read_arrays(path, tuple(map(str, range(47))))["y_train"].max() == 46
    with pytest.raises(DataError, match=r"\[0\] is 46 .*Expected 0\.\.9"):
        read_arrays(path)


# === Folders of IDX files ===

IMAGES, LABELS = IDX_NAMES["x_train"], IDX_NAMES["y_train"]
GOOD_IMAGES = idx(ARRAYS["x_train"])


def bomb() -> bytes:
    """Says seven labels and decompresses to 32 megabytes."""
    head = struct.pack(">HBBI", 0, 8, 1, 7)
    return gzip.compress(head + bytes(32 << 20))


IDX_CASES = {
    "missing": ({LABELS: None}, f"but no file like {LABELS}"),
    "labels for images": (
        {IMAGES: idx(ARRAYS["y_train"])},
        "begins with 00000801. Expected 00000803",
    ),
    "images for labels": (
        {LABELS: GOOD_IMAGES},
        "begins with 00000803. Expected 00000801",
    ),
    "floats": (
        {IMAGES: b"\0\0\x0d\3" + GOOD_IMAGES[4:]},
        "begins with 00000d03",
    ),
    "empty": ({IMAGES: b""}, "begins with nothing"),
    "header cut": ({IMAGES: GOOD_IMAGES[:9]}, "begins with 00000803"),
    "HTML": ({IMAGES: b"<html>"}, "begins with 3c68746d"),
    "gzip without .gz": (
        {IMAGES: gzip.compress(GOOD_IMAGES)},
        "begins with 1f8b08",
    ),
    "short body": (
        {IMAGES: GOOD_IMAGES[:-1]},
        r"shape \(12, 28, 28\), 9,408 bytes, but holds 9,407",
    ),
    "trailing bytes": ({IMAGES: GOOD_IMAGES + b"\0"}, "but holds more"),
    "wrong count": (
        {IMAGES: GOOD_IMAGES[:7] + b"\x0b" + GOOD_IMAGES[8:]},
        r"shape \(11, 28, 28\), 8,624 bytes, but holds more",
    ),
    "huge count": (
        {IMAGES: GOOD_IMAGES[:4] + b"\xff" + GOOD_IMAGES[5:]},
        "Expected 1 to 67,108,864 bytes: the header is wrong",
    ),
    # Found by the fuzzer: no bytes at all, of a shape that NumPy refuses.
    "no images, but huge ones": (
        {IMAGES: bytes.fromhex("0000080300000000ff000200fe03fa00")},
        r"shape \(0, 4278190592, 4261673472\). Expected 1 to",
    ),
    "other size": (
        {IMAGES: idx(np.zeros((12, 20, 20), "u1"))},
        r"ubyte has shape \(12, 20, 20\)",
    ),
    "counts differ": (
        {LABELS: idx(ARRAYS["y_train"][:5])},
        "12 images in x_train but 5 labels",
    ),
    "label 11": (
        {LABELS: idx(np.full(12, 11, "u1"))},
        r"y_train\[0\] is 11 \(12 such labels\)",
    ),
}
GZIP_CASES = {
    "no gzip": (idx(ARRAYS["y_train"]), "begins with the bytes 0000080"),
    "HTML": (b"<html>", "it looks like an HTML page .BadGzipFile."),
    "empty": (b"", "begins with nothing"),
    "cut": (
        gzip.compress(idx(ARRAYS["y_train"]))[:-4],
        "it is gzip data .EOFError.",
    ),
    "checksum": (
        spoil(gzip.compress(idx(ARRAYS["y_train"])), b"", -8, 0x55),
        "it is gzip data .BadGzipFile.",
    ),
    "stream": (
        spoil(gzip.compress(idx(ARRAYS["y_train"])), b"", 10, 0xFF),
        "it is gzip data .error.",
    ),
    "bomb": (bomb(), r"shape \(7,\), 7 bytes, but holds more"),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_folder_is_read(tmp_path, packed):
    folder = write_folder(tmp_path / "mnist", {}, packed=packed)
    arrays = read_arrays(folder)
    for key in KEYS:
        np.testing.assert_array_equal(arrays[key], ARRAYS[key])


@pytest.mark.parametrize("name", IDX_CASES)
def test_a_broken_folder_is_refused(tmp_path, name):
    changes, text = IDX_CASES[name]
    refuse(write_folder(tmp_path / "mnist", changes), text)


@pytest.mark.parametrize("name", GZIP_CASES)
def test_a_broken_gzip_file_is_refused(tmp_path, name):
    body, text = GZIP_CASES[name]
    changes = {f"{LABELS}.gz": body}
    folder = write_folder(tmp_path / "mnist", changes, packed=True)
    tracemalloc.start()
    refuse(folder, text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20


# === Paths ===


def test_a_path_that_is_not_there_is_refused(tmp_path):
    refuse(tmp_path / "no.npz", "does not exist. Expected an .npz")
    refuse(tmp_path / ("x" * 5000), "cannot be read .File name too long")
    with pytest.raises(DataError, match="No file has such a name"):
        read_arrays(Path("a\0b"))


@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "link"])
def test_what_is_neither_file_nor_folder_is_refused_at_once(
    tmp_path, monkeypatch, kind
):
    path = tmp_path / "data.npz"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            # A socket's path has 107 characters at most.
            monkeypatch.chdir(tmp_path)
            server.bind(path.name)
    else:
        path.symlink_to("/dev/zero")
    if kind == "device":
        path = Path("/dev/zero")
    kind = "device" if kind == "link" else kind
    refuse(path, f"is a {kind}. Expected an .npz")


@pytest.mark.parametrize("name", [*IDX_NAMES.values(), "classes.txt"])
@pytest.mark.parametrize("packed", [False, True])
def test_nor_are_pipes_inside_a_folder_waited_for(tmp_path, name, packed):
    folder = write_folder(tmp_path / "mnist", {}, packed=packed)
    path = folder / (f"{name}.gz" if packed and "idx" in name else name)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    refuse(folder, "Is a pipe, not a regular file")


def test_a_file_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "digits.npz"
    path.write_bytes(npz())

    def deny(*_, **__):
        raise PermissionError(13, "Permission denied")

    # Mode bits do not stop root, who runs tests in containers.
    monkeypatch.setattr(os, "open", deny)
    refuse(path, "cannot be read .Permission denied")


# === What a file may ask for ===


def test_no_array_is_read_before_all_headers_are_right(tmp_path, monkeypatch):
    monkeypatch.setattr("mnistcnn.data.npz.read_array", None)
    path = tmp_path / "digits.npz"
    path.write_bytes(npz({"y_test": npy(np.zeros((7, 3), "u1"))}))
    refuse(path, r"y_test has shape \(7, 3\)")
    path.write_bytes(npz({"x_test": npy(np.zeros((7, 28, 28), "c8"))}))
    refuse(path, "x_test has dtype complex64")
    path.write_bytes(npz({"x_test": npy(np.zeros((9, 28, 28), "u1"))}))
    refuse(path, "9 images in x_test but 7 labels in y_test")


@pytest.mark.parametrize("key", ["x_train", "y_train"])
def test_a_small_file_cannot_ask_for_much(tmp_path, key):
    """The bomb is true to its header, and squeezed a thousand times."""
    n = 100_000
    bombs = {
        "x_train": npy_header(DESCR % f"({n}, 28, 28)", bytes(n * 784)),
        "y_train": npy(np.zeros(n if key == "x_train" else n * 784, np.uint8)),
    }
    path = tmp_path / "digits.npz"
    path.write_bytes(npz(bombs, method=zipfile.ZIP_DEFLATED))
    tracemalloc.start()
    refuse(path, "Expected at most 67,108,864 bytes in all arrays")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20


def test_a_gzipped_file_cannot_ask_for_much(tmp_path):
    head = struct.pack(">HBB3I", 0, 8, 3, 100_000, 28, 28)
    body = gzip.compress(head + bytes(78_400_000), 1)
    changes = {f"{IMAGES}.gz": body}
    folder = write_folder(tmp_path / "mnist", changes, packed=True)
    refuse(folder, "Expected 1 to 67,108,864 bytes")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_what_numpy_writes_is_decompressed(tmp_path, method):
    path = tmp_path / "digits.npz"
    path.write_bytes(npz(method=method))
    refuse(path, "cannot be read as an .npz .*NotImplementedError")


def test_a_long_directory_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("mnistcnn.data.archives.MAX_DIRECTORY_BYTES", 100)
    path = tmp_path / "digits.npz"
    path.write_bytes(npz())
    monkeypatch.setattr(zipfile, "ZipFile", None)
    refuse(path, "cannot be read as an .npz .*BadZipFile")
