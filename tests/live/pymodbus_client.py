"""A Modbus TCP client of pymodbus: pymodbus_client.py PORT. One function a line, and what came."""
import sys

from pymodbus.client import ModbusTcpClient


def show(name, result):
    if result.isError():
        print(name, "exception", result.exception_code)
    elif result.registers:
        print(name, result.registers)
    elif result.bits:
        print(name, "".join(str(int(bit)) for bit in result.bits))
    else:
        print(name, "ok")


client = ModbusTcpClient("127.0.0.1", port=int(sys.argv[1]), timeout=5, retries=0)
assert client.connect()
at = {"device_id": 3}
show("read_coils", client.read_coils(1, count=11, **at))
show("read_discrete_inputs", client.read_discrete_inputs(2, count=9, **at))
show("read_holding_registers", client.read_holding_registers(0, count=4, **at))
show("read_input_registers", client.read_input_registers(3, count=2, **at))
show("write_coil", client.write_coil(5, True, **at))
show("write_register", client.write_register(10, 0xBEEF, **at))
show("write_coils", client.write_coils(6, [True] * 9, **at))
show("read_coils", client.read_coils(4, count=12, **at))
show("write_registers", client.write_registers(20, [1, 2, 0xFFFF], **at))
show("mask_write_register", client.mask_write_register(address=4, and_mask=0xF2, or_mask=0x25, **at))
show("readwrite_registers", client.readwrite_registers(
    read_address=20, read_count=2, write_address=21, values=[7], **at))
show("read_holding_registers", client.read_holding_registers(4, count=7, **at))
print("diag_query_data", client.diag_query_data(b"\x12\x34", **at).message.hex())
report = client.report_device_id(**at)
print("report_device_id", report.identifier, report.status)
print("read_fifo_queue", client.read_fifo_queue(address=0, **at).values)
information = client.read_device_information(read_code=1, object_id=0, **at).information
print("read_device_information", information[0], information[1])
show("read_holding_registers", client.read_holding_registers(990, count=11, **at))
show("read_fifo_queue", client.read_fifo_queue(address=1, **at))
show("read_exception_status", client.read_exception_status(**at))
client.close()
