"""A Modbus TCP server of pymodbus: pymodbus_server.py PORT. Prints `up` when it listens.

Unit 1: ten coils, discrete inputs, holding and input registers and a little more, from address 0.
"""
import asyncio
import sys

from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.server import ModbusTcpServer


def block(values):
    # The block's first address is 1: pymodbus takes one away.
    return ModbusSequentialDataBlock(1, values)


async def main():
    device = ModbusDeviceContext(
        co=block([0, 1, 1] * 20),
        di=block([1, 0] * 30),
        hr=block(list(range(1000, 1100))),
        ir=block([0xFFFF, 0x1234] * 30),
    )
    context = ModbusServerContext(devices=device, single=True)
    server = ModbusTcpServer(context, address=("127.0.0.1", int(sys.argv[1])))
    await server.serve_forever(background=True)
    print("up", flush=True)
    await server.serving


asyncio.run(main())
