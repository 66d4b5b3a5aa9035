"""The view: paints the sheet, the readings over it, and words around it."""

from types import ModuleType

from mnistcnn.board import style
from mnistcnn.board.controls import CONTROLS, GESTURES
from mnistcnn.board.layout import Layout
from mnistcnn.board.panel import paint_panel
from mnistcnn.board.scene import Scene
from mnistcnn.board.style import BODY, MUTED, NETWORKS, TEXT, WHITE, Painter
from mnistcnn.board.tags import paint_tags
from mnistcnn.board.why import paint_why
from mnistcnn.board.window import Rect, Surface

# In units.
CAPTION = 22
NUMBER = 52
STRIP = 44  # the height of the message
KEY = 32  # of a button
LINE = 28  # of the help
KEY_COLUMN, HELP_WIDTH = 190, 560


class View:
    """The painter of scenes on the window.

    `buttons` are the buttons as last painted: pairs of a rectangle and an
    action of `mnistcnn.board.controls`.
    """

    def __init__(self, pygame: ModuleType):
        self.buttons: list[tuple[Rect, str]] = []
        self._pygame = pygame
        self._painter = Painter(pygame)

    def find_action(self, spot: tuple[float, float]) -> str | None:
        """Returns the action of the button at a place of the window."""
        for rect, action in self.buttons:
            if rect.collidepoint(spot):
                return action
        return None

    def paint(
        self, window: Surface, layout: Layout, sheet: Surface, scene: Scene
    ) -> None:
        """Paints a scene over and around the sheet of ink."""
        painter, reports = self._painter, scene.reports
        painter.window, painter.unit = window, layout.unit
        window.fill(style.BACKGROUND)
        window.blit(sheet, layout.paper[:2])
        frame = self._pygame.Rect(layout.paper).inflate(2, 2)
        painter.fill(style.RULE, frame, radius=0, border=1)
        self._paint_numbers(layout.header, reports)
        window.set_clip(layout.paper)
        classes = [report.classes for report in reports]
        paint_tags(painter, layout, scene.digits, scene.pointed, classes)
        self._paint_pointer(window, layout, scene.pointer)
        for network, area in enumerate(layout.panels):
            window.set_clip(area)
            report = reports[network]
            paint_panel(painter, area, scene.shown, network, report)
        if layout.maps:
            window.set_clip(layout.maps)
            paint_why(painter, layout.maps, scene.shown, reports)
        window.set_clip(None)
        self._paint_message(layout.footer, scene)
        self._paint_buttons(window, layout.footer, scene.eraser)
        if scene.help:
            self._paint_help(window)

    def _paint_pointer(self, window, layout, pointer):
        if pointer is None:
            return
        spot, width, erases = pointer
        radius = max(round(width * layout.scale / 2), 2)
        middle = layout.to_window(*spot)
        # A dark and a light ring, visible on paper and on ink.
        self._pygame.draw.circle(window, WHITE, middle, radius + 1, 1)
        color = NETWORKS[0] if erases else MUTED
        self._pygame.draw.circle(window, color, middle, radius, 1)

    def _paint_numbers(self, area, reports):
        left, _, across, down = area
        painter, share = self._painter, across // len(reports)
        for network, report in enumerate(reports):
            name, color = "Number", MUTED
            if len(reports) > 1:
                name, color = dict(report.facts)["network"], NETWORKS[network]
            x, room = left + network * share, share // 3
            place = (x, down // 2)
            x += (
                painter.pixels(16)
                + painter.write(
                    name, color, room=room, size=CAPTION, midleft=place
                ).width
            )
            room = left + (network + 1) * share - x - painter.pixels(8)
            self._paint_lines((x, down, room), report.lines)

    def _paint_lines(self, place, lines):
        x, down, room = place
        # The lines share the height; surplus lines are joined to the last one.
        if len(lines) > 3:
            lines = (*lines[:2], " ".join(lines[2:]))
        size = (NUMBER, 42, 30)[max(len(lines), 1) - 1]
        pitch = self._painter.pixels(size * 3 // 4)
        for row, line in enumerate(lines):
            middle = down // 2 + round((row - (len(lines) - 1) / 2) * pitch)
            self._painter.write(
                line, TEXT, room=room, size=size, midleft=(x, middle)
            )

    def _paint_message(self, area, scene):
        left, top, across, _ = area
        painter = self._painter
        gap, lift = painter.pixels(10), painter.pixels(6)
        high = painter.pixels(STRIP - 6)
        strip = self._pygame.Rect(left, top + lift, across, high)
        if scene.warning:
            painter.fill(style.WARNING, strip, radius=4)
        lines = painter.wrap(scene.message, across - 2 * gap)
        size = BODY if len(lines) == 1 else BODY - 2
        step = painter.pixels(18)
        middle = strip.centery - step // 2 * (len(lines) - 1)
        for line in lines:
            painter.write(line, TEXT, size=size, midleft=(left + gap, middle))
            middle += step

    def _paint_buttons(self, window, area, eraser):
        left, top, across, down = area
        painter = self._painter
        self.buttons = []
        x, high, gap = left, painter.pixels(KEY), painter.pixels(7)
        middle = top + down - high // 2 - painter.pixels(6)
        for control in CONTROLS:
            if control.word is None:
                continue
            pressed = control.action == "erase" and eraser
            key = painter.render(control.key, WHITE if pressed else TEXT)
            word = painter.render(control.word, WHITE if pressed else MUTED)
            width = key.get_width() + word.get_width() + 3 * gap
            if x + width > left + across:
                break
            rect = self._pygame.Rect(x, middle - high // 2, width, high)
            ground = NETWORKS[0] if pressed else style.BUTTON
            painter.fill(ground, rect, radius=painter.pixels(5))
            window.blit(key, key.get_rect(midleft=(x + gap, middle)))
            window.blit(word, word.get_rect(midright=(x + width - gap, middle)))
            self.buttons.append((rect, control.action))
            x += width + gap

    def _paint_help(self, window):
        lines = [*GESTURES, *((c.key, c.help) for c in CONTROLS)]
        painter = self._painter
        line, gap = painter.pixels(LINE), painter.pixels(24)
        across = painter.pixels(HELP_WIDTH)
        card = self._pygame.Rect(0, 0, across, line * len(lines) + 2 * gap)
        card.center = window.get_rect().center
        painter.fill(WHITE, card, radius=8)
        painter.fill(MUTED, card, radius=8, border=1)
        left, top = card.left + gap, card.top + gap
        aside = left + painter.pixels(KEY_COLUMN)
        for key, meaning in lines:
            painter.write(key, TEXT, topleft=(left, top))
            painter.write(meaning, MUTED, topleft=(aside, top))
            top += line
