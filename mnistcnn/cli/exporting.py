"""`mnistcnn export`."""

from pathlib import Path
from typing import Annotated

import typer

from mnistcnn.cli.output import MaybeArtifact, make_console


def export(
    artifact: MaybeArtifact = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="onnx, litert, openvino, tf_saved_model or torch.",
        ),
    ] = "onnx",
    out: Annotated[
        Path | None,
        typer.Option(help="The file to write [the artifact's name]."),
    ] = None,
) -> None:
    """Write an artifact for another runtime, and check what was written."""
    from mnistcnn.artifact import find_format, inspect_artifact, pretrained_path

    suffix = find_format(form).suffix
    checked = inspect_artifact(artifact)

    from mnistcnn import backends
    from mnistcnn.artifact import export_artifact

    if out is None:
        out = Path((artifact or pretrained_path()).stem + suffix)
    done = export_artifact(artifact, form, out)
    make_console().print(
        f"wrote {done.path} ({done.num_bytes:,} bytes) on "
        f"{backends.TITLES[backends.name]}: on {done.num_images} made images "
        f"its probabilities differ by at most {done.difference:.1e} from the "
        f"artifact's; classes {', '.join(checked.classes)}",
        highlight=False,
        soft_wrap=True,
        markup=False,
    )
