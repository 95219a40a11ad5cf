"""`migrate` logging in by AWS IAM and by a password that is typed, at the server of MIGRATE_TEST_MYSQL_FILE.

The server of tests/servers/servers.py has a root account without password and certificates beside that file; for IAM a gate
before it checks tokens as Amazon documents them (iam_gate.py, sigv4.py).
"""
import os
import pathlib
import pty
import random
import select
import subprocess
import sys
import time
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "servers")]
import common  # noqa: E402
import sigv4  # noqa: E402
from iam_gate import Gate  # noqa: E402

URL_FILE = pathlib.Path(os.environ["MIGRATE_TEST_MYSQL_FILE"])
PORT = int(URL_FILE.read_text().split(":")[2].split("/")[0])
CERTIFICATES = URL_FILE.parent / "tls"
ROWS = 500
NO_KEYS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
           "AWS_SHARED_CREDENTIALS_FILE": "", "AWS_CONFIG_FILE": "", "AWS_EC2_METADATA_DISABLED": "true"}


def sql(text):
    p = subprocess.run(["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{PORT}", "-uroot", "test"], input=text,
                       capture_output=True, text=True)
    assert p.returncode == 0, p.stderr


class Login(common.Case):
    @classmethod
    def setUpClass(cls):
        sql("DROP TABLE IF EXISTS callers; CREATE TABLE callers (id INT PRIMARY KEY, name VARCHAR(60)); INSERT INTO callers "
            "VALUES " + ",".join(f"({i}, 'Ann{i % 97} Lee{i % 89}')" for i in range(ROWS)))

    def setUp(self):
        super().setUp()
        self.p = self.make_project()

    def plan(self, port, user, password, tls=f"{{ca: {CERTIFICATES}/ca.pem}}"):
        self.p.plan(f"  crm: {{type: mysql, url: \"mysql://{user}@127.0.0.1:{port}/test\", password: {password}, tls: {tls},\n"
                    "        table: callers, key: id, fields: {full_name: name}}")


class AwsIam(Login):
    REGION = "eu-west-1"

    def gate(self, user, keys, session_token="", **kw):
        holder = []

        def check(who, token):
            if who != user:
                return f"user {who}"
            return sigv4.fault_of(token, host="127.0.0.1", port=holder[0].port, user=user, region=self.REGION, keys=keys,
                                  session_token=session_token)
        holder.append(Gate(PORT, CERTIFICATES, check, **kw))
        return holder[0]

    def nothing_shown(self, result, *secrets):
        shown = (result.stdout + result.stderr).encode()
        kept = b"".join(f.read_bytes() for f in self.p.folder.rglob("*") if f.is_file())
        for secret in secrets:
            self.assertNotIn(secret.encode(), shown)
            self.assertNotIn(secret.encode(), kept)

    def test_a_run(self):
        for seed in range(3):
            draw = random.Random(seed)
            user = ["migrate", "Svc+mig-rate_2", "a b/ü@x"][seed]
            key, secret = draw.choice(("AKIDEXAMPLE", "ASIA7")), "".join(draw.choices("abcXYZ0189/+", k=40))
            session = "".join(draw.choices("abcXYZ0189/+=", k=draw.randrange(200, 900))) if seed else ""
            with self.gate(user, {key: secret}, session) as gate:
                quoted = user.replace("@", "%40").replace("/", "%2F").replace(" ", "%20")
                self.plan(gate.port, quoted, f"{{aws_iam: {{region: {self.REGION}}}}}")
                result = self.p.run(out=f"o{seed}", expect=0, env={
                    **NO_KEYS, "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": session})
            self.assertIn(f"{ROWS} rows in = {ROWS} loaded", result.stdout)
            self.assertGreater(len(gate.logins), 1)
            self.assertEqual({(who, fault) for who, _, fault in gate.logins}, {(user, "")})
            signatures = {token.split("Signature=")[1] for _, token, _ in gate.logins}
            self.nothing_shown(result, secret, *signatures)

    def test_keys_of_a_profile(self):
        with self.gate("migrate", {"AKP": "sk/p"}) as gate:
            self.plan(gate.port, "migrate", f"{{aws_iam: {{region: {self.REGION}}}}}")
            credentials = self.p.write("keys", "[default]\naws_access_key_id=no\naws_secret_access_key=no\n"
                                               "[work]\naws_access_key_id = AKP\naws_secret_access_key = sk/p\n")
            self.p.run(expect=0, env={**NO_KEYS, "AWS_SHARED_CREDENTIALS_FILE": str(credentials), "AWS_PROFILE": "work"})
            nobody = self.p.migrate("run", self.p.plan_file, out="o2", env={**NO_KEYS, "HOME": str(self.p.folder)})
            self.assertEqual(nobody.code, 2, nobody)
            self.assertIn("no AWS keys", nobody.stderr)
            self.assertIn("source crm", nobody.stderr)

    def test_what_a_server_refuses(self):
        with self.gate("migrate", {"AKIDEXAMPLE": "right"}) as gate:
            self.plan(gate.port, "migrate", f"{{aws_iam: {{region: {self.REGION}}}}}")
            result = self.p.migrate("run", self.p.plan_file, env={
                **NO_KEYS, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wrong"})
            self.assertEqual(result.code, 2, result)
            self.assertEqual([fault for _, _, fault in gate.logins], ["signature"])
            self.assertIn("rds-db:connect", result.stderr)
            self.nothing_shown(result, "Signature=")

    def test_no_token_without_a_checked_server(self):
        keys = {**NO_KEYS, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "right"}
        ca, other = CERTIFICATES / "ca.pem", CERTIFICATES / "other-ca.pem"
        for tls, offered, code, said in ((f"{{ca: {ca}}}", False, 1, "TLS"), (f"{{ca: {other}}}", True, 1, "an authority that tls.ca holds"),
                                         ("{mode: required}", True, 2, "tls.mode is 'required'"),
                                         ("{mode: disabled}", True, 2, "tls.mode is 'disabled'"),
                                         (f"{{mode: verify_ca, ca: {ca}}}", True, 2, "tls.mode is 'verify_ca'")):
            with self.gate("migrate", {"AKIDEXAMPLE": "right"}, tls=offered) as gate:
                self.plan(gate.port, "migrate", f"{{aws_iam: {{region: {self.REGION}}}}}", tls)
                result = self.p.migrate("run", self.p.plan_file, env=keys)
                self.assertEqual(result.code, code, (tls, result))
                self.assertIn(said, result.stderr)
                self.assertEqual([token for _, token, _ in gate.logins if token], [], tls)

    def test_no_password_to_who_asks_for_it_in_clear(self):
        for plugin in ("mysql_clear_password", "dialog", "mysql_old_password"):
            for tls, mode in ((True, f"{{mode: verify_identity, ca: {CERTIFICATES}/ca.pem}}"), (False, "{mode: disabled}")):
                with self.gate("migrate", {}, tls=tls, plugin=plugin) as gate:
                    self.plan(gate.port, "migrate", "{env: CRM_PASSWORD}", mode)
                    result = self.p.migrate("run", self.p.plan_file, env={"CRM_PASSWORD": "s3cret-word"})
                    self.assertNotEqual(result.code, 0, result)
                    self.assertIn("restricted_auth", result.stderr)
                    self.assertEqual(gate.logins, [("migrate", None, "no password")])

    def test_no_file_of_this_machine_to_who_asks_for_it(self):
        private = self.p.write("private", "top s3cret\n")
        gate = Gate(PORT, CERTIFICATES, lambda *_: "", tls=True, steal=str(private))
        with gate:
            self.plan(gate.port, "migrate", f"{{aws_iam: {{region: {self.REGION}}}}}")
            result = self.p.migrate("run", self.p.plan_file, env={
                **NO_KEYS, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "right"})
            self.assertEqual(result.code, 1, result)
            self.assertNotIn(b"s3cret", b"".join(gate.stolen))


class Prompt(Login):
    def setUp(self):
        super().setUp()
        sql("DROP USER IF EXISTS typed@'%'; CREATE USER typed@'%' IDENTIFIED BY 'pa ss'; GRANT SELECT ON test.* TO typed@'%'")
        self.plan(PORT, "typed", "{prompt: true}")

    def typed(self, *lines):
        """`migrate run` on a terminal of its own, where each line is typed when the question comes: (exit code, screen)."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.p.folder)
            os.execve(common.MIGRATE, [common.MIGRATE, "run", str(self.p.plan_file)], self.p.environment())
        screen, lines, end = b"", list(lines), time.monotonic() + 120
        while time.monotonic() < end:
            if select.select([terminal], [], [], 1)[0]:
                try:
                    screen += os.read(terminal, 65536)
                except OSError:  # the last process on it has ended
                    break
            if lines and b"password of typed@127.0.0.1" in screen:
                os.write(terminal, lines.pop(0).encode())
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), screen.decode(errors="replace")

    def test_typed(self):
        code, screen = self.typed("pa ss\n")
        self.assertEqual(code, 0, screen)
        self.assertEqual(screen.count("password of typed@"), 1, "asked once, for all sessions")
        self.assertNotIn("pa ss", screen)
        self.assertIn(f"{ROWS} rows in", screen)

    def test_typed_wrong_and_left(self):
        code, screen = self.typed("wrong\n")
        self.assertEqual(code, 2, screen)
        self.assertIn("Access denied", screen)
        code, screen = self.typed("pa\x03")
        self.assertEqual(code, 1, screen)
        self.assertIn("no password was typed", screen)

    def test_no_terminal(self):
        p = subprocess.run([common.MIGRATE, "run", self.p.plan_file], env=self.p.environment(), stdin=subprocess.DEVNULL,
                           capture_output=True, text=True, start_new_session=True)
        self.assertEqual(p.returncode, 2, p)
        self.assertIn("needs a terminal to ask on", p.stderr)
        self.assertIn("source crm", p.stderr)


if __name__ == "__main__":
    unittest.main()
