"""Opens a file with one opener, in a process with limits, and audits itself.

`python opener.py FILE BAIT OPENER BYTES` prints a line of JSON: the outcome,
whether it was a refusal, the actions, and how much memory it took. BYTES limits
the address space; the package is the one beside this folder.
"""

import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from mnistcnn import artifact, data
from mnistcnn.backends import keras
from mnistcnn.errors import MnistcnnError

_COMMANDS = ("os.system", "subprocess.Popen", "os.exec")
# Only to verify that an attack works.
_UNSAFE = {"safe_mode": False}
OPENERS: dict[str, Callable[[Path], object]] = {
    "keras": lambda path: keras.saving.load_model(path),
    "keras_unsafe": lambda path: keras.saving.load_model(path, **_UNSAFE),
    "keras_archive": lambda path: keras.utils.get_file(
        "got",
        path.as_uri(),
        extract=True,
        cache_dir=path.parent / "cache",
    ),
    "ours": lambda path: artifact.load_artifact(path),
    "trusted": lambda path: artifact.load_trusted(path),
    "ours_archive": lambda path: data.load_data(str(path)),
}


def main() -> None:
    """Opens the file, and exits at once: later code is not trusted to run."""
    path, bait, opener = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    limit = int(sys.argv[4])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # It starts a child process, whose memory is counted too.
    caged = opener == "trusted"
    events: set[str] = set()

    def note(name, args):
        if name == "open" and str(args[0]).startswith(bait):
            events.add("opened a file")
        elif name == "socket.connect":
            events.add("connected")
        elif name in _COMMANDS and not caged:
            events.add("ran a command")

    before = read_peak()
    sys.addaudithook(note)
    refusal = Exception if opener.startswith("keras") else MnistcnnError
    try:
        OPENERS[opener](path)
        said, refused = "opened it", False
    except BaseException as error:
        said, refused = type(error).__name__, isinstance(error, refusal)
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    growth = max(read_peak(), child if caged else 0) - before
    found = {"said": said, "refused": refused, "events": sorted(events)}
    print(json.dumps({**found, "growth": growth}), flush=True)
    os._exit(0)


def read_peak() -> int:
    """Reads the peak memory of this process, in bytes."""
    text = Path("/proc/self/status").read_text()
    line = next(row for row in text.splitlines() if row.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
