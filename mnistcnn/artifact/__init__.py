"""The artifact: one `.keras` file that every backend opens, and its card.

In: a Keras model and its card, or an untrusted file. Out: a file that stock
Keras opens too, an `Artifact` (the checked contents of a file, without Keras),
a model built from that by our own code, an export to another format, a web page
that reads digits. Keras' deserialiser sees a file only with `--trust`
(`unchecked.py`). Imports `backends`, `network`, `data`, `calibration`.
"""

from typing import TYPE_CHECKING

from mnistcnn.lazy import attach

if TYPE_CHECKING:
    from mnistcnn.artifact.card import MAX_ROTATION as MAX_ROTATION
    from mnistcnn.artifact.description import (
        describe_model as describe_model,
    )
    from mnistcnn.artifact.exporting import export_artifact as export_artifact
    from mnistcnn.artifact.fetching import fetch as fetch
    from mnistcnn.artifact.formats import find_format as find_format
    from mnistcnn.artifact.hub import parse_address as parse_address
    from mnistcnn.artifact.hub import take_path as take_path
    from mnistcnn.artifact.inspection import Artifact as Artifact
    from mnistcnn.artifact.inspection import check_bytes as check_bytes
    from mnistcnn.artifact.inspection import (
        inspect_artifact as inspect_artifact,
    )
    from mnistcnn.artifact.inspection import pretrained_path as pretrained_path
    from mnistcnn.artifact.inspection import read_file as read_file
    from mnistcnn.artifact.models import build_layers as build_layers
    from mnistcnn.artifact.models import load_artifact as load_artifact
    from mnistcnn.artifact.models import rebuild as rebuild
    from mnistcnn.artifact.models import save_artifact as save_artifact
    from mnistcnn.artifact.publishing import (
        publish_artifact as publish_artifact,
    )
    from mnistcnn.artifact.unchecked import TRUST_WARNING as TRUST_WARNING
    from mnistcnn.artifact.unchecked import load_trusted as load_trusted
    from mnistcnn.artifact.webpage import make_page as make_page
else:
    __getattr__, __dir__ = attach(
        __name__,
        card="MAX_ROTATION",
        description="describe_model",
        exporting="export_artifact",
        fetching="fetch",
        formats="find_format",
        hub="parse_address take_path",
        inspection="Artifact check_bytes inspect_artifact pretrained_path "
        "read_file",
        models="build_layers load_artifact rebuild save_artifact",
        publishing="publish_artifact",
        unchecked="TRUST_WARNING load_trusted",
        webpage="make_page",
    )
