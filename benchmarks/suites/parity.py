"""How far results differ between backends with the same start and batches."""

from pathlib import Path

from formats.records import Record

VERSION = 1
REPEATS = 1
WARMUP = 0
STEPS, BATCH_SIZE = 20, 32
PROBES = 100
REFERENCE = "float64"
NOTE = (
    f"the largest over {STEPS} steps without dropout; losses relative, "
    "weights as vectors by length, probabilities as they are"
)
NOTE_LAST = f"as against {REFERENCE}, but of weights and probabilities the last"


def plan(quick: bool) -> list[dict]:
    """Plans one job: the engine, compared with all available references."""
    return [{}]


def measure(job: dict) -> tuple[list[Record], dict]:
    """Trains, and compares each step with float64 NumPy.

    The last step is also compared with the other backends whose traces are in
    the results folder, in which this one saves its own.
    """
    import numpy as np

    from mnistcnn import backends, build_model, load_data

    data = load_data()
    images = np.split(data.x_train[: STEPS * BATCH_SIZE], STEPS)
    labels = np.split(data.y_train[: STEPS * BATCH_SIZE], STEPS)
    batches = list(zip(images, labels, strict=True))
    model, probes = build_model(dropout=0), data.x_test[:PROBES]
    exact = _run_exactly(model.get_weights(), batches, probes)
    ours = _run_engine(model, batches, probes)
    by_step = [_compare(a, b) for a, b in zip(ours, exact, strict=True)]
    records = [
        Record(
            {"what": what, "against": REFERENCE},
            "difference",
            max(differences[what] for differences in by_step),
            NOTE,
        )
        for what in by_step[0]
    ]
    losses = [step["loss"] for step in ours]
    trace = {**ours[-1], "loss": np.array(losses)}
    path = Path(job["out"]) / f"parity--{backends.name}.npz"
    for other in sorted(path.parent.glob("parity--*.npz")):
        if other != path:
            case = {"against": other.stem.removeprefix("parity--")}
            records += [
                Record({"what": what} | case, "difference", value, NOTE_LAST)
                for what, value in _compare(trace, _load(other)).items()
            ]
    _save(path, trace)
    facts = {
        "steps": STEPS,
        "batch_size": BATCH_SIZE,
        "losses": losses,
        "differences_by_step": by_step,
    }
    return records, facts


def _run_engine(model, batches, probes) -> list[dict]:
    from mnistcnn.training import TrainConfig
    from mnistcnn.training.epochs import EngineEpochs
    from mnistcnn.training.fitting import compile_model

    config = TrainConfig(batch_size=BATCH_SIZE)
    compile_model(model, config, num_images=STEPS * BATCH_SIZE)
    epochs = EngineEpochs(model, config)
    steps = []
    for epoch, (x, y) in enumerate(batches):
        # An epoch of one batch is one step.
        logs = epochs.run(x[..., None], y, None, epoch=epoch, verbose=False)
        probabilities = model.predict_on_batch(probes[..., None])
        step = {"loss": logs["loss"], "weights": model.get_weights()}
        steps.append(step | {"probabilities": probabilities})
    return steps


def _run_exactly(weights, batches, probes) -> list[dict]:
    from suites.reference import predict, train

    return [
        {
            "loss": loss,
            "weights": weights,
            "probabilities": predict(weights, probes),
        }
        for loss, weights in train(weights, batches)
    ]


def _compare(ours: dict, theirs: dict) -> dict[str, float]:
    import numpy as np

    loss = np.abs(np.divide(ours["loss"], theirs["loss"]) - 1).max()
    # By norm: Adam's first steps amplify the rounding of gradients that are
    # nearly 0 in single weights, on any backend.
    a, b = (
        np.concatenate([np.ravel(w) for w in trace["weights"]])
        for trace in (ours, theirs)
    )
    weights = np.linalg.norm(a - b) / np.linalg.norm(b)
    probabilities = ours["probabilities"] - theirs["probabilities"]
    return {
        "loss": float(loss),
        "weights": float(weights),
        "probabilities": float(np.abs(probabilities).max()),
    }


def _save(path: Path, trace: dict) -> None:
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    weights = {f"weight{i}": w for i, w in enumerate(trace["weights"])}
    rest = {k: trace[k] for k in ("loss", "probabilities")}
    np.savez_compressed(path, **rest, **weights)


def _load(path: Path) -> dict:
    import numpy as np

    with np.load(path) as arrays:
        trace = dict(arrays)
    count = sum(name.startswith("weight") for name in trace)
    weights = [trace[f"weight{i}"] for i in range(count)]
    return trace | {"weights": weights}
