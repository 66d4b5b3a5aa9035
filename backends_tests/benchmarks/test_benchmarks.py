"""The committed results of benchmarks, and the checks that hold them."""

import ast
import copy
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import result_schema
import run
import suites
from formats import records, result_files
from formats.records import Record, gather
from formats.spread import summarize
from mnistcnn.backends import find_launch
from mnistcnn.errors import ConfigError, DataError
from running import checkout, launching, machine
from running.processes import MeasurementError, measure
from suites import suite_results

pytestmark = pytest.mark.core
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

# Those of accuracy have a form, and a test, of their own.
RESULTS = [
    path
    for path in sorted((BENCHMARKS / "results").glob("*/*.json"))
    if path.parent.name != "accuracy"
]
FOLDER = "any-cpu-2-cores-cpu"


def make_result():
    return {
        "format": 1,
        "suite": "training",
        "version": 2,
        "backend": "jax",
        "date": "2026-11-22",
        "commit": "abc1234",
        "dirty": False,
        "quick": False,
        "environment": {
            "backend": "jax",
            "versions": {"python": "3.11.7"},
            "device": {"kind": "cpu", "name": "Any CPU", "count": 1},
            "processor": "Any(R) CPU",
            "cores": 2,
            "platform": "Linux",
            "threads": {"OMP_NUM_THREADS": None},
            "flags": {"XLA_FLAGS": None},
        },
        "protocol": {
            "repeats": 3,
            "warmup": 1,
            "interleaved": True,
            "seconds": 12,
        },
        "measurements": gather(
            [
                Record({"path": path, "batch_size": 32}, "epoch_seconds", v)
                for v in (6.0, 5.0, 9.0)
                for path in ("engine", "fit")
            ]
        ),
    }


def write(folder, result, name="training--jax.json"):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result))
    return path


@pytest.fixture
def folder(tmp_path):
    return tmp_path / FOLDER


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_committed_results_keep_the_contract(path):
    result = suite_results.check_file(path)
    assert not result.quick, "quick results are no evidence"


def test_a_good_file_passes(folder):
    result = make_result()
    found = suite_results.check_file(write(folder, result))
    assert found.model_dump(exclude_unset=True) == result


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("format",), 2, "format is 2. Expected 1 or less"),
        (("format",), True, "format is True. Expected a valid int"),
        (("version",), 0, "version is 0. Expected 1 or more"),
        (("suite",), "speed", "suite is speed. Expected 'training', "),
        (("backend",), "mxnet", "backend is mxnet. Expected 'jax', 't"),
        (("date",), "22.11.2026", "date is 22.11.2026. Expected the form"),
        (("commit",), "", "commit is . Expected the form"),
        (("dirty",), 0, "dirty is 0. Expected a valid boolean"),
        (("environment", "cores"), None, "environment.cores is None"),
        (("environment", "backend"), "torch", "environment.backend is torch"),
        (("protocol", "seconds"), "12", "protocol.seconds is 12"),
        (("protocol",), [], "protocol is []. Expected an object"),
        (("measurements",), [], "measurements is []. Expected at least 1"),
        (("measurements", 1), 3, "measurements[1] is 3. Expected an object"),
        (
            ("measurements", 0, "case"),
            {},
            "[0].case is {}. Expected at le",
        ),
        (
            ("measurements", 0, "case"),
            {"a": [1]},
            "a is [1]. Expected a vali",
        ),
        (("measurements", 0, "metric"), "hours", "[0].metric is hours"),
        (("measurements", 0, "better"), "higher", "Expected lower"),
        (("measurements", 0, "values"), [], "[0].values is []"),
        (
            ("measurements", 0, "values", 1),
            None,
            "is None. Expected a valid ",
        ),
        (("measurements", 0, "values", 1), 1e999, "is no number"),
        (("measurements", 0, "median"), 5.9, "[0].median is 5.9. Expected 6"),
        (("measurements", 0, "low"), 5, "[0].low is 5.0. Expected 5.5"),
        (("measurements", 0, "high"), 9, "[0].high is 9.0. Expected 7.5"),
        (("measurements", 0, "n"), 2, "[0].n is 2. Expected 3"),
        (("measurements", 0, "note"), 1, "[0].note is 1. Expected a valid str"),
    ],
)
def test_a_fault_is_refused_in_one_line(folder, place, value, said):
    result = make_result()
    *outer, last = place
    inner = result
    for key in outer:
        inner = inner[key]
    inner[last] = value
    with pytest.raises(DataError) as caught:
        suite_results.check_file(write(folder, result))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "place",
    [(key,) for key in make_result()]
    + [("environment", key) for key in make_result()["environment"]]
    + [("protocol", key) for key in make_result()["protocol"]]
    + [("measurements", 0, key) for key in make_result()["measurements"][0]],
    ids=lambda place: place[-1],
)
def test_a_missing_key_is_refused(place):
    result = make_result()
    *outer, last = place
    inner = result
    for key in outer:
        inner = inner[key]
    del inner[last]
    with pytest.raises(DataError, match=rf"{last} is nothing. Expected it"):
        result_files.parse(json.dumps(result), suite_results.SuiteResult, "it")


@pytest.mark.parametrize(
    ("suite", "case", "said"),
    [
        ("training", {"batch_size": 32}, r"case is .*Expected path in it"),
        ("training", {"path": "fit", "batch_size": "all"}, "size is all. Exp"),
        ("latency", {"route": "native"}, "Expected path in it"),
        ("time_to_99.4", {"target": 99.4}, "Expected recipe in it"),
        ("time_to_99.6", {"recipe": "deep"}, "Expected target in it"),
        ("time_to_99.6", {"recipe": "deep", "target": "x"}, "target is x"),
        ("parity", {"what": "loss"}, "Expected against in it"),
        ("attempts", {"batch_size": 128}, "Expected attempt in it"),
        ("scaling", {"processes": "two"}, "processes is two. Expected a num"),
    ],
)
def test_a_case_says_what_it_is_of(suite, case, said):
    result = make_result() | {"suite": suite}
    result["measurements"] = gather([Record(case, "seconds", 1.0)])
    with pytest.raises(DataError, match=said):
        result_files.parse(json.dumps(result), suite_results.SuiteResult, "it")


def test_a_fault_has_no_control_character(folder):
    result = make_result()
    result["suite"] = "\x1b[2J\n\x07speed"
    with pytest.raises(DataError) as caught:
        suite_results.check_file(write(folder, result))
    assert str(caught.value).isprintable()
    assert "suite is \\x1b[2J" in str(caught.value)


def test_a_measurement_that_is_there_twice_is_refused():
    result = make_result()
    result["measurements"].append(copy.deepcopy(result["measurements"][0]))
    with pytest.raises(DataError, match="Expected it only once"):
        result_files.parse(json.dumps(result), suite_results.SuiteResult, "it")


def test_a_name_that_says_something_else_is_refused(folder):
    path = write(folder, make_result(), "training--torch.json")
    with pytest.raises(DataError, match="Expected training--jax.json"):
        suite_results.check_file(path)


def test_a_folder_of_another_machine_is_refused(tmp_path):
    path = write(tmp_path / "laptop", make_result())
    with pytest.raises(DataError, match=f"its folder is laptop.*{FOLDER}"):
        suite_results.check_file(path)


@pytest.mark.parametrize("text", [None, "{", "[NaN]", "3"])
def test_a_file_that_is_no_result_is_refused(tmp_path, text):
    path = tmp_path / "training--jax.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(DataError, match=r"training--jax.json"):
        suite_results.check_file(path)


def test_the_committed_schema_is_that_of_the_models():
    """Red? `python benchmarks/result_schema.py` writes it anew."""
    schema = json.loads(result_schema.FILE.read_text())
    assert schema == result_schema.make_schema()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3.0], (3.0, 3.0, 3.0)),
        ([4.0, 2.0], (3.0, 2.5, 3.5)),
        ([5.0, 1.0, 2.0, 4.0, 3.0], (3.0, 2.0, 4.0)),
        # Of an even number: between two.
        ([1.0, 2.0, 3.0, 100.0], (2.5, 1.75, 27.25)),
    ],
)
def test_median_and_quartiles(values, expected):
    found = summarize(values)
    assert (found.median, found.low, found.high) == expected
    assert found.n == len(values)


@pytest.mark.parametrize("values", [[], [1.0, float("nan")], [float("inf")]])
def test_what_failed_has_no_summary(values):
    with pytest.raises(DataError, match="Expected one or more finite numbers"):
        summarize(values)


def test_records_are_gathered_by_case_and_metric():
    found = gather(
        [
            Record({"a": 1, "b": "x"}, "seconds", 2.0, "why"),
            Record({"a": 1, "b": "x"}, "accuracy", 0.5),
            Record({"a": 2, "b": "x"}, "seconds", 8.0),
            Record({"b": "x", "a": 1}, "seconds", 4.0, "why"),
        ]
    )
    assert [m["values"] for m in found] == [[2.0, 4.0], [0.5], [8.0]]
    assert [m["better"] for m in found] == ["lower", "higher", "lower"]
    assert [m.get("note") for m in found] == ["why", None, None]
    assert found[0]["median"] == 3.0


def test_an_unknown_metric_is_refused():
    with pytest.raises(DataError, match='The metric is "hours". Expected'):
        gather([Record({"a": 1}, "hours", 1.0)])


@pytest.mark.parametrize("name", suite_results.SUITES)
@pytest.mark.parametrize("quick", [False, True])
def test_suites_have_plans_without_a_framework(name, quick):
    suite = suites.load(name)
    jobs = suite.plan(quick)
    assert jobs and suite.REPEATS >= 1 and suite.WARMUP >= 0
    assert suite.VERSION >= 1
    # The runner sends them as JSON and adds its own.
    assert json.loads(json.dumps(jobs)) == jobs
    assert not {"repeat", "quick", "out", "facts"} & {
        k for job in jobs for k in job
    }


@pytest.mark.parametrize("backend", ["jax", "torch", "tensorflow"])
def test_each_attempt_is_a_function_that_says_what_it_tries(
    monkeypatch, backend
):
    monkeypatch.setenv("KERAS_BACKEND", backend)
    attempts = suites.load("attempts")
    planned = [job["attempt"] for job in attempts.plan(False)]
    assert planned[0] == attempts.AS_IT_IS and len(planned) > 6
    # Not imported: that takes the framework.
    module = Path(run.__file__).parent / "attempts" / f"{backend}_attempts.py"
    said = {
        node.name: ast.get_docstring(node)
        for node in ast.parse(module.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name[0] != "_"
    }
    assert all(said.values())
    others = set(planned[1:]) - set(said)
    assert set(said) <= set(planned) and others <= set(attempts.VARIABLES)


def test_some_cases_are_measured_alone():
    jobs = suites.load("training").plan(False)
    chosen = run.choose_jobs(jobs, ["batch_size=128", "dtype=float32"])
    assert [job["path"] for job in chosen] == [
        *("matmul", "grid", "engine", "fit", "tuned", "keras", "plain", "best")
    ]
    assert run.choose_jobs(jobs, ["batch_size=32,128,250"]) == jobs
    for wrong in ("batch_size=7", "size=128", "size=None", "batch_size"):
        with pytest.raises(ConfigError, match=f"--only is {wrong}. Expected"):
            run.choose_jobs(jobs, [wrong])


def test_processes_are_planned_where_each_has_its_cores(monkeypatch):
    scaling = suites.load("scaling")
    for cores, planned in (
        ([0, 3], [(1, 1), (2, 1), (1, 2)]),
        ([1], [(1, 1)]),
        ([], []),  # a system that holds no process to a core
    ):
        monkeypatch.setattr(scaling, "list_cores", cores.copy)
        jobs = [j for j in scaling.plan(False) if "processes" in j]
        found = [(j["processes"], j["threads"]) for j in jobs]
        assert found == planned


@pytest.mark.parametrize("backend", ["jax", "torch", "tensorflow"])
def test_processes_find_what_would_have_launched_them(backend):
    launches = launching.make_launch(backend, 2)
    found = [find_launch(backend, variables) for variables in launches]
    assert found == [(0, 2), (1, 2)]
    assert launching.make_launch(backend, 1) == [{}]


@pytest.mark.skipif(not machine.list_cores(), reason="holds to no core")
def test_each_process_is_held_to_its_core(tmp_path):
    code = (
        "import os, pathlib, sys; found = os.environ; "
        "said = (os.sched_getaffinity(0), found['OMP_NUM_THREADS']); "
        "path = pathlib.Path(sys.argv[1], found.get('RANK', '0')); "
        "path.write_text(str(said))"
    )
    cores = machine.list_cores()[:2]
    command = [sys.executable, "-c", code, str(tmp_path)]
    launching.run_together(command, "torch", len(cores), 1)
    said = [path.read_text() for path in sorted(tmp_path.iterdir())]
    assert said == [f"({{{core}}}, '1')" for core in cores]
    with pytest.raises(subprocess.CalledProcessError, match="exit status 3"):
        wrong = [sys.executable, "-c", "raise SystemExit(3)"]
        launching.run_together(wrong, "torch", len(cores), 1)


def test_tuning_tries_what_the_contract_names(monkeypatch):
    training = suites.load("training")
    steps = {
        backend: {
            str(settings.get("steps_per_execution"))
            for settings in training.list_settings(backend)
        }
        for backend in ("jax", "tensorflow")
    }
    assert all(v >= {"1", "10", "50", "epoch"} for v in steps.values())
    taken = iter([(8.0, 0.9, 1280), (5.0, 0.9, 1280), *[(9.0, 0.9, 1280)] * 9])
    monkeypatch.setattr(
        training, "time_pass", lambda job, images, passes: next(taken)
    )
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    job = {"path": "grid", "batch_size": 128, "dtype": "float32"}
    records, facts = training.measure(job | {"quick": True, "facts": {}})
    assert [record.value for record in records[:2]] == [262.5, 164.0625]
    assert (
        facts["tuned_at_batch_128"] == training.list_settings("tensorflow")[1]
    )
    # The choice is what `tuned` then measures.
    seen = []

    def time_pass(job, images):
        seen.append((job["path"], job["settings"]))
        return 1.0, 0.9, 1280

    monkeypatch.setattr(training, "time_pass", time_pass)
    records, _ = training.measure(
        job | {"path": "tuned", "quick": True, "facts": facts}
    )
    assert seen == [("fit", facts["tuned_at_batch_128"])]
    assert records[0].case["path"] == "tuned"


def test_an_unknown_suite_is_refused():
    with pytest.raises(ConfigError, match='The suite is "speed". Expected'):
        suites.load("speed")


def test_the_runner_stays_free_of_frameworks():
    code = (
        f"import sys; sys.path.append({str(BENCHMARKS)!r}); import run; "
        "[run.suites.load(name) for name in run.SUITES]; "
        "heads = {name.split('.')[0] for name in sys.modules}; "
        "print(*heads & {'jax', 'torch', 'tensorflow', 'keras', 'numpy'})"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    "name", ["KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH"]
)
def test_variables_that_shorten_training_are_refused(monkeypatch, name):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv(name, "3")
    with pytest.raises(ConfigError, match=f"{name} is 3. Expected it not"):
        machine.check_variables()


def test_the_backend_has_to_be_named(monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    with pytest.raises(ConfigError, match="KERAS_BACKEND is not set"):
        machine.check_variables()
    # NumPy reads, and trains nothing.
    for name in ("numpy", "mxnet"):
        monkeypatch.setenv("KERAS_BACKEND", name)
        with pytest.raises(ConfigError, match=f"is '{name}'. Expected jax, to"):
            machine.check_variables()


def test_an_installed_package_of_another_commit_is_not_measured(
    monkeypatch, tmp_path
):
    installed = tmp_path / "site-packages" / "mnistcnn"
    shutil.copytree(checkout.ROOT / "mnistcnn", installed)
    package = checkout.mnistcnn
    monkeypatch.setattr(package, "__file__", installed / "__init__.py")
    checkout.describe_commit()
    file = installed / "backends" / "torch.py"
    file.write_text(file.read_text() + "# newer\n")
    with pytest.raises(ConfigError, match=r"torch\.py differs from .* anew"):
        checkout.describe_commit()


def test_processes_start_with_empty_caches_and_pinned_threads(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "/warm")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    found = machine.pin(tmp_path)
    assert found["JAX_COMPILATION_CACHE_DIR"] == str(tmp_path / "jax")
    assert found["OMP_NUM_THREADS"] == "7"
    # TensorFlow's are those of what is measured.
    assert "TF_NUM_INTRAOP_THREADS" not in found


def test_a_gpu_names_its_folder():
    device = {"kind": "gpu", "name": "NVIDIA H200", "count": 1}
    environment = {"processor": "X (TM) 9", "cores": 16, "device": device}
    assert machine.slug(environment) == "x-9-16-cores-nvidia-h200"


def test_every_metric_says_which_way_is_better():
    assert set(records.METRICS.values()) <= {"lower", "higher", "none"}


def test_a_failed_measurement_ends_the_run(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "mxnet")
    with pytest.raises(MeasurementError, match="failed: exit code 2") as e:
        measure("environment", {})
    # The process's own last words, one line and no traceback.
    said = 'the process said: benchmarks: KERAS_BACKEND is "mxnet"'
    assert said in " ".join(str(e.value).split())
    assert "Traceback" not in str(e.value)
