# SPDX-License-Identifier: EUPL-1.2
"""passerelle-sftp and logins by password, as Debian's sshd asks for them: by the word, by PAM's questions, beside a key."""
import os
import sys

from site_sftp import Site, chosen, ends

from alone import may
from daemon import main, same

WORD = "mot de passe d'été"
ACCOUNTS = (("partner", WORD), ("late", WORD))
ONLY_WORD = "PasswordAuthentication yes\nKbdInteractiveAuthentication no\nPubkeyAuthentication no"
ONLY_QUESTIONS = "PasswordAuthentication no\nKbdInteractiveAuthentication yes\nPubkeyAuthentication no"


class Locked(Site):
    """A site whose partner gave us a name and a password."""

    def __init__(self, more):
        super().__init__(more=more, passwords=ACCOUNTS)
        self.words = {}
        for name, word in (("right", WORD), ("wrong", "another")):
            self.words[name] = os.path.join(self.folder, name)
            with open(self.words[name], "w", encoding="utf-8") as f:
                f.write(word + "\n")
            os.chmod(f.name, 0o600)

    def by(self, word="right", **connector):
        return {"user": "partner", "key": "", "password": "file:" + self.words[word], **connector}


def told(said, by):
    same([line["detail"] for line in said.lines if line.get("step") == "login" and line.get("ok")], [by], f"how:\n{said}")


def by_the_word_and_by_questions():
    for more, by in ((ONLY_WORD, "password"), (ONLY_QUESTIONS, "keyboard-interactive")):
        with Locked(more) as s:
            s.put("a", b"1")
            said = s.fetch(connector=s.by())
            ends(said, "ok")
            told(said, by)
            same((said.files, os.stat(s.here("a")).st_size), ({"a": 1}, 1), "fetched")
            ends(s.send(connector=s.by()), "ok")
            said = s.fetch(connector=s.by("wrong"))
            ends(said, "fail", "transfer.login", "login", by=by, user="partner", offered=by)
            ends(s.fetch(connector=s.by(user="nobody-at-all")), "fail", "transfer.login", "login", by=by)
            ends(s.fetch(connector={"user": "partner"}), "fail", "transfer.login", "login", by="publickey", offered=by)
            same((s.probe(connector=s.by()).failed, s.probe(connector=s.by("wrong")).failed), ([], ["login"]), "probes")


def beside_a_key():
    """A server that wants both: the key alone is half a login."""
    for second, by in (("password", "password"), ("keyboard-interactive", "keyboard-interactive")):
        with Locked(f"PasswordAuthentication yes\nKbdInteractiveAuthentication yes\n"
                    f"AuthenticationMethods publickey,{second}") as s:
            both = s.by(key="file:" + s.key)
            said = s.fetch(connector=both)
            ends(said, "ok")
            told(said, by)
            ends(s.fetch(connector=s.by("wrong", key="file:" + s.key)), "fail", "transfer.login", by=by, offered=by)
            ends(s.fetch(connector={"user": "partner"}), "fail", "transfer.login", by="publickey", offered=by)


def a_password_that_ran_out():
    """PAM asks for a new one, which nobody here may give: said as a login that failed, and nothing hangs."""
    for more, by in ((ONLY_QUESTIONS, "keyboard-interactive"),):
        with Locked(more) as s:
            ends(s.fetch(connector=s.by(user="late")), "fail", "transfer.login", "login", by=by, user="late")
            with open(s.server.path("shadow"), encoding="utf-8") as f:
                same([x.split(":")[2] for x in f if x.startswith("late:")], ["0"], "not changed")


if __name__ == "__main__":
    if not may("mount"):
        print("skipped: accounts with passwords need root, and a mount namespace of their own (`unshare --mount`)")
        sys.exit(77)
    main(chosen(globals()))
