//! Explains frames of a small chat protocol: which byte is which field, and what is wrong.
//!
//! ```text
//! cargo run --example explain                          # a tour: good frames and broken ones
//! cargo run --example explain -- 00000013 0001 ...     # the frame on the command line
//! cargo run --example explain -- - < frame.hex         # the frame on standard input, hex or dump
//! cargo run --example explain -- --json 00000013 ...   # as data (with --features serde)
//! ```

use std::io::{self, IsTerminal, Read, Write};
use std::process::ExitCode;

use longlink::codec::explain::{Explanation, explain};
use longlink::codec::hex;
use longlink::{Auto, Bytes, BytesMut, Frame, Wire};

/// One message of the game.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 64 * 1024, resync = close)]
struct Message {
    #[wire(length_of = ..)]
    length: Auto<u32>,
    #[wire(tag_of = body, display = hex)]
    command: Auto<u16>,
    /// One more for each message of the sender.
    #[wire(role = sequence)]
    sequence: u32,
    body: Body,
    #[wire(checksum = xor8, over = ..self)]
    checksum: Auto<u8>,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Wire)]
enum Body {
    /// A sign of life.
    #[wire(tag = 0x0001, role = heartbeat)]
    Alive {
        /// The sender's clock.
        #[wire(timestamp = unix_ms)]
        sent: u64,
    },
    /// A line of chat.
    #[wire(tag = 0x0002)]
    Chat {
        /// The player who speaks.
        from: u64,
        #[wire(prefix = u16)]
        text: String,
    },
    /// A player comes in.
    #[wire(tag = 0x0003)]
    Login {
        player: u64,
        #[wire(prefix = u8, secret)]
        password: String,
        /// How far the player sees.
        #[wire(unit = "m")]
        sight: u16,
    },
    /// Any other command, kept as it came.
    #[wire(other)]
    Unknown {
        #[wire(tag, display = hex)]
        command: u16,
        #[wire(rest)]
        raw: Bytes,
    },
}

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let json = arguments.first().is_some_and(|first| first == "--json");
    if json {
        arguments.remove(0);
    }
    let outcome = match arguments.as_slice() {
        [] => tour(),
        [only] if only == "-" => standard_input().and_then(|text| one(&text, json)),
        words => one(&words.join(" "), json),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn standard_input() -> Result<String, Box<dyn std::error::Error>> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    Ok(text)
}

/// One frame; a malformed one ends the program with 1.
fn one(text: &str, json: bool) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let bytes = hex::parse(text)?;
    let explanation = explain::<Message>(&bytes);
    if json {
        print_json(&explanation)?;
    } else {
        print(&explanation)?;
    }
    Ok(if explanation.report().is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Good frames, and how each of them can break.
fn tour() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let alive = Message::new(1, Body::Alive { sent: 1_713_691_951_104 });
    let chat = Message::new(7, Body::Chat { from: 1001, text: "hi".into() });
    let login = Body::Login { player: 1001, password: "tiger".into(), sight: 250 };
    let login = Message::new(8, login);
    let unknown = Body::Unknown { command: 0x7000, raw: Bytes::from_static(b"made tomorrow") };
    let unknown = Message::new(9, unknown);

    show("A sign of life.", &encoded(&alive)?)?;
    show("A line of chat.", &encoded(&chat)?)?;
    show("A password is never shown.", &encoded(&login)?)?;
    show("A command of a later version is kept.", &encoded(&unknown)?)?;

    let chat = encoded(&chat)?;
    show("A bit fell over on the way.", &with(&chat, 20, 0x6b))?;
    show("The text claims to be longer than its frame.", &with(&chat, 19, 0x09))?;
    show("The text is not UTF-8.", &with(&chat, 20, 0xff))?;
    show("Only the first half arrived.", chat.get(..12).unwrap_or_default())?;
    Ok(ExitCode::SUCCESS)
}

fn encoded(message: &Message) -> Result<Vec<u8>, longlink::EncodeError> {
    let mut out = BytesMut::new();
    message.encode(&mut out)?;
    Ok(out.to_vec())
}

/// The same frame with another byte at `offset`.
fn with(frame: &[u8], offset: usize, byte: u8) -> Vec<u8> {
    let mut frame = frame.to_vec();
    if let Some(place) = frame.get_mut(offset) {
        *place = byte;
    }
    frame
}

fn show(title: &str, frame: &[u8]) -> io::Result<()> {
    writeln!(io::stdout(), "── {title}\n")?;
    print(&explain::<Message>(frame))?;
    writeln!(io::stdout())
}

/// With colours where somebody sees them (<https://no-color.org>).
fn print(explanation: &Explanation) -> io::Result<()> {
    let mut out = io::stdout();
    if out.is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        writeln!(out, "{}", explanation.coloured())
    } else {
        writeln!(out, "{explanation}")
    }
}

#[cfg(feature = "serde")]
fn print_json(explanation: &Explanation) -> Result<(), Box<dyn std::error::Error>> {
    serde_json::to_writer_pretty(io::stdout(), explanation)?;
    writeln!(io::stdout())?;
    Ok(())
}

#[cfg(not(feature = "serde"))]
fn print_json(_: &Explanation) -> Result<(), Box<dyn std::error::Error>> {
    Err("run with `--features serde` for `--json`".into())
}
