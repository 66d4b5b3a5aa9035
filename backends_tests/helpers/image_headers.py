"""Pictures of a few bytes that claim any width and height, by kind."""

import functools
import struct
import zlib


def chunk(name, body):
    crc = zlib.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc)


def png(w, h, data=None):
    head = struct.pack(">IIBBBBB", w, h, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", data or zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def gif(w, h):
    return b"GIF89a" + struct.pack("<HH", w, h) + bytes(24)


def bmp(w, h):
    head = struct.pack("<IiiHHIIiiII", 40, w, h, 1, 24, *[0] * 6)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + head


def old_bmp(w, h):
    return b"BM" + struct.pack("<IHHIIHHHH", 26, 0, 0, 26, 12, w, h, 1, 24)


def jpeg(w, h, marker=0xC0):
    frame = struct.pack(">BBHBHHB", 0xFF, marker, 11, 8, h, w, 1)
    comment = b"\xff\xfe\x00\x05abc\xff"  # and a byte of padding
    return b"\xff\xd8" + comment + frame + bytes(30)


def webp(kind, body):
    body = kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def webp_lossy(w, h):
    body = b"\x30\1\0\x9d\1\x2a" + struct.pack("<HH", w, h)
    return webp(b"VP8 ", body + bytes(20))


def webp_lossless(w, h):
    body = b"\x2f" + struct.pack("<I", w - 1 | h - 1 << 14)
    return webp(b"VP8L", body + bytes(20))


def webp_extended(w, h):
    sides = [struct.pack("<I", side - 1)[:3] for side in (w, h)]
    return webp(b"VP8X", bytes(4) + b"".join(sides))


def tiff(w, h, end="<", tile=None):
    tags = {256: w, 257: h}
    tags |= {322: tile, 323: tile} if tile else {}
    rows = [struct.pack(end + "HHII", t, 4, 1, v) for t, v in tags.items()]
    start = (b"II*\0" if end == "<" else b"MM\0*") + struct.pack(end + "I", 8)
    count = struct.pack(end + "H", len(rows))
    return start + count + b"".join(rows) + bytes(50)


def big_tiff(w, h):
    rows = [
        struct.pack("<HHQHHI", tag, 3, 1, v, 0, 0)
        for tag, v in ((256, w), (257, h))
    ]
    return b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 2) + b"".join(rows)


def pnm(w, h, kind=5):
    return f"P{kind}\n# {h} {w}\n{w}\t{h}\n255\n".encode() + bytes(20)


def pam(w, h):
    text = f"P7\nWIDTH {w}\nHEIGHT {h}\nDEPTH 1\nMAXVAL 255\nENDHDR\n"
    return text.encode()


HEADERS = {
    "png": png,
    "gif": gif,
    "bmp": bmp,
    "bmp from the top": lambda w, h: bmp(w, -h),
    "old bmp": old_bmp,
    "jpeg": jpeg,
    "progressive jpeg": lambda w, h: jpeg(w, h, 0xC2),
    "lossy webp": webp_lossy,
    "lossless webp": webp_lossless,
    "extended webp": webp_extended,
    "tiff": tiff,
    "Motorola's tiff": lambda w, h: tiff(w, h, ">"),
    "big tiff": big_tiff,
    **{f"P{kind}": functools.partial(pnm, kind=kind) for kind in range(1, 7)},
    "P7": pam,
}
