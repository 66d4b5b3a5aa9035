"""Made-up result files of the benchmarks, for the tests of who reads them."""

import contextlib
import io
import json
import subprocess
import sys

import pytest

from formats.spread import summarize

EPOCHS = {  # seconds of an epoch at batch 128, by backend and path
    "jax": {"engine": 5.0, "best": 5.2, "plain": 16.0, "fit": 20.0},
    "torch": {"engine": 6.0, "best": 6.6, "plain": 9.0, "fit": 22.0},
    "tensorflow": {"engine": 7.0, "best": 5.6, "plain": 8.0, "fit": 14.0},
}
LATENCY = {"jax": 220.0, "torch": 180.0, "tensorflow": 400.0}
BATCHES = {32: 1.25, 128: 1.0, 250: 0.96}
UP = ("accuracy", "images_per_second", "gflops_per_second")
NOISE = (1.0, 0.98, 1.02, 0.99, 1.01)


def measure(metric, median, *, noise=NOISE, note=None, **case):
    """One measurement, whose repeats scatter by `noise`."""
    values = [median * factor for factor in noise]
    spread = summarize(values)
    return {
        "case": case,
        "metric": metric,
        "better": "higher" if metric in UP else "lower",
        "values": values,
        "median": spread.median,
        "low": spread.low,
        "high": spread.high,
        "n": spread.n,
        **({"note": note} if note else {}),
    }


def make_result(
    suite="training", backend="jax", *, measurements=None, **places
):
    """A result; `places` set other values: `environment__cores=4`."""
    result = {
        "format": 1,
        "suite": suite,
        "version": 2,
        "backend": backend,
        "date": "2026-11-22",
        "commit": "abc1234",
        "dirty": False,
        "quick": False,
        "environment": {
            "backend": backend,
            "versions": {
                "python": "3.11.7",
                "keras": "3.15.1",
                "mnistcnn": "0.1.0",
                backend: "1.0",
            },
            "device": {"kind": "cpu", "name": "Intel Xeon", "count": 1},
            "processor": "Intel Xeon",
            "cores": 2,
            "platform": "Linux",
            "threads": {"OMP_NUM_THREADS": "2"},
            "flags": {"XLA_FLAGS": None},
        },
        "protocol": {
            "repeats": 5,
            "warmup": 1,
            "interleaved": True,
            "seconds": 60.5,
            "differences_by_step": [
                {"loss": step * LATENCY.get(backend, 1.0) * 1e-10}
                for step in range(20)
            ],
        },
        "measurements": measurements or SUITES[suite](backend),
    }
    for place, value in places.items():
        node = result
        *parts, last = place.split("__")
        for part in parts:
            node = node[part]
        node[last] = value
    return result


def write_result(folder, result):
    """Writes a result under the name that the benchmarks give it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{result['suite']}--{result['backend']}.json"
    file.write_text(json.dumps(result), encoding="utf-8")
    return file


def write_all(folder, *, backends=tuple(EPOCHS), **places):
    """Writes every suite of every backend."""
    for backend in backends:
        for suite in SUITES:
            write_result(folder, make_result(suite, backend, **places))
    return folder


def _training(backend):
    found = [measure("gflops_per_second", 100.0, path="matmul")]
    for size, factor in BATCHES.items():
        epochs = EPOCHS[backend]
        epochs = epochs | {"tuned": 0.75 * epochs["fit"]}
        epochs["keras"] = 0.9 * epochs["fit"]
        for path, seconds in epochs.items():
            case = {"path": path, "batch_size": size, "dtype": "float32"}
            epoch = seconds * factor
            found.append(measure("epoch_seconds", epoch, **case))
            found.append(measure("accuracy", 0.95, noise=(1.0,) * 5, **case))
            found.append(measure("gflops_per_second", 240 / epoch, **case))
    return found


def _latency(backend):
    found = []
    for path, factor in (
        ("predict", 150),
        ("predict_on_batch", 20),
        ("call", 15),
        ("classifier", 1),
        ("native", 1.2),
    ):
        single = LATENCY[backend] * factor
        found.append(measure("microseconds", single, path=path))
        found.append(measure("p95_microseconds", 1.2 * single, path=path))
        found.append(measure("p99_microseconds", 1.5 * single, path=path))
    for path, rate in (("classifier", 40_000), ("native", 50_000)):
        found.append(measure("images_per_second", rate, path=path))
    return found


def _cold_start(backend):
    stages = {
        "import": 2.0,
        "build": 0.3,
        "first_step": {"jax": 1.5, "torch": 0.2, "tensorflow": 3.0}[backend],
        "first_label": 0.9,
        "process_to_first_label": 4.0 + LATENCY[backend] / 100,
        "process_to_first_label_again": 3.0 + LATENCY[backend] / 100,
    }
    return [measure("seconds", v, stage=k) for k, v in stages.items()]


def _memory(backend):
    sizes = {"engine": 600e6, "fit": 900e6}
    return [
        measure("bytes", size * factor, what=what, path=path)
        for path, size in sizes.items()
        for what, factor in (
            ("host_after_import", 300e6 / size),
            ("host_peak_training", 1 + LATENCY[backend] / 1000),
        )
    ]


def _parity(backend):
    size = LATENCY[backend] * 1e-9
    found = {"loss": size, "weights": 9 * size, "probabilities": 3 * size}
    return [
        measure("difference", v, noise=(1.0,), what=k, against="float64")
        for k, v in found.items()
    ]


def _time_to_accuracy(backend):
    seconds = 3 * EPOCHS[backend]["engine"]
    case = {"target": 99.0, "recipe": "fast"}
    scores = (1.0,) * 9 + (0.999,)
    return [
        measure("seconds", seconds, noise=NOISE * 2, **case),
        measure("accuracy", 0.99, noise=scores, **case),
    ]


def _scaling(backend):
    found = []
    for path in ("engine", "fit"):
        second = EPOCHS[backend][path] / 42_000
        for images in (2000, 8000, 32_000):
            case = {"path": path, "images": images}
            found.append(measure("seconds", second * images, **case))
        for width in (1, 2, 4):
            case = {"path": path, "width": width}
            found.append(measure("seconds", second * 2000 * width**2, **case))
    for processes, threads in ((1, 1), (2, 1), (1, 2)):
        case = {"processes": processes, "threads": threads}
        found.append(measure("seconds", 2 / processes / threads, **case))
    return found


SUITES = {
    "training": _training,
    "time_to_99.0": _time_to_accuracy,
    "latency": _latency,
    "cold_start": _cold_start,
    "memory": _memory,
    "parity": _parity,
    "scaling": _scaling,
}


def run_compare(folder, *arguments):
    """As `python compare.py` in a folder, in this process."""
    import compare

    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(io.StringIO()) as said,
        contextlib.redirect_stderr(io.StringIO()) as errors,
        pytest.MonkeyPatch.context() as patch,
        pytest.raises(SystemExit) as ended,
    ):
        patch.setattr(sys, "argv", ["compare.py", *arguments])
        compare.main()
    texts = said.getvalue(), errors.getvalue()
    return subprocess.CompletedProcess(arguments, ended.value.code, *texts)
