"""Where mail arrives: a directory of the file sink, and a small SMTP server (RFC 5321) with STARTTLS and AUTH."""
import base64, email, email.policy, glob, os, re, socketserver, ssl, subprocess, threading

from lab import wait_for


def parsed(data):
    return email.message_from_bytes(data, policy=email.policy.default)


class Directory:
    """What `MAIL_FILE_DIR` holds."""

    def __init__(self, path):
        self.path = path

    def mails(self, to):
        found = []
        for name in sorted(glob.glob(f"{self.path}/*.eml"), key=lambda name: os.stat(name).st_mtime_ns):
            with open(name, "rb") as file:
                mail = parsed(file.read())
            if [one.addr_spec for one in mail["To"].addresses] == [to]:
                found.append(mail)
        return found

    def wait(self, to, count=1):
        wait_for(lambda: len(self.mails(to)) >= count, 60)
        return self.mails(to)[-1]


def link(mail):
    """The purpose and the token of a mail's link."""
    found = re.search(r"(\S+)/account\.html#(reset|verify)=([A-Za-z0-9_-]{43})\s", mail.get_content())
    assert found, mail.get_content()
    return found[1], found[2], found[3]


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mail over TLS alone unless `plain`; keeps (sender, recipient, message, whether over TLS)."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(self, base, user="site", password="p4ss word", plain=False):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.certificate = f"{base}/mail.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", f"{base}/mail.key",
                        "-out", self.certificate], check=True, capture_output=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, f"{base}/mail.key")
        self.user, self.password, self.plain = user, password, plain
        self.taken, self.commands, self.refuse = [], [], {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"smtp://localhost:{self.server_address[1]}"


class Conversation(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        server, secure, known, sender, to = self.server, False, False, None, None
        self.say("220 mail.test ESMTP")
        while line := self.rfile.readline():
            text = line.decode("latin-1").rstrip("\r\n")
            server.commands.append(text)
            verb = text.split(" ")[0].upper()
            if verb in server.refuse:
                self.say(server.refuse[verb])
            elif verb == "EHLO":
                offers = ["mail.test", "AUTH PLAIN"] + ([] if secure or server.plain else ["STARTTLS"])
                for index, offer in enumerate(offers):
                    self.say("250" + (" " if index == len(offers) - 1 else "-") + offer)
            elif verb == "STARTTLS" and not server.plain:
                self.say("220 go on")
                self.connection = server.context.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
                secure = True
            elif verb == "AUTH":
                parts = text.split(" ")
                proof = parts[2] if len(parts) > 2 else None
                if proof is None:
                    self.say("334 ")
                    proof = self.rfile.readline().decode().strip()
                known = base64.b64decode(proof).split(b"\0")[1:] == [server.user.encode(), server.password.encode()]
                self.say("235 welcome" if known else "535 no")
            elif verb == "MAIL":
                sender = text
                self.say("250 ok" if known or server.plain else "530 who are you")
            elif verb == "RCPT":
                to = text
                self.say("250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                message = b""
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    message += line[1:] if line.startswith(b".") else line
                server.taken.append((sender, to, parsed(message), secure))
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("502 no")
