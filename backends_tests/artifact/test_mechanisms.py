"""Each known mechanism by our doors: refused, and nothing read or written."""

import re
import sys
from pathlib import Path

import pytest

from mnistcnn.artifact import inspect_artifact
from mnistcnn.data import load_data
from mnistcnn.errors import ArtifactError, DataError
from reliability.mechanisms import MECHANISMS, READ, WRITTEN

pytestmark = pytest.mark.core

TABLE = Path(__file__).parents[2] / "docs" / "artifact.md"
CODES = {
    "lambda": "config-class",
    "function": "config-class",
    "get_file": "config-class",
    "load_model": "config-class",
    "legacy": "not-an-artifact",
    "unsafe": "config-class",
    "vocabulary": "config-class",
    "torch": "config-class",
    "shape bomb": "h5-layout",
    "external data": "h5-external",
    "external link": "h5-link",
    "soft links": "h5-unexpected",
    "saved model": "config-class",
    "up name": "config-value",
    "nested lambda": "config-class",
    "member bomb": "compressed-member",
    "npz bomb": "unexpected-member",
    "extraction bomb": "unexpected-member",
    "registered name": "config-value",
    "list": "config-syntax",
    "text": "config-value",
}


@pytest.fixture(scope="module")
def all_opened():
    """Notes what this process opens from now on, by Python."""
    found = []
    # It cannot be taken away again: one for all tests.
    sys.addaudithook(
        lambda name, args: name == "open" and found.append(str(args[0]))
    )
    return found


@pytest.fixture
def opened(all_opened):
    all_opened.clear()
    return all_opened


@pytest.fixture
def bait(tmp_path):
    folder = tmp_path / "bait"
    folder.mkdir()
    (folder / READ).write_text("secret\n")
    return folder


@pytest.mark.parametrize("key", MECHANISMS)
def test_a_known_mechanism_is_refused(key, bait, opened, tmp_path, monkeypatch):
    # A gigabyte is a matter of what is said, and takes seconds to write.
    monkeypatch.setattr("reliability.mechanisms.archives.BOMB", 1 << 27)
    mechanism = MECHANISMS[key]
    path = tmp_path / f"evil{mechanism.suffix}"
    path.write_bytes(mechanism.make(bait))
    before = sorted(bait.iterdir())
    opened.clear()
    with pytest.raises(ArtifactError) as caught:
        inspect_artifact(path)
    assert caught.value.code == CODES.get(key, "not-an-artifact")
    with pytest.raises(DataError):
        load_data(str(path))
    assert sorted(bait.iterdir()) == before, "something was written"
    assert not [e for e in opened if str(bait) in e], "something was read"


def test_the_watch_sees_what_is_opened(bait, opened):
    (bait / READ).read_text()
    assert str(bait / READ) in opened
    assert not (bait / WRITTEN).exists()


def test_the_page_has_a_row_for_each_mechanism():
    table = TABLE.read_text(encoding="utf-8")
    for mechanism in MECHANISMS.values():
        assert mechanism.what in table
        for name in mechanism.ids:
            assert name in table
    known = {name for m in MECHANISMS.values() for name in m.ids}
    found = set(re.findall(r"(?:CVE|GHSA)-[\w-]*\w", table))
    assert found == known
