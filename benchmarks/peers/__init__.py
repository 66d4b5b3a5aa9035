"""The native loops that ours are measured against, a module a framework.

Each has the same four functions. `make_plain` and `make_best` take weights
(NumPy arrays in Keras' order and layout), images `(n, 28, 28)` uint8, labels
`(n,)` integers and the images of a step. They return a function that trains on
the images in an order, `(m,)` integers, m a multiple of a step's images, and
returns the mean loss and the accuracy of its steps once the device is done.
`make_forward` takes weights and returns the forward pass;
`multiply_matrices(size, seconds)` measures the ceiling.
"""
