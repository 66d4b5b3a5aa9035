"""Rulings: lines that are no writing, and the ink that touches them."""
