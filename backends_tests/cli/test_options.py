import threading

import numpy as np
import pytest

from mnistcnn import data
from mnistcnn.cli.finetuning import make_config
from mnistcnn.cli.loading import load
from mnistcnn.cli.tuning import search_and_show
from mnistcnn.data import GeneratedDataWarning
from mnistcnn.errors import (
    BackendError,
    ConfigError,
    DataError,
    DataWarning,
    warn,
)

pytestmark = pytest.mark.core


@pytest.fixture
def reading(monkeypatch):
    """Has `load` call a function in place of `load_data`."""
    return lambda read: monkeypatch.setattr(
        data, "load_data", lambda *_args, **_options: read()
    )


def make_data():
    images = np.zeros((2, 28, 28), np.uint8)
    return data.Dataset(images, [0, 1], images, [0, 1], "a stand-in")


def test_data_are_read_while_a_framework_is_imported(reading):
    read, imported = threading.Barrier(2), []

    def wait():
        read.wait(timeout=20)
        return make_data()

    reading(wait)

    def start():
        read.wait(timeout=20)
        imported.append(threading.current_thread())

    assert load(None, beside=start).name == "a stand-in"
    # Frameworks are imported where signals are heard.
    assert imported == [threading.main_thread()]


def test_what_is_wrong_with_data_is_said_before_what_is_with_a_backend(reading):
    def refuse():
        raise DataError("no such file")

    def fail():
        raise BackendError("no such backend")

    reading(refuse)
    with pytest.raises(DataError):
        load(None, beside=fail)
    reading(make_data)
    with pytest.raises(BackendError):
        load(None, beside=fail)


@pytest.mark.parametrize("beside", [None, lambda: None])
def test_warnings_of_data_come_at_once_or_after_an_import(
    beside, reading, capsys
):
    said = []

    def read():
        warn("MNIST cannot be had", GeneratedDataWarning)
        said.append(capsys.readouterr().err)
        warn("bright paper")
        return make_data()

    reading(read)
    with pytest.warns(DataWarning, match="bright paper") as caught:
        load(None, beside=beside)
    assert len(caught) == 1
    said.append(capsys.readouterr().err)
    title = "GENERATED STROKES, NOT MNIST"
    assert [title in text for text in said] == [not beside, bool(beside)]


def test_the_share_is_named_as_the_option():
    with pytest.raises(ConfigError, match="--blend.* Expected a number above"):
        make_config({}, {"share": 0.0})


@pytest.mark.parametrize(
    ("option", "text"), [("trials", "trials is '0'"), ("pruner", "pruner is")]
)
def test_a_search_is_checked_before_data_are_loaded(
    option, text, reading, tmp_path
):
    def refuse():
        raise AssertionError("loaded")

    reading(refuse)
    options = {"trials": 0, "pruner": "median"}
    if option == "pruner":
        options = {"trials": 1, "pruner": "x"}
    options |= {"space": ["dropout"], "storage": None}
    source = (None, None, None)
    with pytest.raises(ConfigError, match=text):
        search_and_show("fast", {}, source, tmp_path / "new", **options)
    assert not (tmp_path / "new").exists()
