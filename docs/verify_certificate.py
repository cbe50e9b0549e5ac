#!/usr/bin/env python3
"""Verifies certificates of Migrator (certificate.md). Needs Python 3.8 and the command openssl.
Exit code: 0 nothing is wrong, 1 something is, 2 the command line is."""
import argparse, hashlib, json, os, re, ssl, subprocess, sys, tempfile
LONGEST, STATES = 1 << 20, "identical equivalent different moved merged trashed missing unreadable skipped".split()
BAD = set("message.different message.trashed message.missing message.unreadable folder.limited folder.failed extra.duplicate".split())
KINDS = ("mailbox", "job")
def sha(data): return hashlib.sha256(data).digest()
def identity(members): return [members.get(name) for name in ("job", "mailbox", "source", "target", "file")]

class Certificate:
    def __init__(self, path):
        self.path, self.name, self.problems, self.roots, self.counts = path, os.path.basename(path), [], [], {}
        self.first = self.end = self.signed = self.last = None
        self.number, self.folder, self.uid, self.inside, self.differs, self.mailboxes = 0, b"", 0, 0, False, []
    def problem(self, code, text): self.problems.append((code, f"{self.name}: {text}"))
    def leaf(self, line):  # RFC 6962: subtrees of one height are joined at once
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
        members, expected = None, self.number
        if len(line) <= LONGEST and line[-28:] == b',"check":"' + sha(line[:-28])[:8].hex().encode() + b'"}':
            try: members = json.loads(line)
            except (ValueError, RecursionError): pass
        if type(members) is not dict or type(members.get("n")) is not int or type(members.get("type")) is not str:
            self.number += 1
            return self.problem("line-changed", f"line {place} was changed")
        if members["n"] != expected:
            code = "line-removed" if members["n"] > expected else "line-added"
            self.problem(code, f"line {place} has the number {members['n']} instead of {expected}")
        self.number = max(expected, members["n"] + 1)
        return members
    def read(self):
        with open(self.path, "rb") as file:
            line, place = file.readline(LONGEST * 2), 1
            while line:
                following, bare = file.readline(LONGEST * 2), line[:-1] if line.endswith(b"\n") else line
                members = self.parse(bare, place)
                if not following and (line == bare or members and members["type"] != "end"):
                    return self.problem("truncated", "the last line is missing")
                if not following:
                    self.signed, self.end = bare, members
                    return members and self.finish(members)
                self.leaf(bare)
                if place == 1 and members and members["n"] == 0:
                    self.first = members
                    if (members.get("format"), members.get("version")) != ("migrator-certificate", 1) or members["type"] not in KINDS:
                        return self.problem("unreadable", "is not a certificate of version 1")
                elif members:
                    try:
                        self.line(members)
                    except (AssertionError, KeyError, TypeError, AttributeError, ValueError):
                        self.problem("inconsistent", f"line {place} contradicts itself or the lines before it")
                line, place = following, place + 1
            self.problem("truncated", "is empty")
    def line(self, m):
        kind, order = m["type"] if m["type"] in ("certificate", "without") else m["type"] + "." + m["state"], None
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if m["type"] == "message":
            folder, uid = m["folder"].encode(), m["uid"]
            assert m["state"] in STATES and (folder == self.folder and uid > self.uid if self.inside else folder > self.folder)
            self.folder, self.uid, self.inside = folder, uid, self.inside + 1
            if m["state"] in STATES[:3]:
                t, listed, flags = m["target"], m.get("differences", []), lambda side: sorted(side["flags"].lower().split())
                differ = [] if m["sha256"] == t["sha256"] else ["form" if "form" in listed else "content"]
                differ += ["flags"] if "flags" in m and flags(m) != flags(t) else []
                differ += ["date"] if "date" in m and m["date"] != t["date"] else []
                assert differ == listed and m["state"] == STATES[0 if not differ else 1 if differ == ["form"] else 2]
        elif m["type"] == "folder":
            folder, inside, self.inside = m["folder"].encode(), self.inside, 0
            assert m["messages"] == inside and (folder == self.folder if inside else folder > self.folder)
            self.folder, self.differs = folder, self.differs or ("target" in m and not m["target"]["exists"])
        elif m["type"] == "extra":
            order = (m["target"]["folder"].encode(), m["target"]["uid"])
        else:
            assert m["type"] in ("certificate", "without")
            order = (m["mailbox"].encode(), 0)
            self.mailboxes += [m] if m["type"] == "certificate" else []
            self.differs = self.differs or m.get("verdict") != "identical"
        assert order is None or not self.inside and (self.last is None or order > self.last)
        self.last = order or self.last
    def finish(self, end):
        if end.get("file") != self.name:
            self.problem("wrong-file", f"is the certificate of {end.get('mailbox', end.get('job'))}, {end.get('file')}")
        elif self.first and (identity(end) != identity(self.first) or end.get("of") != self.first["type"]):
            self.problem("wrong-file", "the first and the last line name different mailboxes")
        differs = self.differs or BAD & set(self.counts) or "stopped" in end or "shortfall" in end
        allowed = ["not identical"] if differs else ["identical", "not identical"]
        if end.get("counts") != self.counts or end.get("verdict") not in allowed or self.inside:
            self.problem("inconsistent", "the last line contradicts the lines before it")
        if end.get("root") != self.root():
            self.problem("root", "the Merkle root does not fit the lines")
    def signature(self, trusted, tsa):
        def run(*command): return subprocess.run(["openssl", *command], capture_output=True, stdin=subprocess.DEVNULL).returncode == 0
        base = self.path[:-6] if self.path.endswith(".jsonl") else self.path
        with tempfile.TemporaryDirectory() as directory:
            content, signer = os.path.join(directory, "end"), os.path.join(directory, "signer")
            with open(content, "wb") as file: file.write(self.signed)
            options = ["-inform", "DER", "-in", base + ".p7s", "-content", content, "-noverify", "-signer", signer, "-out", os.devnull]
            if not run("cms", "-verify", "-binary", *options):
                return self.problem("signature", "there is no signature, or it is not that of the last line")
            fingerprint = of_certificate(signer)
        if trusted and fingerprint != trusted:
            self.problem("signer", f"is signed by {fingerprint}")
        stamp = ["-data", base + ".p7s", "-in", base + ".tst", "-token_in", "-CAfile", tsa]
        if tsa and os.path.exists(base + ".tst") and not run("ts", "-verify", *stamp):
            self.problem("time-stamp", "the time stamp is not one of the signature")
        return fingerprint

def of_certificate(file):
    pem = re.search("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", open(file).read(), re.S)[0]
    return sha(ssl.PEM_cert_to_DER_cert(pem)).hex()

def verify(path, trusted, tsa, expected=None):
    certificate, signer = Certificate(path), None
    try:
        certificate.read()
        signer = certificate.signature(trusted, tsa) if certificate.signed else None
    except OSError as error:
        certificate.problem("mailbox-missing" if expected else "unreadable", str(error))
    found, end = certificate.problems, certificate.end
    if any(code.startswith("line-") or code == "truncated" for code, _ in found):  # what follows from them says nothing new
        found[:] = [problem for problem in found if problem[0] != "inconsistent"]
    if expected and end and identity(end)[1:4] != identity(expected)[1:4] and "wrong-file" not in dict(found):
        certificate.problem("wrong-file", f"is not the certificate of {expected['mailbox']}")
    if expected and end and end.get("root") != expected.get("root"):
        certificate.problem("mailbox-changed", "is not the certificate that the job names")
    for mailbox in [] if expected else certificate.mailboxes:
        if not re.fullmatch(r"[^/\\\0]+\.jsonl", str(mailbox.get("file"))):
            certificate.problem("wrong-file", f"{mailbox.get('file')} is not the name of a certificate")
        else:
            found += verify(os.path.join(os.path.dirname(path), mailbox["file"]), trusted or signer, tsa, mailbox)[0]
    return found, signer, end

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Verifies a certificate of Migrator; that of a job with those of its mailboxes.")
    parser.add_argument("file"), parser.add_argument("--tsa-ca"), parser.add_argument("--trust", help="fingerprint, or PEM file")
    given = parser.parse_args()
    trust = given.trust and (of_certificate(given.trust) if os.path.exists(given.trust) else re.sub("sha256:|:", "", given.trust.lower()))
    problems, by, last = verify(given.file, trust, given.tsa_ca)
    print("\n".join(f"{code}: {text}" for code, text in problems) or f"Intact. Verdict: {last['verdict']}.")
    print(f"Signed by {by}{'' if trust else ': this signer is not known beyond its fingerprint'}." if by else "Not signed.")
    sys.exit(1 if problems else 0)
