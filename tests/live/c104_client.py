"""A controlling station of c104 (lib60870-C): c104_client.py PORT. Tells what it sees of station 47.

It synchronizes the clock, interrogates, waits for a single point, switches, sets, reads once more and
disconnects. With a second argument it stays, quiet, until its input ends.
"""
import sys
import threading
import time

import c104

client = c104.Client(tick_rate_ms=50, command_timeout_ms=4000)
connection = client.add_connection(ip="127.0.0.1", port=int(sys.argv[1]), init=c104.Init.NONE)
times = connection.protocol_parameters
times.keep_alive_interval = 1
times.message_timeout = 4
times.confirm_interval = 1
station = connection.add_station(common_address=47)
value = station.add_point(io_address=11, type=c104.Type.M_ME_NC_1)
point = station.add_point(io_address=13, type=c104.Type.M_SP_NA_1)
single = station.add_point(io_address=20, type=c104.Type.C_SC_NA_1)
setpoint = station.add_point(io_address=21, type=c104.Type.C_SE_NC_1)
nothing = station.add_point(io_address=99, type=c104.Type.C_SC_NA_1)
opened = threading.Event()


def changed(connection: c104.Connection, state: c104.ConnectionState) -> None:
    print("state", state.name, flush=True)
    if state == c104.ConnectionState.OPEN:
        opened.set()


connection.on_state_change(callable=changed)
client.start()
connection.connect()
assert opened.wait(10)
if len(sys.argv) > 2:
    sys.stdin.read()
else:
    # Right after it has opened, a busy c104 misses an answer that is quick.
    clock = any(connection.clock_sync(common_address=47) for _ in range(3))
    print("clock", clock, flush=True)
    print("interrogation", connection.interrogation(common_address=47), flush=True)
    print("value", round(value.value, 2), "point", point.value, flush=True)
    single.value = True
    print("switch", single.transmit(cause=c104.Cot.ACTIVATION), flush=True)
    setpoint.value = 3.5
    print("set", setpoint.transmit(cause=c104.Cot.ACTIVATION), flush=True)
    nothing.value = True
    print("nothing", nothing.transmit(cause=c104.Cot.ACTIVATION), flush=True)
    print("interrogation", connection.interrogation(common_address=47), flush=True)
    print("value", value.value, "point", point.value, flush=True)
    print("elsewhere", connection.interrogation(common_address=48), flush=True)
print("open", connection.is_connected, flush=True)
client.disconnect_all()
client.stop()
