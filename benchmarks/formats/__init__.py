"""What result files have in common: how they are read, refused and summed up.

`result_files.py` has the models that all kinds of files share, and reads files
strictly; `result_faults.py` makes error messages of one line; `records.py`
gathers the measurements of processes, `spread.py` has medians with their
quartiles, `quantities.py` writes numbers with units.
Each room defines its own file with them. This one imports no other room.
"""
