#!/usr/bin/env python3
"""Plays root with the key: edits a clinic's encrypted database with SQLCipher's own
library, by another hand than ours, and asks `tirkeu audit verify` with checkpoints
that were kept outside. By hand, because it needs a package from PyPI:

    python3 -m venv v && v/bin/pip install sqlcipher3-binary
    v/bin/python tests/peers/sqlcipher.py target/debug/tirkeu

Needs age. Each deed is done to a copy of a clinic with two backups.
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

import sqlcipher3

PROGRAM = os.path.abspath(sys.argv[1])
EDIT = "UPDATE audit_event SET body = replace(body, 'reception', 'owner') WHERE seq = 4"


def tirkeu(*arguments, data="clinic"):
    command = [PROGRAM, *arguments, "--json", "--data-dir", data, "--config", "none.toml"]
    ended = subprocess.run(command, capture_output=True, text=True)
    return ended.returncode, json.loads(ended.stdout)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def rehash(sql):
    for seq, body in sql.execute("SELECT seq, body FROM audit_event").fetchall():
        leaf = sha256(b"\0", body.encode())
        sql.execute("UPDATE audit_event SET leaf = ? WHERE seq = ?", (leaf, seq))


def regrow(sql):
    """The head of the leaves as they are; no checkpoint contradicts it in here."""
    frontier, size = [], 0
    for (leaf,) in sql.execute("SELECT leaf FROM audit_event ORDER BY seq"):
        rest = size
        while rest & 1:
            leaf = sha256(b"\1", frontier.pop(), leaf)
            rest >>= 1
        frontier.append(leaf)
        size += 1
    sql.execute("UPDATE audit_head SET size = ?, frontier = ?", (size, b"".join(frontier)))
    sql.execute("DELETE FROM audit_span")
    sql.execute("DELETE FROM audit_checkpoint")


def edit_and_rehash(sql):
    sql.execute(EDIT)
    rehash(sql)


def rewrite_everything(sql):
    edit_and_rehash(sql)
    regrow(sql)


def cut_off(sql):
    sql.execute("DELETE FROM audit_event WHERE seq >= 12")
    regrow(sql)


def swap(sql):
    for before, after in ((4, 999), (5, 4), (999, 5)):
        sql.execute("UPDATE audit_event SET seq = ? WHERE seq = ?", (after, before))
    regrow(sql)


def insert(sql):
    sql.execute("UPDATE audit_event SET seq = seq + 1000 WHERE seq >= 5")
    sql.execute("UPDATE audit_event SET seq = seq - 999 WHERE seq >= 1000")
    (body,) = sql.execute("SELECT body FROM audit_event WHERE seq = 6").fetchone()
    forged = body.replace("reception", "owner")
    row = (forged, sha256(b"\0", forged.encode()))
    sql.execute("INSERT INTO audit_event (seq, body, leaf) VALUES (5, ?, ?)", row)
    regrow(sql)


DEEDS = [
    ("edits a body", lambda sql: sql.execute(EDIT), 2, "altered", 4),
    ("edits a body and its leaf", edit_and_rehash, 2, "history_changed", None),
    ("rewrites everything", rewrite_everything, 2, "history_changed", None),
    ("deletes a row", lambda sql: sql.execute("DELETE FROM audit_event WHERE seq = 5"), 2, "missing", 5),
    ("cuts the end off", cut_off, 3, "rolled_back", 12),
    ("swaps two rows", swap, 2, "reordered", 4),
    ("puts a row into the past", insert, 2, "inserted", 5),
]

with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    assert tirkeu("init", "--recovery-kit", "kit.txt")[0] == 0
    for login in "abcdefghij":
        assert tirkeu("staff", "add", login + "1", "--role", "reception")[0] == 0
        if login in "dh":
            assert tirkeu("backup", "now", "--to", folder + "/to")[0] == 0
    shutil.copy("clinic/db/ledger.checkpoints", "outside.txt")
    opened = subprocess.check_output(["age", "-d", "-i", "clinic/keys/machine.key", "clinic/keys/keyring.age"])
    [key] = [key["key_hex"] for key in json.loads(opened)["db"] if key["state"] == "current"]
    assert tirkeu("audit", "verify", "--checkpoint", "outside.txt")[0] == 0
    for deed, do, status, state, first_bad in DEEDS:
        shutil.rmtree("copy", ignore_errors=True)
        shutil.copytree("clinic", "copy")
        sql = sqlcipher3.connect("copy/db/clinic.db", isolation_level=None)
        sql.execute(f"PRAGMA key = \"x'{key}'\"")
        sql.execute("PRAGMA foreign_keys = OFF")
        query = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name LIKE 'audit%'"
        for (trigger,) in sql.execute(query).fetchall():
            sql.execute(f"DROP TRIGGER {trigger}")
        do(sql)
        sql.close()
        found, said = tirkeu("audit", "verify", "--checkpoint", "outside.txt", data="copy")
        assert (found, said["state"], said["first_bad"]) == (status, state, first_bad), (deed, said)
        print(f"somebody {deed}: {state}, exit {status}, first {first_bad}")
