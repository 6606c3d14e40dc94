"""FastCGI by plain sockets: a client that sends what it is told to, and a responder that says what it is told to (to see
what nginx makes of a gate that is broken)."""
import os, socket, struct, threading


def record(kind, content, request=1):
    return struct.pack("!BBHHBx", 1, kind, request, len(content), 0) + content


def pair(name, value):
    def length(n):
        return bytes([n]) if n < 128 else struct.pack("!I", n | 0x80000000)
    return length(len(name)) + length(len(value)) + name + value


def begin(role=1, request=1, flags=0):
    return record(1, struct.pack("!HB5x", role, flags), request)


def parameters(pairs, step=60_000, request=1):
    """All parameters as records of `step` bytes each, and the empty one that ends them."""
    data = b"".join(pair(name, value) for name, value in pairs)
    return b"".join(record(4, data[i:i + step], request) for i in range(0, len(data), step)) + record(4, b"", request)


def exchange(path, data, close=False):
    """Sends bytes to a socket and answers all that comes back until the other side closes."""
    answer = b""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(path)
        try:
            client.sendall(data)
            if close:
                client.shutdown(socket.SHUT_WR)
            while piece := client.recv(65536):
                answer += piece
        except (BrokenPipeError, ConnectionResetError):
            try:
                while piece := client.recv(65536):
                    answer += piece
            except ConnectionResetError:
                pass
    return answer


def said(answer):
    """What a responder wrote to its standard output."""
    text = b""
    while len(answer) >= 8:
        kind, length, padding = answer[1], struct.unpack("!H", answer[4:6])[0], answer[6]
        if kind == 6:
            text += answer[8:8 + length]
        answer = answer[8 + length + padding:]
    return text


def call(path, pairs, role=1, step=60_000):
    """One whole request without a body; answers the bytes of STDOUT."""
    return said(exchange(path, begin(role) + parameters(pairs, step) + record(5, b"")))


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
            pairs = list(self.pairs(params))
            values = {**dict(pairs), "body": body, "pairs": pairs}
            self.seen.append(values)
            answer = self.answer(values)
            if answer is None:
                return
            out = b"".join(record(6, answer[i:i + 65_000], request) for i in range(0, len(answer), 65_000))
            try:
                connection.sendall(out + record(6, b"", request) + record(3, bytes(8), request))
            except OSError:
                pass

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
