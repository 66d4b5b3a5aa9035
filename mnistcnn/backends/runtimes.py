"""Files of other formats, opened by the runtimes that are made for them.

Each function imports what it needs when it is called.
"""

import importlib
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mnistcnn.backends.contract import Predictor


def open_onnx(path: Path) -> Predictor:
    """Opens an ONNX file by ONNX Runtime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )
    (given,) = session.get_inputs()

    def run(images: np.ndarray) -> npt.NDArray[np.float32]:
        return np.asarray(session.run(None, {given.name: images})[0])

    return run


def open_litert(path: Path) -> Predictor:
    """Opens a LiteRT file by LiteRT's interpreter, or TensorFlow's own."""
    try:
        litert = importlib.import_module("ai_edge_litert.interpreter")
    except ImportError:
        litert = importlib.import_module("tensorflow").lite
    with warnings.catch_warnings():
        # TensorFlow 2.21's own says that it will move to ai_edge_litert.
        warnings.simplefilter("ignore")
        interpreter = litert.Interpreter(model_path=str(path))

    def run(images: np.ndarray) -> npt.NDArray[np.float32]:
        given = interpreter.get_input_details()[0]["index"]
        interpreter.resize_tensor_input(given, (1, *images.shape[1:]))
        interpreter.allocate_tensors()
        taken = interpreter.get_output_details()[0]["index"]
        rows = []
        # Written on PyTorch it takes one image at a time.
        for image in images:
            interpreter.set_tensor(given, image[None])
            interpreter.invoke()
            rows.append(interpreter.get_tensor(taken)[0].copy())
        return np.stack(rows)

    return run


def open_openvino(path: Path) -> Predictor:
    """Opens an OpenVINO model, in float32."""
    openvino = importlib.import_module("openvino")
    # On some processors it would compute in bfloat16.
    options = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.Core().compile_model(str(path), "CPU", options)
    return lambda images: np.array(compiled(images)[compiled.output(0)])


def open_saved_model(path: Path) -> Predictor:
    """Opens a TensorFlow SavedModel."""
    import tensorflow as tf

    module = tf.saved_model.load(str(path))
    return lambda images: module.serve(tf.constant(images)).numpy()


def open_torch(path: Path) -> Predictor:
    """Opens an exported PyTorch program, which takes one image at a time."""
    import torch

    module = torch.export.load(str(path)).module()

    def run(images: np.ndarray) -> npt.NDArray[np.float32]:
        with torch.inference_mode():
            rows = [module(torch.from_numpy(image[None])) for image in images]
        return torch.cat(rows).cpu().numpy()

    return run


OPENERS: dict[str, Callable[[Path], Predictor]] = {
    "onnx": open_onnx,
    "litert": open_litert,
    "openvino": open_openvino,
    "tf_saved_model": open_saved_model,
    "torch": open_torch,
}
