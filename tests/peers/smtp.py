"""The SMTP server of tests/peers/smtp.sh: three doors, strict ones.

IMPLICIT is TLS from the first byte, STARTTLS takes neither a password nor a
letter before TLS, PLAIN is what a relay on the same machine is. The first two
want the login `clinic` with the password `mail-secret`. What a recipient is
called decides what happens: `unknown` is refused, `later` put off, `spam` refused
after the text, `silent` never answered after it; all others get their letter.
"""
import asyncio
import email
import email.policy
import json
import logging
import os
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

logging.disable(logging.CRITICAL)
folder = pathlib.Path(sys.argv[1])
count = 0


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"clinic", b"mail-secret")
    return AuthResult(success=good, handled=False)


class Keeper:
    def __init__(self, door):
        self.door = door

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "unknown":
            return "550 5.1.1 No such user here"
        if name == "later":
            return "451 4.7.1 Greylisted, try again in five minutes"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        global count
        name = envelope.rcpt_tos[0].split("@")[0]
        if name == "spam":
            return "554 5.7.1 This looks like spam"
        count += 1
        number = count
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text, page = message.get_body(("plain",)), message.get_body(("html",))
        told = {
            "door": self.door,
            "tls": session.ssl is not None or self.door == "implicit",
            "login": session.authenticated,
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "headers": [[key, str(value)] for key, value in message.items()],
            "defects": [repr(defect) for part in message.walk() for defect in part.defects],
            "text": text.get_content(),
            "page": page.get_content() if page else "",
            "files": {part.get_filename(): part.get_content() for part in message.iter_attachments()},
        }
        (folder / f"{number}.eml").write_bytes(envelope.content)
        (folder / f"{number}.json").write_text(json.dumps(told))
        print(f"letter {number}", flush=True)
        if name == "silent":
            await asyncio.sleep(3600)
        return f"250 2.0.0 Taken as {number}"


async def main():
    loop = asyncio.get_running_loop()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    strict = {"authenticator": authenticate, "auth_required": True, "hostname": "localhost"}

    def implicit():
        # The TLS is asyncio's: to aiosmtpd the line looks plain.
        return SMTP(Keeper("implicit"), auth_require_tls=False, **strict)

    def starttls():
        return SMTP(Keeper("starttls"), tls_context=context, require_starttls=True, **strict)

    def plain():
        return SMTP(Keeper("plain"), hostname="localhost")

    servers = [
        await loop.create_server(implicit, "127.0.0.1", 0, ssl=context),
        await loop.create_server(starttls, "127.0.0.1", 0),
        await loop.create_server(plain, "127.0.0.1", 0),
    ]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    print("ready", *ports, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    # Connections that are kept waiting on purpose would keep the loop alive.
    os._exit(0)


asyncio.run(main())
