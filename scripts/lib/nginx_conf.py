"""The configuration that `nginx -T` prints, as a tree of directives. Used by nginx-check."""
import fnmatch, os, re


class Node:
    """One directive: its words, its block (None without one), where it stands, and the block it stands in."""

    def __init__(self, words, place, parent):
        self.name, self.args, self.place, self.parent, self.block = words[0], words[1:], place, parent, None

    def all(self, name=None):
        """Directives below, nested ones included."""
        for child in self.block or []:
            if name is None or child.name == name:
                yield child
            yield from child.all(name)

    def own(self, name):
        return [c for c in self.block or [] if c.name == name]

    def effective(self, name):
        """The directives of that name that hold here: the nearest block that has any."""
        node = self
        while node is not None:
            found = node.own(name)
            if found:
                return found
            node = node.parent
        return []

    def value(self, name, default=None):
        found = self.effective(name)
        return found[-1].args[0] if found and found[-1].args else default


def words_of(text):
    """Words, `{`, `}` and `;` with their lines, as nginx reads them."""
    i, line, n = 0, 1, len(text)
    while i < n:
        c = text[i]
        if c == "\n":
            line += 1; i += 1
        elif c.isspace():
            i += 1
        elif c == "#":
            while i < n and text[i] != "\n":
                i += 1
        elif c in "{};":
            yield c, line, False
            i += 1
        elif c in "\"'":
            start, word, i = line, [], i + 1
            while i < n and text[i] != c:
                if text[i] == "\\" and i + 1 < n:
                    word.append(text[i + 1] if text[i + 1] in "\"'\\" else text[i:i + 2]); i += 2; continue
                line += text[i] == "\n"; word.append(text[i]); i += 1
            i += 1
            yield "".join(word), start, True
        else:
            word = []
            while i < n and not text[i].isspace() and (text[i] not in "{};" or word[-1:] == ["$"]):
                if text[i] == "\\" and i + 1 < n:
                    word.append(text[i]); i += 1
                word.append(text[i]); i += 1
                if word[-2:] == ["$", "{"]:
                    while i < n and text[i] != "}":
                        word.append(text[i]); i += 1
            yield "".join(word), line, False


def parse(path, files, base, parent):
    """Fills `parent` with the directives of a file, includes in their places."""
    words, stack = [], [parent]
    for word, line, quoted in words_of(files[path]):
        if quoted or word not in "{};":
            words.append(word)
        elif word == "}":
            stack.pop()
        elif words:
            node = Node(words, f"{path}:{line}", stack[-1])
            words = []
            if node.name == "include":
                pattern = node.args[0] if node.args[0].startswith("/") else os.path.join(base, node.args[0])
                for name in sorted(f for f in files if fnmatch.fnmatchcase(f, pattern)):
                    parse(name, files, base, stack[-1])
                continue
            stack[-1].block.append(node)
            if word == "{":
                node.block = []
                stack.append(node)


def load(dump):
    """The tree of what `nginx -T` printed."""
    files, order = {}, []
    for piece in re.split(r"(?m)^# configuration file ", dump)[1:]:
        name, _, text = piece.partition(":\n")
        order.append(name)
        files[name] = text
    root = Node(["main"], "", None)
    root.block = []
    if order:
        parse(order[0], files, os.path.dirname(order[0]), root)
    return root
