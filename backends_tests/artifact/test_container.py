import io
import json
import os
import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import artifact_fixtures as fixtures
import numpy as np
import pytest
from artifact_fixtures import CARD, CONFIG, METADATA, WEIGHTS, flip, seal

from mnistcnn.artifact import check_bytes, container, inspect_artifact
from mnistcnn.artifact.card import parse_json
from mnistcnn.errors import ArtifactError

pytestmark = pytest.mark.core

HELPERS = Path(__file__).parents[1] / "helpers"
NUM_MUTANTS = 2000
GOOD = fixtures.good_bytes()
MEMBERS = fixtures.good_members()
# Where the weights' bytes lie in the file, well inside.
INSIDE_WEIGHTS = GOOD.index(MEMBERS[WEIGHTS]) + len(MEMBERS[WEIGHTS]) // 2
END = GOOD.rindex(b"PK\x05\x06")
DIRECTORY = GOOD.index(b"PK\x01\x02")


# === Cases ===


def patched(position: int, layout: str, *values: int) -> bytes:
    """The good file with a little-endian field of a zip record replaced."""
    changed = bytearray(GOOD)
    struct.pack_into(layout, changed, position, *values)
    return bytes(changed)


def patched_twice(offset: int, layout: str, value: int) -> bytes:
    """A field that both accounts of the first member agree on."""
    changed = bytearray(patched(DIRECTORY + offset + 2, layout, value))
    struct.pack_into(layout, changed, offset, value)
    return bytes(changed)


def with_prefix(prefix: bytes) -> bytes:
    """Bytes before the archive, every offset corrected as `zip -A` does."""
    buffer = io.BytesIO()
    buffer.write(prefix)
    with zipfile.ZipFile(buffer, "a") as archive:
        for name, body in MEMBERS.items():
            archive.writestr(zipfile.ZipInfo(name), body)
    return buffer.getvalue()


def with_gap() -> bytes:
    """Eight bytes between the last member and the directory."""
    end = bytearray(GOOD[END:])
    struct.pack_into("<I", end, 16, DIRECTORY + 8)
    return GOOD[:DIRECTORY] + bytes(8) + GOOD[DIRECTORY:END] + bytes(end)


def with_comment() -> bytes:
    buffer = io.BytesIO(GOOD)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b"a comment"
    return buffer.getvalue()


def with_zip64() -> bytes:
    """A second directory, which zipfile would take for the true one."""
    size = END - DIRECTORY
    record = struct.pack(
        "<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 4, 4, size, DIRECTORY
    )
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, END, 1)
    end = bytearray(GOOD[END:])
    struct.pack_into("<I", end, 12, size + len(record) + len(locator))
    return GOOD[:END] + record + locator + bytes(end)


def with_info(**attributes) -> bytes:
    """The good members, the first one's zip entry with odd attributes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in MEMBERS.items():
            info = zipfile.ZipInfo(name)
            if name == METADATA:
                for key, value in attributes.items():
                    setattr(info, key, value)
            archive.writestr(info, body)
    return buffer.getvalue()


def with_data_descriptor() -> bytes:
    """Sizes behind the data, as a writer that cannot seek leaves them."""

    class Pipe(io.RawIOBase):
        def __init__(self):
            self.data = b""

        def writable(self):
            return True

        def write(self, data):
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        for name, body in MEMBERS.items():
            archive.writestr(zipfile.ZipInfo(name), body)
    return pipe.data


def twice() -> bytes:
    buffer = io.BytesIO(GOOD)
    with (
        zipfile.ZipFile(buffer, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr(CONFIG, MEMBERS[CONFIG])
    return buffer.getvalue()


def deflated(name: str, body: bytes) -> bytes:
    return seal(MEMBERS | {name: body}, method=zipfile.ZIP_DEFLATED)


def utf16() -> bytes:
    return fixtures.with_member(CONFIG, MEMBERS[CONFIG].decode().encode("u16"))


def forged() -> bytes:
    """One bit of the weights, in a file whose checksums are right."""
    position = len(MEMBERS[WEIGHTS]) // 2
    return seal(MEMBERS | {WEIGHTS: flip(MEMBERS[WEIGHTS], position)})


def config_text(text: bytes) -> bytes:
    return fixtures.with_member(CONFIG, text)


def edit_card(**keys) -> bytes:
    return fixtures.edit_json(CARD, lambda card: card.update(keys))


def edit_metadata(**keys) -> bytes:
    return fixtures.edit_json(METADATA, lambda data: data.update(keys))


LAYOUT_CASES = {
    "empty": (lambda: b"", "not-an-artifact", "begins with b''"),
    "html": (lambda: b"<!DOCTYPE html><p>", "not-an-artifact", "<!DOCTYPE ht"),
    "h5": (
        lambda: MEMBERS[WEIGHTS],
        "not-an-artifact",
        r"begins with b'\\x89HDF",
    ),
    "empty archive": (lambda: seal({}), "not-an-artifact", "begins with b'PK"),
    "half": (lambda: GOOD[: len(GOOD) // 2], "truncated", "its end is missing"),
    "last byte cut": (lambda: GOOD[:-1], "truncated", "its end is missing"),
    "bit flip": (
        lambda: flip(GOOD, INSIDE_WEIGHTS),
        "checksum",
        "model.weights.h5 does not match its checksum",
    ),
    "forged": (lambda: forged(), "digest", "the card says '[0-9a-f]{16}…'"),
    "script": (
        lambda: with_prefix(b"#!/bin/sh\n"),
        "layout",
        "begins with b'#!/bin",
    ),
    "prefix": (lambda: b"MZ" + GOOD, "layout", "begins with b'MZPK"),
    "zeros behind": (
        lambda: GOOD + bytes(64),
        "layout",
        "bytes after its end",
    ),
    "comment": (lambda: with_comment(), "layout", "bytes after its end"),
    "comment announced": (
        lambda: patched(END + 20, "<H", 5),
        "layout",
        "bytes after its end",
    ),
    "flags": (
        lambda: patched_twice(6, "<H", 1),
        "layout",
        "odd or inconsistent headers of metadata.json",
    ),
    "packed size": (
        lambda: patched_twice(18, "<I", 7),
        "layout",
        "odd or inconsistent headers of metadata.json",
    ),
    "disk of a member": (
        lambda: patched(DIRECTORY + 34, "<H", 1),
        "layout",
        "odd or inconsistent headers of metadata.json",
    ),
    "two archives": (
        lambda: GOOD + GOOD,
        "layout",
        "a directory that is not at its end",
    ),
    "gap": (lambda: with_gap(), "layout", "belong to no member"),
    "zip64": (lambda: with_zip64(), "layout", "a damaged directory"),
    "entry count": (
        lambda: patched(END + 8, "<2H", 3, 3),
        "layout",
        "belong to no member",
    ),
    "second disk": (
        lambda: patched(END + 4, "<2H", 1, 1),
        "layout",
        "a directory that is not at its end",
    ),
    "offset": (
        lambda: patched(DIRECTORY + 42, "<I", 7),
        "layout",
        "odd or inconsistent headers of metadata.json",
    ),
    "name length": (
        lambda: patched(DIRECTORY + 28, "<H", 0xFFFF),
        "unexpected-member",
        "The archive holds 'metadata.json",
    ),
    "entry magic": (
        lambda: flip(GOOD, DIRECTORY),
        "layout",
        "a damaged directory",
    ),
    "local name": (
        lambda: GOOD.replace(b"config.json", b"Config.json", 1),
        "layout",
        "odd or inconsistent headers of config.json",
    ),
    "local checksum": (
        lambda: flip(GOOD, 14),
        "layout",
        "odd or inconsistent headers of metadata",
    ),
    "extra field": (
        lambda: with_info(extra=b"\x99\x99\0\0"),
        "layout",
        "odd or inconsistent headers of metadata.json",
    ),
    "member comment": (
        lambda: with_info(comment=b"hm"),
        "layout",
        "odd or inconsistent headers of metadata.json",
    ),
    "data descriptor": (
        lambda: with_data_descriptor(),
        "layout",
        "odd or inconsistent headers of metadata.json",
    ),
    "encrypted": (
        lambda: patched(DIRECTORY + 8, "<H", 1),
        "layout",
        "odd or inconsistent headers of metadata.json",
    ),
    "two configs": (
        lambda: twice(),
        "duplicate-member",
        "config.json is there twice",
    ),
    "path": (
        lambda: fixtures.with_member("../../evil.txt", b"x"),
        "unexpected-member",
        r"holds '\.\./\.\./evil\.txt'",
    ),
    "asset": (
        lambda: fixtures.with_member("assets/a", b"x"),
        "unexpected-member",
        "holds 'assets/a'",
    ),
    "odd name": (
        lambda: fixtures.with_member("\u202e\nevil", b"x"),
        "unexpected-member",
        "holds '",
    ),
    "spaces": (
        lambda: deflated(CONFIG, b" " * (64 << 20) + MEMBERS[CONFIG]),
        "compressed-member",
        "metadata.json is compressed",
    ),
    "zeros": (
        lambda: deflated("assets/zeros", bytes(200 << 20)),
        "compressed-member",
        "metadata.json is compressed",
    ),
    "large config": (
        lambda: config_text(b" " * (256 << 10) + MEMBERS[CONFIG]),
        "budget",
        r"config.json has 26\d,\d{3} bytes. Expected at most 262,144",
    ),
    "large card": (
        lambda: fixtures.with_member(CARD, bytes(65 << 10)),
        "budget",
        "mnistcnn.json has 66,560 bytes. Expected at most 65,536",
    ),
    "no weights": (
        lambda: fixtures.without_member(WEIGHTS),
        "missing-member",
        "no model.weights.h5",
    ),
    "no config": (
        lambda: fixtures.without_member(CONFIG),
        "missing-member",
        "no config.json",
    ),
    "no metadata": (
        lambda: fixtures.without_member(METADATA),
        "missing-member",
        "no metadata.json",
    ),
}
JSON_CASES = {
    "deep": (
        lambda: config_text(b"[" * 100_000),
        "config-depth",
        "nested 100000 deep",
    ),
    "deep objects": (
        lambda: config_text(b'{"a":' * 40_000),
        "config-depth",
        "nested 40000 deep",
    ),
    "deep card": (
        lambda: fixtures.with_member(CARD, b'{"a":' * 40 + b"1" + b"}" * 40),
        "config-depth",
        "mnistcnn.json is nested 40 deep",
    ),
    "quotes": (
        lambda: config_text(b'"' + b'\\"' * 130_000),
        "config-syntax",
        "Unterminated string",
    ),
    "backslash": (
        lambda: config_text(b'{"\\'),
        "config-syntax",
        "not strict JSON",
    ),
    "key twice": (
        lambda: config_text(
            MEMBERS[CONFIG].replace(b'"units"', b'"units": 9, "units"')
        ),
        "config-syntax",
        "a key given twice",
    ),
    "NaN": (
        lambda: config_text(
            MEMBERS[CONFIG].replace(b'"rate": 0.25', b'"rate": NaN')
        ),
        "config-syntax",
        "not JSON compliant",
    ),
    "infinity": (
        lambda: config_text(
            MEMBERS[CONFIG].replace(b'"rate": 0.25', b'"rate": 1e999')
        ),
        "config-syntax",
        "not JSON compliant",
    ),
    "surrogate": (
        lambda: edit_card(recipe="\ud800"),
        "config-syntax",
        "mnistcnn.json is not strict JSON",
    ),
    "long number": (
        lambda: config_text(b'{"a": ' + b"9" * 5000 + b"}"),
        "config-syntax",
        "config.json is not strict JSON",
    ),
    "UTF-16": (lambda: utf16(), "config-syntax", "'utf-8' codec can't decode"),
    "trailing": (
        lambda: config_text(MEMBERS[CONFIG] + b"{}"),
        "config-syntax",
        "Extra data",
    ),
    "empty config": (
        lambda: config_text(b""),
        "config-syntax",
        "Expecting value",
    ),
    "list": (
        lambda: config_text(b"[]"),
        "config-syntax",
        "config.json holds a list",
    ),
}
CARD_CASES = {
    "Keras 99": (
        lambda: edit_metadata(keras_version="99.0.0"),
        "version",
        "written by Keras '99.0.0'. Expected Keras 3",
    ),
    "no version": (
        lambda: edit_metadata(keras_version=None),
        "version",
        "by Keras 'None'",
    ),
    "version with a line": (
        lambda: edit_metadata(keras_version="\n\x1b[31m"),
        "version",
        r"by Keras '\\n\\x1b",
    ),
    "card of the future": (
        lambda: edit_card(format=2),
        "version",
        "The card has format '2'. Expected 1",
    ),
    "format true": (lambda: edit_card(format=True), "version", "format 'True'"),
    "no digest": (
        lambda: edit_card(weights_sha256=None),
        "digest",
        "the card says 'None'",
    ),
    "nine classes": (
        lambda: edit_card(classes=list("012345678")),
        "config-value",
        "names the classes .* Expected 10 short names",
    ),
    "classes no list": (
        lambda: edit_card(classes="0123456789"),
        "config-value",
        "names the classes '0123456789'",
    ),
    "long class": (
        lambda: edit_card(classes=["x" * 41] * 10),
        "config-value",
        "Expected 10 short names",
    ),
    "class with escapes": (
        lambda: edit_card(classes=["\x1b[2J"] * 10),
        "config-value",
        "Expected 10 short names",
    ),
}
CASES = LAYOUT_CASES | JSON_CASES | CARD_CASES


# === Tests ===


@pytest.mark.parametrize("name", CASES)
def test_a_broken_file_is_refused_with_its_code(name):
    build, code, text = CASES[name]
    fixtures.refuse(build(), code, text)


def test_the_good_file_is_accepted():
    artifact = check_bytes(GOOD)
    assert artifact.name == "mnistcnn"
    assert artifact.classes == tuple("0123456789")
    assert artifact.parameters == 3410
    assert artifact.card["recipe"] == "tutorial"


def test_a_file_without_a_card_is_accepted():
    artifact = check_bytes(fixtures.without_member(CARD))
    assert artifact.card == {}
    assert artifact.classes == tuple("0123456789")


def test_pack_and_unpack_are_inverse_and_repeatable():
    packed = container.pack(MEMBERS)
    assert container.unpack(packed) == MEMBERS
    assert container.pack(container.unpack(packed)) == packed
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        assert {i.date_time for i in archive.infolist()} == {
            (1980, 1, 1, 0, 0, 0)
        }


@pytest.mark.parametrize("kind", [Path, str, os.fsencode])
def test_of_a_run_s_folder_the_artifact_is_named(kind, tmp_path):
    (tmp_path / "best.keras").write_bytes(b"")
    with pytest.raises(ArtifactError, match=r"bytes: name .*best\.keras\."):
        inspect_artifact(kind(tmp_path))


def test_brackets_in_strings_do_not_count_as_depth():
    body = json.dumps({"a": '[{"\\' * 100}).encode()
    assert parse_json(body, "x") == {"a": '[{"\\' * 100}


@pytest.mark.parametrize(
    ("make", "code", "text"),
    [
        (lambda p: None, "missing", "does not exist"),
        (lambda p: p.mkdir(), "not-a-file", "Is a folder, not a regular file"),
        (lambda p: p.symlink_to(os.devnull), "not-a-file", "Is a device"),
        # It is a regular file, but the first read fails.
        (
            lambda p: p.symlink_to("/proc/self/mem"),
            "unreadable",
            "cannot be read",
        ),
        (lambda p: os.mkfifo(p), "not-a-file", "Is a pipe, not a regular file"),
        (lambda p: p.symlink_to(p), "unreadable", "cannot be read"),
        (
            lambda p: p.write_bytes(bytes(22 << 20)),
            "budget",
            "Has more than 22,020,096 bytes). Expected a .keras file of at",
        ),
    ],
    ids=[
        "missing",
        "folder",
        "device",
        "read error",
        "FIFO",
        "symlink loop",
        "too large",
    ],
)
def test_a_path_that_is_no_file_is_refused(tmp_path, make, code, text):
    path = tmp_path / "net.keras"
    make(path)
    before = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc") else 0
    with pytest.raises(ArtifactError, match=re.escape(text)) as caught:
        inspect_artifact(path)
    assert caught.value.code == code
    after = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc") else 0
    assert after == before, "the file was left open"


@pytest.mark.parametrize(
    ("path", "text"),
    [("net\0.keras", "No file has such a name"), ("x" * 5000, "too long")],
)
def test_a_path_that_cannot_be_is_refused(path, text):
    with pytest.raises(ArtifactError, match=text) as caught:
        inspect_artifact(path)
    assert caught.value.code == "unreadable"


def test_a_file_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    # Mode bits do not stop root, who runs tests in containers.
    def deny(*_):
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "a.keras"
    path.write_bytes(GOOD)
    monkeypatch.setattr(os, "open", deny)
    with pytest.raises(ArtifactError, match="Permission denied") as caught:
        inspect_artifact(path)
    assert caught.value.code == "unreadable"
    assert "check the path" in str(caught.value)


def test_mutants_are_refused_or_mean_the_same():
    rng = np.random.default_rng(0)
    good = check_bytes(GOOD)
    refused = 0
    for number in range(NUM_MUTANTS):
        mutant = fixtures.mutate(GOOD, rng)
        try:
            accepted = check_bytes(mutant)
        except ArtifactError:
            refused += 1
        else:
            assert fixtures.same(accepted, good), number
    assert refused > NUM_MUTANTS * 0.9


# A child: HDF5 is a C library, and a mutant that kills it must be a failure
# of one test.
CHILD = """
import resource, sys
sys.path.insert(0, sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
import json
import numpy as np
import artifact_fixtures as fixtures
from mnistcnn.errors import ArtifactError

rng = np.random.default_rng(1)
members = fixtures.good_members()
config = json.loads(members[fixtures.CONFIG])
refused = 0
for number in range(int(sys.argv[2])):
    broken = dict(members)
    if number % 2:
        weights = fixtures.mutate(members[fixtures.WEIGHTS], rng)
        broken = fixtures.sign(members | {fixtures.WEIGHTS: weights})
    else:
        text = json.dumps(fixtures.mutate_json(config, rng))
        broken[fixtures.CONFIG] = text.encode()
    try:
        fixtures.check_bytes(fixtures.seal(broken))
    except ArtifactError as error:
        assert str(error).isprintable() and len(str(error)) < 300, str(error)
        refused += 1
print(refused)
"""


def test_mutants_that_are_signed_anew_raise_nothing_else():
    command = [sys.executable, "-c", CHILD, str(HELPERS), "300"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100
