"""Words for comparisons: names, differences, lists in a sentence.

Runs and benchmark results are named by their backend, and by as little more as
distinguishes those of one backend.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mnistcnn import units
from mnistcnn.backends import TITLES

# The versions that do not belong to a backend.
SHARED_VERSIONS = ("keras", "mnistcnn", "numpy", "python")


def name_backend(backend: str) -> str:
    """Returns a backend's name in its makers' spelling.

    Args:
        backend: as in `KERAS_BACKEND`; other names are unchanged.

    Example:
        >>> name_backend("torch")
        'PyTorch'
    """
    return TITLES.get(backend, backend)


def name_apart(
    backend: str,
    siblings: Sequence[Any],
    number: int,
    aspects: Mapping[str, Callable[[Any], Any]],
) -> str:
    """Names one of several of a backend by its differences from the others.

    Args:
        backend: the backend that all the siblings run on.
        siblings: all of them, including the one to be named.
        number: the index of the one to be named.
        aspects: for each aspect's name the function that reads its value, the
            most informative first.

    Returns:
        The name; only the backend's if there are no others.
    """
    name = name_backend(backend)
    if len(siblings) == 1:
        return name
    said: list[tuple[str, ...]] = [()] * len(siblings)
    for key, read in aspects.items():
        values = [_describe(key, read(sibling)) for sibling in siblings]
        # A further aspect is used only if it distinguishes more of them.
        pairs = zip(said, values, strict=True)
        finer: list[tuple[str, ...]] = [(*old, new) for old, new in pairs]
        if len(set(finer)) > len(set(said)):
            said = finer
    if said.count(said[number]) > 1:
        said[number] = (*said[number], f"no. {number + 1}")
    return ", ".join((name, *said[number]))


def list_differences(
    members: Sequence[tuple[str, Sequence[Any]]],
    aspects: Mapping[str, Callable[[Any], Any]],
    *,
    within: bool = False,
) -> list[str]:
    """Lists the aspects in which the members differ.

    Args:
        members: a label and its object, for each of the compared.
        aspects: for each aspect's name the function that reads it.
        within: whether objects of the same label must be equal as well.

    Returns:
        One sentence per aspect, with every label's values.
    """
    found = []
    for name, read in aspects.items():
        said = [
            (label, sorted({units.plain(read(one)) for one in some}))
            for label, some in members
        ]
        mixed = within and any(len(values) > 1 for _, values in said)
        if mixed or len({tuple(values) for _, values in said}) > 1:
            text = "; ".join(
                f"{label}: {', '.join(values)}" for label, values in said
            )
            found.append(f"Different {name}: {text}.")
    return found


def qualify(sentence: str, warnings: Sequence[str]) -> str:
    """Qualifies a conclusion by how far it can be trusted.

    Args:
        sentence: the conclusion.
        warnings: the page's warnings; those of `list_differences`, except for
            seeds, rule out the comparison, all others call for care.

    Returns:
        The sentence, which starts with a capital.
    """
    if any(
        text.startswith("Different ") and not text.startswith("Different seeds")
        for text in warnings
    ):
        return f"Not a fair comparison (see the warnings): {sentence}"
    if warnings:
        return f"With care (see the warnings): {sentence}"
    return sentence[0].upper() + sentence[1:]


def join_words(texts: Iterable[str], word: str = "and") -> str:
    """Joins texts as a sentence does.

    Args:
        texts: at least one.
        word: before the last one.

    Returns:
        The texts with commas, and the word before the last.

    Example:
        >>> join_words(["JAX", "PyTorch", "TensorFlow"])
        'JAX, PyTorch and TensorFlow'
    """
    *rest, last = texts
    return f"{', '.join(rest)} {word} {last}" if rest else last


def _describe(key: str, value: Any) -> str:
    """Names an aspect's value in a few words."""
    text = str(value)
    text = text if len(text) <= 24 else text[:23] + "…"
    named = key in ("config recipe", "device", "folder", "processor")
    return text if named else f"{key.removeprefix('config ')} {text}"
