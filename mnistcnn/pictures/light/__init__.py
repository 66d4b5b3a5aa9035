"""Light: how bright paper is, shadows, tones, and what is no writing at all."""
