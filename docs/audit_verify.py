#!/usr/bin/env python3
"""Verifies an audit log, or a proof taken from one, offline, with nothing but Python's standard library.

    audit_verify.py LOG_FOLDER [--vkey KEY]     every entry, every tile, the root and its signature
    audit_verify.py --proof FILE --vkey KEY     that one event is in the log

KEY is the log's verifier key (name+id+base64), or a file that holds it. Take it, and a checkpoint now and then, from a place that whoever
could change the log cannot change; without --vkey the file beside the log is used, which proves less. Ends with 1 where something is wrong.
Formats: c2sp.org/tlog-tiles, tlog-checkpoint, tlog-proof, signed-note (type 2: ECDSA P-256, SHA-256); hashing: RFC 6962.
"""
import argparse, base64, gzip, hashlib, json, os, sys

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)

class Wrong(Exception): pass

def add(a, b):
    if a is None or b is None or a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return (a or b) if a is None or b is None else None
    slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P

def times(k, point):
    total = None
    while k: total, point, k = (add(total, point) if k & 1 else total), add(point, point), k >> 1
    return total

def is_signed(public, text, der):
    """ECDSA over P-256: the signature is SEQUENCE { INTEGER r, INTEGER s }."""
    if len(der) < 8 or der[0] != 0x30 or der[1] != len(der) - 2 or der[2] != 2:
        return False
    end = 4 + der[3]
    r, s = int.from_bytes(der[4:end], "big"), int.from_bytes(der[end + 2:], "big")
    x, y = public
    if not (0 < r < N and 0 < s < N) or (y * y - x * x * x + 3 * x - 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B) % P:
        return False
    w, z = pow(s, -1, N), int.from_bytes(hashlib.sha256(text).digest(), "big")
    point = add(times(z * w % N, G), times(r * w % N, public))
    return point is not None and point[0] % N == r

def read_key(text):
    name, key_id, key = text.strip().split("+", 2)
    key = base64.b64decode(key)
    if key[0] != 2 or hashlib.sha256(key[1:]).hexdigest()[:8] != key_id or key[-65] != 4:
        raise Wrong("this is no verifier key of an ECDSA P-256 log")
    return name, bytes.fromhex(key_id), (int.from_bytes(key[-64:-32], "big"), int.from_bytes(key[-32:], "big"))

def open_checkpoint(note, key):
    """The size and root that a signed checkpoint states."""
    (name, key_id, public), (text, _, signatures) = key, note.rpartition("\n\n")
    text += "\n"
    found = [base64.b64decode(line.split(" ")[2]) for line in signatures.splitlines() if line.startswith(f"\u2014 {name} ")]
    found = [s[4:] for s in found if s[:4] == key_id]
    if not found or not all(is_signed(public, text.encode(), s) for s in found):
        raise Wrong("the checkpoint was not signed with this key: it was changed")
    origin, size, root = text.split("\n")[:3]
    if origin != name: raise Wrong(f"the checkpoint is of another log, {origin}")
    return int(size), base64.b64decode(root)

leaf = lambda entry: hashlib.sha256(b"\0" + entry).digest()
node = lambda left, right: hashlib.sha256(b"\1" + left + right).digest()

def root_of(hashes):
    """RFC 6962 section 2.1: the left part is the largest power of two below the number."""
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256(b"").digest()
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return node(root_of(hashes[:k]), root_of(hashes[k:]))

def check_proof(text, key):
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1" or not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise Wrong("this is no proof of the form c2sp.org/tlog-proof@v1 with an entry")
    entry, index = base64.b64decode(lines[1][6:]), int(lines[2][6:])
    size, root = open_checkpoint(note, key)
    value, fn, sn = leaf(entry), index, size - 1
    for sibling in map(base64.b64decode, lines[3:]):   # RFC 9162 section 2.1.3.2
        if fn & 1 or fn == sn:
            value = node(sibling, value)
            while not fn & 1 and fn: fn, sn = fn >> 1, sn >> 1
        else:
            value = node(value, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or index >= size or value != root:
        raise Wrong("the entry is not in the log that this checkpoint states")
    return f"the event is entry {index} of {size}: {entry.decode()}"

def path(kind, index, width):
    name = f"{index % 1000:03}"
    while index := index // 1000: name = f"x{index % 1000:03}/{name}"
    return f"tile/{kind}/{name}" + (f".p/{width}" if width < 256 else "")

def read(folder, kind, index, width):
    for name in (path(kind, index, width), path(kind, index, 256)):
        if os.path.exists(os.path.join(folder, name)):
            return open(os.path.join(folder, name), "rb").read()
    packed = os.path.join(folder, "archive", path(kind, index, 256) + ".gz")
    return gzip.open(packed).read() if os.path.exists(packed) else None

def check_log(folder, key):
    size, root = open_checkpoint(open(os.path.join(folder, "checkpoint"), encoding="utf-8").read(), key)
    hashes, archived, hidden = [], 0, None
    for index in range((size + 255) // 256):
        width = min(256, size - index * 256)
        tile, bundle = read(folder, 0, index, width), read(folder, "entries", index, width)
        if tile is None or len(tile) < 32 * width:
            raise Wrong(f"event at index {index * 256}: the file {path(0, index, width)} is missing or too short")
        expected = [tile[i * 32:i * 32 + 32] for i in range(width)]
        hashes += expected
        hidden = index * 256 + width if bundle is None else hidden   # archived elsewhere: its hashes stand for it
        for i in range(width if bundle is not None else 0):
            length = int.from_bytes(bundle[:2], "big")
            entry, bundle = bundle[2:2 + length], bundle[2 + length:]
            if leaf(entry) != expected[i]:
                raise Wrong(f"event at index {index * 256 + i}: entry and tile do not belong together; one was edited, removed, slipped in or moved")
            if (event := json.loads(entry))["action"] == "archive": archived = max(archived, event["items"])
        if bundle and width == 256:
            raise Wrong(f"event at index {index * 256 + width}: an entry was slipped in")
    if hidden and hidden > archived:
        raise Wrong(f"event at index {archived}: entries are missing, and no event tells of their move to an archive")
    level, below = 1, hashes
    while len(below) >= 256:
        below = [root_of(below[i:i + 256]) for i in range(0, len(below) - 255, 256)]
        for index in range((len(below) + 255) // 256):
            part = below[index * 256:index * 256 + 256]
            if (read(folder, level, index, len(part)) or b"")[:32 * len(part)] != b"".join(part):
                raise Wrong(f"event at index {index * 256 ** (level + 1)} or behind: the file {path(level, index, len(part))} was changed, or the tiles below it")
        level += 1
    if root_of(hashes) != root:
        raise Wrong("entries and tiles were changed together: they do not lead to the root that was signed")
    return f"{size} events, root {base64.b64encode(root).decode()}: nothing was changed"

if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", nargs="?")
    arguments.add_argument("--vkey")
    arguments.add_argument("--proof")
    given = arguments.parse_args()
    try:
        source = given.vkey or os.path.join(given.folder or ".", "vkey")
        vkey = read_key(open(source, encoding="utf-8").read() if os.path.exists(source) else source)
        print("OK:", check_proof(open(given.proof, encoding="utf-8").read(), vkey) if given.proof else check_log(given.folder, vkey))
    except (Wrong, ValueError, IndexError, OSError, EOFError) as wrong:
        sys.exit(f"WRONG: {wrong}")
