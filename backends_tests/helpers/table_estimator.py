"""A `DigitEstimator` for any table, as scikit-learn's own checks feed it.

Its one difference is that it draws a row as a picture with a band for each
column. Of a module, so that it can be pickled.
"""

import numpy as np

from mnistcnn.sklearn import DigitEstimator


class Table(DigitEstimator):
    poor = True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # A network of one filter, trained for one epoch, is poor.
        tags.classifier_tags.poor_score = self.poor
        return tags

    def _make_images(self, rows):
        wide = np.repeat(rows, -(-28 // rows.shape[1]), axis=1)[:, :28]
        grey = np.rint(255 * np.clip(wide / 8, 0, 1)).astype(np.uint8)
        return np.repeat(grey[:, :, None], 28, axis=2)
