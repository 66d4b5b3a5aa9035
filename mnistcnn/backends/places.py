"""The user's folders: the cache and Keras' own, also where there is no home."""

import os
from pathlib import Path

import platformdirs


def keras_folder() -> Path:
    """Finds the folder where Keras keeps its settings and its data sets.

    Returns:
        What `KERAS_HOME` says, else `.keras` in the home folder; in `/tmp`
        where there is no home, or one that cannot be written to, as Keras
        has it (keras/src/backend/config.py).
    """
    home = os.environ.get("KERAS_HOME")
    if home:
        return Path(os.path.expanduser(home))
    # Not Path.home(), which raises where nobody has a home.
    base = os.path.expanduser("~")
    if not (os.path.isabs(base) and os.access(base, os.W_OK)):
        base = "/tmp"
    return Path(base) / ".keras"


def cache_folder() -> Path | None:
    """Finds the platform's folder for what can be made or loaded again.

    Returns:
        The folder, which need not be there yet; None where the user has
        none: no home, or none that can be written to.
    """
    try:
        folder = Path(platformdirs.user_cache_dir("mnistcnn"))
    except RuntimeError:
        return None
    if not folder.is_absolute():  # Of older platformdirs: "~/.cache".
        return None
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return folder if os.access(there, os.W_OK) else None
