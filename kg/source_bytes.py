"""A source with all its claims as the bytes that a store keeps of it."""

from __future__ import annotations

import zlib

import msgspec

from kg.model import Source

_decode = msgspec.json.Decoder(Source).decode
_COMPRESSION = 3  # claims repeat themselves: more effort would save little and cost the build


def pack_source(source: Source) -> bytes:
    """Return ``source`` as JSON, zlib-compressed."""
    return zlib.compress(msgspec.json.encode(source), _COMPRESSION)


def unpack_source(body: bytes) -> Source:
    """Return the source that ``body`` was packed from."""
    return _decode(zlib.decompress(body))
