"""Light: how bright paper is, shadows, tones, and pictures without writing."""
