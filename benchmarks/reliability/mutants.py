"""Ten thousand seeded mutants of a valid artifact, in a child with limits.

And five thousand more, of its weights and its config, reassembled and signed
anew as a forger would: those may be accepted, as other valid networks.
"""

import json
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[2] / "backends_tests" / "helpers"
ADDRESS_SPACE = 3 << 30
TIMEOUT_SECONDS = 1200

CHILD = """
import json, resource, sys
sys.path.insert(0, sys.argv[1])
limit = int(sys.argv[4])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
import numpy as np
import artifact_fixtures as fixtures
from mnistcnn.artifact import check_bytes
from mnistcnn.errors import ArtifactError

rng = np.random.default_rng(int(sys.argv[2]))
good, members = fixtures.good_bytes(), fixtures.good_members()
config = json.loads(members[fixtures.CONFIG])
original = check_bytes(good)
found = {"mutants": 0, "refused": 0, "accepted_the_same": 0,
         "accepted_but_different": 0, "foreign_exceptions": 0,
         "signed_anew": 0, "signed_anew_and_refused": 0,
         "signed_anew_and_accepted": 0}
faults = []
for number in range(int(sys.argv[3])):
    # Four of six are of the file, one of the weights, one of the config.
    kind = number % 6
    if kind < 4:
        found["mutants"] += 1
        data = fixtures.mutate(good, rng)
    else:
        found["signed_anew"] += 1
        broken = dict(members)
        if kind == 4:
            weights = fixtures.mutate(members[fixtures.WEIGHTS], rng)
            broken = fixtures.sign(members | {fixtures.WEIGHTS: weights})
        else:
            text = json.dumps(fixtures.mutate_json(config, rng))
            broken[fixtures.CONFIG] = text.encode()
        data = fixtures.seal(broken)
    try:
        artifact = check_bytes(data)
    except ArtifactError:
        found["refused" if kind < 4 else "signed_anew_and_refused"] += 1
    except BaseException as error:
        found["foreign_exceptions"] += 1
        faults.append(f"{number}: {type(error).__name__}: {error}"[:200])
    else:
        if kind >= 4:
            found["signed_anew_and_accepted"] += 1
        elif fixtures.same(artifact, original):
            found["accepted_the_same"] += 1
        else:
            found["accepted_but_different"] += 1
            faults.append(f"{number}: accepted, and differs")
print(json.dumps({"faults": faults[:5], **found}))
"""


def prove(*, seed: int, quick: bool) -> dict:
    """Opens 10,000 mutants: none crashes, raises, or passes as the original."""
    number = "600" if quick else "15000"
    command = [sys.executable, "-c", CHILD, str(TESTS), str(seed), number]
    done = subprocess.run(
        [*command, str(ADDRESS_SPACE)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    if done.returncode:
        text = done.stderr.strip().splitlines()[-1:]
        return {"passed": False, "faults": [f"{done.returncode}: {text}"]}
    found = json.loads(done.stdout)
    wrong = found["accepted_but_different"] + found["foreign_exceptions"]
    return {"passed": not wrong and not found["faults"], **found}
