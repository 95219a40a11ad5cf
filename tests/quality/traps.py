#!/usr/bin/env python3
"""traps.py MATCH_CSV [--only NAME] [--keep DIR] [--seed 1]

Makes one small data set with known truth for each trap of record linkage, runs the matcher over it, and prints
precision, recall and F1 of the final clusters. Fails where a set falls below its floor. The sets have nothing in common with
the data sets of the acceptance tests but the nature of the trap: names are made of syllables, with Zipf frequencies.
"""
import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict

ap = argparse.ArgumentParser()
ap.add_argument("match_csv")
ap.add_argument("--only")
ap.add_argument("--keep")
ap.add_argument("--seed", type=int, default=1)
args = ap.parse_args()

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
NICK = defaultdict(list)
with open(os.path.join(ROOT, "config", "nicknames.csv"), encoding="utf-8") as f:
    for row in csv.reader(line for line in f if not line.startswith("#")):
        if row[0] != "name":
            NICK[row[0]].append(row[1])


class World:
    """Draws persons; faults are applied to copies."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        r = self.r
        syllables = [a + b for a in "b br c d dr f g h j k l m n p r s st t v w".split() for b in "a e i o u an el in or ar en".split()]
        words = set()
        while len(words) < 6000:
            words.add("".join(r.choice(syllables) for _ in range(r.choice([2, 2, 3]))))
        words = sorted(words)
        r.shuffle(words)
        self.last = words[:4000]
        self.first = sorted(NICK)[:600] + words[4000:4600]
        r.shuffle(self.first)
        self.streets = words[4600:5400]
        self.cities = words[5400:5600]
        self.zips = {c: [str(10000 + 97 * i + k) for k in range(1 + i % 9)] for i, c in enumerate(self.cities)}
        self.serial = 0

    def zipf(self, pool, q=8):
        # Zipf-Mandelbrot by inversion of 1 / (rank + q).
        u = self.r.random()
        return pool[min(len(pool) - 1, int(q * ((len(pool) + q) / q) ** u - q))]

    def address(self):
        c = self.zipf(self.cities, 20)
        return dict(street=f"{self.r.randint(1, 900)} {self.r.choice(self.streets)} St", city=c, zip=self.r.choice(self.zips[c]))

    def person(self, **given):
        self.serial += 1
        p = dict(first_name=self.zipf(self.first), last_name=self.zipf(self.last), dob=self.date(1940, 2005),
                 phone=self.phone(), suffix="", **self.address())
        p["email"] = f"{p['first_name']}.{p['last_name']}{self.serial}@{self.r.choice(['mail.com', 'post.net', 'web.org'])}"
        p.update(given)
        return p

    def phone(self):
        return str(self.r.randint(2_000_000_000, 9_899_999_999))

    def date(self, a, b):
        return f"{self.r.randint(a, b)}-{self.r.randint(1, 12):02}-{self.r.randint(1, 28):02}"

    def typo(self, s):
        if len(s) < 3:
            return s
        i, k = self.r.randrange(len(s) - 1), self.r.randrange(4)
        letter = str(self.r.randint(0, 9)) if s[i].isdigit() else self.r.choice("abcdefghijklmnoprstuvw")
        return [s[:i] + letter + s[i + 1:], s[:i] + s[i + 1:], s[:i] + letter + s[i:], s[:i] + s[i + 1] + s[i] + s[i + 2:]][k]

    def copy(self, p, level=1.0):
        """A further record of the same person, with the usual faults."""
        r, q = self.r, dict(p)
        chance = lambda x: r.random() < x * level
        if chance(.10):
            q["first_name"] = self.typo(q["first_name"])
        elif chance(.12) and NICK.get(p["first_name"]):
            q["first_name"] = r.choice(NICK[p["first_name"]])
        elif chance(.05):
            q["first_name"] = q["first_name"][:1]
        if chance(.08):
            q["last_name"] = self.typo(q["last_name"])
        if chance(.12):
            q["dob"] = ""
        elif q["dob"] and chance(.05):
            y, m, d = q["dob"].split("-")
            q["dob"] = f"{y}-{m}-{r.randint(1, 28):02}" if r.random() < .5 else f"{int(y) + r.choice([-1, 1, 10])}-{m}-{d}"
        if chance(.3):
            q["email"] = ""
        if chance(.25):
            q["phone"] = "" if r.random() < .6 else self.phone()
        if chance(.2):
            q.update(self.address())
        elif chance(.1):
            q["street"] = self.typo(q["street"])
        return q


def spread(w, people, mean):
    """Records with truth: each person once and about mean - 1 copies."""
    out = []
    for i, p in enumerate(people):
        out.append((i, p))
        n = 0
        while w.r.random() < (mean - 1) / mean and n < 60:
            out.append((i, w.copy(p)))
            n += 1
    w.r.shuffle(out)
    return out


def family(w, sizes=(2, 3, 4, 5)):
    a, last, phone = w.address(), w.zipf(w.last), w.phone()
    return [w.person(last_name=last if w.r.random() < .9 else w.zipf(w.last), phone=phone if w.r.random() < .7 else w.phone(), **a)
            for _ in range(w.r.choice(sizes))]


ALL = "first_name last_name suffix dob email phone street city zip".split()


def households(w):
    return ALL, spread(w, [p for _ in range(1500) for p in family(w)], 1.6)


def households_few_fields(w):
    return "first_name last_name phone street city zip".split(), spread(w, [p for _ in range(1500) for p in family(w)], 1.6)


def twins(w):
    people = []
    for _ in range(1500):
        a = w.person()
        people += [a, w.person(last_name=a["last_name"], dob=a["dob"], phone=a["phone"], street=a["street"], city=a["city"], zip=a["zip"])]
    return ALL, spread(w, people + [w.person() for _ in range(3000)], 1.6)


def father_son(w):
    people = []
    for i in range(1200):
        a = w.person(dob=w.date(1935, 1960))
        b = dict(w.person(dob=w.date(1962, 1990)), **{k: a[k] for k in ("first_name", "last_name", "street", "city", "zip", "phone")})
        if i % 2:
            a["suffix"], b["suffix"] = "Sr", "Jr"
        people += [a, b]
    return ALL, spread(w, people + [w.person() for _ in range(4000)], 1.5)


def common_names(w):
    few_first, few_last = w.first[:25], w.last[:40]
    people = [w.person(first_name=w.r.choice(few_first), last_name=w.r.choice(few_last)) for _ in range(8000)]
    return "first_name last_name dob phone street city zip".split(), spread(w, people, 1.4)


def namesakes_by_year(w):
    """Name, birth year only, city: strangers of one name and year."""
    people = [w.person(dob=str(w.r.randint(1940, 2005))) for _ in range(6000)]
    return "first_name last_name dob city phone".split(), [(i, dict(p, dob=p["dob"][:4])) for i, p in spread(w, [dict(p, dob=p["dob"] + "-01-01") for p in people], 1.5)]


def shared_contacts(w):
    """Switchboards and role addresses: many people share a phone or an e-mail."""
    lines, roles = [w.phone() for _ in range(40)], [f"info@firm{i}.com" for i in range(40)]
    people = []
    for _ in range(6000):
        k = w.r.randrange(40)
        p = w.person()
        if w.r.random() < .5:
            p["phone"] = lines[k]
        if w.r.random() < .4:
            p["email"] = roles[k]
        people.append(p)
    return "first_name last_name email phone city".split(), spread(w, people, 1.5)


def junk_values(w):
    out = []
    for i, p in spread(w, [w.person() for _ in range(6000)], 1.5):
        p = dict(p)
        if w.r.random() < .3:
            p["phone"] = w.r.choice(["5551234567", "2125550000"])
        if w.r.random() < .3:
            p["dob"] = "1970-01-01"
        if w.r.random() < .2:
            p["email"] = "nobody@nowhere.com"
        if w.r.random() < .2:
            p["street"], p["zip"] = "1 Main St", "99999"
        out.append((i, p))
    return ALL, out


def hub_90(w):
    """One city, one phone, one e-mail in nine rows of ten."""
    out = []
    for i, p in spread(w, [w.person() for _ in range(12000)], 1.5):
        p = dict(p)
        for k, v in (("phone", "8005551212"), ("city", "metropolis"), ("email", "office@shop.com")):
            if w.r.random() < .9:
                p[k] = v
        out.append((i, p))
    return ALL, out


def heavy_duplication(w):
    return ALL, spread(w, [w.person() for _ in range(500)], 20)


def no_duplicates(w):
    return ALL, [(i, w.person()) for i in range(8000)]


def no_duplicates_households(w):
    return ALL, [(i, p) for i, p in enumerate(p for _ in range(2500) for p in family(w))]


def name_and_zip(w):
    return "first_name last_name zip".split(), spread(w, [w.person() for _ in range(3000)], 1.5)


def name_and_email(w):
    return "first_name last_name email".split(), spread(w, [w.person() for _ in range(4000)], 1.6)


def name_and_birth(w):
    return "first_name last_name dob".split(), spread(w, [w.person() for _ in range(5000)], 1.6)


def organisations(w):
    forms = ["Inc", "LLC", "Ltd", "Corp", "Co", ""]
    trades = ["Services", "Plumbing", "Dental", "Bakery", "Motors", "Consulting", "Foods", "Logistics", "Design", "Partners"]
    out, firms = [], []
    for i in range(4000):
        p = w.person(first_name="")
        core = w.r.choice([w.zipf(w.last), f"{w.zipf(w.last)} & {w.zipf(w.last)}", f"{w.zipf(w.cities)} {w.zipf(w.last)}"])
        p.update(full_name=f"{core} {w.r.choice(trades)}", last_name="", dob="", company="1")
        if firms and w.r.random() < .15:  # an office building
            p.update({k: firms[-1][k] for k in ("street", "city", "zip")})
        p["email"] = f"info@{core.split()[0]}{i}.com"
        firms.append(p)
        n = 1 + (w.r.random() < .5) + (w.r.random() < .2)
        for k in range(n):
            q = dict(p if k == 0 else w.copy(p))
            q["full_name"] = (w.typo(p["full_name"]) if k and w.r.random() < .15 else p["full_name"]) + " " + w.r.choice(forms)
            if k and w.r.random() < .1:
                q["full_name"] = core
            out.append((i, q))
    return "full_name company email phone street city zip".split(), out


def people_and_organisations(w):
    fields, firms = organisations(w)
    people = [(100_000 + i, dict(p, full_name="", company="")) for i, p in spread(w, [w.person() for _ in range(4000)], 1.5)]
    both = [(i, dict(p, first_name=p.get("first_name", ""), last_name=p.get("last_name", ""))) for i, p in firms + people]
    w.r.shuffle(both)
    return ["first_name", "last_name", "dob"] + fields, both


def german(w):
    umlaut = str.maketrans({"a": "ä", "o": "ö", "u": "ü"})
    out = []
    for i, p in spread(w, [w.person() for _ in range(5000)], 1.6):
        p = dict(p)
        number, name = p["street"].split()[:2]
        p["street"] = f"{name}str. {number}"
        p["phone"] = "49" + p["phone"] if p["phone"] else ""
        if len(p["last_name"]) > 4 and i % 3 == 0 and w.r.random() < .7:
            p["last_name"] = p["last_name"][:2] + p["last_name"][2:].translate(umlaut)
        out.append((i, p))
    return "first_name last_name dob phone street city zip".split(), out


def swapped_names(w):
    out = []
    for i, p in spread(w, [w.person() for _ in range(5000)], 1.6):
        if w.r.random() < .1:
            p = dict(p, first_name=p["last_name"], last_name=p["first_name"])
        out.append((i, p))
    return "first_name last_name dob email city".split(), out


# Least precision and recall. Set below what is reached at seeds 1 to 3, so that they catch a regression and no noise.
FLOORS = {
    households: (.995, .98), households_few_fields: (.97, .77), twins: (.995, .985), father_son: (.995, .94),
    common_names: (.995, .96), namesakes_by_year: (.995, .96), shared_contacts: (.995, .95), junk_values: (.99, .94),
    hub_90: (.995, .96), heavy_duplication: (.999, .998), no_duplicates: (0, 0), no_duplicates_households: (0, 0),
    name_and_zip: (.99, .76), name_and_email: (.99, .77), name_and_birth: (.995, .89), organisations: (.995, .96),
    people_and_organisations: (.99, .98), german: (.995, .98), swapped_names: (.995, .98),
}
FALSE_MERGES = .001  # of the records, where there is nothing to merge


def score(truth, found):
    pairs = lambda c: sum(k * (k - 1) // 2 for k in c.values())
    both = pairs(Counter(zip(truth, found)))
    t, p = pairs(Counter(truth)), pairs(Counter(found))
    return (both / p if p else 1.0), (both / t if t else 1.0), p - both


def run(trap, folder):
    w = World(args.seed * 1000 + sum(map(ord, trap.__name__)))
    fields, records = trap(w)
    data, out = os.path.join(folder, trap.__name__ + ".csv"), os.path.join(folder, trap.__name__ + ".out.csv")
    with open(data, "w", newline="", encoding="utf-8") as f:
        writer = csv.writer(f)
        writer.writerow(["id", "truth"] + fields)
        for n, (truth, p) in enumerate(records):
            writer.writerow([n, truth] + [p.get(k, "") for k in fields])
    mapping = ["id=id"] + [("birth_date" if k == "dob" else k) + "=" + k for k in fields]
    subprocess.run([args.match_csv, data, out, *mapping], check=True)
    with open(out, encoding="utf-8") as f:
        found = [r["cluster"] for r in csv.DictReader(f)]
    precision, recall, false = score([t for t, _ in records], found)
    floor = FLOORS[trap]
    if floor == (0, 0):
        ok = false <= FALSE_MERGES * len(records)
    else:
        ok = precision >= floor[0] and recall >= floor[1]
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0
    print(f"{trap.__name__:26} records {len(records):6} precision {precision:.4f} recall {recall:.4f} F1 {f1:.4f} "
          f"false pairs {false:5}{'' if ok else '   BELOW ITS FLOOR'}", flush=True)
    return ok


with tempfile.TemporaryDirectory() as temporary:
    results = [run(t, args.keep or temporary) for t in FLOORS if args.only in (None, t.__name__)]
sys.exit(0 if all(results) else 1)
