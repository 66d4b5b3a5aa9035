"""The controls: the actions of the board's keys, wheel and buttons.

They are defined only here: the window's footer, its help and the actions of
`Board` all use this module.
"""

from dataclasses import dataclass
from types import ModuleType

from mnistcnn.board.window import Event

BRUSHES = (4.0, 6.0, 9.0, 13.0, 18.0, 25.0, 35.0, 48.0)  # drawing units
MIN_ERASER = 12.0  # least radius: that of a thin pen would take many sweeps


@dataclass(frozen=True)
class Control:
    """A key, and its button in the window's footer.

    Args:
        key: its name, as of `pygame.key.name`, in lower case.
        action: the action of `Board`.
        word: on the button; None for no button.
        help: a line of the help.
    """

    key: str
    action: str
    word: str | None
    help: str


CONTROLS = (
    Control("N", "clear", "clear", "clear the paper"),
    Control("Z", "undo", "undo", "take the last change back"),
    Control("Y", "redo", "redo", "make that change again"),
    Control("E", "erase", "eraser", "let the left button or finger erase"),
    Control("[", "thinner", None, "a thinner brush (or the wheel down)"),
    Control("]", "thicker", None, "a thicker brush (or the wheel up)"),
    Control("O", "open", "open", "open a picture, or drop one on the window"),
    Control("S", "save", "save", "save the digits, with their labels"),
    Control("Ctrl C", "copy", None, "copy the number"),
    Control("D", "demo", "demo", "let the stroke generator draw"),
    Control("W", "why", "why", "show why: ink, evidence, feature maps"),
    Control("H", "help", "help", "show or hide this"),
    Control("F11", "full_screen", None, "full screen, and back"),
    Control("Esc", "leave", "quit", "close the help, full screen, the board"),
)
GESTURES = (
    ("left button, finger", "draw"),
    ("right button", "erase"),
    ("to and fro over a digit", "scratch it out"),
    ("resting on a digit", "show what else it may be"),
    ("0 to 9", "name the digit under the pointer, or the last"),
)
_KEYS = {control.key.lower(): control.action for control in CONTROLS}
_KEYS |= {"escape": "leave", "-": "thinner", "+": "thicker", "f": "why"}


def find_action(name: str, text: str, *, ctrl: bool = False) -> str | None:
    """Returns what a key does.

    Args:
        name: as of `pygame.key.name`.
        text: the character that it writes on this keyboard, if any.
        ctrl: whether Ctrl, or a Mac's command key, is held.

    Returns:
        An action of `CONTROLS`; "label 7" for a digit; None for nothing.

    Example:
        >>> find_action("n", "n"), find_action("[7]", ""), find_action("q", "")
        ('clear', 'label 7', None)
    """
    if ctrl and f"ctrl {name.lower()}" in _KEYS:
        return _KEYS[f"ctrl {name.lower()}"]
    # The typed character comes first: on other keyboards "[" and the digits are
    # on other keys, or need shift.
    for word in (text.lower(), name.lower()):
        digit = word.strip("[]") if len(word) == 3 else word
        if len(digit) == 1 and digit in "0123456789":
            return f"label {digit}"
        if word in _KEYS:
            return _KEYS[word]
    return None


def find_key_action(pygame: ModuleType, event: Event) -> str | None:
    """Returns what the key of a pygame event does, see `find_action`."""
    ctrl = pygame.KMOD_CTRL | pygame.KMOD_META
    return find_action(
        pygame.key.name(event.key),
        getattr(event, "unicode", ""),
        ctrl=bool(getattr(event, "mod", 0) & ctrl),
    )


def change_brush(brush: float, steps: int) -> float:
    """Returns a thicker or thinner brush.

    Args:
        brush: its width, one of `BRUSHES`.
        steps: up, or down if negative.

    Example:
        >>> change_brush(18.0, 1), change_brush(4.0, -3)
        (25.0, 4.0)
    """
    place = BRUSHES.index(brush) + steps
    return BRUSHES[min(max(place, 0), len(BRUSHES) - 1)]


def eraser_radius(brush: float) -> float:
    """Returns the eraser's radius for a brush."""
    return max(brush, MIN_ERASER)
