"""The card: what an artifact says of itself, in `mnistcnn.json`."""

import hashlib
import json

from mnistcnn.errors import ArtifactError, quote

CARD_FORMAT = 1


def check_card(card: dict, weights: bytes) -> None:
    """Raises an `ArtifactError` unless the card is of these weights."""
    number = card.get("format")
    if type(number) is not int or number != CARD_FORMAT:
        raise ArtifactError(
            "version",
            f"The card has format {quote(number, 20)}. Expected "
            f"{CARD_FORMAT}: update mnistcnn.",
        )
    found = hashlib.sha256(weights).hexdigest()
    if card.get("weights_sha256") != found:
        raise ArtifactError(
            "digest",
            f"The weights have sha256 {found[:16]}..., the card says "
            f"{quote(card.get('weights_sha256'), 16)}. Expected the same: "
            "the file was changed, get it again.",
        )


def check_classes(card: dict, num_classes: int) -> None:
    """Raises an `ArtifactError` unless the classes' names are in order."""
    classes = card.get("classes", [""] * num_classes)
    if (
        not isinstance(classes, list)
        or len(classes) != num_classes
        or not all(isinstance(c, str) and len(c) <= 40 for c in classes)
        or not all(c.isprintable() for c in classes)
    ):
        raise ArtifactError(
            "config-value",
            f"The card names the classes {quote(classes, 60)}. Expected "
            f"{num_classes} short names, one an output: make the file anew.",
        )


def check_threshold(card: dict) -> None:
    """Raises an `ArtifactError` unless the threshold is a probability."""
    value = card.get("threshold", 0.5)
    if type(value) not in (int, float) or not 0 <= value <= 1:
        raise ArtifactError(
            "config-value",
            f"The card has the threshold {quote(value, 40)}. Expected a "
            "probability, 0 to 1: make the file anew.",
        )


def encode_card(card: dict) -> bytes:
    """The card as JSON, or an `ArtifactError` where it cannot be."""
    try:
        return json.dumps(card, indent=1, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise ArtifactError(
            "config-value",
            f"The card cannot be written as JSON ({str(error)[:80]}). "
            "Expected plain values, all finite: convert them first.",
        ) from None
