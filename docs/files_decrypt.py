#!/usr/bin/env python3
"""Decrypts a file that CloudStore has stored, from the layout in files.md alone.

    files_decrypt.py KEY TENANT FILE-ID VERSION CODEC < stored > content

KEY is the file's key, 64 hexadecimal digits (`files key` prints it); CODEC is none, gzip, zlib, brotli or xz.
Needs Python 3.9 and the package cryptography, and for brotli the package Brotli. Nothing is written that
was not authenticated before.
"""
import gzip
import hashlib
import hmac
import lzma
import struct
import sys
import uuid
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CODECS = ["none", "gzip", "zlib", "brotli", "xz"]
CHUNK, TAG, HEADER, FRAME = 16384, 16, 56, 1 << 20


class Damaged(Exception):
    pass


def expand(key, info, length):
    """HKDF-Expand of RFC 5869 over SHA-512."""
    output, block = b"", b""
    while len(output) < length:
        block = hmac.new(key, block + info + bytes([len(output) // 64 + 1]), hashlib.sha512).digest()
        output += block
    return output[:length]


class Message:
    """A Cobblestone-256 message (https://c2sp.org/chunked-encryption), read from any place of it."""

    def __init__(self, stored, key, context):
        self.stored = stored
        body = stored.seek(0, 2) - HEADER
        last = body % (CHUNK + TAG)
        if body < 0 or last < TAG:
            raise Damaged("the file is cut")
        self.length = body // (CHUNK + TAG) * CHUNK + last - TAG
        stored.seek(0)
        salt, commitment = stored.read(24), stored.read(32)
        info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + context
        derived = expand(key, info, 32 + 12 + 32)
        if not hmac.compare_digest(derived[44:], commitment):
            raise Damaged("key, tenant, file, version or codec is another one")
        self.aes, self.nonce = AESGCM(derived[:32]), int.from_bytes(derived[32:44], "big")

    def read(self, offset, count):
        parts = []
        first, last = offset // CHUNK, (offset + max(count, 1) - 1) // CHUNK
        self.stored.seek(HEADER + first * (CHUNK + TAG))
        for number in range(first, last + 1):
            try:
                parts.append(self.aes.decrypt((self.nonce ^ number).to_bytes(12, "big"), self.stored.read(CHUNK + TAG), b""))
            except InvalidTag:
                raise Damaged(f"chunk {number} was changed") from None
        return b"".join(parts)[offset - first * CHUNK:][:count]


def unpack(codec, packed):
    if codec == "gzip":
        return gzip.decompress(packed)
    if codec == "zlib":
        return zlib.decompress(packed)
    if codec == "xz":
        return lzma.decompress(packed)
    import brotli
    return brotli.decompress(packed)


def decrypt(stored, output, key, tenant, file, version, codec):
    name = tenant.encode()
    context = (b"cloudstore.file/1\0" + struct.pack(">H", len(name)) + name + file.bytes
               + struct.pack(">IB", version, CODECS.index(codec)))
    message = Message(stored, key, context)
    magic, number, bits, length = struct.unpack(">4sBBxxQ", message.read(message.length - 16, 16))
    if (magic, number, bits) != (b"CSF1", CODECS.index(codec), 20):
        raise Damaged("the trailer is none")
    frames = (length + FRAME - 1) // FRAME
    index = struct.unpack(f">{frames}I", message.read(message.length - 16 - 4 * frames, 4 * frames))
    if sum(e & 0x7FFFFFFF for e in index) + 4 * frames + 16 != message.length:
        raise Damaged("the index does not fit")
    offset, digest = 0, hashlib.sha256()
    for number, entry in enumerate(index):
        size = entry & 0x7FFFFFFF
        frame = message.read(offset, size)
        plain = frame if entry >> 31 else unpack(codec, frame)
        if len(plain) != min(FRAME, length - number * FRAME):
            raise Damaged(f"frame {number} has {len(plain)} bytes")
        output.write(plain)
        digest.update(plain)
        offset += size
    return digest.hexdigest()


def main():
    if len(sys.argv) != 6 or sys.argv[5] not in CODECS:
        sys.exit(__doc__)
    key, tenant, file, version, codec = sys.argv[1:]
    try:
        digest = decrypt(sys.stdin.buffer, sys.stdout.buffer, bytes.fromhex(key), tenant, uuid.UUID(file), int(version), codec)
    except Damaged as fault:
        sys.exit(f"refused: {fault}")
    print(f"sha256 {digest}", file=sys.stderr)


if __name__ == "__main__":
    main()
