import copy
import json
import math
import re

import pytest

from mnistcnn.errors import ConfigError, DataError
from mnistcnn.report.comparison import write_comparison
from mnistcnn.report.groups import group_runs, time_to, time_to_best
from mnistcnn.report.verdict import conclude, find_warnings

pytestmark = pytest.mark.core


def make_run(backend="jax", *, epoch=12.0, accuracy=0.99, seed=0, **places):
    """A run; `places` set other values: `environment__cores=4`."""
    spread = 1.96 * math.sqrt(accuracy * (1 - accuracy) / 10_000)
    rises = (0.97, accuracy, accuracy - 0.001)
    run = {
        "format": 1,
        "config": {"recipe": "tutorial", "seed": seed, "batch_size": 32},
        "data": {
            "name": "MNIST",
            "generated": False,
            "digest": "9f3c" * 16,
            "sizes": {"train": 42000, "validation": 18000, "test": 10000},
        },
        "environment": {
            "backend": backend,
            "versions": {"python": "3.11.7", "keras": "3.15.1", backend: "1.0"},
            "device": {"kind": "cpu", "name": "AMD EPYC", "count": 1},
            "processor": "AMD EPYC",
            "cores": 2,
        },
        "history": [
            {
                "epoch": index,
                "accuracy": 0.97,
                "loss": 0.1,
                "val_accuracy": value,
                "val_loss": 0.1,
                "seconds": epoch,
            }
            for index, value in enumerate(rises, start=1)
        ],
        "timing": {
            "import": 2.0,
            "build": 0.1,
            "first_step": 1.0,
            "steady_epoch": epoch,
            "epochs": [epoch] * 3,
            "total": 3 * epoch + 3.1,
        },
        "memory": {"peak_host_bytes": 10**9, "peak_device_bytes": None},
        "test": {
            "accuracy": accuracy,
            "n": 10_000,
            "interval": [accuracy - spread, accuracy + spread],
            "loss": 0.03,
        },
    }
    for place, value in places.items():
        node = run
        *parts, last = place.split("__")
        for part in parts:
            node = node[part]
        node[last] = value
    return run


def conclude_runs(*runs):
    return conclude(group_runs(runs))


def warn(*runs):
    return find_warnings(group_runs(runs))


@pytest.fixture
def compare(tmp_path):
    def write(*runs):
        paths = []
        for index, run in enumerate(runs):
            paths.append(tmp_path / f"{index}.json")
            paths[-1].write_text(json.dumps(run), encoding="utf-8")
        page = write_comparison(paths, tmp_path / "new" / "page.html")
        return page.read_text(encoding="utf-8").replace("\u00a0", " ")

    return write


def test_fastest_follows_from_the_numbers():
    sentence = conclude_runs(
        make_run("torch", epoch=18.0),
        make_run("jax", epoch=12.0),
        make_run("tensorflow", epoch=30.0),
    )
    assert sentence == (
        "JAX is fastest: 12.0 s per epoch, against 18.0 s on PyTorch (1.50×) "
        "and 30.0 s on TensorFlow (2.50×); the accuracies (99.00 % to 99.00 %) "
        "do not differ by more than their intervals; each ran once, so how "
        "noisy the machine was is not known."
    )
    sentence = conclude_runs(make_run("torch", epoch=9), make_run("jax"))
    assert sentence.startswith(
        "PyTorch is fastest: 9.00 s per epoch, against 12.0 s on JAX (1.33×);"
    )


def test_equal_times_have_no_winner():
    sentence = conclude_runs(
        make_run("jax"), make_run("torch"), make_run("tensorflow", epoch=24)
    )
    assert sentence.startswith(
        "JAX and PyTorch are equally fast: 12.0 s per epoch, against 24.0 s "
        "on TensorFlow (2.00×);"
    )
    sentence = conclude_runs(make_run("jax"), make_run("torch"))
    assert "JAX and PyTorch are equally fast: 12.0 s per epoch; the" in sentence


def test_accuracies_apart_are_named():
    sentence = conclude_runs(
        make_run("jax", accuracy=0.99),
        make_run("torch", accuracy=0.98, epoch=13),
        make_run("tensorflow", accuracy=0.989, epoch=14),
    )
    assert (
        "the accuracies differ by more than their intervals: PyTorch (98.00 %) "
        "below JAX (99.00 %) and TensorFlow (98.90 %);" in sentence
    )


def test_several_runs_tell_noise():
    jax = [make_run("jax", epoch=12 + seed, seed=seed) for seed in (0, 1)]
    clear = [make_run("torch", epoch=20 + seed, seed=seed) for seed in (0, 1)]
    mixed = [make_run("torch", epoch=12.5 + seed, seed=seed) for seed in (0, 1)]
    assert conclude_runs(*jax, *clear).endswith(
        "; every run of JAX was faster than any other."
    )
    assert conclude_runs(*jax, *mixed).endswith(
        "; runs of JAX and PyTorch overlap in time, so their order may be "
        "noise."
    )
    assert "PyTorch ran once, so how noisy" in conclude_runs(*jax, clear[0])


def test_conclusion_without_numbers():
    untimed = [
        make_run(name, timing__steady_epoch=None, test=None)
        for name in ("jax", "torch")
    ]
    sentence = conclude_runs(*untimed)
    assert "which is fastest is not known, for there are no" in sentence
    assert conclude_runs(make_run()) == (
        "Nothing to compare with: a steady epoch takes 12.0 s on JAX, test "
        "accuracy 99.00 % (one run)."
    )


def test_runs_that_differ_in_seed_are_one_group():
    runs = [
        make_run(seed=0, epoch=10, accuracy=0.99),
        make_run(seed=1, epoch=14, accuracy=0.98),
    ]
    (group,) = group_runs(runs)
    assert group.label == "JAX"
    assert group.epoch == 12
    assert group.accuracy == pytest.approx(0.985)
    assert group.bounds == (
        runs[1]["test"]["interval"][0],
        runs[0]["test"]["interval"][1],
    )


def test_groups_of_one_backend_say_what_sets_them_apart():
    groups = group_runs(
        [
            make_run(epoch=1, environment__device__name="NVIDIA H200"),
            make_run(epoch=2),
            make_run(epoch=3, config__batch_size=64),
            make_run("torch", epoch=4, config__batch_size=64),
            make_run("other", epoch=5),
            make_run("other", epoch=6, environment__versions={"other": "2"}),
        ]
    )
    assert [group.label for group in groups] == [
        "JAX, batch_size 32, NVIDIA H200",
        "JAX, batch_size 32, AMD EPYC",
        "JAX, batch_size 64, AMD EPYC",
        "PyTorch",
        "other, no. 1",
        "other, no. 2",
    ]


def test_alike_runs_have_no_warnings():
    assert (
        warn(make_run("jax"), make_run("torch"), make_run("tensorflow")) == []
    )


@pytest.mark.parametrize(
    ("place", "value", "warning"),
    [
        (
            "config__batch_size",
            64,
            "Different config batch_size: JAX: 32; PyTo",
        ),
        ("config__limit", 9, "Different config limit: JAX: –; PyTorch: 9."),
        (
            "data__digest",
            "ab" * 32,
            "Different data digest: JAX: 9f3c9f3c9f3c;",
        ),
        (
            "environment__device__name",
            "H200",
            "Different device: JAX: AMD EPYC",
        ),
        (
            "environment__processor",
            "Xeon",
            "Different processor: JAX: AMD EPYC",
        ),
        ("environment__cores", 8, "Different cores: JAX: 2; PyTorch: 8."),
        (
            "environment__versions",
            {"python": "3.11.7", "keras": "4"},
            "Different keras version: JAX: 3.15.1; PyTorch: 4.",
        ),
        ("config__seed", 7, "Different seeds: JAX: 0; PyTorch: 7."),
        ("data__generated", True, "PyTorch did not see MNIST: MNIST."),
        ("test", None, "PyTorch: 1 of 1 runs stopped before the test."),
    ],
)
def test_what_is_not_alike_is_a_warning(place, value, warning):
    runs = make_run("jax"), make_run("torch", epoch=20, **{place: value})
    (found,) = warn(*runs)
    assert found.startswith(warning)
    fair = place in ("config__seed", "data__generated", "test")
    said = "With care" if fair else "Not a fair comparison"
    assert conclude_runs(*runs).startswith(f"{said} (see the warnings): JAX")


def test_time_to_an_accuracy():
    run = make_run(epoch=10, accuracy=0.99)
    assert time_to(run, 0.9) == 10
    assert time_to_best(run) == 20
    assert time_to(run, 0.999) is None
    for row in run["history"]:
        del row["val_accuracy"]
    assert time_to_best(run) is None


def test_page_has_conclusion_pictures_and_numbers(compare):
    runs = make_run("jax", epoch=12), make_run("torch", epoch=18, accuracy=0.98)
    page = compare(*runs)
    assert conclude_runs(*runs) in page
    assert page.count("data:image/png;base64,") == 6
    assert "Peak memory of the device" not in page
    assert "1.50×" in page
    assert "98.00 %" in page
    assert "97.73 to 98.27" in page
    assert "JAX: 12.0 s (1.00×); PyTorch: 18.0 s (1.50×)" in page  # alt text
    assert not re.search(r"https?://|<script|<link", page)
    assert "Warnings" not in page
    assert "banner" not in re.sub("<style>.*</style>", "", page, flags=re.S)


def test_page_shows_spread_and_device_memory(compare):
    page = compare(
        make_run(seed=0, epoch=10, memory__peak_device_bytes=2**31),
        make_run(seed=1, epoch=14, memory__peak_device_bytes=2**31),
        make_run("torch"),
    )
    assert "10.0 s to 14.0 s" in page
    assert "Dots: single runs." in page
    assert "Peak memory of the device" in page
    assert "2.00 GiB" in page


def test_page_warns_of_generated_data(compare):
    name = "generated strokes, not MNIST"
    places = {"data__generated": True, "data__name": name}
    page = compare(make_run(), make_run("torch", **places))
    banner = '<div class="banner" role="alert">'
    assert f"{banner}some runs: {name}</div>" in page
    assert f"PyTorch did not see MNIST: {name}." in page
    page = compare(make_run(**places), make_run("torch", **places))
    assert f"{banner}{name}</div>" in page


def test_page_of_runs_without_times_validation_and_test(compare):
    bare = make_run(test=None, history=[])
    for key in bare["timing"]:
        bare["timing"][key] = None
    bare["memory"]["peak_host_bytes"] = None
    page = compare(bare, copy.deepcopy(bare))
    assert "<img" not in page
    assert "Nothing to compare with" in page


def test_page_escapes_what_comes_from_files(compare):
    evil = "<script>$x"
    page = compare(
        make_run(evil, config__recipe=evil, data__name=evil),
        make_run(evil, environment__processor=evil, data__generated=True),
    )
    assert "<script" not in page
    assert page.count("&lt;script&gt;$x") > 8


def test_errors_name_file_and_key(tmp_path):
    out = tmp_path / "out.html"
    with pytest.raises(
        DataError, match=r"one run to compare. Received: none\."
    ):
        write_comparison([], out)
    run = make_run()
    del run["timing"]["import"]
    (tmp_path / "metrics.json").write_text(json.dumps(run), encoding="utf-8")
    with pytest.raises(
        DataError, match=r"metrics.json lacks the key timing.imp"
    ):
        write_comparison([tmp_path], out)
    assert not out.exists()


def test_what_is_no_comparison_is_not_replaced(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    text = json.dumps(make_run())
    for name in ("metrics.json", "odd.html", "report.html"):
        (run / name).write_text(text, encoding="utf-8")
    for name in ("metrics.json", "odd.html", "report.html"):
        with pytest.raises(DataError, match=f"Received: .*{name}"):
            write_comparison([run, run / "odd.html"], run / name)
        assert (run / name).read_text(encoding="utf-8") == text
    for _ in range(2):
        write_comparison([run], run / "comparison.HTM")


def test_only_earlier_pictures_are_replaced(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "metrics.json").write_text(json.dumps(make_run()), encoding="utf-8")
    kept = tmp_path / "kept"
    for _ in range(2):
        write_comparison([run], tmp_path / "c.html", pictures=kept)
    theirs = kept / "cold_start.png"
    theirs.write_bytes(b"mine")
    before = {path: path.stat().st_mtime_ns for path in kept.iterdir()}
    with pytest.raises(ConfigError, match="kept/cold_start.png exists and is"):
        write_comparison([run], tmp_path / "c.html", pictures=kept)
    assert {p: p.stat().st_mtime_ns for p in kept.iterdir()} == before
