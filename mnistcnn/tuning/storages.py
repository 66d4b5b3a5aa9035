"""The storage of a study, a database or a journal file; and its folder.

A database's URL may hold a password, so only its scheme is ever shown.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mnistcnn.errors import ConfigError
from mnistcnn.files import make_folder, open_regular
from mnistcnn.training import check_free

DATABASE = "study.db"
# Marks a search's folder, which with another storage holds no database.
SEARCH = ".search"
WRITTEN = (
    *("best.json", "study.json", "report.html", "trials/[0-9]*"),
    *("figures/optimization_history.png", "figures/intermediate_values.png"),
    *("figures/param_importances.png", "figures/parallel_coordinate.png"),
    *("figures/slice.png", "figures/timeline.png"),
)
JOURNALS = (".journal", ".log")
# A process of another machine without a heartbeat for so long is dead.
HEARTBEAT_SECONDS = 30
GRACE_SECONDS = 180


def check_folder(out: Path) -> None:
    """Raises a `ConfigError` if a search would replace what is none's.

    Args:
        out: the folder of the search, which may hold an earlier one.
    """
    if not any((out / name).exists() for name in (SEARCH, DATABASE)):
        check_free(out, WRITTEN, by="a search")


def find_kind(where: str | None) -> str:
    """Finds the kind of a storage: "file", "journal", or a URL's scheme.

    Args:
        where: what `--storage` says.

    Raises:
        ConfigError: it is neither a file nor a URL; it is not quoted, since a
            mistyped URL may hold a password.
    """
    if where is None:
        return "file"
    # A Windows drive has one letter.
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):", where)
    if scheme and where.startswith("//", scheme.end()):
        return scheme[1]
    path = re.sub(r"^[A-Za-z]:(?=[\\/])", "", where)
    # No folder must be made of a URL that lacks a slash or its scheme.
    if where.endswith(JOURNALS) and ":" not in path and "@" not in path:
        return "journal"
    raise ConfigError(
        "--storage is neither a URL nor a .journal file. Expected "
        "SCHEME://..., as in postgresql://HOST/NAME, or a path that ends in "
        f"{' or '.join(JOURNALS)} and has no : and no @: check the slashes."
    )


def open_storage(
    optuna: Any,
    kind: str,
    where: str | None,
    out: Path,
    retry: Callable[..., None],
) -> Any:
    """Opens or creates a storage of Optuna.

    Args:
        optuna: the module.
        kind: of `find_kind`.
        where: what `--storage` says.
        out: the folder for the default database.
        retry: called for a trial whose process has no heartbeat any more.
    """
    storages = optuna.storages
    if kind == "journal":
        assert where is not None
        make_folder(Path(where).parent)
        if os.path.lexists(where):
            open_regular(where).close()
        backend = storages.journal.JournalFileBackend(where)
        return storages.JournalStorage(backend)
    make_folder(out)
    return storages.RDBStorage(
        where or f"sqlite:///{(out / DATABASE).absolute()}",
        heartbeat_interval=HEARTBEAT_SECONDS,
        grace_period=GRACE_SECONDS,
        heartbeat_stale_trial_callback=retry,
    )


def name_storage(kind: str, where: str | None, out: Path) -> str:
    """Names a storage for an error; of a URL, only its scheme."""
    if kind in ("file", "journal"):
        return where or str(out / DATABASE)
    return f"the database {kind}://..."
