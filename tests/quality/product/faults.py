"""Faults as persons make them at a keyboard, over the telephone, and on paper that a machine reads."""

KEYS = {c: n for row in ("qwertzuiop", "asdfghjkl", "yxcvbnm", "1234567890") for i, c in enumerate(row) for n in [row[max(0, i - 1):i] + row[i + 1:i + 2]]}
OCR = [("m", "rn"), ("l", "1"), ("o", "0"), ("i", "l"), ("cl", "d"), ("s", "5"), ("b", "8"), ("e", "c"), ("u", "v"), ("g", "9"), ("nn", "m"), ("h", "b")]
SOUND = [("ph", "f"), ("f", "ph"), ("ck", "k"), ("k", "c"), ("c", "k"), ("y", "i"), ("i", "y"), ("ie", "ei"), ("ei", "ie"), ("tt", "t"), ("ll", "l"), ("nn", "n"), ("s", "z"), ("z", "s"), ("ou", "u"),
         ("ee", "ea"), ("th", "t"), ("gh", "g"), ("v", "w"), ("w", "v"), ("ai", "ay"), ("x", "ks"), ("e", ""), ("h", "")]
PLAIN = str.maketrans("áàâäãåéèêëíìîïóòôöõúùûüñçýÁÀÂÄÉÈÊËÍÓÔÖÕÚÜÑÇłśżźćńąęŁŚŻŹĆŃĄĘ", "aaaaaaeeeeiiiiooooouuuuncyAAAAEEEEIOOOOUUNClszzcnaeLSZZCNAE")
UMLAUT = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}


def slip(r, s):
    """One insertion, deletion, neighbouring key, or transposition."""
    if len(s) < 3:
        return s
    i = r.randrange(1, len(s) - 1) if r.random() < .9 else 0
    c = s[i].lower()
    near = r.choice(KEYS.get(c) or "e")
    if s[i].isdigit():
        near = str(r.randrange(10))
    k = r.randrange(4)
    return [s[:i] + near + s[i + 1:], s[:i] + s[i + 1:], s[:i] + near + s[i:], s[:i] + s[i + 1] + s[i] + s[i + 2:]][k]


def replace_one(r, s, table):
    fits = [(a, b) for a, b in table if a in s.lower()[1:]]
    if not fits:
        return slip(r, s)
    a, b = r.choice(fits)
    i = s.lower().index(a, 1)
    return s[:i] + b + s[i + len(a):]


def corrupt(r, s):
    k = r.random()
    return slip(r, s) if k < .6 else replace_one(r, s, SOUND) if k < .85 else replace_one(r, s, OCR)


def plain(s):
    return s.translate(PLAIN)


def without_umlauts(s):
    return "".join(UMLAUT.get(c, c) for c in s)


def wrong_date(r, iso):
    y, m, d = iso.split("-")
    k = r.random()
    if k < .25 and int(d) <= 12:
        return f"{y}-{d}-{m}"
    if k < .5:
        return f"{y}-{m}-{r.randint(1, 28):02}"
    if k < .65:
        return f"{y}-{r.randint(1, 12):02}-{d}"
    if k < .8:
        return f"{int(y) + r.choice([-1, 1, -10, 10])}-{m}-{d}"
    return f"{y[:3]}{r.randrange(10)}-{m}-{d}"
