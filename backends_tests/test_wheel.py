"""The installed package: what is in it, and that what it declares suffices."""

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.core

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "backends_tests" / "helpers" / "read_a_picture.py"
# Imports as where the modules named are not installed.
GUARD = """
import sys

missing = set(sys.argv.pop(1).split(","))


class Guard:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in missing:
            raise ModuleNotFoundError(f"{name} is not declared", name=name)


sys.meta_path.insert(0, Guard())
import runpy

runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""


def list_needed(name, found=None):
    """A distribution and all that it needs, without extras."""
    found = set() if found is None else found
    key = canonicalize_name(name)
    if key in found:
        return found
    try:
        requires = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return found  # of another platform
    found.add(key)
    for needed in map(Requirement, requires):
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            list_needed(needed.name, found)
    return found


def test_what_is_declared_suffices_to_read_a_picture(tmp_path):
    needed = list_needed("mnistcnn")
    others = {
        top
        for top, names in metadata.packages_distributions().items()
        if not set(map(canonicalize_name, names)) & needed
    }
    assert others >= {"sklearn", "pytest", "hypothesis"}
    command = [sys.executable, "-c", GUARD, ",".join(sorted(others))]
    done = subprocess.run(
        [*command, str(SCRIPT), str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["text"] == "314"


def test_the_guard_is_one(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("import pytest", encoding="utf-8")
    command = [sys.executable, "-c", GUARD, "pytest", str(script)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "pytest is not declared" in done.stderr
