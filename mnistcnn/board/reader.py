"""The reader: a network in a child process, so that the window never waits.

Importing a framework in a thread stops a 60 Hz loop for a third of a second or
more; a child process costs one frame, and can be killed at any time.
"""

import functools
import multiprocessing
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn.backends import one_thread
from mnistcnn.board import service
from mnistcnn.board.halting import HaltWatch
from mnistcnn.board.service import Answer, Explanation, Factory, Request

EXIT_SECONDS = 0.2  # given to a child to end before it is killed


class Reader:
    """A classifier in a child process; the newest request wins.

    A child that dies, or is stopped for a second, is restarted once, with the
    unanswered request; a second failure turns reading off. `message` is the
    error in one line; `why` is the last requested explanation, None before
    there is one. `pipe` is the connection to the child, None if there is no
    child.

    Args:
        factory: makes the classifier in the child; a module-level function
            (or a `functools.partial` of one), because the child imports it
            by name. Default: the classifier of `artifact`.
        artifact: path of a `.keras` file, None for the one in the package.
        trust: open it unchecked, see `DigitClassifier.from_artifact`.
        title: the network's name in the window; None: its own name.
    """

    def __init__(
        self,
        factory: Factory | None = None,
        *,
        artifact: str | None = None,
        trust: bool = False,
        title: str | None = None,
    ):
        self.state: str = "new"  # then "loading", "ready", "refused" or "off"
        self.message: str | None = None
        self.network: service.Network | None = None
        self.why: Explanation | None = None
        self._title = title
        self._factory = factory or functools.partial(
            service.load_classifier, artifact, trust
        )
        # A Connection, or on Windows a PipeConnection, without a common type.
        self.pipe: Any = None
        self._process: Any = None
        self._watch = HaltWatch()
        self._failure: str | None = None
        self._exits = self._newest = 0
        self._waiting: Request | None = None
        self._asked: Request | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id, None if there is no child."""
        return self._process.pid if self._process else None

    @property
    def title(self) -> str | None:
        """The network's name in the window, None before it is known."""
        return self._title or (self.network.name if self.network else None)

    @property
    def busy(self) -> bool:
        """Whether an answer or an explanation is pending."""
        return bool(self._waiting or self._asked)

    def start(self) -> None:
        """Starts the child and returns immediately."""
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=service.serve,
            args=(theirs, self._factory),
            name="mnistcnn-reader",
            daemon=True,
        )
        with one_thread():
            self._process.start()
        # Only the child holds this end, so the pipe ends with the child.
        theirs.close()
        self.state = "loading"

    def ask(
        self, images: npt.NDArray[np.uint8], explain: service.Wish | None = None
    ) -> int:
        """Requests a reading, which replaces earlier requests.

        Args:
            images: `(n, 28, 28)` uint8, n at least 1.
            explain: see `Request`.

        Returns:
            The request's number, which is repeated in its answer.
        """
        self._newest += 1
        if self.state not in ("refused", "off"):
            self._waiting = Request(self._newest, images, explain)
        self._send()
        return self._newest

    def poll(self) -> Answer | None:
        """Checks, without waiting, for the answer to the newest request.

        Returns:
            The answer, or None if there is none yet, or it is stale.
        """
        answer = None
        try:
            while self.pipe and self.pipe.poll():
                kind, content = self.pipe.recv()
                answer = self._receive(kind, content) or answer
        except (EOFError, OSError):
            self._handle_exit()
        if halt := self._watch.end_halted(self._process):
            self._handle_exit(halt)
        self._send()
        return answer

    def terminate(self) -> None:
        """Tells the child to end, without waiting for it."""
        if self._process:
            self._process.terminate()

    def close(self) -> None:
        """Ends the child in any state."""
        process, self._process = self._process, None
        self.state = "off"
        if process:
            process.terminate()
            process.join(EXIT_SECONDS)
            if process.is_alive():
                process.kill()
                process.join()
            process.close()
        if self.pipe:
            self.pipe.close()
            self.pipe = None

    def _send(self):
        # Requests are sent only to an idle child, which is reading, so a full
        # pipe cannot block the window.
        if self.state != "ready" or self._asked or not self._waiting:
            return
        self._asked, self._waiting = self._waiting, None
        try:
            self.pipe.send(self._asked)
        except OSError:
            self._handle_exit()

    def _receive(self, kind: str, content: Any) -> Answer | None:
        request = self._asked
        # With an explanation to come, the child is still busy.
        if kind != "answer" or (request and request.explain is None):
            self._asked = None
        if kind == "ready":
            self.state, self.network = kind, content
        elif kind == "refused":
            self.state, self.message, self._waiting = kind, content, None
        elif kind == "why":
            self.why = content
        elif kind == "failed":
            self.message = self._failure = content
        elif request:
            if self.message == self._failure:
                self.message = self._failure = None
            if request.number == self._newest:
                return content
        return None

    def _handle_exit(self, reason: str | None = None):
        if self.state == "refused":
            # It has sent its reason before it ended.
            self.pipe.close()
            self.pipe = None
            return
        self._process.join(EXIT_SECONDS)
        reason = reason or f"exit code {self._process.exitcode}"
        unanswered = self._waiting or self._asked
        self.close()
        self._asked, self._waiting = None, None
        self._exits += 1
        if self._exits > 1:
            self.message = (
                f"The reader stopped again ({reason}). Reading is "
                "off; drawing and saving still work."
            )
            return
        self.message = f"The reader stopped ({reason}); started again."
        self._waiting = unanswered
        self.start()
