"""`python -m mnistcnn`, and the command `mnistcnn`."""

import sys

# Ctrl-C within the half second of imports is no traceback either.
try:
    from mnistcnn.cli import main
except KeyboardInterrupt:
    sys.exit(130)

if __name__ == "__main__":
    main()
