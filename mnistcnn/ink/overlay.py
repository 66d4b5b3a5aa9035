"""Superimposed characters: the strokes of two as one character."""

import dataclasses

import numpy as np

from mnistcnn.ink.strokeset import StrokeSet, concatenate


def overlay(first: StrokeSet, second: StrokeSet) -> StrokeSet:
    """Superimposes each character of a set on one of another, unmoved.

    Args:
        first: `n` characters.
        second: as many.

    Returns:
        `n` characters with the strokes of both; labels, writers and sources are
        those of the first.
    """
    n = len(first)
    order = np.arange(2 * n).reshape(2, n).T.ravel()
    both = concatenate(first, second).take(order)
    return dataclasses.replace(
        first,
        points=both.points,
        stroke_start=both.stroke_start,
        sample_start=both.sample_start[::2],
    )
