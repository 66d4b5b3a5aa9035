"""What others set changes no number of ours, and is as found afterwards."""

import dataclasses
import gc
import random
import threading
import weakref

import numpy as np
import pytest

from mnistcnn import DigitClassifier, backends, build_model, train
from mnistcnn.backends import keras, own_settings
from mnistcnn.training import TrainConfig

# Whole batches of 96 images: fit compiles a step for each size.
CONFIG = TrainConfig(epochs=2, batch_size=48, validation=0.2, ema_momentum=0.5)


@pytest.fixture(scope="module")
def few(digits):
    return digits.limit(120)


def outcome(data, out, engine):
    config = dataclasses.replace(CONFIG, engine=engine)
    result = train(config, data, out=out, verbose=False)
    read = DigitClassifier.from_artifact(result.best)
    rows = [
        {k: v for k, v in row.items() if k != "seconds"}
        for row in result.history
    ]
    first, *_ = read.explain(data.x_test[0])
    return (
        rows,
        result.model.get_weights(),
        read.predict_proba(data.x_test[:8]),
        first.maps,
    )


@pytest.fixture(scope="module")
def plain(few, tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    return {e: outcome(few, folder / e, e) for e in ("auto", "fit")}


def set_dtype(name):
    keras.config.set_dtype_policy(name)


def set_keras_json():
    keras.config.set_floatx("float16")
    keras.config.set_dtype_policy("float16")
    keras.config.set_image_data_format("channels_first")
    keras.config.set_epsilon(0.01)
    keras.config.set_max_epochs(1)
    keras.config.set_max_steps_per_epoch(1)


def set_frameworks_own():
    if backends.name == "jax":
        import jax

        jax.config.update("jax_enable_x64", True)
        jax.config.update("jax_default_prng_impl", "rbg")
        jax.config.update("jax_numpy_rank_promotion", "raise")
        jax.config.update("jax_default_matmul_precision", "bfloat16")
        jax.config.update("jax_transfer_guard", "disallow")
        jax.config.update("jax_legacy_prng_key", "error")
    elif backends.name == "torch":
        import torch

        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        torch.set_default_device("meta")
        torch.set_autocast_enabled("cpu", True)
        torch.set_float32_matmul_precision("medium")
        torch.backends.mkldnn.conv.fp32_precision = "bf16"
    else:
        import tensorflow as tf

        set_dtype("float64")
        tf.config.run_functions_eagerly(True)
        options = {"auto_mixed_precision_onednn_bfloat16": True}
        tf.config.optimizer.set_experimental_options(options)


def read_frameworks_own():
    if backends.name == "jax":
        import jax

        names = ("enable_x64", "transfer_guard", "legacy_prng_key")
        return [getattr(jax.config, f"jax_{name}") for name in names]
    if backends.name == "torch":
        import torch

        own = torch.get_default_dtype(), torch.get_default_device()
        return *own, torch.is_grad_enabled(), torch.is_autocast_enabled("cpu")
    import tensorflow as tf

    options = tf.config.optimizer.get_experimental_options()
    return tf.config.functions_run_eagerly(), options


@pytest.fixture
def put_back():
    config = keras.config
    yield
    config.set_floatx("float32")
    config.set_dtype_policy("float32")
    config.set_image_data_format("channels_last")
    config.set_epsilon(1e-7)
    config.set_max_epochs(None)
    config.set_max_steps_per_epoch(None)
    if backends.name == "jax":
        import jax

        jax.config.update("jax_enable_x64", False)
        jax.config.update("jax_default_prng_impl", "threefry2x32")
        jax.config.update("jax_numpy_rank_promotion", "allow")
        jax.config.update("jax_default_matmul_precision", None)
        jax.config.update("jax_transfer_guard", None)
        jax.config.update("jax_legacy_prng_key", "allow")
    elif backends.name == "torch":
        import torch

        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)
        torch.set_default_device(None)
        torch.set_autocast_enabled("cpu", False)
        torch.backends.mkldnn.conv.fp32_precision = "none"
        torch.set_float32_matmul_precision("highest")
    else:
        import tensorflow as tf

        tf.config.run_functions_eagerly(False)
        options = {"auto_mixed_precision_onednn_bfloat16": False}
        tf.config.optimizer.set_experimental_options(options)


@pytest.mark.skipif(backends.name != "torch", reason="PyTorch's settings")
def test_float32_is_exact_within_and_as_found_after(put_back):
    import torch

    set_frameworks_own()
    with backends.own_settings(), backends.own_settings():
        found = torch.backends
        assert found.mkldnn.matmul.fp32_precision == "ieee"
        assert found.mkldnn.conv.fp32_precision == "ieee"
        assert found.cudnn.deterministic is torch.cuda.is_available()
    assert torch.get_float32_matmul_precision() == "medium"
    assert torch.backends.mkldnn.conv.fp32_precision == "bf16"
    assert torch.backends.cudnn.allow_tf32
    assert not torch.backends.cudnn.deterministic


@pytest.mark.parametrize("engine", ["auto", "fit"])
@pytest.mark.parametrize(
    "change",
    [lambda: set_dtype("mixed_float16"), set_keras_json, set_frameworks_own],
    ids=["mixed", "keras.json", "framework"],
)
def test_no_setting_changes_a_number(
    change, engine, few, plain, put_back, tmp_path
):
    change()
    before = keras.config.dtype_policy().name, keras.config.floatx()
    own = read_frameworks_own()
    rows, weights, answers, maps = outcome(few, tmp_path / "run", engine)
    expected = plain[engine]
    assert rows == expected[0]
    for a, b in zip(weights, expected[1], strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(answers, expected[2], atol=1e-6)
    np.testing.assert_array_equal(maps, expected[3])
    assert (keras.config.dtype_policy().name, keras.config.floatx()) == before
    assert read_frameworks_own() == own


def test_settings_are_put_back_by_the_last_of_several(put_back):
    keras.config.set_floatx("float16")
    inside, go = threading.Event(), threading.Event()

    def other():
        with own_settings():
            inside.set()
            go.wait(10)

    thread = threading.Thread(target=other)
    with own_settings():
        thread.start()
        assert inside.wait(10)
    assert keras.config.floatx() == "float32"
    go.set()
    thread.join()
    assert keras.config.floatx() == "float16"


def draw():
    """A number of each global generator."""
    numbers = [random.random(), np.random.rand()]
    numbers.append(float(keras.ops.convert_to_numpy(keras.random.uniform(()))))
    if backends.name == "torch":
        import torch

        numbers.append(torch.rand(()).item())
        numbers.append(torch.get_num_threads())
    if backends.name == "tensorflow":
        import tensorflow as tf

        numbers.append(float(tf.random.uniform(())))
    return numbers


@pytest.mark.parametrize("engine", ["auto", "fit"])
def test_generators_and_threads_are_as_found(engine, few, tmp_path):
    config = dataclasses.replace(CONFIG, engine=engine, epochs=1)
    found = []
    for name in ("trained", "not"):
        keras.utils.set_random_seed(5)
        numbers = draw()
        threads = threading.active_count()
        if name == "trained":
            train(config, few, out=tmp_path / name, verbose=False)
        assert threading.active_count() == threads
        found.append(numbers + draw())
    assert found[0] == found[1]


@pytest.mark.parametrize("engine", ["auto", "fit"])
def test_two_threads_give_the_numbers_that_each_gives_alone(
    engine, few, tmp_path
):
    def run(seed, folder):
        config = dataclasses.replace(CONFIG, engine=engine, seed=seed)
        result = train(config, few, out=tmp_path / folder, verbose=False)
        return [row["val_loss"] for row in result.history]

    alone = {seed: run(seed, f"alone{seed}") for seed in (1, 2)}
    together = {}

    def work(seed):
        together[seed] = run(seed, f"together{seed}")

    threads = [threading.Thread(target=work, args=(seed,)) for seed in alone]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


@pytest.mark.parametrize("engine", ["auto", "fit"])
def test_nothing_of_a_training_lives_on(engine, digits, tmp_path):
    data = digits.limit(120)
    config = dataclasses.replace(CONFIG, engine=engine, epochs=1)
    result = train(config, data, out=tmp_path / "run", verbose=False)
    left = [weakref.ref(result.model), weakref.ref(result.model.optimizer)]
    left.append(weakref.ref(data))
    del result, data
    gc.collect()
    assert [each() for each in left] == [None, None, None]
    kinds = [type(each) for each in gc.get_objects()]
    ours = [k for k in kinds if str(k.__module__).startswith("mnistcnn.")]
    assert not [k for k in ours if k.__name__ in ("Trainer", "Session")]
    # TensorFlow keeps what it once found the gradient of a sum in.
    graphs = [g for g in gc.get_objects() if type(g).__name__ == "FuncGraph"]
    assert not [g for g in graphs if g.name.startswith(("_run", "_score"))]


def test_each_optimizer_s_variables_have_the_same_names(few, tmp_path):
    # TensorFlow keeps 35 KiB for every name that it has seen.
    config = dataclasses.replace(CONFIG, epochs=1)
    names = []
    for number in range(2):
        out = tmp_path / str(number)
        result = train(config, few, out=out, verbose=False)
        optimizer = result.model.optimizer
        names.append([variable.path for variable in optimizer.variables])
    assert names[0] == names[1]


def test_a_frozen_layer_trains_on_the_engine_as_by_fit(few, tmp_path, rounding):
    weights = []
    for engine in ("auto", "fit"):
        model = build_model(dropout=0.0)
        model.get_layer("conv1").trainable = False
        first = model.get_weights()
        config = dataclasses.replace(
            CONFIG, engine=engine, dropout=0.0, ema_momentum=0.0
        )
        result = train(
            config, few, model=model, out=tmp_path / engine, verbose=False
        )
        assert result.config.engine == engine
        for a, b in zip(first[:2], model.get_weights()[:2], strict=True):
            np.testing.assert_array_equal(a, b)
        weights.append(model.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5 * rounding)


@pytest.mark.skipif(backends.name != "jax", reason="what JAX keeps")
def test_programs_of_trainings_that_are_over_are_forgotten(monkeypatch):
    import jax

    from mnistcnn.backends import jax_steps, make_plan
    from mnistcnn.training.fitting import compile_model

    theirs = jax.jit(lambda x: x + 1)
    model = build_model(dropout=0)
    compile_model(model, CONFIG, num_images=100)
    for every, kept in ((10**9, 1), (1, 0)):
        monkeypatch.setattr(jax_steps, "CLEARED_EVERY", every)
        theirs(1.0)
        backends.active.Trainer(model, make_plan(model), 50)
        assert theirs._cache_size() == kept
    assert theirs(1.0) == 2.0
