"""Studies of accuracy: recipes and what is changed in them, over seeds.

In: a study of `variants.py`, and a seed; `scoring.py` runs in each process.
Out: a result file, to which runs are added one by one, and its tables.
`accuracy.py` is the command.
"""
