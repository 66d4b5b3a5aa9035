"""Opens every hostile artifact of the tests, and measures the refusal.

The files are those that the tests make: the tests are run with a `refuse` that
keeps the bytes.
"""

import os
import tempfile
from pathlib import Path

import artifact_fixtures
import pytest
from refusals import is_quick, measure_refusals, summarize

TESTS = Path(__file__).parents[2] / "backends_tests"
FILES = (
    "test_container.py",
    "test_config.py",
    "test_weights.py",
    "test_outputs.py",
)


def prove(*, seed: int, quick: bool) -> dict:
    """Opens each hostile file: expected code, 50 ms, 64 MiB, no framework."""
    del seed  # The files do not depend on it.
    with tempfile.TemporaryDirectory() as folder:
        codes = _collect(Path(folder))
        if quick:
            codes = dict(list(codes.items())[:20])
        paths = [Path(folder) / name for name in codes]
        rows = measure_refusals("artifact", paths)
    found = summarize(rows)
    faults = [
        f"{row['name']}: {row['code']}, expected {codes[row['name']]}"
        for row in rows
        if row["code"] != codes[row["name"]]
    ]
    passed = not faults and len(rows) == len(codes) and is_quick(found)
    return {
        "passed": passed,
        "faults": faults[:5],
        "codes": len(set(codes.values())),
        "refused_with_their_code": len(rows) - len(faults),
        **found,
    }


def _collect(folder: Path) -> dict[str, str]:
    """Writes the tests' files into a folder; returns names to codes."""
    codes: dict[str, str] = {}
    seen = set()

    def keep(data: bytes, code: str, text: str) -> None:
        if data not in seen:
            seen.add(data)
            name = f"{len(codes):03}.keras"
            (folder / name).write_bytes(data)
            codes[name] = code

    artifact_fixtures.refuse = keep
    stdout = os.dup(1)
    # pytest's report must not mix with our output.
    with open(os.devnull, "w") as silence:
        os.dup2(silence.fileno(), 1)
        options = ["-q", "-m", "core", "-p", "no:cacheprovider"]
        paths = [str(TESTS / "artifact" / name) for name in FILES]
        code = pytest.main([*options, "-k", "refused", *paths])
    os.dup2(stdout, 1)
    if code or len(codes) < 50:
        raise RuntimeError(f"the tests gave {len(codes)} files, {code!r}")
    return codes
