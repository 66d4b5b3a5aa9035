import importlib

import pytest
import stub_classifier

from mnistcnn.board.app import Board
from mnistcnn.board.reader import Reader


@pytest.fixture(scope="session")
def stub():
    # The child process imports the stub by name, and inherits sys.path.
    return stub_classifier


@pytest.fixture(autouse=True)
def no_screen(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("PYGAME_HIDE_SUPPORT_PROMPT", "1")


@pytest.fixture
def pg(no_screen):
    return importlib.import_module("pygame")


@pytest.fixture
def board(stub, tmp_path):
    with Board(factories=[stub.Stub], out=tmp_path, seed=0) as board:
        yield board


@pytest.fixture
def mute_board(stub, tmp_path, monkeypatch):
    """A board whose reader never starts: for what needs no reading."""
    monkeypatch.setattr(Reader, "start", lambda self: None)
    with Board(factories=[stub.Stub], out=tmp_path, seed=0) as board:
        yield board
