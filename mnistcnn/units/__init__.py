"""Numbers as people read them and as they give them.

In: numbers, settings of any library. Out: text, Python's numbers. Imports no
module of ours.
"""

from mnistcnn.units.taking import take_number as take_number
from mnistcnn.units.taking import take_plain as take_plain
from mnistcnn.units.taking import take_whole as take_whole
from mnistcnn.units.writing import DASH as DASH
from mnistcnn.units.writing import count as count
from mnistcnn.units.writing import decimal as decimal
from mnistcnn.units.writing import duration as duration
from mnistcnn.units.writing import memory as memory
from mnistcnn.units.writing import percent as percent
from mnistcnn.units.writing import plain as plain
from mnistcnn.units.writing import ratio as ratio
