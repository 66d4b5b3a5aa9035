"""Several readers: awaited and closed together."""

from collections.abc import Sequence
from multiprocessing import connection

from mnistcnn.board.reader import Reader


def await_readers(readers: Sequence[Reader], seconds: float) -> bool:
    """Waits for a message of any child; returns whether there is one."""
    pipes = [reader.pipe for reader in readers if reader.pipe]
    return bool(connection.wait(pipes, seconds)) if pipes else False


def close_readers(readers: Sequence[Reader]) -> None:
    """Closes several readers in the time of one."""
    for reader in readers:
        reader.terminate()
    for reader in readers:
        reader.close()
