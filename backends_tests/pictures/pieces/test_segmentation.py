import time

import cv2
import numpy as np
import pytest

from mnistcnn.ink import draw_digit
from mnistcnn.pictures import find_pieces, measure_lines, rasterize

pytestmark = pytest.mark.core


def boxes(*rectangles, shape=(200, 300)):
    ink = np.zeros(shape, np.uint8)
    for left, top, right, bottom in rectangles:
        ink[top:bottom, left:right] = 255
    return ink


def write(labels, gap, seed, pen=9):
    """Digits 100 pixels high with so many pixels of paper between them."""
    rng = np.random.default_rng(seed)
    alone, right = [], 20.0
    for label in labels:
        strokes = draw_digit(label, rng)
        low = np.concatenate(strokes).min(0)
        tall = np.ptp(np.concatenate(strokes)[:, 1])
        strokes = [
            (stroke - low) * 100 / tall + (right, 20) for stroke in strokes
        ]
        alone.append(rasterize(strokes, (140, 500), pen))
        right = max(s[:, 0].max() for s in strokes) + pen + gap
    return alone


def test_loose_parts_are_pieces_and_their_ink_is_theirs():
    body, bar = (50, 40, 70, 120), (60, 25, 85, 33)
    other = (150, 30, 170, 120)
    pieces, specks = find_pieces(boxes(body, bar, other))
    assert sorted(piece.box for piece in pieces) == sorted([body, bar, other])
    assert len({piece.source for piece in pieces}) == 3
    assert specks == []


@pytest.mark.parametrize(("pen", "lean"), [(5, 3), (7, 0), (8, 0)])
def test_a_1_keeps_its_flag(pen, lean):
    flagged = np.array([[30, 29], [42 + lean, 20], [42 - lean, 54]], float)
    plain = np.array([[70, 20], [70, 54]], float)
    pieces, _ = find_pieces(rasterize([flagged, plain], (80, 110), pen))
    assert len(pieces) == 2


def test_two_1s_that_touch_above_are_cut_from_each_other():
    stems = [np.array([[x, 20], [x, 62]], float) for x in (40, 49)]
    joined = [*stems, np.array([[40, 21], [49, 21]], float)]
    pieces, _ = find_pieces(rasterize(joined, (80, 110), 5))
    tall = [bottom - top for _, top, _, bottom in (p.box for p in pieces)]
    assert len(tall) == 2
    assert min(tall) > 40


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("labels", [(1, 6), (0, 0), (4, 7), (3, 5, 8)])
def test_touching_digits_are_cut_where_they_touch(labels, seed):
    alone = write(labels, -3, seed)
    ink = np.max(alone, axis=0)
    pieces, _ = find_pieces(ink)
    wrong = 0.0
    for piece in pieces:
        left, top, right, bottom = piece.box
        shares = [
            (part[top:bottom, left:right] * (piece.ink > 0)).sum(dtype=float)
            for part in alone
        ]
        wrong += sum(shares) - max(shares)
    assert wrong < 0.12 * ink.sum(dtype=float)


def test_the_pieces_of_ink_are_all_of_it():
    for seed in range(5):
        ink = np.max(write((2, 6, 4), -2, seed), axis=0)
        pieces, specks = find_pieces(ink)
        again = np.zeros_like(ink)
        for piece in pieces:
            left, top, right, bottom = piece.box
            assert piece.ink.shape == (bottom - top, right - left)
            assert all(type(side) is int for side in piece.box)
            window = again[top:bottom, left:right]
            np.maximum(window, piece.ink, out=window)
        assert specks == []
        # All that is ink; of its soft edge nearly all.
        np.testing.assert_array_equal(again[ink >= 64], ink[ink >= 64])


def test_pieces_of_one_source_follow_each_other_and_say_what_was_cut():
    pieces, _ = find_pieces(np.max(write((1, 1, 1), -4, 3), axis=0))
    assert len(pieces) >= 3
    sources = [piece.source for piece in pieces]
    assert sources == sorted(sources)
    first = {sources.index(source) for source in sources}
    for place, piece in enumerate(pieces):
        assert (piece.cut == 0) == (place in first)


def test_the_side_that_two_rings_share_is_beside_both():
    ink, pen = np.zeros((120, 200), np.uint8), 7
    for middle in (70, 110 + pen // 2):
        cv2.ellipse(ink, (middle, 60), (20, 40), 0, 0, 360, 255, pen)
    pieces, _ = find_pieces(ink)
    shared = [
        (piece.box, stroke.box)
        for piece in pieces
        if (stroke := piece.beside[1]) and 85 <= stroke.box[0] <= 98
    ]
    assert shared
    for own, (left, top, right, bottom) in shared:
        assert abs(left - own[2]) <= 2 and right - left <= pen + 2
        assert bottom - top >= 3 * pen
    # It is the neighbour's own ink, whole.
    assert sum((piece.ink > 0).sum() for piece in pieces) == (ink > 0).sum()


def test_a_bar_that_is_cut_across_is_in_one_piece_alone():
    stems = boxes((40, 40, 48, 120), (100, 40, 108, 120), (40, 76, 108, 84))
    pieces, _ = find_pieces(stems)
    strokes = [stroke for piece in pieces for stroke in piece.beside if stroke]
    assert len(pieces) > 1
    # What is beside a cut are stems, less than a pen wide and much taller.
    for left, top, right, bottom in (stroke.box for stroke in strokes):
        assert right - left <= 8 and bottom - top >= 3 * 8


def test_a_ring_round_several_digits_tells_no_lines_height():
    digits = [(20, 30, 36, 60), (46, 30, 62, 60)]
    ring, slash = (0, 0, 90, 90), (30, 10, 60, 80)
    assert measure_lines(np.array([ring, *digits])).tolist() == [36, 30, 30]
    # A 0 may go round its slash.
    assert measure_lines(np.array([ring, slash])).max() == 90
    specks = [(20, 40, 30, 50), (40, 40, 50, 50)]
    assert measure_lines(np.array([ring, *specks])).max() == 90


def test_a_leaning_ring_is_cut_through_as_much_ink_when_it_is_small():
    # Small, it has fewer rows, and a way aside through it fewer steps.
    turn = np.linspace(0, 2 * np.pi, 80)
    ring = 0.5 * np.stack([0.7 * np.cos(turn) - np.sin(turn), np.sin(turn)], 1)
    cuts = []
    for tall in (20, 160):
        strokes = [tall * (ring + np.array([1, 0.7]))]
        ink = rasterize(strokes, (round(1.4 * tall), 2 * tall), 0.1 * tall)
        pieces, _ = find_pieces(ink)
        cuts.append(np.mean([piece.cut for piece in pieces[1:]]))
    assert cuts[0] > 0.75 * cuts[1]


def test_specks_are_named():
    digit, dot = (50, 30, 70, 120), (100, 108, 112, 120)
    dirt = [(150, 50, 153, 53), (8, 8, 9, 9)]
    pieces, specks = find_pieces(boxes(digit, dot, *dirt))
    assert {piece.box for piece in pieces} == {digit, dot}
    assert sorted(specks) == sorted(dirt)


def test_the_lines_height_is_that_of_the_tall_ones_near_by():
    line = [(0, 0, 5, 10), (8, 0, 13, 10), (6, 9, 7, 10), (15, 6, 19, 10)]
    far = [(500, 0, 550, 100)]
    heights = measure_lines(np.array(line + far))
    assert heights.tolist() == [10, 10, 10, 10, 100]
    # Of two bars the length tells more.
    bars = np.array([(0, 0, 10, 1), (0, 4, 10, 5)])
    assert measure_lines(bars).tolist() == [4, 4]


def test_two_slanted_ones_are_two_although_their_boxes_overlap():
    slant = np.array([[40.0, 120], [90, 20]])
    ink = rasterize([slant, slant + np.array([38, 0])], (150, 180), 6)
    pieces, _ = find_pieces(ink)
    assert len({piece.source for piece in pieces}) == 2
    for source in (0, 1):
        own = sum(p.ink.sum(dtype=float) for p in pieces if p.source == source)
        assert own == pytest.approx(ink.sum() / 2, rel=0.03)


def test_salt_and_pepper_does_not_take_for_ever():
    ink = (np.random.default_rng(0).random((1500, 1500)) < 0.2) * np.uint8(255)
    start = time.process_time()
    find_pieces(ink)
    assert time.process_time() - start < 3


def test_a_page_full_of_ink_is_cut_in_time():
    ink = np.zeros((1200, 2000), np.uint8)
    for k in range(0, 2000, 9):
        cv2.line(ink, (k, 0), (2000 - k, 1199), 255, 2)
    start = time.process_time()
    find_pieces(ink)
    assert time.process_time() - start < 3


def test_punched_holes_are_specks_and_a_disc_alone_is_not():
    ink = np.zeros((300, 400), np.uint8)
    for x in (150, 250):
        cv2.rectangle(ink, (x, 110), (x + 40, 190), 255, 8)
    for y in (60, 150, 240):
        cv2.circle(ink, (30, y), 12, 255, -1)
    pieces, specks = find_pieces(ink, cut=False)
    assert [piece.box[0] for piece in pieces] == [146, 246]
    assert specks == [(18, y - 12, 43, y + 13) for y in (60, 150, 240)]
    ink[:, 100:] = 0
    pieces, specks = find_pieces(ink, cut=False)
    assert len(pieces) == 3 and not specks
