"""The errors that a user can mend.

Every exception here carries one line: what was received, what was expected,
what to do. The command line prints that line and exits with the class's
`exit_code`.
"""

import contextlib
import contextvars
import re
import sys
import warnings
from collections.abc import Iterator


def make_printable(text: str, *, keep: str = "") -> str:
    r"""Escapes characters that a terminal would obey or show as others.

    Names and texts from files are untrusted: they may hold escape characters,
    C1 controls, DEL, overrides of the writing direction, or lone surrogates.
    Each is replaced by its escape (CVE-2021-42574 shows what the overrides do).

    Args:
        text: any.
        keep: characters that are left as they are, such as a line's end.

    Returns:
        The text, of printable characters alone.

    Example:
        >>> print(make_printable("a\x1b[2Jb"))
        a\x1b[2Jb
    """
    return "".join(
        c if c.isprintable() or c in keep else ascii(c)[1:-1] for c in text
    )


def make_line(text: object) -> str:
    """Makes one safe line of a text that may quote untrusted input.

    The line has only printable characters and no credentials: what stands
    before the `@` of a URL, even of a misspelt one, and the values of passwords
    are left out.

    Args:
        text: any; lines are joined by a space.

    Example:
        >>> make_line("mysql:/me:secret@host/db?password=x is no URL")
        '…@host/db?password=… is no URL'
    """
    line = re.sub(r"\s*[\r\n]+\s*", " ", str(text).strip())
    return make_printable(hide_secrets(line))


def hide_secrets(text: str) -> str:
    """Leaves the credentials of URLs out of a text, and passwords' values."""
    for secret, shown in _SECRETS:
        text = secret.sub(shown, text)
    return text


_SECRETS = (
    # A scheme is kept. The credentials are user:password, or just a token.
    (re.compile(r"(\w[\w+.-]*://)\S*@"), r"\1…@"),
    (re.compile(r"[^\s:/@\\'\"]+:[^\s…]+@"), "…@"),
    (re.compile(r"(?i)(\w*(?:passw|pwd|secret|token)\w*)=[^\s&;]+"), r"\1=…"),
)


class MnistcnnError(ValueError):
    """The base of every error that a user can mend.

    Args:
        message: the line, see `make_line`.
    """

    exit_code = 2

    def __init__(self, message: object = ""):
        super().__init__(make_line(message))


class DataError(MnistcnnError):
    """A data set, an image or a label is not valid."""


class ConfigError(MnistcnnError):
    """An option, a recipe or a path does not make sense."""


class CheckpointError(ConfigError):
    """A run directory's checkpoint is damaged, or of another format."""


class BackendError(MnistcnnError):
    """`KERAS_BACKEND` names a backend that cannot be used here."""


class DivergedError(MnistcnnError):
    """Training diverged: the loss is NaN or infinite."""

    exit_code = 3


class PeerError(MnistcnnError):
    """Another process that trained with this one is gone."""

    exit_code = 4


class PlanError(MnistcnnError):
    """A model that the engine has no plan for; `fit` can train it."""


class DisplayError(MnistcnnError):
    """There is no screen to open a window on."""


def quote(value: object, limit: int) -> str:
    """Quotes an untrusted value, for an error's one line.

    Args:
        value: any.
        limit: at most so many characters between the quotes; one that
            cannot be printed takes several.

    Example:
        >>> print(quote("a very long word", 6))
        'a very…'
    """
    text = repr(str(value))
    if len(text) <= limit + 2:
        return text
    return f"{text[: limit + 1]}…{text[0]}"


class DataWarning(UserWarning):
    """Data are accepted, but are probably not what was meant."""


def warn(text: str, category: type[UserWarning] = DataWarning) -> None:
    """Warns at the line that called mnistcnn, however deep this is.

    Args:
        text: one line, as an error's: what was received, what was expected,
            what to do.
        category: a class of warnings.
    """
    caught = _CAUGHT.get()
    if caught is not None:
        caught.append((make_line(text), category))
        return
    level, frame = 2, sys._getframe(1)
    own = __name__.partition(".")[0]
    while frame and frame.f_globals.get("__name__", "").split(".")[0] == own:
        level, frame = level + 1, frame.f_back
    warnings.warn(make_line(text), category, stacklevel=level)


Caught = list[tuple[str, type[UserWarning]]]
_CAUGHT: contextvars.ContextVar[Caught | None] = contextvars.ContextVar(
    "_CAUGHT", default=None
)


@contextlib.contextmanager
def catching_warnings(caught: Caught | None = None) -> Iterator[Caught]:
    """Collects this thread's warnings in a list instead of issuing them.

    Within it `warn` adds to the list, by default a new one. Python's own
    `catch_warnings` is for all threads at once.

    Example:
        >>> with catching_warnings() as caught:
        ...     warn("too bright")
        >>> caught[0][0]
        'too bright'
    """
    caught = [] if caught is None else caught
    token = _CAUGHT.set(caught)
    try:
        yield caught
    finally:
        _CAUGHT.reset(token)


class ArtifactError(MnistcnnError):
    """A `.keras` file is missing, broken, or not one of ours.

    Args:
        code: what is wrong, as a short stable word (`"truncated"`).
        detail: the sentence for a person.
    """

    def __init__(self, code: str, detail: str):
        super().__init__(f"{detail} [{code}]")
        self.code = code
        self.detail = detail

    def __reduce__(self):
        # By default, exceptions are pickled and copied by their text alone.
        return type(self), (self.code, self.detail)
