//! The lines of an explanation, before they are aligned.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::finding;
use super::node::{BitPlace, Name, Node, Value};
use super::render;

/// One line.
pub(super) struct Row<'n> {
    pub(super) offset: Option<String>,
    pub(super) bytes: String,
    /// `│ ├ `.
    pub(super) tree: String,
    pub(super) name: String,
    pub(super) cells: Vec<Cell<'n>>,
}

impl Row<'_> {
    pub(super) fn tree_len(&self) -> usize {
        self.tree.chars().count()
    }
}

/// A part of the last column.
pub(super) enum Cell<'n> {
    Value(String),
    Plain(String),
    Dim(String),
    Good(String),
    Bad(String),
    Doc(&'n str),
}

impl Cell<'_> {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Value(text)
            | Self::Plain(text)
            | Self::Dim(text)
            | Self::Good(text)
            | Self::Bad(text) => text,
            Self::Doc(text) => text,
        }
    }
}

/// Bytes in a line.
const LINE: usize = 8;
/// Lines of bytes of one value.
const LINES: usize = 4;
/// Items that begin a list too long to be shown, and those that end it.
const FIRST: usize = 8;
const LAST: usize = 1;
/// Lines in all; only a fault behind them is still shown.
const ROWS: usize = 1_000;

struct Rows<'n> {
    list: Vec<Row<'n>>,
    left_out: usize,
}

/// The lines below the title.
pub(super) fn rows<'n>(root: &'n Node, fault: &[usize]) -> Vec<Row<'n>> {
    let mut rows = Rows { list: Vec::new(), left_out: 0 };
    if root.children.is_empty() {
        rows.leaf(root, "", "", fault.is_empty() && root.partial);
    } else {
        rows.children(root, "", Some(fault));
    }
    if rows.left_out > 0 {
        let name = format!("… {} left out", finding::count(rows.left_out, "more field"));
        rows.list.push(Row {
            offset: None,
            bytes: String::new(),
            tree: String::new(),
            name,
            cells: Vec::new(),
        });
    }
    rows.list
}

impl<'n> Rows<'n> {
    /// The children of a node; `fault`: the way to the fault from here, `None`: it is elsewhere.
    fn children(&mut self, node: &'n Node, indent: &str, fault: Option<&[usize]>) {
        let count = node.children.len();
        let kept = fault.and_then(|path| path.first()).copied();
        let is_list = matches!(node.value, Value::Items(_));
        let cut = is_list && count > FIRST + LAST + 1;
        let mut skipped = 0usize;
        for (index, child) in node.children.iter().enumerate() {
            let shown = !cut || index < FIRST || index + LAST >= count || kept == Some(index);
            if !shown {
                skipped += 1;
                continue;
            }
            self.skipped(core::mem::take(&mut skipped), indent);
            let is_last = index + 1 == count;
            let fault =
                if kept == Some(index) { fault.and_then(|path| path.get(1..)) } else { None };
            if self.list.len() >= ROWS && fault.is_none() {
                self.left_out += 1;
                continue;
            }
            if begins_run(node, index) {
                self.run(child, indent, is_last);
            }
            self.node(child, indent, is_last, fault);
        }
    }

    fn skipped(&mut self, count: usize, indent: &str) {
        if count > 0 {
            let name = format!("… {} more", render::grouped(&format!("{count}")));
            self.plain(format!("{indent}│ "), name);
        }
    }

    fn plain(&mut self, tree: String, name: String) {
        self.list.push(Row { offset: None, bytes: String::new(), tree, name, cells: Vec::new() });
    }

    fn node(&mut self, node: &'n Node, indent: &str, is_last: bool, fault: Option<&[usize]>) {
        let tree = format!("{indent}{}", if is_last { "└ " } else { "├ " });
        let inner = format!("{indent}{}", if is_last { "  " } else { "│ " });
        let at_fault = fault.is_some_and(<[usize]>::is_empty);
        if node.children.is_empty() || is_flat(node, fault) {
            self.leaf(node, &tree, &inner, at_fault);
            return;
        }
        let shows_bytes = is_bits(node);
        let mut row = Row {
            offset: (shows_bytes && node.bits.is_none()).then(|| offset(node, 0)),
            bytes: if shows_bytes { line(&node.raw) } else { String::new() },
            tree,
            name: format!("{}", node.name),
            cells: cells(node, at_fault),
        };
        if let Some(place) = node.bits {
            row.bytes = pattern(place);
        }
        self.list.push(row);
        self.children(node, &inner, fault);
    }

    /// A value without children, over as many lines as its bytes need.
    fn leaf(&mut self, node: &'n Node, tree: &str, inner: &str, at_fault: bool) {
        let masked = node.is_secret();
        let bytes: &[u8] = if masked { &[] } else { &node.raw };
        let shown = bytes.chunks(LINE).take(LINES).collect::<Vec<_>>();
        let first = match node.bits {
            Some(place) => pattern(place),
            None if masked => String::from("••"),
            None => shown.first().map(|bytes| line(bytes)).unwrap_or_default(),
        };
        let has_place = !node.range.is_empty() || node.partial;
        self.list.push(Row {
            offset: (has_place && node.bits.is_none()).then(|| offset(node, 0)),
            bytes: first,
            tree: String::from(tree),
            name: format!("{}", node.name),
            cells: cells(node, at_fault),
        });
        if node.bits.is_some() {
            return;
        }
        let more = bytes.len().saturating_sub(LINE * LINES);
        for (number, bytes) in shown.iter().enumerate().skip(1) {
            let is_last = more > 0 && number + 1 == shown.len();
            let name = if is_last {
                format!("… {}", finding::count(more, "more byte"))
            } else {
                String::new()
            };
            self.list.push(Row {
                offset: Some(offset(node, number * LINE)),
                bytes: line(bytes),
                tree: String::from(inner.trim_end()),
                name: if is_last && inner.trim_end().len() == inner.len() {
                    name
                } else if is_last {
                    format!("{}{name}", " ".repeat(inner.len() - inner.trim_end().len()))
                } else {
                    name
                },
                cells: Vec::new(),
            });
        }
    }

    /// The bytes of a run of bits that has no struct of its own.
    fn run(&mut self, node: &'n Node, indent: &str, _is_last: bool) {
        let bits = node.bits.map_or(0, |place| place.of);
        self.list.push(Row {
            offset: Some(offset(node, 0)),
            bytes: line(&node.raw),
            tree: format!("{indent}├ "),
            name: format!("({bits} bits)"),
            cells: Vec::new(),
        });
    }
}

/// The child is the first of a run, and its parent is more than this run.
fn begins_run(node: &Node, index: usize) -> bool {
    let Some(child) = node.children.get(index) else { return false };
    if child.bits.is_none() || is_bits(node) || node.bits.is_some() {
        return false;
    }
    let before = index.checked_sub(1).and_then(|index| node.children.get(index));
    before.is_none_or(|before| before.bits.is_none() || before.local != child.local)
}

/// The whole node is one run of bits.
fn is_bits(node: &Node) -> bool {
    !node.children.is_empty()
        && node.children.iter().all(|child| child.bits.is_some() && child.local == node.local)
}

/// Items that are plain numbers stand side by side.
fn is_flat(node: &Node, fault: Option<&[usize]>) -> bool {
    let plain = |child: &Node| {
        child.children.is_empty()
            && !child.partial
            && !child.is_secret()
            && matches!(
                child.value,
                Value::Unsigned(_) | Value::Signed(_) | Value::Hexadecimal(_) | Value::Number(_)
            )
    };
    fault.is_none_or(<[usize]>::is_empty)
        && matches!(node.value, Value::Items(_))
        && node.children.iter().all(plain)
}

fn cells(node: &Node, at_fault: bool) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    let text = if matches!(node.name, Name::Hidden("delimiter" | "magic" | "padding")) {
        String::new()
    } else if is_flat(node, None) && !node.children.is_empty() {
        flat(node)
    } else {
        render::value(node)
    };
    cells.push(Cell::Value(text));
    if node.prefix_len > 0 && !node.is_secret() {
        cells.push(Cell::Dim(format!("{}-byte length first", node.prefix_len)));
    }
    cells.extend(render::remark(node));
    if at_fault && !matches!(cells.last(), Some(Cell::Bad(_))) {
        cells.push(Cell::Bad(String::from("✗ here")));
    } else if node.partial && node.children.is_empty() {
        cells.push(Cell::Bad(String::from("✗ cut")));
    }
    if let Some(doc) = node.doc.lines().next().filter(|doc| !doc.is_empty()) {
        cells.push(Cell::Doc(doc));
    }
    cells
}

/// `[1, 2, 3, … 37 more]`.
fn flat(node: &Node) -> String {
    let mut text = String::from("[");
    for (index, child) in node.children.iter().take(FIRST).enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text.push_str(&render::value(child));
    }
    let more = node.children.len().saturating_sub(FIRST);
    if more > 0 {
        text.push_str(&format!(", … {} more", render::grouped(&format!("{more}"))));
    }
    text.push(']');
    text
}

fn offset(node: &Node, more: usize) -> String {
    let offset = node.range.start.saturating_add(more);
    if node.layer == 0 { format!("{offset:#06x}") } else { format!("{}+{offset:04x}", node.layer) }
}

/// `00 00 00 00  00 00 03 e9`.
fn line(bytes: &[u8]) -> String {
    let halves = bytes.chunks(LINE / 2).map(crate::hex::print);
    halves.collect::<Vec<_>>().join("  ")
}

/// `.... ..00 0000 0000`, or the numbers of the bits where that is too long.
fn pattern(place: BitPlace) -> String {
    if place.of > 16 {
        let low = place.shift;
        let high = low.saturating_add(place.width).saturating_sub(1);
        return if high == low { format!("bit {low}") } else { format!("bits {high}–{low}") };
    }
    let mut text = String::new();
    for bit in (0..place.of).rev() {
        let inside = place.shift <= bit && bit < place.shift.saturating_add(place.width);
        let set = place.run.checked_shr(bit).unwrap_or(0) & 1 == 1;
        text.push(match (inside, set) {
            (false, _) => '.',
            (true, false) => '0',
            (true, true) => '1',
        });
        if bit > 0 && bit.is_multiple_of(4) {
            text.push(' ');
        }
    }
    text
}
