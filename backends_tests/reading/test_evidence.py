import numpy as np
import pytest

from mnistcnn import DigitClassifier
from mnistcnn.ink import draw_digit
from mnistcnn.pictures import strokes_to_image
from mnistcnn.reading import weigh_evidence

pytestmark = pytest.mark.core


class Half:
    """Sure of a 1 by the ink in the left half, unsure by that in the right."""

    def predict_proba(self, images):
        left, right = (
            np.asarray(images, float)[:, :, half].sum(axis=(1, 2))
            for half in (np.s_[:14], np.s_[14:])
        )
        share = 0.6 + 1e-6 * (2 * left - right)
        return np.stack([1 - share, share], axis=1).astype(np.float32)


def test_ink_speaks_for_and_against_and_paper_is_silent():
    image = np.zeros((28, 28), np.uint8)
    image[6:20, 4:8] = image[6:20, 20:24] = 200
    evidence = weigh_evidence(Half(), image)
    assert evidence.shape == (28, 28) and evidence.dtype == np.float32
    assert (evidence[6:20, 4:8] > 0).all()
    assert (evidence[6:20, 20:24] < 0).all()
    assert not evidence[image == 0].any()


def test_a_blank_has_none():
    assert not weigh_evidence(Half(), np.zeros((28, 28), np.uint8)).any()


def test_the_ink_that_speaks_most_for_a_digit_is_missed_most(rng):
    classifier = DigitClassifier.from_pretrained()
    right = []
    for label in (2, 3, 4, 7):
        image = strokes_to_image(draw_digit(label, rng, form=0))
        evidence = weigh_evidence(classifier, image)
        evidence[image == 0] = np.nan
        best = classifier.predict_proba(image)[0].argmax()
        left = []
        for find in (np.nanargmax, np.nanargmin):
            y, x = np.unravel_index(find(evidence), evidence.shape)
            covered = image.copy()
            covered[max(y - 3, 0) : y + 3, max(x - 3, 0) : x + 3] = 0
            left.append(classifier.predict_proba(covered)[0][best])
        right.append(left[0] <= left[1])
    assert sum(right) >= 3
