"""The grammar of docs/formats.md ("The CSV that is read") once more, as plainly as Python can say it: an oracle for any bytes."""
QUOTE_BYTES = 1 << 20
UNDEFINED_1252 = (0x81, 0x8d, 0x8f, 0x90, 0x9d)


def line_end(data, at):
    """(where the physical line that holds `at` ends, where the next one begins)"""
    ends = [i for i in (data.find(b"\n", at), data.find(b"\r", at)) if i >= 0]
    if not ends:
        return len(data), len(data)
    end = min(ends)
    return end, end + (2 if data[end:end + 2] == b"\r\n" else 1)


def record(data, at, delimiter):
    """(fields, end, next) of the record at `at`, or a reason."""
    blanks = b" \t".replace(delimiter, b"")
    fields = []
    while True:
        if data[at:at + 1] == b'"':
            opened, text = at, b""
            at += 1
            while True:
                close = data.find(b'"', at)
                if close < 0 or close - opened > QUOTE_BYTES:
                    return "unclosed_quote"
                text += data[at:close]
                if data[close + 1:close + 2] != b'"':
                    break
                text += b'"'
                at = close + 2
            at = close + 1
            while data[at:at + 1] and data[at:at + 1] in blanks:
                at += 1
            if data[at:at + 1] not in (delimiter, b"\n", b"\r", b""):
                return "bad_quote"
        else:
            end, _ = line_end(data, at)
            stop = data.find(delimiter, at, end)
            stop = end if stop < 0 else stop
            text, at = data[at:stop], stop
        fields.append(text)
        if data[at:at + 1] != delimiter:
            return fields, at, line_end(data, at)[1]
        at += 1


def decode(data, encoding):
    """The text, or None."""
    if encoding == "windows-1252":
        return None if any(b in UNDEFINED_1252 for b in data) else data.decode("cp1252")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def again(fields, encoding):
    """The names that a row holds if it is the header once more: without blanks around them, the first without a mark."""
    first = fields[0].removeprefix("\ufeff") if encoding == "utf-8" else fields[0]
    return [name.strip(" \t") for name in (first, *fields[1:])]


def read(data, delimiter, encoding):
    """(header, [(number, line, offset, fields or reason, raw)]): every row behind the header, wherever it goes."""
    delimiter = delimiter.encode()
    header, at, line, number, out = None, 0, 1, 0, []
    while at < len(data):
        found = record(data, at, delimiter)
        fields, end, following = found if isinstance(found, tuple) else (found, *line_end(data, at))
        raw = data[at:end]
        if raw.strip(b" \t".replace(delimiter, b"")):
            if header is None:
                header = raw, fields
                names = [f.decode() for f in fields]
            else:
                number += 1
                texts = None if isinstance(fields, str) else [decode(f, encoding) for f in fields]
                if isinstance(fields, list):
                    if raw == header[0]:
                        fields = "repeated_header"
                    elif len(fields) != len(header[1]):
                        fields = "too_few_fields" if len(fields) < len(header[1]) else "too_many_fields"
                    else:
                        fields = "undecodable_bytes" if decode(raw, encoding) is None else texts
                    if isinstance(fields, list) and again(fields, encoding) == names:
                        fields = "repeated_header"
                out.append((number, line, at, fields, raw))
        passed = data[at:following]
        line += passed.count(b"\n") + passed.count(b"\r") - passed.count(b"\r\n")
        at = following
    return [f.decode() for f in header[1]], out
