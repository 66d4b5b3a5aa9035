"""The saver: a thread, since a disk may take longer than a frame."""

from collections.abc import Sequence
from concurrent import futures
from pathlib import Path

from mnistcnn.board.digits import Digit
from mnistcnn.board.drawings import Drawings, Saved
from mnistcnn.board.paper import SIZE
from mnistcnn.board.service import describe_error


class Saver:
    """A thread that saves digits in a folder, one save at a time."""

    def __init__(self, folder: str | Path):
        self._drawings = Drawings(folder)
        self._worker = futures.ThreadPoolExecutor(1)
        self._job: futures.Future | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being saved."""
        return self._job is not None

    def save(self, digits: Sequence[Digit], network: str) -> None:
        """Begins to save, unless a save is running; see `Drawings.save`."""
        if not self.busy:
            self._job = self._worker.submit(
                self._drawings.save,
                tuple(digits),
                network=network,
                shape=(SIZE[1], SIZE[0]),
            )

    def poll(self) -> tuple[str, bool] | None:
        """Checks whether it is done.

        Returns:
            A message and whether it is an error; None if there is none.
        """
        if self._job is None or not self._job.done():
            return None
        job, self._job = self._job, None
        try:
            return _describe(job.result()), False
        # No error may lose the drawing, or close the window.
        except Exception as error:
            return describe_error(error), True

    def close(self) -> None:
        """Waits until all is saved."""
        self._worker.shutdown()


def _describe(saved: Saved) -> str:
    done = []
    if saved.new:
        done.append(f"{saved.new} digit{'s' * (saved.new > 1)} saved")
    if saved.changed:
        done.append(f"{saved.changed} label{'s' * (saved.changed > 1)} changed")
    if not done:
        return f"All of it is saved already: {saved.table}"
    return f"{', '.join(done)}: {saved.table}"
