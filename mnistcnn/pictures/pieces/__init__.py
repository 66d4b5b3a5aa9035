"""Pieces of ink: cut apart where they may be different digits."""
