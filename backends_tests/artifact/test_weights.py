import io
import os
import subprocess
import sys

import artifact_fixtures as fixtures
import h5py
import numpy as np
import pytest
from artifact_fixtures import (
    DENSE,
    KERNEL,
    WEIGHTS,
    edit_layer,
    edit_weights,
    replace_kernel,
    seal,
    sign,
)

from mnistcnn.artifact.config import parse_config
from mnistcnn.artifact.weights import (
    group_names,
    read_weights,
    write_weights,
)

pytestmark = pytest.mark.core

SHAPE = (338, 10)
ZEROS = np.zeros(SHAPE, "f4")


# === Cases ===


def replace_weights(data: bytes) -> bytes:
    return seal(sign(fixtures.good_members() | {WEIGHTS: data}))


def link(path: str, target) -> bytes:
    """The good file with a link where an object was, or was not."""

    def change(file):
        if path in file:
            del file[path]
        file[path] = target

    return edit_weights(change)


def drop(path: str) -> bytes:
    return edit_weights(lambda file: file.__delitem__(path))


def note(path: str, name: str, value) -> bytes:
    """The good file with an attribute."""

    def change(file):
        file[path].attrs[name] = value

    return edit_weights(change)


def spoil(value: float) -> bytes:
    def change(file):
        file[KERNEL][17, 3] = value

    return edit_weights(change)


def virtual() -> bytes:
    layout = h5py.VirtualLayout(SHAPE, "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", SHAPE)

    def change(file):
        del file[KERNEL]
        file.create_virtual_dataset(KERNEL, layout)

    return edit_weights(change)


def compact() -> bytes:
    """A layer's bias inside its header: no bytes of its own."""

    def change(file):
        del file["layers/dense/vars/1"]
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_layout(h5py.h5d.COMPACT)
        h5py.h5d.create(
            file["layers/dense/vars"].id,
            b"1",
            h5py.h5t.IEEE_F32LE,
            h5py.h5s.create_simple((10,)),
            properties,
        )

    return edit_weights(change)


def odd_float() -> bytes:
    """Four bytes that are a float, but with another exponent's bias."""

    def change(file):
        del file[KERNEL]
        kind = h5py.h5t.IEEE_F32LE.copy()
        kind.set_ebias(120)
        space = h5py.h5s.create_simple(SHAPE)
        parent = file["layers/dense/vars"].id
        data = h5py.h5d.create(parent, b"0", kind, space)
        data.write(h5py.h5s.ALL, h5py.h5s.ALL, ZEROS)

    return edit_weights(change)


def written(**options) -> bytes:
    """The good file with its weights in a file of another kind."""
    buffer = io.BytesIO()
    source = h5py.File(io.BytesIO(fixtures.make_weights()))
    with source, h5py.File(buffer, "w", **options) as file:
        for name in source:
            source.copy(name, file)
    return replace_weights(buffer.getvalue())


def patched(old: bytes, new: bytes) -> bytes:
    """The good file with the first of these bytes in its weights replaced."""
    weights = fixtures.make_weights()
    assert old in weights
    return replace_weights(weights.replace(old, new, 1))


def shared() -> bytes:
    """The dense kernel and its bias, both with the kernel's first bytes."""
    weights = fixtures.make_weights()
    with h5py.File(io.BytesIO(weights)) as file:
        places = [
            file[f"layers/dense/vars/{i}"].id.get_offset() for i in (0, 1)
        ]
    kernel, bias = (place.to_bytes(8, "little") for place in places)
    assert weights.count(bias) == 1
    return replace_weights(weights.replace(bias, kernel))


def half() -> bytes:
    weights = fixtures.make_weights()
    return replace_weights(weights[: len(weights) // 2])


VARS = "layers/dense/vars"
CASES = {
    "units 11": (
        lambda: edit_layer(DENSE, units=11),
        "shape",
        r"have shape \(338, 10\) at layers/dense/vars/0. Expected \(338, 11\)",
    ),
    "missing group": (
        lambda: drop("layers/dense"),
        "shape",
        "lack layers/dense.",
    ),
    "missing array": (
        lambda: drop(KERNEL),
        "shape",
        "lack layers/dense/vars/0",
    ),
    "missing vars": (lambda: drop("vars"), "shape", "lack /vars"),
    "nine columns": (
        lambda: replace_kernel(data=ZEROS[:, :9]),
        "shape",
        r"shape \(338, 9\) at layers/dense/vars/0. Expected \(338, 10\)",
    ),
    "scalar": (
        lambda: replace_kernel(data=np.float32(1)),
        "shape",
        r"shape \(\)",
    ),
    "no shape": (
        lambda: replace_kernel(data=h5py.Empty("f4")),
        "shape",
        "shape None",
    ),
    "external link": (
        lambda: link(KERNEL, h5py.ExternalLink("/etc/passwd", "/x")),
        "h5-link",
        "a link at 'layers/dense/vars/0",
    ),
    "soft link": (
        lambda: link(KERNEL, h5py.SoftLink("/layers/dense/vars/1")),
        "h5-link",
        "a link at 'layers/dense/vars/0",
    ),
    "link to itself": (
        lambda: link("layers/dense", h5py.SoftLink("/layers/dense")),
        "h5-link",
        "a link at 'layers/dense",
    ),
    "linked group": (
        lambda: link("layers/dense", h5py.ExternalLink("/etc/passwd", "/x")),
        "h5-link",
        "a link at 'layers/dense",
    ),
    "linked root": (
        lambda: link("layers", h5py.ExternalLink("/etc/passwd", "/x")),
        "h5-link",
        "a link at '/layers",
    ),
    "soft root": (
        lambda: link("vars", h5py.SoftLink("/layers")),
        "h5-link",
        "a link at '/vars",
    ),
    "another link": (
        lambda: link("evil", h5py.SoftLink("/nowhere")),
        "h5-link",
        "a link at '/evil",
    ),
    "external data": (
        lambda: replace_kernel(
            SHAPE, "f4", external=[("/etc/passwd", 0, 4 * 3380)]
        ),
        "h5-external",
        "data in another file at 'layers/dense/vars/0",
    ),
    "virtual": (virtual, "h5-virtual", "a view of other data"),
    "bomb": (
        lambda: replace_kernel(
            (20_000, 20_000), "f4", chunks=(1000, 1000), compression="gzip"
        ),
        "h5-layout",
        "chunks or filters at 'layers/dense/vars/0",
    ),
    "chunks": (
        lambda: replace_kernel(data=ZEROS, chunks=(338, 10)),
        "h5-layout",
        "chunks or filters",
    ),
    "compact": (compact, "h5-layout", "chunks or filters"),
    "unwritten": (
        lambda: replace_kernel(SHAPE, "f4", fillvalue=1.0),
        "h5-layout",
        "no data, or too much",
    ),
    "extra group": (
        lambda: edit_weights(lambda file: file.create_group("evil/x")),
        "h5-unexpected",
        "a member at '/evil",
    ),
    "extra layer": (
        lambda: edit_weights(lambda file: file.create_group("layers/a\nb")),
        "h5-unexpected",
        r"a member at 'layers/a\\nb'",
    ),
    "extra array": (
        lambda: edit_weights(lambda f: f.create_dataset(VARS + "/2", data=1)),
        "h5-unexpected",
        "a member at 'layers/dense/vars/2",
    ),
    "group for an array": (
        lambda: edit_weights(
            lambda file: (file.pop(KERNEL), file.create_group(KERNEL))
        ),
        "h5-unexpected",
        "something else than an array at 'layers/dense/vars/0",
    ),
    "type for an array": (
        lambda: link(KERNEL, np.dtype("f4")),
        "h5-unexpected",
        "something else than an array",
    ),
    "array for a group": (
        lambda: link(VARS, ZEROS),
        "h5-unexpected",
        "something else than a group at 'layers/dense/vars",
    ),
    "type for a group": (
        lambda: link("vars", np.dtype("f4")),
        "h5-unexpected",
        "something else than a group at 'vars",
    ),
    "note on the root": (
        lambda: note("/", "evil", 1),
        "h5-unexpected",
        "a note at '.evil",
    ),
    "note on a layer": (
        lambda: note("layers/dense", "name", "x"),
        "h5-unexpected",
        "a note at 'layers/dense.name",
    ),
    "second note": (
        lambda: note(VARS, "evil", "x"),
        "h5-unexpected",
        "a note at 'layers/dense/vars.evil",
    ),
    "note on an array": (
        lambda: note(KERNEL, "name", "x"),
        "h5-unexpected",
        "a note at 'layers/dense/vars/0",
    ),
    "user block": (
        lambda: written(userblock_size=512),
        "h5-layout",
        "a user block at '/'",
    ),
    "latest format": (
        lambda: written(libver="latest"),
        "h5-layout",
        "a superblock of another kind at '/'",
    ),
    "format of 1.8": (
        lambda: written(libver="v108"),
        "h5-layout",
        "a superblock of another kind",
    ),
    "pages": (
        lambda: written(fs_strategy="page"),
        "h5-layout",
        "a superblock of another kind",
    ),
    "free space kept": (
        lambda: written(fs_strategy="fsm", fs_persist=True),
        "h5-layout",
        "a superblock of another kind",
    ),
    "order kept": (
        lambda: written(track_order=True),
        "h5-layout",
        "a header of another kind at '/'",
    ),
    "large groups": (
        lambda: patched(b"\x04\0\x10\0", b"\x04\0\x20\0"),
        "h5-layout",
        "a superblock of another kind",
    ),
    "a second name for an object": (
        lambda: edit_weights(
            lambda file: file.__setitem__("layers/dense/x", file[KERNEL])
        ),
        "h5-unexpected",
        "a member at 'layers/dense/x",
    ),
    "one array twice": (
        lambda: edit_weights(
            lambda file: (
                file.pop(VARS + "/1"),
                file.__setitem__(VARS + "/1", file[KERNEL]),
            )
        ),
        "h5-layout",
        "a header of another kind at 'layers/dense/vars/0",
    ),
    "arrays in one place": (shared, "h5-syntax", "two arrays in one place"),
    "two differing entries of a group": (
        lambda: patched(
            (0x88).to_bytes(8, "little"), (0x90).to_bytes(8, "little")
        ),
        "h5-syntax",
        "two differing entries of a group",
    ),
    "more behind the end": (
        lambda: replace_weights(fixtures.make_weights() + bytes(8)),
        "h5-syntax",
        "it says 33,432 bytes and has 33,440",
    ),
    "half": (half, "h5-syntax", "not readable HDF5"),
    "empty": (lambda: replace_weights(b""), "h5-syntax", "not readable HDF5"),
    "no HDF5": (
        lambda: replace_weights(b"\x93NUMPY" * 99),
        "h5-syntax",
        "not readable HDF5",
    ),
    "float64": (
        lambda: replace_kernel(data=ZEROS.astype("f8")),
        "dtype",
        "at layers/dense/vars/0 are of another type than float32",
    ),
    "float16": (
        lambda: replace_kernel(data=ZEROS.astype("f2")),
        "dtype",
        "another type than float32",
    ),
    "big endian": (
        lambda: replace_kernel(data=ZEROS.astype(">f4")),
        "dtype",
        "another type than float32",
    ),
    "odd float": (odd_float, "dtype", "another type than float32"),
    "int32": (
        lambda: replace_kernel(data=ZEROS.astype("i4")),
        "dtype",
        "another type than float32",
    ),
    "complex64": (
        lambda: replace_kernel(data=ZEROS.astype("c8")),
        "dtype",
        "another type than float32",
    ),
    "strings": (
        lambda: replace_kernel(SHAPE, h5py.string_dtype()),
        "dtype",
        "another type than float32",
    ),
    "references": (
        lambda: replace_kernel(SHAPE, h5py.ref_dtype),
        "dtype",
        "another type than float32",
    ),
    "NaN": (
        lambda: spoil(np.nan),
        "not-finite",
        "at layers/dense/vars/0 hold NaN or infinity",
    ),
    "infinity": (lambda: spoil(-np.inf), "not-finite", "hold NaN or infinity"),
}


# === Tests ===


@pytest.mark.parametrize("name", CASES)
def test_hostile_weights_are_refused_with_their_code(name):
    build, code, text = CASES[name]
    fixtures.refuse(build(), code, text)


def test_a_file_that_the_weights_name_is_not_opened(tmp_path):
    # Opening a pipe that nobody writes to would wait for ever.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    linked = link(KERNEL, h5py.ExternalLink(str(pipe), "/x"))
    fixtures.refuse(linked, "h5-link", "a link")
    external = [(str(pipe), 0, 4 * 3380)]
    outside = replace_kernel(SHAPE, "f4", external=external)
    fixtures.refuse(outside, "h5-external", "another file")


def test_good_weights_are_read_as_they_are():
    data = fixtures.make_weights()
    _, specs = parse_config(fixtures.make_config())
    arrays = read_weights(data, specs)
    assert [len(group) for group in arrays] == [0, 2, 0, 0, 0, 2]
    with h5py.File(io.BytesIO(data)) as file:
        np.testing.assert_array_equal(arrays[-1][0], file[KERNEL][()])
    assert arrays[-1][0].dtype == np.float32


def test_reading_needs_no_library():
    code = (
        "import sys; from mnistcnn import inspect_artifact; "
        "inspect_artifact(); sys.exit('h5py' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_many_layers_and_arrays_are_read_as_the_library_reads_them():
    # More than a leaf of a group's index holds, and more than one page.
    _, specs = parse_config(fixtures.make_config())
    specs = [specs[0], *[specs[1]] * 15, *[specs[-1]] * 15]
    rng = np.random.default_rng(0)
    arrays = [
        [rng.normal(size=shape).astype("f4") for shape in spec.weight_shapes]
        for spec in specs
    ]
    data = write_weights(specs, arrays, name="many")
    for read, wrote in zip(read_weights(data, specs), arrays, strict=True):
        for one, other in zip(read, wrote, strict=True):
            np.testing.assert_array_equal(one, other)


def test_groups_are_numbered_by_class():
    _, specs = parse_config(fixtures.make_config())
    doubled = [specs[1], specs[2], specs[1], specs[2], specs[1], specs[5]]
    assert group_names(doubled) == [
        "conv2d",
        "max_pooling2d",
        "conv2d_1",
        "max_pooling2d_1",
        "conv2d_2",
        "dense",
    ]
