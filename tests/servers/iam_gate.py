"""A MySQL server that logs in by AWS IAM tokens, for tests: a gate before a real server.

It speaks TLS and the login itself, with the real server's greeting: asks for the token by mysql_clear_password (as Aurora
does), checks it by sigv4.py, logs in to the real server as root without password, and from then on passes bytes on.

    with Gate(port_of_real_server, folder_with_certificates, check) as gate:
        ... mysql://user@127.0.0.1:{gate.port}/test ...
    gate.logins    one (user, password, fault) each; the password is None if the client gave none

`check(user, password)` gives the fault of a login, "" if there is none. `tls=False` offers none; `plugin` is how the gate
asks for the password; `steal=PATH` asks for that file of the client's instead of answering its first query, as LOAD DATA
LOCAL does, and keeps what comes in `gate.stolen`.
"""
import socket
import ssl
import struct
import threading

CONNECT_WITH_DB, SSL, SECURE_CONNECTION = 0x8, 0x800, 0x8000
CONNECT_ATTRS, LENENC = 0x100000, 0x200000


class Gate:
    def __init__(self, port, certificates, check, tls=True, plugin="mysql_clear_password", steal=None):
        self.backend, self.check, self.tls, self.plugin, self.steal = port, check, tls, plugin, steal
        self.logins, self.stolen = [], []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(f"{certificates}/server.pem", f"{certificates}/server.key")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            with socket.create_connection(("127.0.0.1", self.backend)) as server:
                self._login(client, server)
        except (OSError, EOFError):  # the client or the server went away
            pass
        finally:
            client.close()

    def _login(self, client, server):
        _, greeting = read_packet(server)
        if not self.tls:
            greeting = without_tls(greeting)
        write_packet(client, 0, greeting)
        number, answer = read_packet(client)
        if not struct.unpack_from("<I", answer)[0] & SSL:
            return self._token(client, server, number, answer)
        with self.context.wrap_socket(client, server_side=True) as private:
            self._token(private, server, *read_packet(private))

    def _token(self, client, server, number, answer):
        user, response = as_root(answer)
        scramble = b"0123456789abcdefghij"
        write_packet(client, number + 1, b"\xfe" + self.plugin.encode() + b"\0" + scramble + b"\0")
        try:
            number, password = read_packet(client)
        except EOFError:
            self.logins.append((user, None, "no password"))
            return
        password = password.rstrip(b"\0").decode(errors="replace")
        fault = self.check(user, password)
        self.logins.append((user, password, fault))
        if fault:
            write_packet(client, number + 1, b"\xff" + struct.pack("<H", 1045) + b"#28000Access denied for user")
            return
        write_packet(server, 1, response)
        _, verdict = read_packet(server)
        if verdict[:1] == b"\xfe":  # another way of logging in; no password is no password
            write_packet(server, 3, b"")
            _, verdict = read_packet(server)
        write_packet(client, number + 1, verdict)
        if self.steal:
            read_packet(client)
            write_packet(client, 1, b"\xfb" + self.steal.encode())
            self.stolen.append(read_packet(client)[1])
            return
        back = threading.Thread(target=pass_on, args=(server, client), daemon=True)
        back.start()
        pass_on(client, server)
        back.join()


def read_exactly(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def read_packet(connection):
    """(its number, its bytes)"""
    head = read_exactly(connection, 4)
    return head[3], read_exactly(connection, int.from_bytes(head[:3], "little"))


def write_packet(connection, number, data):
    connection.sendall(len(data).to_bytes(3, "little") + bytes([number]) + data)


def without_tls(greeting):
    """The greeting without the flag CLIENT_SSL, which stands behind version, thread, 8 bytes of scramble and a zero."""
    at = greeting.index(b"\0", 1) + 1 + 4 + 8 + 1
    flags = struct.unpack_from("<H", greeting, at)[0] & ~SSL
    return greeting[:at] + struct.pack("<H", flags) + greeting[at + 2:]


def as_root(answer):
    """The user of a login, and the same login as root without password and without TLS."""
    flags = struct.unpack_from("<I", answer)[0]
    user_end = answer.index(b"\0", 32)
    user = answer[32:user_end].decode()
    at = user_end + 1
    size = answer[at]
    assert size < 251, "the answer to the greeting is a scramble"
    rest = answer[at + 1 + size:]
    ours = flags & ~(SSL | CONNECT_ATTRS | LENENC) | SECURE_CONNECTION
    database = rest[:rest.index(b"\0") + 1] if flags & CONNECT_WITH_DB else b""
    plugin = rest[len(database):]
    plugin = plugin[:plugin.index(b"\0") + 1]
    return user, struct.pack("<I", ours) + answer[4:32] + b"root\0" + b"\0" + database + plugin


def pass_on(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
