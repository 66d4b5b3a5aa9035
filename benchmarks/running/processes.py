"""Measuring in a separate process, with empty caches."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from mnistcnn.errors import MnistcnnError
from running.machine import pin

MEASURE = Path(__file__).parents[1] / "measure.py"
TIMEOUT_SECONDS = 1800
STDERR_LINES = 15


class MeasurementError(MnistcnnError):
    """A process that was to measure something failed."""

    exit_code = 1


def measure(
    suite: str, job: dict, *, timeout_seconds: float = TIMEOUT_SECONDS
) -> dict:
    """Measures in a fresh process, with empty caches.

    Args:
        suite: the suite for `measure.py`.
        job: of that suite, JSON values.
        timeout_seconds: the process is killed after this time.

    Returns:
        The JSON object that it printed.

    Raises:
        MeasurementError: the process fails, takes too long or prints nothing.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(MEASURE), suite, json.dumps(job)]
        try:
            done = subprocess.run(
                command,
                env=pin(Path(folder)),
                capture_output=True,
                text=True,
                timeout=timeout_seconds,
            )
        except subprocess.TimeoutExpired as error:
            raise MeasurementError(
                f"{suite} {job} took more than {timeout_seconds} s. Nothing "
                "of it was written: run it on a faster or idle machine."
            ) from error
    try:
        if done.returncode == 0:
            return json.loads(done.stdout)
        reason = f"exit code {done.returncode}"
    except ValueError:
        reason = "it printed no JSON"
    last = "\n".join(done.stderr.splitlines()[-STDERR_LINES:])
    raise MeasurementError(
        f"{suite} {job} failed: {reason}. Nothing of it was written; the "
        f"process said:\n{last}"
    )
