//! The face of an explanation: a hex dump with the fields beside it.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::{self, Write};

use super::node::{Node, Remark, Value};
use super::rows::{Cell, Row, rows};
use super::{Explanation, finding, secret};

/// An [`Explanation`] for terminals that understand ANSI colours.
#[derive(Debug, Clone, Copy)]
pub struct Coloured<'e>(pub(super) &'e Explanation);

/// Columns that a line should not exceed for the sake of a doc comment.
const WIDTH: usize = 100;
/// Characters of a text that are shown.
const TEXT: usize = 40;

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_all(self, &Paint { on: false }, f)
    }
}

impl fmt::Display for Coloured<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_all(self.0, &Paint { on: true }, f)
    }
}

/// Colours, or none.
struct Paint {
    on: bool,
}

#[derive(Clone, Copy)]
enum Tone {
    Dim,
    Bytes,
    Name,
    Value,
    Good,
    Bad,
    Plain,
}

impl Paint {
    fn write(&self, f: &mut fmt::Formatter<'_>, tone: Tone, text: &str) -> fmt::Result {
        let code = match tone {
            Tone::Dim => "2",
            Tone::Bytes => "36",
            Tone::Name => "1",
            Tone::Value => "33",
            Tone::Good => "32",
            Tone::Bad => "1;31",
            Tone::Plain => "",
        };
        if self.on && !code.is_empty() && !text.is_empty() {
            write!(f, "\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            f.write_str(text)
        }
    }
}

fn write_all(explanation: &Explanation, paint: &Paint, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let root = explanation.root();
    let rows = rows(root, explanation.fault_path());
    let hex_width = rows.iter().map(|row| row.bytes.chars().count()).max().unwrap_or(0).max(5);
    let tree_width =
        rows.iter().map(|row| row.tree_len() + row.name.chars().count()).max().unwrap_or(0).max(5);
    let columns = Columns { hex: hex_width, tree: tree_width };
    paint.write(f, Tone::Name, &title(root))?;
    paint.write(f, Tone::Dim, &format!(", {}", finding::count(explanation.len(), "byte")))?;
    f.write_str("\n\n")?;
    let heading = format!("{:<8}{:hex_width$}  {:tree_width$}  value", "offset", "bytes", "field");
    paint.write(f, Tone::Dim, &heading)?;
    for row in &rows {
        f.write_char('\n')?;
        write_row(row, &columns, paint, f)?;
    }
    if let Some(report) = explanation.report() {
        f.write_str("\n\n")?;
        let text = report.to_string();
        let (head, rest) = text.split_once('\n').unwrap_or((&text, ""));
        paint.write(f, Tone::Bad, head)?;
        f.write_char('\n')?;
        f.write_str(rest)?;
    }
    Ok(())
}

fn title(root: &Node) -> String {
    match (root.name, root.variant) {
        (name, Some(variant)) => format!("{name}::{variant}"),
        (name, None) => name.to_string(),
    }
}

struct Columns {
    hex: usize,
    tree: usize,
}

fn write_row(
    row: &Row<'_>,
    columns: &Columns,
    paint: &Paint,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let offset = row.offset.as_deref().unwrap_or_default();
    let last_is_hex = row.name.is_empty() && row.tree.is_empty();
    paint.write(f, Tone::Dim, &format!("{offset:<8}"))?;
    let hex = columns.hex;
    let bytes = if last_is_hex { row.bytes.clone() } else { format!("{:hex$}", row.bytes) };
    paint.write(f, Tone::Bytes, &bytes)?;
    if last_is_hex {
        return Ok(());
    }
    f.write_str("  ")?;
    paint.write(f, Tone::Dim, &row.tree)?;
    paint.write(f, Tone::Name, &row.name)?;
    let mut used = 10 + hex + row.tree_len() + row.name.chars().count();
    if row.cells.iter().all(|cell| cell.text().is_empty()) {
        return Ok(());
    }
    let fill = columns.tree.saturating_sub(row.tree_len() + row.name.chars().count());
    write!(f, "{:fill$}", "")?;
    used += fill;
    for cell in &row.cells {
        let (tone, text) = match cell {
            Cell::Value(text) => (Tone::Value, text.clone()),
            Cell::Plain(text) => (Tone::Plain, text.clone()),
            Cell::Dim(text) => (Tone::Dim, text.clone()),
            Cell::Good(text) => (Tone::Good, text.clone()),
            Cell::Bad(text) => (Tone::Bad, text.clone()),
            Cell::Doc(text) => (Tone::Dim, fitted(text, WIDTH.saturating_sub(used + 4))),
        };
        if text.is_empty() {
            continue;
        }
        f.write_str("  ")?;
        used += 2 + text.chars().count();
        paint.write(f, tone, &text)?;
    }
    Ok(())
}

/// `# doc`, cut to the room that is left; nothing when that is too little.
fn fitted(doc: &str, room: usize) -> String {
    let len = doc.chars().count();
    if len <= room {
        return format!("# {doc}");
    }
    if room < 16 {
        return String::new();
    }
    let cut = doc.chars().take(room.saturating_sub(1)).collect::<String>();
    let cut = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("# {cut}…")
}

/// The value as a person reads it, with its unit.
pub(super) fn value(node: &Node) -> String {
    let width = node.local.len().max(1);
    let text = match &node.value {
        Value::Group(name) => String::from(node.variant.unwrap_or(name)),
        Value::Items(number) => finding::count(*number, "item"),
        Value::Unsigned(number) => grouped(&number.to_string()),
        Value::Signed(number) => grouped(&number.to_string()),
        Value::Hexadecimal(number) if node.bits.is_some() => format!("{number:#x}"),
        Value::Hexadecimal(number) => finding::hex_number(*number, width),
        Value::Number(number) => format!("{number}"),
        Value::Bool(value) => value.to_string(),
        Value::Named { name, value } => format!("{name} ({value})"),
        Value::Text(text) => quoted(text),
        Value::Digits(text) | Value::Plain(text) => text.clone(),
        Value::Bytes(bytes) => raw(bytes),
        Value::Secret => {
            let what = if secret::is_declared(node) { "secret" } else { "may be secret" };
            format!("{what}, {}", finding::count(node.range.len(), "byte"))
        }
        Value::None => String::new(),
    };
    if node.unit.is_empty() || text.is_empty() || node.is_secret() {
        return text;
    }
    format!("{text} {}", node.unit)
}

/// `Chooses`, `Says` and checks as cells.
pub(super) fn remark(node: &Node) -> Option<Cell<'_>> {
    Some(match node.remark.as_ref()? {
        Remark::Says(text) => Cell::Dim(text.clone()),
        Remark::Chooses(variant) => Cell::Plain(format!("→ {variant}")),
        Remark::Right(algorithm) => Cell::Good(format!("✓ {algorithm}")),
        Remark::Wrong { algorithm, expected, width } => {
            let expected = finding::hex_number((*expected).into(), *width);
            Cell::Bad(format!("✗ {algorithm} is {expected}"))
        }
    })
}

fn quoted(text: &str) -> String {
    let len = text.chars().count();
    if len <= TEXT {
        return format!("{text:?}");
    }
    let cut = text.chars().take(TEXT).collect::<String>();
    format!("{cut:?}… {} more", finding::count(len.saturating_sub(TEXT), "character"))
}

/// Bytes without a meaning: how many, and as text where all are printable.
fn raw(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return String::from("empty");
    }
    let printable = bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
    match core::str::from_utf8(bytes) {
        Ok(text) if printable && bytes.len() > 2 => {
            format!("{}, {}", finding::count(bytes.len(), "byte"), quoted(text))
        }
        _ => finding::count(bytes.len(), "byte"),
    }
}

/// `1_024`: digits in groups of three from five on.
pub(super) fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    if digits.len() < 5 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("{sign}{digits}");
    }
    let mut text = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        let left = digits.len().saturating_sub(index);
        if index > 0 && left.is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}
