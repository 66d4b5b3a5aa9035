#!/usr/bin/env -S nox -s
"""Every job of the project, each in an environment that it builds itself.

`nox -l` lists them. Arguments after `--` are passed to the command.
"""

import os
import re
import shutil
import tarfile
import zipfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
# uv if installed: the same versions, in a fraction of the time.
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "tests"]
# Containers set it. Without cached bytecode, each process that a test starts
# would compile a framework again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

BACKENDS = ("jax", "torch", "tensorflow")
ROOT = Path(__file__).parent
RUNS = ROOT / "runs"
# Files run in the order of backends_tests/conftest.py: the long ones first.
WORKERS = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
# One core per worker: more threads would compete by spinning.
ONE_CORE = {"OMP_NUM_THREADS": "1"}
RELIABILITY = ROOT / "benchmarks" / "reliability" / "run.py"
RESULTS = ROOT / "benchmarks" / "results"
COMPARE = str(ROOT / "benchmarks" / "compare.py")
ROBUSTNESS = str(ROOT / "benchmarks" / "robustness.py")
PRETRAINED = ROOT / "mnistcnn" / "pretrained" / "mnistcnn.keras"
# The first one ships: it reads the most on tuning papers, and of numbers by the
# choosing writers.
SHIPPED_SEEDS = ("3", "0", "1", "2", "4")
LEAST_TYPED = 95  # in percent of the public names
# JAX's tests mostly compile, and run each program only a few times: with these
# flags, the same steps compile in half the time and run as fast.
QUICK_COMPILES = (
    "--xla_backend_optimization_level=1 "
    "--xla_llvm_disable_expensive_passes=true "
    "--xla_cpu_use_fusion_emitters=false "
    "--xla_cpu_parallel_codegen_split_count=1"
)
# The extras with NVIDIA's libraries; PyTorch's own build on Linux has them.
CUDA = {
    "jax": ["jax[cuda13]"],
    "tensorflow": ["tensorflow[and-cuda]"],
    "torch": [],
}
GROUPS = nox.project.load_toml("pyproject.toml")


def install(session, *extras, groups=(), more=(), torch="cpu"):
    """Installs the dependencies, then the package (not the source tree)."""
    names = [*list_needs(*extras, groups=groups), *more]
    pin_build(session, torch)
    # Compiling a whole framework takes longer than only what is imported.
    session.install("--no-compile", "-c", "constraints.txt", *names)
    # pip keeps a package whose version has not changed: force the current one.
    session.install("--no-deps", "--force-reinstall", ".")


def list_needs(*extras, groups=()):
    """Lists the dependencies of the package, of extras and of groups."""
    project = GROUPS["project"]
    names = [*project["dependencies"]]
    for extra in extras:
        names += project["optional-dependencies"][extra]
    return names + list(nox.project.dependency_groups(GROUPS, *groups))


def pin_build(session, torch="cpu"):
    """Pins the tools that build our wheel to constraints.txt."""
    # Build environments ignore -c.
    for tool in ("PIP", "UV"):
        session.env[f"{tool}_BUILD_CONSTRAINT"] = str(ROOT / "constraints.txt")
    # uv knows the index of PyTorch's builds without CUDA, as constrained. Empty
    # if packages come from a custom location.
    own = os.environ.get("UV_FIND_LINKS")
    wanted = os.environ.get("UV_TORCH_BACKEND", "" if own else torch)
    session.env["UV_TORCH_BACKEND"] = wanted or None


def make_folder(session):
    """Makes the session's folder for temporary files; its absolute path."""
    # Absolute: processes that a test starts run in folders of their own.
    return Path(session.create_tmp()).resolve()


def name_data(session):
    """Returns options that name MNIST and the files of pen strokes."""
    found = os.environ.get("MNISTCNN_STROKES", "").split(os.pathsep)
    paths = [Path(name).expanduser() for name in found if name]
    missing = [str(path) for path in paths if not path.is_file()]
    if missing or not paths:
        # Checked before an environment is built and an hour of training.
        what = f"names {missing[0]}, no file" if missing else "is not set"
        session.error(
            f"MNISTCNN_STROKES {what}: name the files of pen strokes, with "
            f"{os.pathsep!r} between them (benchmarks/README.md says which)"
        )
    return [f"--data={name}" for name in ("mnist", *paths)]


def newest_runs():
    """The newest run of each backend, by the name of its directory."""
    found = {}
    for metrics in sorted(RUNS.glob("*/metrics.json")):
        backend = metrics.parent.name.split("-")[2:3]
        found[tuple(backend)] = metrics.parent
    return [str(path) for path in found.values()]


def newest_results():
    """The folder of benchmark results that was written to last, if any."""
    found = RESULTS.glob("*/*.json")
    # Accuracies belong to no machine, and have their own tables.
    files = (file for file in found if file.parent.name != "accuracy")
    newest = max(files, key=lambda file: file.stat().st_mtime, default=None)
    return newest and str(newest.parent)


def is_run(path):
    """Whether an argument is a run, which `mnistcnn compare` compares."""
    return (
        Path(path).name == "metrics.json"
        or (Path(path) / "metrics.json").is_file()
    )


def make_train(backend):
    """Makes the session that trains on one backend."""

    @nox.session(name=f"train-{backend}")
    def session_train(session):
        install(session, backend)
        session.env["KERAS_BACKEND"] = backend
        session.run("mnistcnn", "train", *session.posargs)

    session_train.__doc__ = f"Train on {backend}, into runs/."


def make_tests(backend):
    """Makes the session that tests one backend."""

    @nox.session(name=f"tests-{backend}")
    def session_tests(session):
        extras = (backend, "board", "tune", "onnx")
        # The notebook runs on one backend, the one that compiles least.
        groups = ["test", "notebook"] if backend == "torch" else ["test"]
        install(session, *extras, groups=groups)
        session.env["KERAS_BACKEND"] = backend
        # A user's keras.json must not decide what is tested.
        tmp = make_folder(session)
        session.env["KERAS_HOME"] = str(tmp / "keras")
        # Most tests compile the same few programs.
        session.env["JAX_COMPILATION_CACHE_DIR"] = str(tmp / "jax")
        session.env["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
        if backend == "jax":
            # Other versions may lack these flags: they use XLA's defaults.
            session.env["XLA_FLAGS"] = QUICK_COMPILES
        session.env.update(ONE_CORE)
        # Tests that need any framework run on the one that compiles least.
        once = "" if backend == "torch" else " and not any_backend"
        # In parallel: most of the time one core compiles or a process starts.
        marks = f"not core{once}"
        session.run("pytest", "-m", marks, *WORKERS, *session.posargs)

    session_tests.__doc__ = f"Test what runs on {backend}."


def make_bench(backend):
    """Makes the session that measures one backend."""

    @nox.session(name=f"bench-{backend}", default=False)
    def session_bench(session):
        install(session, backend, "board", groups=["bench"])
        session.env["KERAS_BACKEND"] = backend
        session.run("python", "benchmarks/run.py", *session.posargs)

    session_bench.__doc__ = f"Measure {backend}, into benchmarks/results/."


def make_accuracy(backend):
    """Makes the session that measures accuracy on one backend."""

    @nox.session(name=f"accuracy-{backend}", default=False)
    def session_accuracy(session):
        install(session, backend, groups=["bench"])
        session.env["KERAS_BACKEND"] = backend
        session.run("python", "benchmarks/accuracy.py", *session.posargs)

    session_accuracy.__doc__ = f"Measure accuracies of recipes on {backend}."


def make_pythons(session, *groups):
    """Builds an environment for each backend; its interpreter by name."""
    folder = make_folder(session)
    pin_build(session)
    pythons = {}
    for backend in BACKENDS:
        # A separate environment: two frameworks never share a process.
        home = folder / backend
        if not home.exists():
            session.install("virtualenv", "-c", "constraints.txt")
            session.run("virtualenv", "-q", str(home))
        bin_dir = home / ("Scripts" if os.name == "nt" else "bin")
        pythons[backend] = str(bin_dir / "python")
        pip = [pythons[backend], "-m", "pip", "install", "-q"]
        names = list_needs(backend, groups=groups)
        packages = ["--no-compile", "-c", "constraints.txt", *names]
        session.run(*pip, *packages, external=True)
        reinstall = ["--no-deps", "--force-reinstall", "."]
        session.run(*pip, *reinstall, external=True)
    return pythons


def make_scanners(session):
    """Builds an environment with scanners of model files; its commands."""
    home = make_folder(session) / "scanners"
    # A separate one: their dependencies conflict with constraints.txt.
    session.install("virtualenv", "-c", "constraints.txt")
    session.run("virtualenv", "-q", str(home))
    bin_dir = home / ("Scripts" if os.name == "nt" else "bin")
    names = nox.project.dependency_groups(GROUPS, "scan")
    pip = [str(bin_dir / "python"), "-m", "pip", "install", "-q"]
    session.run(*pip, *names, external=True)
    return str(bin_dir)


def make_gpu(backend):
    """Makes the session that checks and measures one backend on a GPU."""

    @nox.session(name=f"gpu-{backend}", default=False)
    def session_gpu(session):
        # PyTorch's build for the installed driver.
        install(
            session, backend, groups=["test"], more=CUDA[backend], torch="auto"
        )
        session.env["KERAS_BACKEND"] = backend
        tmp = make_folder(session)
        session.env["KERAS_HOME"] = str(tmp / "keras")
        # Several processes share the device.
        session.env["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
        session.env["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
        session.run("python", "benchmarks/gpu.py", *session.posargs)

    session_gpu.__doc__ = f"Check and measure {backend} on a GPU."


for _backend in BACKENDS:
    make_train(_backend)
    make_tests(_backend)
    make_bench(_backend)
    make_accuracy(_backend)
    make_gpu(_backend)


@nox.session(name="tests-lowest", default=False)
def tests_lowest(session):
    """Test with the lowest versions that pyproject.toml allows."""
    # Frameworks do not share an environment; JAX is the smaller download.
    backend = session.posargs[0] if session.posargs else "jax"
    wanted = list_needs(backend, "board", groups=["test"])
    # An old Matplotlib warns about a newer pyparsing.
    lowest = [name.replace(">=", "==") for name in wanted]
    session.install(*lowest, "pyparsing<3.3")
    run_with_others(session, backend)


def run_with_others(session, backend, *arguments):
    """Tests with other versions than those of constraints.txt."""
    pin_build(session)
    session.install("--no-deps", "--force-reinstall", ".")
    tmp = make_folder(session)
    session.env["KERAS_HOME"] = str(tmp / "core")
    session.env.update(ONE_CORE)
    session.env["JAX_COMPILATION_CACHE_DIR"] = str(tmp / "jax")
    # We cannot fix warnings of old packages about newer ones; nor that of JAX
    # 0.12 when Keras 3.15.1 requests 64 bits.
    command = ["pytest", "-W", "ignore::DeprecationWarning", *WORKERS]
    command += ["-W", "ignore:Explicitly requested dtype:UserWarning"]
    session.run(*command, "-m", "core", *arguments)
    # Not earlier, as in `tests`: if no backend is named, NumPy reads. Keras
    # also writes the name into its folder.
    session.env["KERAS_BACKEND"] = backend
    session.env["KERAS_HOME"] = str(tmp / "keras")
    session.run(*command, "-m", "not core", *arguments)


def make_newest(backend, python):
    """Makes the session that tests the newest of all, on a newer Python."""
    name = f"tests-{backend}-{python}"

    @nox.session(name=name, python=python, default=False)
    def session_newest(session):
        wanted = list_needs(backend, "board", "tune", groups=["test"])
        session.install("--no-compile", "--upgrade", *wanted)
        run_with_others(session, backend, *session.posargs)

    session_newest.__doc__ = f"Test the newest of {backend} on {python}."


for _backend in ("jax", "tensorflow"):
    make_newest(_backend, "3.13")


@nox.session(name="tests-openvino", default=False, venv_backend="virtualenv")
def tests_openvino(session):
    """Test reading on OpenVINO, without docs/openvino and with it."""
    install(session, "board", groups=["test"])
    session.install("-c", "constraints.txt", "openvino", "scipy")
    session.env["KERAS_BACKEND"] = "openvino"
    tmp = make_folder(session)
    session.env["KERAS_HOME"] = str(tmp / "keras")
    command = ["pytest", "-m", "not core", "backends_tests/reading"]
    session.run("pip", "uninstall", "-q", "-y", "mnistcnn-openvino")
    session.run(*command, *session.posargs)
    pin_build(session)
    session.install("--no-deps", "docs/openvino")
    session.run(*command, *session.posargs)


@nox.session(name="tune-postgres", default=False)
def tune_postgres(session):
    """Search by two processes in one PostgreSQL, which has to be here."""
    install(session, "torch", "tune", groups=["test"])
    session.install(*nox.project.dependency_groups(GROUPS, "postgres"))
    session.env["KERAS_BACKEND"] = "torch"
    session.run("pytest", "backends_tests/postgres.py", *session.posargs)


@nox.session(default=False)
def web(session):
    """Drive the page that reads in a Chromium, which has to be there."""
    install(session, groups=["web"])
    session.run("pytest", "-m", "core", "backends_tests/browser.py")


@nox.session(default=False)
def trackers(session):
    """Run what docs/recipes.md says of experiment trackers, offline."""
    # MLflow stores its numbers in SQLite with packages that tune needs, too.
    install(session, "torch", "tune", groups=["test"])
    session.install(*nox.project.dependency_groups(GROUPS, "trackers"))
    session.env["KERAS_BACKEND"] = "torch"
    # Warnings of those libraries are not ours to fix.
    command = ["pytest", "-W", "ignore", "backends_tests/trackers.py"]
    session.run(*command, *session.posargs)


@nox.session(default=False)
def fuzz(session):
    """Fuzz everything that reads untrusted input, fifteen minutes."""
    install(session, "jax", groups=["fuzz"])
    session.env["KERAS_BACKEND"] = "jax"
    session.run("python", str(RELIABILITY), "fuzz", *session.posargs)


@nox.session(default=False)
def reliability(session):
    """Prove what SECURITY.md promises: kills, faults, hostile files."""
    pythons = make_pythons(session, "test")
    pairs = " ".join(f"{name}={path}" for name, path in pythons.items())
    session.env["MNISTCNN_PYTHONS"] = pairs
    if not session.posargs or "attacks" in session.posargs:
        session.env["MNISTCNN_SCANNERS"] = make_scanners(session)
    once = ["attacks", "hostile", "bombs", "mutants", "boards", "downloads"]
    once += ["servers", "loading", "crossing"]
    each = ["kills", "disk", "signals", "budgets"]
    for backend in BACKENDS:
        for proof in [*once, *each] if backend == "jax" else each:
            if session.posargs and proof not in session.posargs:
                continue
            # 100 kills per backend, 40 of them while a file is written.
            seeds = "0123" if proof == "kills" else "0"
            session.run(
                *(pythons[backend], str(RELIABILITY), proof),
                *("--seeds", *seeds),
                env={"KERAS_BACKEND": backend},
                external=True,
            )


@nox.session
def tests(session):
    """Test what needs no framework, then all three backends."""
    install(session, "board", "tune", "hub", groups=["test"])
    tmp = make_folder(session)
    session.env["KERAS_HOME"] = str(tmp / "keras")
    session.env.update(ONE_CORE)
    session.run("pytest", "-m", "core", *WORKERS, *session.posargs)
    for backend in BACKENDS:
        session.notify(f"tests-{backend}")


@nox.session(default=False)
def compare(session):
    """Set the backends side by side: benchmarks.html, and comparison.html."""
    install(session, groups=["bench"])
    if session.posargs:
        runs = any(map(is_run, session.posargs))
        command = ["mnistcnn", "compare"] if runs else ["python", COMPARE]
        session.run(*command, *session.posargs)
        return
    results, runs = newest_results(), newest_runs()
    if results:
        session.run("python", COMPARE, results, "--out", "benchmarks.html")
    if runs:
        session.run("mnistcnn", "compare", *runs, "--out", "comparison.html")
    if not results and not runs:
        session.error(
            "There are no benchmark results and no runs: nox -s bench-jax, "
            "or nox -s train-jax, makes some"
        )


@nox.session(default=False)
def portability(session):
    """Let each backend write an artifact, and each and NumPy read it."""
    folder = make_folder(session)
    script = str(ROOT / "backends_tests" / "portability.py")
    pythons = make_pythons(session)
    files = folder / "files"
    shutil.rmtree(files, ignore_errors=True)
    for mode in ("write", "read"):
        for backend in BACKENDS:
            session.run(
                pythons[backend],
                script,
                mode,
                str(files),
                *session.posargs,
                env={"KERAS_BACKEND": backend},
                external=True,
            )
    for mode in ("read", "table"):
        # With NumPy alone: no backend is named.
        session.run(pythons["jax"], script, mode, str(files), external=True)


@nox.session(default=False)
def board(session):
    """Open the drawing board."""
    install(session, "jax", "board")
    session.env["KERAS_BACKEND"] = "jax"
    session.run("mnistcnn", "board", *session.posargs)


@nox.session(default=False)
def pictures(session):
    """Make the pictures of the README anew, from the newest runs."""
    install(session, "jax", "board", groups=["bench"])
    session.env["KERAS_BACKEND"] = "jax"
    docs = ROOT / "docs"
    session.run("mnistcnn", "board", "--screenshot", str(docs / "board.png"))
    sheet = ["--picture", str(docs / "ruled_sheet.png")]
    session.run("python", str(ROOT / "benchmarks" / "paper.py"), *sheet)
    found = newest_runs()
    if not found:
        session.error("runs/ holds no run: nox -s train-jax makes one")
    nets = [str(PRETRAINED), str(Path(found[0]) / "best.keras")]
    filters = ["--filters", "--screenshot", str(docs / "board_filters.png")]
    session.run("mnistcnn", "board", *nets, *filters)
    kept = make_folder(session) / "pictures"
    page = str(kept / "comparison.html")
    options = ["--out", page, "--pictures", str(kept)]
    session.run("mnistcnn", "compare", *found, *options)
    for name in ("accuracy.png", "epoch_seconds.png"):
        shutil.copyfile(kept / name, docs / name)
    session.run(
        "python",
        *(COMPARE, newest_results(), "--out", page),
        *("--pictures", str(kept)),
    )
    epochs = kept / "seconds_of_an_epoch_at_batch_128.png"
    shutil.copyfile(epochs, docs / "benchmark_epochs.png")
    curves = Path(found[0]) / "figures" / "learning_curves.png"
    shutil.copyfile(curves, docs / curves.name)


@nox.session(default=False)
def pretrain(session):
    """Make the artifact that ships anew, and four more seeds of it."""
    named = name_data(session)
    install(session, "tensorflow", groups=["bench"])
    session.env["KERAS_BACKEND"] = "tensorflow"
    folder = make_folder(session)
    paths = []
    for seed in SHIPPED_SEEDS:
        out = folder / f"seed{seed}"
        options = ["--recipe", "drawing", "--seed", seed, "--out", str(out)]
        # An interrupted run is resumed.
        more = ["--resume"] if (out / "config.json").is_file() else []
        command = ["mnistcnn", "train", *named, *options, *more]
        session.run(*command, *session.posargs)
        paths.append(str(out / "best.keras"))
    # The result names the shipped artifact; its card gets the scores.
    shutil.copyfile(paths[0], PRETRAINED)
    session.run(
        "python",
        *(ROBUSTNESS, *paths, "--card"),
        *("--out", str(RESULTS / "robustness_shipped.json")),
        *("--table", str(ROOT / "docs" / "handwriting.md")),
        *("--pictures", str(ROOT / "docs" / "corruptions.png")),
    )
    shutil.copyfile(paths[0], PRETRAINED)
    session.run("mnistcnn", "inspect", str(PRETRAINED))


@nox.session(default=False)
def robustness(session):
    """Train a network by each recipe; score all on what MNIST is not."""
    named = name_data(session)
    install(session, "tensorflow", groups=["bench"])
    session.env["KERAS_BACKEND"] = "tensorflow"
    folder = make_folder(session)
    paths = []
    for name in ("best", "deep", "fast", "tutorial"):
        out = folder / name
        shutil.rmtree(out, ignore_errors=True)
        options = ["--recipe", name, "--out", str(out)]
        session.run("mnistcnn", "train", *named, *options)
        paths.append(out / "best.keras")
    session.run(
        "python",
        *(ROBUSTNESS, *map(str, paths)),
        *("--out", str(RESULTS / "robustness.json")),
        *("--table", str(ROOT / "docs" / "recipes.md")),
    )


@nox.session(default=False)
def docs(session):
    """Draw what is made from the code anew, run the examples, build a site."""
    groups = ["test", "notebook", "docs"]
    install(session, "jax", "board", "tune", "onnx", groups=groups)
    session.run("python", "docs/house.py")
    session.run("python", "docs/backends.py")
    session.env["KERAS_BACKEND"] = "jax"
    tests = ["test_docs.py", "test_notebook.py"]
    paths = [str(ROOT / "backends_tests" / name) for name in tests]
    session.run("pytest", *paths, *session.posargs)
    session.run("python", "docs/website.py", "build/pages")
    # Strict: a warning is an error.
    session.run("zensical", "build", "--clean", "--strict")
    session.log("build/site/index.html is the front page")


@nox.session
def lint(session):
    """Check style and formatting, then types."""
    names = nox.project.dependency_groups(GROUPS, "lint")
    session.install("-c", "constraints.txt", *names)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    # Workflows; offline, otherwise it queries GitHub for each action's commit.
    session.run("zizmor", "--offline", "--quiet", ".github")
    session.run("typos")
    session.notify("types")


@nox.session(default=False)
def types(session):
    """Check the types of the package, and what a user's script sees."""
    wanted = set(list_needs(*GROUPS["project"]["optional-dependencies"]))
    pins = ["-c", "constraints.txt"]
    # All three frameworks in one environment: sources are read, none runs.
    session.install(*pins, "--no-deps", "--no-compile", *sorted(wanted))
    names = nox.project.dependency_groups(GROUPS, "types")
    session.install(*pins, *names)
    pin_build(session)
    session.install("--no-deps", "--force-reinstall", ".")
    session.run("basedpyright", *session.posargs)
    report = session.run(
        *("basedpyright", "--verifytypes", "mnistcnn", "--ignoreexternal"),
        silent=True,
        success_codes=[0, 1],
    )
    if not report:  # with --install-only nothing is run
        return
    known = re.search(r"score: ([\d.]+)%", report)
    if known is None or float(known[1]) < LEAST_TYPED:
        session.error(f"{report}\nExpected {LEAST_TYPED} % of the public names")
    session.log(f"{known[1]} % of the public names have known types")


@nox.session(default=False)
def hashes(session):
    """Write the hashes of all files of the versions in constraints.txt."""
    session.install("uv")
    folder = make_folder(session)
    tools = folder / "build.in"
    tools.write_text("\n".join(GROUPS["build-system"]["requires"]))
    extras = ("jax", "tune", "hub")
    wanted = ["pyproject.toml", str(tools), "--group", "test"]
    wanted += [word for name in extras for word in ("--extra", name)]
    # What the sessions install here; and for each system what its tests need.
    for name, options in {
        "hashes.txt": ["constraints.txt", "--no-deps"],
        "matrix.txt": [*wanted, "--universal", "-c", "constraints.txt"],
    }.items():
        out = str(ROOT / ".github" / name)
        session.run(
            *("uv", "pip", "compile", *options, "--quiet"),
            *("--no-annotate", "--generate-hashes"),
            *("--python-version", "3.11.5", "--output-file", out),
            *("--custom-compile-command", "nox -s hashes"),
            # PyTorch without CUDA has its own index: UV_EXTRA_INDEX_URL.
            *("--index-strategy", "unsafe-best-match"),
        )


@nox.session(default=False)
def build(session):
    """Build wheel and sdist, see what is in them, and read with the wheel."""
    session.install("-c", "constraints.txt", "build", "virtualenv")
    # The pip of the build environment honours this variable.
    session.env["PIP_CONSTRAINT"] = str(ROOT / "constraints.txt")
    tmp = make_folder(session)
    out = tmp / "dist"
    shutil.rmtree(out, ignore_errors=True)
    session.run("python", "-m", "build", "-q", "--outdir", str(out))
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    for problem in check_wheel(wheel) + check_sdist(sdist):
        session.error(problem)
    session.log(f"{wheel.name}: {wheel.stat().st_size:,} bytes")
    # An environment with nothing else in it, outside the source tree.
    home, empty = tmp / "reader", tmp / "empty"
    shutil.rmtree(empty, ignore_errors=True)
    empty.mkdir()
    session.run("virtualenv", "-q", "--clear", str(home))
    bin_dir = home.resolve() / ("Scripts" if os.name == "nt" else "bin")
    pip = [str(bin_dir / "python"), "-m", "pip", "install", "-q"]
    session.run(*pip, str(wheel), external=True)
    script = ROOT / "backends_tests" / "helpers" / "read_a_picture.py"
    command = [str(bin_dir / "python"), str(script), str(empty)]
    session.chdir(empty)
    said = session.run(*command, external=True, silent=True)
    if '"text": "314"' not in said:
        session.error(f"Expected the digits 314 to be read. Received: {said}")


def check_wheel(path):
    """Lists the faults of a wheel's files."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    package = [n for n in names if n.startswith("mnistcnn/")]
    others = {n.split("/")[0] for n in names if n not in package}
    found = [f"the wheel holds {n}" for n in others if ".dist-info" not in n]
    found += [f"the wheel holds {n}" for n in package if "__pycache__" in n]
    sources = (ROOT / "mnistcnn").rglob("*.*")
    wanted = {p.relative_to(ROOT).as_posix() for p in sources if p.is_file()}
    wanted = {name for name in wanted if "__pycache__" not in name}
    return found + [f"the wheel lacks {n}" for n in wanted - set(package)]


def check_sdist(path):
    """Lists the faults of an sdist's files."""
    with tarfile.open(path) as archive:
        names = {n.partition("/")[2] for n in archive.getnames()}
    wanted = ("LICENSE", "README.md", "CHANGELOG.md", "CITATION.cff")
    wanted += ("constraints.txt", "noxfile.py", "mnistcnn/py.typed")
    wanted += ("backends_tests/conftest.py", "docs/data.md")
    found = [f"the sdist lacks {name}" for name in set(wanted) - names]
    wrong = ("runs/", "build/", ".nox/", ".github/")
    extra = [name for name in names if name.startswith(wrong)]
    return found + [f"the sdist holds {name}" for name in extra]
