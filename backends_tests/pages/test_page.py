import html.parser
import importlib.resources
import re

import jinja2
import pytest

from mnistcnn.errors import DataError
from mnistcnn.pages import Figure, Table, read_figure, render, write_page

pytestmark = pytest.mark.core

EVIL = "<script>\"'&{{ 7 * 6 }}{% raw %}"
MACROS = '{% from "macros.html" import table, figure, panel, warn %}'


@pytest.fixture
def fill(tmp_path):
    """Renders a template that is written here."""

    def run(text, **values):
        (tmp_path / "own.txt").write_text(text, encoding="utf-8")
        return render("own.txt", folder=tmp_path, **values)

    return run


def texts(page):
    """The text of each cell and the like, and of each attribute."""
    found = []
    parser = html.parser.HTMLParser()
    parser.handle_data = lambda data: found.append(data.strip())
    parser.handle_starttag = lambda tag, attrs: found.extend(
        v for _, v in attrs
    )
    parser.feed(page)
    return [text for text in found if text]


def test_a_page_keeps_its_policy_and_has_no_script(tmp_path):
    (tmp_path / "own.html").write_text(
        '{% extends "base.html" %}{% block main %}{{ said }}{% endblock %}'
    )
    path = write_page(
        tmp_path / "new" / "page.html",
        "own.html",
        folder=tmp_path,
        title=EVIL,
        banner=EVIL,
        said=EVIL,
    )
    page = path.read_text(encoding="utf-8")
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert f'http-equiv="Content-Security-Policy" content="{policy}"' in page
    assert not re.search(r"https?://|<script|<link|@import|url\(", page)
    assert texts(page).count(EVIL) == 3
    assert page.startswith("<!doctype html>\n")


def test_every_value_is_escaped_whatever_the_templates_name(fill):
    assert "<script" not in fill("{{ said }}", said=EVIL)
    row = [EVIL, EVIL]
    table = Table([row], head=row, foot=row, words=1)
    figure = Figure(EVIL, EVIL, 1, 1, EVIL, EVIL)
    page = fill(
        MACROS + "{{ table(shown) }}{{ panel(seen) }}{{ warn([said]) }}",
        shown=table,
        seen=figure,
        said=EVIL,
    )
    assert "<script" not in page
    assert texts(page).count(EVIL) == 6 + 4 + 1


def test_a_table_tells_words_from_numbers(fill):
    table = Table([["a", "1"]], head=["", "n"], foot=["all", "2"], words=1)
    page = "".join(fill(MACROS + "{{ table(t) }}", t=table).splitlines())
    assert '<tbody><tr><th scope="row">a</th><td class="number">1</td>' in page
    assert '<th scope="col" class="number">n</th>' in page
    assert "<tfoot>" in page and '<table class="scores">' in page
    page = fill(MACROS + "{{ table(t) }}", t=Table([["a", "b"]]))
    assert '<table class="facts">' in page
    assert "number" not in page
    assert "<thead>" not in page and "<tfoot>" not in page


def test_a_page_may_write_its_cells_itself(fill):
    text = MACROS + "{% call(cell) table(t) %}<b>{{ cell.x }}</b>{% endcall %}"
    page = fill(text, t=Table([[{"x": "<"}, {"x": 2}]]))
    assert '<th scope="row"><b>&lt;</b></th>' in page
    assert "<td><b>2</b></td>" in page


def test_what_is_not_there_is_an_error(fill):
    with pytest.raises(jinja2.UndefinedError, match="'said' is undefined"):
        fill("{{ said }}")
    with pytest.raises(jinja2.UndefinedError, match="no attribute 'x'"):
        fill("{{ said.x }}", said={})


def test_a_table_may_be_empty(fill):
    page = fill(MACROS + "{{ table(t) }}", t=Table([], head=["a"]))
    assert page.count("<tr>") == 1


def test_no_warnings_make_no_section(fill):
    assert fill(MACROS + "{{ warn([]) }}").strip() == ""


def test_numbers_stay_with_their_units(fill):
    text = fill("{{ said | bind_units }}", said="5.00 s (n 5) in 3 steps, 1 %")
    assert text == "5.00\u00a0s (n\u00a05) in 3 steps, 1\u00a0%"


def test_broken_pictures_are_refused(tmp_path):
    path = tmp_path / "a.png"
    with pytest.raises(DataError, match=r"a picture. Received: .*a.png \(No s"):
        read_figure(path, "nothing")
    path.write_bytes(b"GIF89a")
    with pytest.raises(DataError, match=r"a PNG. Received: .*a.png, which is"):
        read_figure(path, "nothing")


def test_templates_turn_nothing_off():
    # `safe` and `autoescape false` are how a template lets markup through.
    folder = importlib.resources.files("mnistcnn.pages") / "templates"
    files = [*folder.glob("*.*"), *folder.glob("cells/*")]
    names = [file.name for file in files]
    assert {"base.html", "macros.html", "style.css", "cell.html"} <= set(names)
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe|autoescape|<script|\bon\w+=", text)
