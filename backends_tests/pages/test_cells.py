"""What a notebook shows: whole, escaped, without scripts."""

import html.parser
import types

import numpy as np
import pytest

pytestmark = pytest.mark.core

EVIL = "<script>alert(1)</script>"
ATTRIBUTE = '"><img src=x onerror=alert(1)>'


class Tags(html.parser.HTMLParser):
    """Counts the tags that were not closed, and keeps what was there."""

    def __init__(self, page):
        super().__init__()
        self.open, self.names, self.attributes, self.text = [], set(), [], ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes += attrs
        if tag not in ("img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self.text += " " * (tag in ("td", "th", "p"))

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.text += data


def look(it):
    tags = Tags(it._repr_html_())
    assert tags.names.isdisjoint({"script", "iframe", "link", "object"})
    for name, value in tags.attributes:
        assert not name.startswith("on")
        if name in ("src", "href"):
            assert value.startswith("data:image/png;base64,")
    return " ".join(tags.text.split())


@pytest.fixture
def data():
    from mnistcnn import Dataset

    images = np.zeros((30, 28, 28), np.uint8)
    images[:, 5:20, 14] = 255
    labels = np.arange(30) % 3
    names = (EVIL, ATTRIBUTE, "ü & co")
    x, y = images[:7], labels[:7]
    return Dataset(images, labels, x, y, name=EVIL, classes=names)


def test_a_data_set_shows_its_classes_and_pictures(data):
    said = look(data)
    assert f"{EVIL}: 30 training and 7 test images of 28×28 pixels" in said
    assert f"{ATTRIBUTE} 10 2 ü & co 10 2" in said
    assert data._repr_html_().count("<img") == 20


def test_a_data_set_of_many_classes_or_of_a_test_set_alone_is_shown():
    from mnistcnn import Dataset

    none, y = np.zeros((0, 28, 28), np.uint8), np.arange(40)
    many = Dataset(
        none,
        y[:0],
        np.zeros((40, 28, 28), np.uint8),
        y,
        name="many",
        classes=tuple(f"c{i}" for i in range(40)),
        generated=True,
        about="<b>",
    )
    said = look(many)
    assert "and 28 more classes" in said
    assert "Generated digits stand in for MNIST" in said
    assert "; <b>" in said


def test_an_evaluation_shows_its_confusion_and_mistakes():
    from mnistcnn.evaluation import score

    rows = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    scores = score(np.array([0, 1, 1]), rows, classes=(EVIL, "b"))
    said = look(scores)
    assert "66.67 % of 3 images read right (95 % Wilson interval" in said
    assert f"image 1 is b, read as {EVIL} (80 %)" in said
    assert "50.00 % 100.00 %" in said  # precision and recall of the first


def test_readings_show_their_text_and_one_alone_too():
    from mnistcnn.reading import Reading, Readings

    row = np.array([0.25, 0.75], np.float32)
    one = Reading(EVIL, 0.75, (1.0, 2.0, 30.4, 40.0), row)
    assert look(one) == f"{EVIL} 75.00 %"
    said = look(Readings([one, one]))
    assert said.startswith(EVIL + EVIL)
    assert "1, 2, 30, 40" in said
    assert look(Readings()).startswith("no digits")


@pytest.mark.parametrize("shape", [(60, 90), (60, 90, 3), (300, 20, 4)])
def test_boxes_are_drawn_where_they_are(tmp_path, shape):
    import cv2

    from mnistcnn.figures import draw_boxes

    blank = np.full(shape, 128, np.uint8)
    path = tmp_path / "boxes.png"
    draw_boxes(blank, [(5, 10, 15, 50)], ["$7"], path)
    drawn = cv2.imread(str(path)).astype(int)
    orange = np.argwhere(drawn[..., 2] - drawn[..., 0] > 150)
    assert len(orange)
    grey = np.argwhere((drawn == 128).all(axis=2))
    (top, left), (bottom, right) = grey.min(axis=0), grey.max(axis=0)
    row = top + 30 / shape[0] * (bottom - top)
    middle = orange[np.abs(orange[:, 0] - row) < 5]
    at = (middle[:, 1] - left) / (right - left) * shape[1]
    assert at.min() == pytest.approx(5, abs=1)
    assert at.max() == pytest.approx(15, abs=1)


def test_a_result_shows_its_curves(tmp_path):
    from mnistcnn.pages import draw_figure, render

    history = [
        {"epoch": 1, "accuracy": 0.5, "loss": 1.0, "val_accuracy": 0.625},
    ]
    it = types.SimpleNamespace(
        config=types.SimpleNamespace(recipe=EVIL),
        history=history,
        environment={"backend": "jax"},
        timing={"total": 61.0, "engine": "own", "precision": "float32"},
        sizes={"train": 42000, "validation": 0},
        best=tmp_path / "best.keras",
    )
    from mnistcnn.figures import draw_learning_curves

    curves = draw_figure(lambda p: draw_learning_curves(history, p), "curves")
    page = render("cells/result.html", it=it, curves=curves)
    said = look(types.SimpleNamespace(_repr_html_=lambda: page))
    assert f"{EVIL}: 1 epoch on jax in 1 min 01 s" in said
    assert "best validation accuracy 62.50 %" in said
    assert "training images 42,000" in said


@pytest.mark.parametrize(
    "card",
    [
        {},
        {"architecture": EVIL, "data": [], "test": None, "recipe": {}},
        {"test": {"accuracy": "9", "n": 10**400}, "data": {"name": EVIL}},
        {
            "test": {"accuracy": 10**400, "n": 1.5},
            "recipe": EVIL + "\x1b\u202e",
        },
    ],
)
def test_a_classifier_believes_no_card(card):
    import dataclasses

    from mnistcnn import DigitClassifier, inspect_artifact

    artifact = dataclasses.replace(inspect_artifact(), card=card)
    classifier = DigitClassifier(
        artifact, classes=artifact.classes, name=EVIL, card=card
    )
    said = look(classifier)
    assert f"{EVIL}, a classifier of 10 classes, on numpy" in said
    assert "\x1b" not in said and "\u202e" not in said


def test_the_classifier_that_ships_says_what_its_card_says():
    from mnistcnn import DigitClassifier

    classifier = DigitClassifier.from_pretrained()
    said = look(classifier)
    assert "parameters 112,741 trained on MNIST" in said
    scored = 100 * classifier.card["test"]["accuracy"]
    assert f"test accuracy {scored:.2f} %" in said


def test_a_picture_is_shown_with_what_was_read_in_it():
    from mnistcnn import DigitClassifier

    paper = np.full((60, 60, 3), 250, np.uint8)
    paper[10:50, 28:32] = (20, 20, 120)
    classifier = DigitClassifier.from_pretrained()
    found = classifier.show(paper)
    assert found.text == "1"
    assert [r.label for r in classifier.read(paper)] == ["1"]
    assert "<img" in found._repr_html_() and look(found).startswith("1 read as")
    assert "<img" not in classifier.read(paper)._repr_html_()
    assert classifier.show(np.full((30, 30), 255, np.uint8)).text == ""
