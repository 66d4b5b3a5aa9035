"""Opens a file for each known mechanism: by stock Keras, and by ours.

`MNISTCNN_PYTHONS` names the interpreters of other backends, on which alone
some mechanisms can work, and `MNISTCNN_SCANNERS` the folder with `modelscan`
and `modelaudit`. Each file is opened in a child process of its own with
limits, and what the child does is watched: files under a bait, sockets,
commands, memory, what it extracts.
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

from mnistcnn.artifact import pretrained_path

ADDRESS_SPACE = 24 << 30
TIMEOUT_SECONDS = 60
# More than that is no refusal: nothing of ours has a tenth of it.
MAX_GROWTH = 256 << 20

OPENERS = {
    "keras": "keras.saving.load_model(path)",
    "keras_unsafe": "keras.saving.load_model(path, safe_mode=False)",
    "ours": "artifact.load_artifact(path)",
    "trusted": "artifact.load_trusted(path)",
    "keras_archive": "keras.utils.get_file('got', path.as_uri(), "
    "extract=True, cache_dir=path.parent / 'cache')",
    "ours_archive": "data.load_data(str(path))",
}
CHILD = """
import json, os, resource, sys
from pathlib import Path
sys.path.insert(0, os.environ["MNISTCNN_SOURCE"])
path, bait = Path(sys.argv[1]), sys.argv[2]
limit = int(sys.argv[4])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from mnistcnn import artifact, data
from mnistcnn.errors import MnistcnnError
from mnistcnn.backends import keras
events = set()

def note(name, args):
    if name == "open" and str(args[0]).startswith(bait):
        events.add("opened a file")
    elif name.startswith("socket.connect"):
        events.add("connected")
    elif name in ("os.system", "subprocess.Popen", "os.exec") and not caged:
        events.add("ran a command")

def peak():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024

before = peak()
sys.addaudithook(note)
own = sys.argv[3].startswith(("artifact.", "data."))
# Starts a child itself, whose memory is counted too.
caged = "load_trusted" in sys.argv[3]
try:
    eval(sys.argv[3])
    said, refused = "opened it", False
except BaseException as error:
    said = type(error).__name__
    refused = isinstance(error, MnistcnnError if own else Exception)
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
growth = max(peak() - before, child - before if caged else 0)
print(json.dumps({"said": said, "refused": refused, "events": sorted(events),
                  "growth": growth}), flush=True)
os._exit(0)
"""


def prove(*, seed: int, quick: bool) -> dict:
    """Opens every file: ours let none in; the scanners find none in ours."""
    del seed  # The files are what they are.
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
        **_scan(keys),
    }
    wrong = [name for name in found if name.endswith("findings_in_ours")]
    passed = not faults and not any(found[name] for name in wrong)
    table = [
        {
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
    calls = {
        "keras": OPENERS["keras_archive" if archive else "keras"],
        "keras_unsafe": OPENERS["keras_archive" if archive else "keras_unsafe"],
        "ours": OPENERS["ours_archive" if archive else "ours"],
        "trusted": OPENERS["trusted"],
    }
    rows = {name: _open(mechanism, call) for name, call in calls.items()}
    if archive:
        # Keras leaves out the members that it does not like.
        for name in ("keras", "keras_unsafe"):
            row = rows[name]
            row["let_in"] = row["let_in"] and row["text"] != "opened it"
            if row["text"] == "opened it":
                row["text"] = "left the member out"
    return rows


def _open(mechanism: Mechanism, call: str) -> dict:
    """Opens the file in a child; says what it did and whether it let it in."""
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
                *(_python(mechanism), "-c", CHILD),
                *(str(path), str(bait), call, str(ADDRESS_SPACE)),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=scratch,
            env={
                **os.environ,
                "KERAS_BACKEND": _backend(mechanism),
                "MNISTCNN_SOURCE": str(Path(__file__).parents[2]),
                "TMPDIR": str(scratch),
            },
        )
        most = _watch_folder(scratch, child)
        text = child.stdout.read() if child.stdout else ""
        new = [
            p
            for p in set(folder.rglob("*")) - before
            if p.name == WRITTEN or bait in p.parents
        ]
    return _judge(text, child.returncode, new, most())


def _watch_folder(folder: Path, child: subprocess.Popen):
    """Takes the most bytes in a folder until the child ends, or is ended."""
    most = [0]

    def look():
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while child.poll() is None:
            # os.walk passes over what is gone by the time it comes.
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


def _judge(text: str, code: int | None, new: list, written: int) -> dict:
    # Keras prints, too.
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
    let_in = not found["refused"] or bool(did)
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


# === Scanners ===


def _scan(keys: list[str]) -> dict:
    """Runs the public scanners on our artifact and on the hostile files."""
    bin_dir = os.environ.get("MNISTCNN_SCANNERS")
    if not bin_dir:
        return {}
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hostile = []
        for key in keys:
            bait = folder / f"bait {key}"
            bait.mkdir()
            (bait / READ).write_text("secret\n")
            path = folder / f"{key}{MECHANISMS[key].suffix}"
            path.write_bytes(MECHANISMS[key].make(bait))
            hostile.append(path)
        for scanner, scan in (
            ("modelscan", _modelscan),
            ("modelaudit", _modelaudit),
        ):
            command = str(Path(bin_dir) / scanner)
            found[f"{scanner}_findings_in_ours"] = scan(
                command, pretrained_path()
            )
            found[f"{scanner}_warns_of"] = sum(
                bool(scan(command, path)) for path in hostile
            )
    return found


def _run(*command: str) -> dict:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=300,
        # They report home otherwise.
        env={**os.environ, "PROMPTFOO_DISABLE_TELEMETRY": "1", "NO_COLOR": "1"},
    )
    start = done.stdout.find("{")
    if start < 0:
        raise RuntimeError(
            f"{command[0]}: {done.stdout[-300:]}{done.stderr[-300:]}"
        )
    return json.JSONDecoder(strict=False).raw_decode(done.stdout[start:])[0]


def _modelscan(command: str, path: Path) -> int:
    report = Path(str(path.name) + ".modelscan.json")
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / report
        subprocess.run(
            [command, "-p", str(path), "-r", "json", "-o", str(out)],
            capture_output=True,
            timeout=300,
        )
        found = json.loads(out.read_text())
    missing = [e for e in found["errors"] if e["category"] == "DEPENDENCY"]
    if missing:
        raise RuntimeError(f"modelscan: {missing[0]['description']}")
    return found["summary"]["total_issues"]


def _modelaudit(command: str, path: Path) -> int:
    found = _run(command, "scan", "--format", "json", "--no-cache", str(path))
    grave = ("warning", "critical", "error")
    return sum(issue.get("severity") in grave for issue in found["issues"])
