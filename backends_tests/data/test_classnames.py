import struct
import zipfile

import numpy as np
import pytest

from mnistcnn import DigitClassifier, evaluate, inspect_artifact
from mnistcnn.data import load_data, parse_classes
from mnistcnn.data.idx import IDX_NAMES
from mnistcnn.errors import ConfigError, DataError

pytestmark = pytest.mark.core

NAMES = ("T-shirt", "trouser", "Mantel – lang")


def make_arrays(num_classes=3):
    rng = np.random.default_rng(0)
    return {
        "x_train": rng.integers(0, 256, (6, 28, 28), dtype=np.uint8),
        "y_train": np.arange(6) % num_classes,
        "x_test": rng.integers(0, 256, (3, 28, 28), dtype=np.uint8),
        "y_test": np.arange(3) % num_classes,
    }


@pytest.mark.parametrize(
    "names", [dict.fromkeys("abc"), set("abc"), b"abc", 3, None]
)
def test_names_have_an_order_wherever_they_are_given(names):
    text = f"classes is a {type(names).__name__}. Expected the classes' names"
    data = load_data("strokes", limit=20)
    calls = [
        lambda: data.relabel(names),
        lambda: evaluate(None, data.x_test, data.y_test, classes=names),
        lambda: DigitClassifier(inspect_artifact(), classes=names),
    ]
    if names is not None:
        calls.append(lambda: load_data("strokes", limit=20, classes=names))
    for call in calls:
        with pytest.raises((DataError, ConfigError), match=text):
            call()
    for ordered in (np.array(data.classes), iter(data.classes)):
        assert data.relabel(ordered) is data


def write_idx(folder):
    for key, array in make_arrays().items():
        array = array.astype(np.uint8)
        head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
        (folder / IDX_NAMES[key]).write_bytes(head + array.tobytes())


def test_an_npz_names_its_classes(tmp_path):
    path = tmp_path / "clothes.npz"
    np.savez(path, **make_arrays(), classes=np.array(NAMES))
    assert load_data(str(path)).classes == NAMES
    # What a file says of itself goes before what is told.
    assert load_data(str(path), classes=tuple("abc")).classes == NAMES


def test_a_folder_names_its_classes(tmp_path):
    write_idx(tmp_path)
    assert load_data(str(tmp_path)).classes == tuple("0123456789")
    (tmp_path / "classes.txt").write_text("\n".join(NAMES), encoding="utf-8")
    assert load_data(str(tmp_path)).classes == NAMES


def test_classes_can_be_told(tmp_path):
    path = tmp_path / "letters.npz"
    np.savez(path, **make_arrays() | {"y_test": np.array([0, 1, 25])})
    with pytest.raises(DataError, match="is 25 .*or name the classes"):
        load_data(str(path))
    letters = parse_classes("26")
    assert letters == tuple(str(i) for i in range(26))
    assert load_data(str(path), classes=letters).y_test.tolist() == [0, 1, 25]
    with pytest.raises(DataError, match=r"Expected 0..1: correct"):
        load_data(str(path), classes=("yes", "no"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "has 1 names. Expected 2 to 256"),
        ("257", "has too many names"),
        ("9" * 5000, "has too many names"),
        ("", "has 1 names"),
        ("a,,b", "has '' at 1. Expected 1 to 40 printable"),
        ("a,b,a", "has 'a' twice"),
        ("a," + "b" * 41, "at 1. Expected"),
        ("a,\x1b[31m", "at 1. Expected"),
    ],
)
def test_a_senseless_list_is_refused(text, expected):
    with pytest.raises(DataError, match=expected) as caught:
        parse_classes(text)
    assert str(caught.value).isprintable()


def npy(header: str, body: bytes = b"", version=b"\x01\x00") -> bytes:
    text = header.encode().ljust(117) + b"\n"
    length = len(text).to_bytes(2, "little")
    return b"\x93NUMPY" + version + length + text + body


BAD_MEMBERS = {
    "numbers": npy("{'descr': '<i8', 'fortran_order': False, 'shape': (2,)}"),
    "huge": npy("{'descr': '<U9', 'fortran_order': False, 'shape': (99999,)}"),
    "long": npy("{'descr': '<U99999', 'fortran_order': False, 'shape': (2,)}"),
    "empty": npy("{'descr': '<U0', 'fortran_order': False, 'shape': (2,)}"),
    "square": npy("{'descr': '<U1', 'fortran_order': False, 'shape': (2, 1)}"),
    "objects": npy("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}"),
    "short": npy("{'descr': '<U1', 'fortran_order': False, 'shape': (2,)}"),
    "version": npy("{}", version=b"\x03\x00"),
    "code": npy("__import__('os')"),
    "garbage": b"names",
}


@pytest.mark.parametrize("kind", BAD_MEMBERS)
def test_a_member_that_is_no_list_of_names_is_refused(kind, tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, **make_arrays())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("classes.npy", BAD_MEMBERS[kind])
    text = "a.npz: classes cannot be read .*Expected 2 to 256 texts"
    with pytest.raises(DataError, match=text):
        load_data(str(path))


def test_names_in_files_are_checked(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, **make_arrays(), classes=np.array(["a", "a"]))
    with pytest.raises(DataError, match=r"a.npz: classes has 'a' twice"):
        load_data(str(path))
    write_idx(tmp_path)
    lines = tmp_path / "classes.txt"
    lines.write_bytes(b"\xff")
    with pytest.raises(DataError, match=r"classes.txt cannot be read"):
        load_data(str(tmp_path))
    lines.write_text("only one\n")
    with pytest.raises(DataError, match=r"classes.txt has 1 names"):
        load_data(str(tmp_path))
    lines.unlink()
    lines.symlink_to("/dev/zero")
    with pytest.raises(DataError, match=r"Is a device, not a regular file"):
        load_data(str(tmp_path))
