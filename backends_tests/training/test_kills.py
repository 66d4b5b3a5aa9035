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


def start(out, *options):
    done = subprocess.run(
        [
            *(sys.executable, RELIABILITY / "trial.py", out),
            *(f"--epochs={EPOCHS}", *options),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done


def test_a_run_killed_while_saving_goes_on_bit_for_bit(tmp_path):
    whole = json.loads(start(tmp_path / "whole").stdout.splitlines()[-1])
    out = tmp_path / "run"
    done = start(out, "--kill", f"{SECOND_STATE}:half")
    assert done.returncode == -signal.SIGKILL
    assert done.stdout.split() == ["begun", "1", "begun", "2"]
    (half,) = (out / "last").glob("*.tmp")
    with np.load(out / "last" / "state.npz") as state:
        kept = json.loads(state["state"].tobytes())
    assert len(kept["history"]) == 1, "at most an epoch is lost"
    done = start(out, "--resume")
    assert not half.exists()
    assert json.loads(done.stdout.splitlines()[-1]) == whole
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
