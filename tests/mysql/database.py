"""The server that MIGRATE_TEST_MYSQL_FILE (or _URL) names, and a client that asks it."""
import os
import pathlib
import subprocess

URL = os.environ.get("MIGRATE_TEST_MYSQL_URL") or pathlib.Path(os.environ["MIGRATE_TEST_MYSQL_FILE"]).read_text().strip()
PASSWORD = os.environ.get("MIGRATE_TEST_MYSQL_PASSWORD", "")
USER, _rest = URL[len("mysql://"):].split("@")
HOST, _rest = _rest.split(":")
PORT, DATABASE = _rest.split("/")


def client(text, database=DATABASE):
    """What the client prints: a line a row, values apart by tabs."""
    p = subprocess.run(["mariadb", "--no-defaults", "--batch", "--skip-column-names", "--default-character-set=utf8mb4",
                        f"-h{HOST}", f"-P{PORT}", f"-u{USER}", database], input=text, capture_output=True, text=True,
                       env={**os.environ, "MYSQL_PWD": PASSWORD})
    assert p.returncode == 0, p.stderr
    return p.stdout
