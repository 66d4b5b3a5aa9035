import copy

import pytest

from mnistcnn.errors import DataError
from mnistcnn.pages import render
from mnistcnn.report import describe_start, tabulate_finetuning
from mnistcnn.report.fields import check_fields
from mnistcnn.report.finetuning import list_keys, summarize_finetuning

pytestmark = pytest.mark.core


def score(accuracy):
    return {"accuracy": accuracy, "interval": [accuracy - 0.01, accuracy]}


RUN = {
    "transfer": {
        "start": {"name": "a<b>.keras", "weights_sha256": "0" * 64},
        "head": "kept",
        "frozen": False,
        "replay": "MNIST",
        "seconds": 12.0,
        "scratch_seconds": None,
        "rows": [
            {
                "data": "drawings in <mine>",
                "n": 40,
                "before": score(0.75),
                "after": score(0.9),
                "scratch": None,
                "mended": 8,
                "broken": 2,
            },
            {
                "data": "MNIST",
                "n": 10000,
                "before": score(0.995),
                "after": score(0.9945),
                "scratch": None,
                "mended": 5,
                "broken": 10,
            },
        ],
    }
}


@pytest.fixture
def run():
    return copy.deepcopy(RUN)


def text_of(run):
    check_fields(run, "metrics.json", list_keys(run))
    part = summarize_finetuning(run)
    page = render("finetuning.html", finetuning=part)
    return " ".join(page.split())


def test_a_run_that_was_not_finetuned_has_no_such_part():
    assert list_keys({}) == {}
    assert summarize_finetuning({}) is None


def test_it_says_what_was_gained_and_lost(run):
    text = text_of(run)
    assert "75.00 %" in text and "90.00 %" in text
    assert "+15.00 points" in text and "-0.05 points" in text
    assert "Of drawings in &lt;mine&gt;, 8 images are read right" in text
    assert "Images of MNIST were mixed in" in text
    assert "<mine>" not in text
    assert "If these are no digits" not in text
    assert text.count("data:image/png") == 1


def test_other_classes_have_no_before(run):
    transfer = run["transfer"]
    transfer |= {"head": "new", "scratch_seconds": 30.0, "replay": None}
    row = transfer["rows"][0]
    row |= {"before": None, "mended": None, "broken": None}
    row["scratch"] = score(0.8)
    transfer["rows"] = [row]
    text = text_of(run)
    assert "its own classes are no longer read" in text
    assert "from scratch on the same images" in text
    assert "mixed in" not in text
    cells = tabulate_finetuning(transfer).rows[0]
    assert cells[2:] == ["–", "90.00 %", "80.00 %", "–"]


def test_what_is_hardly_digits_is_said(run):
    run["transfer"]["rows"][0]["before"] = score(0.1)
    text = text_of(run)
    assert "Before, only 10.00 % of drawings in" in text
    assert "name their classes (--classes)" in text


@pytest.mark.parametrize(
    ("frozen", "head", "said"),
    [
        (False, "kept", "finetuned from a<b>.keras, all layers free"),
        (True, "kept", "finetuned from a<b>.keras, the head alone free"),
        (True, "new", "the head alone free, with a new head"),
    ],
)
def test_the_start_is_described(run, frozen, head, said):
    transfer = run["transfer"] | {"frozen": frozen, "head": head}
    assert describe_start(transfer).endswith(said)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"rows": None}, "transfer.rows"),
        ({"head": 3}, "expected transfer.head to be text"),
        ({"frozen": "no"}, "transfer.frozen to be true or false"),
    ],
)
def test_a_damaged_part_is_one_line(run, change, text):
    run["transfer"] |= change
    with pytest.raises(DataError, match=text):
        text_of(run)


def test_a_damaged_score_is_one_line(run):
    run["transfer"]["rows"][0]["after"] = {"accuracy": 7}
    with pytest.raises(DataError, match=r"transfer.rows\[0\].after"):
        text_of(run)
