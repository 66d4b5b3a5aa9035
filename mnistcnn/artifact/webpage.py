"""A page that reads digits: an artifact as one self-contained HTML file.

`page/` holds its script and its style: the network's layers as in the `numpy`
backend, MNIST's geometry as in `pictures`, the lattice as in `reading`,
strokes, photos, and the board.
"""

import base64
import hashlib
import os
from importlib import resources
from typing import Any

import jinja2
import numpy as np
import numpy.typing as npt

from mnistcnn.artifact import Artifact, inspect_artifact
from mnistcnn.errors import ConfigError

MAX_BYTES = 1_000_000
SCRIPTS = (
    "network",
    "geometry",
    "lattice",
    "rulings",
    "strokes",
    "photo",
    "board",
)
LEVELS = 127  # of 8 bits, on each side of 0


def make_page(
    artifact: Artifact | str | os.PathLike[str] | None = None,
) -> str:
    """Makes a page that reads digits, drawn on it or from a photo.

    It loads and sends nothing: a content security policy allows only its own
    script and style, by their digests. It can be embedded in a frame, as
    `srcdoc`.

    Args:
        artifact: a checked one, or a `.keras` file, or `None` for the one
            that ships.

    Returns:
        The HTML, at most `MAX_BYTES` in UTF-8. Weights are float32 if that
        fits, else 8 bits, with a scale for each filter.

    Raises:
        ArtifactError: the artifact is missing or refused.
        ConfigError: its weights do not fit, not even in 8 bits.

    Example:
        >>> page = make_page()
        >>> page[:15], len(page) < MAX_BYTES
        ('<!doctype html>', True)
    """
    checked = artifact
    if not isinstance(checked, Artifact):
        checked = inspect_artifact(checked)
    for bits in (32, 8):
        page = _fill(checked, bits)
        if len(page.encode()) <= MAX_BYTES:
            return page
    raise ConfigError(
        f"The artifact has {checked.parameters:,} weights, in 8 bits a page of "
        f"{len(page):,} bytes. Expected at most {MAX_BYTES:,}: export a "
        "smaller network."
    )


def _fill(artifact: Artifact, bits: int) -> str:
    folder = resources.files("mnistcnn.artifact") / "page"
    script, style, template = (
        "".join((folder / name).read_text("utf-8") for name in names)
        for names in (
            [f"{name}.js" for name in SCRIPTS],
            ["page.css"],
            ["page.html"],
        )
    )
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    # Only our own text is `safe`; `tojson` escapes "<" and "&".
    return environment.from_string(template).render(
        name=artifact.name,
        parameters=f"{artifact.parameters:,}",
        bits=bits,
        network=_describe(artifact, bits),
        script=script,
        script_hash=_digest(script),
        style=style,
        style_hash=_digest(style),
    )


def _digest(text: str) -> str:
    """Makes the policy's source expression for a script or style."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{_encode(digest)}"


def _describe(artifact: Artifact, bits: int) -> dict[str, Any]:
    """Describes the network as data, in the form for `page/network.js`."""
    return {
        "bits": bits,
        "classes": artifact.classes,
        "threshold": artifact.threshold,
        "rotation": artifact.rotation,
        "layers": [
            {
                "kind": layer.kind,
                "name": layer.name,
                "options": layer.options,
                "weights": [_describe_array(w, bits) for w in weights],
            }
            for layer, weights in zip(
                artifact.layers, artifact.weights, strict=True
            )
        ],
    }


def _describe_array(
    array: npt.NDArray[np.float32], bits: int
) -> dict[str, Any]:
    described: dict[str, Any] = {"shape": array.shape}
    if bits == 8 and array.ndim > 1:
        most = np.abs(array).max(axis=tuple(range(array.ndim - 1)))
        scales = np.maximum(most / LEVELS, 1e-30).astype("<f4")
        described["scales"] = _encode(scales.tobytes())
        array = np.rint(array / scales).astype(np.int8)
    else:
        array = array.astype("<f4")
    return {**described, "data": _encode(array.tobytes())}


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()
