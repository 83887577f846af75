//! Bodies as the second decoder prints them: times in UTC, values with their units.

use longlink::CivilTime;
use serde_json::{Value, json};

use crate::declarations::gb32960::Body;
use crate::declarations::gb32960::report::{Motor, Record, Value as Measured, Vehicle, Voltages};

/// Values below this one.
pub(super) fn leaves(value: &Value) -> usize {
    match value {
        Value::Object(all) => all.values().map(leaves).sum(),
        Value::Array(all) => all.iter().map(leaves).sum(),
        _ => 1,
    }
}

/// Every value of `theirs` is one of `ours`, a measured one within rounding; how many there are.
/// What `ours` says nothing of (`null`) is not compared.
pub(super) fn same(ours: &Value, theirs: &Value, of: &str) -> usize {
    match (ours, theirs) {
        (Value::Null, _) => 0,
        (_, Value::Object(theirs)) => {
            theirs.iter().map(|(key, value)| same(&ours[key], value, &format!("{of}.{key}"))).sum()
        }
        (_, Value::Array(theirs)) => {
            assert_eq!(ours.as_array().map(Vec::len), Some(theirs.len()), "{of}");
            let items = theirs.iter().enumerate();
            items.map(|(index, value)| same(&ours[index], value, &format!("{of}.{index}"))).sum()
        }
        (Value::Number(ours), Value::String(text)) => {
            let number = text.split(' ').next().and_then(|number| number.parse::<f64>().ok());
            let (ours, number) = (ours.as_f64().unwrap(), number.unwrap_or(f64::NAN));
            assert!((ours - number).abs() < 1e-6 * ours.abs().max(1.0), "{of}: {ours}, {text}");
            1
        }
        _ => {
            assert_eq!(ours, theirs, "{of}");
            1
        }
    }
}

/// A body. Of commands it keeps the bytes, and of fuel cells as well: nothing is compared.
pub(super) fn payload(body: &Body) -> Value {
    match body {
        Body::Login { time, serial, card, systems, code_length, codes } => json!({
            "timestamp": utc(time), "session_id": serial, "iccid": card, "bms_total": systems,
            "pack_sn_len": code_length, "pack_sn": [std::str::from_utf8(codes).unwrap()],
        }),
        Body::Report { time, records, .. } => {
            let list: Vec<Value> = records.iter().map(record).collect();
            json!({ "timestamp": utc(time), "data_list": list })
        }
        Body::Done { time, .. } => json!({ "timestamp": utc(time) }),
        _ => Value::Null,
    }
}

/// It prints the time of UTC+8 in UTC.
fn utc(time: &CivilTime) -> String {
    let civil = time.civil().unwrap();
    let days = [
        31,
        if civil.year.is_multiple_of(4) { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let (mut year, mut month, mut day) = (civil.year, civil.month, civil.day);
    let hour = (civil.hour + 16) % 24;
    if civil.hour < 8 {
        day -= 1;
        if day == 0 {
            (year, month) = if month == 1 { (year - 1, 12) } else { (year, month - 1) };
            day = days[usize::from(month) - 1];
        }
    }
    format!("{year}-{month:02}-{day:02} {hour:02}:{:02}:{:02}", civil.minute, civil.second)
}

fn record(record: &Record) -> Value {
    let (kind, content) = match &record.value {
        Measured::Vehicle(vehicle) => ("whole_vehicle", self::vehicle(vehicle)),
        Measured::Motors(motors) => ("emotor", motors.iter().map(motor).collect()),
        Measured::FuelCell(_) => ("fuel_cell_system", Value::Null),
        Measured::Engine { state, speed, consumption } => (
            "engine",
            json!({
                "engine_state": on_off(*state), "engine_torque": speed,
                "fuel_consumption": consumption,
            }),
        ),
        Measured::Location { state, longitude, latitude } => (
            "gnss",
            json!({
                "gnss_state": {
                    "gnss_e_w": if state & 4 == 0 { "e" } else { "w" },
                    "gnss_n_s": if state & 2 == 0 { "n" } else { "s" },
                    // It calls 1 what the standard's 0 says: valid.
                    "gnss_valid": 1 - (state & 1),
                },
                "gnss_lng": longitude, "gnss_lat": latitude,
            }),
        ),
        Measured::Extremes(one) => (
            "pack_extrema",
            json!({
                "max_volt_pack_index": one.highest_cell.0, "max_volt_cell_index": one.highest_cell.1,
                "max_cell_volt": one.highest_voltage, "min_volt_pack_index": one.lowest_cell.0,
                "min_volt_cell_index": one.lowest_cell.1, "min_cell_volt": one.lowest_voltage,
                "max_temp_pack_index": one.hottest_probe.0,
                "max_temp_cell_index": one.hottest_probe.1, "max_cell_temp": one.hottest,
                "min_temp_pack_index": one.coldest_probe.0,
                "min_temp_cell_index": one.coldest_probe.1, "min_cell_temp": one.coldest,
            }),
        ),
        Measured::Alarms { level, flags, batteries, motors, engines, others } => (
            "warnings",
            json!({
                "max_warning_level": level, "general_warnings": warnings(*flags),
                "pack_failures": codes(batteries), "emotor_failures": codes(motors),
                "engine_failures": codes(engines), "other_failures": codes(others),
            }),
        ),
        // Its offset of the current is 3,000 A, where the standard has 1,000: not compared.
        Measured::Voltages(systems) => ("cell_volts", systems.iter().map(voltages).collect()),
        Measured::Temperatures(systems) => (
            "probe_temps",
            systems
                .iter()
                .map(|one| {
                    let celsius = one.probes.iter().map(|raw| i16::from(*raw) - 40);
                    json!({ "index": one.system, "probe_temps": celsius.collect::<Vec<_>>() })
                })
                .collect(),
        ),
        Measured::Custom { .. } => panic!("no such record is published"),
    };
    json!({ "data_type": kind, "data_content": content })
}

fn voltages(one: &Voltages) -> Value {
    let volts: Vec<f64> = one.millivolts.iter().map(|raw| f64::from(*raw) / 1e3).collect();
    json!({
        "index": one.system, "volt": one.voltage, "cell_total": one.cells,
        "cell_start_index": one.first, "cell_volts": volts,
    })
}

fn vehicle(vehicle: &Vehicle) -> Value {
    json!({
        "vehicle_state": on_off(vehicle.state),
        "charge_state": (["", "parking_charging"].get(usize::from(vehicle.charging))),
        "operate_state": (["", "pure_electric"].get(usize::from(vehicle.mode))),
        "vehicle_speed": vehicle.speed, "mileage_total": vehicle.mileage,
        "voltage_total": vehicle.voltage, "current_total": vehicle.current, "soc": vehicle.charge,
        "dcdc_state": on_off(vehicle.converter),
        "gear_state": {
            "driving_force": vehicle.gear >> 5 & 1, "braking_force": vehicle.gear >> 4 & 1,
            "gear": format!("gp{}", vehicle.gear & 0x0F),
        },
        "insulation_resistance": vehicle.resistance, "accelerator_padel": vehicle.accelerator,
        "brake_padel": vehicle.brake,
    })
}

fn motor(motor: &Motor) -> Value {
    json!({
        "index": motor.number,
        "state": (["", "consuming_power", "generating_power"][usize::from(motor.state)]),
        "ctrl_temp": motor.controller_temperature, "speed": motor.speed, "torque": motor.torque,
        "temp": motor.temperature, "ctrl_volt": motor.voltage, "ctrl_curr": motor.current,
    })
}

/// Table 18, bit 0 first.
fn warnings(flags: u32) -> Value {
    let names = [
        "temp_differentce_warning",
        "pack_high_temp_warning",
        "pack_over_volt_warning",
        "pack_under_volt_warning",
        "soc_low_warning",
        "cell_over_volt_warning",
        "cell_under_volt_warning",
        "soc_high_warning",
        "soc_jump_warning",
        "pack_unmatched_warning",
        "cell_poor_consistency_warning",
        "insulation_warning",
        "dcdc_temp_warning",
        "brake_system_wanring",
        "dcdc_state_warning",
        "emotor_driver_temp_warning",
        "hv_interlock_warning",
        "emotor_temp_warning",
        "pack_over_charged_warning",
    ];
    names
        .iter()
        .enumerate()
        .map(|(bit, name)| (name.to_string(), json!(flags >> bit & 1)))
        .collect()
}

fn codes(faults: &[u32]) -> Vec<String> {
    faults.iter().map(|fault| format!("{fault:08x}")).collect()
}

fn on_off(state: u8) -> Option<&'static str> {
    ["", "on", "off"].get(usize::from(state)).copied()
}
