"""The formats that an artifact can be exported to, as data."""

import dataclasses

from mnistcnn.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class Format:
    """A format that Keras can write, or ours.

    Args:
        suffix: of the file; empty for a folder.
        writers: for each backend that can write it, the packages that this
            takes.
        readers: the packages that opening it takes, beside the backend's.
        beside: the suffixes of files that come with it.
    """

    suffix: str
    writers: dict[str, tuple[str, ...]]
    readers: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


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
}


def find_format(name: str) -> Format:
    """A format by its name.

    Raises:
        ConfigError: there is none of that name.

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
