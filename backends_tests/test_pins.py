"""What CI and releases install: each file has a hash, each action a commit."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.core

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PIN = re.compile(r"(?m)^([A-Za-z0-9._-]+)==([\w.]+)")


def canonical(text):
    return {
        re.sub(r"[-_.]+", "-", name).lower(): version
        for name, version in PIN.findall(text)
    }


def test_every_version_that_is_pinned_has_hashes():
    hashes = (ROOT / ".github" / "hashes.txt").read_text()
    pins = canonical((ROOT / "constraints.txt").read_text())
    assert canonical(hashes) == pins, "nox -s hashes writes them anew"
    for block in re.split(r"(?m)^(?=[A-Za-z])", hashes)[1:]:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", block), block


def test_every_system_gets_the_versions_that_are_pinned():
    hashes = (ROOT / ".github" / "matrix.txt").read_text()
    pins = canonical((ROOT / "constraints.txt").read_text())
    found = canonical(hashes)
    # Of Windows and of browsers alone, which are not among ours.
    others = {"colorama", "httpx2-jsfetch"}
    assert found.items() - pins.items() == {(n, found[n]) for n in others}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needs = [*project["build-system"]["requires"]]
    needs += project["project"]["dependencies"]
    for extra in ("jax", "tune", "hub"):
        needs += project["project"]["optional-dependencies"][extra]
    for group in ("bench", "test"):
        members = project["dependency-groups"][group]
        needs += [member for member in members if isinstance(member, str)]
    named = {canonicalize_name(Requirement(need).name) for need in needs}
    assert named <= set(found), "nox -s hashes writes it anew"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_to_a_commit(path):
    used = re.findall(r"(?m)^\s*-?\s*uses: (\S+)", path.read_text())
    assert used
    for action in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_pip_takes_files_of_a_known_hash_alone(path):
    text = path.read_text()
    installs = re.search(r"pip install|nox |\.ci/run", text)
    if installs:
        assert "--require-hashes" in text[: installs.start()]
        assert "PIP_NO_INDEX" in text[: installs.start()]
