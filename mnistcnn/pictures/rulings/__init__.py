"""Rulings: lines that are not writing, and the ink that touches them."""
