"""Fuzzes everything that reads untrusted input.

Each target runs in its own process, under atheris if that is installed
(libFuzzer, guided by the coverage of our code), otherwise under a seeded
mutator. `python fuzz.py TARGET SECONDS SEED FOLDER` runs a single target;
`MNISTCNN_FUZZ` selects targets, `MNISTCNN_FUZZ_SECONDS` sets the time of each.
"""

import importlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

try:
    atheris: Any = importlib.import_module("atheris")
except ImportError:  # no wheel for this Python or platform
    atheris = None

from fuzz_targets import TARGETS

FINDINGS = Path(__file__).with_name("findings")
SECONDS = 75
MAX_INPUT_BYTES = 20_000
MAX_MEMORY_MB = 2048
MAX_SECONDS_AN_INPUT = 10


# === One process ===


def main(name: str, seconds: int, seed: int, folder: Path) -> None:
    """Fuzzes one target; inputs that break it are kept in the folder."""
    if atheris is None:
        read, seeds = TARGETS[name](name)
        _mutate(read, seeds, seconds, seed, folder / f"crash-{name}")
        return
    with atheris.instrument_imports(include=["mnistcnn"]):
        read, seeds = TARGETS[name](name)
    for number, data in enumerate(seeds):
        (folder / f"seed{number}").write_bytes(data)
    options = [
        f"-max_total_time={seconds}",
        f"-seed={seed + 1}",  # with 0, libFuzzer chooses a random seed
        f"-max_len={max(MAX_INPUT_BYTES, *map(len, seeds))}",
        f"-rss_limit_mb={MAX_MEMORY_MB}",
        f"-timeout={MAX_SECONDS_AN_INPUT}",
        f"-artifact_prefix={folder}/crash-{name}-",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(folder)], read)
    atheris.Fuzz()


def _mutate(read, seeds, seconds: int, seed: int, crash: Path) -> None:
    import artifact_fixtures as fixtures
    import numpy as np

    rng = np.random.default_rng(seed)
    end, runs = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        data = seeds[runs % len(seeds)]
        for _ in range(int(rng.integers(1, 4))):
            data = fixtures.mutate(data, rng) or b"\0"
        runs += 1
        # Written before, so that a crash of the process leaves its input.
        crash.write_bytes(data)
        read(data)
    crash.unlink(missing_ok=True)
    print(f"stat::number_of_executed_units: {runs}", file=sys.stderr)


# === All of them ===


def prove(*, seed: int, quick: bool) -> dict:
    """Fuzzes every target: no crash, no other exception, no hang."""
    names = os.environ.get("MNISTCNN_FUZZ", "").split() or list(TARGETS)
    seconds = 3 if quick else SECONDS
    seconds = int(os.environ.get("MNISTCNN_FUZZ_SECONDS", seconds))
    found: dict = {"seconds": 0, "inputs": 0, "findings": 0}
    faults = []
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            start = time.monotonic()
            done = subprocess.run(
                [
                    *(sys.executable, __file__),
                    *(name, str(seconds), str(seed), folder),
                ],
                capture_output=True,
                text=True,
                errors="replace",
            )
            found["seconds"] += round(time.monotonic() - start)
            text = done.stdout + done.stderr
            runs = re.findall(r"number_of_executed_units: *(\d+)", text)
            found[f"inputs_{name}"] = int(runs[-1]) if runs else 0
            found["inputs"] += found[f"inputs_{name}"]
            crashes = list(Path(folder).glob("crash-*"))
            if done.returncode or crashes or not runs:
                found["findings"] += 1
                faults.append(f"{name}: {text.strip()[-400:]}")
                FINDINGS.mkdir(exist_ok=True)
                for crash in crashes:
                    shutil.copy(crash, FINDINGS / crash.name)
    engine = "seeded mutator" if atheris is None else "atheris"
    return {
        "passed": not faults,
        "faults": faults[:5],
        "engine": [engine],
        **found,
    }


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
