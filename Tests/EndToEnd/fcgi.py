"""A FastCGI responder that says what it is told to: to see what nginx makes of a gate that is broken."""
import os, socket, struct, threading


class Stub:
    """Answers each request with `self.answer(params)`: bytes of a CGI answer, or None to hang up."""

    def __init__(self, path):
        self.path, self.answer, self.seen = path, lambda params: b"Status: 204 No Content\r\n\r\n", []
        if os.path.exists(path):
            os.unlink(path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(64)
        threading.Thread(target=self.loop, daemon=True).start()

    def loop(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            data, body, params, request = connection.makefile("rb"), b"", b"", 1
            while head := data.read(8):
                _, kind, request, length, padding = struct.unpack("!BBHHBx", head)
                content = data.read(length)
                data.read(padding)
                if kind == 4:
                    params += content
                if kind == 5:
                    body += content
                    if not length:
                        break
            values = dict(self.pairs(params))
            values["body"] = body
            self.seen.append(values)
            answer = self.answer(values)
            if answer is None:
                return
            out = b"".join(self.record(6, request, answer[i:i + 65_000]) for i in range(0, len(answer), 65_000))
            try:
                connection.sendall(out + self.record(6, request, b"") + self.record(3, request, bytes(8)))
            except OSError:
                pass

    @staticmethod
    def record(kind, request, content):
        return struct.pack("!BBHHBx", 1, kind, request, len(content), 0) + content

    @staticmethod
    def pairs(data):
        at = 0

        def length():
            nonlocal at
            if data[at] < 128:
                at += 1
                return data[at - 1]
            at += 4
            return struct.unpack("!I", data[at - 4:at])[0] & 0x7FFFFFFF
        while at < len(data):
            name, value = length(), length()
            yield data[at:at + name].decode("latin-1"), data[at + name:at + name + value].decode("latin-1")
            at += name + value

    def close(self):
        self.listener.close()
