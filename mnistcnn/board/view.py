"""The view: paints the sheet, the readings over it, and words around it."""

from types import ModuleType
from typing import TYPE_CHECKING

from mnistcnn.board.controls import CONTROLS, GESTURES
from mnistcnn.board.featuremaps import FeatureMaps
from mnistcnn.board.layout import Layout
from mnistcnn.board.panel import Panel
from mnistcnn.board.scene import Scene
from mnistcnn.board.style import (
    BACKGROUND,
    BODY,
    BUTTON,
    MUTED,
    NETWORKS,
    RULE,
    TEXT,
    WARNING,
    WHITE,
    Lettering,
)
from mnistcnn.board.tags import Tags

if TYPE_CHECKING:
    import pygame

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

    def __init__(self, pygame: ModuleType):
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

    def paint(
        self,
        window: "pygame.Surface",
        layout: Layout,
        sheet: "pygame.Surface",
        scene: Scene,
    ) -> None:
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
        for network, area in enumerate(layout.panels):
            window.set_clip(area)
            report = scene.reports[network]
            self._panel.paint(window, area, scene.latest, network, report)
        if layout.maps:
            window.set_clip(layout.maps)
            networks = [
                (dict(r.facts)["network"], r.maps) for r in scene.reports
            ]
            self._feature_maps.paint(window, layout.maps, networks)
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
        color = NETWORKS[0] if erases else MUTED
        self._pygame.draw.circle(window, color, middle, radius, 1)

    def _paint_numbers(self, window, area, reports):
        left, _, across, down = area
        share = across // len(reports)
        for network, report in enumerate(reports):
            x = left + network * share
            name, color = "Number", MUTED
            if len(reports) > 1:
                name, color = dict(report.facts)["network"], NETWORKS[network]
            words = self._letters.write(
                window,
                name,
                color,
                room=share // 3,
                size=CAPTION,
                midleft=(x, down // 2),
            )
            x += words.width + self._letters.pixels(16)
            room = left + (network + 1) * share - x - self._letters.pixels(8)
            self._paint_lines(window, (x, down, room), report.lines)

    def _paint_lines(self, window, place, lines):
        x, down, room = place
        # Each line as high as all leave it; what is more is one last line.
        if len(lines) > 3:
            lines = (*lines[:2], " ".join(lines[2:]))
        size = (NUMBER, 42, 30)[max(len(lines), 1) - 1]
        pitch = self._letters.pixels(size * 3 // 4)
        for row, line in enumerate(lines):
            middle = down // 2 + round((row - (len(lines) - 1) / 2) * pitch)
            self._letters.write(
                window, line, TEXT, room=room, size=size, midleft=(x, middle)
            )

    def _paint_message(self, window, area, scene):
        left, top, across, _ = area
        letters = self._letters
        gap, lift = letters.pixels(10), letters.pixels(6)
        strip = self._pygame.Rect(
            left, top + lift, across, letters.pixels(STRIP - 6)
        )
        if scene.warning:
            self._pygame.draw.rect(window, WARNING, strip, border_radius=4)
        lines = letters.wrap(scene.message, across - 2 * gap)
        size = BODY if len(lines) == 1 else BODY - 2
        step = letters.pixels(18)
        middle = strip.centery - step // 2 * (len(lines) - 1)
        for line in lines:
            place = (left + gap, middle)
            letters.write(window, line, TEXT, size=size, midleft=place)
            middle += step

    def _paint_buttons(self, window, area, eraser):
        left, top, across, down = area
        letters = self._letters
        self.buttons = []
        x, high, gap = left, letters.pixels(KEY), letters.pixels(7)
        middle = top + down - high // 2 - letters.pixels(6)
        for control in CONTROLS:
            if control.word is None:
                continue
            pressed = control.action == "erase" and eraser
            key = letters.render(control.key, WHITE if pressed else TEXT)
            word = letters.render(control.word, WHITE if pressed else MUTED)
            width = key.get_width() + word.get_width() + 3 * gap
            if x + width > left + across:
                break
            rect = self._pygame.Rect(x, middle - high // 2, width, high)
            ground = NETWORKS[0] if pressed else BUTTON
            self._pygame.draw.rect(
                window, ground, rect, border_radius=letters.pixels(5)
            )
            window.blit(key, key.get_rect(midleft=(x + gap, middle)))
            window.blit(word, word.get_rect(midright=(x + width - gap, middle)))
            self.buttons.append((rect, control.action))
            x += width + gap

    def _paint_help(self, window):
        lines = [*GESTURES, *((c.key, c.help) for c in CONTROLS)]
        letters = self._letters
        line, gap = letters.pixels(LINE), letters.pixels(24)
        across = letters.pixels(HELP_WIDTH)
        card = self._pygame.Rect(0, 0, across, line * len(lines) + 2 * gap)
        card.center = window.get_rect().center
        self._pygame.draw.rect(window, WHITE, card, border_radius=8)
        self._pygame.draw.rect(window, MUTED, card, 1, border_radius=8)
        left, top = card.left + gap, card.top + gap
        aside = left + letters.pixels(KEY_COLUMN)
        for key, meaning in lines:
            letters.write(window, key, TEXT, topleft=(left, top))
            letters.write(window, meaning, MUTED, topleft=(aside, top))
            top += line
