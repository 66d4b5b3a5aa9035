"""Opens a Keras file of one's own by Keras' own loader, in a sandbox.

For people who trained a network elsewhere and want to read, score or show it on
the board. It is used only with an explicit `--trust`. Keras opens the file in a
sandboxed child process (`cage.py`), which returns bytes as our own writer
writes them (`conversion.py`), and these are checked like those of any file.
"""

import io
import logging
import os
import re
import subprocess
import sys
import tempfile
import threading
import zipfile
import zlib
from pathlib import Path

from mnistcnn import backends
from mnistcnn.artifact import container
from mnistcnn.artifact.inspection import MAX_FILE_BYTES, check_bytes, read_file
from mnistcnn.artifact.models import rebuild
from mnistcnn.errors import ArtifactError, quote

TRUST_WARNING = (
    "--trust: the file is opened by Keras' own loader, in its safe mode, in a "
    "process with limits. What comes out of it is checked, but may be any "
    "network: open your own files only. The network gets pixels 0..1, or "
    "0..255 if it has a Rescaling or Normalization layer."
)
# With an optimizer's state, weights are three times as large.
MAX_TRUSTED_BYTES = 3 * MAX_FILE_BYTES
TIMEOUT_SECONDS = 180
_LOGGER = logging.getLogger(__name__)


def load_trusted(path: str | os.PathLike[str]) -> "backends.keras.Sequential":
    """Opens a Keras model with suitable input and output by Keras' loader.

    Keras' safe mode refuses what it knows to run code: it is a deny list, not a
    security boundary. The boundary is a child process without network, programs
    or files to write (on Linux; elsewhere the log says which limits could not
    be set), with limits on memory and time. See `TRUST_WARNING`.

    Args:
        path: a zipped `.keras` file of one's own, whatever its name.

    Returns:
        An uncompiled Keras model from raw pixels `(n, 28, 28, 1)`, 0..255,
        to probabilities `(n, classes)`, of layers that an artifact may have. If
        the file's model takes `(n, 28, 28)` or pixels 0..1, it is adapted.

    Raises:
        ArtifactError: `missing` and the like; `not-an-artifact` (not a zip
            archive); `unexpected-member`; `budget`; `keras` (Keras cannot open
            it, or times out); `shape`; `not-probabilities`; `config-class` (a
            layer that an artifact cannot have), or other codes of
            `inspect_artifact`.

    Example:
        >>> from mnistcnn.artifact import pretrained_path
        >>> load_trusted(pretrained_path()).output_shape
        (None, 10)
    """
    data = _repack(read_file(path, MAX_TRUSTED_BYTES), path)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "trusted.keras"
        copy.write_bytes(data)
        answer = _ask_child(copy)
    kind, _, body = answer.partition(b"\n")
    if kind == b"error":
        code, _, detail = body.decode("utf-8", "replace").partition("\n")
        # A compromised child may answer anything.
        known = re.fullmatch("[a-z-]{1,30}", code)
        raise ArtifactError(
            code if known else "keras", f"{path}: {detail[:400]}"
        )
    if kind == b"" or not body:
        raise _keras_error(path, "it needs too much time or memory, or fails")
    for what in kind.decode("ascii", "replace").split(",")[1:]:
        _LOGGER.warning(
            "--trust: this system cannot limit the %s of the process that "
            "opens the file.",
            what,
        )
    return rebuild(check_bytes(body))


def _repack(data: bytes, path: object) -> bytes:
    """Extracts Keras' three members from an archive, within limits."""
    members: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            for name in (container.CONFIG, container.WEIGHTS):
                method = archive.getinfo(name).compress_type
                # This process is not sandboxed, and LZMA may ask for a
                # dictionary of 4 GB.
                if method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise NotImplementedError(f"compression {method}")
                with archive.open(name) as stream:
                    members[name] = stream.read(MAX_TRUSTED_BYTES + 1)
    # Raised by zipfile for files that are not archives, encrypted or truncated.
    except (
        zipfile.BadZipFile,
        KeyError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        zlib.error,
    ) as error:
        raise ArtifactError(
            "not-an-artifact",
            f"{path} is no .keras file ({quote(error, 60)}). Expected a zip "
            f"archive with {container.CONFIG} and {container.WEIGHTS}: save "
            'the model with model.save("name.keras").',
        ) from None
    if set(names) - set(container.BUDGETS) or len(set(names)) < len(names):
        odd = [n for n in names if n not in container.BUDGETS] or names
        raise ArtifactError(
            "unexpected-member",
            f"{path} holds {quote(odd[0], 40)}, or holds a member twice. "
            f"Expected {', '.join(container.BUDGETS)}: save a network without "
            "assets.",
        )
    if any(len(body) > MAX_TRUSTED_BYTES for body in members.values()):
        raise ArtifactError(
            "budget",
            f"{path} has a member of more than {MAX_TRUSTED_BYTES:,} bytes. "
            "Expected a small network: it is not one of this kind.",
        )
    return container.pack(members | {container.METADATA: b"{}"})


def _ask_child(path: Path) -> bytes:
    """Converts a file in a sandboxed process; returns its bounded answer."""
    environment = {
        **os.environ,
        "KERAS_BACKEND": backends.name,
        # Opening needs no accelerator, whose driver does not belong in a
        # sandbox.
        "CUDA_VISIBLE_DEVICES": "",
        "JAX_PLATFORMS": "cpu",
        "KERAS_TORCH_DEVICE": "cpu",
        # Each thread would reserve 64 MiB of the limited memory.
        "MALLOC_ARENA_MAX": "2",
        "PYTHONPATH": os.pathsep.join(place for place in sys.path if place),
    }
    code = "from mnistcnn.artifact.conversion import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=path.parent,
        env=environment,
    ) as child:
        timer = threading.Timer(TIMEOUT_SECONDS, child.kill)
        timer.start()
        try:
            assert child.stdout
            # Bounded, since the child may be compromised.
            return child.stdout.read(MAX_FILE_BYTES + 1000)
        finally:
            timer.cancel()
            child.kill()


def _keras_error(path: object, found: str) -> ArtifactError:
    return ArtifactError(
        "keras",
        f"Keras cannot open {path} ({found}). Expected a whole .keras file of "
        "stock layers: save it anew.",
    )
