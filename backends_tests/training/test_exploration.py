import subprocess
import sys

import pytest

from mnistcnn.data import generate
from mnistcnn.errors import ConfigError
from mnistcnn.training.exploration import EXPLORED, explore

pytestmark = pytest.mark.core

PNG = b"\x89PNG\r\n\x1a\n"


def test_explore_looks_at_the_data(digits, tmp_path):
    facts = explore(digits, tmp_path)
    assert facts["arrays"]["x_train"] == ((1000, 28, 28), "uint8")
    assert sum(facts["counts"]["train"]) == 1000
    assert facts["pixels"]["max"] == 255
    assert facts["pixels"]["mean"] == pytest.approx(digits.x_train.mean())
    for name in ("samples.png", "class_histogram.png"):
        assert (tmp_path / name).read_bytes()[:8] == PNG
    explore(digits, tmp_path)


@pytest.mark.parametrize("name", EXPLORED)
def test_explore_replaces_only_pictures_of_its_own(name, tmp_path):
    theirs = tmp_path / name
    for content in (b"mine", PNG, PNG + b"tEXtSoftware\0GIMP"):
        theirs.write_bytes(content)
        with pytest.raises(ConfigError, match=f"{name} exists and is not a"):
            explore(generate(limit=5), tmp_path)
        assert theirs.read_bytes() == content
    theirs.unlink()
    theirs.mkdir()
    with pytest.raises(ConfigError, match=f"{name} exists and is not a"):
        explore(generate(limit=5), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_no_framework_is_loaded_to_look(tmp_path):
    code = (
        "import sys; from mnistcnn.training import explore; "
        "from mnistcnn.data import generate; "
        "from pathlib import Path; "
        f"explore(generate(limit=5), Path({str(tmp_path)!r})); "
        "print('keras' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
