"""Opens a file for each known attack: with stock Keras, and with ours.

`MNISTCNN_PYTHONS` names the interpreters of other backends, since some attacks
work only on one backend. Each file is opened in its own child process with
limits, and the child's actions are recorded: files under a bait folder,
sockets, commands, memory, extracted files.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from mechanisms import MECHANISMS, READ, WRITTEN, Mechanism
from scanners import scan

from mnistcnn.artifact import cage

ADDRESS_SPACE = 24 << 30
TIMEOUT_SECONDS = 300
# More growth does not count as a refusal; ours need less than a tenth of it.
MAX_GROWTH = 256 << 20
# In a cage: for Keras and a framework, plus the cage's budget for a file.
MAX_CAGED_GROWTH = cage.MEMORY_BYTES + (1 << 30)

OPENER = Path(__file__).with_name("opener.py")


def prove(*, seed: int, quick: bool) -> dict:
    """Opens every file: ours let none in; the scanners find none in ours."""
    del seed  # The files do not depend on it.
    keys = list(MECHANISMS)[:4] if quick else list(MECHANISMS)
    rows, faults = {}, []
    for key in keys:
        rows[key] = row = _attack(MECHANISMS[key])
        print(f"{key}: {json.dumps(row)}", file=sys.stderr, flush=True)
        faults += [
            f"{key}: {opener}: {row[opener]['said']}"
            for opener in ("ours", "trusted")
            if row[opener]["let_in"]
        ]
    found = {
        "mechanisms": len(rows),
        **{
            f"let_in_by_{opener}": sum(
                r[opener]["let_in"] for r in rows.values()
            )
            for opener in ("keras", "keras_unsafe", "ours", "trusted")
        },
        **scan(keys),
    }
    wrong = [name for name in found if name.endswith("findings_in_ours")]
    passed = not faults and not any(found[name] for name in wrong)
    table = [
        {
            "test": key,
            "ids": list(MECHANISMS[key].ids),
            "what": MECHANISMS[key].what,
            **{opener: row[opener]["text"] for opener in row},
        }
        for key, row in rows.items()
    ]
    return {"passed": passed, "faults": faults[:5], **found, "table": table}


def _attack(mechanism: Mechanism) -> dict:
    """Opens one mechanism's file by each opener."""
    archive = mechanism.door == "archive"
    names = ("keras", "keras_unsafe", "ours", "trusted")
    openers = {name: name for name in names}
    if archive:
        openers |= dict.fromkeys(names[:2], "keras_archive")
        openers["ours"] = "ours_archive"
    rows = {name: _open(mechanism, how) for name, how in openers.items()}
    if archive:
        # Keras skips members that it considers unsafe.
        for name in ("keras", "keras_unsafe"):
            row = rows[name]
            row["let_in"] = row["let_in"] and row["text"] != "opened it"
            if row["text"] == "opened it":
                row["text"] = "left the member out"
    return rows


def _open(mechanism: Mechanism, opener: str) -> dict:
    """Opens the file in a child; returns its actions and whether it got in."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        bait, scratch = folder / "bait", folder / "scratch"
        bait.mkdir()
        scratch.mkdir()
        (bait / READ).write_text("secret\n")
        path = folder / f"file{mechanism.suffix}"
        path.write_bytes(mechanism.make(bait))
        before = set(folder.rglob("*"))
        child = subprocess.Popen(
            [
                *(_python(mechanism), str(OPENER)),
                *(str(path), str(bait), opener, str(ADDRESS_SPACE)),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=scratch,
            env={
                **os.environ,
                "KERAS_BACKEND": _backend(mechanism),
                "TMPDIR": str(scratch),
            },
        )
        most = _watch_folder(scratch, child)
        text = child.stdout.read() if child.stdout else ""
        child.wait()
        new = [
            p
            for p in set(folder.rglob("*")) - before
            if p.name == WRITTEN or bait in p.parents
        ]
    return _judge(text, child.returncode, new, most(), opener == "trusted")


def _watch_folder(folder: Path, child: subprocess.Popen):
    """Records a folder's peak size until the child ends or is killed."""
    most = [0]

    def look():
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while child.poll() is None:
            # os.walk skips folders that have disappeared meanwhile.
            most[0] = max(most[0], sum(map(_size, os.walk(folder))))
            if time.monotonic() > deadline:
                child.kill()
            time.sleep(0.05)

    thread = threading.Thread(target=look)
    thread.start()

    def done():
        thread.join()
        return most[0]

    return done


def _size(step: tuple) -> int:
    folder, _, names = step
    size = 0
    for name in names:
        with contextlib.suppress(OSError):
            size += os.lstat(os.path.join(folder, name)).st_size
    return size


def _judge(
    text: str, code: int | None, new: list, written: int, caged: bool
) -> dict:
    """Returns what a child did, and whether it let the file in."""
    # The result is the last line, since Keras prints, too.
    last = text.rstrip().split("\n")[-1]
    if not last.startswith("{"):
        said = f"died ({code})" if code != -9 else "took too long"
        return {"said": said, "let_in": True, "text": said}
    found = json.loads(last)
    did = list(found["events"])
    if new:
        did.append("wrote a file")
    for size, what in ((found["growth"], "took"), (written, "extracted")):
        if size > MAX_GROWTH:
            did.append(f"{what} {size / (1 << 30):.1f} GiB")
    # A cage has its own memory budget, which Keras may use up.
    within = caged and found["growth"] <= MAX_CAGED_GROWTH
    grave = [what for what in did if not (within and what.startswith("took"))]
    let_in = not found["refused"] or bool(grave)
    said = (
        found["said"] if not found["refused"] else f"refused ({found['said']})"
    )
    words = ", ".join([said, *did])
    return {"said": found["said"], "let_in": let_in, "text": words}


def _backend(mechanism: Mechanism) -> str:
    return mechanism.backend or os.environ.get("KERAS_BACKEND", "jax")


def _python(mechanism: Mechanism) -> str:
    pairs = os.environ.get("MNISTCNN_PYTHONS", "").split()
    pythons = dict(pair.split("=", 1) for pair in pairs)
    return pythons.get(_backend(mechanism), sys.executable)
