"""The studies of accuracy: what is trained, scored, kept and said."""

import copy
import dataclasses
import hashlib
import json
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import accuracy
import mnistcnn
from formats import result_files
from mnistcnn.calibration import wilson_interval
from mnistcnn.data import Dataset
from mnistcnn.data.mnist import MNIST_DIGESTS
from mnistcnn.errors import ConfigError, DataError
from mnistcnn.evaluation import score
from mnistcnn.ink import StrokeSet
from mnistcnn.training import parse_recipe, recipe
from pages import insert_text
from pages.markdown import read_text
from running import checkout
from running.processes import MeasurementError
from studies import accuracy_tables, scoring, study_results, study_runs
from studies.variants import STUDIES, Study, Variant, find_study

pytestmark = [
    pytest.mark.core,
    # Made data are in the order of their labels.
    pytest.mark.filterwarnings("ignore::mnistcnn.errors.DataWarning"),
]
ROOT = Path(__file__).parents[2]
RESULTS = sorted(accuracy.RESULTS.glob("*.json"))
READMES = [
    ("docs/recipes.md", "accuracy"),
    ("docs/recipes.md", "accuracy-strokes"),
    ("benchmarks/README.md", "ablation"),
    ("benchmarks/README.md", "ablation-strokes"),
]
ENVIRONMENT = {
    "backend": "jax",
    "versions": {"python": "3.11.7", "keras": "3.15.1", "jax": "1.0"},
    "device": {"kind": "cpu", "name": "Any CPU", "count": 1},
    "processor": "Any CPU",
    "cores": 2,
    "platform": "Linux",
    "threads": {},
    "flags": {},
}
MACHINE = {
    "environment": ENVIRONMENT,
    "data": {"name": "MNIST", "digest": "d0"},
    "package": "abcdef0123",
}


def make_run(seed, right, n=10_000, **others):
    return {
        "seed": seed,
        "right": right,
        "n": n,
        "accuracy": right / n,
        "interval": list(wilson_interval(right, n)),
        "loss": 0.02,
        "seconds": 100.0 + seed,
        "precision": "float32",
        "epochs": 40,
        "date": "2026-11-22",
        "commit": "abc1234",
        "dirty": False,
        **others,
    }


def read_result(*arguments):
    text = json.dumps(make_result(*arguments))
    return result_files.parse(text, study_results.StudyResult, "it")


def make_result(name="best", rights=None):
    """A file of a study; `rights` has a list, of a seed each, by variant."""
    study = STUDIES[name]
    rights = rights or {study.variants[0].name: [9950, 9970, 9960]}
    result = study_runs.begin(study, MACHINE, quick=False)
    for variant in study.variants:
        epochs = variant.find_recipe().config.epochs
        for seed, right in enumerate(rights.get(variant.name, ())):
            run = make_run(seed, right, epochs=epochs)
            result = study_runs.merge(result, study, variant, run, ENVIRONMENT)
    return json.loads(json.dumps(result))


# === What is trained ===


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda s: s.name)
def test_variants_are_configs_that_keep_the_last_epoch(study):
    names = [variant.name for variant in study.variants]
    assert len(set(names)) == len(names)
    for variant in study.variants:
        found = parse_recipe(variant.config()).vary(seed=3)
        besides = ("teacher", "pen_widths")
        given = variant.changes.items()
        changes = {key: value for key, value in given if key not in besides}
        expected = recipe(variant.recipe).vary(**changes, seed=3)
        assert found.config == expected.config
        several = "teacher" in variant.changes or variant.rotations
        assert (len(found.steps) > 1) == several
        # Nothing is held out to choose an epoch by.
        assert (found.config.validation, found.config.patience) == (0, 0)
        assert parse_recipe(variant.config(quick=True)).config.epochs == 1


def test_the_ablation_takes_away_one_lever_at_a_time():
    first, *others = STUDIES["ablation"].variants
    assert first.changes == {}
    for variant in others:
        ((name, value),) = variant.changes.items()
        before = {"teacher": None, **first.config()}
        assert before[name] != value, variant.name


def test_an_unknown_study_is_refused():
    with pytest.raises(ConfigError, match='The study is "bets". Expected one'):
        find_study("bets")


# === What is scored ===


def make_data(num_train=60_000, num_test=10_000):
    """Data whose test images are white, and the others black."""
    black, white = np.zeros((1, 28, 28), np.uint8), np.uint8(255)
    labels = np.arange(num_train) * 6 // num_train
    return Dataset(
        np.broadcast_to(black, (num_train, 28, 28)),
        labels.astype(np.uint8),
        np.broadcast_to(white, (num_test, 28, 28)),
        np.full(num_test, 9, np.uint8),
        name="MNIST",
    )


def test_held_out_is_the_end_of_the_training_set_and_no_test_image():
    data, held = scoring.choose_part(make_data(), "held-out")
    assert held is None
    assert (len(data.x_train), len(data.x_test)) == (50_000, 10_000)
    assert set(data.y_train) == {0, 1, 2, 3, 4} and set(data.y_test) == {5}
    assert not data.x_train.any() and not data.x_test.any()


def test_the_test_part_is_all_of_mnist():
    data = make_data(60, 10)
    assert scoring.choose_part(data, "test") == (data, None)


def test_held_out_writers_are_scored_and_not_trained_on(seen, monkeypatch):
    labels = [str(number % 6) for number in range(60)]
    writers = [f"w{number // 3:02}" for number in range(60)]
    starts = np.arange(61)
    points = np.tile(np.array([[0, 0], [0.5, 1]], np.float32), (60, 1))
    strokes = StrokeSet(
        points, 2 * starts, starts, np.array(labels), np.array(writers)
    )
    data = dataclasses.replace(make_data(600, 100), strokes=strokes)
    monkeypatch.setitem(mnistcnn.__dict__, "load_data", lambda limit: data)
    config = STUDIES["ablation-strokes"].variants[0].config()
    job = {"config": config, "seed": 0, "part": "held-out", "limit": None}
    found = scoring.measure(job)
    assert found["pens"]["n"] == len(seen["x"]) == 6
    trained = set(seen["data"].strokes.writers)
    assert len(trained) == 18 and trained < set(strokes.writers)
    assert seen["x"].shape == (6, 28, 28) and seen["x"].any()


@pytest.fixture
def seen(monkeypatch):
    """What the stubs of training and scoring were given."""
    seen = {"models": []}

    def train(recipe, data, *, out, verbose):
        config, step = recipe.config, recipe.steps[-1]
        seen.update(config=config, data=data)
        seen["rotation"] = getattr(step, "degrees", 0)
        return SimpleNamespace(
            best=out / "best.keras",
            config=config,
            history=[{}] * config.epochs,
            timing={"total": 12.5},
        )

    def open_artifact(path):
        rotation = seen["rotation"]
        return SimpleNamespace(name=path.name, model="once", rotation=rotation)

    def evaluate(model, x, y):
        seen["models"].append(getattr(model, "name", model))
        seen.update(x=x, y=y)
        # All are taken for a 5, but for the first, which is a 0.
        probabilities = np.zeros((len(y), 10))
        probabilities[:, 5] = 1
        probabilities[0] = np.eye(10)[0]
        return score(y, probabilities)

    stubs = {
        "load_data": lambda limit: make_data(600, 100),
        "train": train,
        "DigitClassifier": SimpleNamespace(from_artifact=open_artifact),
        "evaluate": evaluate,
    }
    for name, stub in stubs.items():
        # setattr would import the real ones, and a framework with them.
        monkeypatch.setitem(mnistcnn.__dict__, name, stub)
    return seen


def test_the_ablation_never_sees_a_test_image(seen):
    study = STUDIES["ablation"]
    config = study.variants[1].config()
    job = {"config": config, "seed": 4, "part": study.part, "limit": None}
    found = scoring.measure(json.loads(json.dumps(job)))
    assert (found["right"], found["n"], found["accuracy"]) == (99, 100, 0.99)
    assert (found["seconds"], found["epochs"]) == (12.5, config["epochs"])
    assert seen["config"] == recipe("best").vary(augment=0.0, seed=4).config
    # Each image is read once.
    assert seen["models"] == ["best.keras"] and "once" not in found
    assert len(seen["data"].x_train) == 500
    for images in (seen["data"].x_train, seen["data"].x_test, seen["x"]):
        assert not images.any()


def test_an_ablation_draws_with_pens_of_its_own(seen, monkeypatch):
    from mnistcnn.training import pens

    monkeypatch.setattr(pens, "PEN_WIDTHS", (1.0, 2.0))
    config = STUDIES["best"].variants[0].config()
    job = {"config": config, "seed": 0, "part": "test", "limit": None}
    scoring.measure(job)
    assert pens.PEN_WIDTHS == (1.0, 2.0)
    scoring.measure(job | {"pen_widths": [3.0, 3.5]})
    assert pens.PEN_WIDTHS == (3.0, 3.5)


def test_a_claim_is_scored_on_the_test_set(seen):
    study = STUDIES["best"]
    config = study.variants[0].config()
    job = {"config": config, "seed": 0, "part": study.part, "limit": None}
    found = scoring.measure(job)
    assert found["right"] == 0
    assert len(seen["data"].x_train) == 600 and seen["x"].all()
    # By the mean of several rotations, and without.
    assert seen["models"] == ["best.keras", "once"] and seen["rotation"] == 8
    assert found["once"] == {"right": 0, "n": 100}


# === What is kept ===


@pytest.fixture
def pair(monkeypatch):
    """A study of two variants, under the name of one that there is."""
    medium = Variant("best, model medium", {"model": "medium"})
    deep = Variant("best, model deep", {"model": "deep"})
    monkeypatch.setitem(STUDIES, "deep", Study("deep", "test", (medium, deep)))
    return medium, deep


def test_mean_and_standard_deviation():
    values = [0.990, 0.992, 0.994]
    found = study_results.summarize(values)
    assert found["mean"] == pytest.approx(0.992)
    # Of a sample: by n-1; by n it were 0.00163.
    assert found["sd"] == pytest.approx(0.002)
    assert study_results.summarize(values[:1]) == {"mean": 0.990, "sd": None}


def test_runs_are_merged_by_variant_and_seed(pair):
    study = STUDIES["deep"]
    medium, deep = pair
    result = empty = study_runs.begin(study, MACHINE, quick=False)
    elsewhere = {**ENVIRONMENT, "cores": 16}
    merge = study_runs.merge
    result = merge(result, study, deep, make_run(1, 9980), ENVIRONMENT)
    result = merge(result, study, deep, make_run(0, 9970), elsewhere)
    result = merge(result, study, medium, make_run(0, 9960), elsewhere)
    before = copy.deepcopy(result)
    last = merge(result, study, deep, make_run(1, 9990), ENVIRONMENT)
    assert empty["variants"] == [] and result == before
    assert last["environments"] == [ENVIRONMENT, elsewhere]
    # In the study's order and the seeds', the last of a seed alone.
    assert [
        (one["name"], run["seed"], run["right"], run["environment"])
        for one in last["variants"]
        for run in one["runs"]
    ] == [
        (medium.name, 0, 9960, 1),
        (deep.name, 0, 9970, 1),
        (deep.name, 1, 9990, 0),
    ]
    assert last["variants"][1]["mean"] == pytest.approx(0.998)
    assert study_runs.find_run(last, deep, 1)["right"] == 9990
    assert study_runs.find_run(last, medium, 1) is None


@pytest.fixture
def bench(monkeypatch, pair):
    """The command, with stubs for what it asks processes and git."""
    bench = SimpleNamespace(machine=copy.deepcopy(MACHINE), jobs=[], fail=99)

    def measure(suite, job, **options):
        if suite == "environment":
            return {key: bench.machine[key] for key in ("environment", "data")}
        if len(bench.jobs) == bench.fail:
            raise MeasurementError("it failed")
        bench.jobs.append((job["seed"], job["part"], job["config"]["model"]))
        run = make_run(
            job["seed"], 9950, epochs=parse_recipe(job["config"]).config.epochs
        )
        return {
            key: value
            for key, value in run.items()
            if key not in ("date", "commit", "dirty")
        }

    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setattr(accuracy, "measure", measure)
    commit = {"commit": "abc1234", "dirty": False}
    monkeypatch.setattr(accuracy, "describe_commit", lambda: commit)
    monkeypatch.setattr(
        accuracy, "describe_package", lambda: bench.machine["package"]
    )
    return bench


def run(study="deep", seeds=(0, 1), *, out, quick=False):
    return accuracy.run_study(STUDIES[study], seeds=seeds, out=out, quick=quick)


def test_what_is_there_is_not_run_again(bench, tmp_path, capsys):
    path = run(seeds=(0,), out=tmp_path)
    assert bench.jobs == [(0, "test", "medium"), (0, "test", "deep")]
    assert path.name == "deep--jax.json"
    del bench.jobs[:]
    capsys.readouterr()
    run(seeds=(0, 1), out=tmp_path)
    assert bench.jobs == [(1, "test", "medium"), (1, "test", "deep")]
    assert capsys.readouterr().err.count("already, not run again") == 2
    result = study_results.check_file(path)
    assert [len(one.runs) for one in result.variants] == [2, 2]


def test_a_study_that_is_cut_is_gone_on_with(bench, tmp_path):
    bench.fail = 1
    with pytest.raises(MeasurementError):
        run(out=tmp_path)
    bench.fail = 99
    path = run(out=tmp_path)
    # Seed by seed, so that what is there can be compared; each once.
    assert [job[0] for job in bench.jobs] == [0, 0, 1, 1]
    assert len(set(bench.jobs)) == 4
    study_results.check_file(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"data": {"name": "MNIST", "digest": "d1"}}, "digest d0, not d1"),
        ({"package": "b"}, "package is abcdef0123, not b"),
    ],
)
def test_runs_of_something_else_are_not_mixed(bench, tmp_path, change, said):
    path = run(seeds=(0,), out=tmp_path)
    before = path.read_bytes()
    bench.machine |= change
    with pytest.raises(ConfigError, match=f"{said}. Expected runs of one"):
        run(seeds=(1,), out=tmp_path)
    assert path.read_bytes() == before


def test_a_glance_is_not_mixed_with_results(bench, tmp_path):
    path = run(seeds=(0,), out=tmp_path)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="quick is False, not True"):
        run(seeds=(1,), out=tmp_path, quick=True)
    assert path.read_bytes() == before


def test_a_recipe_that_has_changed_is_another(bench, tmp_path):
    path = run(seeds=(0,), out=tmp_path)
    result = json.loads(path.read_text())
    result["variants"][0]["config"]["batch_size"] = 64
    path.write_text(json.dumps(result))
    with pytest.raises(ConfigError, match="medium is batch_size 64, not 125"):
        run(seeds=(1,), out=tmp_path)


def test_claims_are_about_mnist(bench, tmp_path):
    bench.machine["data"] = {"name": "strokes", "digest": "d2"}
    with pytest.raises(DataError, match="The data are strokes. Expected MNIST"):
        run(out=tmp_path)
    assert bench.jobs == [] and not any(tmp_path.iterdir())


def test_a_study_of_pen_strokes_wants_them_and_another_does_not(
    bench, tmp_path
):
    with pytest.raises(DataError, match="no pen strokes. Expected files of"):
        run("best-strokes", out=tmp_path)
    bench.machine["data"] = {**MACHINE["data"], "strokes": ["UNIPEN"]}
    with pytest.raises(DataError, match="there are UNIPEN. Expected MNIST al"):
        run(out=tmp_path)
    path = run("best-strokes", out=tmp_path)
    assert study_results.check_file(path).data.strokes == ["UNIPEN"]


def test_several_at_a_time_give_the_same_file(bench, tmp_path):
    paths = []
    for jobs in (1, 4):
        study, out = STUDIES["deep"], tmp_path / str(jobs)
        out.mkdir()
        options = {"seeds": (0, 1, 2), "out": out, "quick": False}
        paths.append(accuracy.run_study(study, **options, jobs=jobs))
    one, four = map(study_results.check_file, paths)
    assert one == four and len(bench.jobs) == 12


def test_the_package_is_the_last_commit_that_trains(monkeypatch, tmp_path):
    monkeypatch.setattr(checkout, "ROOT", tmp_path)

    def git(*arguments):
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        command = ["git", "-C", str(tmp_path), *who, *arguments]
        done = subprocess.run(
            command, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(name):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
        git("add", ".")
        git("commit", "-qm", name)
        return git("rev-parse", "HEAD")

    git("init", "-q")
    trains = commit("mnistcnn/training.py")
    last = commit("mnistcnn/board/window.py")
    found = checkout.describe_package()
    assert trains.startswith(found) and not last.startswith(found)
    (tmp_path / "mnistcnn" / "board" / "window.py").write_text("2")
    assert checkout.describe_package() == found
    (tmp_path / "mnistcnn" / "training.py").write_text("2")
    with pytest.raises(ConfigError, match="training.py differs from its"):
        checkout.describe_package()


# === What a file may hold ===


def write(folder, result, name="best--jax.json"):
    path = folder / name
    path.write_text(json.dumps(result))
    return path


def test_a_good_file_passes(tmp_path):
    result = make_result()
    found = study_results.check_file(write(tmp_path, result))
    assert found.model_dump(exclude_unset=True) == result


FIRST = ("variants", 0)
RUN = (*FIRST, "runs", 0)
CONFIG = (*FIRST, "config", "steps", 0, "config")


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("format",), 2, "format is 2. Expected 1 or less"),
        (("study",), "luck", "study is luck. Expected one of"),
        (("backend",), "torch", "[0].backend is jax. Expected torch"),
        (("part",), "held-out", "part is held-out. Expected test"),
        (("data", "digest"), None, "data.digest is None"),
        (("environments",), [], "environment is 0. Expected the place"),
        (("environments", 0, "backend"), "torch", "backend is torch. Expected"),
        (("variants",), [], "variants is []. Expected at least 1"),
        ((*FIRST, "name"), "worst", "name is worst. Expected one of ['best']"),
        ((*FIRST, "recipe"), "luck", "no recipe"),
        ((*CONFIG, "epochs"), 0, "epochs is 0"),
        ((*CONFIG, "validation"), 0.1, "validation is 0.1. Exp"),
        (
            (*FIRST, "changes"),
            {"dropout": 0.5},
            "dropout is 0.25. Expect",
        ),
        ((*FIRST, "changes"), {"teacher": "deep"}, "best. Expected deep"),
        ((*FIRST, "changes"), {"luck": 1}, "changes is luck. Expected a field"),
        ((*FIRST, "runs"), [], "runs is []. Expected at least 1 item"),
        ((*FIRST, "mean"), 0.9961, "mean is 0.9961. Expected 0.996"),
        ((*FIRST, "sd"), 0.0008, "sd is 0.0008. Expected 0.001"),
        ((*FIRST, "sd"), None, "sd is None. Expected 0.001"),
        ((*RUN, "seed"), 1, "is [1, 1, 2]. Expected each seed once"),
        ((*RUN, "right"), 10_001, "right is 10001. Expected 0 to n"),
        ((*RUN, "right"), 9951, "accuracy is 0.995. Expected 0.9951"),
        ((*RUN, "interval"), [0.99], "Expected at least 2 items"),
        ((*RUN, "interval", 0), 0.99, "interval is 0.99. Expected 0.993"),
        ((*RUN, "epochs"), 39, "epochs is 39. Expected 40"),
        ((*RUN, "seconds"), -1, "seconds is -1. Expected 0 or more"),
        ((*RUN, "commit"), "x", "runs[0].commit is x. Expected the form"),
        ((*RUN, "loss"), 1e999, "is no number"),
    ],
)
def test_a_fault_is_refused_in_one_line(tmp_path, place, value, said):
    result = make_result()
    *outer, last = place
    inner = result
    for key in outer:
        inner = inner[key]
    inner[last] = value
    with pytest.raises(DataError) as caught:
        study_results.check_file(write(tmp_path, result))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_run_that_scored_fewer_images_is_refused(tmp_path):
    study = STUDIES["best"]
    result = study_runs.begin(study, MACHINE, quick=False)
    run = make_run(0, 9950, n=9960)
    (variant,) = study.variants
    result = study_runs.merge(result, study, variant, run, ENVIRONMENT)
    with pytest.raises(DataError, match="n is 9960. Expected 10000"):
        study_results.check_file(write(tmp_path, result))


def test_a_name_that_says_something_else_is_refused(tmp_path):
    path = write(tmp_path, make_result(), "best--torch.json")
    with pytest.raises(DataError, match="Expected best--jax.json"):
        study_results.check_file(path)


def test_committed_results_are_claims():
    expected = "".join(MNIST_DIGESTS.values())
    digest = hashlib.sha256(expected.encode()).hexdigest()
    for path in RESULTS:
        result = study_results.check_file(path)
        assert not result.quick, "quick results are no evidence"
        assert result.data.name == "MNIST"
        study = STUDIES[result.study]
        assert (result.data.digest == digest) != study.strokes
        recipes = {one.name: one.find_recipe() for one in study.variants}
        for variant in result.variants:
            # A recipe that is no more has nothing to claim: measure anew.
            expected = recipes[variant.name]
            assert parse_recipe(variant.config) == expected, path


# === What is said ===


def test_the_table_of_claims(pair):
    results = [
        read_result("deep", {"best, model deep": [9970]}),
        read_result("best"),
        read_result("ablation"),
    ]
    head, _, *rows, _, note = accuracy_tables.write_region(
        "accuracy", results
    ).splitlines()
    assert head.startswith("|  | mean (n = 10,000) | sd, points | seeds |")
    # The best of three by number, not by name; the ablation is no claim.
    assert rows == [
        "| best, JAX | 99.60 % | 0.100 | 3 | 99.50 % (99.34 to 99.62) | "
        "99.70 % (99.57 to 99.79) | 1 min 41 s |",
        "| best, model deep, JAX | 99.70 % | – | 1 | 99.70 % (99.57 to 99.79)"
        " | 99.70 % (99.57 to 99.79) | 1 min 40 s |",
    ]
    assert "10,000 test images, read once a run" in note
    assert note.endswith(
        "on Any CPU, 2 cores; keras 3.15.1, jax 1.0; commit abc1234; "
        "2026-11-22."
    )


def test_the_table_says_what_is_read_without_rotations():
    found = make_result()
    found["variants"][0]["runs"][0]["once"] = {"right": 9930, "n": 10_000}
    result = result_files.parse(
        json.dumps(found), study_results.StudyResult, "it"
    )
    text = accuracy_tables.write_region("accuracy", [result])
    head, _, row, *_ = text.splitlines()
    assert head.endswith("| without rotations | training |")
    assert row.endswith("| 99.30 % | 1 min 41 s |")
    assert "as it is" not in text


def test_the_table_of_the_ablation_compares_seed_by_seed():
    rights = {
        "best": [9950, 9970, 9960],
        "no warps": [9930, 9948],
        "no dropout": [9950, 9969, 9960],
        "float32": [9951],
    }
    result = read_result("ablation", rights)
    text = accuracy_tables.write_region("ablation", [result])
    rows = [line for line in text.splitlines() if line[:1] == "|"]
    assert [row.split(" | ")[-1] for row in rows[2:]] == [
        "– |",
        # 20 and 22 more of 10,000 wrong than of the same seed.
        "−0.21 (sd 0.014) |",
        "+0.00 (sd 0.006) |",
        "+0.01 |",
    ]
    assert "no test image" in text


def test_a_part_that_is_not_whole_compares_with_nothing():
    result = read_result("ablation", {"no warps": [1], "float32": [2]})
    text = accuracy_tables.write_region("ablation", [result])
    assert [row[-3:] for row in text.splitlines()[2:4]] == ["– |", "– |"]


def test_tables_go_where_their_markers_are(tmp_path):
    write(tmp_path, make_result())
    readme = tmp_path / "README.md"
    readme.write_text("a\n<!-- ablation -->\n\n<!-- /ablation -->\nb\n")
    accuracy.write_tables(readme, tmp_path)
    # There is no such result: the region says nothing.
    assert readme.read_text() == "a\n<!-- ablation -->\n<!-- /ablation -->\nb\n"
    readme.write_text("<!-- accuracy -->old<!-- /accuracy -->")
    accuracy.write_tables(readme, tmp_path)
    assert "99.60 %" in readme.read_text()
    assert "old" not in readme.read_text()
    readme.write_text("no marker")
    with pytest.raises(DataError, match="Received: 0 and 0 of them"):
        accuracy.write_tables(readme, tmp_path)


@pytest.mark.parametrize(("name", "region"), READMES)
def test_the_readme_says_what_the_results_say(name, region, tmp_path):
    results = [study_results.check_file(path) for path in RESULTS]
    text = accuracy_tables.write_region(region, results)
    assert read_text(ROOT / name, name=region) == text.strip()
    copied = tmp_path / "README.md"
    copied.write_bytes((ROOT / name).read_bytes())
    insert_text(copied, text, name=region)
    assert copied.read_bytes() == (ROOT / name).read_bytes()


def test_best_reads_as_many_on_each_backend():
    means = []
    for backend in ("jax", "tensorflow", "torch"):
        path = accuracy.RESULTS / f"best--{backend}.json"
        (variant,) = json.loads(path.read_text())["variants"]
        assert len(variant["runs"]) >= 5
        means.append(variant["mean"])
    assert max(means) - min(means) <= 0.0005


@pytest.mark.mnist
def test_mnist_is_in_its_writers_order(mnist):
    """So what is held out at the end is by other people."""
    images = mnist.x_train.astype(float)
    labels, places = mnist.y_train, np.arange(28)
    ink = images.sum((1, 2))
    right = places - (images.sum(1) @ places / ink)[:, None]
    down = places - (images.sum(2) @ places / ink)[:, None]
    slant = np.einsum("nyx,ny,nx->n", images, down, right)
    slant /= np.einsum("nyx,ny->n", images, down**2)
    for digit in range(10):
        some = labels == digit
        slant[some] -= slant[some].mean()
        slant[some] /= slant[some].std()
    alike = {n: (slant[:-n] * slant[n:]).mean() for n in (1, 2, 50, 500, 1000)}
    # Two groups take turns; in each, a writer comes after the other.
    assert alike[1] < -0.1
    assert alike[2] > alike[50] > alike[500] + 0.15
    assert alike[500] == pytest.approx(alike[1000], abs=0.01)
