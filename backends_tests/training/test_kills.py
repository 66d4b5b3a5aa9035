"""Training killed while it writes; the whole proof is `nox -s reliability`."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

RELIABILITY = Path(__file__).parents[2] / "benchmarks" / "reliability"
EPOCHS = 3
# The lock's holder, the room's probe, the first checkpoint, the config; then
# the best network, the history and the checkpoint of each epoch.
SECOND_STATE = 10


@pytest.mark.any_backend
def test_a_run_killed_while_saving_goes_on_bit_for_bit(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(RELIABILITY)
    import trial

    def train(out, *, resume):
        return trial.describe(trial.run(out, 0, EPOCHS, resume))

    whole = train(tmp_path / "whole", resume=False)
    out = tmp_path / "run"
    command = [sys.executable, RELIABILITY / "trial.py", out]
    options = [f"--epochs={EPOCHS}", "--kill", f"{SECOND_STATE}:half"]
    done = subprocess.run([*command, *options], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert done.stdout.split() == ["begun", "1", "begun", "2"]
    (half,) = (out / "last").glob("*.tmp")
    with np.load(out / "last" / "state.npz") as state:
        kept = json.loads(state["state"].tobytes())
    assert len(kept["history"]) == 1, "at most an epoch is lost"
    assert train(out, resume=True) == whole
    assert not half.exists()
    assert not list(out.rglob("*.tmp"))


@pytest.mark.core
def test_the_page_of_figures_is_made_from_the_results(monkeypatch):
    monkeypatch.syspath_prepend(RELIABILITY)
    import page

    results = json.loads((RELIABILITY / "results.json").read_text())
    text = (RELIABILITY.parent / "reliability.md").read_text()
    assert text == page.write_page(results)
    for key, result in results.items():
        assert result["found"]["passed"], key
        assert result["found"].get("faults") == [], key
