"""The weights member of a `.keras` file: HDF5 bytes to arrays, and back."""

import io
import re
import struct

import numpy as np
import numpy.typing as npt

from mnistcnn.artifact.hdf5 import Array, Group, Reader
from mnistcnn.artifact.hdf5headers import Place, broken, fault
from mnistcnn.artifact.layers import LayerSpec
from mnistcnn.errors import ArtifactError


def read_weights(
    data: bytes, specs: list[LayerSpec]
) -> list[list[npt.NDArray[np.float32]]]:
    """Reads the arrays of each layer, and refuses anything else in the tree.

    Args:
        data: the member's bytes.
        specs: the layers, which determine the expected arrays.

    Returns:
        For each layer its arrays, float32, in Keras' order.

    Raises:
        ArtifactError: `h5-syntax`, `h5-layout`, `h5-link`, `h5-external`,
            `h5-virtual`, `h5-unexpected`, `shape`, `dtype` or `not-finite`.
    """
    try:
        reader = Reader(data)
        root = _group(reader, reader.root, {"layers", "vars"})
        _group(reader, root["vars"], set())
        names = group_names(specs)
        layers = _group(reader, root["layers"], set(names))
        places = []
        for name, spec in zip(names, specs, strict=True):
            layer = _group(reader, layers[name], {"vars"})
            numbers = [str(i) for i in range(len(spec.weight_shapes))]
            arrays = _group(reader, layer["vars"], set(numbers))
            places.append([arrays[number] for number in numbers])
        found = [
            [
                _array(reader, place, shape)
                for place, shape in zip(row, spec.weight_shapes, strict=True)
            ]
            for row, spec in zip(places, specs, strict=True)
        ]
    # A field or a message that is too short.
    except (struct.error, IndexError):
        raise broken("a field that is cut off") from None
    _check_apart([array for row in found for array in row])
    return [
        [
            _numbers(data, array, place)
            for array, place in zip(row, where, strict=True)
        ]
        for row, where in zip(found, places, strict=True)
    ]


def write_weights(
    specs: list[LayerSpec],
    weights: list[list[npt.NDArray[np.float32]]],
    *,
    name: str,
) -> bytes:
    """Writes the arrays of each layer as Keras would.

    In memory: Keras' own `save` needs a file, which a kill would leave behind.

    Args:
        specs: the layers.
        weights: for each layer its arrays, in Keras' order.
        name: the model's.

    Returns:
        The member's bytes; the same arrays give the same bytes.
    """
    # Imported here, since reading does not need it, and importing takes 0.1 s.
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w", libver="earliest") as file:
        groups = group_names(specs)
        for group, spec, arrays in zip(groups, specs, weights, strict=True):
            variables = file.create_group(f"layers/{group}/vars")
            variables.attrs["name"] = spec.name
            for index, array in enumerate(arrays):
                array = np.asarray(array, "<f4")
                variables.create_dataset(str(index), data=array)
        file.create_group("vars").attrs["name"] = name
    return buffer.getvalue()


def group_names(specs: list[LayerSpec]) -> list[str]:
    """Names the groups of the layers as Keras does: `conv2d`, `conv2d_1`...

    They are named after classes and order, not after the layers' names
    (`keras/src/saving/saving_lib.py`).
    """
    names: list[str] = []
    counts: dict[str, int] = {}
    for spec in specs:
        base = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", spec.kind)
        base = re.sub(r"([a-z])([A-Z])", r"\1_\2", base).lower()
        count = counts.get(base, 0)
        counts[base] = count + 1
        names.append(f"{base}_{count}" if count else base)
    return names


def _group(reader: Reader, place: Place, names: set[str]) -> dict[str, Place]:
    """Reads a group that has to have exactly these members."""
    group: Group = reader.group(place)
    path = place.path
    # Keras stores a layer's name there, and no other attributes.
    known = {"name"} if path.endswith("vars") else set()
    if extra := set(group.notes) - known:
        raise fault("h5-unexpected", f"{path}.{min(extra)}", "a note")
    found = set(group.members)
    if extra := found - names:
        raise fault("h5-unexpected", f"{path}/{min(extra)}", "a member")
    if missing := names - found:
        raise ArtifactError(
            "shape",
            f"The weights lack {path}/{min(missing)}. Expected what the "
            "config says: the two do not belong together.",
        )
    return group.members


def _array(reader: Reader, place: Place, shape: tuple[int, ...]) -> Array:
    """Finds an array that has to have this shape."""
    array = reader.array(place)
    if array.shape != shape:
        raise ArtifactError(
            "shape",
            f"The weights have shape {str(array.shape)[:60]} at {place.path}. "
            f"Expected {shape}, as the config says: the two do not belong "
            "together.",
        )
    if not array.size:
        raise fault("h5-layout", place.path, "no data, or too much")
    return array


def _check_apart(arrays: list[Array]) -> None:
    """Raises an `ArtifactError` if two arrays share bytes."""
    end = 0
    for array in sorted(arrays, key=lambda array: array.start):
        if array.start < end:
            raise broken("two arrays in one place")
        end = array.start + array.size


def _numbers(
    data: bytes, array: Array, place: Place
) -> npt.NDArray[np.float32]:
    count = array.size // 4
    flat = np.frombuffer(data, "<f4", count, array.start)
    if not np.isfinite(flat).all():
        raise ArtifactError(
            "not-finite",
            f"The weights at {place.path} hold NaN or infinity. Expected "
            "finite numbers: the training that wrote them had diverged.",
        )
    return flat.astype(np.float32).reshape(array.shape or ())
