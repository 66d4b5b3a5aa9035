"""The native loops that ours are measured against, a module a framework.

`make_plain` and `make_best` take weights (NumPy arrays in Keras' order and
layout), images `(n, 28, 28)` uint8, labels `(n,)` integers and the images of a
step. They return a function that trains on the images in an order, `(m,)`
integers, m a multiple of the batch size, and returns the mean loss and the
accuracy of its steps once the device is done. `make_keras` takes a Keras model
from pixels to logits instead of the weights: in the plain loop, with its
optimizer, the additional cost over a native model is that of Keras' layers
(keras issue 22561). `make_forward` takes weights and returns the forward pass;
`multiply_matrices(size, seconds)` measures the peak rate. `make_pipeline`, if a
framework has one, makes the data pipeline that `fit` takes instead of arrays.
"""
