"""Requests by plain sockets: what is sent is what stands here, and the write side stays open (a client that closes it is
taken for gone)."""
import socket


class Answer:
    """What came back: status 0 and no headers when the connection was closed without an answer."""

    def __init__(self, status, headers, body, head=b""):
        self.status, self.headers, self.body, self.head = status, headers, body, head

    def header(self, name):
        """The one value of a header, None without it; twice is a mistake."""
        values = [v for n, v in self.headers if n == name.lower()]
        assert len(values) < 2, f"{name} stands {len(values)} times"
        return values[0] if values else None

    def __repr__(self):
        return f"<{self.status} {self.header('x-reelgate-reason')} {len(self.body)} bytes>"


class Connection:
    """One connection; `read` takes one answer off it."""

    def __init__(self, port, host="127.0.0.1", timeout=15):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.buffer = b""

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all was read: the answer is still to come

    def fill(self):
        try:
            piece = self.socket.recv(65536)
        except ConnectionResetError:
            piece = b""
        self.buffer += piece
        return bool(piece)

    def read(self, method="GET"):
        while b"\r\n\r\n" not in self.buffer:
            if not self.fill():
                rest, self.buffer = self.buffer, b""
                return Answer(0, [], rest)
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        status = int(lines[0].split(b" ")[1])
        headers = [(n.decode("latin-1").lower(), v.strip().decode("latin-1"))
                   for n, _, v in (line.partition(b":") for line in lines[1:])]
        names = dict(headers)
        if method == "HEAD" or status in (204, 304) or status < 200:
            return Answer(status, headers, b"", head)
        if names.get("transfer-encoding") == "chunked":
            return Answer(status, headers, self.chunks(), head)
        if "content-length" not in names:
            while self.fill():
                pass
            body, self.buffer = self.buffer, b""
            return Answer(status, headers, body, head)
        length = int(names["content-length"])
        while len(self.buffer) < length and self.fill():
            pass
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Answer(status, headers, body, head)

    def line(self):
        while b"\r\n" not in self.buffer and self.fill():
            pass
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def chunks(self):
        body = b""
        while size := int(self.line() or b"0", 16):
            while len(self.buffer) < size + 2 and self.fill():
                pass
            body, self.buffer = body + self.buffer[:size], self.buffer[size + 2:]
        self.line()
        return body

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def raw(port, data, method="GET", host="127.0.0.1"):
    """Sends bytes, reads one answer."""
    with Connection(port, host) as connection:
        connection.send(data if isinstance(data, bytes) else data.encode("latin-1"))
        return connection.read(method)


def request(path, host, headers=(), method="GET", version="HTTP/1.1", body=b""):
    """The bytes of one request; headers are pairs, or a dictionary."""
    pairs = headers.items() if isinstance(headers, dict) else headers
    lines = [b"%s %s %s" % (octets(method), octets(path), octets(version))]
    if host is not None:
        lines.append(b"Host: " + octets(host))
    lines += [octets(name) + b": " + octets(value) for name, value in pairs]
    if body:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def octets(text):
    return text if isinstance(text, bytes) else text.encode("latin-1")
