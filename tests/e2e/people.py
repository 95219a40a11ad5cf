"""Seeded people, with what real data has: the same person twice, typing errors, blanks, broken rows, repeated keys."""
import random

FIRST = ("James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph "
         "Jessica Thomas Sarah Carlos Karen Nancy Lisa Daniel Betty Anthony Sandra Mark Ashley Paul Emily").split()
LAST = ("Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson "
        "Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis "
        "Núñez O'Brien").split()
STREET = "Oak Maple Cedar Pine Elm Lake Hill Park Main Church".split()
CITY = [("Boston", "MA", "02116"), ("Denver", "CO", "80202"), ("Austin", "TX", "78701"), ("Seattle", "WA", "98101"),
        ("Newark", "NJ", "07102"), ("Atlanta", "GA", "30301")]
HEADER = ["id", "first", "last", "born", "email", "phone", "street", "city", "state", "zip", "changed"]
FIELDS = ("{first_name: first, last_name: last, birth_date: born, email: email, phone: phone, street: street, "
          "city: city, state: state, zip: zip, updated_at: changed}")


def person(rng):
    first, last = rng.choice(FIRST), rng.choice(LAST)
    city, state, zip_code = rng.choice(CITY)
    return [first, last, f"{rng.randint(1940, 2004)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
            f"{first}.{last.replace(chr(39), '')}{rng.randint(1, 9999)}@example.com".lower(),
            f"617{rng.randint(200, 999)}{rng.randint(0, 9999):04}",
            f"{rng.randint(1, 999)} {rng.choice(STREET)} St", city, state, zip_code]


def changed(rng, row):
    """The same person as another clerk wrote it."""
    row = list(row)
    for column in range(len(row)):
        chance = rng.random()
        if chance < 0.06:
            row[column] = ""
        elif chance < 0.10 and len(row[column]) > 3:
            i = rng.randrange(1, len(row[column]) - 1)
            row[column] = row[column][:i] + row[column][i + 1] + row[column][i] + row[column][i + 2:]
    return row


def rows(rng, count, prefix="", repeat=0.3):
    """`count` rows below HEADER; a share of them are persons that came before."""
    people = []
    for i in range(count):
        if people and rng.random() < repeat:
            row = changed(rng, rng.choice(people))
        else:
            row = person(rng)
            people.append(row)
        stamp = f"20{rng.randint(10, 24)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02} 08:00:00"
        yield [f"{prefix}{i}", *row, stamp]


def csv_text(table, rng=None, broken=0.0):
    """CSV bytes of rows; with rng a share is broken: too short, not UTF-8, or a key that is there already."""
    lines = [",".join(HEADER).encode()]
    for row in table:
        line = ",".join(f'"{v}"' if "," in v else v for v in row).encode()
        if rng and rng.random() < broken:
            kind = rng.randrange(3)
            line = [line.rsplit(b",", 4)[0], line.replace(row[3].encode(), b"caf\xe9"), line + b"\r\n" + line][kind]
        lines.append(line)
    return b"\r\n".join(lines) + b"\r\n"


def mixed_project(p, count, seed, extra=""):
    """Two CSV files (with rejects and repeated keys) and a SQLite table of `count` rows together, and the plan."""
    rng = random.Random(seed)
    table = list(rows(rng, count))
    third = count // 3
    p.write("a_1.csv", csv_text(table[:third], rng, 0.01))
    p.write("a_2.csv", csv_text(table[third:2 * third], rng, 0.01))
    columns = ", ".join(f'"{c}"' for c in HEADER)
    p.path("old.db").unlink(missing_ok=True)
    p.sqlite("old.db", f"CREATE TABLE contacts ({columns});", "contacts",
             [tuple([int(r[0]), *r[1:]]) for r in table[2 * third:]] + [(None, *table[0][1:]), (table[-1][0], *table[1][1:])])
    p.plan(f"""
  files: {{type: csv, path: "a_*.csv", key: id, fields: {FIELDS}}}
  old: {{type: sqlite, path: old.db, table: contacts, key: id, fields: {FIELDS}}}
""", extra)
