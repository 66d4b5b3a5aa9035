#!/usr/bin/env -S nox -s
"""Every job of the project, each in an environment that it builds itself.

`nox -l` lists them. Arguments behind `--` go through to the command.
"""

import os
import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "tests"]

BACKENDS = ("jax", "torch", "tensorflow")
ROOT = Path(__file__).parent
RUNS = ROOT / "runs"
PRETRAINED = ROOT / "mnistcnn" / "pretrained" / "mnistcnn.keras"
GROUPS = nox.project.load_toml("pyproject.toml")


def install(session, *extras, groups=()):
    """Installs the package (not the source tree) and what it needs."""
    names = nox.project.dependency_groups(GROUPS, *groups)
    package = f".[{','.join(extras)}]" if extras else "."
    session.install("-c", "constraints.txt", package, *names)
    # pip keeps a package whose version has not changed: take today's.
    session.install("--no-deps", "--force-reinstall", ".")


def newest_runs():
    """The newest run of each backend, by the name of its directory."""
    found = {}
    for metrics in sorted(RUNS.glob("*/metrics.json")):
        backend = metrics.parent.name.split("-")[2:3]
        found[tuple(backend)] = metrics.parent
    return [str(path) for path in found.values()]


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
        install(session, backend, "board", groups=["test"])
        session.env["KERAS_BACKEND"] = backend
        # A user's keras.json must not decide what is tested.
        tmp = Path(session.create_tmp()).resolve()
        session.env["KERAS_HOME"] = str(tmp / "keras")
        # Most tests compile the same few programs.
        session.env["JAX_COMPILATION_CACHE_DIR"] = str(tmp / "jax")
        session.env["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
        session.run("pytest", "-m", "not core", *session.posargs)

    session_tests.__doc__ = f"Test what runs on {backend}."


def make_bench(backend):
    """Makes the session that measures one backend."""

    @nox.session(name=f"bench-{backend}", default=False)
    def session_bench(session):
        install(session, backend)
        session.env["KERAS_BACKEND"] = backend
        session.run("python", "benchmarks/run.py", *session.posargs)

    session_bench.__doc__ = f"Measure {backend}, into benchmarks/results/."


for _backend in BACKENDS:
    make_train(_backend)
    make_tests(_backend)
    make_bench(_backend)


@nox.session
def tests(session):
    """Test what needs no framework, then all three backends."""
    install(session, "board", groups=["test"])
    tmp = Path(session.create_tmp()).resolve()
    session.env["KERAS_HOME"] = str(tmp / "keras")
    session.run("pytest", "-m", "core", *session.posargs)
    for backend in BACKENDS:
        session.notify(f"tests-{backend}")


@nox.session(default=False)
def compare(session):
    """Put the newest run of each backend on one page: comparison.html."""
    install(session)
    if session.posargs:
        session.run("mnistcnn", "compare", *session.posargs)
        return
    found = newest_runs()
    if not found:
        session.error("runs/ holds no run: nox -s train-jax makes one")
    session.run("mnistcnn", "compare", *found)


@nox.session(default=False)
def portability(session):
    """Let each backend write an artifact and each read it: 3x3."""
    folder = Path(session.create_tmp())
    script = str(ROOT / "backends_tests" / "portability.py")
    pythons = {}
    for backend in BACKENDS:
        # An environment of its own: two frameworks never share a process.
        home = folder / backend
        if not home.exists():
            session.install("virtualenv", "-c", "constraints.txt")
            session.run("virtualenv", "-q", str(home))
        bin_dir = home / ("Scripts" if os.name == "nt" else "bin")
        pythons[backend] = str(bin_dir / "python")
        pip = [pythons[backend], "-m", "pip", "install", "-q"]
        packages = ["-c", "constraints.txt", f".[{backend}]"]
        session.run(*pip, *packages, external=True)
        reinstall = ["--no-deps", "--force-reinstall", "."]
        session.run(*pip, *reinstall, external=True)
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
    session.run(pythons["jax"], script, "table", str(files), external=True)


@nox.session(default=False)
def board(session):
    """Open the drawing board."""
    install(session, "jax", "board")
    session.env["KERAS_BACKEND"] = "jax"
    session.run("mnistcnn", "board", *session.posargs)


@nox.session(default=False)
def pictures(session):
    """Make the pictures of the README anew, from the newest runs."""
    install(session, "jax", "board")
    session.env["KERAS_BACKEND"] = "jax"
    docs = ROOT / "docs"
    session.run("mnistcnn", "board", "--screenshot", str(docs / "board.png"))
    found = newest_runs()
    if not found:
        session.error("runs/ holds no run: nox -s train-jax makes one")
    kept = Path(session.create_tmp()) / "pictures"
    page = str(kept / "comparison.html")
    options = ["--out", page, "--pictures", str(kept)]
    session.run("mnistcnn", "compare", *found, *options)
    for name in ("accuracy.png", "epoch_seconds.png"):
        shutil.copyfile(kept / name, docs / name)
    curves = Path(found[0]) / "figures" / "learning_curves.png"
    shutil.copyfile(curves, docs / curves.name)


@nox.session(default=False)
def pretrain(session):
    """Make the artifact that ships with the package anew."""
    install(session, "tensorflow")
    session.env["KERAS_BACKEND"] = "tensorflow"
    out = Path(session.create_tmp()) / "run"
    shutil.rmtree(out, ignore_errors=True)
    options = ["--recipe", "best", "--data", "mnist", "--out", str(out)]
    if os.environ.get("MNISTCNN_DATA"):
        options[3] = os.environ["MNISTCNN_DATA"]
    session.run("mnistcnn", "train", *options, *session.posargs)
    shutil.copyfile(out / "best.keras", PRETRAINED)
    session.run("mnistcnn", "inspect", str(PRETRAINED))


@nox.session
def lint(session):
    """Check style and formatting."""
    names = nox.project.dependency_groups(GROUPS, "lint")
    session.install("-c", "constraints.txt", *names)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session(default=False)
def build(session):
    """Build the wheel and check that it holds the package alone."""
    session.install("-c", "constraints.txt", "build")
    out = Path(session.create_tmp()) / "dist"
    shutil.rmtree(out, ignore_errors=True)
    session.run("python", "-m", "build", "-q", "--outdir", str(out))
    script = (
        "import sys, zipfile; "
        "names = zipfile.ZipFile(sys.argv[1]).namelist(); "
        "wrong = [n for n in names if not n.startswith('mnistcnn')]; "
        "sys.exit(f'the wheel holds {wrong}' if wrong else 0)"
    )
    wheel = next(out.glob("*.whl"))
    session.run("python", "-c", script, str(wheel))
    session.log(f"{wheel.name}: {wheel.stat().st_size:,} bytes")
