"""What the tests share that harm a server: the server itself, its client, and a proxy that cuts connections."""
import pathlib
import os
import random
import select
import signal
import socket
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "e2e"), str(HERE.parent / "servers")]
import servers  # noqa: E402


class Server:
    """A server of its own in `folder`. Only this class's methods harm it."""

    def __init__(self, kind, folder, options=()):
        self.kind, self.folder = kind, pathlib.Path(folder)
        self.url = servers.start(kind, self.folder, options)
        self.port = int(self.url.rsplit(":", 1)[1].split("/")[0])

    def client(self, database="", user="root", password=None):
        return ["mariadb", "--no-defaults", "--batch", "--skip-column-names", "--default-character-set=utf8mb4", "-h127.0.0.1",
                f"-P{self.port}", f"-u{user}", *([f"-p{password}"] if password else []), *([database] if database else [])]

    def sql(self, text, database="test", check=True, **login):
        p = subprocess.run(self.client(database, **login), input=text, capture_output=True, encoding="utf-8",
                           errors="surrogateescape")
        assert not check or p.returncode == 0, p.stderr
        return p.stdout

    def begin(self, text, database="test"):
        """Statements of a second client, which does not wait for their end."""
        p = subprocess.Popen(self.client(database), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, text=True)
        p.stdin.write(text)
        p.stdin.close()
        return p

    def connections(self, user):
        return [int(n) for n in
                self.sql(f"SELECT id FROM information_schema.processlist WHERE user = '{user}'", check=False).split()]

    def kill_connections(self, user, query=False):
        """How many there were."""
        found = self.connections(user)
        for c in found:
            self.sql(f"KILL {'QUERY ' if query else ''}{c}", check=False)
        return len(found)

    def kill(self):
        servers.kill(self.folder)

    def again(self):
        servers.again(self.folder)

    def revive(self):
        """Starts it again if it has ended itself: on a full disk; and MySQL 8.0.31 does where a connection is killed that adds
        an index to a partitioned table (assertion in dict0dict.cc). True if it had."""
        if self.sql("SELECT 1", "mysql", check=False):
            return False
        self.again()
        return True

    def pause(self, seconds):
        pid = servers.pid_of(self.folder)
        os.kill(pid, signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            os.kill(pid, signal.SIGCONT)

    def stop(self):
        servers.stop(self.folder)


def cut(connection):
    """Ends it as by a machine that is gone."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()


class Proxy:
    """Forwards TCP to `port`. Subclasses say by forward() what becomes of each piece; the whole connection is cut (with
    RST, as by a machine that is gone) when it returns False."""

    def __init__(self, port):
        self.target = port
        self.cuts = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def forward(self, state, from_client, data, to):
        to.sendall(data)
        return True

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        state = {"client": client}
        try:
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(1 << 16)
                    if not data:
                        return
                    if not self.forward(state, ready is client, data, server if ready is client else client):
                        self.cuts += 1
                        cut(client)
                        cut(server)
                        return
        except OSError:
            pass
        finally:
            client.close()
            server.close()


class CuttingProxy(Proxy):
    """Cuts each connection after a random number of bytes, `most` times in all; cuts mean to be in mid-stream."""

    def __init__(self, port, seed, most, mean):
        self.random, self.most, self.mean, self.armed = random.Random(seed), most, mean, False
        super().__init__(port)

    def forward(self, state, from_client, data, to):
        if not self.armed or self.cuts >= self.most:
            return super().forward(state, from_client, data, to)
        left = state.setdefault("left", int(self.random.expovariate(1 / self.mean)))
        state["left"] -= len(data)
        if state["left"] >= 0:
            return super().forward(state, from_client, data, to)
        to.sendall(data[:left])
        return False


class CommitProxy(Proxy):
    """Cuts the connection that sends the nth COMMIT: when the server has answered it, before the client knows; or, with
    `before`, without the server ever seeing it."""

    COMMIT = b"\x07\0\0\0\x03COMMIT"

    def __init__(self, port, nth, before):
        self.nth, self.before, self.commits = nth, before, 0
        self._lock = threading.Lock()
        super().__init__(port)

    def forward(self, state, from_client, data, to):
        if not from_client:
            return False if state.get("doomed") else super().forward(state, from_client, data, to)
        if data == self.COMMIT:
            with self._lock:
                self.commits += 1
                doomed = self.commits == self.nth
            if doomed and self.before:
                return False
            state["doomed"] = doomed
        return super().forward(state, from_client, data, to)


class StalledProxy(CommitProxy):
    """Cuts off only the client from the connection that sends the nth COMMIT, while `stall` holds the server up: there the
    transaction lives on, and is committed when nobody waits for it any more."""

    def __init__(self, port, nth, stall):
        self.stall = stall
        super().__init__(port, nth, before=False)

    def forward(self, state, from_client, data, to):
        if from_client and data == self.COMMIT:
            with self._lock:
                self.commits += 1
                now = self.commits == self.nth
            if now:
                self.stall()
                to.sendall(data)
                cut(state["client"])
                time.sleep(4)
                return False
        return Proxy.forward(self, state, from_client, data, to)
