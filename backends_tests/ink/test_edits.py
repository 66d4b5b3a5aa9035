import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistcnn.ink.edits import History, find_edit, make_edit, revert_edit

pytestmark = pytest.mark.core


class Thing:
    """Told apart by identity alone."""


@given(
    st.integers(0, 6),
    st.lists(st.sampled_from(["keep", "drop", "new"]), max_size=12),
)
def test_any_change_is_found_made_and_taken_back(count, script):
    before = [Thing() for _ in range(count)]
    rest, after = list(before), []
    for word in script:
        if word == "new":
            after.append(Thing())
        elif rest:
            thing = rest.pop(0)
            after += [thing] if word == "keep" else []
    after += rest
    edit = find_edit(before, after)
    items = list(before)
    make_edit(items, edit)
    assert items == after
    revert_edit(items, edit)
    assert items == before
    assert bool(edit) == (before != after)
    # In the space of what changed.
    assert sum(len(r) + len(a) for _, r, a in edit) == len(
        set(map(id, before)) ^ set(map(id, after))
    )


def test_a_new_change_forgets_what_was_taken_back():
    history = History(["a"])
    assert not history.undo()
    assert not history.redo()
    history.make(((1, (), ("b",)),))
    history.make(((0, ("a", "b"), ()),))
    assert history.items == []
    assert history.undo()
    assert history.items == ["a", "b"]
    assert history.redo()
    assert history.items == []
    assert history.undo()
    history.make(((2, (), ("c",)),))
    assert not history.redo()
    assert history.items == ["a", "b", "c"]
