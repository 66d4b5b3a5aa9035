"""Checks a backend on an accelerator and measures it, in ten minutes.

`KERAS_BACKEND=jax python benchmarks/gpu.py [--out DIR] [--no-tests]
[--workers N]` runs the tests whose result depends on the device, then the speed
suites with fewer repeats, into `DIR/<machine>/`. `nox -s gpu-jax` does it in
its own environment.
"""

import os
import subprocess
import sys
from pathlib import Path

from mnistcnn.errors import BackendError
from running.checkout import ROOT
from running.commands import errors_in_one_line, make_parser, say
from running.machine import check_variables
from running.processes import MeasurementError, measure

# The parts that compute on the device; the rest is the same on any machine.
TESTS = ("backends", "training", "reading", "artifact")
# Our own computations are exact by default; the plain Keras computations that
# the tests compare them with are not.
EXACT = {
    "NVIDIA_TF32_OVERRIDE": "0",
    "JAX_DEFAULT_MATMUL_PRECISION": "float32",
    "XLA_FLAGS": "--xla_gpu_deterministic_ops=true",
}
# With options of `run.py`, such that everything fits into ten minutes.
SUITES = {
    "training": ["--repeats", "2", "--only", "batch_size=128"],
    "time_to_99.0": ["--repeats", "2"],
    "time_to_99.4": ["--repeats", "1"],
    "memory": ["--repeats", "1"],
    "latency": ["--repeats", "1"],
}


def main() -> None:
    """Reads the command line; errors are a few lines and an exit code."""
    parser = make_parser(__doc__)
    out = ROOT / "benchmarks" / "results"
    parser.add_argument("--out", type=Path, default=out)
    parser.add_argument("--no-tests", action="store_true")
    parser.add_argument("--workers", type=int, default=4, metavar="N")
    options = parser.parse_args()
    with errors_in_one_line():
        check_variables()
        check_device(measure("environment", {})["environment"])
        if not options.no_tests:
            test(options.workers)
        for suite, chosen in SUITES.items():
            run(suite, chosen, options.out)


def check_device(environment: dict) -> None:
    """Refuses to measure on a CPU as if it were an accelerator.

    Args:
        environment: of `mnistcnn.backends.describe_environment`.

    Raises:
        BackendError: the framework sees no accelerator.
    """
    device = environment["device"]
    if device["kind"] == "cpu":
        raise BackendError(
            f"{environment['backend']} computes on the processor. Expected an "
            "accelerator that it sees: install its build for GPUs "
            "(docs/backends.md#with-a-gpu), or take nox -s bench-"
            f"{environment['backend']}."
        )
    say(f"{environment['backend']} on {device['name']}")


def test(workers: int) -> None:
    """Runs the tests whose result depends on the device.

    Args:
        workers: parallel test processes; they share the device.

    Raises:
        MeasurementError: a test failed.
    """
    folder = ROOT / "backends_tests"
    command = [sys.executable, "-m", "pytest", "-m", "not core", "-q"]
    command += [
        "-n",
        str(workers),
        "--dist",
        "loadfile",
        *(str(folder / name) for name in TESTS),
    ]
    if subprocess.run(command, cwd=ROOT, env=os.environ | EXACT).returncode:
        raise MeasurementError(
            "A test failed on this device. Expected none to, before speed "
            "counts: see above, or take --no-tests."
        )


def run(suite: str, chosen: list[str], out: Path) -> None:
    """Measures a suite, with a separate process for each figure.

    Raises:
        MeasurementError: it failed.
    """
    command = [sys.executable, str(Path(__file__).with_name("run.py")), suite]
    command += [*chosen, "--out", str(out)]
    if subprocess.run(command).returncode:
        raise MeasurementError(
            f"The suite {suite} failed. Expected numbers: see above."
        )


if __name__ == "__main__":
    main()
