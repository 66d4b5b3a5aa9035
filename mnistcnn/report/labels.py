"""Words for what is compared: names, what sets two apart, lists in a sentence.

Runs and benchmark results alike are named by their backend, and by as little
more as it takes to tell those of one backend from each other.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mnistcnn import units
from mnistcnn.backends import TITLES

# The versions that no backend owns.
SHARED_VERSIONS = ("keras", "mnistcnn", "numpy", "python")


def name_backend(backend: str) -> str:
    """A backend as its makers write it.

    Args:
        backend: as `KERAS_BACKEND` has it; another name stays as it is.

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
    """Names one of several of a backend by what the others do not share.

    Args:
        backend: the backend that all the siblings run on.
        siblings: what the aspects read from; the one to be named among them.
        number: which of the siblings is to be named, from 0.
        aspects: per name of an aspect the function that reads its value,
            those that say most first.

    Returns:
        The backend's name alone where there is no sibling.
    """
    name = name_backend(backend)
    if len(siblings) == 1:
        return name
    said: list[tuple[str, ...]] = [()] * len(siblings)
    for key, read in aspects.items():
        values = [_describe(key, read(sibling)) for sibling in siblings]
        # Another aspect is worth its room only if it tells more of them apart.
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
    """Lists in which aspects the compared are not alike.

    Args:
        members: a label and what belongs to it, for each of the compared.
        aspects: per name of an aspect the function that reads it.
        within: whether what belongs to one label must be alike as well.

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
    """Puts before a conclusion how far it can be trusted.

    Args:
        sentence: the conclusion.
        warnings: the page's warnings; those of `list_differences` but for
            seeds forbid the comparison, all others ask for care.

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
        word: what stands before the last.

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
