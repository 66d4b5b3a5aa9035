"""Makes the site: the pages unchanged, and a reference of the docstrings.

`python docs/website.py FOLDER` lays the pages out for zensical, which builds
them as configured in `zensical.toml`: in the repository's own layout, so that
links between pages work. Links to files that are not pages would be broken in
the site, and are replaced by their text.
"""

import re
import shutil
import sys
from pathlib import Path

import mnistcnn
from mnistcnn.artifact import make_page

ROOT = Path(__file__).parent.parent
PAGES = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "benchmarks/README.md",
    "benchmarks/trials.md",
    "benchmarks/reliability.md",
    *sorted(f"docs/{path.name}" for path in ROOT.glob("docs/*.md")),
)
PICTURES = ("*.png", "*.svg")
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s#]+)(#[^)\s]*)?\)")
# The interactive page, embedded in the front page after the first paragraph.
FRONT = """
<iframe src="digits.html" title="Draw a digit here, and it is read"
width="100%" height="900" style="border: 0"></iframe>

"""
# By package: the names in the reference; for `mnistcnn`, all.
REFERENCE = {
    "mnistcnn.reading": ("Reading", "Readings", "LayerMaps"),
    "mnistcnn.sklearn": ("DigitEstimator",),
    "mnistcnn.training": ("Recipe", "FinetuneConfig", "finetune"),
    "mnistcnn.artifact": ("Artifact", "export_artifact", "publish_artifact"),
    "mnistcnn.pictures": ("read_image", "picture_to_ink", "ink_to_image"),
    "mnistcnn.errors": ("MnistcnnError", "ConfigError", "DataWarning"),
}


def lay_out(folder: Path) -> None:
    """Lays the pages out in a folder, which is recreated.

    Args:
        folder: the destination.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for name in PAGES:
        text = (ROOT / name).read_text(encoding="utf-8")
        write(folder / name, keep_links(text, ROOT / name))
    front = folder / "README.md"
    head, first, rest = front.read_text(encoding="utf-8").split("\n\n", 2)
    write(front, f"{head}\n\n{first}\n{FRONT}{rest}")
    write(folder / "digits.html", make_page())
    for pattern in PICTURES:
        for path in ROOT.glob(f"docs/{pattern}"):
            shutil.copyfile(path, folder / "docs" / path.name)
    write(folder / "reference.md", write_reference())


def keep_links(text: str, page: Path) -> str:
    """Replaces links to anything but pages by their text.

    Args:
        text: of a page, in Markdown.
        page: its path, which the links start from.

    Example:
        >>> keep_links("[a](LICENSE), [b](docs/data.md#x)", ROOT / "README.md")
        'a, [b](docs/data.md#x)'
    """

    def replace(found: re.Match[str]) -> str:
        words, target = found[1], found[2]
        if "://" in target:
            return found[0]
        path = (page.parent / target).resolve()
        known = path.is_relative_to(ROOT)
        is_page = known and path.relative_to(ROOT).as_posix() in PAGES
        return found[0] if is_page else words

    return LINK.sub(replace, text)


def write_reference() -> str:
    """Writes the page into which the docstrings are inserted."""
    names = [name for name in mnistcnn.__all__ if name[0] != "_"]
    parts = ["# Reference", "From the docstrings, whose examples are tests."]
    parts += [f"::: mnistcnn.{name}" for name in names]
    for package, members in REFERENCE.items():
        parts += [f"::: {package}.{name}" for name in members]
    return "\n\n".join(parts) + "\n"


def write(path: Path, text: str) -> None:
    """Writes a page; creates its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    lay_out(Path(sys.argv[1]))
