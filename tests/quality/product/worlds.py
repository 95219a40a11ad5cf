"""Data sets with truth, one a function: (random, size) -> World. See product.py."""
import datetime

from faults import corrupt, plain, slip, without_umlauts, wrong_date
import locales
from locales import ARABIC, AU, BR, CN, DE, ES, FR, GB, HAN, IN, PL, US


class World:
    """fields: FIELD of the plan -> column or mapping; rows: (truth, trap, {column: value}); attributes as in a plan."""

    def __init__(self, country, order, fields, rows, attributes=None):
        self.country, self.order, self.fields, self.rows, self.attributes = country, order, fields, rows, attributes or {}


def zipf(r, pool, q=12):
    return pool[min(len(pool) - 1, int(q * ((len(pool) + q) / q) ** r.random() - q))]


def chance(r, p):
    return r.random() < p


class Maker:
    """Persons of one country."""

    def __init__(self, r, locale):
        self.r, self.l = r, locale
        self.zips = {c: [self.fill(locale.zip_form) for _ in range(1 + 12 // (i + 1))] for i, c in enumerate(locale.cities)}

    def fill(self, form):
        return "".join(self.r.choice("0123456789") if c == "#" else self.r.choice("ABCDEFGHJKLNPRSTUW") if c == "@" else c for c in form)

    def phone(self):
        return self.fill(self.r.choice(self.l.phone))

    def same_phone(self, phone):
        """The number written otherwise."""
        digits = "".join(c for c in phone if c.isdigit())
        dial = self.l.dial
        if phone.startswith("+"):
            digits = digits[len(dial):]
        elif phone.startswith("00"):
            digits = digits[2 + len(dial):]
        elif digits.startswith("0") and dial not in ("1", "39"):
            digits = digits[1:]
        trunk = "0" if dial in ("44", "49", "33", "61", "91", "86") else ""
        if dial == "86" and digits.startswith("1"):
            trunk = ""
        return self.r.choice([f"+{dial}{digits}", f"{trunk}{digits}", f"+{dial} {digits[:3]} {digits[3:]}", f"{trunk}{digits[:3]}-{digits[3:]}", phone])

    def date(self, low=1935, high=2005):
        start = datetime.date(low, 1, 1)
        return (start + datetime.timedelta(days=self.r.randrange((datetime.date(high, 12, 31) - start).days))).isoformat()

    def written_date(self, iso):
        return datetime.date.fromisoformat(iso).strftime(self.l.date) if iso else ""

    def address(self):
        r, l = self.r, self.l
        city = zipf(r, l.cities, 6)
        street, number = zipf(r, l.streets, 30), r.choice([r.randint(1, 60), r.randint(1, 400)])
        if len(l.streets) < 40 and l.last:  # streets are called after people, too
            if chance(r, .5):
                name = r.choice(l.last).title()
                street = f"{name} {r.choice(['St', 'Ave', 'Rd', 'Dr'])}" if l.country in ("US", "GB", "AU", "IN") else f"{name}straße" if l.country == "DE" else f"{street.split()[0]} {name}"
        line = f"{street} {number}" if l.number_last else f"{number} {street}"
        if l.country == "ES" or l.country == "BR":
            line = f"{street}, {number}"
        return dict(street=line, city=city, zip=r.choice(self.zips[city]), state="")

    def first(self, sex):
        return zipf(self.r, self.l.male if sex == "M" else self.l.female, 10)

    def surname(self, sex="M"):
        last = zipf(self.r, self.l.last, 14)
        if sex == "F":
            for m, f in self.l.female_ends or []:
                if last.endswith(m):
                    return last[:-len(m)] + f
        return last

    def email(self, p):
        r = self.r
        f, n = (plain(without_umlauts(x)).lower().replace(" ", "").replace("'", "") for x in (p["first"], p["last"]))
        y = p["dob"][2:4]
        local = r.choice([f"{f}.{n}", f"{f[0]}{n}", f"{f}{n}{y}", f"{f}_{n}{r.randint(1, 99)}", f"{n}{r.randint(1, 999)}", f"{f}{r.randint(10, 9999)}"])
        return f"{local}@{zipf(r, self.l.domains, 2)}"

    def person(self, **given):
        r = self.r
        sex = given.pop("sex", None) or r.choice("MF")
        p = dict(first=self.first(sex), middle=self.first(sex), last=self.surname(sex), sex=sex, dob=self.date(), phone=self.phone(), suffix="", **self.address())
        if self.l is ES:
            p["last"] = f"{self.surname()} {self.surname()}"
        p.update(given)
        p.setdefault("email", self.email(p))
        return p

    def family(self, sizes=(2, 2, 3, 4, 5)):
        r, home, name, phone = self.r, self.address(), self.surname(), self.phone()
        people = []
        for i in range(r.choice(sizes)):
            dob = self.date(1945, 1975) if i < 2 else self.date(1978, 2008)
            p = self.person(sex="MF"[i] if i < 2 else None, dob=dob, **home)
            while any(p["first"] == other["first"] for other in people):  # parents do not give one name twice
                p["first"] = self.first(p["sex"])
            if chance(r, .9):
                p["last"] = name
            if chance(r, .6):
                p["phone"] = phone
            people.append(p)
        return people


def faults(m, p, level=1.0, keep=()):
    """A further record of the person."""
    r, q = m.r, dict(p)
    c = lambda x: chance(r, x * level)
    k = r.random() / level
    if "first" not in keep:
        if k < .08:
            q["first"] = corrupt(r, q["first"])
        elif k < .11:
            q["first"] = q["first"][:1]
        elif k < .13:
            q["first"] = q["middle"]
        elif k < .15:
            q["first"] = ""
    if c(.5):
        q["middle"] = q["middle"][:1] if chance(r, .5) else ""
    if c(.09):
        q["last"] = corrupt(r, q["last"])
    if c(.1):
        q["dob"] = ""
    elif q["dob"] and c(.07):
        q["dob"] = wrong_date(r, q["dob"])
    if c(.3):
        q["email"] = "" if chance(r, .6) else m.email(p) if chance(r, .6) else slip(r, q["email"])
    if q["phone"] and c(.35):
        q["phone"] = "" if chance(r, .5) else m.phone() if chance(r, .8) else slip(r, q["phone"])
    elif q["phone"]:
        q["phone"] = m.same_phone(q["phone"])
    k = r.random() / level
    if k < .15:
        q.update(m.address())
    elif k < .22:
        q["street"] = corrupt(r, q["street"])
    elif k < .27:
        q["street"] = ""
    elif k < .30:
        q["city"] = corrupt(r, q["city"])
    elif k < .33:
        q["zip"] = slip(r, q["zip"])
    if c(.02):
        q["first"], q["last"] = q["last"], q["first"]
    return q


def copies(r, mean, most=60):
    n = 0
    while n < most and chance(r, (mean - 1) / mean):
        n += 1
    return n


def spread(m, people, mean, level=1.0, most=60):
    rows = []
    for i, (trap, p) in enumerate(people):
        rows.append((i, trap, p))
        rows += [(i, trap, faults(m, p, level)) for _ in range(copies(m.r, mean, most))]
    m.r.shuffle(rows)
    return rows


NAMES = {"first_name": "first", "last_name": "last"}
PLACE = {"street": "street", "city": "city", "zip": "zip"}


def finish(m, rows, fields, attributes=None, style=True):
    """Dates as written in the country; letters in several styles."""
    out = []
    for truth, trap, p in rows:
        p = dict(p)
        if p.get("dob"):
            try:
                p["dob"] = m.written_date(p["dob"])
            except ValueError:
                p["dob"] = ""
        k = m.r.random()
        for c in ("first", "middle", "last", "city", "street"):
            if style and c in p:
                p[c] = p[c].upper() if k < .1 else p[c] if k < .2 and c in ("first", "last") else p[c].title() if c in ("first", "middle", "last") else p[c]
        out.append((truth, trap, p))
    return World(m.l.country, m.l.order, fields, out, attributes)


def country(locale, mean=1.6, extra=None, accents=None):
    """People of a country in families and alone, with phones, e-mails, dates and addresses as written there."""

    def make(r, n):
        m = Maker(r, locale)
        people = []
        while len(people) < n / mean:
            people += [("family", p) for p in m.family()] if chance(r, .2) else [("single", m.person())]
        rows = spread(m, people, mean)
        for i, (truth, trap, p) in enumerate(rows):
            if accents and chance(r, .35):
                p = dict(p)
                for c in ("first", "middle", "last", "street", "city"):
                    p[c] = accents(p[c])
                rows[i] = (truth, trap, p)
            if extra:
                rows[i] = (truth, trap, extra(m, dict(p)))
        return finish(m, rows, {**NAMES, "birth_date": "dob", "email": "email", "phone": "phone", **PLACE})

    return make


def one_of_two_surnames(m, p):
    """In Spain the second surname is often left out, or the two are joined by a hyphen."""
    if " " in p["last"]:
        k = m.r.random()
        p["last"] = p["last"].rsplit(" ", 1)[0] if k < .25 else p["last"].replace(" ", "-", 1) if k < .35 else p["last"]
    return p


def brazilian_names(m, p):
    """Several surnames, of which any may be left out; with and without da, de, dos."""
    r = m.r
    if "whole" not in p:
        state = hash_of(p["first"], p["dob"][:4])
        pool = m.l.last
        p["last"] = f"{pool[state % 40]} {p['last']}" if not chance(r, .3) else p["last"]
        if chance(r, .3):
            p["last"] = p["last"].replace(" ", " da ", 1)
    return p


def hash_of(*parts):
    x = 5381
    for c in "|".join(parts):
        x = (x * 33 + ord(c)) % 1_000_003
    return x


def family_first(m, p):
    """Chinese names in Latin letters: family name first or last, given names joined, apart or hyphenated."""
    k = m.r.random()
    if k < .2:
        p["first"], p["last"] = p["last"], p["first"]
    given = p["first"]
    if len(given) > 5 and k > .5:
        p["first"] = given[:len(given) // 2] + m.r.choice([" ", "-", ""]) + given[len(given) // 2:]
    return p


def febrl(r, n, fields_left=None):
    """Like Febrl: one original and up to nine duplicates with several modifications each, in any field."""
    m = Maker(r, AU)
    people = []
    rows = []
    columns = ["first", "last", "number", "address_1", "address_2", "city", "zip", "state", "dob", "soc_sec_id"]
    i = 0
    while len(rows) < n:
        a = m.address()
        p = dict(first=m.first(r.choice("MF")), last=m.surname(), number=str(r.randint(1, 300)), address_1=a["street"].split(" ", 1)[1], address_2=r.choice(["", "", "villa ", "flat ", "rosedale ", "brentwood "]) and f"{r.choice(m.l.last)} {r.choice(['park', 'vale', 'lodge', 'gardens'])}",
                 city=a["city"], zip=a["zip"], state=r.choice(["nsw", "vic", "qld", "wa", "sa", "tas"]), dob=m.date(1900, 1999), soc_sec_id=str(r.randint(1_000_000, 9_999_999)))
        rows.append((i, "febrl", p))
        for _ in range(r.choice([0, 0, 1, 1, 2, 3, 5])):
            q = dict(p)
            for _ in range(r.randint(1, 6)):
                c = r.choice(columns)
                k = r.random()
                if k < .15:
                    q[c] = ""
                elif c == "dob":
                    q[c] = q[c] and wrong_date(r, q[c])
                elif k < .2 and c in ("first", "last"):
                    q["first"], q["last"] = q["last"], q["first"]
                elif k < .25 and c == "address_1":
                    q["address_1"], q["address_2"] = q["address_2"], q["address_1"]
                elif k < .3 and c in ("first", "last"):
                    q[c] = m.first("M") if c == "first" else m.surname()
                else:
                    q[c] = slip(r, q[c]) if c in ("zip", "number", "soc_sec_id") else corrupt(r, q[c])
            rows.append((i, "febrl", q))
        i += 1
    for _, _, p in rows:
        p["dob"] = p["dob"].replace("-", "")
    r.shuffle(rows)
    fields = {**NAMES, "street": {"join": ["number", "address_1"]}, "locality": "address_2", "city": "city", "zip": "zip", "state": "state",
              "birth_date": {"column": "dob", "format": "%Y%m%d"}, "national_id": "soc_sec_id"}
    if fields_left:
        fields = {k: v for k, v in fields.items() if k in fields_left}
    return World("AU", "dmy", fields, rows, {"locality": {"type": "text"}} if "locality" in fields else {})


def voters(r, n):
    """Two counties' rolls: first, middle, last, suffix, sex, birth year, address. People move, women take names at marriage."""
    m = Maker(r, US)
    rows = []
    i = 0
    while len(rows) < n:
        for p in (m.family() if chance(r, .4) else [m.person()]):
            p["suffix"] = r.choice(["JR", "SR", "III"]) if p["sex"] == "M" and chance(r, .06) else ""
            p["year"] = p["dob"][:4]
            p["state"] = "NC"
            trap = "same"
            rows.append([i, trap, p])
            if chance(r, .5):
                q = faults(m, p, .5, keep=("first",)) if chance(r, .6) else dict(p)
                if p["sex"] == "F" and chance(r, .1):
                    q["last"], trap = m.surname(), "married"
                    q["middle"] = p["last"] if chance(r, .4) else p["middle"]
                elif chance(r, .15):
                    q.update(m.address(), phone=m.phone())
                    q["state"], trap = "NC", "moved"
                if chance(r, .3):
                    q["suffix"] = ""
                rows.append([i, trap, q])
                rows[-2][1] = trap
            i += 1
    for row in rows:
        row[2] = {k: v.upper() for k, v in row[2].items()}
    r.shuffle(rows)
    return World("US", "mdy", {"first_name": "first", "middle_name": "middle", "last_name": "last", "suffix": "suffix", "sex": "sex", "birth_date": {"column": "year", "format": "%Y"}, **PLACE, "state": "state"},
                 [tuple(x) for x in rows])


FORMS = {"US": ["Inc", "Inc.", "LLC", "L.L.C.", "Corp", "Corporation", "Co.", ""], "GB": ["Ltd", "Limited", "Ltd.", "PLC", "LLP", ""], "DE": ["GmbH", "GmbH & Co. KG", "AG", "e.K.", "OHG", "UG (haftungsbeschränkt)", ""],
         "FR": ["SARL", "S.A.R.L.", "SAS", "SA", "EURL", ""], "ES": ["S.L.", "SL", "S.A.", "S.L.U.", ""], "BR": ["Ltda", "Ltda.", "S.A.", "S/A", "ME", ""], "PL": ["Sp. z o.o.", "S.A.", "sp.j.", ""], "IN": ["Pvt Ltd", "Pvt. Ltd.", "Private Limited", "Ltd", ""]}
TRADES = {"US": "Plumbing Dental Motors Consulting Foods Logistics Design Partners Roofing Insurance Realty Media Systems", "GB": "Builders Solicitors Motors Consulting Foods Haulage Design Partners Roofing Bakery", "DE": "Bau Metallbau Elektrotechnik Reisen Druck Logistik Software Immobilien Möbel Bäckerei",
          "FR": "Plomberie Boulangerie Transports Conseil Peinture Immobilier Menuiserie Informatique", "ES": "Construcciones Transportes Talleres Asesores Panadería Inmobiliaria Suministros Hermanos", "BR": "Comércio Transportes Construtora Padaria Alimentos Informática Materiais", "PL": "Budownictwo Transport Piekarnia Meble Consulting Serwis",
          "IN": "Traders Enterprises Textiles Industries Exports Motors Infotech Jewellers"}


def firm_name(m):
    r, c = m.r, m.l.country
    a, b = m.surname().title(), m.surname().title()
    core = r.choice([a, f"{a} & {b}", f"{m.l.cities[r.randrange(len(m.l.cities))]} {a}", f"{a}{r.choice(['tech', 'co', 'net', 'pro'])}"])
    return f"{core} {r.choice(TRADES[c].split())}"


def domain(m, name, taken):
    """A domain belongs to one firm."""
    words = "".join(c for c in plain(without_umlauts(name)).lower() if c.isalnum() or c == " ").split()
    top = m.l.domains[0].split(".")[-1]
    for host in (words[0], "".join(words), "-".join(words), f"{words[0]}{len(taken)}"):
        if f"{host}.{top}" not in taken and not (host == words[0] and chance(m.r, .5)):
            break
    taken.add(f"{host}.{top}")
    return f"{host}.{top}"


def organisations(locale):
    def make(r, n):
        m = Maker(r, locale)
        rows, i, before, taken = [], 0, None, set()
        while len(rows) < n:
            name = firm_name(m)
            p = dict(name=name, phone=m.phone(), email=f"{r.choice(['info', 'office', 'contact', 'sales'])}@{domain(m, name, taken)}", **m.address())
            if before and chance(r, .12):  # an office building
                p.update({k: before[k] for k in PLACE})
            before = p
            for k in range(1 + copies(r, 1.7, 6)):
                q = dict(p)
                words = name.split()
                if k and chance(r, .12):
                    q["name"] = corrupt(r, name)
                elif k and chance(r, .1) and len(words) > 2:
                    q["name"] = " ".join(words[:-1])
                elif k and chance(r, .08):
                    q["name"] = name.replace("&", "and")
                q["name"] = f"{q['name']} {r.choice(FORMS[locale.country])}".strip()
                q["name"] = q["name"].upper() if chance(r, .15) else q["name"]
                if k and chance(r, .3):
                    q["phone"] = r.choice(["", m.phone()])
                if k and chance(r, .3):
                    q["email"] = ""
                if k and chance(r, .12):
                    q.update(m.address())
                rows.append((i, "firm", q))
            i += 1
        r.shuffle(rows)
        return World(locale.country, locale.order, {"full_name": "name", "email": "email", "phone": "phone", **PLACE}, rows)

    return make


def crm(r, n):
    """Contacts of firms: switchboards, role addresses, test entries, people who change firm; firms as records of their own."""
    m = Maker(r, US)
    rows, i, firms = [], 0, []
    for _ in range(max(20, n // 25)):
        name = f"{firm_name(m)} {r.choice(FORMS['US'])}".strip()
        domain = f"{plain(name.split()[0]).lower().replace(chr(39), '')}{r.randrange(50)}.com"
        firms.append(dict(company=name, switch=m.phone(), domain=domain, **m.address()))
    while len(rows) < n:
        f = zipf(r, firms, 20)
        p = m.person(**{k: f[k] for k in ("street", "city", "zip", "company")})
        p["phone"] = f["switch"] if chance(r, .5) else p["phone"]
        p["email"] = f"{r.choice(['info', 'sales', 'office'])}@{f['domain']}" if chance(r, .2) else f"{p['first'][0]}{p['last']}@{f['domain']}".replace(" ", "").replace("'", "") if chance(r, .7) else ""
        rows.append((i, "contact", p))
        for _ in range(copies(r, 1.6, 8)):
            q, trap = faults(m, p, .8), "contact"
            if chance(r, .1):
                g = r.choice(firms)
                q.update({k: g[k] for k in ("street", "city", "zip", "company")}, phone=p["phone"] if p["phone"] != f["switch"] else g["switch"])
            elif chance(r, .15):
                q["company"] = r.choice([f["company"].rsplit(" ", 1)[0], f["company"].upper(), ""])
            rows.append((i, trap, q))
        i += 1
        if chance(r, .03):
            rows.append((i, "test", dict(m.person(), first=r.choice(["Test", "test", "asdf", "Max"]), last=r.choice(["Test", "User", "asdf", "Mustermann"]), email=r.choice(["test@test.com", "a@a.com", ""]), phone=r.choice(["555-555-5555", "1234567890", ""]), company="", dob="")))
            i += 1
    r.shuffle(rows)
    return finish(m, rows, {**NAMES, "email": "email", "phone": "phone", **PLACE, "company": "company"}, {"company": {"type": "text"}})


def donors(r, n):
    """Campaign donors: one column "LAST, FIRST M", employer, occupation, city, state, ZIP of five or nine digits."""
    m = Maker(r, US)
    jobs = "RETIRED ATTORNEY PHYSICIAN TEACHER ENGINEER CONSULTANT HOMEMAKER CEO OWNER PROFESSOR REALTOR NURSE ACCOUNTANT SALES STUDENT PRESIDENT MANAGER".split()
    employers = [firm_name(m).upper() for _ in range(max(30, n // 12))]
    rows, i = [], 0
    nick = {"WILLIAM": "BILL", "ROBERT": "BOB", "JAMES": "JIM", "RICHARD": "DICK", "MARGARET": "PEGGY", "ELIZABETH": "BETTY", "THOMAS": "TOM", "MICHAEL": "MIKE", "CHRISTOPHER": "CHRIS", "KATHERINE": "KATE", "JENNIFER": "JEN", "CHARLES": "CHUCK", "JOSEPH": "JOE", "EDWARD": "TED", "PATRICIA": "PAT"}
    while len(rows) < n:
        for p in (m.family((2, 2, 3)) if chance(r, .3) else [m.person()]):
            job = zipf(r, jobs, 3)
            work = "RETIRED" if job == "RETIRED" else r.choice(employers) if chance(r, .8) else "SELF-EMPLOYED"
            four = f"{r.randrange(10000):04}"
            for k in range(1 + copies(r, 3, 25)):
                q = dict(p)
                first, middle, last = (x.upper() for x in (p["first"], p["middle"], p["last"]))
                if k and chance(r, .06):
                    first = corrupt(r, first.lower()).upper()
                elif k and chance(r, .1):
                    first = nick.get(first, first)
                if k and chance(r, .05):
                    last = corrupt(r, last.lower()).upper()
                q["name"] = f"{last}, {first}" + r.choice(["", f" {middle[0]}", f" {middle[0]}.", "", f" {middle}"]) + (r.choice([" MR", " MRS."][p["sex"] == "F":][:1]) if chance(r, .1) else "")
                q["job"] = job if not chance(r, .12) else r.choice(["", "RETIRED", r.choice(jobs)])
                q["work"] = work if not chance(r, .15) else r.choice(["", "SELF-EMPLOYED", "RETIRED", work[:12]])
                q["zip"] = p["zip"] + (four if chance(r, .4) else "")
                if k and chance(r, .06):
                    q.update(m.address())
                q["city"] = q["city"].upper()
                rows.append((i, "donor", q))
            i += 1
    r.shuffle(rows)
    return World("US", "mdy", {"full_name": "name", "city": "city", "zip": "zip", "employer": "work", "occupation": "job"}, rows, {"employer": {"type": "text"}, "occupation": {"type": "category"}})


def hospital(r, n):
    """National id with slips and gaps, twins, newborns who have no name yet, mothers with the same telephone."""
    m = Maker(r, US)
    rows, i = [], 0
    while len(rows) < n:
        people = [("patient", m.person())]
        k = r.random()
        if k < .06:
            a = people[0][1]
            a["dob"] = m.date(1990, 2020)
            people.append(("twin", dict(m.person(), **{c: a[c] for c in ("last", "dob", "phone", "street", "city", "zip")})))
            people[0] = ("twin", a)
            while people[1][1]["first"] == a["first"]:
                people[1][1]["first"] = m.first(people[1][1]["sex"])
        elif k < .12:
            a = people[0][1]
            for b in range(1 + chance(r, .03)):
                people.append(("newborn", dict(m.person(sex=r.choice("MF")), last=a["last"], phone=a["phone"], street=a["street"], city=a["city"], zip=a["zip"], dob=m.date(2019, 2024) if b == 0 else people[-1][1]["dob"], newborn=1)))
        for trap, p in people:
            p["nid"] = m.fill("###-##-####") if trap != "newborn" else ""
            truth = i
            i += 1
            for c in range(1 + copies(r, 1.9, 12)):
                q = faults(m, p, .8) if c else dict(p)
                if trap == "newborn" and c == 0:
                    q["first"] = {"M": "Baby Boy", "F": "Baby Girl"}[p["sex"]]
                if c and chance(r, .3):
                    q["nid"] = ""
                elif c and chance(r, .05) and q["nid"]:
                    q["nid"] = slip(r, q["nid"])
                rows.append((truth, trap, q))
    r.shuffle(rows)
    return finish(m, rows, {**NAMES, "sex": "sex", "birth_date": "dob", "national_id": "nid", "phone": "phone", **PLACE})


def heavy(r, n):
    m = Maker(r, GB)
    rows, i = [], 0
    while len(rows) < n:
        p = m.person()
        rows += [(i, "heavy", faults(m, p, 1.2)) for _ in range(r.randint(10, 50))]
        i += 1
    r.shuffle(rows)
    return finish(m, rows, {**NAMES, "birth_date": "dob", "email": "email", "phone": "phone", **PLACE})


def marriage(r, n):
    """Half of the women take another last name; the couple then shares address and often the telephone."""
    m = Maker(r, DE)
    rows, i = [], 0
    while len(rows) < n:
        man, woman = m.person(sex="M"), m.person(sex="F")
        for p in (man, woman):
            rows += [(i, "married" if p is woman else "man", faults(m, p, .6) if k else p) for k in range(1 + copies(r, 1.5))]
            i += 1
        if chance(r, .6):
            home = m.address()
            for p in (man, woman):
                q = dict(faults(m, p, .6), **home)
                q["last"] = man["last"] if chance(r, .8) else q["last"]
                if chance(r, .5):
                    q["phone"] = man["phone"]
                rows.append((i - 2 if p is man else i - 1, "married" if p is woman else "man", q))
    r.shuffle(rows)
    return finish(m, rows, {**NAMES, "birth_date": "dob", "email": "email", "phone": "phone", **PLACE})


def generations(r, n):
    """Father, son and grandson of one name at one address, with and without a suffix."""
    m = Maker(r, US)
    people = []
    while len(people) < n / 1.7:
        if chance(r, .3):
            a = m.person(sex="M", dob=m.date(1930, 1950))
            b = dict(m.person(sex="M", dob=m.date(1955, 1978)), **{k: a[k] for k in ("first", "last", "street", "city", "zip", "phone")})
            if chance(r, .5):
                a["suffix"], b["suffix"] = r.choice(["Sr", "Sr.", "I"]), r.choice(["Jr", "Jr.", "II"])
            people += [("father and son", a), ("father and son", b)]
        else:
            people.append(("single", m.person()))
    rows = spread(m, people, 1.7)
    rows = [(t, trap, dict(p, suffix="" if chance(r, .3) else p["suffix"])) for t, trap, p in rows]
    return finish(m, rows, {**NAMES, "suffix": "suffix", "birth_date": "dob", "email": "email", "phone": "phone", **PLACE})


def few(locale, fields, mean=1.6, families=.2, level=1.0, whole=False):
    """The same people with few columns."""

    def make(r, n):
        m = Maker(r, locale)
        people = []
        while len(people) < n / mean:
            people += [("family", p) for p in m.family()] if chance(r, families) else [("single", m.person())]
        world = finish(m, spread(m, people, mean, level), fields)
        if whole:
            for _, _, p in world.rows:
                k = r.random()
                p["whole"] = f"{p['last']}, {p['first']}" if k < .3 else f"{p['first']} {p['middle'][:1]} {p['last']}" if k < .5 else f"{p['first']} {p['last']}"
        return world

    return make


def chinese(r, n):
    """Names in Chinese characters, given with telephone and city."""
    m = Maker(r, CN)
    people = []
    while len(people) < n / 1.6:
        p = m.person()
        p["last"], p["first"] = zipf(r, HAN["last"], 4), zipf(r, HAN["given"], 8)
        if chance(r, .5):
            p["first"] = r.choice(HAN["given"])[0] + r.choice(HAN["given"])[-1]
        p["city"], p["street"] = zipf(r, HAN["cities"], 3), f"{r.choice(HAN['streets'])}{r.randint(1, 300)}号"
        people.append(("han", p))
    rows = []
    for i, (trap, p) in enumerate(people):
        rows.append((i, trap, p))
        for _ in range(copies(r, 1.6)):
            q = dict(p)
            if chance(r, .06):
                q["first"] = r.choice(HAN["given"])
            if chance(r, .25):
                q["phone"] = r.choice(["", m.phone()])
            elif q["phone"]:
                q["phone"] = m.same_phone(q["phone"])
            if chance(r, .3):
                q["email"] = ""
            if chance(r, .15):
                q["dob"] = "" if chance(r, .6) else wrong_date(r, q["dob"])
            if chance(r, .2):
                q["street"], q["city"] = f"{r.choice(HAN['streets'])}{r.randint(1, 300)}号", zipf(r, HAN["cities"], 3)
            rows.append((i, trap, q))
    for _, _, p in rows:
        p["whole"] = p["last"] + p["first"]
    r.shuffle(rows)
    return finish(m, rows, {"full_name": "whole", "birth_date": "dob", "email": "email", "phone": "phone", "street": "street", "city": "city"}, style=False)


def arabic(r, n):
    """Arabic names in Latin letters, spelt anew in each record."""
    m = Maker(r, FR)
    rows, i = [], 0
    while len(rows) < n:
        sex = r.choice("MF")
        first, middle, last = zipf(r, ARABIC["male" if sex == "M" else "female"], 8), zipf(r, ARABIC["male"], 8), zipf(r, ARABIC["last"], 10)
        p = m.person(sex=sex, first=first[0], last=last[0])
        for k in range(1 + copies(r, 1.7)):
            q = faults(m, p, .7, keep=("first",)) if k else dict(p)
            q["first"], q["last"] = r.choice(first), r.choice(last)
            if chance(r, .2):
                q["first"] += f" {r.choice(middle)}"
            rows.append((i, "arabic", q))
        i += 1
    r.shuffle(rows)
    return finish(m, rows, {**NAMES, "birth_date": "dob", "email": "email", "phone": "phone", "city": "city"})


def namesakes(r, n):
    """Strangers with the commonest names in one city; some share the birth year, a few the birth date."""
    m = Maker(r, US)
    people, firsts, lasts = [], US.male[:15] + US.female[:15], US.last[:25]
    while len(people) < n / 1.5:
        people.append(("namesake", m.person(first=r.choice(firsts), last=r.choice(lasts), city="Springfield", zip=r.choice(m.zips["Springfield"]))))
    return finish(m, spread(m, people, 1.5), {**NAMES, "birth_date": "dob", "phone": "phone", **PLACE})


def nothing_twice(r, n):
    m = Maker(r, US)
    rows = []
    while len(rows) < n:
        rows += [(len(rows) + k, "alone", p) for k, p in enumerate(m.family() if chance(r, .3) else [m.person()])]
    return finish(m, rows, {**NAMES, "birth_date": "dob", "email": "email", "phone": "phone", **PLACE})


def junk(r, n):
    """Defaults in every field."""
    m = Maker(r, US)
    people = [("junk", m.person()) for _ in range(int(n / 1.6))]
    rows = []
    for t, trap, p in spread(m, people, 1.6):
        p = dict(p)
        for column, values, share in (("phone", ["000-000-0000", "999-999-9999", "123-456-7890", "555-1212", "n/a"], .15), ("email", ["none@none.com", "noemail@gmail.com", "na@na.com", "declined@company.com", "unknown"], .15),
                                      ("dob", ["1900-01-01", "1970-01-01", "1980-01-01"], .12), ("street", ["unknown", "General Delivery", "PO Box", "1 Test St", "homeless"], .06), ("zip", ["00000", "99999", "12345"], .05), ("last", ["unknown", "x", "na"], .01), ("first", ["unknown", "mr", "test"], .02)):
            if chance(r, share):
                p[column] = r.choice(values)
        rows.append((t, trap, p))
    return finish(m, rows, {**NAMES, "birth_date": "dob", "email": "email", "phone": "phone", **PLACE})


FULL = {**NAMES, "birth_date": "dob", "email": "email", "phone": "phone", **PLACE}
def mailing(whole, bare):
    """Beside `whole` records of people, lines of a mailing list or a list of numbers: one column, of people once or more."""

    def make(r, n):
        m = Maker(r, US)
        rows = []
        for i in range(n // 2):
            p = m.person()
            rows += [(i, "person", q) for q in ([p, faults(m, p)] if chance(r, .3) else [p]) if whole]
            rows += [(i, "line", {bare: p[bare]}) for _ in range(copies(r, 1.6))] + ([] if whole else [(i, "line", {bare: p[bare]})])
        r.shuffle(rows)
        return finish(m, rows, FULL if whole else {bare: bare})
    return make


SETS = {
    "mailing": mailing(True, "email"), "emails": mailing(False, "email"), "numbers": mailing(False, "phone"),
    "febrl": febrl,
    "febrl_names_place": lambda r, n: febrl(r, n, {"first_name", "last_name", "street", "city", "zip", "state"}),
    "voters": voters, "crm": crm, "donors": donors, "hospital": hospital, "heavy": heavy, "marriage": marriage, "generations": generations, "namesakes": namesakes, "junk": junk, "nothing_twice": nothing_twice,
    "us": country(US), "british": country(GB), "german": country(DE, accents=without_umlauts), "french": country(FR, accents=plain), "spanish": country(ES, extra=one_of_two_surnames, accents=plain),
    "brazilian": country(BR, extra=brazilian_names, accents=plain), "indian": country(IN), "pinyin": country(CN, extra=family_first), "polish": country(PL, accents=plain), "han": chinese, "arabic": arabic,
    "firms_us": organisations(US), "firms_gb": organisations(GB), "firms_de": organisations(DE), "firms_fr": organisations(FR), "firms_es": organisations(ES), "firms_br": organisations(BR), "firms_in": organisations(IN),
    "name_email": few(US, {**NAMES, "email": "email"}), "name_phone": few(US, {**NAMES, "phone": "phone"}), "name_zip": few(US, {**NAMES, "zip": "zip"}), "name_birth": few(GB, {**NAMES, "birth_date": "dob"}),
    "name_city_phone": few(DE, {**NAMES, "city": "city", "phone": "phone"}), "name_address": few(US, {**NAMES, **PLACE}), "name_address_phone": few(GB, {**NAMES, **PLACE, "phone": "phone"}),
    "whole_birth": few(US, {"full_name": "whole", "birth_date": "dob"}, whole=True), "whole_place_phone": few(US, {"full_name": "whole", **PLACE, "phone": "phone"}, whole=True),
    "families": few(US, FULL, families=1), "families_few": few(US, {**NAMES, **PLACE, "phone": "phone"}, families=1), "email_phone": few(US, {"email": "email", "phone": "phone"}),
    "dirty": few(US, FULL, level=2), "dirty_heavy": few(US, FULL, level=1.7, mean=5),
}
