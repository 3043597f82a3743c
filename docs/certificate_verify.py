#!/usr/bin/env python3
"""Verifies the certificate of an erasure, offline, with nothing but Python's standard library.

    certificate_verify.py CERTIFICATE --vkey KEY [--salt HEX --person NAME]

CERTIFICATE is a file, or - for the input. KEY is the key of the installation's audit log (name+id+base64), or a file that holds it: take it
from a place that whoever made the certificate cannot change. With the salt that the request for the erasure was answered with, it says as well
whether the certificate is about that person. Prints what the certificate states; ends with 1 where something is wrong.
Format: a signed note (c2sp.org/signed-note, type 2: ECDSA P-256, SHA-256) whose second line is a JSON object.
"""
import argparse, base64, hmac, json, os, sys
from audit_verify import Wrong, is_signed, read_key

FIRST_LINE = "CloudStore erasure certificate v1"

def open_certificate(note, key):
    (name, key_id, public), (text, _, signatures) = key, note.rpartition("\n\n")
    text += "\n"
    found = [base64.b64decode(line.split(" ")[2]) for line in signatures.splitlines() if line.startswith(f"\u2014 {name} ")]
    found = [s[4:] for s in found if s[:4] == key_id]
    if not found or not all(is_signed(public, text.encode(), s) for s in found):
        raise Wrong("it was not signed with this key, or was changed")
    first, statement, rest = text.split("\n", 2)
    if first != FIRST_LINE or rest:
        raise Wrong("it is signed, but is no certificate of an erasure")
    return json.loads(statement)

if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("certificate")
    arguments.add_argument("--vkey", required=True)
    arguments.add_argument("--salt")
    arguments.add_argument("--person")
    given = arguments.parse_args()
    try:
        key = read_key(open(given.vkey, encoding="utf-8").read() if os.path.exists(given.vkey) else given.vkey)
        note = sys.stdin.read() if given.certificate == "-" else open(given.certificate, encoding="utf-8").read()
        stated = open_certificate(note, key)
        if given.salt and hmac.new(bytes.fromhex(given.salt), f"{stated['tenant']}\n{given.person}".encode(), "sha256").hexdigest() != stated["person"]:
            raise Wrong("it is about somebody else")
        print(json.dumps(stated, indent=2))
        print("OK: signed" + (f", and about {given.person}" if given.salt else ""))
    except (Wrong, ValueError, IndexError, KeyError, OSError) as wrong:
        sys.exit(f"WRONG: {wrong}")
