"""The card, an artifact's metadata, and parsing of untrusted JSON."""

import hashlib
import json
import re
from typing import Any

from mnistcnn.errors import ArtifactError, quote

CARD_FORMAT = 1
MAX_JSON_DEPTH = 32
MAX_ROTATION = 45  # degrees: with more, a 1 would be a bar

# An unterminated string matches up to the end of the text: otherwise every
# later quote would be tried in turn, in quadratic time.
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)


def parse_json(body: bytes, member: str) -> dict[str, Any]:
    """Parses a member's JSON strictly and within limits (untrusted input).

    Args:
        body: the member's bytes.
        member: its name, for errors.

    Raises:
        ArtifactError: `config-depth` or `config-syntax` (not UTF-8, not
            JSON, not an object, a duplicate key, NaN or infinity).
    """

    def refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            raise ValueError("a key given twice")
        return result

    try:
        text = body.decode("utf-8")
        # Checked before json.loads, whose recursion a deep text would exhaust.
        depth = deepest = 0
        for character in re.sub(r"[^\[\]{}]", "", _STRING.sub("", text)):
            depth += 1 if character in "[{" else -1
            deepest = max(deepest, depth)
        if deepest > MAX_JSON_DEPTH:
            raise ArtifactError(
                "config-depth",
                f"{member} is nested {deepest} deep. Expected at most "
                f"{MAX_JSON_DEPTH}: it was not written by mnistcnn.",
            )
        parsed = json.loads(text, object_pairs_hook=refuse_duplicates)
        # Refuses NaN, infinity (also as 1e999) and lone surrogates.
        json.dumps(parsed, allow_nan=False, ensure_ascii=False).encode()
    except ArtifactError:
        raise
    except (ValueError, RecursionError) as error:
        raise ArtifactError(
            "config-syntax",
            f"{member} is not strict JSON ({str(error)[:80]}). Expected "
            "UTF-8 JSON as Keras writes it: make the file anew.",
        ) from None
    if not isinstance(parsed, dict):
        raise ArtifactError(
            "config-syntax",
            f"{member} holds a {type(parsed).__name__}. Expected a JSON "
            "object: make the file anew.",
        )
    return parsed


def check_card(card: dict[str, Any], weights: bytes) -> None:
    """Raises an `ArtifactError` unless the card matches these weights."""
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


def check_classes(card: dict[str, Any], num_classes: int) -> None:
    """Raises an `ArtifactError` unless the classes' names are valid."""
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
            f"{num_classes} short names, one for each output: make the file "
            "anew.",
        )


def check_threshold(card: dict[str, Any]) -> None:
    """Raises an `ArtifactError` unless the threshold is a probability."""
    value = card.get("threshold", 0.5)
    if type(value) not in (int, float) or not 0 <= value <= 1:
        raise ArtifactError(
            "config-value",
            f"The card has the threshold {quote(value, 40)}. Expected a "
            "probability, 0 to 1: make the file anew.",
        )


def check_rotation(card: dict[str, Any]) -> None:
    """Raises an `ArtifactError` unless the rotation is in its range."""
    value = card.get("rotation", 0)
    if type(value) not in (int, float) or not 0 <= value <= MAX_ROTATION:
        raise ArtifactError(
            "config-value",
            f"The card has the rotation {quote(value, 40)}. Expected degrees, "
            f"0 to {MAX_ROTATION}: make the file anew.",
        )


def encode_card(card: dict[str, Any]) -> bytes:
    """Writes a card as JSON, or raises an `ArtifactError`."""
    try:
        return json.dumps(card, indent=1, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise ArtifactError(
            "config-value",
            f"The card cannot be written as JSON ({str(error)[:80]}). "
            "Expected plain values, all finite: convert them first.",
        ) from None
