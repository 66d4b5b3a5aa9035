"""Files of other formats, opened by the runtimes that are made for them.

Each function imports what it needs when it is called, and returns a function
from `(n, 28, 28, 1)` float32 to `(n, classes)` float32.
"""

import warnings
from pathlib import Path

import numpy as np


def open_onnx(path: Path):
    """Opens an ONNX file by ONNX Runtime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )
    (given,) = session.get_inputs()
    return lambda images: session.run(None, {given.name: images})[0]


def open_litert(path: Path):
    """Opens a LiteRT file by LiteRT's interpreter, or TensorFlow's own."""
    try:
        from ai_edge_litert import interpreter as litert
    except ImportError:
        from tensorflow import lite as litert
    with warnings.catch_warnings():
        # TensorFlow 2.21's own says that it will move to ai_edge_litert.
        warnings.simplefilter("ignore")
        interpreter = litert.Interpreter(model_path=str(path))

    def run(images: np.ndarray) -> np.ndarray:
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


def open_openvino(path: Path):
    """Opens an OpenVINO model, in float32."""
    import openvino

    # On some processors it would compute in bfloat16.
    options = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.Core().compile_model(str(path), "CPU", options)
    return lambda images: np.array(compiled(images)[compiled.output(0)])


def open_saved_model(path: Path):
    """Opens a TensorFlow SavedModel."""
    import tensorflow as tf

    module = tf.saved_model.load(str(path))

    def run(images: np.ndarray) -> np.ndarray:
        return module.serve(tf.constant(images)).numpy()

    # The function lives as long as what it was loaded with.
    run.module = module
    return run


def open_torch(path: Path):
    """Opens an exported PyTorch program, which takes one image at a time."""
    import torch

    module = torch.export.load(str(path)).module()

    def run(images: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            rows = [module(torch.from_numpy(image[None])) for image in images]
        return torch.cat(rows).cpu().numpy()

    return run


OPENERS = {
    "onnx": open_onnx,
    "litert": open_litert,
    "openvino": open_openvino,
    "tf_saved_model": open_saved_model,
    "torch": open_torch,
}
