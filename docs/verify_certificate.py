#!/usr/bin/env python3
"""Verifies certificates of Migrator (certificate.md). Needs Python 3.8 and the command openssl.

verify_certificate.py FILE.jsonl [--trust FINGERPRINT|CERTIFICATE.pem] [--tsa-ca CA.pem]
Exit code: 0 nothing is wrong, 1 something is, 2 the command line is."""
import argparse, hashlib, json, os, re, ssl, subprocess, sys, tempfile

LONGEST, STATES = 1 << 20, "identical equivalent different moved merged trashed missing unreadable skipped".split()
BAD = {"message.different", "message.trashed", "message.missing", "message.unreadable", "folder.limited", "folder.failed", "extra.duplicate", "without"}
sha = lambda data: hashlib.sha256(data).digest()

class Certificate:
    def __init__(self, path):
        self.path, self.name, self.problems, self.roots, self.counts = path, os.path.basename(path), [], [], {}
        self.first = self.end = self.signed = None
        self.number, self.folder, self.uid, self.inside, self.last, self.absent, self.mailboxes = 0, b"", 0, 0, None, False, []

    def problem(self, code, text):
        self.problems.append((code, f"{self.name}: {text}"))

    def leaf(self, line):  # RFC 6962: equal heights are joined at once
        height, node = 0, sha(b"\0" + line)
        while self.roots and self.roots[-1][0] == height:
            height, node = height + 1, sha(b"\1" + self.roots.pop()[1] + node)
        self.roots.append((height, node))

    def root(self):
        node = self.roots[-1][1] if self.roots else sha(b"")
        for _, left in reversed(self.roots[:-1]):
            node = sha(b"\1" + left + node)
        return node.hex()

    def parse(self, line, place):
        try:
            if len(line) > LONGEST or line[-28:-18] != b',"check":"' or line[-18:] != sha(line[:-28])[:8].hex().encode() + b'"}':
                raise ValueError
            members = json.loads(line)
            if type(members["n"]) is not int or type(members["type"]) is not str:
                raise ValueError
        except (ValueError, KeyError, TypeError, RecursionError):
            self.number += 1
            return self.problem("line-changed", f"line {place} was changed")
        if members["n"] > self.number:
            self.problem("line-removed", f"line {place} has the number {members['n']} instead of {self.number}")
            self.number = members["n"]
        elif members["n"] < self.number:
            self.problem("line-added", f"line {place} has the number {members['n']} instead of {self.number}")
            return members
        self.number += 1
        return members

    def read(self):
        with open(self.path, "rb") as file:
            line, place = file.readline(LONGEST * 2), 1
            while line:
                following = file.readline(LONGEST * 2)
                bare = line[:-1] if line.endswith(b"\n") else line
                members = self.parse(bare, place)
                if not following and (not line.endswith(b"\n") or (members and members["type"] != "end")):
                    return self.problem("truncated", "the last line is missing")
                if not following:
                    self.signed, self.end = bare, members
                    return members and self.finish(members)
                self.leaf(bare)
                if place == 1 and members and members["n"] == 0:
                    if members["type"] not in ("mailbox", "job") or members.get("format") != "migrator-certificate" or members.get("version") != 1:
                        return self.problem("unreadable", "is not a certificate of version 1")
                    self.first = members
                elif members:
                    self.consistent(lambda: self.line(members), place)
                line, place = following, place + 1
            self.problem("truncated", "is empty")

    def consistent(self, check, place):
        try:
            check()
        except (AssertionError, KeyError, TypeError, AttributeError, ValueError):
            self.problem("inconsistent", f"line {place} contradicts itself or the lines before it")

    def line(self, m):
        kind = m["type"] + ("" if m["type"] in ("certificate", "without") else "." + m["state"])
        self.counts[kind] = self.counts.get(kind, 0) + 1
        order = None
        if m["type"] == "message":
            folder = m["folder"].encode()
            assert m["state"] in STATES and (folder == self.folder and m["uid"] > self.uid if self.inside else folder > self.folder)
            self.folder, self.uid, self.inside = folder, m["uid"], self.inside + 1
            if m["state"] in STATES[:3]:
                t, listed = m["target"], m.get("differences", [])
                differ = [] if m["sha256"] == t["sha256"] else ["form" if "form" in listed else "content"]
                differ += ["flags"] if "flags" in m and sorted(m["flags"].lower().split()) != sorted(t["flags"].lower().split()) else []
                differ += ["date"] if "date" in m and m["date"] != t["date"] else []
                assert differ == listed and m["state"] == STATES[0 if not differ else 1 if differ == ["form"] else 2]
        elif m["type"] == "folder":
            folder = m["folder"].encode()
            inside, self.inside = self.inside, 0
            assert m["messages"] == inside and (folder == self.folder if inside else folder > self.folder)
            self.folder, self.absent = folder, self.absent or ("target" in m and not m["target"]["exists"])
        elif m["type"] == "extra":
            order = (m["target"]["folder"].encode(), m["target"]["uid"])
            assert self.inside == 0
        else:
            assert m["type"] in ("certificate", "without")
            order = (m["mailbox"].encode(), 0)
            self.mailboxes += [m] if m["type"] == "certificate" else []
            self.absent = self.absent or m.get("verdict") != "identical"
        assert order is None or self.last is None or order > self.last
        self.last = order or self.last

    def finish(self, end):
        identity = lambda members: [members.get(name) for name in ("job", "mailbox", "source", "target", "file")]
        if end.get("file") != self.name:
            self.problem("wrong-file", f"is the certificate of {end.get('mailbox', end.get('job'))}, {end.get('file')}")
        elif self.first and (identity(end) != identity(self.first) or end.get("of") != self.first["type"]):
            self.problem("wrong-file", "the first and the last line name different mailboxes")
        may = not (self.absent or BAD & set(self.counts) or "stopped" in end or "shortfall" in end)
        if end.get("counts") != self.counts or end.get("verdict") != "not identical" and not (may and end.get("verdict") == "identical") or self.inside:
            self.problem("inconsistent", "the last line contradicts the lines before it")
        if end.get("root") != self.root():
            self.problem("root", "the Merkle root does not fit the lines")

    def signature(self, trusted, tsa):
        base = self.path[:-6] if self.path.endswith(".jsonl") else self.path
        run = lambda *command: subprocess.run(["openssl", *command], capture_output=True, stdin=subprocess.DEVNULL).returncode == 0
        with tempfile.TemporaryDirectory() as directory:
            content, signer = os.path.join(directory, "end"), os.path.join(directory, "signer")
            with open(content, "wb") as file:
                file.write(self.signed)
            if not run("cms", "-verify", "-binary", "-inform", "DER", "-in", base + ".p7s", "-content", content, "-noverify",
                       "-signer", signer, "-out", os.devnull):
                return self.problem("signature", "there is no signature, or it is not that of the last line")
            fingerprint = sha(ssl.PEM_cert_to_DER_cert(re.search("-----BEGIN.*?-----END CERTIFICATE-----", open(signer).read(), re.S)[0])).hex()
        if trusted and fingerprint != trusted:
            self.problem("signer", f"is signed by {fingerprint}")
        if tsa and os.path.exists(base + ".tst") and not run("ts", "-verify", "-data", base + ".p7s", "-in", base + ".tst", "-token_in", "-CAfile", tsa):
            self.problem("time-stamp", "the time stamp is not one of the signature")
        return fingerprint

def verify(path, trusted, tsa, expected=None):
    certificate, signer = Certificate(path), None
    try:
        certificate.read()
        signer = certificate.signature(trusted, tsa) if certificate.signed else None
    except OSError as error:
        certificate.problem("mailbox-missing" if expected else "unreadable", str(error))
    if any(code.startswith("line-") or code == "truncated" for code, _ in certificate.problems):  # what follows from them says nothing new
        certificate.problems = [problem for problem in certificate.problems if problem[0] != "inconsistent"]
    found, end = certificate.problems, certificate.end
    if expected and end and any(end.get(name) != expected.get(name) for name in ("mailbox", "source", "target")) and "wrong-file" not in dict(found):
        certificate.problem("wrong-file", f"is not the certificate of {expected['mailbox']}")
    if expected and end and end.get("root") != expected.get("root"):
        certificate.problem("mailbox-changed", "is not the certificate that the job names")
    for mailbox in [] if expected else certificate.mailboxes:
        name = mailbox.get("file")
        if not isinstance(name, str) or not re.fullmatch(r"[^/\\]+\.jsonl", name):
            certificate.problem("wrong-file", f"{name} is not the name of a certificate")
        else:
            found += verify(os.path.join(os.path.dirname(path), name), trusted or signer, tsa, mailbox)[0]
    return found, signer, end

if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="Verifies a certificate of Migrator.")
    arguments.add_argument("file"), arguments.add_argument("--trust"), arguments.add_argument("--tsa-ca")
    given = arguments.parse_args()
    trust = given.trust and (sha(ssl.PEM_cert_to_DER_cert(open(given.trust).read())).hex() if os.path.exists(given.trust)
                             else re.sub("^sha256:|:", "", given.trust.lower()))
    problems, by, last = verify(given.file, trust, given.tsa_ca)
    for code, text in problems:
        print(f"{code}: {text}")
    print(f"Signed by {by}" + ("." if trust else ": this signer is not known beyond its fingerprint.") if by else "Not signed.")
    print(f"{len(problems)} problems." if problems else f"Intact. Verdict: {last['verdict']}.")
    sys.exit(1 if problems else 0)
