import os
import subprocess
import sys
import traceback

import pytest

from mnistcnn.errors import ConfigError
from mnistcnn.tuning.studies import claim, open_study, retry_lost, sign

optuna = pytest.importorskip("optuna", reason="the extra tune is not installed")

pytestmark = pytest.mark.core


def reopen(where, out, **options):
    return open_study(where, out, **{"pruner": "median", "seed": 0} | options)


@pytest.fixture(params=["sqlite", "journal"])
def where(request, tmp_path):
    return None if request.param == "sqlite" else str(tmp_path / "a.journal")


def test_a_study_is_there_when_it_is_opened_again(where, tmp_path):
    study = reopen(where, tmp_path)
    study.optimize(lambda trial: trial.suggest_float("x", 0.5, 0.5), 1)
    again = reopen(where, tmp_path)
    assert [t.value for t in again.trials] == [0.5]
    assert again.direction == optuna.study.StudyDirection.MAXIMIZE
    kept = "study.db" if where is None else "a.journal"
    assert (tmp_path / kept).is_file()


SECRET = "Tr0ub4dor&3"


@pytest.mark.parametrize(
    "storage",
    [
        f"postgresql:/me:{SECRET}@host/db",
        f"postgresql:/me:{SECRET}@host/a.journal",
        f"postgresql:me:{SECRET}@host/a.log",
        f"mysql//me:{SECRET}@host/a.journal",
        f"//me:{SECRET}@host/a.journal",
        f"me:{SECRET}@host/db",
        f"{SECRET}@host/a.log",
        f"nonsense://me:{SECRET}@host/db",
        f"nonsense://me:{SECRET}@host/a.journal",
        f"postgresql://host/db?user=me&password={SECRET}",
        f"sqlite:///a/b/c.db?key={SECRET}",
        f"sqlite://me:{SECRET}@host:many/a",
        f"redis://:{SECRET}@host/0",
        f"C:{SECRET}",
        SECRET,
        "",
    ],
)
def test_no_error_and_no_folder_has_a_storage_s_password(
    storage, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="Expected") as raised:
        reopen(storage, tmp_path / "out")
    text = "".join(traceback.format_exception(raised.value))
    assert SECRET not in text
    left = [path.name for path in tmp_path.rglob("*")]
    assert left in ([], ["out"])


def test_a_journal_is_a_regular_file(tmp_path):
    os.mkfifo(tmp_path / "a.journal")
    with pytest.raises(ConfigError, match="Is a pipe, not a regular file"):
        reopen(str(tmp_path / "a.journal"), tmp_path)


def test_another_search_is_refused(tmp_path):
    where = str(tmp_path / "a.journal")
    claim(reopen(where, tmp_path), {"space": ["x"], "data": "d"})
    claim(reopen(where, tmp_path), {"space": ["x"], "data": "d"})
    with pytest.raises(ConfigError, match=r"begun with space = \['x'\], not"):
        claim(reopen(where, tmp_path), {"space": ["y"], "data": "d"})


def test_a_trial_of_a_killed_process_is_queued_again(tmp_path):
    where = str(tmp_path / "a.journal")
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from mnistcnn.tuning.studies import open_study, sign\n"
        "study = open_study(sys.argv[1], Path('.'), pruner='none', seed=0)\n"
        "trial = study.ask()\n"
        "sign(trial)\n"
        "trial.suggest_float('x', 0, 1)\n"
        "trial.report(0.25, 1)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, where], cwd=tmp_path)
    assert done.returncode == -9
    study = reopen(where, tmp_path)
    # One that lives is left alone.
    alive = study.ask()
    sign(alive)
    assert retry_lost(study) == [0]
    assert retry_lost(study) == []
    states = [trial.state.name for trial in study.trials]
    assert states == ["FAIL", "RUNNING", "WAITING"]
    again = study.ask()
    assert again.number == 2
    again.suggest_float("x", 0, 1)
    assert again.params == study.trials[0].params
    assert study.trials[2].intermediate_values == {1: 0.25}


def test_what_kills_each_time_is_not_tried_for_ever(tmp_path):
    study = reopen(str(tmp_path / "a.journal"), tmp_path)
    gone = {"host": os.uname().nodename, "id": os.getpid(), "started": "1"}
    lost = []
    for _ in range(10):
        if lost and all(t.state.name != "WAITING" for t in study.trials):
            break
        study.ask().set_user_attr("process", gone)
        lost += retry_lost(study)
    assert len(lost) == 4


def test_samplers_of_many_processes_differ(tmp_path):
    def draw(where):
        study = reopen(where, tmp_path)
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), 1)
        return study.trials[-1].value

    shared = str(tmp_path / "a.journal")
    assert len({draw(shared) for _ in range(4)}) == 4
    # Of one process they come from the seed, and go on.
    values = [draw(None), draw(None)]
    (tmp_path / "study.db").unlink()
    assert [draw(None), draw(None)] == values
    assert values[0] != values[1]


@pytest.mark.parametrize(
    ("where", "pruner", "text"),
    [
        ("nowhere", "median", "neither a URL nor a .journal file"),
        ("sqlite:////no/such/folder/a.db", "median", "OperationalError"),
        ("oracle+x://me:secret@h/db", "median", "the database oracle.x://..."),
        (None, "best", "there is no pruner best"),
    ],
)
def test_what_cannot_be_opened_is_one_line(where, pruner, text, tmp_path):
    with pytest.raises(ConfigError, match=text) as caught:
        reopen(where, tmp_path, pruner=pruner)
    assert str(caught.value).isprintable()
    assert "secret" not in str(caught.value)


def test_a_missing_optuna_is_one_line(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ConfigError, match=r'pip install "mnistcnn\[tune\]"'):
        reopen(None, tmp_path)
