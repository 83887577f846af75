//! `instructions | picture > tests/benches/scoreboard.svg`, from the repository's root:
//!
//! ```sh
//! cargo run --release -p longlink-benches --bin instructions |
//!     cargo run --release -p longlink-benches --bin picture > tests/benches/scoreboard.svg
//! ```
//!
//! Draws the codec's rows of that table: instructions for each frame by those of hand-written code,
//! on a logarithmic axis. Each codec has a colour (Okabe and Ito's, which the colour-blind tell
//! apart) and a shape.

use std::fmt::Write as _;
use std::io::{Read, stdin};
use std::process::{Command, ExitCode};
use std::time::SystemTime;

use longlink::codec::Civil;

/// In units of the picture.
const WIDTH: f64 = 860.0;
const LEFT: f64 = 226.0;
const RIGHT: f64 = 40.0;
const TOP: f64 = 112.0;
const ROW: f64 = 46.0;
const BOTTOM: f64 = 70.0;
/// Of a character of a figure.
const CHARACTER: f64 = 7.5;

/// Ends of the axis.
const LEAST: f64 = 0.7;
const MOST: f64 = 500.0;

/// Who is drawn, in the order of the legend: how a row's name begins, class and shape.
const CODECS: [(&str, &str, Shape); 5] = [
    ("longlink", "ours", Shape::Disc),
    ("nom 8", "nom", Shape::Up),
    ("binrw 0.15.2", "binrw", Shape::Square),
    ("deku 0.20.3", "deku", Shape::Diamond),
    ("deku 0.20.3, bits", "bits", Shape::Cross),
];

/// What the messages are.
const MESSAGES: [(&str, &str); 3] = [("M1", "header"), ("M2", "chat"), ("M3", "telemetry")];

/// Colours by day, and those of text and lines by night.
const STYLE: &str = "\
.card{fill:#fff;stroke:#d0d7de}text{font:12px 'Segoe UI',Helvetica,Arial,sans-serif;fill:#1f2328}\
.title{font-size:17px;font-weight:600}.note,.tick{fill:#59636e;font-size:11px}\
.task{font-weight:600;text-anchor:end}.bytes{fill:#59636e;font-size:11px;text-anchor:end}\
.value{font-size:11px;text-anchor:middle;paint-order:stroke;stroke:#fff;stroke-width:6;\
stroke-linejoin:round}.best{font-weight:700}.middle{text-anchor:middle}\
.grid{stroke:#d0d7de;stroke-width:1}.hand{stroke:#1f2328;stroke-width:1.5;stroke-dasharray:4 3}\
.ours{fill:#0072b2}.nom{fill:#e69f00}\
.binrw{fill:#009e73}.deku{fill:#cc79a7}.bits{fill:none;stroke:#d55e00;stroke-width:2.5}\
@media(prefers-color-scheme:dark){.card{fill:#0d1117;stroke:#3d444d}text{fill:#f0f6fc}\
.note,.tick,.bytes{fill:#9198a1}.value{stroke:#0d1117}\
.grid{stroke:#3d444d}.hand{stroke:#f0f6fc}.ours{fill:#56b4e9}}";

#[derive(Clone, Copy)]
enum Shape {
    Disc,
    Up,
    Square,
    Diamond,
    Cross,
}

/// One line of the picture.
struct Task {
    name: String,
    bytes: String,
    /// Index in [`CODECS`], and instructions by those of the hand.
    ratios: Vec<(usize, f64)>,
}

fn main() -> ExitCode {
    let mut table = String::new();
    if let Err(error) = stdin().read_to_string(&mut table) {
        eprintln!("the table cannot be read: {error}");
        return ExitCode::FAILURE;
    }
    let tasks = tasks(&table);
    if tasks.is_empty() {
        eprintln!("usage: instructions | picture > tests/benches/scoreboard.svg");
        return ExitCode::FAILURE;
    }
    print!("{}", picture(&tasks, &taken()));
    ExitCode::SUCCESS
}

/// The tasks of the codec: those of the three messages.
fn tasks(table: &str) -> Vec<Task> {
    let mut tasks: Vec<Task> = Vec::new();
    let mut drawn = false;
    for line in table.lines() {
        if !line.starts_with(' ') {
            let Some((name, bytes)) = line.split_once(" (") else { continue };
            let message = MESSAGES.iter().find(|(short, _)| name.starts_with(short));
            drawn = message.is_some();
            if let Some((short, message)) = message {
                let bytes = bytes.trim_end_matches(')').to_owned();
                let name = name.replace(short, message);
                tasks.push(Task { name, bytes, ratios: Vec::new() });
            }
        } else if let (true, Some(task), Some(ratio)) = (drawn, tasks.last_mut(), ratio(line)) {
            task.ratios.push(ratio);
        }
    }
    tasks
}

/// `  NAME  INSTRUCTIONS  RATIO x hand ..`
fn ratio(line: &str) -> Option<(usize, f64)> {
    let (figures, _) = line.split_once(" x hand")?;
    let (rest, ratio) = figures.trim_end().rsplit_once(' ')?;
    let (name, _) = rest.trim_end().rsplit_once(' ')?;
    let name = name.trim().replace(", direct", "");
    let codec = CODECS.iter().position(|(codec, ..)| *codec == name)?;
    Some((codec, ratio.parse().ok()?))
}

/// Where, with what and when.
fn taken() -> String {
    let version = Command::new("rustc").arg("--version").output().ok();
    let version = version.and_then(|output| String::from_utf8(output.stdout).ok());
    let compiler: Vec<&str> = version.iter().flat_map(|line| line.split(' ')).take(2).collect();
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let machine = model.map_or(std::env::consts::ARCH, |(_, model)| model.trim());
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_millis()).ok().and_then(Civil::from_unix_ms);
    let date = now.map_or_else(String::new, |now| {
        format!(", {:04}-{:02}-{:02}", now.year, now.month, now.day)
    });
    format!("{}, {machine} ({}){date}", compiler.join(" "), std::env::consts::OS)
}

fn picture(tasks: &[Task], taken: &str) -> String {
    let foot = TOP + ROW * tasks.len() as f64;
    let height = foot + BOTTOM;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n\
         <title>Instructions for each frame, by those of hand-written code</title>\n\
         <style>{STYLE}</style>\n\
         <rect class=\"card\" x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n",
        WIDTH - 1.0,
        height - 1.0,
    );
    text(&mut svg, "title", 24.0, 34.0, "Instructions for each frame, hand-written code = 1");
    let note =
        "callgrind; a logarithmic axis, so the further left the fewer; all do the same checks";
    text(&mut svg, "note", 24.0, 54.0, note);
    legend(&mut svg, tasks);
    axis(&mut svg, foot);
    for (index, task) in tasks.iter().enumerate() {
        line(&mut svg, task, TOP + ROW * (index as f64 + 0.5));
    }
    text(&mut svg, "note", 24.0, height - 18.0, taken);
    svg.push_str("</svg>\n");
    svg
}

/// Only those that some task has.
fn legend(svg: &mut String, tasks: &[Task]) {
    let mut x = 32.0;
    for (index, (name, class, shape)) in CODECS.iter().enumerate() {
        if !tasks.iter().any(|task| task.ratios.iter().any(|(codec, _)| *codec == index)) {
            continue;
        }
        mark(svg, class, *shape, x, 80.0);
        text(svg, "", x + 12.0, 84.0, name);
        x += 40.0 + 6.2 * name.len() as f64;
    }
}

fn axis(svg: &mut String, foot: f64) {
    for ratio in [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0] {
        let (x, class) = (place(ratio), if ratio == 1.0 { "hand" } else { "grid" });
        put(svg, format_args!("<path class=\"{class}\" d=\"M{x:.1} {TOP}V{foot}\"/>\n"));
        let label = if ratio == 1.0 { "hand".to_owned() } else { format!("{ratio} ×") };
        text(svg, "tick middle", x, foot + 18.0, &label);
    }
}

/// The marks of one task, each with its figure: above, or below where there is no room.
fn line(svg: &mut String, task: &Task, y: f64) {
    text(svg, "task", LEFT - 16.0, y, &task.name);
    text(svg, "bytes", LEFT - 16.0, y + 14.0, &task.bytes);
    let (left, right) = (LEFT, WIDTH - RIGHT);
    put(svg, format_args!("<path class=\"grid\" d=\"M{left} {y}H{right}\"/>\n"));
    let mut ratios = task.ratios.clone();
    ratios.sort_by(|(_, one), (_, other)| one.total_cmp(other));
    let (mut above, mut below) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    for (codec, ratio) in ratios {
        let Some((_, class, shape)) = CODECS.get(codec) else { continue };
        let x = place(ratio);
        mark(svg, class, *shape, x, y);
        let figure = if ratio < 9.95 { format!("{ratio:.2}") } else { format!("{ratio:.0}") };
        let half = CHARACTER * figure.len() as f64 / 2.0;
        // Pushed to the right as little as possible.
        let (end, y) = if above <= (x - half).max(below) {
            (&mut above, y - 10.0)
        } else {
            (&mut below, y + 19.0)
        };
        let x = x.max(*end + half);
        *end = x + half;
        let class = if *class == "ours" { "value best" } else { "value" };
        text(svg, class, x, y, &figure);
    }
}

/// Where a ratio stands on the axis.
fn place(ratio: f64) -> f64 {
    let along = (ratio.clamp(LEAST, MOST) / LEAST).ln() / (MOST / LEAST).ln();
    LEFT + (WIDTH - LEFT - RIGHT) * along
}

fn mark(svg: &mut String, class: &str, shape: Shape, x: f64, y: f64) {
    let path = match shape {
        Shape::Disc => "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z",
        Shape::Up => "m0 -6l6 10.5h-12z",
        Shape::Square => "m-4.5 -4.5h9v9h-9z",
        Shape::Diamond => "m0 -6.5l6.5 6.5l-6.5 6.5l-6.5 -6.5z",
        Shape::Cross => "m-4.5 -4.5l9 9m0 -9l-9 9",
    };
    put(svg, format_args!("<path class=\"{class}\" d=\"M{x:.1} {y:.1}{path}\"/>\n"));
}

fn text(svg: &mut String, class: &str, x: f64, y: f64, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    put(svg, format_args!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>\n"));
}

fn put(svg: &mut String, part: std::fmt::Arguments<'_>) {
    svg.write_fmt(part).expect("a string takes all");
}
