"""Undo and redo: changes of a list, stored as differences.

A whole copy of the list for each change would take quadratic memory.
"""

from collections.abc import Sequence
from typing import Any

# Splices `(index, removed, added)` in ascending order; the index is that of
# the list before the change.
Edit = tuple[tuple[int, tuple[Any, ...], tuple[Any, ...]], ...]


def make_edit(items: list[Any], edit: Edit) -> None:
    """Changes a list in place.

    Args:
        items: the list.
        edit: what changes.

    Example:
        >>> items = ["a", "b", "c"]
        >>> make_edit(items, ((1, ("b",), ("x", "y")),))
        >>> items
        ['a', 'x', 'y', 'c']
    """
    # From the end: what comes before a splice keeps its place.
    for index, removed, added in reversed(edit):
        items[index : index + len(removed)] = added


def revert_edit(items: list[Any], edit: Edit) -> None:
    """Takes a change back, in place.

    Args:
        items: the list as the change left it.
        edit: what changed.

    Example:
        >>> items = ["a", "x", "y", "c"]
        >>> revert_edit(items, ((1, ("b",), ("x", "y")),))
        >>> items
        ['a', 'b', 'c']
    """
    for index, removed, added in edit:
        items[index : index + len(added)] = removed


def find_edit(before: Sequence[Any], after: Sequence[Any]) -> Edit:
    """Finds the change from one list to another.

    Args:
        before: objects, each there once.
        after: some of the same objects in the same order, and others.

    Returns:
        The change.

    Example:
        >>> a, b, c, new = "a", "b", "c", "new"
        >>> find_edit([a, b, c], [a, new, c])
        ((1, ('b',), ('new',)),)
    """
    known = {id(item) for item in before}
    edit, place = [], 0
    for index, item in enumerate(before):
        new = _take_new(after, place, known)
        place += len(new)
        kept = place < len(after) and after[place] is item
        place += kept
        if new or not kept:
            edit.append((index, () if kept else (item,), new))
    if place < len(after):
        edit.append((len(before), (), tuple(after[place:])))
    return tuple(edit)


def _take_new(items, place, known):
    end = place
    while end < len(items) and id(items[end]) not in known:
        end += 1
    return tuple(items[place:end])


class History:
    """A list, and the changes of it that can be taken back and done again.

    Args:
        items: the list, which is changed in place.

    Example:
        >>> history = History(["a"])
        >>> history.make(((1, (), ("b",)),))
        >>> history.undo(), history.items, history.undo()
        (True, ['a'], False)
        >>> history.redo(), history.items
        (True, ['a', 'b'])
    """

    def __init__(self, items: list[Any]):
        self.items: list[Any] = items
        self._done: list[Edit] = []
        self._undone: list[Edit] = []

    def make(self, edit: Edit) -> None:
        """Makes a change."""
        make_edit(self.items, edit)
        self.record(edit)

    def record(self, edit: Edit) -> None:
        """Notes a change that has been made."""
        self._done.append(edit)
        self._undone.clear()

    def undo(self) -> bool:
        """Takes the last change back.

        Returns:
            Whether there was one.
        """
        if not self._done:
            return False
        self._undone.append(self._done.pop())
        revert_edit(self.items, self._undone[-1])
        return True

    def redo(self) -> bool:
        """Makes again the change that was taken back last.

        Returns:
            Whether there was one.
        """
        if not self._undone:
            return False
        self._done.append(self._undone.pop())
        make_edit(self.items, self._done[-1])
        return True
