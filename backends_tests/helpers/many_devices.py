"""Trains on several devices, or beside other processes; tests start it.

`python many_devices.py FOLDER DEVICES [--resume] [--die PROCESS]` trains into
FOLDER/run and writes FOLDER/PROCESS.json; with `--die`, that process is
killed after the first epoch.
"""

import json
import os
import signal
import sys
from pathlib import Path


def make_virtual(count):
    """Has TensorFlow take one CPU for several."""
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * count
    )


def train(folder, devices, *, resume=False, die=None):
    """What is trained: a few images, with dropout and an average."""
    from mnistcnn import TrainConfig, backends, load_data
    from mnistcnn import train as run_training
    from mnistcnn.backends import keras

    class Die(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1 and backends.active.join(devices).process == die:
                os.kill(os.getpid(), signal.SIGKILL)

    config = TrainConfig(
        epochs=3, batch_size=50, validation=0.3, ema_momentum=0.5
    )
    result = run_training(
        config,
        load_data("strokes", limit=150),
        out=folder / "run",
        devices=devices,
        resume=resume,
        callbacks=Die(),
        verbose=False,
    )
    return {
        "history": result.history,
        "devices": result.timing["devices"],
        "sums": [float(abs(w).sum()) for w in result.model.get_weights()],
        "process": result.process,
    }


def main():
    """Reads the command line."""
    folder, devices, *options = sys.argv[1:]
    if count := os.environ.get("TEST_VIRTUAL_DEVICES"):
        make_virtual(int(count))
    die = options[options.index("--die") + 1] if "--die" in options else "-1"
    found = train(
        Path(folder),
        None if devices == "None" else int(devices),
        resume="--resume" in options,
        die=int(die),
    )
    path = Path(folder, f"{found['process']}.json")
    path.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
