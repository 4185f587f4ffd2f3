#!/usr/bin/env python3
"""Checks the access log in a plain copy of a Tirkeu database against notes kept
outside: rows against hashes, hashes against roots (RFC 6962), signatures.

    verify_ledger.py clinic.sqlite --keys keys.txt --note note.txt [--note ...]

Exit status: 0 whole, 2 changed, 3 cut off or an older copy, 4 not readable or a
note not believed. Needs Python 3.8 and openssl; nothing of Tirkeu.
"""
import argparse
import base64
import hashlib
import json
import re
import sqlite3
import subprocess
import sys
import tempfile

ED25519_DER = bytes.fromhex("302a300506032b6570032100")


class Ended(Exception):
    """Exit status and what is said."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


class Tree:
    """The perfect subtrees of an RFC 6962 tree, high to low."""

    def __init__(self):
        self.size, self.subtrees = 0, []

    def push(self, leaf):
        size = self.size
        while size & 1:
            leaf = sha256(b"\x01", self.subtrees.pop(), leaf)
            size >>= 1
        self.subtrees.append(leaf)
        self.size += 1

    def root(self):
        if not self.subtrees:
            return sha256()
        root = self.subtrees[-1]
        for left in reversed(self.subtrees[:-1]):
            root = sha256(b"\x01", left, root)
        return root


def read_keys(path):
    """(name, key id) -> public key, from lines of name+hash+base64."""
    keys = {}
    for line in open(path, encoding="utf-8"):
        match = re.fullmatch(r"(\S+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", line.strip())
        if match:
            raw = base64.b64decode(match[3])
            key_id = sha256(match[1].encode(), b"\n", raw)[:4]
            if raw[:1] == b"\x01" and key_id.hex() == match[2]:
                keys[match[1], key_id] = raw[1:]
    if not keys:
        raise Ended(4, f"{path}: there is no key in it")
    return keys


def is_signed(body, signature, key):
    with tempfile.TemporaryDirectory() as folder:
        for name, data in ("body", body), ("sig", signature), ("key", ED25519_DER + key):
            with open(f"{folder}/{name}", "wb") as file:
                file.write(data)
        command = "openssl pkeyutl -verify -pubin -keyform DER -rawin -inkey key -in body -sigfile sig"
        ended = subprocess.run(command.split(), cwd=folder, capture_output=True)
        return ended.returncode == 0


def read_notes(path, keys):
    """Size -> root of every note in a file; other text around them is passed over."""
    lines = [line.strip(" \t\r\n>") for line in open(path, encoding="utf-8")]
    notes = {}
    for at, line in enumerate(lines):
        if not re.fullmatch(r"\S+\.tirkeu/audit", line) or not lines[at + 1 : at + 2][0].isdigit():
            continue
        end = at + lines[at:].index("")
        body = "".join(text + "\n" for text in lines[at:end]).encode()
        believed = False
        for signature in lines[end + 1 :]:
            if not signature.startswith("\u2014 "):
                break
            _, name, data = signature.split(" ")
            data = base64.b64decode(data)
            key = keys.get((name, data[:4]))
            believed |= name == line and key is not None and is_signed(body, data[4:], key)
        if not believed:
            raise Ended(4, f"{path}: the note of {lines[at + 1]} rows is not signed by these keys")
        notes[int(lines[at + 1])] = base64.b64decode(lines[at + 2])
    if not notes:
        raise Ended(4, f"{path}: there is no note in it")
    return notes


def walk(database, notes):
    redacted = {seq for (seq,) in database.execute("SELECT seq FROM audit_redaction")}
    tree, proven = Tree(), 0
    for seq, body, leaf in database.execute("SELECT seq, body, leaf FROM audit_event ORDER BY seq"):
        where = f"rows before {proven} are proven"
        if seq != tree.size:
            raise Ended(2, f"row {tree.size} is missing; {where}")
        if not (body is None and seq in redacted):
            if body is None or sha256(b"\x00", body.encode()) != leaf:
                raise Ended(2, f"row {seq} was changed after it was written; {where}")
            if json.loads(body)["seq"] != seq:
                raise Ended(2, f"row {seq} belongs elsewhere; {where}")
        tree.push(leaf)
        if tree.size in notes:
            if notes[tree.size] != tree.root():
                raise Ended(2, f"between row {proven} and row {tree.size} history was rewritten")
            proven = tree.size
    if max(notes) > tree.size:
        raise Ended(3, f"{tree.size} rows, a note knows {max(notes)}: cut off, or an older copy")
    return tree, proven, len(redacted)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("database", help="clinic.sqlite out of an opened backup")
    options.add_argument("--keys", required=True, help="what `tirkeu audit keys` printed")
    options.add_argument("--note", required=True, action="append", help="kept outside")
    asked = options.parse_args()
    try:
        keys, notes = read_keys(asked.keys), {}
        for path in asked.note:
            notes.update(read_notes(path, keys))
        database = sqlite3.connect(f"file:{asked.database}?mode=ro&immutable=1", uri=True)
        tree, proven, redacted = walk(database, notes)
    except Ended as ended:
        print(ended.args[1])
        return ended.args[0]
    except (OSError, ValueError, IndexError, sqlite3.Error) as error:
        print(f"cannot be read: {error}")
        return 4
    print(f"whole: {tree.size} rows ({redacted} redacted), root {tree.root().hex()}")
    print(f"rows before {proven} are proven by a note; later ones are consistent in themselves")
    return 0


if __name__ == "__main__":
    sys.exit(main())
