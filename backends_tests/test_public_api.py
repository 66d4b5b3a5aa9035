import ast
import doctest
import importlib
import inspect
import pkgutil
import pydoc
import runpy
from pathlib import Path

import pytest

import mnistcnn

ROOT = Path(__file__).parent.parent


def public_objects():
    return [
        (name, getattr(mnistcnn, name))
        for name in mnistcnn.__all__
        if name != "__version__"
    ]


SLOW_EXAMPLES = (
    "mnistcnn.artifact.unchecked",
    "mnistcnn.sklearn.estimator",
    "mnistcnn.training.api",
)


def module_names():
    names = [
        info.name
        for info in pkgutil.walk_packages(mnistcnn.__path__, "mnistcnn.")
    ]
    # The other two backends' modules import frameworks that are not here.
    return [
        name
        for name in names
        if not name.startswith("mnistcnn.backends.") and "__main__" not in name
    ]


def test_all_is_what_the_package_offers():
    assert mnistcnn.__all__ == sorted(mnistcnn.__all__)
    assert dir(mnistcnn) == mnistcnn.__all__
    for name, value in public_objects():
        assert value.__name__ == name
        assert value.__module__.startswith("mnistcnn.")


def test_help_begins_with_the_api():
    text = pydoc.plain(pydoc.render_doc(mnistcnn))
    before = text.split("PACKAGE CONTENTS")[0]
    for name in set(mnistcnn.__all__) - {"__version__"}:
        assert f"`{name}`" in before, name
    # Then what each is, with its own docstring.
    # Python 3.13 breaks long signatures behind the bracket.
    assert "load_data(" in text.split("PACKAGE CONTENTS")[1]
    assert "class TrainConfig" in text


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        mnistcnn.trian  # noqa: B018


def test_the_design_s_names_are_there():
    assert set(mnistcnn.__all__) >= {
        "load_data",
        "build_model",
        "TrainConfig",
        "recipe",
        "train",
        "evaluate",
        "save_artifact",
        "load_artifact",
        "inspect_artifact",
        "DigitClassifier",
        "ArtifactError",
        "DataError",
        "__version__",
    }


def test_the_version_is_the_distribution_s():
    from importlib.metadata import version

    assert version("mnistcnn") == mnistcnn.__version__


@pytest.mark.parametrize(
    "name", sorted(set(mnistcnn.__all__) - {"__version__"})
)
def test_public_docstrings_are_whole(name):
    value = getattr(mnistcnn, name)
    text = inspect.getdoc(value)
    if inspect.isclass(value) and issubclass(value, Exception):
        assert text.splitlines()[0].endswith(".")
        return
    parameters = [p for p in inspect.signature(value).parameters if p != "self"]
    if parameters:
        assert "Args:" in text
        for parameter in parameters:
            assert f"{parameter}: " in text, parameter
    if inspect.isfunction(value):
        assert "Returns:" in text
        assert "Raises:" in text


@pytest.mark.parametrize(
    "name",
    [
        # They train, or start a process that loads the framework.
        pytest.param(name, marks=pytest.mark.any_backend)
        if name in SLOW_EXAMPLES
        else name
        for name in module_names()
    ],
)
def test_examples_run(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    assert module.__doc__
    result = doctest.testmod(module)
    assert result.failed == 0


def test_the_readme_says_what_the_card_says():
    text = (ROOT / "README.md").read_text()
    said = text.split("<!-- pretrained -->")[1].split("<!--")[0]
    card = mnistcnn.inspect_artifact().card
    assert said == f"{card['test']['accuracy'] * 100:.2f} %"
    assert card["test"]["n"] == 10_000
    assert card["data"]["name"] == "MNIST"
    assert card["environment"]["versions"]["mnistcnn"] != "unknown"


def test_the_user_s_script_names_everything_and_runs(tmp_path, monkeypatch):
    path = ROOT / "backends_tests" / "user_script.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    (imported,) = (n for n in tree.body if isinstance(n, ast.ImportFrom))
    assert {a.name for a in imported.names} == set(mnistcnn.__all__)
    monkeypatch.chdir(tmp_path)
    said = runpy.run_path(str(path))
    assert (tmp_path / "run" / "best.keras").is_file()
    assert 0 <= said["scores"].accuracy <= 1
    assert said["labels"].shape == (60,)
    assert said["rows"].shape == (1, 10)
