"""The check on an accelerator: what it runs, and where it refuses to."""

import subprocess
from pathlib import Path

import pytest

import gpu
from mnistcnn.errors import BackendError
from running.processes import MeasurementError
from suites.suite_results import SUITES

pytestmark = pytest.mark.core
ROOT = Path(__file__).parents[2]


def test_a_processor_is_not_measured_as_an_accelerator():
    environment = {"backend": "jax", "device": {"kind": "cpu", "name": "Any"}}
    with pytest.raises(BackendError, match="jax computes on the processor. E"):
        gpu.check_device(environment)


def test_what_it_runs_is_there():
    assert set(gpu.SUITES) <= set(SUITES)
    for name in gpu.TESTS:
        assert any((ROOT / "backends_tests" / name).glob("test_*.py")), name


@pytest.mark.parametrize("failing", ["pytest", "run.py"])
def test_what_fails_is_said(monkeypatch, failing):
    ran = []

    def run(command, **options):
        ran.append(command)
        code = int(any(part.endswith(failing) for part in command))
        return subprocess.CompletedProcess(command, code)

    monkeypatch.setattr(gpu.subprocess, "run", run)
    with pytest.raises(MeasurementError, match="failed"):
        gpu.test(2)
        gpu.run("training", [], Path("out"))
    assert len(ran) == (1 if failing == "pytest" else 2)
