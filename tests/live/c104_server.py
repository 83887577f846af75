"""A controlled station of c104 (lib60870-C): c104_server.py PORT REPORT_MS T3 T1 T2. Prints `up` when it listens.

Station 47: a short floating point number at 11, reported so often (0: never), a single point at 12, a double point with time at 13, a scaled value with time at 14; single
commands at 20, short setpoints at 21. Prints each command that it executes.
"""
import datetime
import sys
import time

import c104

server = c104.Server(ip="127.0.0.1", port=int(sys.argv[1]), tick_rate_ms=50, max_connections=4)
times = server.protocol_parameters
times.keep_alive_interval, times.message_timeout, times.confirm_interval = map(int, sys.argv[3:6])
times.connection_timeout = 5
times.send_window_size = 12
times.receive_window_size = 8

station = server.add_station(common_address=47)
short = station.add_point(io_address=11, type=c104.Type.M_ME_NC_1, report_ms=int(sys.argv[2]))
short.value = 12.5
station.add_point(io_address=12, type=c104.Type.M_SP_NA_1).value = True
station.add_point(io_address=13, type=c104.Type.M_DP_TB_1).value = c104.Double.ON
station.add_point(io_address=14, type=c104.Type.M_ME_TE_1).value = c104.Int16(-1234)
single = station.add_point(io_address=20, type=c104.Type.C_SC_NA_1)
setpoint = station.add_point(io_address=21, type=c104.Type.C_SE_NC_1)


def obey(point: c104.Point, previous_info: c104.Information,
         message: c104.IncomingMessage) -> c104.ResponseState:
    print("command", point.io_address, point.value, flush=True)
    return c104.ResponseState.SUCCESS


def clock(server: c104.Server, ip: str, date_time: datetime.datetime) -> c104.ResponseState:
    print("clock", date_time.year, flush=True)
    return c104.ResponseState.SUCCESS


single.on_receive(callable=obey)
setpoint.on_receive(callable=obey)
server.on_clock_sync(callable=clock)
server.start()
print("up", flush=True)
while True:
    time.sleep(3600)
