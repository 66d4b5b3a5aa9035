"""The notebook in `docs/`: it runs, on any backend, and is kept clean."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

NOTEBOOK = Path(__file__).parent.parent / "docs" / "walkthrough.ipynb"
STEPS = "Load Explore Preprocess Build Compile Train Test Apply"


def read():
    return json.loads(NOTEBOOK.read_text(encoding="utf-8"))


def settle(text):
    """What a notebook shows of a stream: `\\b` and `\\r` overwrite."""
    lines, column = [[]], 0
    for character in re.sub(r"\x1b\[[0-9;]*m", "", text):
        if character == "\n":
            lines.append([])
            column = 0
        elif character == "\r":
            column = 0
        elif character == "\b":
            column = max(0, column - 1)
        else:
            lines[-1][column : column + 1] = character
            column += 1
    return ["".join(line).rstrip() for line in lines if line]


@pytest.mark.core
def test_it_walks_the_steps_and_keeps_no_output():
    cells = read()["cells"]
    text = "".join("".join(cell["source"]) + "\n" for cell in cells)
    assert re.findall(r"^## (\w+)$", text, re.MULTILINE) == STEPS.split()
    for cell in cells:
        assert not cell.get("outputs") and not cell.get("execution_count")


@pytest.mark.core
def test_overwritten_text_is_gone():
    assert settle("1/3\b\b\b\r2/3\nend") == ["2/3", "end"]


@pytest.mark.any_backend
def test_it_runs_and_shows_what_it_made(digits, tmp_path, monkeypatch):
    nbclient = pytest.importorskip("nbclient", reason="not in this session")
    nbformat = pytest.importorskip("nbformat", reason="not in this session")
    np.savez(
        tmp_path / "digits.npz",
        **{key: getattr(digits, key)[:150] for key in ("x_train", "y_train")},
        **{key: getattr(digits, key)[:60] for key in ("x_test", "y_test")},
    )
    monkeypatch.setenv("MNISTCNN_DATA", str(tmp_path / "digits.npz"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    # A notebook of today, whose settings are in platformdirs' places.
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = nbclient.NotebookClient(
        notebook,
        # A busy machine is no fault of the notebook.
        timeout=600,
        startup_timeout=600,
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute()
    shown, said = [], []
    for cell in notebook.cells:
        said.append("")
        for output in cell.get("outputs", ()):
            if output.output_type == "stream":
                assert output.name == "stdout", output.text
                said[-1] += output.text
            else:
                shown.append(output.data.get("text/html", ""))
    for words in ("training and 60 test images", "of 60 images read right"):
        assert any(words in page for page in shown), words
    own = [page for page in shown if 'class="mnistcnn"' in page]
    assert len(own) == 5 and not any("<script" in page for page in own)
    assert "<iframe srcdoc=" in shown[-1]
    # A bar is one line an epoch, however often it moved.
    (trained,) = (text for text in said if "Epoch 3/3" in text)
    lines = settle(trained)
    assert len(lines) == 6
    assert lines[4] == "Epoch 3/3" and re.match(r"\d+/\d+ ━+ ", lines[5])
