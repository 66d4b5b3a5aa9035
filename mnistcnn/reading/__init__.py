"""Reading: from pictures or strokes to digits, by `DigitClassifier`.

In: images, pictures, pen strokes. Out: labels, probabilities, boxes, feature
maps, evidence. May import `artifact`, `backends`, `calibration`, `pictures` and
`ink`; importing anything but `DigitClassifier` does not load Keras.
"""

from typing import TYPE_CHECKING

from mnistcnn.lazy import attach

if TYPE_CHECKING:
    from mnistcnn.reading.classifier import DigitClassifier as DigitClassifier
    from mnistcnn.reading.evidence import weigh_evidence as weigh_evidence
    from mnistcnn.reading.featuremaps import LayerMaps as LayerMaps
    from mnistcnn.reading.lattice import MAX_PIECES as MAX_PIECES
    from mnistcnn.reading.lattice import Lattice as Lattice
    from mnistcnn.reading.lattice import build_lattice as build_lattice
    from mnistcnn.reading.pieces import cut_strokes as cut_strokes
    from mnistcnn.reading.readings import REJECTED as REJECTED
    from mnistcnn.reading.readings import Reading as Reading
    from mnistcnn.reading.readings import Readings as Readings
    from mnistcnn.reading.rulings import find_rulings as find_rulings
    from mnistcnn.reading.segmentation import Sign as Sign
    from mnistcnn.reading.segmentation import choose_signs as choose_signs
else:
    __getattr__, __dir__ = attach(
        __name__,
        classifier="DigitClassifier",
        evidence="weigh_evidence",
        featuremaps="LayerMaps",
        lattice="MAX_PIECES Lattice build_lattice",
        pieces="cut_strokes",
        readings="REJECTED Reading Readings",
        rulings="find_rulings",
        segmentation="Sign choose_signs",
    )
