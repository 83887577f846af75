//! `cargo run --release -p longlink-benches --bin compile_time`: what derives cost their users.
//!
//! Writes four crates of 100 structs with ten integer fields each (plain structs, longlink, binrw,
//! deku) and a program that decodes and encodes all of them, and times `cargo check` and
//! `cargo build --release` of each, dependencies built before, interleaved; prints medians, and the
//! size of the program's code where `size` is installed. With `--check` it leaves the release builds
//! out. Times are those of the processor in user mode where the system tells them (Linux), so that
//! other programs do not count; seconds on the clock elsewhere.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const STRUCTS: usize = 100;
const FIELDS: usize = 10;
const ROUNDS: usize = 7;
/// What longlink must reach: seconds of a check and of a release build, bytes of code more than the
/// plain structs have.
const CHECK: f64 = 0.6;
const RELEASE: f64 = 4.0;
const CODE: u64 = 250_000;
const TYPES: [&str; 6] = ["u8", "u16", "u32", "u64", "i32", "i16"];

/// One way to declare a layout.
struct Kind {
    name: &'static str,
    dependency: &'static str,
    import: &'static str,
    derive: &'static str,
    /// What the program does with struct `S{}`; `data: &[u8]`, `out: &mut Buffer`, `done: usize`.
    usage: &'static str,
    buffer: &'static str,
}

const KINDS: [Kind; 4] = [
    Kind {
        name: "plain",
        dependency: "",
        import: "",
        derive: "#[derive(Debug, Clone, PartialEq)]",
        usage: "done += data.len() / (1 + size_of::<S{}>()); out.push(0);",
        buffer: "Vec::<u8>",
    },
    Kind {
        name: "longlink",
        dependency: "longlink = { path = \"ROOT\", default-features = false, features = [\"std\"] }",
        import: "use longlink::Wire;",
        derive: "#[derive(Debug, Clone, PartialEq, Wire)]",
        usage: "if let Ok((_, value)) = <S{} as longlink::Parse>::parse(data) {\n\
                done += usize::from(longlink::Wire::encode(&value, &mut out).is_ok());\n}",
        buffer: "longlink::BytesMut",
    },
    Kind {
        name: "binrw",
        dependency: "binrw = \"=0.15.2\"",
        import: "use binrw::binrw;",
        derive: "#[binrw]\n#[brw(big)]\n#[derive(Debug, Clone, PartialEq)]",
        usage: "if let Ok(value) = <S{} as binrw::BinRead>::read(&mut std::io::Cursor::new(data)) {\n\
                let mut cursor = std::io::Cursor::new(&mut out);\n\
                done += usize::from(binrw::BinWrite::write(&value, &mut cursor).is_ok());\n}",
        buffer: "Vec::<u8>",
    },
    Kind {
        name: "deku",
        dependency: "deku = \"=0.20.3\"",
        import: "use deku::prelude::*;",
        derive: "#[derive(Debug, Clone, PartialEq, DekuRead, DekuWrite)]\n#[deku(endian = \"big\")]",
        usage: "if let Ok((_, value)) = <S{} as deku::DekuContainerRead>::from_bytes((data, 0)) {\n\
                if let Ok(bytes) = deku::DekuContainerWrite::to_bytes(&value) {\n\
                out.extend(bytes); done += 1;\n}\n}",
        buffer: "Vec::<u8>",
    },
];

fn main() {
    let release = std::env::args().nth(1).as_deref() != Some("--check");
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let repository = repository.canonicalize().expect("the repository has a path");
    let root = repository.join("target/compile-time");
    for kind in &KINDS {
        generate(kind, &root.join(kind.name), &repository);
        build(&root, kind.name, &["check"]);
        if release {
            build(&root, kind.name, &["build", "--release"]);
        }
    }
    let mut checks = vec![Vec::new(); KINDS.len()];
    let mut releases = vec![Vec::new(); KINDS.len()];
    for _ in 0..ROUNDS {
        for (kind, (checks, releases)) in KINDS.iter().zip(checks.iter_mut().zip(&mut releases)) {
            touch(&root.join(kind.name));
            checks.push(build(&root, kind.name, &["check", "--lib"]));
            if release {
                touch(&root.join(kind.name));
                releases.push(build(&root, kind.name, &["build", "--release"]));
            }
        }
    }
    println!("{STRUCTS} structs of {FIELDS} fields, medians of {ROUNDS} interleaved rounds");
    println!("{:<10} {:>8} {:>10} {:>14}", "", "check", "release", "code added");
    let plain = code_size(&root.join("plain/target/release/user"));
    for (kind, (checks, releases)) in KINDS.iter().zip(checks.into_iter().zip(releases)) {
        let code = code_size(&root.join(kind.name).join("target/release/user"));
        let added = code.zip(plain).map(|(code, plain)| code.saturating_sub(plain));
        let (check, release) = (median(checks), median(releases));
        let shown =
            |time: Option<f64>| time.map_or_else(String::new, |time| format!("{time:.2} s"));
        let bytes = added.map_or_else(String::new, |added| format!("{added} bytes"));
        let (name, check_shown, release_shown) = (kind.name, shown(check), shown(release));
        let verdict = if kind.name != "longlink" {
            ""
        } else if check.is_some_and(|time| time > CHECK)
            || release.is_some_and(|time| time > RELEASE)
            || added.is_some_and(|added| added > CODE)
        {
            "MISSED"
        } else {
            "reached"
        };
        println!("{name:<10} {check_shown:>8} {release_shown:>10} {bytes:>14}  {verdict}");
    }
    println!("targets of longlink: {CHECK} s, {RELEASE} s, {CODE} bytes");
}

fn generate(kind: &Kind, folder: &Path, repository: &Path) {
    let mut library = format!("#![allow(dead_code)]\n{}\n", kind.import);
    let mut uses = String::new();
    let mut state = 7u32;
    for index in 0..STRUCTS {
        writeln!(library, "{}\npub struct S{index} {{", kind.derive).expect("a string takes all");
        for field in 0..FIELDS {
            // Numerical Recipes' linear congruential generator: any spread of widths will do.
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let ty = TYPES[(state >> 16) as usize % TYPES.len()];
            writeln!(library, "    pub f{field}: {ty},").expect("a string takes all");
        }
        library.push_str("}\n");
        uses.push_str(&kind.usage.replace("S{}", &format!("S{index}")));
        uses.push('\n');
    }
    let program = format!(
        "use compiled_{}::*;\nfn main() {{\n\
         let data: Vec<u8> = std::env::args().flat_map(String::into_bytes).collect();\n\
         let data = data.repeat(64);\nlet data = &data[..];\n\
         let mut out = {}::new();\nlet mut done = 0;\n{uses}\
         println!(\"{{done}} {{}}\", out.len());\n}}\n",
        kind.name, kind.buffer,
    );
    let root = repository.display().to_string();
    let manifest = format!(
        "[package]\nname = \"compiled_{}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [[bin]]\nname = \"user\"\npath = \"src/main.rs\"\n\n[dependencies]\n{}\n\n[workspace]\n",
        kind.name,
        kind.dependency.replace("ROOT", &root),
    );
    fs::create_dir_all(folder.join("src")).expect("target is writable");
    for (name, text) in
        [("Cargo.toml", manifest), ("src/lib.rs", library), ("src/main.rs", program)]
    {
        fs::write(folder.join(name), text).expect("target is writable");
    }
}

fn touch(folder: &Path) {
    let library = folder.join("src/lib.rs");
    let text = fs::read(&library).expect("it was written");
    fs::write(&library, text).expect("target is writable");
}

/// Seconds.
fn build(root: &Path, name: &str, arguments: &[&str]) -> f64 {
    let folder = root.join(name);
    let start = Instant::now();
    let before = user_ticks();
    let status = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--quiet")
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env_remove("CARGO_PROFILE_DEV_DEBUG")
        .status()
        .expect("cargo runs");
    assert!(status.success(), "{name} does not build");
    match (before, user_ticks()) {
        (Some(before), Some(after)) => (after - before) / TICKS,
        _ => start.elapsed().as_secs_f64(),
    }
}

/// Clock ticks of a second in `/proc`: `USER_HZ`, proc(5).
const TICKS: f64 = 100.0;

/// User time of all finished children: field 16 of `/proc/self/stat`, the fourteenth behind the
/// program's name, proc(5).
fn user_ticks() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(13)?.parse().ok()
}

fn median(mut samples: Vec<f64>) -> Option<f64> {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied()
}

/// The first column of `size`: bytes of code and constants; `None` before the first release build.
fn code_size(program: &PathBuf) -> Option<u64> {
    let output = Command::new("size").arg(program).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().nth(1)?.split_whitespace().next()?.parse().ok()
}
