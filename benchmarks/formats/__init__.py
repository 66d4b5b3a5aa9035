"""What result files have in common: how they are read, refused and summed up.

`result_files.py` has the models that every kind of file is made of and reads
strictly, `result_faults.py` says in one line what is wrong; `records.py`
gathers what processes measured, `spread.py` has medians with their quartiles,
`quantities.py` writes numbers with units.
Each room describes its own file by them. It imports no other room.
"""
