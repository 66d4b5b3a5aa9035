"""Where and how benchmarks run: the machine, processes, how a command ends.

In: a suite's job, or a command that trains in several processes. Out: what a
fresh process measured, with empty caches, and what is recorded of the machine.
It imports no other room.
"""
