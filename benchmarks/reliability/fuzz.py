"""Fuzzes everything that reads a stranger's file.

Each target runs in a process of its own, under atheris where that is
installed (libFuzzer, guided by the coverage of our code), else under a
seeded mutator. `python fuzz.py TARGET SECONDS SEED FOLDER` is one of them;
`MNISTCNN_FUZZ` names some, `MNISTCNN_FUZZ_SECONDS` says how long each runs.
"""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

try:
    import atheris
except ImportError:  # no wheel for this Python or platform
    atheris = None

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "backends_tests" / "helpers"))
FINDINGS = HERE / "findings"
SECONDS = 75
MAX_INPUT_BYTES = 20_000
MAX_MEMORY_MB = 2048
MAX_SECONDS_AN_INPUT = 10


# === Targets ===
#
# Each is a function of bytes that raises nothing, and inputs to begin with.
# Behind checksums and digests, so that what is fuzzed is what reads.


def _make_artifact(name: str):
    import artifact_fixtures as fixtures
    import numpy as np

    from mnistcnn.artifact import check_bytes
    from mnistcnn.errors import ArtifactError

    members = fixtures.good_members()
    member = {
        "config": fixtures.CONFIG,
        "weights": fixtures.WEIGHTS,
        "card": fixtures.CARD,
    }.get(name)

    def read(data: bytes) -> None:
        if member is not None:
            changed = members | {member: data}
            if name == "weights":
                changed = fixtures.sign(changed)
            data = fixtures.seal(changed)
        try:
            artifact = check_bytes(data)
        except ArtifactError as error:
            assert str(error).isprintable() and len(str(error)) <= 300
        else:
            for array in (a for arrays in artifact.weights for a in arrays):
                assert array.dtype == np.float32 and np.isfinite(array).all()

    if member is not None:
        return read, [members[member]]
    return read, [fixtures.good_bytes()]


def _make_arrays(name: str):
    import numpy as np

    from mnistcnn.data import KEYS
    from mnistcnn.data.datafiles import read_arrays
    from mnistcnn.data.formats import IDX_NAMES
    from mnistcnn.errors import DataError

    home = Path(tempfile.mkdtemp(prefix="mnistcnn-fuzz-"))
    arrays = {
        key: np.zeros((2, 28, 28) if key[0] == "x" else 2, np.uint8)
        for key in KEYS
    }
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    idx = b"\0\0\x08\3\0\0\0\2\0\0\0\x1c\0\0\0\x1c" + bytes(2 * 784)
    labels = b"\0\0\x08\1\0\0\0\2\0\0"
    first = np.lib.format.magic(1, 0)
    header = buffer.getvalue()
    header = header[header.index(first) :][:128] + bytes(2 * 784)

    if name == "npz":
        path, seeds = home / "digits.npz", [buffer.getvalue()]
        target = path
    elif name == "npy":
        path, seeds = home / "digits.npz", [header]
        target = path
    else:
        path = home
        for key, file in IDX_NAMES.items():
            (home / file).write_bytes(idx if key[0] == "x" else labels)
        target, seeds = home / IDX_NAMES["x_train"], [idx]
        if name == "gzip":
            import gzip

            target.unlink()
            target = target.with_name(f"{target.name}.gz")
            seeds = [gzip.compress(idx)]

    def read(data: bytes) -> None:
        if name == "npy":
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                archive.writestr("x_train.npy", data)
                for key in KEYS[1:]:
                    body = io.BytesIO()
                    np.lib.format.write_array(body, arrays[key])
                    archive.writestr(f"{key}.npy", body.getvalue())
            data = packed.getvalue()
        target.write_bytes(data)
        try:
            found = read_arrays(path)
        except DataError as error:
            assert str(error).isprintable()
        else:
            for key in KEYS:
                assert found[key].dtype == np.uint8 and len(found[key])

    return read, seeds


def _make_image(_: str):
    import cv2
    import numpy as np

    from mnistcnn.errors import DataError
    from mnistcnn.pictures import read_image

    path = Path(tempfile.mkdtemp(prefix="mnistcnn-fuzz-")) / "picture"
    picture = np.arange(300, dtype=np.uint8).reshape(10, 10, 3)
    kinds = ("png", "jpg", "tiff", "bmp", "webp")
    seeds = [cv2.imencode(f".{k}", picture)[1].tobytes() for k in kinds]

    def read(data: bytes) -> None:
        path.write_bytes(data)
        try:
            image = read_image(path)
        except DataError as error:
            assert str(error).isprintable()
        else:
            assert image.dtype == np.uint8 and image.ndim in (2, 3)

    return read, seeds


TARGETS = {
    "artifact": _make_artifact,
    "config": _make_artifact,
    "weights": _make_artifact,
    "card": _make_artifact,
    "npz": _make_arrays,
    "npy": _make_arrays,
    "idx": _make_arrays,
    "gzip": _make_arrays,
    "image": _make_image,
}


# === One process ===


def main(name: str, seconds: int, seed: int, folder: Path) -> None:
    """Fuzzes one target; what broke it is kept in the folder."""
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
        f"-seed={seed + 1}",  # libFuzzer takes 0 for a seed of its own
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
        # A crash of the process leaves its input as well.
        crash.write_bytes(data)
        read(data)
    crash.unlink(missing_ok=True)
    print(f"stat::number_of_executed_units: {runs}", file=sys.stderr)


# === All of them ===


def prove(*, seed: int, quick: bool) -> dict:
    """Every target for its time: no crash, no other exception, no hang."""
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
