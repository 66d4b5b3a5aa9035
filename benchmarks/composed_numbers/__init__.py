"""Numbers composed of real writers' digits: for scores, and for the prior.

In: files of pen strokes, whose writers are known, and a seed. Out: numbers as
strokes and as pictures, with what they say; the scores of who reads them; and
lattices of which the true path is known. `reading.py` and `fitting.py` are the
commands.
"""
