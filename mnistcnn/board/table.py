"""The table of saved drawings: locked, read completely, rewritten."""

import contextlib
import csv
import io
from collections.abc import Iterator
from pathlib import Path

import filelock

from mnistcnn.errors import ConfigError
from mnistcnn.files import make_folder, read_regular

TABLE = "digits.csv"
LOCK = ".lock"  # held from reading the table until it is written
LOCK_SECONDS = 10  # to wait for another board
MAX_BYTES = 32 << 20  # a larger table cannot be loaded as a data set
COLUMNS: tuple[str, ...] = (
    "file",
    "label",
    "source",
    "read",
    "probability",
    "net",
    "saved",
)


@contextlib.contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Locks a folder against other boards; creates it if needed.

    Rows that they write between our reading and writing would be lost.

    Raises:
        ConfigError: another board holds the lock for too long.
        OSError: the folder or the lock cannot be created.
    """
    make_folder(folder)
    held = filelock.FileLock(folder / LOCK, timeout=LOCK_SECONDS)
    try:
        # Polled often: otherwise a board that saves without a pause would win.
        held.acquire(poll_interval=0.01)
    except filelock.Timeout as error:
        raise ConfigError(
            f"Cannot save the digits in {folder}: another board has been "
            f"saving there for {LOCK_SECONDS} s. Expected it to end: press S "
            "again."
        ) from error
    try:
        yield
    finally:
        held.release()


def read_rows(table: Path) -> list[dict[str, str]]:
    """Reads the rows of a table; empty if there is no table.

    Raises:
        ConfigError: it is not such a table, or cannot be parsed completely.
        OSError: it is not a regular file, or cannot be read.
    """
    try:
        data = read_regular(table, max_bytes=MAX_BYTES)
        text = io.StringIO(data.decode("utf-8-sig"), newline="")
        rows = list(csv.reader(text, strict=True))
    except FileNotFoundError:
        return []
    # A table that cannot be parsed must not be rewritten.
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(
            f"{table} cannot be read ({str(error)[:80]}). Expected a CSV in "
            "UTF-8 as the board writes it: correct it, or choose another "
            "folder by --out."
        ) from error
    head = tuple(rows[0]) if rows else ()
    if head != COLUMNS:
        raise ConfigError(
            f"{table} begins with {','.join(head)[:60] or 'nothing'}. Expected "
            f"{','.join(COLUMNS)}: choose another folder by --out."
        )
    for number, row in enumerate(rows, 1):
        if row and len(row) != len(head):
            raise ConfigError(
                f"{table}: row {number} has {len(row)} cells. Expected "
                f"{len(head)}: correct it, or choose another folder."
            )
    return [dict(zip(head, row, strict=True)) for row in rows[1:] if row]


def write_rows(rows: list[dict[str, str]]) -> bytes:
    """Returns the table of some rows."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list[str](COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()
