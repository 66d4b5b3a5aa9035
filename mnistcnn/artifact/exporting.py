"""Artifacts in the formats of other runtimes, checked by those runtimes."""

import contextlib
import dataclasses
import io
import logging
import os
import tempfile
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt

# Lazy, since a page is written without Keras.
from mnistcnn import artifact as artifacts
from mnistcnn import backends
from mnistcnn.artifact.formats import check_export, put_in_place
from mnistcnn.artifact.onnxfile import encode_onnx
from mnistcnn.artifact.webpage import make_page
from mnistcnn.backends import OPENERS
from mnistcnn.data import generate
from mnistcnn.errors import ConfigError

# Largest difference of a probability. Other kernels sum in another order: 1e-6
# was measured.
MAX_DIFFERENCE = 1e-4
# With 8-bit weights: least share of images with the same likeliest class.
MIN_SAME = 0.99


@dataclasses.dataclass(frozen=True)
class Export:
    """The result of an export.

    Args:
        path: the file or folder.
        num_bytes: its size, including accompanying files.
        difference: the largest difference of a probability over the test
            images.
        num_images: how many those were.
        num_same: for how many the likeliest class is the artifact's.
    """

    path: Path
    num_bytes: int
    difference: float
    num_images: int
    num_same: int


def export_artifact(
    artifact: str | os.PathLike[str] | None,
    form: str,
    out: str | os.PathLike[str],
) -> Export:
    """Writes an artifact in another format, and verifies the result.

    The file is opened by the format's own runtime and has to give the
    artifact's probabilities on generated digits, noise and a blank image; only
    then is it moved to its place. It takes raw pixels, 0..255, like the
    artifact. A page's own script is run by Node.js, on 1,000 images.

    Args:
        artifact: a `.keras` file, or `None` for the one that ships.
        form: a name in `mnistcnn.artifact.formats.FORMATS`.
        out: the file to write; a folder for `tf_saved_model`.

    Returns:
        An `Export`.

    Raises:
        ArtifactError: the artifact is missing or refused.
        ConfigError: the current backend cannot write the format, a package is
            missing, `out` exists or has another suffix, or the written file
            gives other probabilities.
    """
    found = check_export(form, out)
    out = Path(out)
    checked = artifacts.inspect_artifact(artifact)
    images = make_images(found.num_images)
    if found.writers:
        model = artifacts.rebuild(checked)
        with backends.own_settings():
            expected = np.asarray(model.predict_on_batch(images))
    else:
        model = None
        expected = backends.make_numpy_predictor(checked)(images)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".export") as where:
        written = Path(where) / out.name
        exact = _write(checked, model, form, written)
        try:
            answers = np.asarray(OPENERS[form](written)(images))
        except Exception as error:
            raise _fail(form, "be opened again", error) from error
        _compare(form, expected, answers, exact)
        return Export(
            out,
            put_in_place(found, written, out),
            float(np.abs(answers - expected).max()),
            len(images),
            int((answers.argmax(axis=1) == expected.argmax(axis=1)).sum()),
        )


def make_images(count: int) -> npt.NDArray[np.float32]:
    """Makes test images: digits, noise and a blank one.

    Args:
        count: how many, an even number above 8.

    Returns:
        `(count, 28, 28, 1)`, 0..255.
    """
    made = generate(limit=count // 2 - 4)
    noise = np.random.default_rng(0).integers(0, 256, (7, 28, 28))
    blank = np.zeros((1, 28, 28))
    parts = [made.x_train, made.x_test, noise, blank]
    return np.concatenate(parts)[..., None].astype("f4")


def _compare(
    form: str, expected: np.ndarray, answers: np.ndarray, exact: bool
) -> None:
    """Raises a `ConfigError` if a file's outputs differ from the artifact's."""
    if answers.shape != expected.shape:
        raise ConfigError(
            f"The {form} file gives outputs of shape {answers.shape}. Expected "
            f"{expected.shape}, as the artifact gives them: nothing was "
            "written; take another format or backend."
        )
    difference = float(np.abs(answers - expected).max())
    same = (answers.argmax(axis=1) == expected.argmax(axis=1)).mean()
    # Written so that NaN counts as a difference.
    close = difference <= (MAX_DIFFERENCE if exact else 1)
    if not (close and same >= (0 if exact else MIN_SAME)):
        raise ConfigError(
            f"The {form} file differs by {difference:.2g} from the "
            f"artifact. Expected at most {MAX_DIFFERENCE:g}, or with 8-bit "
            f"weights the same class for {MIN_SAME:.0%} of the images: nothing "
            "was written; take another format or backend."
        )


def _write(
    artifact: artifacts.Artifact,
    model: "backends.keras.Model | None",
    form: str,
    path: Path,
) -> bool:
    """Writes by Keras, or by our own code, without the converters' output.

    Returns:
        Whether all weights are in float32.
    """
    if form == "onnx":
        path.write_bytes(encode_onnx(artifact))
    elif form == "web":
        page = make_page(artifact)
        path.write_text(page, "utf-8")
        return '"bits":32' in page
    else:
        _let_keras_write(model, form, path)
    return True


def _let_keras_write(
    model: "backends.keras.Model", form: str, path: Path
) -> None:
    # A model has no signature before it is called.
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
    # Converters may raise anything.
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
