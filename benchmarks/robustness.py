"""How well artifacts read digits that are corrupted in 15 ways.

`KERAS_BACKEND=jax python benchmarks/robustness.py [ARTIFACT ...] [--limit N]
[--out FILE] [--table README] [--pictures FILE]`. README.md says what is
measured, and on what.
"""

import argparse
import datetime
import importlib.metadata
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from corruptions import CORRUPTIONS, corrupt
from machine import check_variables, describe_commit
from robustness_report import draw, show, write_table

from mnistcnn.errors import MnistcnnError
from mnistcnn.files import write_json

FORMAT = 1
SEED = 0
CLEAN = "clean"
SHIPPED = "the network that ships"
MARKER = "robustness"  # of the README's table


def main() -> None:
    """Reads the command line; errors are a few lines and an exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("artifacts", nargs="*", type=Path, metavar="ARTIFACT")
    parser.add_argument("--limit", type=int, help="the first test images alone")
    parser.add_argument("--out", type=Path, help="the result, as JSON")
    parser.add_argument("--table", type=Path, help="a README to put it into")
    parser.add_argument("--pictures", type=Path, help="a PNG of all 15")
    options = parser.parse_args()
    try:
        check_variables()
        result, images = measure(options.artifacts, limit=options.limit)
        show(result)
        if options.out:
            write_json(options.out, result)
        if options.table:
            from mnistcnn.report.markdown import insert_text

            insert_text(options.table, write_table(result), name=MARKER)
        if options.pictures:
            draw(images, options.pictures, note=result["data"]["note"])
    except MnistcnnError as error:
        sys.stderr.write(f"benchmarks: {error}\n")
        sys.exit(error.exit_code)


def measure(
    paths: Sequence[Path] = (), *, limit: int | None = None
) -> tuple[dict, dict[str, np.ndarray]]:
    """Scores artifacts on the test images as they are, and corrupted.

    Args:
        paths: `.keras` files; none means the one that ships.
        limit: at most so many test images, the first; `None` means all.

    Returns:
        The contents of a result file, and the images of `make_images`.

    Raises:
        DataError: the data are missing, or of other classes than a net.
        ArtifactError: an artifact is missing or none.
    """
    from mnistcnn import DigitClassifier, load_data
    from mnistcnn.artifact import inspect_artifact, pretrained_path
    from mnistcnn.datafiles import digest
    from mnistcnn.environment import describe_environment

    data = load_data()
    # The digest is that of all; these are what is scored.
    part = data.limit(limit)
    labels, images = part.y_test, make_images(part.x_test)
    rows = []
    shipped = pretrained_path()
    for path in paths or [shipped]:
        card = inspect_artifact(path).card
        classifier = DigitClassifier.from_artifact(path)
        row = {
            "name": SHIPPED if path.resolve() == shipped else path.name,
            **{k: card.get(k) for k in ("recipe", "seed", "weights_sha256")},
            **score(classifier, images, labels, classes=data.classes),
        }
        rows.append(row)
    environment = describe_environment()
    opencv = importlib.metadata.version("opencv-python-headless")
    environment["versions"]["opencv-python-headless"] = opencv
    result = {
        "format": FORMAT,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        **describe_commit(),
        "environment": environment,
        "data": {
            "name": data.name,
            "digest": data.digest,
            "note": data.note,
            "n": len(labels),
            "seed": SEED,
            # OpenCV 4.13 warps to other pixels than 5.0.
            "images_sha256": {k: digest(x) for k, x in images.items()},
        },
        "artifacts": rows,
    }
    return result, images


def make_images(clean: np.ndarray) -> dict[str, np.ndarray]:
    """The images as they are, and corrupted in each way.

    Args:
        clean: `(n, 28, 28)` uint8, 0..255.

    Returns:
        By the corruption's name, `"clean"` first, arrays of the same form.
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
        classifier: anything with `predict_proba`.
        images: as `make_images` gives them.
        labels: `(n,)` integers, indices of `classes`.
        classes: the classes' names.

    Returns:
        `clean`, and `corrupted` by name, each with `accuracy`, `n` and the 95
        % `interval`; `mean`, the mean accuracy of the corrupted ones.

    Raises:
        DataError: the net gives probabilities of other classes.
    """
    from mnistcnn.evaluation import evaluate

    shares = {}
    for name, x in images.items():
        found = evaluate(classifier, x, labels, classes=classes)
        shares[name] = {
            "accuracy": found.accuracy,
            "n": found.n,
            "interval": list(found.interval),
        }
    clean = shares.pop(CLEAN)
    mean = sum(s["accuracy"] for s in shares.values()) / len(shares)
    return {"clean": clean, "mean": mean, "corrupted": shares}


if __name__ == "__main__":
    main()
