"""Image files: known by how they begin, measured, then decoded."""
