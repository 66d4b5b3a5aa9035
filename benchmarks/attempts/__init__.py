"""What was tried to make an engine's epoch shorter, a module a backend.

Each function changes the engine of this process, before it is made; the first
line of its docstring says what is tried. What gained stands in
`mnistcnn.backends`; what did not stands here, so that it can be measured again
on another processor or version (`suites/attempts.py`).
"""
