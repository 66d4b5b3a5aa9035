"""What was tried to make an engine's epoch shorter, a module a backend.

Each function patches the engine in this process, before it is created; the
first line of its docstring says what is tried. Attempts that were faster are
part of `mnistcnn.backends`; those that were not are kept here, so that they can
be measured again on another processor or version (`suites/attempts.py`).
"""
