"""JSON that nobody vouches for: bounded, strict, no surprises."""

import json
import re

from mnistcnn.errors import ArtifactError

MAX_JSON_DEPTH = 32

# A string without an end runs to the text's end: were it no match, the next
# quote would be tried, and the next, in quadratic time.
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)


def parse_json(body: bytes, member: str) -> dict:
    """Parses a member's JSON strictly.

    Raises:
        ArtifactError: `config-depth` or `config-syntax` (not UTF-8, not
            JSON, not an object, a key given twice, NaN or infinity).
    """

    def refuse_duplicates(pairs: list) -> dict:
        result = dict(pairs)
        if len(result) != len(pairs):
            raise ValueError("a key given twice")
        return result

    try:
        text = body.decode("utf-8")
        # Before json.loads, whose recursion a deep text would exhaust.
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
        # Refuses NaN, infinity (1e999 too) and halves of surrogate pairs.
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
