"""A mail server for tests: wants STARTTLS and a login, and puts each message into the Maildirs below a directory.

Arguments: port, certificate, key, user, password, directory. Recipients whose name begins with "refused" are refused.
"""
import os
import ssl
import sys
import threading
import uuid

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

port, certificate, key, user, password, directory = sys.argv[1:]


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused"):
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        for address in envelope.rcpt_tos:
            maildir = os.path.join(directory, address.split("@")[0], "Maildir")
            for folder in ("tmp", "new", "cur"):
                os.makedirs(os.path.join(maildir, folder), exist_ok=True)
            name = uuid.uuid4().hex
            with open(os.path.join(maildir, "tmp", name), "wb") as file:
                file.write(envelope.original_content)
            os.rename(os.path.join(maildir, "tmp", name), os.path.join(maildir, "new", name))
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
threading.Event().wait()
