"""Paper: where a sheet ends, how it lies, its corners, edges and dots."""
