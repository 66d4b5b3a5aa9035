"""The net in a child process, so that a window never waits for it.

Importing a framework in a thread stops a 60 Hz loop for a third of a second
and more; a child process costs one frame, and can be killed at any time.
"""

import functools
import multiprocessing
from collections.abc import Callable, Sequence
from multiprocessing import connection

import numpy as np

from mnistcnn.board.service import (
    Answer,
    Net,
    Request,
    load_classifier,
    serve,
)

__all__ = ["Answer", "Net", "Reader", "await_readers", "close_readers"]

PATIENCE = 0.2  # seconds that a child is given to end before it is killed


class Reader:
    """Asks a classifier in a child process; the newest request wins.

    A child that dies is started once more, with the request that it left
    unanswered; a second death turns reading off. `message` says what went
    wrong in one line; `maps` are the feature maps that were asked for last,
    a list of `mnistcnn.reading.featuremaps.LayerMaps`, None before any came.

    Args:
        factory: makes the classifier in the child; a module-level function
            (or a `functools.partial` of one), because the child imports it
            by name. Default: the classifier of `artifact`.
        artifact: path of a `.keras` file, None for the one in the package.
        trust: open it unchecked, see `DigitClassifier.from_artifact`.
        title: what the window calls the net; None: as the net is called.

    Example:
        >>> reader = Reader()
        >>> reader.state
        'new'
        >>> reader.start()  # doctest: +SKIP
        >>> reader.ask(images)  # doctest: +SKIP
        1
        >>> reader.poll()  # doctest: +SKIP
    """

    def __init__(
        self,
        factory: Callable[[], object] | None = None,
        *,
        artifact: str | None = None,
        trust: bool = False,
        title: str | None = None,
    ):
        self.state = "new"  # then loading, then ready, refused or off
        self.message: str | None = None
        self.net: Net | None = None
        self.maps: list | None = None
        self._title = title
        self._factory = factory or functools.partial(
            load_classifier, artifact, trust
        )
        self._process = None
        self._pipe = None
        self._deaths = 0
        self._failure: str | None = None
        self._newest = 0
        self._waiting: Request | None = None
        self._asked: Request | None = None
        self._answered = False

    @property
    def pid(self) -> int | None:
        """The child's process id, None where there is no child."""
        return self._process.pid if self._process else None

    @property
    def pipe(self) -> connection.Connection | None:
        """What the child is heard by, None where there is no child."""
        return self._pipe

    @property
    def title(self) -> str | None:
        """What the window calls the net, None where nobody knows yet."""
        return self._title or (self.net and self.net.name)

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._waiting or (self._asked and not self._answered))

    def start(self) -> None:
        """Starts the child; returns at once, while it loads."""
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=serve,
            args=(theirs, self._factory),
            name="mnistcnn-reader",
            daemon=True,
        )
        self._process.start()
        # Held by the child alone, the pipe ends when the child does.
        theirs.close()
        self.state = "loading"

    def ask(self, images: np.ndarray, explain: int | None = None) -> int:
        """Requests a reading; what was asked before is forgotten.

        Args:
            images: `(n, 28, 28)` uint8, n at least 1.
            explain: the place of the one whose feature maps are wanted.

        Returns:
            The request's number, which its answer carries.
        """
        self._newest += 1
        if self.state not in ("refused", "off"):
            self._waiting = Request(self._newest, images, explain)
        self._send()
        return self._newest

    def poll(self) -> Answer | None:
        """Looks, without waiting, for the answer to the newest request.

        Returns:
            The answer, or None where there is none yet or it is stale.
        """
        answer = None
        try:
            while self._pipe and self._pipe.poll():
                kind, content = self._pipe.recv()
                answer = self._receive(kind, content) or answer
        except (EOFError, OSError):
            self._bury()
        self._send()
        return answer

    def terminate(self) -> None:
        """Tells the child to end, without waiting for it."""
        if self._process:
            self._process.terminate()

    def close(self) -> None:
        """Ends the child, whatever it is doing."""
        process, self._process = self._process, None
        self.state = "off"
        if process:
            process.terminate()
            process.join(PATIENCE)
            if process.is_alive():
                process.kill()
                process.join()
            process.close()
        if self._pipe:
            self._pipe.close()
            self._pipe = None

    def _send(self):
        # Only an idle child is sent anything: it is then reading, and a full
        # pipe can never stop the window.
        if self.state != "ready" or self._asked or not self._waiting:
            return
        self._asked, self._waiting = self._waiting, None
        self._answered = False
        try:
            self._pipe.send(self._asked)
        except OSError:
            self._bury()

    def _receive(self, kind, content):
        if kind == "ready":
            self.state, self.net = "ready", content
            return None
        if kind == "refused":
            self.state, self.message = "refused", content
            self._waiting = None
            return None
        request = self._asked
        # Where maps are wanted as well, the child is still at work.
        if kind != "answer" or request.explain is None:
            self._asked = None
        if kind == "maps":
            self.maps = content
            return None
        if kind == "failed":
            self.message = self._failure = content
            return None
        self._answered = True
        if self.message == self._failure:
            self.message = self._failure = None
        return content if request.number == self._newest else None

    def _bury(self):
        if self.state == "refused":
            # It has said why, and then it ended.
            self._pipe.close()
            self._pipe = None
            return
        self._process.join(PATIENCE)
        code = self._process.exitcode
        unanswered = self._waiting or self._asked
        self.close()
        self._asked, self._waiting = None, None
        self._deaths += 1
        if self._deaths > 1:
            self.message = (
                f"The reader stopped again (exit code {code}). Reading is "
                "off; drawing and saving still work."
            )
            return
        self.message = f"The reader stopped (exit code {code}); started again."
        self._waiting = unanswered
        self.start()


def await_readers(readers: Sequence[Reader], seconds: float) -> bool:
    """Waits until a child says something.

    Args:
        readers: those that are listened to.
        seconds: at most.

    Returns:
        Whether one has.
    """
    pipes = [reader.pipe for reader in readers if reader.pipe]
    return bool(connection.wait(pipes, seconds)) if pipes else False


def close_readers(readers: Sequence[Reader]) -> None:
    """Closes several readers in the time of one."""
    for reader in readers:
        reader.terminate()
    for reader in readers:
        reader.close()
