"""More fuzz targets: a run's state, and files of pen strokes."""

import tempfile
from pathlib import Path


def make_state(name: str):
    """Makes the target of a run's state: its file, or the progress in it."""
    import json

    import numpy as np

    from mnistcnn.errors import CheckpointError
    from mnistcnn.training.state import Progress, read_progress, write_state

    path = Path(tempfile.mkdtemp(prefix="mnistcnn-fuzz-")) / "state.npz"
    row = {"epoch": 1, "loss": 2.0, "learning_rate": 0.1, "seconds": 1.5}
    watcher = {"kind": "EarlyStopping", "monitor": "loss", "wait": 1}
    progress = Progress({}, "", 1, [row], 0.5, callbacks=[watcher])
    write_state(path, {"model_0": np.ones(3, np.float32)}, progress)
    seeds = [path.read_bytes()]
    if name == "progress":
        with np.load(path) as archive:
            seeds = [archive["state"].tobytes()]

    def read(data: bytes) -> None:
        if name == "progress":
            np.savez(path, state=np.frombuffer(data, np.uint8))
        else:
            path.write_bytes(data)
        try:
            found = read_progress(path)
        except CheckpointError as error:
            assert str(error).isprintable()
        else:
            json.dumps(found.history, allow_nan=False)

    return read, seeds


def make_strokes(_: str):
    """Makes the target of files of pen strokes."""
    import numpy as np

    from mnistcnn.data import read_strokes_file
    from mnistcnn.errors import DataError

    path = Path(tempfile.mkdtemp(prefix="mnistcnn-fuzz-")) / "pens.npz"
    arrays = {"points": np.arange(12, dtype=np.float32).reshape(6, 2)}
    arrays |= {"stroke_start": np.array([0, 3, 6]), "labels": np.arange(2)}
    arrays |= {"sample_start": np.arange(3), "writers": np.array(["a", "b"])}
    np.savez(path, **arrays)
    seeds = [path.read_bytes()]

    def read(data: bytes) -> None:
        path.write_bytes(data)
        try:
            found = read_strokes_file(path)
        except DataError as error:
            assert str(error).isprintable()
        else:
            assert len(found) == len(found.labels) == len(found.writers)

    return read, seeds
