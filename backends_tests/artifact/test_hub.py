"""Artifacts on the Hub, by a server of our own."""

import sys
from pathlib import Path, PureWindowsPath

import pytest
from local_hub import Hub

from mnistcnn import DigitClassifier, inspect_artifact
from mnistcnn.artifact import (
    parse_address,
    pretrained_path,
    publish_artifact,
    read_file,
)
from mnistcnn.artifact.fetching import _fetch
from mnistcnn.errors import ArtifactError, ConfigError, DataWarning

pytestmark = pytest.mark.core

PLACE = "/me/digits/resolve/main/mnistcnn.keras"


@pytest.fixture
def hub(monkeypatch, tmp_path):
    _fetch.cache_clear()
    with Hub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        monkeypatch.setattr(
            "mnistcnn.artifact.hub.cache_folder", lambda: tmp_path / "cache"
        )
        yield hub
    _fetch.cache_clear()


@pytest.fixture
def shipped():
    return pretrained_path().read_bytes()


def test_an_address_is_read_once_and_kept(hub, shipped, tmp_path):
    hub.files[PLACE] = shipped
    found = inspect_artifact("hf://me/digits")
    assert found.parameters == inspect_artifact().parameters
    kept = tmp_path / "cache" / "hub" / "me--digits@main" / "mnistcnn.keras"
    assert kept.read_bytes() == shipped
    # What a command line and a Path make of it; no second request.
    assert DigitClassifier.from_artifact(Path("hf://me/digits")).name == (
        "digits"
    )
    assert hub.requests == [f"GET {PLACE}"]
    assert hub.tokens == {None}


def test_a_revision_is_part_of_the_address(hub, shipped, tmp_path):
    commit = "a" * 40
    hub.files[PLACE.replace("main", "v1.0")] = shipped
    hub.files[PLACE.replace("main", commit)] = shipped
    inspect_artifact("hf://me/digits@v1.0")
    inspect_artifact(f"hf://me/digits@{commit}")
    _fetch.cache_clear()
    hub.files.clear()
    # A commit cannot change: nobody is asked again, and nothing is said.
    inspect_artifact(f"hf://me/digits@{commit}")
    assert len(hub.requests) == 2


def test_without_the_network_the_cache_is_used_and_said(
    hub, shipped, monkeypatch
):
    hub.files[PLACE] = shipped
    inspect_artifact("hf://me/digits")
    for name, value in (
        ("HF_ENDPOINT", "http://127.0.0.1:9"),
        ("HF_HUB_OFFLINE", "1"),
    ):
        _fetch.cache_clear()
        monkeypatch.setenv(name, value)
        with pytest.warns(DataWarning, match="downloaded before is used: .*@"):
            inspect_artifact("hf://me/digits")
    hub.status = 503
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.delenv("HF_HUB_OFFLINE")
    _fetch.cache_clear()
    with pytest.warns(DataWarning, match="503 Service Unavailable"):
        inspect_artifact("hf://me/digits")


def test_a_teacher_may_be_on_the_hub(hub, shipped):
    from mnistcnn.training import recipe, teach

    hub.files[PLACE] = shipped
    start = teach(recipe("fast"), "hf://me/digits").steps[0]
    assert start.weights_sha256 == inspect_artifact().weights_sha256


@pytest.mark.parametrize("status", [401, 404])
def test_what_is_there_no_more_is_an_error(hub, shipped, status):
    hub.files[PLACE] = shipped
    inspect_artifact("hf://me/digits")
    _fetch.cache_clear()
    hub.status = status
    with pytest.raises(ArtifactError, match=f"{status} .* is public") as found:
        inspect_artifact("hf://me/digits")
    assert found.value.code == "download"
    assert "for you" not in str(found.value)


def test_what_is_no_artifact_is_refused_and_the_cache_stays(
    hub, shipped, tmp_path
):
    hub.files[PLACE] = shipped
    inspect_artifact("hf://me/digits")
    for body, code in (
        (shipped[:-9], "truncated"),
        (b"<html>", "not-an-artifact"),
        (shipped.replace(b'"MNIST"', b'"MNOST"'), "checksum"),
    ):
        _fetch.cache_clear()
        hub.files[PLACE] = body
        with pytest.raises(ArtifactError) as found:
            inspect_artifact("hf://me/digits")
        assert found.value.code == code
    (kept,) = tmp_path.rglob("*.keras")
    assert kept.read_bytes() == shipped
    assert [*tmp_path.rglob("*.part")] == []


@pytest.mark.parametrize("address", ["hf://", "hf://me"])
def test_an_address_that_became_a_path_is_shown_as_it_was(hub, address):
    with pytest.raises(ArtifactError, match=f"'{address}' is no address"):
        inspect_artifact(Path(address))


@pytest.mark.parametrize(
    "address",
    [
        "hf://me",
        "hf://me/digits/more",
        "hf://../digits",
        "hf://me/..",
        "hf://me/a..b",
        "hf://me/a--b",
        "hf://me/.a",
        "hf://me/a-",
        "hf://me/a@..",
        "hf://me/a@b/c",
        "hf://me/a?b",
        "hf://me/a%2e",
        "hf://me/a\n",
        "hf://me/ä",
        "hf://user:pw@me/a",
        f"hf://me/{'a' * 97}",
        f"hf://{'a' * 97}/b",
        "hf:///a/b",
    ],
)
def test_what_is_no_address_is_refused_before_any_request(hub, address):
    with pytest.raises(ArtifactError, match="no address on the Hub") as found:
        inspect_artifact(address)
    assert found.value.code == "address"
    assert hub.requests == []


def test_paths_are_no_addresses():
    for path in ("a.keras", "hf", "hf_digits/a", b"hf://a/b", Path("x/hf:/a")):
        assert parse_address(path) is None
    windows = parse_address(PureWindowsPath("hf://me/digits@v1"))
    assert windows == ("me", "digits", "v1")


def test_trust_is_for_no_download(hub):
    hub.files[PLACE] = b"PK\x03\x04 a Keras file of anybody's"
    # As --trust reads a file of one's own, which may be any.
    with pytest.raises(ArtifactError) as found:
        read_file("hf://me/digits", 1 << 30)
    assert found.value.code == "truncated"


def test_what_is_published_is_read_again(hub, shipped, monkeypatch):
    pytest.importorskip("huggingface_hub", reason="an extra is not installed")
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    from mnistcnn.cli import app

    app(["publish", "hf://me/digits"], standalone_mode=False)
    assert hub.files[PLACE] == shipped
    assert hub.tokens >= {"Bearer hf_secret"}
    page = hub.files[PLACE.replace("mnistcnn.keras", "README.md")].decode()
    _, head, body = page.split("---\n", 2)
    scored = inspect_artifact().card["test"]["accuracy"]
    assert "library_name: keras" in head and f"value: {scored}" in head
    assert 'from_artifact("hf://me/digits")' in body
    assert "| trained on | MNIST |" in body
    assert "| parameters | 112,741 |" in body
    assert inspect_artifact("hf://me/digits").classes == tuple("0123456789")


def test_a_model_card_escapes_what_a_card_says(hub):
    pytest.importorskip("huggingface_hub", reason="an extra is not installed")
    import dataclasses

    from mnistcnn.artifact.publishing import write_model_card

    evil = "](http://x) | `a` <script> \n---\n"
    card = {"data": {"name": evil}, "test": {"accuracy": 0.5}, "seed": [evil]}
    artifact = dataclasses.replace(inspect_artifact(), card=card)
    page = write_model_card(artifact, "me/digits")
    head, body = page[4:].split("\n---\n", 1)
    assert "<script>" not in body and "](http" not in body
    assert "\\]\\(http://x\\) \\| \\`a\\` &lt;script&gt;" in body
    assert "\n---\n" not in body and "seed" not in body
    assert head.count("accuracy") == 1


def test_a_refusal_of_the_hub_is_one_line(hub, monkeypatch):
    pytest.importorskip("huggingface_hub", reason="an extra is not installed")
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.status = 403
    with pytest.raises(ConfigError, match="did not take me/digits") as found:
        publish_artifact(None, "hf://me/digits")
    assert "403" in str(found.value) and "for you" not in str(found.value)
    with pytest.raises(ConfigError, match="Expected hf://owner/name"):
        publish_artifact(None, "me/digits")


def test_without_the_library_a_line_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(ConfigError, match=r"mnistcnn\[hub\]"):
        publish_artifact(None, "hf://me/digits")
