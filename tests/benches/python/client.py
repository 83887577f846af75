"""A client as one writes it in Python: a socket and a thread for each session, select, recv(2048),
a list behind a lock. What longlink is measured against; prints one figure.

usage: client.py memory|send|receive PORT COUNT
       client.py login|chat|telemetry 0 COUNT
"""

import binascii
import select
import socket
import struct
import sys
import threading
import time

HEAD = struct.Struct(">II")
PAYLOAD = b"\x09" * 129


def encode(sequence, payload):
    return HEAD.pack(HEAD.size + len(payload), sequence) + payload


class Session(threading.Thread):
    """Reads frames (length of all, sequence, payload) into a list."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lock = threading.Lock()
        self.messages = []
        self.received = b""

    def run(self):
        while True:
            ready, _, _ = select.select([self.socket], [], [], 1.0)
            if not ready:
                continue
            data = self.socket.recv(2048)
            if not data:
                return
            self.received += data
            self.split()

    def split(self):
        while len(self.received) >= HEAD.size:
            length, sequence = HEAD.unpack(self.received[: HEAD.size])
            if len(self.received) < length:
                return
            payload = self.received[HEAD.size : length]
            self.received = self.received[length:]
            with self.lock:
                self.messages.append((sequence, payload))

    def take(self):
        with self.lock:
            messages, self.messages = self.messages, []
        return messages

    def say(self, number):
        self.socket.sendall(encode(0, struct.pack(">Q", number)))


def memory(port, count):
    """Bytes of the process's own pages for each idle session."""
    before = resident()
    sessions = [Session(port) for _ in range(count)]
    for session in sessions:
        session.start()
    time.sleep(1)
    return (resident() - before) / count


def resident():
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("RssAnon"))
    return int(line.split()[1]) * 1024


def send(port, count):
    """Frames a second, encoded one by one."""
    session = Session(port)
    session.say(count * len(encode(0, PAYLOAD)))
    start = time.perf_counter()
    for sequence in range(count):
        session.socket.sendall(encode(sequence, PAYLOAD))
    session.socket.recv(8)
    return count / (time.perf_counter() - start)


def receive(port, count):
    """Frames a second, taken from the list by another thread."""
    session = Session(port)
    session.start()
    start = time.perf_counter()
    session.say(count)
    taken = 0
    while taken < count:
        taken += len(session.take())
        time.sleep(0.001)
    return count / (time.perf_counter() - start)


LOGIN = struct.Struct(">HIHIQQBBH")
CHAT = struct.Struct(">QQH")
RECORD = struct.Struct(">IiiHHBBH")


def login_frame():
    fields = (0xA55A, 32, 0x0102, 77, 0x1122334455667788, 1_700_000_000_123, 5 << 5 | 19, 3)
    checksum = 0
    for word in struct.unpack(">15H", LOGIN.pack(*fields, 0)[:30]):
        checksum ^= word
    return LOGIN.pack(*fields, checksum)


def decode_login(frame):
    magic, total, command, sequence, session, sent, flags, version, checksum = LOGIN.unpack(frame)
    for word in struct.unpack(">15H", frame[:30]):
        checksum ^= word
    if magic != 0xA55A or total != 32 or checksum:
        raise ValueError
    return {
        "command": command, "sequence": sequence, "session": session, "sent_ms": sent,
        "kind": flags >> 5, "options": flags & 31, "version": version,
    }


def chat_frame():
    text = b"a line of chat that is forty-eight bytes long..."
    body = CHAT.pack(0x1001, 0x2002, len(text)) + text + b"\x04"
    for tag, length in enumerate((8, 12, 16, 10), 1):
        body += struct.pack(">BH", tag, length) + bytes(range(length))
    frame = struct.pack(">IHI", 10 + len(body) + 2, 0x10, 4242) + body
    return frame + struct.pack(">H", binascii.crc_hqx(frame, 0xFFFF))


def decode_chat(frame):
    length, command, sequence = struct.unpack(">IHI", frame[:10])
    if length != len(frame) or command != 0x10:
        raise ValueError
    if struct.unpack(">H", frame[-2:])[0] != binascii.crc_hqx(frame[:-2], 0xFFFF):
        raise ValueError
    sender, receiver, size = CHAT.unpack(frame[10:28])
    at = 28 + size
    text = frame[28:at].decode()
    attributes = []
    count = frame[at]
    at += 1
    for _ in range(count):
        tag, size = struct.unpack(">BH", frame[at : at + 3])
        attributes.append((tag, frame[at + 3 : at + 3 + size]))
        at += 3 + size
    return {
        "sequence": sequence, "from": sender, "to": receiver, "text": text,
        "attributes": attributes,
    }


def telemetry_frame():
    records = RECORD.pack(1, -2, 3, 4, 5, 0x12, 6, 0x1234) * 256
    return struct.pack(">IHIH", 12 + len(records), 0x20, 99, 256) + records


def decode_telemetry(frame):
    length, command, _, count = struct.unpack(">IHIH", frame[:12])
    if length != len(frame) or command != 0x20:
        raise ValueError
    records = frame[12 : 12 + count * RECORD.size]
    return [
        {
            "time": time_, "lat": lat, "lon": lon, "speed": speed, "heading": heading,
            "alarm_high": alarm >> 4, "alarm_low": alarm & 15, "status": status,
            "altitude": packed >> 4, "fix": packed & 15,
        }
        for time_, lat, lon, speed, heading, alarm, status, packed in RECORD.iter_unpack(records)
    ]


def decode(frame, decoder):
    """Nanoseconds for each frame."""

    def timed(_, count):
        start = time.perf_counter()
        for _ in range(count):
            decoder(frame)
        return (time.perf_counter() - start) / count * 1e9

    return timed


FIGURES = {
    "memory": memory,
    "send": send,
    "receive": receive,
    "login": decode(login_frame(), decode_login),
    "chat": decode(chat_frame(), decode_chat),
    "telemetry": decode(telemetry_frame(), decode_telemetry),
}

if __name__ == "__main__":
    what, port, count = sys.argv[1:]
    print(FIGURES[what](int(port), int(count)))
