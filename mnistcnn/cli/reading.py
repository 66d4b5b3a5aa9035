"""`mnistcnn predict` and `mnistcnn board`."""

import glob
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnistcnn.cli.options import AsJson, Trust, say_trust
from mnistcnn.cli.printer import complain, print_json_list, say
from mnistcnn.cli.tables import show_readings
from mnistcnn.errors import ConfigError, DataError, MnistcnnError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from mnistcnn.reading import Readings


def predict(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="[ARTIFACT] IMAGE...",
            help="Image files, folders of them, quoted patterns (*, ?, **), "
            "- for standard input; a .keras file first is the artifact.",
        ),
    ],
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Read the digits in image files: photos, scans, drawings."""
    from mnistcnn.backends import one_thread

    # NumPy reads it when it is loaded.
    with one_thread():
        from mnistcnn.artifact import pretrained_path
        from mnistcnn.reading import DigitClassifier

    artifact = pretrained_path()
    if paths[0].suffix == ".keras":
        artifact, paths = paths[0], paths[1:]
    if not paths:
        raise ConfigError(
            "No image was given. Expected one or more image files after "
            "the artifact: mnistcnn predict [ARTIFACT] IMAGE..."
        )
    with say_trust(trust):
        classifier = DigitClassifier.from_artifact(artifact, trust=trust)
    failed = False

    def answer() -> Iterator[dict[str, Any]]:
        nonlocal failed
        for path in _list_images(paths):
            try:
                yield _describe(path, classifier.read(_read_picture(path)))
            except MnistcnnError as error:
                failed = True
                complain(error)

    show = print_json_list if as_json else show_readings
    show(answer())
    if failed:
        raise typer.Exit(1)


def _list_images(paths: Sequence[Path]) -> Iterator[Path]:
    """Lists files one by one; missing ones are listed as they were given."""
    from mnistcnn.pictures import SUFFIXES

    for path in paths:
        text = str(path)
        # A file may have a name that looks like a pattern. Not by `Path`, which
        # raises an error for a name that is too long.
        if any(mark in text for mark in "*?[") and not os.path.exists(path):
            found = {each for each in _match(text) if not os.path.isdir(each)}
            yield from map(Path, sorted(found) or [text])
        elif os.path.isdir(path):
            found = [
                each
                for each in sorted(path.iterdir())
                if each.suffix.lower() in SUFFIXES
            ]
            yield from found or [path]
        else:
            yield path


def _match(pattern: str) -> Iterator[str]:
    """Finds what a pattern names; ** follows no links, which may be loops."""
    parts = Path(pattern).parts
    if "**" not in parts:
        yield from glob.iglob(pattern)
        return
    place = parts.index("**")
    tops = glob.iglob(os.path.join("", *parts[:place])) if place else ["."]
    for top in tops:
        for folder, below, _ in os.walk(top):
            # As for *, hidden ones are not meant.
            below[:] = [name for name in below if name[0] != "."]
            rest = parts[place + 1 :] or ("*",)
            yield from _match(os.path.join(glob.escape(folder), *rest))


def _read_picture(path: Path) -> "npt.NDArray[np.uint8]":
    from mnistcnn.pictures import decode_image, read_image

    if str(path) == "-":
        if sys.stdin is None:  # closed
            raise DataError(
                "Standard input is closed. Expected an image: "
                "mnistcnn predict - < picture.png"
            )
        return decode_image(sys.stdin.buffer, "Standard input")
    if os.path.isdir(path):
        raise DataError(
            f"{path} is a folder without images. Expected a folder with PNG, "
            "JPEG, TIFF, BMP, WebP, GIF or PNM files in it; a quoted pattern, "
            f'"{path / "**" / "*.png"}" for instance, looks below it.'
        )
    return read_image(path)


def _describe(path: Path, readings: "Readings") -> dict[str, Any]:
    digits = [
        {
            "label": reading.label,
            "probability": round(reading.probability, 6),
            "box": _round(reading.box),
            "line": reading.line,
        }
        for reading in readings
    ]
    answer = {
        "image": str(path),
        "text": readings.text,
        "lines": readings.text.splitlines(),
        "digits": digits,
        "specks": [_round(box) for box in readings.specks],
    }
    more = {"grid": readings.grid, "note": readings.note}
    return answer | {name: value for name, value in more.items() if value}


def _round(box: Sequence[float]) -> list[float]:
    return [round(float(side), 1) for side in box]


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
            help="Scale of the window: at 1, a unit of the drawing is a pixel.",
            show_default="what suits the screen",
        ),
    ] = None,
    screenshot: Annotated[
        Path | None,
        typer.Option(help="Draw 0 to 9 without a window, save a picture, end."),
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
