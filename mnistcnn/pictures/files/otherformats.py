"""Formats that are not read, recognized by their first bytes.

Such a file is often a picture all the same: the error names the format and says
what to do.
"""

_PHOTO = "open it and export it as JPEG or PNG"
_RAW = ("a raw photo", "develop it and export it as JPEG")
_PAGE = "export its page as PNG, with pdftoppm -png for instance"
_PHONE = (
    "export it as JPEG; heif-convert does, and iPhones take JPEG where "
    "Settings, Camera, Formats says Most Compatible"
)
# Brands of the ISO base media file format (ISO/IEC 14496-12), at byte 8.
_BRANDS = {
    b"heic": ("HEIC", _PHONE),
    b"heix": ("HEIC", _PHONE),
    b"hevc": ("HEIC", _PHONE),
    b"hevx": ("HEIC", _PHONE),
    b"heim": ("HEIC", _PHONE),
    b"heis": ("HEIC", _PHONE),
    b"mif1": ("HEIF", _PHONE),
    b"msf1": ("HEIF", _PHONE),
    b"avif": ("AVIF", _PHOTO),
    b"avis": ("AVIF", _PHOTO),
    b"crx ": _RAW,
}
_STARTS = {
    b"%PDF": ("PDF", _PAGE),
    b"%!PS": ("PostScript", _PAGE),
    b"\xc5\xd0\xd3\xc6": ("EPS", _PAGE),
    b"8BPS": ("a Photoshop file", _PHOTO),
    b"gimp": ("a GIMP file", _PHOTO),
    b"#?RA": ("floating-point Radiance HDR", _PHOTO),
    b"v/1\x01": ("floating-point OpenEXR", _PHOTO),
    b"Pf\n": ("a floating-point PFM", _PHOTO),
    b"PF\n": ("a floating-point PFM", _PHOTO),
    b"\0\0\0\x0cjP  ": ("JPEG 2000", _PHOTO),
    b"\xff\x4f\xff\x51": ("JPEG 2000", _PHOTO),
    b"\xff\x0a": ("JPEG XL", _PHOTO),
    b"\0\0\0\x0cJXL ": ("JPEG XL", _PHOTO),
    b"\0\0\x01\0": ("an icon", _PHOTO),
    b"IIRO": _RAW,  # Olympus
    b"IIRS": _RAW,
    b"MMOR": _RAW,
    b"IIU\0": _RAW,  # Panasonic
    b"FUJIFILMCCD-RAW": _RAW,
    b"FOVb": _RAW,  # Sigma
    b"\0MRM": _RAW,  # Minolta
    b"II\x1a\0\0\0HEAP": _RAW,  # Canon's CRW
    b"II\xbc": ("JPEG XR", _PHOTO),
    b"qoif": ("QOI", _PHOTO),
    b"DDS ": ("a texture (DDS)", _PHOTO),
    b"\x1f\x8b": ("compressed by gzip", "unpack it first"),
    b"PK\x03\x04": ("a zip archive or an office document", _PHOTO),
    b"AT&TFORM": ("DjVu", _PAGE),
    b"\x93NUMPY": ("a NumPy array", "read it with numpy.load"),
}


def name_other(start: bytes) -> tuple[str, str] | None:
    """Names a format that is not read, and what to do with a file of it.

    Args:
        start: the file's first bytes, up to a thousand.

    Returns:
        The name and the advice; `None` for an unknown format.

    Example:
        >>> name_other(b"%PDF-1.7 and so on")[0]
        'PDF'
    """
    if start[4:8] == b"ftyp":
        # The brand, and the compatible brands: HEIF may be AVIF.
        brands = [start[at : at + 4] for at in (8, *range(16, 32, 4))]
        brands.sort(key=lambda brand: brand in (b"mif1", b"msf1"))
        known = (_BRANDS[brand] for brand in brands if brand in _BRANDS)
        return next(known, ("a video, or a picture in a video format", _PHOTO))
    text = start[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        return "SVG" if b"<svg" in text else "a web page, or XML", _PHOTO
    if text.startswith(b"%PDF"):
        return _STARTS[b"%PDF"]
    return next(
        (known for begin, known in _STARTS.items() if start.startswith(begin)),
        None,
    )
