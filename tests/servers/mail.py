# SPDX-License-Identifier: EUPL-1.2
"""A mail server (aiosmtpd) that keeps what it is given and refuses what a test tells it to."""
import logging
import ssl
import sys
import warnings

try:
    import aiosmtpd.controller
except ImportError:  # Debian's package, seen by another Python of the same version
    sys.path.append("/usr/lib/python3/dist-packages")
    import aiosmtpd.controller
from aiosmtpd.smtp import AuthResult

from authority import free_port

warnings.simplefilter("ignore")  # of logins without TLS, which are what is tested
logging.getLogger("mail.log").disabled = True


class Keeper:
    def __init__(self, refuse):
        self.mails, self.refuse = [], refuse

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.refuse.get(address)
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope)
        answer = self.refuse.get("DATA", "250 OK")
        if answer is None:
            server.transport.abort()
            return "250 never said"
        return answer


class Mail:
    """`refuse`: address or "DATA" -> answer; of DATA None: cut. `user`: (name, password) that must log in."""

    def __init__(self, pair=None, implicit=False, user=None, refuse=None):
        context = None
        if pair:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*pair)
        more = {}
        if user:
            def check(server, session, envelope, mechanism, data):
                good = (data.login.decode(), data.password.decode()) == user
                return AuthResult(success=good, handled=good)
            more = {"authenticator": check, "auth_required": True, "auth_require_tls": bool(context and not implicit)}
        self.keeper = Keeper(refuse or {})
        self.port = free_port()
        self.controller = aiosmtpd.controller.Controller(
            self.keeper, hostname="127.0.0.1", port=self.port, ssl_context=context if implicit else None,
            tls_context=None if implicit else context, **more)
        self.controller.start()

    @property
    def mails(self):
        return self.keeper.mails

    def stop(self):
        if self.controller:
            self.controller.stop(no_assert=True)
        self.controller = None
