//! Bodies in the words and raw numbers of the published values.

use longlink::CivilTime;
use serde_json::{Value, json};

use crate::declarations::gb32960::Body;
use crate::declarations::gb32960::command::{Order, Parameter, Parameters, Question};
use crate::declarations::gb32960::report::{FuelCell, Motor, Record, Value as Measured, Vehicle};

/// What was published of a body.
pub(super) fn data(body: &Body) -> Value {
    match body {
        Body::Login { time, serial, card, systems, code_length, codes } => json!({
            "Time": moment(time), "Seq": serial, "ICCID": card, "Num": systems,
            "Length": code_length, "Id": std::str::from_utf8(codes).unwrap(),
        }),
        Body::Report { time, records, .. } => json!({
            "Time": moment(time), "Infos": records.iter().map(info).collect::<Vec<_>>(),
        }),
        Body::Control { order: Order::Other { command, raw }, .. } => {
            json!({ "Command": command, "Param": std::str::from_utf8(raw).unwrap() })
        }
        Body::Control { order: Order::Alarm { level, message }, .. } => {
            json!({ "Command": 6, "Param": { "Level": level, "Message": message } })
        }
        Body::Control { order: Order::Upgrade(one), .. } => {
            let [a, b, c, d] = one.address.1;
            json!({ "Command": 1, "Param": {
                "DialingName": one.dialing, "Username": one.user, "Password": one.password,
                "Ip": format!("{a}.{b}.{c}.{d}"), "Port": one.port,
                "ManufacturerId": one.manufacturer, "HardwareVer": one.hardware,
                "SoftwareVer": one.software, "UpgradeUrl": one.url, "Timeout": one.timeout,
            } })
        }
        Body::Configure(all) | Body::Parameters(all) => parameters(all),
        Body::Query(Question { ids, .. }) => json!({ "Total": ids.len(), "Ids": ids }),
        Body::Heartbeat | Body::AskTime => json!({}),
        other => panic!("nothing was published of {other:?}"),
    }
}

fn info(record: &Record) -> Value {
    match &record.value {
        Measured::Vehicle(vehicle) => self::vehicle(vehicle),
        Measured::Motors(motors) => json!({
            "Type": "DriveMotor", "Number": motors.len(),
            "Motors": motors.iter().map(motor).collect::<Vec<_>>(),
        }),
        Measured::FuelCell(cell) => fuel_cell(cell),
        Measured::Engine { state, speed, consumption } => json!({
            "Type": "Engine", "Status": state, "CrankshaftSpeed": speed,
            "FuelConsumption": raw(*consumption, 0.01, 0.0),
        }),
        Measured::Location { state, longitude, latitude } => json!({
            "Type": "Location", "Status": state,
            "Longitude": raw(*longitude, 1e-6, 0.0), "Latitude": raw(*latitude, 1e-6, 0.0),
        }),
        Measured::Extremes(extremes) => json!({
            "Type": "Extreme",
            "MaxVoltageBatterySubsysNo": extremes.highest_cell.0,
            "MaxVoltageBatteryCode": extremes.highest_cell.1,
            "MaxBatteryVoltage": raw(extremes.highest_voltage, 0.001, 0.0),
            "MinVoltageBatterySubsysNo": extremes.lowest_cell.0,
            "MinVoltageBatteryCode": extremes.lowest_cell.1,
            "MinBatteryVoltage": raw(extremes.lowest_voltage, 0.001, 0.0),
            "MaxTempSubsysNo": extremes.hottest_probe.0,
            "MaxTempProbeNo": extremes.hottest_probe.1,
            "MaxTemp": raw(extremes.hottest, 1.0, -40.0),
            "MinTempSubsysNo": extremes.coldest_probe.0,
            "MinTempProbeNo": extremes.coldest_probe.1,
            "MinTemp": raw(extremes.coldest, 1.0, -40.0),
        }),
        Measured::Alarms { level, flags, batteries, motors, engines, others } => json!({
            "Type": "Alarm", "MaxAlarmLevel": level, "GeneralAlarmFlag": flags,
            "FaultChargeableDevices": batteries, "FaultDriveMotors": motors,
            "FaultEngines": engines, "FaultOthers": others,
        }),
        Measured::Voltages(systems) => {
            let systems = systems.iter().map(|system| {
                json!({
                    "ChargeableSubsysNo": system.system,
                    "ChargeableVoltage": raw(system.voltage, 0.1, 0.0),
                    "ChargeableCurrent": raw(system.current, 0.1, -1000.0),
                    "CellsTotal": system.cells, "FrameCellsIndex": system.first,
                    "FrameCellsCount": system.millivolts.len(), "CellsVoltage": system.millivolts,
                })
            });
            let systems: Vec<_> = systems.collect();
            json!({ "Type": "ChargeableVoltage", "Number": systems.len(), "SubSystems": systems })
        }
        Measured::Temperatures(systems) => {
            let systems = systems.iter().map(|system| {
                json!({
                    "ChargeableSubsysNo": system.system, "ProbeNum": system.probes.len(),
                    "ProbesTemp": system.probes,
                })
            });
            let systems: Vec<_> = systems.collect();
            json!({ "Type": "ChargeableTemp", "Number": systems.len(), "SubSystems": systems })
        }
        Measured::Custom { .. } => panic!("nothing was published of {record:?}"),
    }
}

fn vehicle(vehicle: &Vehicle) -> Value {
    json!({
        "Type": "Vehicle", "Status": vehicle.state, "Charging": vehicle.charging,
        "Mode": vehicle.mode, "Speed": raw(vehicle.speed, 0.1, 0.0),
        "Mileage": raw(vehicle.mileage, 0.1, 0.0), "Voltage": raw(vehicle.voltage, 0.1, 0.0),
        "Current": raw(vehicle.current, 0.1, -1000.0), "SOC": vehicle.charge,
        "DC": vehicle.converter, "Gear": vehicle.gear, "Resistance": vehicle.resistance,
        "AcceleratorPedal": vehicle.accelerator, "BrakePedal": vehicle.brake,
    })
}

fn motor(motor: &Motor) -> Value {
    json!({
        "No": motor.number, "Status": motor.state,
        "CtrlTemp": raw(motor.controller_temperature, 1.0, -40.0),
        "Rotating": raw(motor.speed, 1.0, -20_000.0), "Torque": raw(motor.torque, 0.1, -2000.0),
        "MotorTemp": raw(motor.temperature, 1.0, -40.0),
        "InputVoltage": raw(motor.voltage, 0.1, 0.0),
        "DCBusCurrent": raw(motor.current, 0.1, -1000.0),
    })
}

fn fuel_cell(cell: &FuelCell) -> Value {
    json!({
        "Type": "FuelCell", "CellVoltage": raw(cell.voltage, 0.1, 0.0),
        "CellCurrent": raw(cell.current, 0.1, 0.0),
        "FuelConsumption": raw(cell.consumption, 0.01, 0.0),
        "ProbeNum": cell.probes.len(), "ProbeTemps": cell.probes,
        "H_MaxTemp": raw(cell.hottest, 0.1, -40.0), "H_TempProbeCode": cell.hottest_probe,
        "H_MaxConc": cell.concentration, "H_ConcSensorCode": cell.concentration_sensor,
        "H_MaxPress": raw(cell.pressure, 0.1, 0.0), "H_PressSensorCode": cell.pressure_sensor,
        "DCStatus": cell.converter,
    })
}

fn parameters(all: &Parameters) -> Value {
    let list = all.list.iter().flat_map(|one| match one {
        Parameter::StorePeriod(value) => vec![json!({ "0x01": value })],
        Parameter::ReportPeriod(value) => vec![json!({ "0x02": value })],
        Parameter::AlarmPeriod(value) => vec![json!({ "0x03": value })],
        Parameter::RemoteHost { name, .. } => {
            vec![json!({ "0x04": name.len() }), json!({ "0x05": name })]
        }
        Parameter::PublicHost { name, .. } => {
            vec![json!({ "0x0D": name.len() }), json!({ "0x0E": name })]
        }
    });
    let list: Vec<_> = list.collect();
    assert_eq!(usize::from(all.total), list.len());
    json!({ "Time": moment(&all.time), "Total": all.total, "Params": list })
}

fn moment(time: &CivilTime) -> Value {
    let [year, month, day, hour, minute, second] = time.raw() else { panic!("{time}") };
    json!({
        "Year": year, "Month": month, "Day": day, "Hour": hour, "Minute": minute, "Second": second,
    })
}

/// The integer on the wire.
fn raw(value: impl Into<f64>, scale: f64, offset: f64) -> u64 {
    ((value.into() - offset) / scale).round() as u64
}
