"""Artifacts in the formats of other runtimes, checked by those runtimes."""

import contextlib
import dataclasses
import io
import logging
import os
import shutil
import tempfile
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mnistcnn import backends
from mnistcnn.artifact import Artifact, inspect_artifact, rebuild
from mnistcnn.artifact.formats import Format, check_export
from mnistcnn.artifact.onnxfile import encode_onnx
from mnistcnn.backends import OPENERS, keras
from mnistcnn.data import generate
from mnistcnn.errors import ConfigError

NUM_IMAGES = 48
# Of a probability. Other kernels, other order of sums: 1e-6 was measured.
MAX_DIFFERENCE = 1e-4


@dataclasses.dataclass(frozen=True)
class Export:
    """What an export came to.

    Args:
        path: the file or folder.
        num_bytes: its size, with what comes beside it.
        difference: the largest of a probability, over the made images.
        num_images: how many those were.
    """

    path: Path
    num_bytes: int
    difference: float
    num_images: int


def export_artifact(
    artifact: str | os.PathLike[str] | None,
    form: str,
    out: str | os.PathLike[str],
) -> Export:
    """Writes an artifact in another format, and checks what was written.

    The file is opened again by the format's own runtime and has to answer as
    the artifact does, on generated digits, noise and a blank; only then is it
    put in its place. It takes raw pixels, 0..255, as the artifact does.

    Args:
        artifact: a `.keras` file, or `None` for the one that ships.
        form: a name in `mnistcnn.artifact.formats.FORMATS`.
        out: the file to write; a folder for `tf_saved_model`.

    Returns:
        An `Export`.

    Raises:
        ArtifactError: the artifact is missing or refused.
        ConfigError: the current backend cannot write the format, a package
            is missing, `out` is there already or has another suffix, or the
            written file answers otherwise.
    """
    found = check_export(form, out)
    out = Path(out)
    checked = inspect_artifact(artifact)
    model = rebuild(checked)
    images = make_images()
    expected = np.asarray(model.predict_on_batch(images))
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".export") as where:
        written = Path(where) / out.name
        _write(checked, model, form, written)
        try:
            answers = np.asarray(OPENERS[form](written)(images))
        except Exception as error:
            raise _fail(form, "be opened again", error) from error
        if answers.shape != expected.shape:
            raise ConfigError(
                f"The {form} file answers {answers.shape}. Expected "
                f"{expected.shape}, as the artifact: nothing was written; "
                "take another format or backend."
            )
        difference = float(np.abs(answers - expected).max())
        # Written so that NaN is no agreement.
        if not difference <= MAX_DIFFERENCE:
            raise ConfigError(
                f"The {form} file differs by {difference:.2g} from the "
                f"artifact. Expected at most {MAX_DIFFERENCE:g}: nothing was "
                "written; take another format or backend."
            )
        return _put_in_place(found, written, out, difference, len(images))


def make_images() -> npt.NDArray[np.float32]:
    """Makes digits, noise and a blank.

    Returns:
        `(NUM_IMAGES, 28, 28, 1)`, 0..255.
    """
    digits = generate(limit=NUM_IMAGES - 8).x_test
    noise = np.random.default_rng(0).integers(0, 256, (7, 28, 28))
    blank = np.zeros((1, 28, 28))
    return np.concatenate([digits, noise, blank])[..., None].astype("f4")


def _write(
    artifact: Artifact, model: keras.Model, form: str, path: Path
) -> None:
    """Lets Keras write, or ours; the converters' chatter is dropped."""
    if form == "onnx":
        path.write_bytes(encode_onnx(artifact))
        return
    # A model that was never called has no signature.
    model(np.zeros((1, *model.input_shape[1:]), "f4"))
    logging.disable(logging.WARNING)
    heard = io.StringIO()
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(heard),
            contextlib.redirect_stderr(heard),
        ):
            warnings.simplefilter("ignore")
            model.export(str(path), format=form, verbose=False)
    # Converters raise whatever theirs raise.
    except Exception as error:
        raise _fail(form, "be written", error) from error
    finally:
        logging.disable(logging.NOTSET)


def _fail(form: str, what: str, error: Exception) -> ConfigError:
    said = " ".join(str(error).split())[:160]
    return ConfigError(
        f"{form} could not {what} on {backends.name} "
        f"({type(error).__name__}: {said}). Expected the versions that "
        "mnistcnn was tested with: try another format or backend."
    )


def _put_in_place(
    found: Format, written: Path, out: Path, difference: float, n: int
) -> Export:
    pairs = [(written, out)]
    for suffix in found.beside:
        pairs.append((written.with_suffix(suffix), out.with_suffix(suffix)))
    size = 0
    # What the main file needs goes first: it never stands alone.
    for source, target in reversed(pairs):
        files = [p for p in (source, *source.rglob("*")) if p.is_file()]
        size += sum(p.stat().st_size for p in files)
        shutil.move(source, target)
    return Export(out, size, difference, n)
