//! What is printed of a task: a row for each median, with the ratios that have a target.

use longlink_benches::targets::mark;

use crate::tasks::{Task, Unit};

/// Prints the task, and returns the rows that miss a target.
pub fn print(task: &Task, mut samples: Vec<Vec<f64>>) -> Vec<String> {
    for samples in &mut samples {
        samples.sort_by(f64::total_cmp);
    }
    let middle = |row: usize| samples[row][samples[row].len() / 2];
    let place = |name: &str| task.rows.iter().position(|row| row.name == name).unwrap_or(0);
    let mut missed = Vec::new();
    println!("{}", task.name);
    for (index, row) in task.rows.iter().enumerate() {
        let (least, most) = (samples[index][0], samples[index][samples[index].len() - 1]);
        let (shown, unit) = (|value| task.unit.shown(value), task.unit.name());
        print!(
            "  {:<26} {:>8} {unit:<3} ({}..{})  {:.3} x first",
            row.name,
            shown(middle(index)),
            shown(least),
            shown(most),
            middle(index) / middle(0),
        );
        let mut kept = true;
        for (other, target) in row.targets {
            let ratio = middle(index) / middle(place(other));
            let (sign, keeps) = match task.unit {
                Unit::Rate => (">=", ratio >= *target),
                _ => ("<=", ratio <= *target),
            };
            kept &= keeps;
            print!("; {ratio:.2} x {other}, target {sign} {target:.2}, {}", mark(keeps));
        }
        if let Some(other) = row.faster {
            let (ours, theirs) = (&samples[index], &samples[place(other)]);
            let verdict = faster(ours, theirs);
            kept &= verdict != mark(false);
            print!("; faster than {other}, or equal within the spread: {verdict}");
        }
        if !kept {
            missed.push(format!("{}, {}", task.name, row.name));
        }
        println!();
    }
    missed
}

/// Two rates, sorted. They are equal where the middle of each lies between the quarters of the
/// other: something that both wait for is the limit.
fn faster(ours: &[f64], theirs: &[f64]) -> &'static str {
    let at = |samples: &[f64], quarters: usize| samples[(samples.len() - 1) * quarters / 4];
    let (our_middle, their_middle) = (at(ours, 2), at(theirs, 2));
    if our_middle >= their_middle {
        return mark(true);
    }
    let equal = our_middle >= at(theirs, 1) && their_middle <= at(ours, 3);
    if equal { "equal" } else { mark(false) }
}
