import copy
import html.parser
import json
import re

import numpy as np
import pytest

from mnistcnn import figures, units
from mnistcnn.errors import DataError
from mnistcnn.report.run_report import write_report
from mnistcnn.report.runs import read_run

pytestmark = pytest.mark.core

CLASSES = ["0", "1", "<b>"]
METRICS = {
    "format": 1,
    "config": {
        "recipe": "tutorial",
        "seed": 0,
        "batch_size": 32,
        "limit": None,
    },
    "data": {
        "name": "MNIST",
        "generated": False,
        "digest": "9f3c" * 16,
        "sizes": {"train": 42000, "validation": 18000, "test": 10000},
        "classes": CLASSES,
    },
    "environment": {
        "backend": "jax",
        "versions": {"python": "3.11.7", "keras": "3.15.1", "jax": "0.10.2"},
        "device": {"kind": "cpu", "name": "AMD EPYC", "count": 1},
        "processor": "AMD EPYC",
        "cores": 2,
        "platform": "Linux",
    },
    "history": [
        {
            "epoch": epoch,
            "accuracy": 0.97 + 0.005 * epoch,
            "loss": 0.1 / epoch,
            "val_accuracy": 0.98 + 0.002 * epoch,
            "val_loss": 0.1 / epoch,
            "learning_rate": 0.001,
            "seconds": 60.0,
        }
        for epoch in (1, 2, 3)
    ],
    "timing": {
        "import": 2.5,
        "build": 0.25,
        "first_step": 1.5,
        "steady_epoch": 61.0,
        "epochs": [62.0, 61.0, 61.0],
        "total": 192.0,
    },
    "memory": {"peak_host_bytes": 1_300_000_000, "peak_device_bytes": None},
    "model": {
        "name": "tutorial",
        "parameters": 34826,
        "layers": [
            {
                "name": "conv1",
                "type": "Conv2D",
                "output_shape": [26, 26, 32],
                "parameters": 320,
            },
            {
                "name": "flatten",
                "type": "Flatten",
                "output_shape": [1600],
                "parameters": 0,
            },
        ],
    },
    "test": {
        "accuracy": 0.9904,
        "n": 10000,
        "interval": [0.9883, 0.9921],
        "loss": 0.0312,
        "confusion": [[3300, 0, 60], [6, 3300, 0], [30, 0, 3304]],
        "per_class": [
            {"label": "0", "precision": 0.99, "recall": 0.98, "support": 3360},
            {"label": "1", "precision": 1.0, "recall": 0.99, "support": 3306},
            {"label": "<b>", "precision": 0.0, "recall": 0.0, "support": 3334},
        ],
        "mistakes": [],
    },
}


class Page(html.parser.HTMLParser):
    """Checks that elements close in order; keeps text and attributes."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("img", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.text += data


@pytest.fixture
def metrics():
    return copy.deepcopy(METRICS)


@pytest.fixture
def save(tmp_path):
    def write(metrics):
        folder = tmp_path / "run"
        folder.mkdir(exist_ok=True)
        text = metrics if isinstance(metrics, str) else json.dumps(metrics)
        (folder / "metrics.json").write_text(text, encoding="utf-8")
        return folder

    return write


def read_page(path):
    return Page(path.read_text(encoding="utf-8"))


def test_report_begins_with_the_result(metrics, save):
    run = save(metrics)
    path = write_report(run)
    assert path == run / "report.html"
    text = read_page(path).text.replace("\u00a0", " ")
    assert (
        "99.04 % of 10,000 test images right (95 % Wilson interval 98.83 to "
        "99.21), trained on JAX in 3 min 12 s on an AMD EPYC." in text
    )


def test_report_contains_the_numbers(metrics, save):
    run = save(metrics)
    confusion = run / "figures" / "confusion_matrix.png"
    figures.draw_confusion_matrix(
        metrics["test"]["confusion"], CLASSES, confusion
    )
    text = read_page(write_report(run)).text
    for number in (
        *(
            "conv1",
            "Conv2D",
            "(26, 26, 32)",
            "(1600,)",
            "34,826",
            "loss: 0.0312.",
        ),
        *("99.00 %", "98.00 %", "98.50 %", "3,360"),  # of class 0, F1 third
        *("0.00 %", "Most often confused: 0 read as <b> (60×), <b> read as 0"),
        *("2.50 s", "250 ms", "1.50 s", "1 min 01 s", "1.21 GiB"),
        *("batch_size", "3.11.7", "3.15.1", "9f3c" * 16, "42,000"),
    ):
        assert number in text


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(250.0, True), (0.1, False), (None, False), ("x", False)],
)
def test_report_tells_of_runs_before_it(seconds, told, metrics, save):
    metrics["timing"]["before"] = seconds
    page = write_report(save(metrics)).read_text()
    assert ("runs before it" in page) == told
    assert ("4 min 10 s" in page) == told


def test_report_embeds_the_pictures(metrics, save):
    run = save(metrics)
    plain = read_page(write_report(run))
    assert "img" not in plain.tags
    history = metrics["history"]
    figures.draw_learning_curves(
        history, run / "figures" / "learning_curves.png"
    )
    kernels = np.linspace(-1, 1, 72).reshape(3, 3, 1, 8)
    figures.draw_filters(kernels, run / "figures" / "filters.png")
    page = read_page(write_report(run))
    sources = [value for name, value in page.attributes if name == "src"]
    assert len(sources) == 2
    assert all(
        source.startswith("data:image/png;base64,") for source in sources
    )
    sizes = {name: int(v) for name, v in page.attributes if name == "width"}
    assert sizes == {"width": 528}


def test_report_needs_no_network_and_no_script(metrics, save):
    path = write_report(save(metrics))
    page = read_page(path)
    assert not {"script", "link", "iframe"} & set(page.tags)
    assert not re.search(r"https?://", path.read_text(encoding="utf-8"))
    assert "prefers-color-scheme: dark" in path.read_text(encoding="utf-8")


def test_whatever_comes_from_files_is_escaped(metrics, save):
    evil = '<script>"&'
    metrics["config"][evil] = {"a": [evil]}
    metrics["config"]["recipe"] = evil
    metrics["data"] |= {"name": evil, "digest": evil, "generated": True}
    metrics["data"]["sizes"][evil] = evil
    metrics["environment"] |= {"backend": evil, "processor": evil}
    metrics["environment"]["device"]["name"] = evil
    metrics["environment"]["versions"][evil] = evil
    metrics["model"]["name"] = metrics["model"]["layers"][0]["name"] = evil
    metrics["test"]["per_class"][0]["label"] = evil
    metrics["data"]["classes"][0] = evil
    page = read_page(write_report(save(metrics)))
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert page.text.count("<script>") > 10
    assert "<b>" in page.text


def test_generated_data_is_a_banner(metrics, save):
    assert (
        "banner"
        not in dict(read_page(write_report(save(metrics))).attributes).values()
    )
    name = "generated strokes, not MNIST"
    metrics["data"] |= {"name": name, "generated": True}
    page = read_page(write_report(save(metrics)))
    assert ("class", "banner") in page.attributes
    assert page.text.index(name) < page.text.index("99.04 %")


def test_stopped_run_says_so(metrics, save):
    metrics["test"] = None
    text = read_page(write_report(save(metrics))).text
    assert "Stopped before its test after 3 epochs, trained on JAX" in text
    assert "precision" not in text


@pytest.mark.parametrize(
    ("device", "processor", "said"),
    [
        ({"kind": "gpu", "name": "NVIDIA H200", "count": 1}, "", "an NVIDIA"),
        ({"kind": "gpu", "name": "Tesla T4", "count": 1}, "", "a Tesla T4"),
        ({"kind": "gpu", "name": "Tesla T4", "count": 4}, "", "4 × Tesla T4"),
        ({"kind": "cpu", "name": "cpu"}, "Intel Xeon", "an Intel Xeon"),
        ({"kind": "cpu", "name": ""}, "", "a cpu"),
    ],
)
def test_sentence_names_the_machine(device, processor, said, metrics, save):
    metrics["environment"] |= {"device": device, "processor": processor}
    assert f" on {said}" in read_page(write_report(save(metrics))).text


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("test.accuracy", "high", "expected test.accuracy to be a share, 0 to"),
        (
            "test.accuracy",
            99.04,
            "test.accuracy to be a share.*Received: 99.04",
        ),
        ("test.interval", [0.9], "expected test.interval to be two shares"),
        ("timing.total", True, "timing.total to be a number or null. Received"),
        ("history", {}, r"expected history to be a list\. Received: \{\}"),
        ("test.confusion", [[1]], "to have 3 rows of 3 counts.*rows of .1."),
        ("test.confusion", [[0.5]], r"confusion\[0\] to be a list of counts"),
        ("data.classes", [1], r"data.classes\[0\] to be text. Received: 1"),
        ("format", 2, "expected format 1. Received: 2. Read it"),
        ("config", [], "expected config to be an object. Received:"),
        ("data.generated", "x" * 99, r"true or false. Received: 'x+\.\.\.\. W"),
    ],
)
def test_wrong_values_are_named(place, value, message, metrics, save):
    node = metrics
    *parts, last = place.split(".")
    for part in parts:
        node = node[part]
    node[last] = value
    with pytest.raises(DataError, match=f"metrics.json: .*{message}") as error:
        write_report(save(metrics))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("place", "named"),
    [
        ("test", "test"),
        ("timing.import", "timing.import"),
        ("test.per_class.1.recall", r"test.per_class\[1\].recall"),
        ("model.layers.0.type", r"model.layers\[0\].type"),
        ("history.2.seconds", r"history\[2\].seconds"),
        ("environment.device", "environment.device"),
    ],
)
def test_missing_keys_are_named(place, named, metrics, save):
    node = metrics
    *parts, last = place.split(".")
    for part in parts:
        node = node[int(part) if part.isdigit() else part]
    del node[last]
    with pytest.raises(
        DataError, match=rf"metrics.json lacks the key {named}[. ].*Give a"
    ):
        write_report(save(metrics))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "Expected strict JSON in .*metrics.json. Received: Expecting"),
        ('{"a": NaN}', "Received: NaN, which is no JSON number. Give"),
        ("[1]", r"Expected a JSON object in .*Received: \[1\]. Give"),
        ("[" * 99999, "Expected strict JSON in .*Received: maximum recursion"),
    ],
)
def test_what_is_no_metrics_is_refused(text, message, save):
    with pytest.raises(DataError, match=message):
        write_report(save(text))


def test_missing_files_are_named(tmp_path, save):
    with pytest.raises(
        DataError, match=r"no \(No such file|metrics.json \(No "
    ):
        write_report(tmp_path)
    with pytest.raises(DataError, match=r"Received: .*away \(No such file"):
        read_run(tmp_path / "away")


def test_comparing_needs_less_than_reporting(metrics, save):
    del metrics["model"], metrics["test"]["confusion"]
    assert read_run(save(metrics)) == metrics
    with pytest.raises(DataError, match="lacks the key model"):
        read_run(save(metrics), whole=True)


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (units.duration, 0, "0 s"),
        (units.duration, 0.0005, "0.5 ms"),
        (units.duration, 0.9999, "1.00 s"),
        (units.duration, 9.999, "10.0 s"),
        (units.duration, 59.97, "1 min 00 s"),
        (units.duration, 3599.9, "1 h 00 min"),
        (units.memory, 2**30, "1.00 GiB"),
        (units.memory, 5 * 2**20, "5.0 MiB"),
        (units.percent, 1, "100.00 %"),
        (units.decimal, 1234.5, "1,234.5000"),
        (units.plain, True, "true"),
        (units.plain, "", "–"),
    ],
)
def test_numbers_are_written_for_people(write, value, text):
    assert write(value) == text
    assert write(None) == units.DASH
