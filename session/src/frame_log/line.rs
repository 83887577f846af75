//! What a frame says, in one line of the log.

use std::fmt::Write;

use longlink_codec_core::explain::{Explanation, Name, Node, Value};
use longlink_codec_core::{Roles, Wire};
use tracing::Level;

use super::{Direction, FrameHead, FrameHeads, FrameLog, TARGET};
use crate::desk::Desk;
use crate::moment::Moment;
use crate::protocol::Protocol;

/// Characters of a line at most; what is left out is marked.
const LONGEST: usize = 1_024;
/// Bytes and characters of one value.
const LONGEST_VALUE: usize = 64;

/// Where the frames of one connection are noted.
#[derive(Clone, Copy)]
pub(crate) struct Log<'d> {
    how: FrameLog,
    session: &'d str,
    epoch: u32,
}

impl<'d> Log<'d> {
    #[inline]
    pub(crate) fn of<P: Protocol>(desk: &'d Desk<P>, epoch: u32) -> Self {
        Self { how: desk.settings.frame_log, session: &desk.name, epoch }
    }

    /// Somebody wants the text of frames.
    fn wants_text(self) -> bool {
        self.how == FrameLog::Text && tracing::enabled!(target: TARGET, Level::TRACE)
    }

    /// Nobody wants more than the heads.
    #[inline]
    pub(crate) fn is_off(self) -> bool {
        self.how == FrameLog::Off
    }

    /// A frame was encoded into `bytes`.
    #[inline]
    pub(crate) fn sent<P: Protocol>(
        self,
        heads: &mut FrameHeads,
        frame: &P::Outgoing,
        bytes: &[u8],
        context: &<P::Outgoing as Wire>::Context,
        now: Moment,
    ) {
        let (direction, len) = (Direction::Sent, bytes.len());
        let head = FrameHead { at: now, direction, len, sequence: frame.sequence() };
        heads.push(&head);
        if self.how != FrameLog::Off {
            self.write_sent::<P>(&head, bytes, context);
        }
    }

    /// A frame came.
    #[inline]
    pub(crate) fn received(
        self,
        heads: &mut FrameHeads,
        len: usize,
        sequence: Option<u64>,
        now: Moment,
        explain: impl FnOnce() -> Explanation,
    ) {
        let head = FrameHead { at: now, direction: Direction::Received, len, sequence };
        heads.push(&head);
        if self.how != FrameLog::Off {
            self.write(&head, self.wants_text().then(|| line(&explain())));
        }
    }

    #[cold]
    fn write_sent<P: Protocol>(
        self,
        head: &FrameHead,
        bytes: &[u8],
        context: &<P::Outgoing as Wire>::Context,
    ) {
        let explained = self.wants_text().then(|| P::explain_sent(bytes, context)).flatten();
        self.write(head, explained.as_ref().map(line));
    }

    #[cold]
    fn write(self, head: &FrameHead, text: Option<String>) {
        let Self { session, epoch, .. } = self;
        let direction = head.direction.name();
        let (len, sequence) = (head.len, head.sequence);
        let text = text.as_deref().unwrap_or("a frame");
        tracing::trace!(target: TARGET, session, epoch, direction, len, sequence, "{text}");
    }
}

/// `Message{sequence=7 body=Chat{from=1001 text="hi"}}`: every field by its name, secrets masked,
/// long values cut. Of a frame that does not parse: up to the fault, then what is wrong with it.
pub(crate) fn line(explanation: &Explanation) -> String {
    let mut out = String::new();
    value(explanation.root(), &mut out);
    if let Some((end, _)) = out.char_indices().nth(LONGEST) {
        out.truncate(end);
        out.push('…');
    }
    if let Some(report) = explanation.report() {
        // Writing to a string cannot fail.
        let _ = write!(out, " malformed: {} at byte {}", report.path, report.offset);
        let _ = write!(out, ": {}", report.fault);
    }
    out
}

fn value(node: &Node, out: &mut String) {
    if out.len() > LONGEST.saturating_mul(4) {
        return;
    }
    let _ = match &node.value {
        Value::Secret => write!(out, "•••"),
        _ if !node.children.is_empty() => return group(node, out),
        Value::Group(name) => write!(out, "{}", node.variant.unwrap_or(name)),
        Value::Items(_) => write!(out, "[]"),
        Value::Unsigned(number) => write!(out, "{number}"),
        Value::Signed(number) => write!(out, "{number}"),
        Value::Hexadecimal(number) => write!(out, "{number:#x}"),
        Value::Number(number) => write!(out, "{number}"),
        Value::Bool(truth) => write!(out, "{truth}"),
        Value::Named { name, .. } => write!(out, "{name}"),
        Value::Text(text) => write!(out, "{:?}", cut(text)),
        Value::Digits(text) | Value::Plain(text) => write!(out, "{}", cut(text)),
        Value::Bytes(bytes) => return hexadecimal(bytes, out),
        _ => write!(out, "-"),
    };
    out.push_str(node.unit);
}

fn group(node: &Node, out: &mut String) {
    let is_list = matches!(node.value, Value::Items(_));
    let name = match (node.variant, &node.value) {
        (Some(variant), _) => variant,
        (None, Value::Group(name)) => name,
        _ => "",
    };
    out.push_str(name);
    out.push(if is_list { '[' } else { '{' });
    let shown = node.children.iter().filter(|child| !matches!(child.name, Name::Hidden(_)));
    for (index, child) in shown.enumerate() {
        if index > 0 {
            out.push(' ');
        }
        if let Name::Field(name) = child.name {
            out.push_str(name);
            out.push('=');
        }
        value(child, out);
    }
    out.push(if is_list { ']' } else { '}' });
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn hexadecimal(bytes: &[u8], out: &mut String) {
    out.push_str("0x");
    for byte in bytes.iter().take(LONGEST_VALUE / 2) {
        let _ = write!(out, "{byte:02x}");
    }
    if bytes.len() > LONGEST_VALUE / 2 {
        let _ = write!(out, "… ({} bytes)", bytes.len());
    }
}
