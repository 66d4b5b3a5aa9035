"""Forms: boxes in rows and columns, blocks of colour, separators."""
