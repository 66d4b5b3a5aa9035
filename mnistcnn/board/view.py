"""What the board shows: the sheet, the readings over it, and words around."""

from mnistcnn.board.layout import Layout
from mnistcnn.board.lettering import BODY, Lettering
from mnistcnn.board.panel import MUTED, RED, RULE, TEXT, Panel
from mnistcnn.board.paper import PEN
from mnistcnn.board.readings import UNSURE, percent
from mnistcnn.board.scene import Scene

BACKGROUND = (238, 240, 243)
WARNING = (255, 224, 145)
WHITE = (255, 255, 255)

NAME = 22  # text sizes in pixels
NUMBER = 52
STRIP = 44  # the height of the message
ROOM = 4  # between ink and its box
KEYS = (
    ("N", "clear"),
    ("Z", "undo"),
    ("Y", "redo"),
    ("S", "save"),
    ("D", "demo"),
    ("Esc", "quit"),
)


class View:
    """Paints scenes on the window.

    Args:
        pygame: the pygame module, its fonts ready.
    """

    def __init__(self, pygame):
        self._pygame = pygame
        self._letters = Lettering(pygame)
        self._panel = Panel(pygame, self._letters)

    def paint(self, window, layout: Layout, sheet, scene: Scene) -> None:
        """Paint the window.

        Args:
            window: the surface to paint on.
            layout: where things are.
            sheet: the ink, a surface as large as the layout's paper.
            scene: what to show over and beside it.
        """
        window.fill(BACKGROUND)
        window.blit(sheet, layout.paper[:2])
        frame = self._pygame.Rect(layout.paper).inflate(2, 2)
        self._pygame.draw.rect(window, RULE, frame, 1)
        self._paint_number(window, layout.header, scene.number)
        window.set_clip(layout.paper)
        self._paint_readings(window, layout, scene.digits)
        if layout.panel[2]:
            window.set_clip(layout.panel)
            self._panel.paint(
                window, layout.panel, scene.latest, scene.classes, scene.facts
            )
        window.set_clip(None)
        self._paint_message(window, layout.footer, scene)
        self._paint_keys(window, layout.footer)

    def _paint_readings(self, window, layout, digits):
        boxes = []
        for digit in digits:
            left, top = layout.to_window(*digit.box[:2])
            right, bottom = layout.to_window(*digit.box[2:])
            box = self._pygame.Rect(left, top, right - left, bottom - top)
            more = round(PEN * layout.scale) + 2 * ROOM
            boxes.append(box.inflate(more, more))
        taken = list(boxes)
        for digit, box in zip(digits, boxes, strict=True):
            if digit.label is None:
                continue
            self._pygame.draw.rect(window, RED, box, 2, border_radius=4)
            tag = self._tag(digit)
            paper = self._pygame.Rect(layout.paper)
            place = _free_place(tag.get_rect(), box, paper, taken)
            taken.append(place)
            window.blit(tag, place)

    def _tag(self, digit):
        words = self._letters.render(
            f"{digit.name} {percent(digit.probability)}", WHITE, NAME
        )
        across, down = words.get_size()
        tag = self._pygame.Surface((across + 12, down + 8))
        tag.fill(MUTED if digit.label == UNSURE else RED)
        tag.blit(words, (6, 5))
        return tag

    def _paint_number(self, window, area, number):
        left, _, across, down = area
        caption = self._letters.render("Number", MUTED, NAME)
        window.blit(caption, caption.get_rect(midleft=(left, down // 2)))
        if number:
            left += caption.get_width() + 16
            room = across - caption.get_width() - 16
            words = self._letters.fit(number, TEXT, room, NUMBER)
            window.blit(words, words.get_rect(midleft=(left, down // 2)))

    def _paint_message(self, window, area, scene):
        left, top, across, _ = area
        strip = self._pygame.Rect(left, top + 10, across, STRIP)
        if scene.warning:
            self._pygame.draw.rect(window, WARNING, strip, border_radius=4)
        lines = self._letters.wrap(scene.message, across - 20)
        size = BODY if len(lines) == 1 else BODY - 2
        middle = strip.centery - 9 * (len(lines) - 1)
        for line in lines:
            words = self._letters.render(line, TEXT, size)
            spot = words.get_rect(midleft=(left + 10, middle))
            window.blit(words, spot)
            middle += 18

    def _paint_keys(self, window, area):
        left, top, _, down = area
        x, middle = left + 10, top + down - 18
        for key, meaning in KEYS:
            for word, color, gap in ((key, TEXT, 6), (meaning, MUTED, 24)):
                words = self._letters.render(word, color)
                window.blit(words, words.get_rect(midleft=(x, middle)))
                x += words.get_width() + gap


def _free_place(tag, box, paper, taken):
    """Put a name beside its box, where it hides no other box and no name."""
    places = (
        {"bottomleft": (box.left, box.top)},
        {"topleft": (box.left, box.bottom)},
        {"topleft": (box.right, box.top)},
        {"topright": (box.left, box.top)},
        {"bottomleft": (box.left, box.top - tag.height - 2)},
        {"topleft": (box.left, box.bottom + tag.height + 2)},
    )
    for place in places:
        spot = tag.copy()
        for corner, point in place.items():
            setattr(spot, corner, point)
        if paper.contains(spot) and spot.collidelist(taken) < 0:
            return spot
    spot = tag.copy()
    spot.bottomleft = box.topleft
    return spot.clamp(paper)
