"""Writes artifacts on one backend, reads them on all: `nox -s portability`.

    python portability.py write FOLDER    train briefly, save, predict
    python portability.py read FOLDER     open what all wrote, predict
    python portability.py table FOLDER    compare

Each artifact is opened by mnistcnn on each backend; by NumPy alone, where
`KERAS_BACKEND` is not set; and by plain Keras with mnistcnn made impossible to
import.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

BACKENDS = ("jax", "torch", "tensorflow")
READERS = ("numpy", *BACKENDS)
# The network that ships too, whose answers by NumPy the others' are to be.
WRITERS = (*BACKENDS, "shipped")
MAX_DIFFERENCE = 1e-5
PLAIN_KERAS = """
import sys
sys.modules["mnistcnn"] = None
import keras, numpy as np
model = keras.saving.load_model(sys.argv[1], compile=False)
images = np.load(sys.argv[2])
np.save(sys.argv[3], model.predict(images, batch_size=500, verbose=0))
"""


def write(folder: Path) -> None:
    """Trains on this backend and keeps the artifact and its answers."""
    from mnistcnn import TrainConfig, load_data, train
    from mnistcnn.artifact import pretrained_path

    shipped = folder / "shipped" / "best.keras"
    shipped.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(pretrained_path(), shipped)
    backend = os.environ["KERAS_BACKEND"]
    data = load_data()
    run = folder / backend
    config = TrainConfig(epochs=1, validation=0.0)
    result = train(config, data.limit(10_000), out=run, verbose=False)
    images = data.x_test[..., None]
    np.save(folder / "images.npy", images)
    answers = result.model.predict(images, batch_size=500, verbose=0)
    np.save(folder / f"{backend}.npy", answers)


def read(folder: Path) -> None:
    """Opens every artifact on this backend and keeps the answers."""
    from mnistcnn import DigitClassifier, inspect_artifact
    from mnistcnn.pictures import turn

    reader = os.environ.get("KERAS_BACKEND") or "numpy"
    images = np.load(folder / "images.npy")
    for writer in WRITERS:
        path = folder / writer / "best.keras"
        classifier = DigitClassifier.from_artifact(path)
        assert classifier.backend == reader
        answers = classifier.predict_proba(images)
        np.save(folder / f"{writer}-{reader}.npy", answers)
        if reader == "numpy":
            continue
        # Plain Keras knows no rotations: it gets the turned images.
        looks = turn(images, inspect_artifact(path).rotation)
        np.save(folder / "looks.npy", np.concatenate(looks))
        plain = folder / f"{writer}-{reader}-plain.npy"
        arguments = [path, folder / "looks.npy", plain]
        subprocess.run(
            [sys.executable, "-c", PLAIN_KERAS, *map(str, arguments)],
            check=True,
        )
        rows = np.load(plain).reshape(len(looks), *answers.shape)
        np.save(plain, rows.mean(axis=0))


def table(folder: Path) -> int:
    """Prints the 4x4 table; the exit status says whether all agree."""
    failed = 0
    print(f"{'written on':<12}", *(f"{'read on ' + b:>28}" for b in READERS))
    for writer in WRITERS:
        trained = writer if writer in BACKENDS else f"{writer}-numpy"
        reference = np.load(folder / f"{trained}.npy")
        cells = []
        for reader in READERS:
            answers = [
                np.load(path) for path in folder.glob(f"{writer}-{reader}*.npy")
            ]
            difference = max(np.abs(a - reference).max() for a in answers)
            others = sum(
                int((a.argmax(1) != reference.argmax(1)).sum()) for a in answers
            )
            failed += difference > MAX_DIFFERENCE or others > 0
            cells.append(f"{difference:.1e}, {others} labels differ")
        print(f"{writer:<12}", *(f"{cell:>28}" for cell in cells))
    n = len(np.load(folder / "images.npy", mmap_mode="r"))
    print(
        f"largest difference of probabilities on {n:,} images, by mnistcnn "
        "and by plain Keras"
    )
    print(f"{len(WRITERS) * len(READERS) - failed} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    modes = {"write": write, "read": read, "table": table}
    sys.exit(modes[sys.argv[1]](Path(sys.argv[2])))
