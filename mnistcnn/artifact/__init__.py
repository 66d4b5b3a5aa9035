"""The artifact: one `.keras` file that every backend opens, and its card.

The file is stock Keras, so that `keras.saving.load_model(path,
compile=False)` opens it where mnistcnn is not installed. One more member,
`mnistcnn.json`, is its card: what it is, where it comes from, how good it
is. Opening a file here never trusts it: the bytes are read once and checked,
the model is built by our own code from what they say, and the arrays are
assigned. Keras' deserialiser never sees the file, but where `--trust` asks
for it (`unchecked.py`).
"""

from typing import TYPE_CHECKING

from mnistcnn.lazy import attach

if TYPE_CHECKING:
    from mnistcnn.artifact.building import build_layers as build_layers
    from mnistcnn.artifact.building import load_artifact as load_artifact
    from mnistcnn.artifact.building import rebuild as rebuild
    from mnistcnn.artifact.exporting import export_artifact as export_artifact
    from mnistcnn.artifact.formats import find_format as find_format
    from mnistcnn.artifact.inspection import Artifact as Artifact
    from mnistcnn.artifact.inspection import check_bytes as check_bytes
    from mnistcnn.artifact.inspection import (
        inspect_artifact as inspect_artifact,
    )
    from mnistcnn.artifact.inspection import pretrained_path as pretrained_path
    from mnistcnn.artifact.models import save_artifact as save_artifact
    from mnistcnn.artifact.unchecked import TRUST_WARNING as TRUST_WARNING
    from mnistcnn.artifact.unchecked import load_trusted as load_trusted

__getattr__, __dir__ = attach(
    __name__,
    {
        "export_artifact": "exporting",
        "Artifact": "inspection",
        "TRUST_WARNING": "unchecked",
        "build_layers": "building",
        "check_bytes": "inspection",
        "find_format": "formats",
        "inspect_artifact": "inspection",
        "load_artifact": "building",
        "load_trusted": "unchecked",
        "pretrained_path": "inspection",
        "rebuild": "building",
        "save_artifact": "models",
    },
)
