"""Numbers composed of real writers' digits: for scores, and for the prior.

In: files of pen strokes, whose writers are known, and a seed. Out: numbers as
strokes and as pictures, with their labels; the scores of a classifier that
reads them; and lattices whose true path is known. `reading.py` and `fitting.py`
are the commands.
"""
