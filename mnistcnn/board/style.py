"""Words on the board's window, in pygame's own font."""

BODY = 20  # units
LEAST = 8  # pixels


class Lettering:
    """Renders words, and makes them fit.

    Sizes are in units, `unit` pixels each; the room there is, in pixels.

    Args:
        pygame: the pygame module, its fonts ready.
    """

    def __init__(self, pygame):
        self._pygame = pygame
        self.unit = 1.0
        self._fonts = {}

    def render(self, text: str, color: tuple, size: int = BODY):
        """Returns a surface with one line of text, antialiased."""
        # The font has no glyph for what does not print.
        text = "".join(c if c.isprintable() else " " for c in text)
        return self._font(size).render(text, True, color)

    def fit(self, text: str, color: tuple, room: int, size: int = BODY):
        """Returns a surface no wider than `room`: smaller, then cut off.

        Args:
            text: one line.
            color: red, green and blue, 0 to 255.
            room: the width there is, in pixels.
            size: the size wanted; down to a half of it is taken.
        """
        for smaller in range(size, size // 2, -2):
            if self._font(smaller).size(text)[0] <= room:
                return self.render(text, color, smaller)
        size = size // 2
        return self.render(self._cut(text, room, size), color, size)

    def wrap(self, text: str, room: int, size: int = BODY) -> list[str]:
        """Divides a text into at most two lines; what is too long is cut."""
        if self._font(size).size(text)[0] <= room:
            return [text]
        first = ""
        for word in text.split():
            longer = f"{first} {word}".strip()
            if self._font(size).size(longer)[0] > room:
                break
            first = longer
        rest = text[len(first) :].strip()
        lines = [first, self._cut(rest, room, size)]
        return [line for line in lines if line]

    def _cut(self, text, room, size):
        if self._font(size).size(text)[0] <= room:
            return text
        while text and self._font(size).size(text + "…")[0] > room:
            text = text[: -max(1, len(text) // 16)]
        return text + "…"

    def _font(self, size):
        pixels = max(round(size * self.unit), LEAST)
        if pixels not in self._fonts:
            self._fonts[pixels] = self._pygame.font.Font(None, pixels)
        return self._fonts[pixels]
