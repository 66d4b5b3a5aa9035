"""`python -m mnistcnn`."""

from mnistcnn.cli import main

if __name__ == "__main__":
    main()
