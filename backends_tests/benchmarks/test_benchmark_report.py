import contextlib
import functools
import json
import re
import subprocess
import sys
from pathlib import Path

import made_results as made
import pytest

import pages
from formats.quantities import write_quantity
from formats.spread import Spread, pair, write_range
from mnistcnn.errors import DataError
from mnistcnn.figures import drawing
from mnistcnn.report import write_comparison
from pages import (
    bar_plot,
    insert_text,
    line_plot,
    write_benchmarks,
    write_records,
    write_table,
)
from pages.bar_plot import Bar, Block, draw_blocks
from pages.comparability import find_warnings
from pages.line_plot import Line, draw_growth
from pages.markdown import read_text
from pages.rankings import list_rankings
from pages.recommendation import recommend
from pages.series import group_results
from pages.speedups import list_speedups
from pages.tables import tabulate_layers
from suites.suite_results import read_results

pytestmark = pytest.mark.core

COMPARE = Path(pages.__file__).parents[1] / "compare.py"


def epoch(path, seconds, *, batch=128, **options):
    case = {"path": path, "batch_size": batch, "dtype": "float32"}
    return made.measure("epoch_seconds", seconds, **case | options)


def training(backend, *measurements, **places):
    return made.make_result(
        "training", backend, measurements=list(measurements), **places
    )


@pytest.fixture
def group(tmp_path):
    def write(*results):
        for result in results:
            made.write_result(tmp_path / "machine", result)
        return group_results(read_results([tmp_path / "machine"]))

    return write


@pytest.fixture
def page(tmp_path):
    def write(*results):
        for result in results:
            made.write_result(tmp_path / "machine", result)
        out = tmp_path / "new" / "page.html"
        write_benchmarks([tmp_path / "machine"], out)
        text = re.sub(r"\s+", " ", out.read_text(encoding="utf-8"))
        return re.sub(r"(?<=>) | (?=<)", "", text)  # as a browser does

    return write


# === The recommendation ===


def test_advice_follows_from_the_numbers(group):
    series = group(
        training("jax", epoch("engine", 5.0), epoch("fit", 20.0)),
        training("torch", epoch("engine", 7.5), epoch("fit", 15.0)),
    )
    assert recommend(series) == (
        "Take JAX for training; the engine's speed is 2.00 to 4.00× that of "
        "Keras' fit."
    )
    series = group(
        training("jax", epoch("engine", 9.0)),
        training("torch", epoch("engine", 7.5)),
    )
    assert recommend(series) == ("Take PyTorch for training.")


def test_advice_names_a_winner_for_each_question(group):
    series = group(
        training("jax", epoch("engine", 5.0), epoch("engine", 7, batch=32)),
        training("torch", epoch("engine", 6.0), epoch("engine", 6, batch=32)),
        made.make_result("latency", "jax"),
        made.make_result("latency", "torch"),
    )
    assert recommend(series) == (
        "Take PyTorch for training at batch 32 and single images, JAX for "
        "training at batch 128, JAX or PyTorch for many images at once."
    )


def test_batch_sizes_are_said_together(group):
    series = group(
        training("jax", epoch("engine", 5.0), epoch("engine", 6, batch=32)),
        training("torch", epoch("engine", 6.0), epoch("engine", 9, batch=32)),
    )
    assert recommend(series) == ("Take JAX for training.")
    sizes = (32, 64, 128)
    series = group(
        training("jax", *(epoch("engine", 5.0, batch=n) for n in sizes)),
        training(
            "torch",
            *(epoch("engine", 4 + n / 50, batch=n) for n in sizes),
        ),
    )
    assert recommend(series) == (
        "Take PyTorch for training at batch 32, JAX for training at batch 64 "
        "and 128."
    )


def test_what_overlaps_has_no_winner(group):
    series = group(
        training("jax", epoch("engine", 5.0)),
        training("torch", epoch("engine", 5.05)),
        training("tensorflow", epoch("engine", 8.0)),
    )
    assert recommend(series) == ("Take JAX or PyTorch for training.")
    (ranking,) = list_rankings(series)
    assert [entry[0].label for entry in ranking.winners] == ["JAX", "PyTorch"]


def test_more_images_a_second_are_better(group):
    def latency(backend, rate):
        rate = made.measure("images_per_second", rate, path="classifier")
        return made.make_result("latency", backend, measurements=[rate])

    series = group(latency("jax", 100), latency("torch", 300))
    assert recommend(series) == ("Take PyTorch for many images at once.")


def test_losses_to_native_loops_are_in_the_sentence(group):
    series = group(
        training("jax", epoch("engine", 5), epoch("best", 6)),
        training("torch", epoch("engine", 7), epoch("best", 5.6)),
    )
    assert recommend(series).endswith(
        "; the engine's speed is 0.80 to 1.20× that of the best native loops."
    )


def test_advice_from_one_backend_and_from_nothing_in_common(group, tmp_path):
    one = group(training("jax", epoch("engine", 5.0)))
    assert recommend(one) == (
        "Nothing to choose from: only JAX was run; training at batch 128: "
        "5.00 s an epoch."
    )
    two = group(training("torch", epoch("engine", 5.0, batch=32)))
    assert recommend(two).startswith("Which is fastest is not known: nothing")


def waits(backend, seconds, *, right=10, n=10, percent=99.4):
    """The suite of a target, of which so many seeds reach it."""
    case = {"target": percent, "recipe": "short"}
    reached = percent / 100
    scores = (1.0,) * right + (1 - 1e-4,) * (n - right)
    measured = [
        made.measure("seconds", seconds, noise=(1.0,) * n, **case),
        made.measure("accuracy", reached, noise=scores, **case),
    ]
    suite = f"time_to_{percent}"
    return made.make_result(suite, backend, measurements=measured)


def test_a_target_is_reached_where_nine_of_ten_seeds_reach_it(group):
    series = group(waits("jax", 19.0, right=9), waits("torch", 16.0))
    assert recommend(series) == "Take PyTorch for the wait for 99.4 %."
    series = group(waits("jax", 19.0), waits("torch", 16.0, right=8))
    (ranking,) = list_rankings(series)
    assert [one.label for one, _ in ranking.entries] == ["JAX"]
    assert find_warnings(series) == [
        "PyTorch, a target that fewer than nine of ten seeds are shown to "
        "reach: 99.4 % reached by 8 of 10 seeds."
    ]


def test_of_fewer_than_ten_seeds_no_target_is_reached(group):
    series = group(waits("jax", 19.0, right=9, n=9))
    assert list_rankings(series) == []
    (warning,) = find_warnings(series)
    assert warning.endswith("99.4 % reached by 9 of 9 seeds.")


# === Speed-ups ===


def test_duels_are_won_lost_or_alike_by_quartiles(group):
    series = group(
        training(
            "jax",
            epoch("engine", 5.0),
            epoch("fit", 20.0),
            epoch("plain", 5.0, noise=made.NOISE[::-1]),
            epoch("best", 4.0),
        )
    )
    speedups = {speedup.baseline: speedup for speedup in list_speedups(series)}
    verdicts = {name: speedup.verdict for name, speedup in speedups.items()}
    assert verdicts == {"fit": "faster", "plain": "alike", "best": "slower"}
    assert speedups["fit"].factor.median == pytest.approx(4.0)
    assert speedups["best"].sentence == (
        "JAX, batch 128: the engine is slower than the best native loop: "
        "5.00 s (4.95 to 5.05, n 5) against 4.00 s (3.96 to 4.04, n 5), 0.80× "
        "(0.80 to 0.80, n 5) its speed."
    )


def test_each_repeat_has_a_ratio_of_its_own(group):
    """A machine that slows down slows both down: their ratio stays."""
    series = group(
        training(
            "jax",
            epoch("engine", 5.0, noise=(1, 2, 3, 1.5, 1)),
            epoch("tuned", 6.0, noise=(1, 2, 3, 1.5, 1)),
            epoch("best", 5.0, noise=(1, 2.2, 2.7, 1.5, 1)),
        )
    )
    speedups = {speedup.baseline: speedup for speedup in list_speedups(series)}
    assert speedups["tuned"].factor.low == pytest.approx(1.2)
    assert speedups["tuned"].factor.high == pytest.approx(1.2)
    assert speedups["tuned"].verdict == "faster"
    assert speedups["best"].factor.low == 1
    assert speedups["best"].verdict == "alike"


def test_other_repeats_are_no_pairs(group):
    series = group(
        training("jax", epoch("engine", 5.0), epoch("fit", 9.0, noise=(1, 1)))
    )
    (speedup,) = list_speedups(series)
    assert speedup.factor is None and speedup.verdict == "alike"
    assert pair([1.0], [0.0]) is None


def test_two_versions_of_a_suite_are_not_compared(group):
    first = training_of("jax")
    other = training_of("torch", version=3)
    with pytest.raises(
        DataError,
        match=r"training--jax.json is of version 2 of the suite training, "
        r".*training--torch.json of 3. Expected one version, since",
    ):
        group(first, other)


def test_what_a_keras_model_costs_in_the_native_loop(group):
    series = group(
        training(
            "jax",
            epoch("plain", 6.0),
            epoch("keras", 8.0),
            epoch("fit", 12.0),
            epoch("grid", 11.0, settings="input=arrays"),
        )
    )
    ((name, seconds, *ratios),) = tabulate_layers(series).rows
    assert (name, seconds.text) == ("JAX, batch 128", "6.00 s")
    assert [cell.text for cell in ratios] == ["0.75×", "0.50×", "–", "–"]


def test_a_dtype_that_does_not_pay_fights_no_duel(group):
    series = group(
        training(
            "jax",
            epoch("engine", 9.0, dtype="bfloat16"),
            epoch("engine", 5.0),
            epoch("fit", 20.0),
        )
    )
    assert [speedup.case for speedup in list_speedups(series)] == ["batch 128"]


def test_another_dtype_is_a_duel_of_its_own(group):
    series = group(
        training(
            "jax",
            epoch("engine", 4.0, dtype="bfloat16"),
            epoch("engine", 5.0),
            epoch("fit", 20.0),
        )
    )
    speedups = list_speedups(series)
    assert [d.case for d in speedups] == ["batch 128", "batch 128, bfloat16"]
    assert [d.ours.median for d in speedups] == [5.0, 4.0]
    # The engine's epoch is that in float32, unless another dtype is named.
    (ranking,) = list_rankings(series)
    assert ranking.entries[0][1].median == 5.0


def test_more_images_a_second_win_the_duel(group):
    speedups = list_speedups(group(made.make_result("latency", "jax")))
    verdicts = {speedup.metric: speedup.verdict for speedup in speedups}
    assert verdicts == {"microseconds": "faster", "images_per_second": "slower"}


def test_a_zero_has_no_ratio():
    assert Spread(1.0, 1.0, 1.0, 3).over(Spread(0.0, 0.0, 0.0, 3)) is None


@pytest.mark.parametrize(
    ("metric", "spread", "text"),
    [
        ("seconds", Spread(0.5, 0.9, 1.2, 3), "900 ms to 1.20 s"),
        ("seconds", Spread(70, 61, 72, 3), "1 min 01 s to 1 min 12 s"),
        ("ratio", Spread(1.5, 1.4, 1.6, 3), "1.40 to 1.60"),
        ("accuracy", Spread(0.9, 0.8, 1, 3), "80.00 to 100.00"),
    ],
)
def test_ranges_name_a_unit_where_the_median_does_not(metric, spread, text):
    assert write_range(metric, spread) == text


@pytest.mark.parametrize(
    ("metric", "number", "text"),
    [
        ("microseconds", 9.5, "9.50 µs"),
        ("p99_microseconds", 1234, "1.23 ms"),
        ("microseconds", 2_500_000, "2.50 s"),
        ("epoch_seconds", 6.25, "6.25 s"),
        ("bytes", 2**30, "1.00 GiB"),
        ("accuracy", 0.99, "99.00 %"),
        ("gflops_per_second", 120.04, "120.0 GFLOP/s"),
        ("difference", 1.24e-6, "1.2e-06"),
        ("ratio", 2, "2.00×"),
        ("watts", 12.3456, "12.35"),
        ("seconds", None, "–"),
    ],
)
def test_quantities(metric, number, text):
    assert write_quantity(metric, number) == text


# === Warnings ===


def test_alike_results_have_no_warnings(group):
    assert find_warnings(group(*map(training_of, made.EPOCHS))) == []


def training_of(backend, **places):
    return made.make_result("training", backend, **places)


@pytest.mark.parametrize(
    ("place", "value", "warning", "unfair"),
    [
        ("environment__processor", "EPYC", "Different processor: JAX: I", True),
        ("environment__cores", 8, "Different cores: JAX: 2; PyTorch: 8.", True),
        ("environment__device__name", "H200", "Different device: JAX", True),
        (
            "environment__threads",
            {"N": "1", "OMP_NUM_THREADS": None},
            "Different threads: JAX: OMP_NUM_THREADS=2; PyTorch: N=1.",
            True,
        ),
        (
            "environment__versions",
            {"python": "3.11.7", "keras": "4", "mnistcnn": "0.1.0"},
            "Different keras version: JAX: 3.15.1; PyTorch: 4.",
            True,
        ),
        ("quick", True, "PyTorch, quick form, not for quoting: trai", False),
        ("dirty", True, "PyTorch, measured with uncommitted cha", False),
        ("commit", "fff1234", "Measured at several commits: abc1234, f", False),
    ],
)
def test_what_is_not_alike_is_a_warning(group, place, value, warning, unfair):
    series = group(training_of("jax"), training_of("torch", **{place: value}))
    (found,) = find_warnings(series)
    assert found.startswith(warning)
    said = "Not a fair comparison" if unfair else "With care"
    assert recommend(series).startswith(f"{said} (see the warnings): take")


def test_suites_of_one_backend_that_differ_are_a_warning(group):
    series = group(
        training_of("jax"),
        made.make_result("latency", "jax", environment__cores=8),
    )
    assert find_warnings(series) == ["Different cores: JAX: 2, 8."]


def test_few_repeats_and_missing_suites_are_warnings(group):
    series = group(
        training("jax", epoch("engine", 5.0)),
        training("torch", epoch("engine", 6.0, noise=(1.0, 1.0))),
        made.make_result("parity", "jax"),
    )
    assert find_warnings(series) == [
        "PyTorch, some times repeated less than 3 times: training.",
        "PyTorch was not measured in: parity.",
    ]


# === The page ===


def test_page_of_every_suite(page, tmp_path):
    made.write_all(tmp_path / "machine")
    text = page()
    series = group_results(read_results([tmp_path / "machine"]))
    assert recommend(series) in text.replace("&#39;", "'")
    assert text.count("data:image/png;base64,") == 15
    titles = [
        "Seconds of an epoch at batch 32",
        "Time to accuracy",
        "Time to classify a single image",
        "Images classified in a second",
        "From the process&#39;s start to a first label",
        "Cold start of training",
        "Peak memory of the host",
        "Differences between backends",
        "Differences from step to step",
        "Growth with the data",
        "Growth with the network",
        "Which backend for what",
        "Where ours is not faster",
        "Every number: time to 99.0",
        "Environment, flags and commit",
    ]
    for title in titles:
        assert f"<h2>{title}</h2>" in text, title
    assert "Peak memory of the device" not in text
    assert "Warnings" not in text
    # Losses as plainly as wins, with both numbers and their spread.
    assert '<b class="loss">0.80×</b><small>0.80 to 0.80, n 5</small>' in text
    assert "ours is faster in 36, slower in 6, and within the spread" in text
    assert (
        "TensorFlow, batch 32: the engine is slower than the best native "
        "loop: 8.75 s (8.66 to 8.84, n 5) against 7.00 s" in text
    )
    assert "engine 5.00 s (4.95 to 5.05)" in text  # alt text
    for title, better in (
        ("Images classified in a s", "Longer"),
        ("Seconds of an epoch at ", "Shorter"),
    ):
        figure = text.split(f"<h2>{title}")[1].split("</section>")[0]
        assert f"<figcaption>{better} is better." in figure
    assert "JAX 99.0 % by 9 of 10 seeds" in text
    assert ">38.40 %<" in text  # 240 / 6.25 of 100 GFLOP/s
    for fact in ("OMP_NUM_THREADS", "XLA_FLAGS", "abc1234", "3.15.1"):
        assert fact in text
    assert not re.search(r"https?://|<script|<link", text)


def test_page_has_every_number(page):
    text = page(made.make_result("latency", "jax"))
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</td></tr>", text)
    cell = '</th><td class="number">264 µs<small>261 to 267, n 5</small>'
    assert f"p95 microseconds: classifier{cell}" in rows
    assert sum("microseconds: " in row for row in rows) == 15


def test_page_of_a_gpu_and_of_notes(page):
    sizes = [
        made.measure("bytes", 2**31, what="device_peak_training", path=path)
        for path in ("engine", "fit")
    ]
    sizes[0]["note"] = "by the <allocator>"
    text = page(made.make_result("memory", "jax", measurements=sizes))
    assert "<h2>Peak memory of the device</h2>" in text
    assert "<h2>Peak memory of the host</h2>" not in text
    assert "by the &lt;allocator&gt;" in text


def test_page_of_a_quick_run_says_so(page):
    text = page(made.make_result("training", "jax", quick=True))
    banner = '<div class="banner" role="alert">quick form: not for quoting'
    assert banner in text


def test_page_escapes_what_comes_from_files(page):
    evil = "<script>$x"
    case = {"path": evil, "batch_size": 1, evil: evil}
    number = made.measure("epoch_seconds", 1.0, note=evil, **case)
    environment = {
        "environment__processor": evil,
        "environment__platform": evil,
        "environment__device__name": evil,
        "environment__versions": {evil: evil},
        "environment__flags": {evil: evil},
        "environment__threads": {evil: evil},
    }
    training = made.make_result(
        "training", measurements=[number], **environment
    )
    training["protocol"][evil] = evil
    text = page(
        training,
        made.make_result("latency", "jax", environment__processor=evil),
    )
    assert "<script" not in text
    assert text.count("&lt;script&gt;$x") > 12


def test_page_of_two_machines_sets_them_apart(tmp_path):
    made.write_result(tmp_path / "old", training_of("jax"))
    slow = training("jax", epoch("engine", 9), environment__processor="EPYC")
    made.write_result(tmp_path / "new", slow)
    out = write_benchmarks([tmp_path], tmp_path / "page.html")
    text = out.read_text(encoding="utf-8")
    assert "Different processor: JAX, old: Intel Xeon; JAX, new: EPYC." in text
    assert "Not a fair comparison" in text


def test_odd_series_in_the_protocol_are_left_out(page):
    for steps in ([], [{"loss": "x"}], [{"loss": 1.0}, {}], {"loss": 1}):
        result = made.make_result("parity", "jax")
        result["protocol"]["differences_by_step"] = steps
        assert "step to step" not in page(result)


def test_axes_of_times_start_at_zero(tmp_path, monkeypatch):
    drawn = []

    @contextlib.contextmanager
    def keep(path, size, *, note):
        with drawing.picture(path, size, note=note) as figure:
            yield figure
            drawn.append(figure)

    monkeypatch.setattr(bar_plot, "picture", keep)
    monkeypatch.setattr(line_plot, "picture", keep)
    slow, fast = Spread(10, 9.5, 10.5, 3), Spread(9, 9, 9, 1)
    bars = (Bar("fit", slow, "10 s"), Bar("engine", fast, "9 s"))
    draw_blocks([Block("JAX", "jax", bars)], tmp_path / "a.png")
    ends = (Spread(9.0, 8.5, 9.5, 3), Spread(10.0, 9.5, 10.5, 3))
    line = Line("JAX", "jax", (100.0, 200.0), ends)
    axes = {"xlabel": "images", "ylabel": "seconds"}
    draw_growth([line], tmp_path / "b.png", **axes)
    (bars,), (lines,) = (figure.axes for figure in drawn)
    assert bars.get_xlim() == (0, pytest.approx(10.71))
    assert lines.get_xlim()[0] == lines.get_ylim()[0] == 0


def test_zeros_have_a_place_on_a_logarithmic_axis(tmp_path):
    none, some = Spread(0, 0, 0, 1), Spread(1e-6, 0, 2e-6, 3)
    bars = (Bar("loss", none, "0"), Bar("weights", some, "1e-06"))
    for some in (bars, bars[:1]):
        path = draw_blocks(
            [Block("JAX", "jax", some)], tmp_path / "a.png", logarithmic=True
        )
        assert path.stat().st_size > 1000


def test_pictures_can_be_kept(tmp_path):
    file = made.write_result(tmp_path, training("jax", epoch("engine", 5)))
    kept = tmp_path / "kept"
    write_benchmarks([file], tmp_path / "page.html", pictures=kept)
    names = [path.name for path in kept.iterdir()]
    assert names == ["seconds_of_an_epoch_at_batch_128.png"]


# === Reading ===


def test_a_folder_is_searched_and_nothing_is_read_twice(tmp_path):
    file = made.write_result(tmp_path / "deep" / "er", training_of("jax"))
    (tmp_path / "other.json").write_text("{}")
    results = read_results([tmp_path, file, file.parent])
    assert list(results) == [file]


def test_runs_and_results_are_not_mixed(tmp_path):
    file = made.write_result(tmp_path / "bench", training_of("jax"))
    renamed = tmp_path / "any.json"
    renamed.write_bytes(file.read_bytes())
    for path in (file, file.parent, renamed):
        with pytest.raises(
            DataError,
            match=rf"Expected a run. Received: the benchmark results {path}. "
            "Their page is made by benchmarks/compare.py",
        ):
            write_comparison([path], tmp_path / "page.html")
    run = tmp_path / "run"
    run.mkdir()
    (run / "metrics.json").write_text("{}")
    with pytest.raises(DataError, match=r"Received: the folder .*run, which"):
        write_benchmarks([run], tmp_path / "page.html")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("suite", "suite is nothing. Expected it to be there: me"),
        ("environment.processor", "environment.processor is nothing. Expected"),
        ("measurements.0.median", r"measurements\[0\].median is nothing. Exp"),
    ],
)
def test_a_missing_key_is_named(tmp_path, place, message):
    result = training_of("jax")
    node = result
    *parts, last = [int(p) if p.isdigit() else p for p in place.split(".")]
    for part in parts:
        node = node[part]
    del node[last]
    file = tmp_path / "training--jax.json"
    file.write_text(json.dumps(result))
    with pytest.raises(DataError, match=f"training--jax.json: {message}"):
        read_results([file])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": 4}, r"measurements\[0\].n is 4. Expected 5"),
        ({"median": 7.0}, r"measurements\[0\].median is 7.0. Expected 5.0"),
        ({"low": 5.2}, r"low is 5.2. Expected 4.95"),
        ({"high": 99.0}, r"high is 99.0. Expected 5.05"),
        ({"values": []}, r"values is \[\]. Expected at least 1 item"),
        (
            {"values": [10**400]},
            r"\[0\] is 1000.*Expected a .* number",
        ),
        ({"better": "up"}, r"better is up. Expected 'lower', 'higher' or"),
        ({"case": {"a": [1]}}, r"case.a is \[1\]. Expected a valid string"),
        (
            {"median": float("nan")},
            r"NaN is no number. Expected strict JSON",
        ),
    ],
)
def test_a_wrong_value_is_named(tmp_path, change, message):
    number = epoch("engine", 5.0) | change
    file = made.write_result(tmp_path, training("jax", number))
    with pytest.raises(DataError, match=message) as caught:
        read_results([file])
    assert "\n" not in str(caught.value)


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(DataError, match=r"Received: none. Give at least one."):
        read_results([])
    with pytest.raises(DataError, match=r"the folder .*, which holds none. Ru"):
        read_results([tmp_path])
    with pytest.raises(DataError, match=r"a--b.json cannot be read \(No such"):
        read_results([tmp_path / "a--b.json"])
    file = tmp_path / "a--b.json"
    file.write_text("[1]")
    with pytest.raises(DataError, match=r"b.json: it is \[1\]. Expected an o"):
        read_results([file])
    file.write_text('{"format": 2}')
    with pytest.raises(DataError, match=r"b.json: format is 2. Expected 1"):
        read_results([file])
    number = epoch("engine", 5.0)
    made.write_result(tmp_path, training("jax", number, number))
    with pytest.raises(DataError, match=r"\[1\].case is .*it only once"):
        read_results([tmp_path / "training--jax.json"])


def test_two_results_of_one_suite_are_refused(tmp_path):
    file = made.write_result(tmp_path, training_of("jax"))
    copy = tmp_path / "copy--jax.json"
    copy.write_bytes(file.read_bytes())
    with pytest.raises(
        DataError,
        match=r"one result of the suite training on jax. Received: .*copy--jax",
    ):
        group_results(read_results([tmp_path]))


# === The README's table ===


def test_table_of_all(tmp_path):
    text = write_table([made.write_all(tmp_path / "machine")])
    rows = [row.split(" | ") for row in text.splitlines() if row[:1] == "|"]
    assert rows[0] == ["| ", "JAX", "PyTorch", "TensorFlow |"]
    assert {len(row) for row in rows} == {4}
    found = {row[0][2:]: row[1] for row in rows}
    assert found["an epoch at batch 32: engine"] == "6.25 s (6.19 to 6.31)"
    assert found["single image"] == "220 µs (218 to 222)"
    assert found["Keras' `fit` / engine"] == "4.00× (4.00 to 4.00)"
    assert found["Keras' `fit`, tuned / engine"] == "3.00× (3.00 to 3.00)"
    assert "0.80× (0.80 to 0.80) |" in [row[3] for row in rows]
    assert text.endswith(
        "Medians with their quartiles, 5, 10 repeats, each with ratios of its "
        "own, on Intel Xeon, 2 cores; "
        "keras 3.15.1, jax 1.0, torch 1.0, tensorflow 1.0; commit abc1234; "
        "2026-11-22. Memory of the host."
    )


def test_table_of_little_has_dashes_and_no_foreign_markup(tmp_path):
    result = training(
        "jax",
        epoch("engine", 5, noise=(1,)),
        environment__processor="a|b <i> ![x](http://y) **z** \x9b\u202e",
        quick=True,
        dirty=True,
    )
    text = write_table([made.write_result(tmp_path, result)])
    assert "| an epoch at batch 128: engine | 5.00 s |" in text
    assert "at batch 32" not in text
    assert "| single image | – |" in text
    assert "| cold" not in text
    assert "Quick form, not for quoting. Medians" in text
    processor = r"a\|b &lt;i> !\[x\](http://y) \*\*z\*\* \\x9b\\u202e"
    assert f"on {processor}, 2 cores" in text
    assert "commit abc1234 with changes" in text


def test_table_is_put_between_the_markers(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_bytes(
        "ä\r\n<!-- benchmarks -->old<!-- /benchmarks -->\nz".encode()
    )
    insert_text(readme, "| new |", name="benchmarks")
    insert_text(readme, "| newer |", name="benchmarks")
    assert readme.read_bytes().decode() == (
        "ä\r\n<!-- benchmarks -->\n\n| newer |\n\n<!-- /benchmarks -->\nz"
    )
    assert read_text(readme, name="benchmarks") == "| newer |"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", r"each once. Received: 0 and 0 of them. Put them where"),
        (b"<!-- benchmarks -->", r"Received: 1 and 0 of them"),
        (b"<!-- /benchmarks --><!-- benchmarks -->", r"and then <!-- /bench"),
        (b"<!-- benchmarks --><!-- /benchmarks -->" * 2, r"2 and 2 of them"),
        (b"\xff", r"Received: .*README.md \(no UTF-8 text\). Give the README"),
    ],
)
def test_a_readme_without_its_markers_is_left_alone(tmp_path, text, message):
    readme = tmp_path / "README.md"
    readme.write_bytes(text)
    with pytest.raises(DataError, match=message):
        insert_text(readme, "| new |", name="benchmarks")
    assert readme.read_bytes() == text


def test_a_readme_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match=r"README.md \(No such file or"):
        insert_text(tmp_path / "README.md", "| new |", name="benchmarks")


# === The records ===


def test_records_say_what_they_beat_and_how_they_were_made(tmp_path):
    folder = made.write_all(tmp_path / "machine")
    made.write_result(folder, waits("torch", 41.0, right=8))
    rows = {}
    text = write_records([tmp_path])
    for row in text.splitlines():
        name, *cells = row.strip("| ").split(" | ")
        rows[name] = cells
    record = "15.0 s (14.8 to 15.2, n 10)"
    assert rows["the wait for 99.0 %"] == [
        record,
        "JAX",
        "`train --recipe fast`, 9 of 10 seeds",
        "PyTorch 1.20× (1.18 to 1.22); TensorFlow 1.40× (1.37 to 1.43)",
        "`nox -s bench-jax -- time_to_99.0`, abc1234, 2026-11-22",
    ]
    beat = rows["training at batch 128"][3]
    assert "Keras' fit, tuned 3.00× (3.00 to 3.00)" in beat
    assert "the best native loop 1.04× (1.04 to 1.04)" in beat
    assert "the wait for 99.4 %" not in rows
    assert "have to reach a target: PyTorch 99.4 % by 8 of 10 seeds." in text
    # The same network through Keras and without.
    assert rows["JAX, batch 128"][1:] == [
        "0.89× (0.89 to 0.89)",
        "0.80× (0.80 to 0.80)",
        "1.07× (1.07 to 1.07)",
        "3.20× (3.20 to 3.20)",
    ]


def test_attempts_stand_beside_the_engine_as_it_is(tmp_path):
    tried = [
        made.measure("epoch_seconds", 4.0, attempt="none"),
        made.measure("epoch_seconds", 8.0, attempt="fft", note="By FFT."),
    ]
    tried = made.make_result("attempts", "jax", measurements=tried)
    made.write_result(tmp_path / "a", tried)
    text = write_records([tmp_path])
    assert re.search(r"\| JAX: as it is \| 4.00 s \([^|]*\) \| – \|", text)
    assert re.search(r"\| JAX: By FFT. \| 8.00 s [^|]* \| 0.50× ", text)


def test_machines_have_records_of_their_own(tmp_path):
    made.write_result(tmp_path / "a", training("jax", epoch("engine", 5.0)))
    other = training(
        "jax", epoch("engine", 4), version=3, environment__processor="EPYC"
    )
    made.write_result(tmp_path / "b", other)
    text = write_records([tmp_path])
    assert text.count("| training at batch 128 |") == 2
    assert text.index("On Intel Xeon, 2 cores") < text.index("On EPYC, 2 cores")


def test_the_committed_records_are_of_the_committed_results():
    """Red? benchmarks/README.md says how they are made anew."""
    found = read_text(COMPARE.parent / "RECORDS.md", name="records")
    assert found == write_records([COMPARE.parent / "results"])


def test_the_committed_table_of_a_gpu_is_of_its_results():
    found = read_text(COMPARE.parent / "README.md", name="gpu")
    assert found == write_table((COMPARE.parent / "results").glob("*h100*"))


# === The command line ===


def test_compare_by_the_command_line(tmp_path):
    made.write_result(tmp_path / "m", training("jax", epoch("engine", 5)))
    (tmp_path / "R.md").write_text("<!-- benchmarks --><!-- /benchmarks -->")

    command = [sys.executable, COMPARE, "m", "--table", "R.md"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "wrote the table into R.md\n"
    assert "5.00 s (4.95 to 5.05)" in (tmp_path / "R.md").read_text()
    assert not (tmp_path / "benchmarks.html").exists()
    compare = functools.partial(made.run_compare, tmp_path)
    done = compare("m", "--table", "R.md", "--out", "p.html")
    assert done.stdout == "wrote p.html\nwrote the table into R.md\n"
    assert compare("m").stdout == "wrote benchmarks.html\n"
    (tmp_path / "run").mkdir()
    done = compare("m", "run")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "run, which holds none" in done.stderr
