#!/usr/bin/env python3
"""Reads an archive in a directory and prints what is in it as JSON.

Written from docs/archive-format.md, to show that it says enough. Python's standard library only, and the program zstd. Slow: it
decrypts AES-GCM in Python. Passphrases open it by key records of pbkdf2-sha512; Argon2 is not in the standard library.

    read_archive.py DIRECTORY [--passphrase WORDS | --key-file FILE] [--headers]
"""
import argparse
import base64
import hashlib
import hmac
import json
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

MIB = 1 << 20
FIELDS = {1: "From", 2: "Sender", 3: "To", 4: "Cc", 5: "Bcc", 6: "Reply-To", 7: "Subject", 8: "Date", 9: "Message-ID",
          10: "In-Reply-To", 11: "References"}
MOST_SHOWN = 100


class Damaged(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Damaged(what)


def sha256(octets):
    return hashlib.sha256(octets).digest()


# AES-256-GCM (FIPS 197, SP 800-38D)

def _sbox():
    box, p, q = [0] * 256, 1, 1
    while True:
        p = (p ^ (p << 1) ^ (0x11B if p & 0x80 else 0)) & 0xFF
        for shift in (1, 2, 4):
            q ^= (q << shift) & 0xFF
        if q & 0x80:
            q ^= 0x09
        x = q
        for shift in (1, 2, 3, 4):
            x ^= ((q << shift) | (q >> (8 - shift))) & 0xFF
        box[p] = x ^ 0x63
        if p == 1:
            break
    box[0] = 0x63
    return box


S = _sbox()
X2 = [((a << 1) ^ (0x11B if a & 0x80 else 0)) & 0xFF for a in range(256)]
T0 = [(X2[s] << 24) | (s << 16) | (s << 8) | (X2[s] ^ s) for s in S]
T1 = [(t >> 8) | ((t & 0xFF) << 24) for t in T0]
T2 = [(t >> 8) | ((t & 0xFF) << 24) for t in T1]
T3 = [(t >> 8) | ((t & 0xFF) << 24) for t in T2]


class AesGcm:
    def __init__(self, key):
        words = [int.from_bytes(key[i:i + 4], "big") for i in range(0, 32, 4)]
        rcon = 1
        while len(words) < 60:
            t = words[-1]
            if len(words) % 8 == 0:
                t = ((t << 8) | (t >> 24)) & 0xFFFFFFFF
            if len(words) % 4 == 0:
                t = (S[t >> 24] << 24) | (S[t >> 16 & 255] << 16) | (S[t >> 8 & 255] << 8) | S[t & 255]
            if len(words) % 8 == 0:
                t ^= rcon << 24
                rcon = X2[rcon]
            words.append(words[-8] ^ t)
        self.words = words
        h = int.from_bytes(self.block(bytes(16)), "big")
        # Products of H with every value of a 4-bit digit, for each of the 32 places of a block.
        powers = []
        for _ in range(128):
            powers.append(h)
            h = (h >> 1) ^ (0xE1 << 120 if h & 1 else 0)
        self.tables = []
        for place in range(32):
            table = [0] * 16
            for value in range(16):
                for bit in range(4):
                    if value >> (3 - bit) & 1:
                        table[value] ^= powers[place * 4 + bit]
            self.tables.append(table)

    def block(self, octets):
        k = self.words
        a, b, c, d = (int.from_bytes(octets[i:i + 4], "big") ^ k[i // 4] for i in range(0, 16, 4))
        for r in range(4, 56, 4):
            a, b, c, d = (
                T0[a >> 24] ^ T1[b >> 16 & 255] ^ T2[c >> 8 & 255] ^ T3[d & 255] ^ k[r],
                T0[b >> 24] ^ T1[c >> 16 & 255] ^ T2[d >> 8 & 255] ^ T3[a & 255] ^ k[r + 1],
                T0[c >> 24] ^ T1[d >> 16 & 255] ^ T2[a >> 8 & 255] ^ T3[b & 255] ^ k[r + 2],
                T0[d >> 24] ^ T1[a >> 16 & 255] ^ T2[b >> 8 & 255] ^ T3[c & 255] ^ k[r + 3])
        out = b""
        for i, (p, q, r, s) in enumerate(((a, b, c, d), (b, c, d, a), (c, d, a, b), (d, a, b, c))):
            word = (S[p >> 24] << 24) | (S[q >> 16 & 255] << 16) | (S[r >> 8 & 255] << 8) | S[s & 255]
            out += (word ^ k[56 + i]).to_bytes(4, "big")
        return out

    def ghash(self, octets):
        y = 0
        for i in range(0, len(octets), 16):
            y ^= int.from_bytes(octets[i:i + 16].ljust(16, b"\0"), "big")
            z = 0
            for place in range(32):
                z ^= self.tables[place][y >> (124 - 4 * place) & 15]
            y = z
        return y.to_bytes(16, "big")

    def open(self, nonce, octets, tag, additional):
        """The plain octets; None where the tag does not fit."""
        padded = additional.ljust(-(-len(additional) // 16) * 16, b"\0") + octets.ljust(-(-len(octets) // 16) * 16, b"\0")
        lengths = (len(additional) * 8).to_bytes(8, "big") + (len(octets) * 8).to_bytes(8, "big")
        mask = self.block(nonce + b"\0\0\0\1")
        if not hmac.compare_digest(bytes(a ^ b for a, b in zip(self.ghash(padded + lengths), mask)), tag):
            return None
        stream = b"".join(self.block(nonce + (2 + i).to_bytes(4, "big")) for i in range(-(-len(octets) // 16)))
        return bytes(a ^ b for a, b in zip(octets, stream))


def unseal(key, octets):
    """What another key has sealed; None where it is another one."""
    return AesGcm(key).open(octets[:12], octets[12:-16], octets[-16:], b"")


def hkdf(key, salt, info):
    """32 octets: one round of HMAC."""
    return hmac.digest(hmac.digest(salt or bytes(32), key, "sha256"), info + b"\1", "sha256")


def unzstd(octets):
    return subprocess.run(["zstd", "-d", "-c", "-q"], input=octets, stdout=subprocess.PIPE, check=True).stdout


class Octets:
    """Takes numbers and strings from the octets of a page."""

    def __init__(self, octets):
        self.octets, self.at = octets, 0

    def __bool__(self):
        return self.at < len(self.octets)

    def take(self, count):
        need(self.at + count <= len(self.octets), "a page is cut short")
        self.at += count
        return self.octets[self.at - count:self.at]

    def number(self, length, signed=True):
        return int.from_bytes(self.take(length), "little", signed=signed)

    def packed(self):
        value = shift = 0
        while True:
            octet = self.take(1)[0]
            value |= (octet & 0x7F) << shift
            shift += 7
            if not octet & 0x80:
                return value

    def string(self):
        return self.take(self.packed()).decode("utf-8")


class Archive:
    def __init__(self, root, passphrase=None, key_file=None):
        self.root, self.masters, self.ciphers = Path(root), [], {}
        records, keys = self.records("format"), self.records("keys")
        need(records, "there is no archive")
        need(len(records) == 1, "there are several format records")
        line, _, seal = records[0].partition(b"\n")
        form = json.loads(line)
        need((form["format"], form["version"]) == ("migrator-archive", 1), "this version is not known")
        need(form["encryption"] in ("none", "aes-256-gcm"), "this encryption is not known")
        if form["encryption"] == "none":
            need(not keys and passphrase is None and key_file is None, "the archive says that it is not encrypted, and there is a key for it")
        else:
            self.masters = self.unlock(keys, passphrase, key_file, line, seal)
            self.address_key = hkdf(self.masters[0], b"", b"migrator archive v1 address")
        self.places, indexes, superseded = {}, {}, set()
        for name in self.names("index"):
            octets = self.sealed(name, b"MIGRINDX")
            need(name == "index/" + self.object_id(sha256(octets)).hex(), name + " is not what its name says")
            indexes[name] = octets = Octets(octets)
            octets.take(16)
            superseded.update("index/" + octets.take(32).hex() for _ in range(octets.number(4)))
        for name in sorted(indexes.keys() - superseded):
            self.read_index(indexes[name])

    def names(self, prefix):
        """Names of blobs, ascending."""
        files = (path.relative_to(self.root) for path in (self.root / prefix).rglob("*") if path.is_file())
        return sorted(path.as_posix() for path in files if not any(part.startswith(".") for part in path.parts))

    def get(self, name, offset=0, length=-1):
        with open(self.root / name, "rb") as blob:
            blob.seek(offset)
            return blob.read(length)

    def records(self, prefix):
        blobs = ((name, self.get(name)) for name in self.names(prefix))
        return [octets for name, octets in blobs if name == f"{prefix}/{sha256(octets).hex()}.json"]

    @staticmethod
    def unlock(records, passphrase, key_file, line, seal):
        """The master keys by their generations."""
        records = sorted(map(json.loads, records), key=lambda record: -record.get("generation", 0))
        for record in records:
            salt = base64.b64decode(record.get("salt", ""))
            if record.get("derivation") == "pbkdf2-sha512" and passphrase is not None:
                key = hashlib.pbkdf2_hmac("sha512", passphrase.encode("utf-8"), salt, record["iterations"], 32)
            elif record.get("derivation") == "hkdf-sha256" and key_file is not None:
                key = hkdf(Path(key_file).read_bytes(), salt, b"migrator archive v1 key file")
            else:
                continue
            master = unseal(key, base64.b64decode(record["wrapped"]))
            if master is None:
                continue
            masters, generation = [master], record.get("generation", 0)
            if generation:
                previous = unseal(hkdf(master, b"", b"migrator archive v1 previous"), base64.b64decode(record["previous"]))
                need(previous is not None and len(previous) == 32 * generation, "a key record lacks earlier keys")
                masters = [previous[i:i + 32] for i in range(0, len(previous), 32)] + masters
            if seal == hmac.digest(hkdf(masters[0], b"", b"migrator archive v1 format"), line, "sha256").hex().encode("ascii"):
                need(generation == records[0].get("generation", 0), "the key is from before the key of the archive was rotated")
                return masters
        raise Damaged("no key record opens with what was given, or the format record was not made with that key")

    def object_id(self, content):
        return content if not self.masters else hmac.digest(self.address_key, content, "sha256")

    def mailbox_name(self, account):
        return self.object_id(sha256(account.encode("utf-8"))).hex()[:32]

    def cipher(self, header, magic, name):
        need(header[:8] == magic, name + " does not begin as it should")
        if not self.masters:
            return None
        if header not in self.ciphers:
            generation = int.from_bytes(header[8:12], "little")
            need(generation < len(self.masters), name + " is sealed by a key that is not known")
            self.ciphers[header] = AesGcm(hkdf(self.masters[generation], header[12:], b"migrator archive v1 " + magic))
        return self.ciphers[header]

    def object(self, get, offset, cipher):
        """The octets of the object that begins at the offset, and where it ends."""
        parts, last = [], False
        while not last:
            header = get(offset, 8)
            need(len(header) == 8, "a segment is cut short")
            word, plain = int.from_bytes(header[:4], "little"), int.from_bytes(header[4:], "little")
            length, packed, last = word & 0x3FFFFFFF, word >> 30 & 1, word >> 31
            need(plain <= MIB and length <= MIB + 16, "a segment is too long")
            body = get(offset + 8, length)
            need(len(body) == length, "a segment is cut short")
            if cipher:
                need(length >= 16, "a segment has no tag")
                body = cipher.open(offset.to_bytes(8, "little") + bytes(4), body[:-16], body[-16:], header)
                need(body is not None, "a segment is not what was sealed")
            if packed:
                body = unzstd(body)
            need(len(body) == plain and (last or plain == MIB), "a segment has another length")
            parts.append(body)
            offset += 8 + length
        return b"".join(parts), offset

    def sealed(self, name, magic):
        blob = self.get(name)
        need(sha256(blob[:-32]) == blob[-32:], name + ": its checksum does not match")
        octets, end = self.object(lambda offset, length: blob[offset:offset + length], 44, self.cipher(blob[:44], magic, name))
        need(end == len(blob) - 32, name + " is longer than it should be")
        return octets

    def read_index(self, octets):
        while octets:
            name = octets.take(octets.number(2, signed=False)).decode("ascii")
            size, count = octets.number(8), octets.number(4)
            self.look_at_pack(name, size, octets.octets[octets.at:octets.at + 56 * count])
            for _ in range(count):
                self.places.setdefault(octets.take(32), []).append((name, octets.number(8), octets.number(8), octets.number(8)))

    def look_at_pack(self, name, size, footer):
        """Not needed to read: that the name is the hash, and that the pack says of itself what the index says of it."""
        pack = self.get(name)
        need(len(pack) == size and name.endswith("/" + sha256(pack).hex()), name + " is not what its name says")
        need(pack[-8:] == b"MIGREND1", name + " does not end as it should")
        own, end = self.object(lambda offset, length: pack[offset:offset + length], int.from_bytes(pack[-52:-44], "little"), self.cipher(pack[:44], self.magic(name), name))
        need(own == footer and end == size - 52 and pack[-44:-8] == pack[8:44], name + ": its footer differs from the index")

    @staticmethod
    def magic(name):
        return {"pages": b"MIGRPAGE", "headers": b"MIGRHEAD"}.get(name.split("/")[0], b"MIGRPACK")

    def content(self, content):
        return self.stored(self.object_id(content))

    def stored(self, id):
        why = Damaged("no pack on record holds the object " + id.hex())
        for name, offset, stored, plain in self.places.get(id, []):
            try:
                cipher = self.cipher(self.get(name, 0, 44), self.magic(name), name)
                octets, end = self.object(lambda offset, length: self.get(name, offset, length), offset, cipher)
                need(end == offset + stored and len(octets) == plain and self.object_id(sha256(octets)) == id, "an object is not what was stored")
                return octets
            except (Damaged, OSError) as exception:
                why = exception
        raise why

    def headers(self):
        """The header records, each once: content id, size, whether something is left out, and fields as they stand in the message."""
        seen = set()
        for id in sorted(id for id, places in self.places.items() if any(place[0].startswith("headers/") for place in places)):
            octets = Octets(self.stored(id))
            need(len(octets.octets) <= 2 * MIB, "a header segment is too long")
            while octets:
                content, size, cut = octets.take(32), octets.packed(), octets.take(1)[0] & 1
                fields = [(octets.take(1)[0], octets.take(octets.packed())) for _ in range(octets.packed())]
                if content not in seen:
                    seen.add(content)
                    yield content, size, cut, [(FIELDS[code & 0x7F], body, code >> 7) for code, body in fields if code & 0x7F in FIELDS]

    def snapshots(self):
        """Name and content of all, the oldest of a mailbox first."""
        for name in self.names("snapshots"):
            match = re.fullmatch(r"snapshots/([0-9a-f]{32})/(\d{10})-(\d{8}t\d{9}z)-([cpi])-([0-9a-f]{16})", name)
            if not match:
                continue
            octets = self.sealed(name, b"MIGRSNAP")
            snapshot = json.loads(octets)
            need(snapshot["version"] == 1, name + " is of a version that is not known")
            need(self.mailbox_name(snapshot["mailbox"]) == match[1], name + " is of another mailbox")
            state = {"complete": "c", "partial": "p", "inProgress": "i"}[snapshot["state"]]
            own = (snapshot["sequence"], moment(snapshot["finished"]), state, self.object_id(sha256(octets)).hex()[:16])
            need(own == (int(match[2]), match[3], match[4], match[5]), name + " is not what its name says")
            yield name, snapshot

    def messages(self, folder):
        for page in folder["pages"]:
            identity, flags = (Octets(self.content(bytes.fromhex(page[which]))) for which in ("identity", "flags"))
            sets = [flags.string() for _ in range(flags.packed())]
            uid = count = 0
            while identity:
                uid += identity.packed()
                message = {
                    "uid": uid, "sha256": identity.take(32).hex(), "size": identity.packed(),
                    "date": date(identity.number(8), identity.number(2)),
                    "origin": {1: "received", 2: "date", 3: "now"}.get(identity.take(1)[0], "server"),
                }
                number = flags.packed()
                if number < len(sets):
                    count += 1
                    yield message | {"flags": sets[number]}
                else:
                    need(number == len(sets), "a flags page is not what it should be")
            need(not flags and (uid, count) == (page["lastUid"], page["count"]), "a page is not what the snapshot says")

    def keys(self, snapshot):
        for page in snapshot["keys"]:
            octets = Octets(self.content(bytes.fromhex(page)))
            while octets:
                yield {"uid": octets.number(4, signed=False), "firstSeen": date(octets.number(8), 0), "key": octets.string()}


def date(seconds, minutes):
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)
    return moment.astimezone(timezone(timedelta(minutes=minutes))).isoformat()


def moment(text):
    """To the millisecond, as names have it."""
    day, rest = text[:10], re.match(r"T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(.*)", text[10:])
    zone = rest[5].replace("Z", "+00:00")
    at = datetime.fromisoformat(f"{day}T{rest[1]}:{rest[2]}:{rest[3]}{zone}").astimezone(timezone.utc)
    return at.strftime("%Y%m%dt%H%M%S") + (rest[4] or "").ljust(3, "0")[:3] + "z"


def names(path):
    return [re.sub(r"\\([/\\])", r"\1", name) for name in re.findall(r"(?:\\[/\\]|[^/])+", path)]


def show_folder(archive, folder, sizes):
    messages = list(archive.messages(folder))
    for message in messages:
        if message["sha256"] not in sizes:
            sizes[message["sha256"]] = len(archive.content(bytes.fromhex(message["sha256"])))
        need(sizes[message["sha256"]] == message["size"], "a message has another size than its page says")
    shown = {"path": folder["path"], "names": names(folder["path"]), "use": folder["use"], "selectable": folder["selectable"],
             "subscribed": folder["subscribed"], "uidValidity": folder.get("state", {}).get("uidValidity"),
             "count": folder["count"], "octets": folder["octets"]}
    need(len(messages) == folder["count"] and sum(message["size"] for message in messages) == folder["octets"], "a folder does not add up")
    if len(messages) > MOST_SHOWN:
        lines = "".join("{uid} {sha256} {size} {date} {flags}\n".format(**message) for message in messages)
        shown["digest"] = sha256(lines.encode("utf-8")).hex()
    else:
        shown["messages"] = [{key: message[key] for key in ("uid", "sha256", "size", "date", "flags", "origin")} for message in messages]
    return shown


def show(archive):
    mailboxes, sizes = {}, {}
    for name, snapshot in archive.snapshots():
        mailboxes.setdefault(snapshot["mailbox"], []).append({
            "time": name.split("/")[2].split("-")[1], "started": snapshot["started"], "finished": snapshot["finished"], "state": snapshot["state"],
            "carriesOn": "previous" in snapshot,
            "gaps": [{"folder": gap.get("folder"), "uid": gap.get("uid"), "code": gap["failure"]["code"]} for gap in snapshot["gaps"]],
            "folders": [show_folder(archive, folder, sizes) for folder in snapshot["folders"]],
            "keys": list(archive.keys(snapshot)),
        })
    return [{"mailbox": account, "snapshots": mailboxes[account]} for account in sorted(mailboxes)]


def show_headers(archive):
    """Fields are shown letter for octet."""
    return [{"sha256": content.hex(), "size": size, "cut": bool(cut),
             "fields": [{"name": name, "body": body.decode("latin-1"), "cut": bool(part)} for name, body, part in fields]}
            for content, size, cut, fields in sorted(archive.headers())]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory")
    parser.add_argument("--passphrase")
    parser.add_argument("--key-file")
    parser.add_argument("--headers", action="store_true", help="show the header records instead of the mailboxes")
    given = parser.parse_args()
    try:
        archive = Archive(given.directory, given.passphrase, given.key_file)
        print(json.dumps((show_headers if given.headers else show)(archive), indent=2))
    except Damaged as exception:
        sys.exit(f"{given.directory}: {exception}")


if __name__ == "__main__":
    main()
