"""The measurement of corrupted digits, on a made network and made scores."""

import copy
import itertools
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import robustness
from formats.result_files import read
from mnistcnn import artifact
from mnistcnn.artifact import inspect_artifact, pretrained_path
from mnistcnn.data import KEYS, generate
from mnistcnn.errors import DataError
from mnistcnn.evaluation import wilson_interval
from pages import insert_text
from unlike_mnist import made_nondigits
from unlike_mnist.corruptions import CORRUPTIONS
from unlike_mnist.robustness_report import (
    SHIPPED,
    describe_scores,
    draw,
    show,
    write_cards,
    write_table,
)
from unlike_mnist.robustness_results import RobustnessResult
from unlike_mnist.seed_tables import write_seeds

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
DOCS = BENCHMARKS.parent / "docs"
RECIPES, HANDWRITING = DOCS / "recipes.md", DOCS / "handwriting.md"
RESULTS = sorted((BENCHMARKS / "results").glob("robustness*.json"))
DIGITS = tuple("0123456789")


class Stub:
    """Says of an image what its first pixel says."""

    threshold = 0.5

    def predict_proba(self, images):
        return np.eye(10, dtype=np.float32)[images[:, 0, 0]]


def told(*labels):
    """Images that say these labels."""
    images = np.zeros((len(labels), 28, 28), np.uint8)
    images[:, 0, 0] = labels
    return images


def share(accuracy, n=200):
    low, high = wilson_interval(round(accuracy * n), n)
    return {"accuracy": accuracy, "n": n, "interval": [low, high]}


@pytest.fixture
def result():
    row = {
        "name": SHIPPED,
        "recipe": "best",
        "seed": 0,
        "weights_sha256": "0123456789abcdef",
        "parameters": 34826,
        "clean": share(0.98) | {"refused": 0.01, "calibration_error": 0.02},
        "mean": 0.5,
        "corrupted": {
            "fog": share(0.6),
            "zigzag": share(0.1),
            "shear": share(0.9),
            "stripe": share(0.25),
            "scale": share(0.65),
        },
        "nondigits": {
            "boxes": {"refused": 3, "n": 4},
            "letters": {"refused": 0, "n": 6},
        },
    }
    every = [share(0.92) | {"name": "0"}]
    strokes = {
        "shown": share(0.9),
        "refused": 0.1,
        "pieces": 0.2,
        "calibration_error": 0.03,
        "by_digit": every,
        "by_writer": every,
        "confusions": [],
    }
    other = copy.deepcopy(row) | {"name": "mine.keras", "recipe": None}
    other["corrupted"]["shear"], other["mean"] = share(0.05), 0.33
    row["handwriting"] = {
        "pens": {
            "digest": "d1",
            "writers": 3,
            "digits": {
                "accuracy": share(0.97),
                "shown": share(0.96),
                "refused": 0.01,
                "calibration_error": 0.004,
            },
            "read": strokes | {"accuracy": share(0.92)},
            "rejected": {"pairs of digits": {"refused": 9, "n": 10}},
        }
    }
    row["strokes"] = strokes | {"accuracy": share(0.92)}
    environment = {
        "backend": "jax",
        "versions": {"keras": "3.1", "jax": "0.1", "numpy": "2"},
        "device": {"kind": "cpu", "name": "Xeon"},
        "processor": "Xeon",
        "cores": 2,
        "platform": "Linux",
    }
    data = {"digest": "d0", "note": None, "seed": 0, "images_sha256": {}}
    result = {
        "format": 3,
        "date": "2026-11-22",
        "commit": "0123abc",
        "dirty": False,
        "environment": environment,
        "data": data | {"name": "MNIST", "n": 200},
        "artifacts": [row, other],
    }
    return RobustnessResult.model_validate(result)


@pytest.mark.core
def test_scores_by_hand():
    labels = np.array([1, 2, 3, 4])
    images = {
        "clean": told(1, 2, 3, 4),
        "fog": told(1, 2, 3, 9),
        "snow": told(1, 9, 9, 9),
    }
    found = robustness.score(Stub(), images, labels, classes=DIGITS)
    assert (found["clean"]["accuracy"], found["clean"]["n"]) == (1, 4)
    assert list(found["corrupted"]) == ["fog", "snow"]
    shares = [s["accuracy"] for s in found["corrupted"].values()]
    assert shares == [0.75, 0.25]
    assert found["mean"] == 0.5, "the clean ones do not count"
    low, high = found["corrupted"]["fog"]["interval"]
    assert 0.3 < low < 0.75 < high < 1


@pytest.mark.core
def test_a_net_of_other_classes_is_refused():
    with pytest.raises(DataError, match="10 probabilities an image, for 2"):
        robustness.score(
            Stub(), {"clean": told(0, 1)}, np.array([0, 1]), classes=("a", "b")
        )


@pytest.mark.core
def test_all_forms_of_the_images_are_made():
    clean = told(1, 2)
    clean[:, 8:20, 13:15] = 200
    found = robustness.make_images(clean)
    assert list(found) == ["clean", *CORRUPTIONS]
    assert found["clean"] is clean
    for name in CORRUPTIONS:
        assert found[name].shape == clean.shape
        assert (found[name] != clean).any(), name


class Unsure(Stub):
    """As a `Stub`, but not sure of a 9."""

    def predict_proba(self, images):
        sure = super().predict_proba(images)
        sure[sure[:, 9] == 1] = 0.1
        return sure


@pytest.mark.core
def test_what_is_refused_of_the_clean_ones():
    images = {"clean": told(1, 2, 9, 9), "fog": told(9, 9, 9, 9)}
    found = robustness.score(
        Unsure(), images, np.array([1, 2, 9, 0]), classes=DIGITS
    )
    assert found["clean"]["refused"] == 0.5
    # Two right at 1; of two at 0.1 (ties are a 0) one.
    assert found["clean"]["calibration_error"] == pytest.approx(0.2)


@pytest.mark.core
def test_the_table_of_the_readme(result):
    head, _, first, second, _, note = write_table(result).splitlines()
    assert head == (
        "| recipe | parameters | MNIST (n = 200) | mean of 5 corruptions | pen "
        "strokes | non-digits rejected (n = 10) | MNIST rejected |"
    )
    assert first == (
        "| best, ships | 34,826 | 98.00 % (94.97 to 99.22) | 50.00 % | 97.00 % "
        "(93.61 to 98.62) | 30.0 % | 1.00 % |"
    )
    assert second == (
        "| mine.keras | 34,826 | 98.00 % (94.97 to 99.22) | 33.00 % | – | "
        "30.0 % | 1.00 % |"
    )
    assert "best reads worst: zigzag 10.0 %, stripe 25.0 %, fog 60.0 %" in note
    assert note.endswith("keras 3.1, jax 0.1; commit 0123abc; 2026-11-22.")


def test_a_card_gets_the_scores_and_the_net_stays(result, tmp_path):
    path = tmp_path / "a.keras"
    old = inspect_artifact(pretrained_path())
    artifact.save_artifact(artifact.rebuild(old), path, card=old.card)
    first = {"artifacts": result.artifacts[:1]}
    write_cards([path], result.model_copy(update=first))
    card = inspect_artifact(path).card
    assert card["weights_sha256"] == old.card["weights_sha256"]
    assert card["threshold"] == old.card["threshold"]
    assert card["seeds_tried"] == [0]
    assert card["scores"]["mnist"]["accuracy"] == 0.98
    assert card["scores"]["corrupted"]["mean"] == 0.5
    assert card["scores"]["corrupted"]["zigzag"] == 0.1
    assert card["scores"]["nondigits"] == {"refused": 0.3, "n": 10}
    assert card["scores"]["pens"]["accuracy"] == 0.97
    assert card["scores"]["pens"]["read"] == 0.92
    assert card["scores"]["pens"]["rejected"] == {"pairs of digits": 0.9}


@pytest.mark.core
def test_the_table_of_the_screen(result, capsys):
    show(result)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    said = {tuple(row[1:-1]) for row in rows}
    assert ("zigzag", "│", "10.00", "%", "│", "10.00", "%") in said
    assert ("shear", "│", "90.00", "%", "│", "5.00", "%") in said
    assert ("mean", "of", "5", "│", "50.00", "%", "│", "33.00", "%") in said
    refused = ("non-digits", "rejected", "│", "30.00", "%", "│", "30.00", "%")
    assert refused in said


@pytest.mark.core
def test_the_picture_shows_each_form_in_its_place(tmp_path):
    # Five grey levels: the second row has one cell alone.
    levels = (0, 60, 120, 180, 240)
    images = {f"grey {v}": np.full((6, 28, 28), v, np.uint8) for v in levels}
    draw(images, tmp_path / "p.png")
    drawn = cv2.imread(str(tmp_path / "p.png"), cv2.IMREAD_GRAYSCALE)
    for value in levels:
        # Each cell is about 200 x 50 pixels of its one grey.
        alike = np.abs(drawn.astype(int) - value) < 3
        assert 8_000 < np.count_nonzero(alike) < 16_000
    y, x = (where.mean() for where in np.nonzero(alike))
    assert y > drawn.shape[0] / 2 and x < drawn.shape[1] / 4, "the last one"
    draw(images, tmp_path / "noted.png", note="generated")
    noted = cv2.imread(str(tmp_path / "noted.png"))
    assert noted.shape[0] > drawn.shape[0]


@pytest.mark.core
def test_the_command_says_what_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["robustness.py"])
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    with pytest.raises(SystemExit) as caught:
        robustness.main()
    assert caught.value.code
    error = capsys.readouterr().err
    assert error.startswith("benchmarks: KERAS_BACKEND is not set. Expected")


@pytest.mark.any_backend
def test_the_command_measures_the_shipped_network(
    monkeypatch, tmp_path, strokes_file, capsys
):
    # A tenth of the non-digits: test_rejection.py reads all of them.
    few = {
        kind: lambda make=make: itertools.islice(make(), 0, None, 10)
        for kind, make in made_nondigits.KINDS.items()
    }
    monkeypatch.setattr(made_nondigits, "KINDS", few)
    digits = generate(limit=30)
    arrays = {key: getattr(digits, key) for key in KEYS}
    np.savez(tmp_path / "made.npz", **arrays)
    monkeypatch.setenv("MNISTCNN_DATA", str(tmp_path / "made.npz"))
    readme = tmp_path / "README.md"
    readme.write_text("<!-- robustness -->old<!-- /robustness -->")
    paths = {k: tmp_path / k for k in ("out", "pictures")}
    options = [f"--{name}={path}" for name, path in paths.items()]
    options += [f"--table={readme}", "--limit=20"]
    options += [f"--strokes={strokes_file[0]}"]
    monkeypatch.setattr(sys, "argv", ["robustness.py", *options])
    robustness.main()
    result = json.loads(paths["out"].read_text(), parse_constant=pytest.fail)
    (row,) = result["artifacts"]
    card = inspect_artifact(pretrained_path()).card
    assert row["name"] == "the network that ships"
    assert row["weights_sha256"] == card["weights_sha256"]
    # Any shipped network reads clean digits, and no guess is below nothing.
    assert row["clean"]["accuracy"] > 0.5 and row["clean"]["n"] == 20
    assert list(row["corrupted"]) == list(CORRUPTIONS)
    found = {name: kind["n"] for name, kind in row["nondigits"].items()}
    assert found == dict(boxes=10, crosses=10, scribbles=10, letters=28)
    assert row["parameters"] == card["architecture"]["parameters"]
    (found,) = (part["read"] for part in row["handwriting"].values())
    assert [r["name"] for r in found["by_writer"]] == ["w02"]
    assert row["clean"]["shown"] <= row["clean"]["accuracy"]
    assert result["data"]["name"] == "made.npz"
    assert list(result["data"]["images_sha256"]) == ["clean", *CORRUPTIONS]
    versions = result["environment"]["versions"]
    assert {"numpy", "opencv-python-headless", "keras"} <= set(versions)
    assert (
        write_table(read(paths["out"], RobustnessResult)) in readme.read_text()
    )
    assert paths["pictures"].read_bytes()[:4] == b"\x89PNG"
    assert "zigzag" in capsys.readouterr().out


@pytest.mark.core
@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_committed_results_are_of_all_of_mnist(path):
    result = read(path, RobustnessResult)
    assert (result.data.name, result.data.n) == ("MNIST", 10_000)
    assert result.data.seed == robustness.SEED
    assert len(result.data.images_sha256) == 1 + len(CORRUPTIONS)
    for row in result.artifacts:
        assert list(row.corrupted) == list(CORRUPTIONS)
        for part in (row.clean, *row.corrupted.values()):
            assert part.n == 10_000


@pytest.mark.core
@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("format",), 1, "format is 1. Expected 2 or more"),
        (("mean",), 0.51, "artifacts[0].mean is 0.51. Expected 0.5"),
        (("clean", "accuracy"), 0.1, "[0].clean.interval is [0.949"),
        (("clean", "refused"), 1.5, "refused is 1.5. Expected 1 or less"),
        (
            ("strokes", "accuracy", "n"),
            9,
            "by_digit is 200. Expected 9",
        ),
        (("strokes", "by_writer"), [], "by_writer is 0. Expected 200"),
        (("nondigits",), {}, "nondigits is {}. Expected at least 1 item"),
    ],
)
def test_a_fault_is_refused_in_one_line(result, place, value, said, tmp_path):
    found = json.loads(result.model_dump_json(exclude_unset=True))
    *outer, last = place
    inner = found if place == ("format",) else found["artifacts"][0]
    for key in outer:
        inner = inner[key]
    inner[last] = value
    path = tmp_path / "robustness.json"
    path.write_text(json.dumps(found))
    with pytest.raises(DataError) as caught:
        read(path, RobustnessResult)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.core
def test_seeds_are_told_by_mean_and_spread(result):
    one, _ = result.artifacts
    clean = one.clean.model_copy(update={"accuracy": 0.96})
    two = one.model_copy(update={"seed": 1, "clean": clean})
    both = result.model_copy(update={"artifacts": [one, two]})
    lines = write_seeds(both).splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines]
    assert rows[2] == [
        "MNIST, likeliest class right",
        *("97.00 %", "1.41", "96.00 %", "98.00 %", "200"),
    ]
    named = {row[0]: row[1] for row in rows if len(row) > 1}
    assert named["pens: network right"] == "97.00 %"
    assert named["pens: read as strokes"] == "92.00 %"
    assert named["pens: rejected, pairs of digits"] == "90.00 %"
    assert named["worst corruption"] == "10.00 %"


@pytest.mark.core
def test_the_pages_say_what_was_measured(tmp_path):
    """Red? `robustness.py --out ... --table docs/...` mends both."""
    results = [
        (RECIPES, "robustness", write_table, robustness.MARKER),
        (HANDWRITING, "robustness_shipped", write_seeds, robustness.SEEDS),
    ]
    for page, name, write, marker in results:
        result = read(BENCHMARKS / f"results/{name}.json", RobustnessResult)
        copied = tmp_path / page.name
        copied.write_bytes(page.read_bytes())
        insert_text(copied, write(result), name=marker)
        assert copied.read_bytes() == page.read_bytes()


@pytest.mark.core
def test_what_was_measured_of_the_network_that_ships():
    path = BENCHMARKS / "results" / "robustness_shipped.json"
    result = read(path, RobustnessResult)
    card = inspect_artifact(pretrained_path()).card
    sha = card["weights_sha256"]
    (row,) = (r for r in result.artifacts if r.weights_sha256 == sha)
    assert row.seed == card["seed"]
    assert card["scores"] == describe_scores(row)
    assert card["seeds_tried"] == sorted(r.seed for r in result.artifacts)
    assert len(result.artifacts) == 5
    # What the page says besides the table.
    assert row.clean.calibration_error <= 0.01
    assert row.clean.refused <= 0.01
    assert row.rejections.share >= 0.85
