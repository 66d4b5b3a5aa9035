"""The weights member of a `.keras` file: HDF5 bytes to arrays, and back.

HDF5 can link to other files, hide data behind filters and hold types that
convert silently. What Keras writes for our layers is a fixed tree of plain,
contiguous float32 arrays; only that tree is read.
"""

import io
import re

import h5py
import numpy as np
import numpy.typing as npt

from mnistcnn.artifact.layers import LayerSpec
from mnistcnn.errors import ArtifactError, quote


def read_weights(
    data: bytes, specs: list[LayerSpec]
) -> list[list[npt.NDArray[np.float32]]]:
    """Reads the arrays of each layer.

    Args:
        data: the member's bytes.
        specs: the layers, which say what has to be there.

    Returns:
        For each layer its arrays, float32, in Keras' order.

    Raises:
        ArtifactError: `h5-syntax`, `h5-layout`, `h5-link`, `h5-external`,
            `h5-virtual`, `h5-unexpected`, `shape`, `dtype` or `not-finite`.
    """
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            if file.userblock_size:
                raise _error("h5-layout", "/", "a user block")
            groups = dict(zip(group_names(specs), specs, strict=True))
            _check_tree(file, groups)
            return [
                [
                    _read_array(file, f"layers/{group}/vars/{index}", shape)
                    for index, shape in enumerate(spec.weight_shapes)
                ]
                for group, spec in groups.items()
            ]
    except ArtifactError:
        raise
    # h5py raises whatever its C library's error maps to: a dozen classes.
    except Exception as error:
        raise ArtifactError(
            "h5-syntax",
            f"The weights are not readable HDF5 ({quote(error, 60)}). "
            "Expected what Keras writes: copy or download the file again.",
        ) from None


def write_weights(
    specs: list[LayerSpec],
    weights: list[list[npt.NDArray[np.float32]]],
    *,
    name: str,
) -> bytes:
    """Writes the arrays of each layer as Keras would.

    In memory: Keras' own `save` needs a file, and a kill would leave it.

    Args:
        specs: the layers.
        weights: for each layer its arrays, in Keras' order.
        name: the model's.

    Returns:
        The member's bytes; the same arrays give the same bytes.
    """
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
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


def _check_tree(file: h5py.File, groups: dict[str, LayerSpec]) -> None:
    expected = {"": {"layers", "vars"}, "vars": set(), "layers": set(groups)}
    for group, spec in groups.items():
        path = f"layers/{group}"
        arrays = {str(i) for i in range(len(spec.weight_shapes))}
        expected[path] = {"vars"}
        expected[f"{path}/vars"] = arrays
    for path, names in expected.items():
        group = file[path] if path else file
        if not isinstance(group, h5py.Group):
            raise _error("h5-unexpected", path, "something else than a group")
        # Keras notes a layer's name there, and nothing anywhere else.
        known = {"name"} if path.endswith("vars") else set()
        if extra := set(group.attrs) - known:
            raise _error("h5-unexpected", f"{path}.{min(extra)}", "a note")
        # Each link is looked at before anything behind it is opened.
        for name in group:
            link = group.get(name, getlink=True)
            if not isinstance(link, h5py.HardLink):
                raise _error("h5-link", f"{path}/{name}", "a link")
        found = set(group)
        if extra := found - names:
            raise _error("h5-unexpected", f"{path}/{min(extra)}", "a member")
        if missing := names - found:
            raise ArtifactError(
                "shape",
                f"The weights lack {path}/{min(missing)}. Expected what the "
                "config says: the two do not belong together.",
            )


def _read_array(
    file: h5py.File, path: str, shape: tuple[int, ...]
) -> npt.NDArray[np.float32]:
    dataset = file[path]
    if not isinstance(dataset, h5py.Dataset):
        raise _error("h5-unexpected", path, "something else than an array")
    if len(dataset.attrs):
        raise _error("h5-unexpected", path, "a note")
    if dataset.is_virtual:
        raise _error("h5-virtual", path, "a view of other data")
    if dataset.external:
        raise _error("h5-external", path, "data in another file")
    layout = dataset.id.get_create_plist().get_layout()
    if layout != h5py.h5d.CONTIGUOUS:
        raise _error("h5-layout", path, "chunks or filters")
    # The type itself: h5py calls several types of four bytes float32.
    if not dataset.id.get_type().equal(h5py.h5t.IEEE_F32LE):
        raise ArtifactError(
            "dtype",
            f"The weights at {path} are of another type than float32. "
            "Expected what Keras writes: make the file anew.",
        )
    if dataset.shape != shape:
        raise ArtifactError(
            "shape",
            f"The weights have shape {dataset.shape} at {path}. Expected "
            f"{shape}, as the config says: the two do not belong together.",
        )
    if dataset.id.get_storage_size() != dataset.nbytes:
        raise _error("h5-layout", path, "no data, or too much")
    array = dataset[()]
    if not np.isfinite(array).all():
        raise ArtifactError(
            "not-finite",
            f"The weights at {path} hold NaN or infinity. Expected finite "
            "numbers: the training that wrote them had diverged.",
        )
    return array


def _error(code: str, path: str, found: str) -> ArtifactError:
    return ArtifactError(
        code,
        f"The weights have {found} at {quote(path or '/', 60)}. Expected plain "
        "arrays as Keras writes them: make the file anew.",
    )
