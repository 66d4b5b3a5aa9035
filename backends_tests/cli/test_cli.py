import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import warnings

import cv2
import numpy as np
import pytest

from mnistcnn import backends, cli, inspect_artifact, load_data

COMMANDS = (
    "info",
    "explore",
    "train",
    "finetune",
    "tune",
    "evaluate",
    "predict",
    "board",
    "inspect",
    "compare",
    "export",
)


def mnistcnn(*arguments, cwd, **environment):
    env = {**os.environ, "KERAS_BACKEND": backends.name, **environment}
    env.pop("MNISTCNN_DATA", None)
    env.update(environment)
    return subprocess.run(
        [sys.executable, "-m", "mnistcnn", *map(str, arguments)],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
    )


def call(*arguments, **environment):
    """As `mnistcnn`, in this process, where the framework is loaded."""
    command = ["mnistcnn", *map(str, arguments)]
    environment = {"COLUMNS": "200", **environment}
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(io.StringIO()) as said,
        contextlib.redirect_stderr(io.StringIO()) as errors,
        pytest.raises(SystemExit) as ended,
    ):
        patch.setattr(sys, "argv", command)
        patch.delenv("MNISTCNN_DATA", raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        cli.main()
    texts = said.getvalue(), errors.getvalue()
    return subprocess.CompletedProcess(command, ended.value.code or 0, *texts)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """As `mnistcnn` in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    return call


@pytest.fixture
def shown_warnings():
    """Warnings are shown as Python shows them, which pytest keeps."""

    def show(message, category, filename, line, file=None, text=None):
        sys.stderr.write(
            warnings.formatwarning(message, category, filename, line, text)
        )

    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.showwarning = show
        yield


def assert_one_line(done, *texts, exit_code=2):
    assert done.returncode == exit_code, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    for text in texts:
        assert text in lines[0]
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def npz(digits, tmp_path_factory):
    small = digits.limit(300)
    path = tmp_path_factory.mktemp("data") / "small.npz"
    np.savez(
        path,
        x_train=small.x_train,
        y_train=small.y_train,
        x_test=small.x_test,
        y_test=small.y_test,
    )
    return path


@pytest.fixture(scope="module")
def run_directory(npz, tmp_path_factory):
    folder = tmp_path_factory.mktemp("train")
    options = ["--recipe", "fast", "--epochs", "2", "--out", folder / "run"]
    done = call("train", "--data", npz, *options)
    assert done.returncode == 0, done.stderr
    assert backends.TITLES[backends.name] in done.stdout
    assert "fast recipe on small.npz (300 + 300 images)" in done.stdout
    assert "test accuracy" in done.stdout
    return folder / "run"


def test_help_lists_the_commands(tmp_path):
    done = mnistcnn("--help", cwd=tmp_path)
    assert done.returncode == 0
    for command in COMMANDS:
        assert f"│ {command} " in done.stdout


def test_info(here):
    done = here("info", "--json")
    facts = json.loads(done.stdout)
    assert facts["backend"] == backends.name
    assert facts["device"]["kind"]
    assert facts["data"]["cache"].endswith("mnist.npz")
    assert facts["data"]["MNISTCNN_DATA"] is None
    done = here("info", MNISTCNN_DATA="/somewhere/mnist.npz")
    assert facts["versions"]["keras"] in done.stdout
    assert re.search("MNISTCNN_DATA +/somewhere/mnist.npz", done.stdout)


def test_explore(npz, here, tmp_path):
    done = here("explore", "--data", npz, "--out", "seen")
    assert done.returncode == 0, done.stderr
    assert "x_train: (300, 28, 28) uint8" in done.stdout
    assert (tmp_path / "seen/samples.png").stat().st_size > 1000


def test_class_names_are_no_markup(npz, here, tmp_path):
    names = np.array([*"[](){", "[/]", "[b]", "[red]a", "größe", "$x"])
    with np.load(npz) as arrays:
        np.savez(tmp_path / "[b]\x9b\udcff.npz", **arrays, classes=names)
    done = here("explore", "--data", "[b]\x9b\udcff.npz", "--out", "[/]\x9b")
    assert done.returncode == 0, done.stderr
    title, wrote = r"[b]\x9b\udcff.npz, sha256", r"wrote [/]\x9b/samples.png"
    for text in (*names, title, wrote):
        assert text in done.stdout
    assert load_data(tmp_path / "[b]\x9b\udcff.npz").name == title[:-8]


def test_train_writes_the_run(run_directory):
    for name in ("best.keras", "metrics.json", "report.html", "history.csv"):
        assert (run_directory / name).stat().st_size > 0


def test_compare_reads_it(run_directory, here, tmp_path):
    options = ["--out", "c.html", "--pictures", "kept"]
    done = here("compare", run_directory, *options)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "kept/accuracy.png").stat().st_size > 1000
    page = (tmp_path / "c.html").read_text()
    assert backends.TITLES[backends.name] in page


def test_evaluate_and_inspect(run_directory, npz, here):
    best = run_directory / "best.keras"
    done = here("evaluate", best, "--data", npz, "--json")
    scores = json.loads(done.stdout)
    metrics = json.loads((run_directory / "metrics.json").read_text())
    assert scores["accuracy"] == metrics["test"]["accuracy"]
    done = here("evaluate", best, "--data", npz)
    assert "95 % interval" in done.stdout
    done = here("evaluate", best, "--data", npz, "--classes", "10", "--json")
    assert json.loads(done.stdout)["accuracy"] == scores["accuracy"]
    done = here("evaluate", best, "--data", npz, "--classes", "26")
    assert_one_line(done, "Expected")
    done = here("inspect", best, "--json")
    assert json.loads(done.stdout)["card"]["data"]["name"] == "small.npz"
    done = here("inspect", best)
    assert "is safe and whole" in done.stdout
    assert "34,826 parameters" in done.stdout
    done = here("inspect")
    assert "The network that ships is safe and whole" in done.stdout


@pytest.mark.any_backend
def test_finetune_goes_on_from_an_artifact(
    run_directory, npz, here, tmp_path, no_pictures
):
    best = run_directory / "best.keras"
    options = ["--epochs", "1", "--replay", "none", "--out", "tuned"]
    done = here("finetune", best, "--data", npz, *options)
    assert done.returncode == 0, done.stderr
    assert "finetuned from best.keras, all layers free" in done.stdout
    assert "after finetuning" in done.stdout
    card = inspect_artifact(tmp_path / "tuned/best.keras").card
    start = inspect_artifact(best).card["weights_sha256"]
    assert card["finetuned"]["start"]["weights_sha256"] == start


@pytest.mark.any_backend
@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("finetune",), "finetune was given no --data. Expected the new"),
        (("finetune", "--data", "gone"), "gone does not exist"),
        (("finetune", "a\x9b\u202e.keras", "--data", "b"), r"a\x9b\u202e.k"),
        (("finetune", "gone.keras", "--data", "gone"), "gone.keras"),
        (("tune", "--space", "colour"), 'is to vary "colour"'),
        (("export", "--format", "onx"), 'There is no format "onx"'),
        (("train", "--model", "deeep"), 'did you mean "deep"?'),
        (("train", "--config", "gone.json"), "gone.json cannot be read"),
        (
            ("train", "--config", "a.json", "--recipe", "fast"),
            "--recipe fast and --config a.json were given",
        ),
        (("explore", "--data", "gone", "--classes", "a,a"), "has 'a' twice"),
        (("explore", "--data", "gone", "--out", os.devnull), "is no folder"),
    ],
)
def test_what_makes_no_sense_is_one_line(arguments, text, here):
    assert_one_line(here(*arguments), text, "Expected")


@pytest.mark.any_backend
@pytest.mark.parametrize("name", ["explore/samples.png", "runs/tune/best.json"])
def test_an_output_replaces_no_file_of_the_user_s(name, here, tmp_path):
    theirs = tmp_path / name
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"mine")
    command = "explore" if "explore" in name else "tune"
    # Said before the data are looked for.
    done = here(command, "--data", "gone")
    assert_one_line(done, theirs.name, "would replace", "Expected a folder")
    assert theirs.read_bytes() == b"mine"


def test_predict_reads_a_png_that_we_did_not_make(here, tmp_path):
    # Dark ink on white paper, 300x400, drawn by OpenCV.
    page = np.full((300, 400), 255, np.uint8)
    cv2.line(page, (110, 60), (110, 240), 30, 14, cv2.LINE_AA)
    cv2.ellipse(page, (280, 150), (50, 90), 0, 0, 360, 30, 14, cv2.LINE_AA)
    cv2.imwrite(str(tmp_path / "page.png"), page)
    done = here("predict", "page.png", "--json")
    (answer,) = json.loads(done.stdout)
    assert answer["text"] == "10"
    left, _, right, _ = answer["digits"][1]["box"]
    assert 210 < left < 250 and 310 < right < 350
    done = here("predict", "page.png")
    assert done.stdout.startswith("page.png: 1 (")
    # The same below itself, and dirt between: two lines, and what is left out.
    both = np.vstack([page, page])
    both[290:293, 20:23] = 30
    cv2.imwrite(str(tmp_path / "both.png"), both)
    (answer,) = json.loads(here("predict", "both.png", "--json").stdout)
    assert answer["text"] == "10\n10"
    assert answer["lines"] == ["10", "10"]
    assert [digit["line"] for digit in answer["digits"]] == [0, 0, 1, 1]
    ((left, top, _, _),) = answer["specks"]
    assert (left, top) == pytest.approx((20, 290), abs=2)
    first, second = here("predict", "both.png").stdout.splitlines()
    assert first.count("(") == second.count("(") == 2


def test_a_png_without_digits(here, tmp_path):
    blank = np.full((50, 50), 255, np.uint8)
    cv2.imwrite(str(tmp_path / "blank.png"), blank)
    rng = np.random.default_rng(1)
    sky = cv2.GaussianBlur(rng.normal(0, 1, (90, 90)), (0, 0), 4)
    cv2.imwrite(str(tmp_path / "sky.png"), np.clip(128 + 800 * sky, 0, 255))
    first, second = here("predict", "blank.png", "sky.png").stdout.splitlines()
    assert first == "blank.png: no digit found"
    said = r"sky\.png: no digit found \((a photograph, not writing: .*)\)"
    (note,) = re.fullmatch(said, second).groups()
    answer = json.loads(here("predict", "sky.png", "--json").stdout)[0]
    assert answer["note"] == note and f" {len(answer['specks'])} " in note


@pytest.mark.any_backend
def test_without_mnist_the_run_says_what_it_stands_on(
    here, tmp_path, shown_warnings, no_pictures
):
    # Nothing listens on that port: no network, no cache.
    done = here(
        *("train", "--recipe", "fast", "--epochs", "1", "--limit", "200"),
        *("--out", "run"),
        MNISTCNN_URL="http://127.0.0.1:9/mnist.npz",
        KERAS_HOME=str(tmp_path / "keras"),
        HOME=str(tmp_path),
    )
    assert done.returncode == 0, done.stderr
    assert "GENERATED STROKES, NOT MNIST" in done.stderr
    assert "measured on generated strokes, not MNIST" in done.stdout
    page = (tmp_path / "run/report.html").read_text()
    assert "generated strokes, not MNIST" in page
    done = here("inspect", "run/best.keras", "--json")
    card = json.loads(done.stdout)["card"]
    assert card["data"]["name"] == "generated strokes, not MNIST"


@pytest.mark.any_backend
def test_mnist_never_falls_back(here, tmp_path):
    done = here(
        *("train", "--data", "mnist", "--out", "run"),
        MNISTCNN_URL="http://127.0.0.1:9/mnist.npz",
        KERAS_HOME=str(tmp_path / "keras"),
        HOME=str(tmp_path),
    )
    assert_one_line(done, "Three ways out", "MNISTCNN_DATA", "--data strokes")
    assert not (tmp_path / "run").exists()


def faulty(name, good):
    """Four arrays with one fault."""
    arrays = dict(good)
    if name == "labels":
        arrays["y_train"] = arrays["y_train"].copy()
        arrays["y_train"][7] = 10
    elif name == "fractions":
        arrays["y_test"] = arrays["y_test"] + 0.7
    else:
        arrays["x_train"] = arrays["x_train"].reshape(-1, 784)
    return arrays


@pytest.mark.any_backend
@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("labels", "y_train[7] is 10 (1 such labels). Expected 0..9"),
        ("fractions", ".7. Expected whole numbers 0..9"),
        ("shapes", "x_train has shape (300, 784)"),
        ("truncated", "is a zip archive that is cut short"),
        ("html", "looks like an HTML page"),
        ("missing", "does not exist. Expected an .npz"),
    ],
)
def test_bad_data_is_one_line(fault, text, npz, here, tmp_path):
    path = tmp_path / "bad.npz"
    if fault == "truncated":
        path.write_bytes(npz.read_bytes()[:3000])
    elif fault == "html":
        path.write_text("<!doctype html><title>404</title>")
    elif fault != "missing":
        with np.load(npz) as good:
            np.savez(path, **faulty(fault, good))
    done = here("train", "--data", path, "--out", "run")
    assert_one_line(done, text, "Expected")
    assert not (tmp_path / "run").exists()


@pytest.mark.any_backend
def test_a_pipe_is_no_data(here, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for command in ("explore", "train", "evaluate", "tune", "finetune"):
        done = here(command, "--data", "pipe")
        assert_one_line(done, "pipe is a pipe. Expected an .npz")


@pytest.mark.any_backend
def test_a_test_set_alone_is_looked_at_and_scored(npz, here, tmp_path):
    with np.load(npz) as good:
        x, y = good["x_test"][:40], good["y_test"][:40]
    # The letters of EMNIST, say, in an order of their own.
    names = np.array(list("9876543210"))
    np.savez(tmp_path / "test.npz", x_test=x, y_test=9 - y)
    done = here("explore", "--data", "test.npz")
    assert "x_train: (0, 28, 28)" in done.stdout, done.stderr
    plain = here("evaluate", "--data", "test.npz", "--json")
    told = here(
        *("evaluate", "--data", "test.npz", "--classes", ",".join(names)),
        *("--limit", 30, "--json"),
    )
    scores = [json.loads(done.stdout) for done in (plain, told)]
    assert [score["n"] for score in scores] == [40, 30]
    assert scores[0]["accuracy"] < 0.2 < 0.8 < scores[1]["accuracy"]
    done = here("train", "--data", "test.npz", "--out", "run")
    assert_one_line(done, "0 training images with 30% held out leave none")


@pytest.mark.any_backend
def test_odd_data_are_said_in_a_line_each(
    npz, here, tmp_path, shown_warnings, no_pictures
):
    with np.load(npz) as good:
        arrays = dict(good)
    order = np.argsort(arrays["y_train"], kind="stable")
    arrays["y_train"] = arrays["y_train"][order]
    arrays["x_train"] = 255 - arrays["x_train"][order]
    np.savez(tmp_path / "sorted.npz", **arrays)
    options = ["--validation", 0.3, "--epochs", 1, "--out", "run"]
    done = here("train", "--data", "sorted.npz", *options)
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == len(set(lines)) == 3
    assert all(line.startswith("Warning: ") for line in lines)
    assert "x_train has bright rims" in lines[0]
    assert "sorted.npz: the training set is sorted by class" in lines[1]
    assert "held-out 30% has classes that training lacks: " in lines[2]


@pytest.mark.any_backend
def test_bad_arguments_are_one_line(npz, run_directory, here, tmp_path):
    best = run_directory / "best.keras"
    before = best.read_bytes()
    cases = [
        (["train", "--recipe", "bset"], 'did you mean "best"?'),
        (["train", "--epochs", "0"], "epochs is 0. Expected 1 or more"),
        (["train", "--resume"], "--resume was given without --out"),
        (
            ["train", "--data", npz, "--out", run_directory],
            "already holds a run",
        ),
        (["evaluate", "none.keras"], "none.keras does not exist"),
        (["inspect", npz], "[unexpected-member]"),
        (["predict", best], "No image was given"),
        (["compare", tmp_path], "metrics.json"),
        (["fly"], "No such command 'fly'"),
        (["train", "--epochs", "many"], "Invalid value for '--epochs'"),
    ]
    for arguments, text in cases:
        assert_one_line(here(*arguments), text)
    assert best.read_bytes() == before


def test_a_backend_that_is_not_there(tmp_path):
    done = mnistcnn("info", cwd=tmp_path, KERAS_BACKEND="theano")
    assert_one_line(done, 'KERAS_BACKEND is "theano"', "Expected one of")


@pytest.mark.any_backend
@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name
)
def test_a_signal_ends_a_run_and_names_its_checkpoint(number, npz, tmp_path):
    command = [sys.executable, "-m", "mnistcnn", "train", "--data", str(npz)]
    options = ["--recipe", "fast", "--epochs", "5000", "--out", "run"]
    with subprocess.Popen(
        command + options,
        cwd=tmp_path,
        env={**os.environ, "KERAS_BACKEND": backends.name},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + 60
        while not (tmp_path / "run/history.csv").exists():
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(number)
        text = process.stderr.read()
        assert process.wait(timeout=30) == 128 + number
    assert "last whole epoch is in run; go on with --resume" in text
    assert "Traceback" not in text


@pytest.mark.any_backend
def test_no_display_is_one_line(tmp_path):
    pytest.importorskip("pygame", reason="the board's extra is not installed")
    environment = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "SDL_VIDEODRIVER": ""}
    done = mnistcnn("board", cwd=tmp_path, **environment)
    assert_one_line(done, "display", "Expected")


@pytest.mark.any_backend
@pytest.mark.parametrize(
    ("start", "kept"),
    [("fast", ["training", "training", "interpolation"]), ("0" * 64, [])],
)
def test_a_config_s_start_is_trained_again_if_it_can_be(
    start, kept, here, tmp_path, no_pictures
):
    config = {"epochs": 1, "validation": 0.0, "start": start, "blend": 0.5}
    (tmp_path / "a.json").write_text(json.dumps(config))
    options = ("--data", "strokes", "--limit", 200, "--out", "run")
    done = here("train", "--config", "a.json", *options)
    assert done.returncode == 0, done.stderr
    card = inspect_artifact(tmp_path / "run" / "best.keras").card
    assert [step["step"] for step in card.get("steps", [])] == kept
    assert card.get("blend") == (0.5 if kept else None)
