"""Loading data for a command, and what is said of them."""

import threading
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from mnistcnn.cli.printer import warn
from mnistcnn.errors import Caught, catching_warnings

if TYPE_CHECKING:
    from mnistcnn.data import Dataset

Result = TypeVar("Result")


def load(
    source: Sequence[str] | None,
    limit: int | None = None,
    classes: str | Sequence[str] | None = None,
    beside: Callable[[], object] | None = None,
) -> "Dataset":
    """Loads data, with a prominent warning if strokes replace MNIST.

    Args:
        source: the value of `--data`.
        limit: at most this many images of each part.
        classes: the value of `--classes`, or the classes' names.
        beside: work to do at the same time; warnings come after it, since an
            import of a framework would hide them.
    """
    from mnistcnn.data import load_data, parse_classes

    if isinstance(classes, str):
        classes = parse_classes(classes)

    def read(caught: Caught) -> tuple["Dataset", Caught]:
        with catching_warnings(caught):
            data = load_data(source or "auto", limit=limit, classes=classes)
        return data, caught

    if beside is None:
        return read(_Shown())[0]
    dataset, caught = _do_both(lambda: read([]), beside)
    for text, category in caught:
        _show(text, category)
    return dataset


class _Shown(list[tuple[str, type[UserWarning]]]):
    """Warnings that are shown as they are caught: generating takes long."""

    def append(self, caught: tuple[str, type[UserWarning]], /) -> None:
        _show(*caught)


def _show(text: str, category: type[UserWarning]) -> None:
    from mnistcnn.data import GENERATED, GeneratedDataWarning

    if issubclass(category, GeneratedDataWarning):
        warn(GENERATED.upper(), text)
    else:
        warnings.warn_explicit(text, category, __file__, 0)


def _do_both(
    first: Callable[[], Result], second: Callable[[], object]
) -> Result:
    """Runs one function in a thread and one here; the first's errors win."""
    done: Future[Result] = Future()

    def run() -> None:
        try:
            done.set_result(first())
        except BaseException as error:
            done.set_exception(error)

    # Ctrl-C ends the program even if the thread is blocked.
    threading.Thread(target=run, daemon=True).start()
    try:
        second()
    except Exception:
        done.result()
        raise
    return done.result()
