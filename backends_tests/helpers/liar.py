"""A server that says what it likes, and does not end by itself."""

import contextlib
import socket
import threading

OK = b"HTTP/1.1 200 OK\r\n"


class Liar:
    """Answers on 127.0.0.1 with bytes of its own, then with more of them.

    Args:
        first: what it says at once.
        again: what it goes on saying; none hangs up.
        pause: seconds between.
    """

    def __init__(self, first=b"", again=None, pause=0.02):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/a.bin"
        self.first, self.again, self.pause = first, again, pause
        self.begun, self.ended = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.socket.accept()[0]
                with client, contextlib.suppress(OSError):
                    client.recv(4096)
                    client.sendall(self.first)
                    self.begun.set()
                    while self.again is not None and not self.ended.is_set():
                        client.sendall(self.again)
                        self.ended.wait(self.pause)

    def close(self):
        self.ended.set()
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(10)
        assert not self.thread.is_alive()
