"""A run's state is read as data: what is of another type is refused."""

import dataclasses
import io
import json
import zipfile

import numpy as np
import pytest

from mnistcnn.errors import CheckpointError
from mnistcnn.training.state import FORMAT, Progress, read_progress, write_state

pytestmark = pytest.mark.core

ROW = {"epoch": 1, "loss": 2.0, "learning_rate": 0.1, "seconds": 1.5}
WATCHER = {"kind": "EarlyStopping", "monitor": "loss", "wait": 1}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.npz"


def write(path, text, **arrays):
    state = np.frombuffer(text.encode(), np.uint8)
    np.savez(path, **arrays, state=state)


def text_of(**changes):
    good = Progress({}, "", 1, [ROW], 0.5, callbacks=[WATCHER])
    fields = dataclasses.asdict(good)
    return json.dumps({"format": FORMAT, **fields, **changes})


def test_what_was_written_is_read(path):
    history = [ROW, ROW | {"epoch": 3, "val_loss": None, "f1": 2}]
    progress = Progress({"a": [1]}, "b", 2, history, 0.5, True, ["conv1"])
    write_state(path, {"model_0": np.ones(3)}, progress)
    assert read_progress(path) == progress
    write(path, text_of())
    assert read_progress(path).callbacks == [WATCHER]


WRONG = {
    "recipe": [None, [], "x", 3],
    "digest": [None, 3, []],
    "step": [None, "1", 1.5, True, []],
    "history": [
        None,
        {},
        "ab",
        [3],
        [[]],
        [{}],
        *([ROW | {"epoch": e}] for e in (0, -1, 1.0, "1", True, None, 10**12)),
        *([ROW | {"loss": v}] for v in ("2", None, True, [], 10**400)),
        *([ROW | {name: "0"}] for name in ("seconds", "learning_rate")),
        [ROW | {"val_accuracy": "high"}],
        [ROW, ROW],
    ],
    "best": ["0.5", True, [], {}, float("nan"), float("inf"), -(10**400)],
    "finished": [None, 1, "yes"],
    "frozen": [None, "conv1", [3], [None], [["conv1"]], {}],
    "callbacks": [
        None,
        "x",
        [3],
        [[]],
        [WATCHER | {"kind": 3}],
        [WATCHER | {"wait": "2"}],
        [WATCHER | {"best": None}],
        [WATCHER | {"best": [0.5]}],
    ],
    "unheard": ["of"],
}


@pytest.mark.parametrize("name", WRONG)
def test_a_field_of_another_type_is_refused(name, path):
    for value in WRONG[name]:
        write(path, text_of(**{name: value}))
        with pytest.raises(CheckpointError, match="cannot be resumed from"):
            read_progress(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "3",
        "null",
        "{}",
        '{"format": 3}',
        "[" * 100_000,
        text_of(history=[]).replace('"finished": false', '"finished": true'),
    ],
    ids=range(8),
)
def test_a_state_that_is_none_is_refused(text, path):
    write(path, text)
    with pytest.raises(CheckpointError, match="cannot be resumed from"):
        read_progress(path)


def test_what_needs_unpickling_or_unpacking_is_refused(path):
    write(path, text_of(), model_0=np.array([{}], object))
    with pytest.raises(CheckpointError, match="cannot be resumed from"):
        read_progress(path)
    # 4 MB of it ask for 4 GB.
    member = io.BytesIO()
    np.save(member, np.zeros(1000))
    write(path, text_of())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model_0.npy", member.getvalue())
    with pytest.raises(CheckpointError, match="'model_0.npy' is compressed"):
        read_progress(path)
