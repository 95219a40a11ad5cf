#!/usr/bin/env python3
"""make.py [FOLDER]: writes the quickstart's sources into FOLDER (default: beside this file).

    campaign_2019.csv   400 rows; comma, UTF-8 with BOM, CRLF; quoted commas, quotes and line ends, accents
    campaign_2023.csv   250 rows; semicolon, Windows-1252, LF; whole name, one-line address, dates ISO or dd/mm/yyyy
    legacy.db           300 rows in the SQLite table `contacts`; integer phones and ZIPs, NULLs, bytes; a view

All people are made up: e-mail domains are reserved ones (RFC 2606), and most phone numbers are NXX-555-01XX. The
column `person_no` says who a row is about, so that anyone can score the result; the plan ignores it. The same bytes
come out at every run.

Broken on purpose, and quarantined by migrate:
    campaign_2019.csv   two rows with too few fields, one with too many, one with a byte that is no UTF-8, one
                        whose quote is never closed (the last), one whose id another row has too
    campaign_2023.csv   one row with too few fields, one with too many, one with a byte that Windows-1252 does not have
    legacy.db           one row whose id another row has too, one without an id
"""

import csv
import io
import os
import random
import sqlite3
import sys

SEED = 20231
DOMAINS = ["example.com", "example.com", "example.org", "example.net"]
MALE = (
    "James Robert John Michael David William Richard Joseph Thomas Christopher Charles Daniel Matthew "
    "Anthony Mark Steven Andrew Kenneth George Joshua Kevin Brian Edward Ronald Timothy Jason Jeffrey "
    "Gary Ryan Nicholas Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Frank "
    "Raymond Alexander Patrick Jack Dennis José André Björn Jesús").split()
FEMALE = (
    "Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty Sandra "
    "Margaret Ashley Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Sharon "
    "Laura Cynthia Dorothy Amy Kathleen Angela Shirley Brenda Emma Anna Pamela Nicole Samantha Katherine "
    "Christine Helen Rachel Zoë Renée María Noemí").split()
LAST = (
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodríguez Martínez Hernández López González "
    "Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Pérez Thompson White Harris Sánchez Clark "
    "Ramírez Lewis Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams "
    "Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts O'Brien O'Connor McDonald Müller Peña "
    "Muñoz Núñez Fitzgerald Washington Kowalski Schneider Lindqvist Okafor Patel Kim Chen Tran Abernathy "
    "Birdwhistell Cranford Dunleavy Eberhardt Fairweather Gallowglass Hathersage Ironmonger Jellicoe "
    "Kettlewell Lovelace Merriweather Nightingale Ollerenshaw Pemberton Quillfeather Ravenscroft "
    "Silverthorne Tattersall Underhill Vanterpool Wetherby Yarborough Zimmermann").split()
NICK = dict(x.split(":") for x in (
    "James:Jim Robert:Bob John:Jack Michael:Mike David:Dave William:Bill Richard:Rick Joseph:Joe "
    "Thomas:Tom Christopher:Chris Charles:Chuck Daniel:Dan Matthew:Matt Anthony:Tony Steven:Steve "
    "Andrew:Andy Kenneth:Ken Joshua:Josh Edward:Ted Ronald:Ron Timothy:Tim Jeffrey:Jeff Nicholas:Nick "
    "Benjamin:Ben Samuel:Sam Gregory:Greg Patricia:Patty Jennifer:Jen Elizabeth:Liz Barbara:Barb "
    "Susan:Sue Jessica:Jess Margaret:Peggy Kimberly:Kim Deborah:Debbie Rebecca:Becky Cynthia:Cindy "
    "Kathleen:Kathy Amanda:Mandy Katherine:Kate Christine:Chris José:Pepe").split())
# City, state, area code, ZIP codes; each belongs to the others.
PLACES = [("Springfield", "IL", 217, ["62701", "62702", "62704"]), ("Chicago", "IL", 312, ["60601", "60611", "60614"]),
          ("Boston", "MA", 617, ["02108", "02116", "02130"]), ("Cambridge", "MA", 617, ["02138", "02139"]),
          ("Newark", "NJ", 973, ["07102", "07104"]), ("Hartford", "CT", 860, ["06103", "06105"]),
          ("Portland", "ME", 207, ["04101", "04102"]), ("Portland", "OR", 503, ["97201", "97205", "97214"]),
          ("Austin", "TX", 512, ["78701", "78704", "78745"]), ("Denver", "CO", 303, ["80202", "80205"]),
          ("St. Louis", "MO", 314, ["63101", "63104"]), ("Tampa", "FL", 813, ["33602", "33606"]),
          ("Seattle", "WA", 206, ["98101", "98103", "98115"]), ("Columbus", "OH", 614, ["43201", "43215"]),
          ("Raleigh", "NC", 919, ["27601", "27607"]), ("Santa Fe", "NM", 505, ["87501", "87505"])]
STREETS = (
    "Main Oak Maple Cedar Elm Lincoln Park Pine Lake Hill Walnut Spring Ridge Church Willow Mill Sunset "
    "Jackson Cherry Highland Forest River Meadow Chestnut 2nd 3rd 14th 42nd").split()
TYPES = [("Street", "St"), ("Avenue", "Ave"), ("Road", "Rd"), ("Drive", "Dr"), ("Lane", "Ln"), ("Court", "Ct"),
         ("Boulevard", "Blvd")]
JOBS = ["teacher", "nurse", "carpenter", "accountant", "retired", "student", "engineer", "sales", "", ""]
NOTES = ["", "", "", "", "", "prefers mornings", "met at the fair, asked for a call back", 'signed as "the tall one"',
         "moved recently;\r\nold address may be stale", "speaks Español – no English", "paid by check, twice"]


class Dice(random.Random):
    """Only random() itself is promised to stay the same in every version of Python."""

    def below(self, n):
        return int(self.random() * n)

    def pick(self, items):
        return items[self.below(len(items))]

    def chance(self, share):
        return self.random() < share

    def shuffled(self, items):
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
        return items


dice = Dice(SEED)
used_phones = set()


# ---- persons ---------------------------------------------------------------------------------------------------------

def ascii_of(text):
    for accented, plain in zip("áéíóúñëöüÁÉ", "aeiouneouAE"):
        text = text.replace(accented, plain)
    return text


def new_phone(place):
    while True:
        fictional = dice.chance(0.6)
        exchange = 555 if fictional else dice.pick((262, 347, 483, 629))
        phone = f"{place[2]}{exchange}{100 + dice.below(100) if fictional else dice.below(10000):04d}"
        if phone not in used_phones:
            used_phones.add(phone)
            return phone


def new_home(place=None):
    place = place or dice.pick(PLACES)
    return dict(place=place, number=1 + dice.below(2400), street=dice.pick(STREETS), type=dice.pick(TYPES),
                zip=dice.pick(place[3]), apt=1 + dice.below(60) if dice.chance(0.2) else None)


def new_email(first, last, year):
    first, last = ascii_of(first).lower(), ascii_of(last).lower().replace("'", "")
    name = dice.pick([f"{first}.{last}", f"{first[0]}{last}{year % 100:02d}", f"{first}{dice.below(90) + 10}",
                      f"{last}.{first}"])
    return f"{name}{dice.below(90) + 10}@{dice.pick(DOMAINS)}"


def new_person(home=None, last=None, sex=None, year=None, phone=None):
    sex = sex or dice.pick("FM")
    first, last = dice.pick(FEMALE if sex == "F" else MALE), last or dice.pick(LAST)
    home = home or new_home()
    born = (year or 1935 + dice.below(68), 1 + dice.below(12), 1 + dice.below(28))
    return dict(sex=sex, first=first, last=last, suffix="", born=born, home=home,
                moved=new_home() if dice.chance(0.3) else None, phone=phone or new_phone(home["place"]),
                phone2=new_phone(home["place"]) if dice.chance(0.35) else "",
                email=new_email(first, last, born[0]), email2=new_email(first, last, born[0]),
                other_last=dice.pick(LAST) if sex == "F" and dice.chance(0.2) else None,
                job=dice.pick(JOBS), opt_out=dice.chance(0.06))


def new_household():
    """Two to five people of one address; children, twins, father and son of one name."""
    home, last = new_home(), dice.pick(LAST)
    line, year = new_phone(home["place"]), 1940 + dice.below(35)
    people = [new_person(home, last, "M", year, line),
              new_person(home, last if dice.chance(0.85) else None, "F", year - 4 + dice.below(9),
                         line if dice.chance(0.6) else None)]
    for _ in range(dice.below(4)):
        people.append(new_person(home, last, None, year + 20 + dice.below(15), line if dice.chance(0.5) else None))
    if dice.chance(0.15):  # they share one mailbox
        for person in people:
            person["email"] = people[0]["email"]
    if len(people) >= 4 and dice.chance(0.5):
        people[3]["born"] = people[2]["born"]
        if people[3]["first"] == people[2]["first"]:
            people[3]["first"] = "Morgan"
    elif len(people) >= 3 and dice.chance(0.5):
        first = people[0]["first"]
        people[2].update(sex="M", first=first, suffix="Jr", email=new_email(first, last, people[2]["born"][0]))
        people[0]["suffix"] = "Sr"
    return people


def new_people(count):
    people = []
    while len(people) < count * 0.5:
        people += new_household()
    office = new_phone(PLACES[0])
    while len(people) < count:
        people.append(new_person(phone=office if dice.chance(0.03) else None))
    for i in range(6):  # strangers of one name, two of them born in the same year
        a, b = people[-1 - i], people[-20 - i]
        email, email2 = (new_email(b["first"], b["last"], a["born"][0]) for _ in range(2))
        a.update(first=b["first"], last=b["last"], sex=b["sex"], email=email, email2=email2)
        if i < 2:
            a["born"] = (b["born"][0],) + a["born"][1:]
    return people[:count]


# ---- what a list says of a person ------------------------------------------------------------------------------------

def typo(text):
    if len(text) < 4:
        return text
    at = 1 + dice.below(len(text) - 2)
    return dice.pick([text[:at] + text[at + 1:], text[:at] + text[at] + text[at:],
                      text[:at] + text[at + 1] + text[at] + text[at + 2:],
                      text[:at] + "aeiourstn"[dice.below(9)] + text[at + 1:]])


def seen(person, exact):
    """A copy of the person as some list has it; `exact`: without faults of its own."""
    p = dict(person)
    if p["suffix"] and dice.chance(0.4):
        p["suffix"] = ""
    if exact:
        return p
    if dice.chance(0.2):
        p["first"] = NICK.get(p["first"], p["first"])
    elif dice.chance(0.08):
        p["first"] = typo(p["first"])
    elif dice.chance(0.04):
        p["first"] = p["first"][0]
    if p["other_last"] and dice.chance(0.5):
        p["last"] = p["other_last"]
    elif dice.chance(0.08):
        p["last"] = typo(p["last"])
    if dice.chance(0.3):
        p["first"], p["last"] = ascii_of(p["first"]), ascii_of(p["last"])
    if p["moved"] and dice.chance(0.7):
        p["home"] = p["moved"]
    if dice.chance(0.10):
        p["born"] = None
    elif dice.chance(0.04) and p["born"][2] <= 12:
        p["born"] = (p["born"][0], p["born"][2], p["born"][1])
    if dice.chance(0.25):
        p["email"] = p["email2"]
    elif dice.chance(0.2):
        p["email"] = ""
    if dice.chance(0.12):
        p["phone"], p["phone2"] = p["phone2"], ""
    if dice.chance(0.06):
        p["first"], p["last"] = p["first"].upper(), p["last"].upper()
    return junk(p)


def junk(p):
    if dice.chance(0.02):
        p["phone"] = "0000000000"
    if dice.chance(0.02):
        p["email"] = dice.pick(["test@test.com", "none@none.com", "n/a"])
    if dice.chance(0.02):
        p["born"] = (1900, 1, 1)
    if dice.chance(0.01):
        p["first"], p["last"] = "UNKNOWN", "N/A"
    return p


def phone_text(phone):
    a, b, c = phone[:3], phone[3:6], phone[6:]
    return phone and dice.pick([f"({a}) {b}-{c}", f"{a}-{b}-{c}", f"{a}.{b}.{c}", phone, f"+1 {a} {b} {c}"])


def street_text(home, unit=True):
    text = f"{home['number']} {home['street']} {home['type'][dice.below(2)]}"
    if unit and home["apt"]:
        text += dice.pick([f" Apt {home['apt']}", f", Apt. {home['apt']}", f" #{home['apt']}"])
    return text


def when(year):
    return f"{year}-{1 + dice.below(12):02d}-{1 + dice.below(28):02d} {8 + dice.below(11):02d}:{dice.below(60):02d}:00"


# ---- sources ---------------------------------------------------------------------------------------------------------

def csv_line(values, delimiter, end):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerow(values)
    return out.getvalue()


COLUMNS_2019 = ["id", "person_no", "First Name", "Last Name", "Suffix", "Sex", "DOB", "E-Mail", "Mobile", "Home Phone",
                "Street", "City", "State", "Zip", "Do Not Call", "Do Not Mail", "Notes", "Last Updated"]


def row_2019(key, number, p):
    born = p["born"] and f"{p['born'][1]}/{p['born'][2]}/{p['born'][0]}"
    return [key, number, p["first"], p["last"], p["suffix"], p["sex"] if dice.chance(0.9) else "", born or "",
            p["email"],
            phone_text(p["phone"]), phone_text(p["phone2"]), street_text(p["home"]), p["home"]["place"][0],
            p["home"]["place"][1], p["home"]["zip"], "Y" if p["opt_out"] else "N",
            "Y" if p["opt_out"] and dice.chance(0.5) else "", dice.pick(NOTES), when(2019)]


def campaign_2019(rows):
    lines = [csv_line(row_2019(f"C19-{i + 1:04d}", number, p), ",", "\r\n").encode()
             for i, (number, p) in enumerate(rows)]
    cut = lambda line, commas: b",".join(line.rstrip().split(b",")[:commas]) + b"\r\n"
    lines[57], lines[201] = cut(lines[57], 4), cut(lines[201], 2)
    lines[120] = lines[120].rstrip() + b",one,field,too,many\r\n"
    accented = next(i for i, (_, p) in enumerate(rows) if i > 210 and not p["last"].isascii())
    lines[accented] = lines[accented].decode().encode("latin-1", "replace")
    lines[310] = lines[310].replace(b"C19-0311", b"C19-0012")
    lines[-1] = lines[-1].replace(b'"', b"").replace(b"C19-0400,", b'C19-0400,"')
    return b"\xef\xbb\xbf" + csv_line(COLUMNS_2019, ",", "\r\n").encode() + b"".join(lines)


COLUMNS_2023 = ["id", "person_no", "full_name", "birth", "mail", "phone", "address", "occupation",
                "unsubscribed", "created"]


def row_2023(key, number, p):
    name = f"{p['first']} {p['last']} {p['suffix']}".strip() if dice.chance(0.8) else f"{p['last']}, {p['first']}"
    y, m, d = p["born"] or (0, 0, 0)
    born = (f"{y:04d}-{m:02d}-{d:02d}" if dice.chance(0.6) else f"{d:02d}/{m:02d}/{y:04d}") if p["born"] else ""
    home = p["home"]
    address = f"{street_text(home)}, {home['place'][0]}, {home['place'][1]} {home['zip']}"
    return [key, number, name.replace("'", "’"), born, p["email"], phone_text(p["phone"]), address, p["job"],
            "yes" if p["opt_out"] else dice.pick(["no", ""]), when(2023)]


def campaign_2023(rows):
    lines = [csv_line(row_2023(f"C23-{i + 1:04d}", number, p), ";", "\n").encode("cp1252")
             for i, (number, p) in enumerate(rows)]
    lines[33] = b";".join(lines[33].split(b";")[:5]) + b"\n"
    lines[140] = lines[140].rstrip() + b";;surplus\n"
    lines[77] = lines[77].rstrip() + b"\x81\n"
    lines.insert(180, b"\n")
    return csv_line(COLUMNS_2023, ";", "\n").encode("cp1252") + b"".join(lines)


TABLE = """CREATE TABLE contacts (
  id INTEGER, person_no INTEGER, fname TEXT, lname TEXT, suffix TEXT, gender TEXT, birthdate TEXT, email TEXT, phone,
  work_phone, house_no INTEGER, street TEXT, apt TEXT, city TEXT, state TEXT, zip, do_not_contact INTEGER,
  photo BLOB, changed TEXT)"""
VIEW = "CREATE VIEW reachable AS SELECT * FROM contacts WHERE coalesce(do_not_contact, 0) = 0"


def legacy_row(key, number, p):
    home = p["home"]
    integer = lambda text, share: int(text) if text.isdigit() and dice.chance(share) else text or dice.pick([None, ""])
    born = p["born"] and f"{p['born'][0]:04d}-{p['born'][1]:02d}-{p['born'][2]:02d}"
    return [key, number, p["first"], p["last"], p["suffix"] or None, dice.pick([p["sex"], p["sex"].lower(), None]),
            born, p["email"] or dice.pick([None, ""]), integer(p["phone"], 0.5), integer(p["phone2"], 0.5),
            home["number"], street_text(home, False).split(" ", 1)[1], str(home["apt"]) if home["apt"] else None,
            home["place"][0], home["place"][1], integer(home["zip"], 0.6), 1 if p["opt_out"] else dice.pick([0, None]),
            None, when(2015 + dice.below(3))]


def legacy(rows, path):
    table = [legacy_row(1001 + i, number, p) for i, (number, p) in enumerate(rows)]
    accented = next(row for row in table if not row[2].isascii())
    accented[2] = accented[2].encode("latin-1")      # bytes that are no UTF-8, as a BLOB
    table[97][17] = bytes(range(0, 256, 17))
    table[150][0] = table[23][0]                     # a key twice
    table[222][0] = None
    if os.path.exists(path):
        os.remove(path)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA page_size=4096")
    db.execute("BEGIN")
    db.execute(TABLE)
    db.execute(VIEW)
    db.executemany(f"INSERT INTO contacts VALUES ({','.join('?' * 19)})", table)
    db.execute("COMMIT")
    db.close()
    with open(path, "r+b") as file:  # the version of the library that wrote the file, bytes 96 to 99 of its header
        file.seek(96)
        file.write((3040000).to_bytes(4, "big"))


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    people = new_people(640)
    numbers = dice.shuffled(range(1, len(people) + 1))
    everybody = [(numbers[i], p) for i, p in enumerate(people)]
    once = dice.shuffled(everybody)
    # 640 rows are somebody's first, 310 tell of somebody again.
    old, first_2019, first_2023 = once[:200], once[200:480], once[480:]
    again = lambda source, count: [dice.pick(source) for _ in range(count)]
    rows = lambda firsts, seconds: dice.shuffled([(n, seen(p, True)) for n, p in firsts] +
                                                 [(n, seen(p, False)) for n, p in seconds])
    legacy(rows(old, again(old, 40) + again(once, 60)), os.path.join(folder, "legacy.db"))
    in_2019 = rows(first_2019, again(old, 90) + again(first_2019, 30))
    in_2023 = rows(first_2023, again(once, 90))
    for name, content in (("campaign_2019.csv", campaign_2019(in_2019)), ("campaign_2023.csv", campaign_2023(in_2023))):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)


if __name__ == "__main__":
    main()
