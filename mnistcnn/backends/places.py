"""The user's folders, the cache and Keras' own, also without a home."""

import os
from pathlib import Path

import platformdirs


def keras_folder() -> Path:
    """Finds the folder where Keras keeps its settings and its data sets.

    Returns:
        `KERAS_HOME`, else `.keras` in the home folder; in `/tmp` if there is no
        home, or it is not writable, as in Keras (keras/src/backend/config.py).
    """
    home = os.environ.get("KERAS_HOME")
    if home:
        return Path(os.path.expanduser(home))
    # Not Path.home(), which raises if there is no home.
    base = os.path.expanduser("~")
    if not (os.path.isabs(base) and os.access(base, os.W_OK)):
        base = "/tmp"
    return Path(base) / ".keras"


def cache_folder() -> Path | None:
    """Finds the platform's cache folder.

    Returns:
        The folder, which need not exist yet; None if the user has none: without
        a home, or if it is not writable.
    """
    try:
        folder = Path(platformdirs.user_cache_dir("mnistcnn"))
    except RuntimeError:
        return None
    if not folder.is_absolute():  # "~/.cache" of older platformdirs
        return None
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return folder if os.access(there, os.W_OK) else None
