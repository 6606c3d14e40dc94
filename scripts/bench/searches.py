"""Searches as people type them over a made catalogue, and what each should find: the truth is worked out by looking at
every title, with no index and no correction, from the words that were meant."""
import math, random, re

from catalogue import ACCENTS, folded

PLAIN = {accented: plain for plain, all in ACCENTS.items() for accented in all}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MIX = {"typo": 40, "accents": 20, "prefix": 20, "nothing": 10, "common": 10}


class Truth:
    """The exhaustive answer over all titles."""

    def __init__(self, rows):
        self.rows = [row for row in rows if row["type"] != "episode"]
        for row in self.rows:
            title = folded(row["title"])
            names = title + [w for part in row["cast"] + row["genres"] + row["tags"] for w in folded(part)]
            row["folded"], row["in"] = " ".join(title), (set(title), set(names), set(names) | set(folded(row["description"])))
            row["popularity"] = math.floor(6 * math.log(1 + row["views"]))

    def grade(self, row, words, unfinished):
        """Smaller is better; None: it does not answer."""
        if row["folded"] == " ".join(words):
            return 0
        title, names, text = row["in"]
        if all(w in title for w in words):
            return 1
        for grade, place in ((2, title), (3, names), (4, text)):
            if all(w in place for w in words[:-1]) and (
                    words[-1] in place or unfinished and any(w.startswith(words[-1]) for w in place)):
                return grade
        return None

    def best(self, words, unfinished, count=10):
        """All titles that may stand among the first `count`, and how many of them there must be."""
        graded = [((grade, -row["popularity"]), row["id"]) for row in self.rows
                  if (grade := self.grade(row, words, unfinished)) is not None]
        graded.sort()
        if not graded:
            return set(), 0
        last = graded[min(count, len(graded)) - 1][0]
        return {id for place, id in graded if place <= last}, min(count, len(graded))


def mistyped(chance, word):
    """One mistake: a letter missing, too many, changed, or two swapped."""
    while True:
        n, kind = chance.randrange(len(word)), chance.randrange(4)
        if kind == 0:
            other = word[:n] + word[n + 1:]
        elif kind == 1:
            other = word[:n] + chance.choice(LETTERS) + word[n:]
        elif kind == 2:
            other = word[:n] + chance.choice(LETTERS) + word[n + 1:]
        else:
            other = word[:n] + word[n + 1:n + 2] + word[n:n + 1] + word[n + 2:]
        if other != word:
            return other


def searches(rows, count=1000, seed=11):
    """(kind, what is typed, the words that were meant, whether the last is unfinished)."""
    chance = random.Random(seed)
    shown = [row for row in rows if row["type"] != "episode"]
    weights = [1 + math.log(1 + row["views"]) for row in shown]
    often = ["the", "of", "and", "in"] + ["action", "drama", "comedy", "thriller", "family", "science fiction", "horror", "war", "music", "with"]

    def phrase():
        row = chance.choices(shown, weights)[0]
        kind = chance.random()
        if kind < 0.6:
            text = row["title"]
        elif kind < 0.85:
            text = chance.choice(row["cast"])
        else:
            text = row["title"].split()[-1] + " " + chance.choice(row["genres"])
        return text.replace("&", " ").split()[:3]

    made = []
    kinds = [kind for kind, share in MIX.items() for _ in range(count * share // 100)]
    for kind in kinds:
        if kind == "common":
            text = chance.choice(often)
            made.append((kind, text, folded(text), True))
        elif kind == "nothing":
            text = " ".join("".join(chance.choice("bcdfghjklmnpqrstvwxz") for _ in range(chance.randint(7, 11))) for _ in range(chance.randint(1, 2)))
            made.append((kind, text, folded(text), True))
        else:
            while True:
                words = phrase()
                plain = folded(" ".join(words))
                if kind == "typo":
                    long = [n for n, w in enumerate(plain) if len(w) >= 4]
                    if not long:
                        continue
                    n = chance.choice(long)
                    typed = " ".join(plain[:n] + [mistyped(chance, plain[n])] + plain[n + 1:])
                    made.append((kind, typed, plain, False))
                elif kind == "accents":
                    text = " ".join(words)
                    if not re.search(r"[^\x00-\x7f]", text):
                        continue
                    # Left out, as most people do, or put where they don't belong.
                    typed = " ".join(plain) if chance.random() < 0.7 else re.sub("[aeo]", lambda m: chance.choice(ACCENTS[m[0]]), " ".join(plain), count=1)
                    made.append((kind, typed, plain, True))
                else:
                    if len(plain[-1]) < 4:
                        continue
                    cut = chance.randint(3, len(plain[-1]) - 1)
                    typed = plain[:-1] + [plain[-1][:cut]]
                    made.append((kind, " ".join(typed), typed, True))
                break
    chance.shuffle(made)
    return made
