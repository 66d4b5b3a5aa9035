"""`mnistcnn predict` and `mnistcnn board`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnistcnn.cli.options import AsJson, Trust, say_trust
from mnistcnn.cli.printer import print_json, say
from mnistcnn.cli.tables import show_readings
from mnistcnn.errors import ConfigError

if TYPE_CHECKING:
    from mnistcnn.reading import Reading


def predict(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="[ARTIFACT] IMAGE...",
            help="Image files; a .keras file, or hf://owner/name, first is "
            "the artifact.",
        ),
    ],
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Read the digits in image files: photos, scans, drawings."""
    from mnistcnn.artifact import parse_address, pretrained_path
    from mnistcnn.pictures import read_image

    artifact = pretrained_path()
    if paths[0].suffix == ".keras" or parse_address(paths[0]) is not None:
        artifact, paths = paths[0], paths[1:]
    if not paths:
        raise ConfigError(
            "No image was given. Expected one or more image files behind "
            "the artifact: mnistcnn predict [ARTIFACT] IMAGE..."
        )
    pictures = [read_image(path) for path in paths]

    from mnistcnn.reading import DigitClassifier

    with say_trust(trust):
        classifier = DigitClassifier.from_artifact(artifact, trust=trust)
    answers = [
        _describe(path, classifier.read(picture))
        for path, picture in zip(paths, pictures, strict=True)
    ]
    if as_json:
        print_json(answers)
    else:
        show_readings(answers)


def _describe(path: Path, readings: Sequence["Reading"]) -> dict[str, Any]:
    digits = [
        {
            "label": reading.label,
            "probability": round(reading.probability, 6),
            "box": [round(float(v), 1) for v in reading.box],
        }
        for reading in readings
    ]
    text = "".join(reading.label for reading in readings)
    return {"image": str(path), "text": text, "digits": digits}


def board(
    artifacts: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[ARTIFACT] [ARTIFACT]",
            help="A .keras file, by default the one that ships; two read the "
            "same drawing side by side.",
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="The folder for saved digits.")
    ] = Path("drawings"),
    filters: Annotated[
        bool,
        typer.Option(
            "--filters", help="Show why: evidence, and what the filters answer."
        ),
    ] = False,
    scale: Annotated[
        float | None,
        typer.Option(
            min=0.6,
            max=8,
            help="Of the window, 1 for 1 pixel a unit of the drawing.",
            show_default="what suits the screen",
        ),
    ] = None,
    screenshot: Annotated[
        Path | None,
        typer.Option(help="Draw 0 to 9 unseen, save a picture, and end."),
    ] = None,
    trust: Trust = False,
) -> None:
    """Open the drawing board."""
    from mnistcnn.board import demo_screenshot, run_board

    paths = [str(path) for path in artifacts or ()]
    options: dict[str, Any] = {"scale": scale, "filters": filters}
    with say_trust(trust):
        if screenshot is None:
            run_board(*paths, out=out, trust=trust, **options)
        else:
            demo_screenshot(screenshot, *paths, trust=trust, **options)
            say(f"wrote {screenshot}")
