"""A mail server for tests: wants STARTTLS and a login, and puts each message into the Maildirs below a directory.

Arguments: port, certificate, key, user, password, directory, and where access tokens are looked up (empty: nobody logs in with one). Recipients whose name begins with "refused" are refused.
"""
import base64
import json
import os
import ssl
import sys
import time
import urllib.parse
import urllib.request
import uuid

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

port, certificate, key, user, password, directory, introspection = sys.argv[1:]
owner = os.stat(directory)


def own(path):
    """The server that reads the Maildirs is not root."""
    if os.geteuid() == 0:
        os.chown(path, owner.st_uid, owner.st_gid)


def make(path):
    if not os.path.isdir(path):
        os.makedirs(path, exist_ok=True)
        own(path)


def deliver(name, content):
    maildir = os.path.join(directory, name, "Maildir")
    for path in (os.path.dirname(maildir), maildir, *(os.path.join(maildir, folder) for folder in ("tmp", "new", "cur"))):
        make(path)
    # Dovecot gives UIDs in the order of these times.
    now = time.time_ns() // 1000
    unique = "%d.M%06dP%d.%s" % (now // 1000000, now % 1000000, os.getpid(), uuid.uuid4().hex)
    path = os.path.join(maildir, "tmp", unique)
    with open(path, "wb") as file:
        file.write(content)
    own(path)
    os.rename(path, os.path.join(maildir, "new", unique))


def holds(token):
    """Asks the server that has given it (RFC 7662)."""
    with urllib.request.urlopen(introspection, urllib.parse.urlencode({"token": token}).encode()) as answer:
        return json.load(answer)["active"]


class Handler:
    async def auth_XOAUTH2(self, server, args):
        response = args[1] if len(args) > 1 else await server.challenge_auth("")
        parts = base64.b64decode(response).decode().split("\x01")
        if introspection and parts[0] == "user=" + user and holds(parts[1].removeprefix("auth=Bearer ")):
            return AuthResult(success=True, auth_data=user)
        # As Google does: why not, then an empty line of the client.
        await server.challenge_auth('{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}')
        return AuthResult(success=False, message="535 5.7.8 Username and Password not accepted.", handled=False)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused"):
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        for address in envelope.rcpt_tos:
            deliver(address.split("@")[0], envelope.original_content)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    if data.login == user.encode() and data.password == password.encode():
        return AuthResult(success=True)
    # It repeats what it was told, as servers do.
    return AuthResult(success=False, message="535 5.7.8 %s may not come in with %s" % (data.login.decode(), data.password.decode()), handled=False)


tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain(certificate, key)
controller = Controller(Handler(), hostname="127.0.0.1", port=int(port), tls_context=tls, require_starttls=True,
                        authenticator=authenticate, auth_required=True, auth_require_tls=True)
controller.start()
print("ready", flush=True)
# Whoever started this goes away: so does this.
sys.stdin.read()
