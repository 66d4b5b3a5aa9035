"""The command line, on virtual devices, or killed when an epoch begins."""

import os
import signal

from mnistcnn.backends import describe_environment, describe_memory
from mnistcnn.cli import main
from mnistcnn.training import epochs, loop


def make_virtual(count):
    """Has TensorFlow take one CPU for several."""
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * count
    )


def die_at(epoch):
    """Has this process killed as an epoch begins, from 1."""
    begin, begun = loop.own_generators, []

    def count():
        begun.append(epoch)
        if len(begun) == epoch:
            # Asked at a run's end: of a process' own device, not the first's.
            describe_memory(), describe_environment()
            os.kill(os.getpid(), signal.SIGKILL)
        return begin()

    loop.own_generators = count


def note_steps(path, patch=setattr):
    """Has steps be taken one by one; each adds an epoch's loss so far."""
    check = epochs.check_loss

    def note(loss, epoch):
        with open(path, "a") as file:
            file.write(f"{epoch} {loss}\n")
        check(loss, epoch)

    patch(epochs, "check_loss", note)
    patch(epochs, "IMAGES_A_CHECK", 1)


if __name__ == "__main__":
    if path := os.environ.get("TEST_STEPS"):
        note_steps(path)
    if count := os.environ.get("TEST_VIRTUAL_DEVICES"):
        make_virtual(int(count))
    if epoch := os.environ.get("TEST_DIE_AT"):
        die_at(int(epoch))
    main()
