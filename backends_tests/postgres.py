"""Two processes search in one PostgreSQL; one is killed, the study goes on.

Not collected by itself: `nox -s tune-postgres`, where PostgreSQL's server is
installed.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from mnistcnn.tuning.studies import import_optuna

PASSWORD = "only of this test"
TRIALS = 5
PATIENCE = 60


def find_program(name):
    """Debian has them beside the path, by the server's version."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    found = shutil.which(name) or shutil.which(
        name, path=folders[-1:] and folders[-1]
    )
    return found or pytest.skip(f"{name} is not here: install postgresql")


@pytest.fixture(scope="module")
def url():
    """Where a server of this test's own listens, on 127.0.0.1."""
    initdb, postgres = map(find_program, ("initdb", "postgres"))
    # It does not run for root.
    user = {"user": "postgres"} if os.geteuid() == 0 else {}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    # Not of pytest's, where no other user may look.
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.ExitStack() as last,
    ):
        if user:
            shutil.chown(folder, "postgres")
        secret, data = Path(folder) / "secret", Path(folder) / "data"
        secret.write_text(PASSWORD)
        command = [initdb, "-D", data, "-U", "tuner", "--no-sync"]
        command += ["-A", "scram-sha-256", f"--pwfile={secret}"]
        subprocess.run(
            command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **user
        )
        command = [
            postgres,
            "-D",
            data,
            "-h",
            "127.0.0.1",
            "-p",
            port,
            "-k",
            "",
        ]
        server = last.enter_context(
            subprocess.Popen(
                command, cwd=folder, stderr=subprocess.DEVNULL, **user
            )
        )
        last.callback(server.send_signal, signal.SIGQUIT)
        word = PASSWORD.replace(" ", "%20")
        yield f"postgresql+psycopg://tuner:{word}@127.0.0.1:{port}/postgres"


def start(url, folder, trials=TRIALS):
    command = [sys.executable, "-m", "mnistcnn", "tune", "--data", "strokes"]
    command += ["--limit", "200", "--epochs", "2", "--pruner", "none"]
    command += ["--space", "learning_rate", "--trials", str(trials)]
    return subprocess.Popen(
        [*command, "--storage", url, "--out", "tune"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def list_trials(url):
    """Lists the study's trials; none where it is not there yet."""
    optuna = import_optuna()
    storage = optuna.storages.RDBStorage(url)
    try:
        studies = storage.get_all_studies()
        return [t for s in studies for t in storage.get_all_trials(s._study_id)]
    finally:
        storage.remove_session()
        storage.engine.dispose()


def wait_for(find):
    """Asks until there is an answer; what is not there yet raises."""
    end, last = time.monotonic() + PATIENCE, None
    while time.monotonic() < end:
        try:
            if found := find():
                return found
        except Exception as error:  # SQLAlchemy and its driver have dozens
            last = error
        time.sleep(0.2)
    return pytest.fail(f"nothing came of it: {last!r}")


def test_one_of_two_processes_is_killed_and_the_study_goes_on(url, tmp_path):
    wait_for(lambda: list_trials(url) == [])  # the server, and the tables
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    first, second = (start(url, tmp_path / name) for name in ("a", "b"))

    def find_its_trial():
        return [
            trial
            for trial in list_trials(url)
            if trial.user_attrs.get("process", {}).get("id") == second.pid
            and trial.params
            and trial.state.name == "RUNNING"
        ]

    (lost,) = wait_for(find_its_trial)
    second.send_signal(signal.SIGKILL)
    second.communicate(timeout=PATIENCE)
    before, _ = first.communicate(timeout=PATIENCE)
    assert first.returncode == 0, before
    states = [trial.state.name for trial in list_trials(url)]
    assert states.count("COMPLETE") >= TRIALS, before
    # Another machine's process that was killed is found out by its silence;
    # this machine's at once, by the next search that begins. A first one
    # that took long may have heard the silence.
    assert states[lost.number] in ("RUNNING", "FAIL")
    (tmp_path / "c").mkdir()
    third = start(url, tmp_path / "c", trials=TRIALS + 2)
    said, _ = third.communicate(timeout=PATIENCE)
    assert third.returncode == 0, said
    if states[lost.number] == "RUNNING":
        assert f"trial {lost.number} was cut off and is queued again" in said
    trials = list_trials(url)
    assert trials[lost.number].state.name == "FAIL"
    (again,) = (t for t in trials if t.user_attrs.get("tries"))
    assert again.user_attrs["tries"] == [lost.number]
    assert again.params == lost.params
    assert again.state.name == "COMPLETE"
    assert PASSWORD not in said
    assert (tmp_path / "c" / "tune" / "best.json").is_file()
