"""The board's colours; words on their grounds are easy to tell apart.

A test holds every pair that is read to a contrast of 4.5 to 1, the bound of
WCAG 2.2 for plain text.
"""

BACKGROUND = (238, 240, 243)
WHITE = (255, 255, 255)
TEXT = (27, 33, 46)
MUTED = (80, 88, 102)
RULE = (205, 209, 216)
WARNING = (255, 224, 145)
BUTTON = (226, 229, 234)
BAR = (120, 136, 166)
NETS = ((190, 26, 32), (24, 92, 168))  # the first net, and the second
GIVEN = (20, 104, 62)  # what a person says
UNSURE = (80, 88, 102)
AGREED = (52, 60, 78)  # what two nets say with one voice

# Words and the grounds that they are written on.
PAIRS = (
    (TEXT, BACKGROUND),
    (MUTED, BACKGROUND),
    (TEXT, WARNING),
    (TEXT, BUTTON),
    (MUTED, BUTTON),
    (WHITE, NETS[0]),
    (WHITE, NETS[1]),
    (WHITE, GIVEN),
    (WHITE, AGREED),
    (WHITE, UNSURE),
    (NETS[0], BACKGROUND),
    (NETS[1], BACKGROUND),
    (TEXT, WHITE),
    (MUTED, WHITE),
)
