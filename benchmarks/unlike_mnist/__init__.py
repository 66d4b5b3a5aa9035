"""How robust artifacts are: what is not as MNIST is, and how it is read.

In: classifiers, MNIST's test images, files of pen strokes. Out: scores of
corrupted images, of non-digits made otherwise than those that are learned,
and of held-out writers; their result file, its tables and pictures.
`robustness.py` and `handwriting.py` are the commands.
"""
