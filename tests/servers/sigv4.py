"""The server's side of an RDS login token (AWS Signature Version 4), written from Amazon's documentation with nothing of the
product: is this token signed by that key for this user, host and moment?"""
import datetime
import hashlib
import hmac
from urllib.parse import parse_qsl, quote


def _hmac(key, message):
    return hmac.new(key, message.encode(), hashlib.sha256).digest()


def signature(secret, time, region, service, canonical):
    key = ("AWS4" + secret).encode()
    for part in (time[:8], region, service, "aws4_request"):
        key = _hmac(key, part)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return _hmac(key, f"AWS4-HMAC-SHA256\n{time}\n{time[:8]}/{region}/{service}/aws4_request\n{digest}").hex()


def fault_of(token, *, host, port, user, region, keys, session_token="", now=None):
    """Why the token does not log `user` in, or "". `keys` maps access key ids to secrets."""
    place, _, text = token.partition("/?")
    if place != f"{host}:{port}":
        return f"made for {place}"
    pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True)
    query = dict(pairs)
    if len(query) != len(pairs):
        return "a parameter twice"
    given = query.pop("X-Amz-Signature", "")
    key_id, _, scope = query.get("X-Amz-Credential", "").partition("/")
    time = query.get("X-Amz-Date", "")
    wanted = {"Action": "connect", "DBUser": user, "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Expires": "900",
              "X-Amz-SignedHeaders": "host", "X-Amz-Date": time, "X-Amz-Credential": query.get("X-Amz-Credential")}
    if session_token:
        wanted["X-Amz-Security-Token"] = session_token
    if query != wanted:
        return f"parameters {sorted(set(query.items()) ^ set(wanted.items()))}"
    if scope != f"{time[:8]}/{region}/rds-db/aws4_request":
        return f"scope {scope}"
    if key_id not in keys:
        return "unknown key"
    signed = datetime.datetime.strptime(time, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    now = now or datetime.datetime.now(datetime.timezone.utc)
    if not -60 <= (now - signed).total_seconds() <= 900:
        return f"signed at {time}"
    text = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in sorted(query.items()))
    canonical = f"GET\n/\n{text}\nhost:{place}\n\nhost\n{hashlib.sha256(b'').hexdigest()}"
    return "" if hmac.compare_digest(given, signature(keys[key_id], time, region, "rds-db", canonical)) else "signature"
