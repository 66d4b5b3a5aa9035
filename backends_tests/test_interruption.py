"""Signals: noted, raised where they are asked for, the second one deadly."""

import gc
import signal
import subprocess
import sys
import threading
import time

import pytest

from mnistcnn.interruption import SIGNALS, Interrupted, Interruption

pytestmark = pytest.mark.core

# Says "noted" as soon as the first signal is, then never asks for it.
STUBBORN = """
import signal, sys, time
from mnistcnn.interruption import Interruption
with Interruption():
    signal.raise_signal(signal.SIGINT)
    print("noted", flush=True)
    time.sleep(60)
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


def test_the_second_signal_ends_the_process_at_once():
    with subprocess.Popen(
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "noted\n"
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == -signal.SIGINT
        # Half a second is asked; a busy machine gets some more.
        assert time.monotonic() - start < 5
