"""Papers of every kind, made: numbers on pages, lit and photographed.

In: a kind of paper and a seed. Out: a picture, with what it says and where.
Beside them, photos of puzzles that others took.
`paper.py` is the command.
"""

from papers.kinds import PAPERS as PAPERS
from papers.kinds import make_paper as make_paper
