"""Reading: from pictures or strokes to digits, by `DigitClassifier`.

In: images, pictures, pen strokes. Out: labels, probabilities, boxes, feature
maps, evidence. May import `artifact`, `backends`, `calibration`, `pictures`
and `ink`; all but `DigitClassifier` is had without loading Keras.
"""

from typing import TYPE_CHECKING

from mnistcnn.lazy import attach

if TYPE_CHECKING:
    from mnistcnn.reading.classifier import DigitClassifier as DigitClassifier
    from mnistcnn.reading.evidence import weigh_evidence as weigh_evidence
    from mnistcnn.reading.featuremaps import LayerMaps as LayerMaps
    from mnistcnn.reading.readings import REJECTED as REJECTED
    from mnistcnn.reading.readings import Reading as Reading
    from mnistcnn.reading.readings import Readings as Readings
    from mnistcnn.reading.segmentation import MAX_STROKES as MAX_STROKES
    from mnistcnn.reading.segmentation import Group as Group
    from mnistcnn.reading.segmentation import group_ink as group_ink
    from mnistcnn.reading.segmentation import group_strokes as group_strokes
else:
    __getattr__, __dir__ = attach(
        __name__,
        {
            "DigitClassifier": "classifier",
            "Group": "segmentation",
            "LayerMaps": "featuremaps",
            "MAX_STROKES": "segmentation",
            "REJECTED": "readings",
            "Reading": "readings",
            "Readings": "readings",
            "group_ink": "segmentation",
            "group_strokes": "segmentation",
            "weigh_evidence": "evidence",
        },
    )
