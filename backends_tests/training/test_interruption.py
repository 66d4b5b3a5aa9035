"""Signals: noted, raised where they are asked for; the second is Python's."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from mnistcnn.training import Interrupted, dying_at_the_second
from mnistcnn.training.interruption import SIGNALS, Interruption

pytestmark = pytest.mark.core

# Says "noted" as soon as the first signal is, then never asks for it.
STUBBORN = """
import signal, sys, time
from mnistcnn.training import dying_at_the_second
from mnistcnn.training.interruption import Interruption
with dying_at_the_second(), Interruption():
    signal.raise_signal(signal.SIGINT)
    print("noted", flush=True)
    time.sleep(60)
"""

# Inside a C call, as a framework's, Python's own handlers do not run.
DEAF = """
import hashlib
from mnistcnn.training import dying_at_the_second
from mnistcnn.training.interruption import Interruption
with dying_at_the_second(), Interruption():
    print("deaf", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 1 << 30)
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_waits_until_it_is_asked_for(number):
    with Interruption() as interruption:
        interruption.check()
        signal.raise_signal(number)
        with pytest.raises(Interrupted, match=signal.Signals(number).name) as e:
            interruption.check()
    assert e.value.exit_code == 128 + number


def test_a_destructor_does_not_swallow_it():
    class Swallows:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    with Interruption() as interruption:
        Swallows()
        gc.collect()
        with pytest.raises(Interrupted):
            interruption.check()


def test_the_handlers_from_before_are_back():
    before = [signal.getsignal(number) for number in SIGNALS]
    with Interruption():
        signal.raise_signal(signal.SIGTERM)
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_an_ignored_signal_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interruption() as interruption:
            signal.raise_signal(signal.SIGINT)
            interruption.check()
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_may_train():
    seen = []

    def run():
        with Interruption() as interruption:
            seen.append(interruption.check())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [None]


def test_in_a_library_the_second_is_a_keyboard_interrupt():
    ran = []
    with pytest.raises(KeyboardInterrupt) as stop:
        try:
            with Interruption():
                signal.raise_signal(signal.SIGINT)
                signal.raise_signal(signal.SIGINT)
                ran.append("training went on")
        finally:
            ran.append("the user's finally")
    assert ran == ["the user's finally"]
    assert not isinstance(stop.value, Interrupted)
    # The kernel of a notebook lives: no thread of ours, no handler.
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_users_own_handler_has_the_second():
    heard = []
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append("theirs"))
    try:
        with Interruption() as interruption:
            signal.raise_signal(signal.SIGTERM)
            assert heard == []
            signal.raise_signal(signal.SIGTERM)
            assert heard == ["theirs"]
            with pytest.raises(Interrupted):
                interruption.check()
    finally:
        signal.signal(signal.SIGTERM, before)


def test_the_command_line_dies_at_the_second():

    with subprocess.Popen(
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "noted\n"
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 128 + signal.SIGINT
        # Half a second is asked; a busy machine gets some more.
        assert time.monotonic() - start < 5


@pytest.mark.parametrize("number", SIGNALS)
def test_the_second_signal_ends_even_a_call_into_c(number):
    with subprocess.Popen(
        [sys.executable, "-c", DEAF], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "deaf\n"
        time.sleep(0.2)
        process.send_signal(number)
        time.sleep(0.2)
        assert process.poll() is None, "the first one waits"
        start = time.monotonic()
        process.send_signal(number)
        # On a busy machine the call may not have begun: then it is Python's.
        assert process.wait(timeout=30) in (128 + number, -number)
        assert time.monotonic() - start < 5


def test_whoever_listened_for_signals_before_does_again():
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing)
    try:
        with dying_at_the_second(), Interruption():
            assert len(threading.enumerate()) > 1
        assert signal.set_wakeup_fd(before) == writing
    finally:
        signal.set_wakeup_fd(before)
        os.close(reading)
        os.close(writing)
