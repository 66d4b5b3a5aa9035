"""How well artifacts read what is not as MNIST is.

Digits corrupted in 15 ways, real pen strokes, and non-digits.
`KERAS_BACKEND=jax python benchmarks/robustness.py [ARTIFACT ...] [--limit N]
[--strokes FILE ...] [--out FILE] [--table README] [--pictures FILE] [--card]`.
README.md says what is measured, and on what.
"""

import importlib.metadata
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from formats.result_files import parse
from mnistcnn.files import write_json
from running.checkout import describe_commit
from running.commands import add_strokes, errors_in_one_line, make_parser
from running.machine import check_variables, say_today
from unlike_mnist import stroke_scores
from unlike_mnist.corruptions import CORRUPTIONS, corrupt
from unlike_mnist.made_nondigits import measure_refusals
from unlike_mnist.robustness_report import (
    SHIPPED,
    draw,
    show,
    write_cards,
    write_table,
)
from unlike_mnist.robustness_results import FORMAT, RobustnessResult
from unlike_mnist.seed_tables import write_seeds

SEED = 0
CLEAN = "clean"
MARKER = "robustness"  # of the table of recipes
SEEDS = "seeds"  # of the table of one recipe's seeds


def main() -> None:
    """Reads the command line; errors are a few lines and an exit code."""
    parser = make_parser(__doc__)
    parser.add_argument("artifacts", nargs="*", type=Path, metavar="ARTIFACT")
    parser.add_argument("--limit", type=int, help="the first test images alone")
    add_strokes(parser)
    parser.add_argument("--out", type=Path, help="the result, as JSON")
    parser.add_argument("--table", type=Path, help="a README to put it into")
    parser.add_argument("--pictures", type=Path, help="a PNG of all 15")
    parser.add_argument(
        "--card", action="store_true", help="put the scores into the artifacts"
    )
    options = parser.parse_args()
    with errors_in_one_line():
        check_variables()
        result, images = measure(
            options.artifacts, limit=options.limit, strokes=options.strokes
        )
        show(result)
        if options.out:
            write_json(options.out, result.model_dump(exclude_unset=True))
        if options.table:
            from pages import insert_text

            many = len({row.seed for row in result.artifacts}) > 1
            text = write_seeds(result) if many else write_table(result)
            insert_text(options.table, text, name=SEEDS if many else MARKER)
        if options.pictures:
            draw(images, options.pictures, note=result.data.note)
        if options.card:
            write_cards(options.artifacts, result)


def measure(
    paths: Sequence[Path] = (),
    *,
    limit: int | None = None,
    strokes: Sequence[Path] = (),
) -> tuple[RobustnessResult, dict[str, np.ndarray]]:
    """Scores artifacts on the test images, clean and corrupted, and more.

    Args:
        paths: `.keras` files; none means the one that ships.
        limit: use only the first `limit` test images; `None` means all.
        strokes: files of pen strokes.

    Returns:
        The contents of a result file, and the images of `make_images`.

    Raises:
        DataError: the data are missing, or their classes differ from a
            network's.
        ArtifactError: an artifact is missing or invalid.
    """
    from mnistcnn import DigitClassifier, load_data
    from mnistcnn.artifact import inspect_artifact, pretrained_path
    from mnistcnn.backends import describe_environment
    from mnistcnn.data import digest

    data = load_data()
    # The digest is of all data; only these images are scored.
    part = data.limit(limit)
    labels, images = part.y_test, make_images(part.x_test)
    rows = []
    shipped = inspect_artifact(pretrained_path()).weights_sha256
    for path in paths or [pretrained_path()]:
        card = inspect_artifact(path).card
        classifier = DigitClassifier.from_artifact(path)
        row = {
            "name": SHIPPED if card["weights_sha256"] == shipped else path.name,
            **{k: card.get(k) for k in ("recipe", "seed", "weights_sha256")},
            "parameters": card["architecture"]["parameters"],
            **score(classifier, images, labels, classes=data.classes),
            "nondigits": {
                kind: {"refused": sum(refused), "n": len(refused)}
                for kind, refused in measure_refusals(classifier).items()
            },
        }
        if strokes:
            row["handwriting"] = stroke_scores.score(classifier, strokes)
        rows.append(row)
    environment = describe_environment()
    opencv = importlib.metadata.version("opencv-python-headless")
    environment["versions"]["opencv-python-headless"] = opencv
    result = {
        "format": FORMAT,
        "date": say_today(),
        **describe_commit(),
        "environment": environment,
        "data": {
            "name": data.name,
            "digest": data.digest,
            "note": data.note,
            "n": len(labels),
            "seed": SEED,
            # Recorded, since OpenCV 4.13 and 5.0 warp to different pixels.
            "images_sha256": {k: digest(x) for k, x in images.items()},
        },
        "artifacts": rows,
    }
    checked = parse(json.dumps(result), RobustnessResult, "the result")
    return checked, images


def make_images(clean: np.ndarray) -> dict[str, np.ndarray]:
    """Makes the clean images, and the corrupted ones of each kind.

    Args:
        clean: `(n, 28, 28)` uint8, 0..255.

    Returns:
        Arrays of the same shape, by the corruption's name, `"clean"` first.
    """
    corrupted = {name: corrupt(clean, name, seed=SEED) for name in CORRUPTIONS}
    return {CLEAN: clean, **corrupted}


def score(
    classifier,
    images: Mapping[str, np.ndarray],
    labels: np.ndarray,
    *,
    classes: tuple[str, ...],
) -> dict:
    """Scores a classifier on images in several forms.

    Args:
        classifier: anything with `predict_proba` and a `threshold`.
        images: as `make_images` returns them.
        labels: `(n,)` integers, indices of `classes`.
        classes: the classes' names.

    Returns:
        `clean`, and `corrupted` by name, each with `accuracy`, `n` and the 95
        % `interval`; `mean`, the mean accuracy of the corrupted ones; of the
        clean ones also the `calibration_error`, the share `refused`, and the
        share `shown`, correct and not rejected.

    Raises:
        DataError: the network's probabilities are of other classes.
    """
    from mnistcnn import evaluation

    shares = {}
    for name, x in images.items():
        probabilities = classifier.predict_proba(x)
        found = evaluation.score(labels, probabilities, classes=classes)
        shares[name] = {
            "accuracy": found.accuracy,
            "n": found.n,
            "interval": list(found.interval),
        }
        if name == CLEAN:
            sure = probabilities.max(axis=1) >= classifier.threshold
            right = probabilities.argmax(axis=1) == labels
            shares[name] |= {
                "calibration_error": found.calibration_error,
                "refused": float(1 - sure.mean()),
                "shown": float((sure & right).mean()),
            }
    clean = shares.pop(CLEAN)
    mean = sum(s["accuracy"] for s in shares.values()) / len(shares)
    return {"clean": clean, "mean": mean, "corrupted": shares}


if __name__ == "__main__":
    main()
