"""A classifier with scikit-learn's interface: `DigitEstimator`.

In: rows of pixels, or images, and labels. Out: labels and probabilities, in
pipelines, searches and cross-validation. Imports `training` and `reading`;
needs the extra `sklearn`, which is loaded when a name is first used.
"""

from typing import TYPE_CHECKING

from mnistcnn.lazy import attach

if TYPE_CHECKING:
    from mnistcnn.sklearn.estimator import DigitEstimator as DigitEstimator
else:
    __getattr__, __dir__ = attach(
        __name__,
        estimator="DigitEstimator",
    )
