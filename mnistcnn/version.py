"""The version, which is the tag that the installed package was built from."""

from importlib import metadata

try:
    __version__: str = metadata.version("mnistcnn")
except metadata.PackageNotFoundError:  # sources that nobody installed
    __version__ = "0+unknown"
