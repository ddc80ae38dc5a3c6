"""What a stranger on the same machine reaches of a process: the ports it listens on, and what they answer."""

import socket
import urllib.error
import urllib.request

import psutil


def listening(pids):
    """Addresses at which processes listen."""
    return [
        (one.laddr.ip, one.laddr.port)
        for pid in pids
        for one in psutil.Process(pid).net_connections()
        if one.status == psutil.CONN_LISTEN
    ]


def answer(host, port):
    """What a stranger gets who asks for the first page, or sends a word of Dask's own protocol."""
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/", timeout=5) as page:
            return page.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        pass
    with socket.create_connection((host, port), timeout=5) as line:
        line.sendall((8).to_bytes(8, "little") + b"\x90" * 8)
        line.settimeout(5)
        try:
            return line.recv(100) and line.recv(100)
        except ConnectionError:
            return b""
