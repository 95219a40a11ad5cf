"""CSV: how lines of text become rows: quotes, headers, ragged and long rows."""
from .case import Reject, Wild, gz, people, position_key, text_of, zst

Q = "CSV: quotes"
H = "CSV: headers and columns"
R = "CSV: rows"
ANN, BOB, CY = ("1", "Ann Lee"), ("2", "Bob Ray"), ("3", "Cy Orr")
MANY = tuple(row + ("x" * 600,) for row in people(1, 4_000))
MIB = 1 << 20

# A quote that never closes, in the middle of a file that is much longer than a quote may be.
LONG = ("id,name,note\n" + text_of(MANY[:100]) + 'x,"Ann,\n' + text_of(MANY[100:])).encode()
# Quoted newlines: one field of 900 kB with 60,000 line ends, and rows before and behind it.
LETTER = "Dear Ann,\r\n\n\rbye\n" * 54_000
LETTERS = f'id,name,note\n1,Ann Lee,"{LETTER}"\n2,Bob Ray,x\n'.encode()
TOO_LONG_QUOTE = ('id,name\n1,Ann Lee\n2,"' + "x" * (MIB + 10) + '"\n3,Cy Orr\n').encode()
FULL = b"2," + b"y" * (16 * MIB - 2)
LONG_LINE = b"2," + b"y" * (17 * MIB)
PAGE = "page\n" * 400
PAGES = tuple((str(i), f"Ann\nLee", PAGE) if i % 7 == 0 else (str(i), "Ann Lee", "y" * 2000) for i in range(1, 6_001))
LETTERS_APART = ("id,name,note\n" + "".join(f'{i},"{n}","{t}"\n' if "\n" in n else f"{i},{n},{t}\n" for i, n, t in PAGES)).encode()
EDGE = ('id,name\n1,"' + "x" * (MIB - 1) + '"\n2,"' + "x" * MIB + '"\n3,Cy Orr\n').encode()
WIDE = [f"c{i}" for i in range(2000)]
NAMES = b"1,Ann Lee\n2,Bob Ray\n"

CASES = [
    # Quotes
    Wild(Q, "delimiter, quote, CR, LF inside quotes", b'id,name\n1,"Lee, ""Ann"""\n2,"Bob\r\nRay"\n3,"Cy\rOrr"\n',
         (("1", 'Lee, "Ann"'), ("2", "Bob\r\nRay"), ("3", "Cy\rOrr"))),
    Wild(Q, "every field quoted, doubled quotes only", b'"id","name"\n"1",""""""\n"2",""\n', (("1", '""'), ("2", ""))),
    Wild(Q, "a quote inside an unquoted field", b'id,name\n1,Ann "Nan" Lee\n2,5" pipe\n3,O"Neil, Ann\n',
         (("1", 'Ann "Nan" Lee'), ("2", '5" pipe')), (Reject("too_many_fields", b'3,O"Neil, Ann', "3"),)),
    Wild(Q, "a quote at the end of an unquoted field", b'id,name\n1,6ft 2"\n2,Bob Ray\n', (("1", '6ft 2"'), BOB)),
    Wild(Q, "blanks before a quote", b'id,name\n1, "Ann Lee"\n2,\t"Bob"\n', (("1", ' "Ann Lee"'), ("2", '\t"Bob"')),
         note="then the quote is a character"),
    Wild(Q, "blanks before a quote that holds a comma", b'id,name\n1, "Lee, Ann"\n2,Bob Ray\n', (BOB,),
         (Reject("too_many_fields", b'1, "Lee, Ann"', "1"),)),
    Wild(Q, "blanks behind a closing quote", b'id,name\n"1" ,"Ann Lee"  \n2,"Bob Ray"\t\n', (ANN, BOB)),
    Wild(Q, "text behind a closing quote", b'id,name\n1,"Ann" Lee\n2,Bob Ray\n', (BOB,), (Reject("bad_quote", b'1,"Ann" Lee'),)),
    Wild(Q, "backslash before a quote", b'id,name\n1,"Ann \\"Nan\\" Lee"\n2,"a\\\\"\n', (("2", "a\\\\"),),
         (Reject("bad_quote", b'1,"Ann \\"Nan\\" Lee"'),), note="a backslash is a character; double the quotes"),
    Wild(Q, "single quotes", b"id,name\n1,'Ann Lee'\n2,O'Neil\n", (("1", "'Ann Lee'"), ("2", "O'Neil"))),
    Wild(Q, "typographic quotes", "id,name\n1,“Ann Lee”\n".encode(), (("1", "“Ann Lee”"),)),
    Wild(Q, "unbalanced quote at the end of the file", b'id,name\n1,Ann Lee\n2,"Bob\n3,Cy Orr\n', (ANN, CY),
         (Reject("unclosed_quote", b'2,"Bob'),)),
    Wild(Q, "unbalanced quote, the next row closes it", b'id,name\n1,"Ann\n2,"Bob"\n3,Cy Orr\n', (("2", "Bob"), CY),
         (Reject("bad_quote", b'1,"Ann'),), note="broken row alone, reading goes on at the next line"),
    Wild(Q, "unbalanced quote that swallows whole rows up to the next quote",
         b'id,name\n1,"Ann\n2,Bob Ray\n3,Cy "Orr"\n4,Dee Fox\n', (BOB, ("3", 'Cy "Orr"'), ("4", "Dee Fox")),
         (Reject("bad_quote", b'1,"Ann'),)),
    Wild(Q, "a quote that is the last byte", b'id,name\n1,Ann Lee\n2,"', (ANN,), (Reject("unclosed_quote", b'2,"'),)),
    Wild(Q, "unbalanced quote in the middle of 2.4 MB", LONG, MANY, (Reject("unclosed_quote", b'x,"Ann,'),),
         columns=("id", "name", "note"), note="costs one row", big=True),
    Wild(Q, "2,000 unbalanced quotes", b"id,name\n" + b"".join(b'%d,"Ann\n' % i for i in range(1, 2000)) + b"2000,Bob Ray\n",
         (("2000", "Bob Ray"),), tuple(Reject("bad_quote" if i < 1999 else "unclosed_quote", b'%d,"Ann' % i) for i in range(1, 2000))),
    Wild(Q, "a quoted field of 900 kB with 162,000 line ends", LETTERS, (("1", "Ann Lee", LETTER), ("2", "Bob Ray", "x")),
         columns=("id", "name", "note"), big=True),
    Wild(Q, "12 MB, every seventh row with 400 line ends in quotes", LETTERS_APART, PAGES, columns=("id", "name", "note"),
         note="also where the file is cut into parts of 4 MiB", big=True),
    Wild(Q, "the same, gzip", gz(LETTERS_APART), PAGES, columns=("id", "name", "note"), big=True),
    Wild(Q, "the same, Zstandard", zst(LETTERS_APART), PAGES, columns=("id", "name", "note"), big=True),
    Wild(Q, "a quoted field of more than 1 MiB", TOO_LONG_QUOTE, (ANN, CY),
         (Reject("unclosed_quote", b'2,"' + b"x" * (MIB + 10) + b'"'),), note="a quote closes within 1 MiB", big=True),
    Wild(Q, "quotes that close 1 MiB behind, and one byte later", EDGE, (("1", "x" * (MIB - 1)), CY), (Reject("unclosed_quote", b'2,"' + b"x" * MIB + b'"'),), big=True),
    Wild(Q, "; and quotes: \"a\";\"b;c\"", b'"id";"name"\r\n"1";"Lee; Ann"\r\n', (("1", "Lee; Ann"),)),
    # Headers
    Wild(H, "a column name repeated", b"id,name,phone,phone,phone\n1,Ann Lee,a,b,c\n", (("1", "Ann Lee", "a", "b", "c"),),
         columns=("id", "name", "phone", "phone_2", "phone_3"), said=("phone_2",)),
    Wild(H, "repeated name that meets a real phone_2", b"id,name,phone,phone_2,phone\n1,Ann Lee,a,b,c\n", (("1", "Ann Lee", "a", "b", "c"),),
         columns=("id", "name", "phone", "phone_2", "phone_3")),
    Wild(H, "empty column names", b"id,,name,\n1,x,Ann Lee,y\n", (("1", "x", "Ann Lee", "y"),), columns=("id", "", "name", "_2")),
    Wild(H, "blanks around column names", b" id ,\tname \n1,Ann Lee\n", (ANN,)),
    Wild(H, "line end inside a column name", b'id,"full\nname"\n1,Ann Lee\n2\n', (ANN,), (Reject("too_few_fields", b"2", "2", line=4),),
         columns=("id", "full\nname"), fields='{full_name: "full\\nname"}'),
    Wild(H, "comma and quotes inside a column name", b'id,"name, ""full"""\n1,Ann Lee\n', (ANN,), columns=("id", 'name, "full"'),
         fields='{full_name: "name, \\"full\\""}'),
    Wild(H, "column names that YAML would turn into something else", b"no,1e3,~\n1,Ann Lee,x\n", (("1", "Ann Lee", "x"),),
         columns=("no", "1e3", "~"), key="no", fields='{full_name: 1e3, city: "~"}'),
    Wild(H, "header only", b"id,name\n", ()),
    Wild(H, "header only, no line end", b"id,name", ()),
    Wild(H, "empty file", b"", (), columns=None, said=("no header",)),
    Wild(H, "byte order mark only", b"\xef\xbb\xbf", (), columns=None),
    Wild(H, "blank lines only", b"\n\r\n\n", (), columns=None),
    Wild(H, "blank lines before the header", b"\n\r\nid,name\n1,Ann Lee\n2\n", (ANN,), (Reject("too_few_fields", b"2", "2", line=5),)),
    Wild(H, "header repeated in mid-file (two exports joined)", b"id,name\n1,Ann Lee\nid,name\n2,Bob Ray\nid,name\n3,Cy Orr\n", (ANN, BOB, CY),
         (Reject("repeated_header", b"id,name", times=2),)),
    Wild(H, "header repeated in mid-file, with quotes", b'id,name\n1,Ann Lee\n"id","name"\n2,Bob Ray\n', (ANN, BOB),
         (Reject("repeated_header", b'"id","name"'),)),
    Wild(H, "header repeated with a byte order mark (joined by `cat`)", b"\xef\xbb\xbfid,name\n1,Ann Lee\n\xef\xbb\xbfid,name\n2,Bob Ray\n",
         (ANN, BOB), (Reject("repeated_header", b"\xef\xbb\xbfid,name"),)),
    Wild(H, "second header in another column order", b"id,name\n1,Ann Lee\nname,id\nBob Ray,2\n", (ANN, ("Bob Ray", "2"), ("name", "id")),
         note="read as rows of the first header: the tool cannot know; split the file"),
    Wild(H, "second header with more columns", b"id,name\n1,Ann Lee\nid,name,city\n2,Bob Ray,Rome\n", (ANN,),
         (Reject("too_many_fields", b"id,name,city", "id"), Reject("too_many_fields", b"2,Bob Ray,Rome", "2"))),
    Wild(H, "trailing delimiter in every line", b"id,name,\n1,Ann Lee,\n2,Bob Ray,\n", (ANN + ("",), BOB + ("",)), columns=("id", "name", "")),
    Wild(H, "trailing delimiter in the header alone", b"id,name,\n1,Ann Lee\n2,Bob Ray,\n", (BOB + ("",),),
         (Reject("too_few_fields", b"1,Ann Lee", "1"),), columns=("id", "name", "")),
    Wild(H, "trailing delimiters in the rows alone", b"id,name\n1,Ann Lee,\n2,Bob Ray,\n3,Cy Orr\n", (CY,),
         (Reject("too_many_fields", b"1,Ann Lee,", "1"), Reject("too_many_fields", b"2,Bob Ray,", "2"))),
    Wild(H, "one column only", b"name\nAnn Lee\n\nBob Ray\n", (("Ann Lee",), ("Bob Ray",)), columns=("name",), key="name", said=("one column",)),
    Wild(H, "one column, a line of blanks and a quoted empty line", b'name\nAnn Lee\n  \n""\nBob Ray\n', (("Ann Lee",), ("  ",), ("Bob Ray",)),
         (Reject("null_key", b'""'),), columns=("name",), key="name"),
    Wild(H, "one column, with commas, semicolons and tabs in its values", b"name\nLee, Ann\nRay; Bob\nOrr|Cy\n", (("Lee, Ann",), ("Ray; Bob",), ("Orr|Cy",)),
         columns=("name",), key="name", said=("one column",), record={"Lee, Ann": {"first_name": "Ann", "last_name": "Lee"}}),
    Wild(H, "one column, a person called as the header", b"name\nAnn Lee\nname\n", (("Ann Lee",),), (Reject("repeated_header", b"name"),), columns=("name",), key="name"),
    Wild(H, "the key's name repeated", b"id,id,name\n1,2,Ann Lee\n", (("1", "2", "Ann Lee"),), columns=("id", "id_2", "name")),
    Wild(H, "quote and NUL inside column names", b'id,5" size,na\0me\n1,x,Ann Lee\n', (("1", "x", "Ann Lee"),), columns=("id", '5" size', "na\0me"),
         fields="{city: '5\" size'}", note="a column whose name holds NUL cannot be mapped, only kept"),
    Wild(H, "2,000 columns", (",".join(WIDE) + "\n" + ",".join(f"v{i}" for i in range(2000)) + "\n" + "x\n").encode(),
         (tuple(f"v{i}" for i in range(2000)),), (Reject("too_few_fields", b"x", "x"),), columns=tuple(WIDE), key="c0", fields="{full_name: c1999}"),
    Wild(H, "no header at all", NAMES, (("2", "Bob Ray"),), columns=("1", "Ann Lee"), key='"1"', fields='{full_name: Ann Lee}',
         note="the first row is the header"),
    # Rows
    Wild(R, "rows with too few and too many fields", b"id,name,note\n1,Ann Lee,x\n2,Bob Ray\n3,Cy,Orr,x\n4\n", (("1", "Ann Lee", "x"),),
         (Reject("too_few_fields", b"2,Bob Ray", "2", line=3), Reject("too_many_fields", b"3,Cy,Orr,x", "3", line=4),
          Reject("too_few_fields", b"4", "4", line=5)), columns=("id", "name", "note")),
    Wild(R, "ragged rows where the key is not the first column", b"name,id\nAnn Lee,1\nBob\nCy,Orr,3\n", (("Ann Lee", "1"),),
         (Reject("too_few_fields", b"Bob"), Reject("too_many_fields", b"Cy,Orr,3")), columns=("name", "id"), note="then no key is guessed"),
    Wild(R, "blank lines, and lines of blanks", b"id,name\n\n1,Ann Lee\n  \t\n\r\n2,Bob Ray\n\n", (ANN, BOB), note="no rows"),
    Wild(R, "lines of delimiters only", b"id,name\n1,Ann Lee\n,\n,\n", (ANN,), (Reject("null_key", b",", times=2),)),
    Wild(R, "lines of delimiters only, no key column", b"id,name\n1,Ann Lee\n,\n", (ANN, ("", "")), key=None,
         keys=tuple(position_key(b"id,name\n1,Ann Lee\n,\n", n) for n in (1, 2)), note="an empty person, flagged `empty`"),
    Wild(R, "lines that look like comments", b"id,name\n# made by x\n#2,Bob Ray\n1,Ann Lee\n", (("#2", "Bob Ray"), ANN),
         (Reject("too_few_fields", b"# made by x", "# made by x"),), note="CSV has no comments"),
    Wild(R, "summary line at the end", b"id,name\n1,Ann Lee\n(1 row affected)\n", (ANN,), (Reject("too_few_fields", b"(1 row affected)", "(1 row affected)"),)),
    Wild(R, "Ctrl-Z at the end (DOS)", b"id,name\n1,Ann Lee\n\x1a", (ANN,), (Reject("too_few_fields", b"\x1a", "\x1a"),)),
    Wild(R, "NUL bytes in a value", b"id,name\n1,Ann\0Lee\n2,\0\n3,Cy Orr\n", (("1", "Ann\0Lee"), ("2", "\0"), CY)),
    Wild(R, "a block of NUL bytes behind the last line", b"id,name\n1,Ann Lee\n" + b"\0" * 300, (ANN,), (Reject("too_few_fields", b"\0" * 300, "\0" * 300),)),
    Wild(R, "control characters", b"id,name\n1,\x01A\x08n\x0bn\x0c \x1b[31mLee\x7f\n", (("1", "\x01A\x08n\x0bn\x0c \x1b[31mLee\x7f"),)),
    Wild(R, "vertical tab, form feed, NEL, line separator", "id,name\n1,A\x0bB\x0cC\x85D\u2028E\u2029F\n".encode(), (("1", "A\x0bB\x0cC\x85D\u2028E\u2029F"),),
         note="are no line ends"),
    Wild(R, "byte order mark in mid-file", b"id,name\n1,\xef\xbb\xbfAnn Lee\n\xef\xbb\xbf2,Bob Ray\n", (("1", "\ufeffAnn Lee"), ("\ufeff2", "Bob Ray")),
         record={"1": {"first_name": "Ann", "last_name": "Lee"}}, note="a character of the value"),
    Wild(R, "a row of exactly 16 MiB, and one byte more", b"id,name\n" + FULL + b"\n3" + FULL[1:] + b"y\n", (("2", FULL[2:].decode()),),
         (Reject("row_too_long", b"3" + FULL[1:] + b"y"),), big=True, note="a row may have 16 MiB"),
    Wild(R, "a field of 17 MiB", b"id,name\n1,Ann Lee\n" + LONG_LINE + b"\n3,Cy Orr\n", (ANN, CY), (Reject("row_too_long", LONG_LINE),), big=True),
    Wild(R, "empty key, key of blanks", b"id,name\n,Ann Lee\n ,Bob Ray\n3,Cy Orr\n", ((" ", "Bob Ray"), CY), (Reject("null_key", b",Ann Lee"),)),
    Wild(R, "key of 512 and of 513 bytes", b"id,name\n" + b"k" * 512 + b",Ann Lee\n" + b"k" * 513 + b",Bob Ray\n", (("k" * 512, "Ann Lee"),),
         (Reject("key_too_long", b"k" * 513 + b",Bob Ray"),)),
    Wild(R, "keys that differ in case, blanks and zeros", b"id,name\n1,A Lee\n01,B Lee\na,C Lee\nA,D Lee\n1 ,E Lee\n",
         (("1", "A Lee"), ("01", "B Lee"), ("a", "C Lee"), ("A", "D Lee"), ("1 ", "E Lee")), note="five keys"),
    Wild(R, "a key twice, equal rows", b"id,name\n1,Ann Lee\n1,Ann Lee\n", (ANN,), (Reject("duplicate_key", b"1,Ann Lee", "1", offset=-1),)),
    Wild(R, "a key twice, the newer row stays", b"id,name,at\n1,Ann Lee,2024-02-01\n1,Ann Ray,2024-01-01\n", (("1", "Ann Lee", "2024-02-01"),),
         (Reject("duplicate_key", b"1,Ann Ray,2024-01-01", "1"),), columns=("id", "name", "at"), fields="{full_name: name, updated_at: at}"),
    Wild(R, "a key of two columns", b"a,b,name\n1,2,Ann Lee\n\"1\",,Bob Ray\n\"x\"\"y\",\xc3\xa9,Cy Orr\n", (("1", "2", "Ann Lee"), ('x"y', "é", "Cy Orr")),
         (Reject("null_key", b'"1",,Bob Ray'),), columns=("a", "b", "name"), key="[a, b]", keys=('["1","2"]', '["x\\"y","é"]')),
    Wild(R, "no key column: position in the file", b"id,name\n1,Ann Lee\nbroken\n\n2,Bob Ray\n", (ANN, BOB),
         (Reject("too_few_fields", b"broken", position_key(b"id,name\n1,Ann Lee\nbroken\n\n2,Bob Ray\n", 2)),), key=None,
         keys=tuple(position_key(b"id,name\n1,Ann Lee\nbroken\n\n2,Bob Ray\n", n) for n in (1, 3)), note="ragged rows count, blank lines do not"),
]
