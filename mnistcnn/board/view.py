"""What the board shows: the sheet, the readings over it, and words around."""

from mnistcnn.board.colors import (
    BACKGROUND,
    BUTTON,
    MUTED,
    NETS,
    RULE,
    TEXT,
    WARNING,
    WHITE,
)
from mnistcnn.board.controls import CONTROLS, GESTURES
from mnistcnn.board.featuremaps import FeatureMaps
from mnistcnn.board.layout import Layout
from mnistcnn.board.panel import Panel
from mnistcnn.board.scene import Scene
from mnistcnn.board.style import BODY, Lettering
from mnistcnn.board.tags import Tags

# In units.
CAPTION = 22
NUMBER = 52
STRIP = 44  # the height of the message
KEY = 32  # of a button
LINE = 28  # of the help
KEY_COLUMN, HELP_WIDTH = 190, 560


class View:
    """Paints scenes on the window.

    `buttons` are the buttons as they were painted last: pairs of a
    rectangle and an action of `mnistcnn.board.controls`.

    Args:
        pygame: the pygame module, its fonts ready.
    """

    def __init__(self, pygame):
        self.buttons: list[tuple] = []
        self._pygame = pygame
        self._letters = Lettering(pygame)
        self._panel = Panel(pygame, self._letters)
        self._feature_maps = FeatureMaps(pygame, self._letters)
        self._tags = Tags(pygame, self._letters)

    def find_action(self, spot: tuple[float, float]) -> str | None:
        """Returns what the button at a place of the window does."""
        for rect, action in self.buttons:
            if rect.collidepoint(spot):
                return action
        return None

    def paint(self, window, layout: Layout, sheet, scene: Scene) -> None:
        """Paints the window.

        Args:
            window: the surface to paint on.
            layout: where things are.
            sheet: the ink, a surface as large as the layout's paper.
            scene: what to show over and beside it.
        """
        self._letters.unit = layout.unit
        window.fill(BACKGROUND)
        window.blit(sheet, layout.paper[:2])
        frame = self._pygame.Rect(layout.paper).inflate(2, 2)
        self._pygame.draw.rect(window, RULE, frame, 1)
        self._paint_numbers(window, layout.header, scene.reports)
        window.set_clip(layout.paper)
        self._tags.paint(window, layout, scene.digits)
        self._paint_pointer(window, layout, scene.pointer)
        for net, area in enumerate(layout.panels):
            window.set_clip(area)
            report = scene.reports[net]
            self._panel.paint(window, area, scene.latest, net, report)
        if layout.maps:
            window.set_clip(layout.maps)
            nets = [(dict(r.facts)["net"], r.maps) for r in scene.reports]
            self._feature_maps.paint(window, layout.maps, nets)
        window.set_clip(None)
        self._paint_message(window, layout.footer, scene)
        self._paint_buttons(window, layout.footer, scene.eraser)
        if scene.help:
            self._paint_help(window)

    def _paint_pointer(self, window, layout, pointer):
        if pointer is None:
            return
        spot, width, erases = pointer
        radius = max(round(width * layout.scale / 2), 2)
        middle = layout.to_window(*spot)
        # Dark on light and light on dark: seen on paper and on ink.
        self._pygame.draw.circle(window, WHITE, middle, radius + 1, 1)
        color = NETS[0] if erases else MUTED
        self._pygame.draw.circle(window, color, middle, radius, 1)

    def _paint_numbers(self, window, area, reports):
        left, _, across, down = area
        share = across // len(reports)
        for net, report in enumerate(reports):
            x = left + net * share
            name = "Number"
            if len(reports) > 1:
                name = dict(report.facts)["net"]
            color = NETS[net] if len(reports) > 1 else MUTED
            words = self._letters.fit(name, color, share // 3, CAPTION)
            window.blit(words, words.get_rect(midleft=(x, down // 2)))
            x += words.get_width() + self._pixels(16)
            room = left + (net + 1) * share - x - self._pixels(8)
            self._paint_lines(window, (x, down, room), report.lines)

    def _paint_lines(self, window, place, lines):
        x, down, room = place
        # Each line as high as all leave it; what is more is one last line.
        if len(lines) > 3:
            lines = (*lines[:2], " ".join(lines[2:]))
        size = (NUMBER, 42, 30)[max(len(lines), 1) - 1]
        pitch = self._pixels(size * 3 // 4)
        for row, line in enumerate(lines):
            words = self._letters.fit(line, TEXT, room, size)
            middle = down // 2 + round((row - (len(lines) - 1) / 2) * pitch)
            window.blit(words, words.get_rect(midleft=(x, middle)))

    def _paint_message(self, window, area, scene):
        left, top, across, _ = area
        gap = self._pixels(10)
        strip = self._pygame.Rect(
            left, top + self._pixels(6), across, self._pixels(STRIP - 6)
        )
        if scene.warning:
            self._pygame.draw.rect(window, WARNING, strip, border_radius=4)
        lines = self._letters.wrap(scene.message, across - 2 * gap)
        size = BODY if len(lines) == 1 else BODY - 2
        step = self._pixels(18)
        middle = strip.centery - step // 2 * (len(lines) - 1)
        for line in lines:
            words = self._letters.render(line, TEXT, size)
            window.blit(words, words.get_rect(midleft=(left + gap, middle)))
            middle += step

    def _paint_buttons(self, window, area, eraser):
        left, top, across, down = area
        self.buttons = []
        x, high = left, self._pixels(KEY)
        middle = top + down - high // 2 - self._pixels(6)
        for control in CONTROLS:
            if control.word is None:
                continue
            pressed = control.action == "erase" and eraser
            key = self._letters.render(control.key, WHITE if pressed else TEXT)
            word = self._letters.render(
                control.word, WHITE if pressed else MUTED
            )
            gap = self._pixels(7)
            width = key.get_width() + word.get_width() + 3 * gap
            if x + width > left + across:
                break
            rect = self._pygame.Rect(x, middle - high // 2, width, high)
            ground = NETS[0] if pressed else BUTTON
            self._pygame.draw.rect(
                window, ground, rect, border_radius=self._pixels(5)
            )
            window.blit(key, key.get_rect(midleft=(x + gap, middle)))
            aside = x + key.get_width() + 2 * gap
            window.blit(word, word.get_rect(midleft=(aside, middle)))
            self.buttons.append((rect, control.action))
            x += width + gap

    def _paint_help(self, window):
        lines = [*GESTURES, *((c.key, c.help) for c in CONTROLS)]
        line, gap = self._pixels(LINE), self._pixels(24)
        across = self._pixels(HELP_WIDTH)
        down = line * len(lines) + 2 * gap
        card = self._pygame.Rect(0, 0, across, down)
        card.center = window.get_rect().center
        self._pygame.draw.rect(window, WHITE, card, border_radius=8)
        self._pygame.draw.rect(window, MUTED, card, 1, border_radius=8)
        left, top = card.left + gap, card.top + gap
        for key, meaning in lines:
            words = self._letters.render(key, TEXT)
            window.blit(words, (left, top))
            words = self._letters.render(meaning, MUTED)
            window.blit(words, (left + self._pixels(KEY_COLUMN), top))
            top += line

    def _pixels(self, units):
        return max(round(units * self._letters.unit), 1)
