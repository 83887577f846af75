//! Fields of a struct, items of a list.

use alloc::vec::Vec;

use super::node::{Name, Node, Value};
use super::relate;
use super::secret;
use super::value;
use super::walk::{Cursor, Walk};
use crate::error::Fault;
use crate::schema::{Amount, Bound, ByteOrder, Field, Fields, Layout, Shape};
use crate::scope::Endian;
use crate::tag::{of_parts, shown};
use crate::text::TextForm;
use crate::trace::Note;

impl Walk {
    /// Places the fields one after the other; the cursor ends behind the last one placed.
    pub(super) fn fields(
        &mut self,
        fields: &Fields,
        cursor: &mut Cursor,
        tag: Option<u64>,
        node: &mut Node,
    ) {
        let type_start = node.children.first().map_or(cursor.at, |child| child.local.start);
        let start = cursor.at;
        let mut run = None;
        for (index, field) in fields.list.iter().enumerate() {
            let Ok(index) = u16::try_from(index) else { break };
            if field.is_tag {
                node.children.extend(tag_node(field, index, tag));
                continue;
            }
            let placed = match field.layout {
                Layout::Bits { .. } => self.bits(field, index, cursor, &mut run, node),
                _ => self.one(fields, field, index, cursor, start, node),
            };
            if !placed {
                node.partial = true;
                break;
            }
        }
        relate::apply(self, fields, *cursor, type_start, node);
    }

    /// One field that is not bits. `false`: nothing behind it can be placed.
    fn one(
        &mut self,
        fields: &Fields,
        field: &'static Field,
        index: u16,
        cursor: &mut Cursor,
        start: usize,
        node: &mut Node,
    ) -> bool {
        let tag = outer_tag(fields, index, node);
        if matches!(self.peek(), Some(Note::Enter { field, .. }) if field == index) {
            let (mut inside, close) = self.step_in(*cursor);
            if close.is_some() && inside.at == inside.end && is_optional(field) {
                self.step_out(close);
                return true;
            }
            inside.at = self.with_prefix(field, *cursor, inside.at);
            self.gap(*cursor, inside.at, node);
            if let (None, Some(end)) = (close, relate::limit(fields, index, node, start)) {
                inside.end = end.clamp(inside.at, inside.end);
            }
            let (mut child, end) = self.field(field, index, inside, tag);
            child.partial |= close.is_none();
            self.step_out(close);
            cursor.at = if close.is_some() { inside.end } else { end };
            node.children.push(child);
            return close.is_some();
        }
        if self.is_behind_fault(*cursor) {
            return false;
        }
        let Some(len) = field.fixed_len() else {
            if self.is_over() && !is_optional(field) {
                let mut child = blank(field, index);
                child.partial = true;
                self.foresee(field, tag, &mut child);
                self.place(&mut child, cursor.buffer, cursor.at..cursor.at);
                node.children.push(child);
                return false;
            }
            return true;
        };
        let before = field.padding.before.into();
        self.pad(cursor, before, node);
        let align = usize::from(field.padding.align).max(1);
        let offset = cursor.at.saturating_sub(start);
        self.pad(cursor, offset.next_multiple_of(align).saturating_sub(offset), node);
        let end = cursor.at.saturating_add(len);
        if end > cursor.end {
            let mut child = blank(field, index);
            child.partial = true;
            self.place(&mut child, cursor.buffer, cursor.at..cursor.end);
            node.children.push(child);
            cursor.at = cursor.end;
            return false;
        }
        let inside = Cursor { end, exact: true, ..*cursor };
        let (child, _) = self.field(field, index, inside, tag);
        node.children.push(child);
        cursor.at = end;
        self.pad(cursor, field.padding.after.into(), node);
        true
    }

    /// What a frame that was cut before this field says of it: its tag chooses one variant.
    fn foresee(&self, field: &Field, tag: Option<u64>, node: &mut Node) {
        // A condition, which is not known here, may choose another variant.
        let chosen_by_tag = field.opaque_if.is_empty() && field.select.is_empty();
        let cut = chosen_by_tag && self.error.is_some_and(|error| error.fault == Fault::Short);
        let (Layout::Nested(of), None, true) = (field.layout, field.stands_for, cut) else {
            return;
        };
        let Shape::Enum { variants, .. } = of().shape else { return };
        let mut chosen = variants.iter().filter(|one| tag.is_some_and(|tag| one.matches(tag)));
        // Of two with one tag more than the tag decides.
        if let (Some(variant), None) = (chosen.next(), chosen.next())
            && !field.secret
            && !of().secret
        {
            node.schema = Some(of());
            node.variant = Some(variant.name);
            node.value = Value::Group(of().name);
        }
    }

    /// Where a noted field begins, when the parser noted it behind its hidden length or count.
    fn with_prefix(&self, field: &Field, cursor: Cursor, begin: usize) -> usize {
        let padding = usize::from(field.padding.before);
        let gap = begin.saturating_sub(cursor.at).saturating_sub(padding);
        let counter = field.bounds.iter().find_map(|bound| match bound {
            Bound::Prefix(counter) | Bound::CountPrefix(counter) => Some(*counter),
            _ => None,
        });
        let (Some(counter), 1..) = (counter, gap) else {
            return begin;
        };
        let endian =
            if let ByteOrder::Little = field.endian { Endian::Little } else { cursor.endian };
        let lens = 1..=gap.min(9);
        let fits = |len: &usize| {
            let at = begin.saturating_sub(*len);
            let prefix = self.bytes(Cursor { at, ..cursor }, begin);
            value::counter(prefix, counter, endian).is_some_and(|(_, found)| found == *len)
        };
        lens.rev().find(fits).map_or(begin, |len| begin.saturating_sub(len))
    }

    fn gap(&self, cursor: Cursor, begin: usize, node: &mut Node) {
        if begin > cursor.at {
            self.hidden("padding", cursor.buffer, cursor.at..begin, node);
        }
    }

    fn pad(&self, cursor: &mut Cursor, len: usize, node: &mut Node) {
        let end = cursor.at.saturating_add(len).min(cursor.end);
        self.gap(*cursor, end, node);
        cursor.at = end;
    }

    /// The node of a field between the cursor's edges, and where it ends.
    fn field(
        &mut self,
        field: &'static Field,
        index: u16,
        mut cursor: Cursor,
        tag: Option<u64>,
    ) -> (Node, usize) {
        let mut node = blank(field, index);
        let start = cursor.at;
        let outer_end = cursor.end;
        cursor.endian = self.endian(field.endian, cursor.endian);
        node.endian = cursor.endian;
        if self.stands_for_none(field, cursor) && cursor.exact {
            node.value = Value::Plain("none".into());
            self.place(&mut node, cursor.buffer, start..outer_end);
            hide_secret(&mut node);
            return (node, outer_end);
        }
        let count = self.bounds(field, &mut cursor, &mut node);
        let layered = if field.process.is_empty() { None } else { self.layer_note() };
        let mut inside = match layered {
            Some((copy, address)) => self.layer(copy, address, cursor, cursor.at..cursor.end, &[]),
            None => cursor,
        };
        match field.layout {
            layout if is_large(layout) && self.is_of_no_interest(&cursor) => {
                inside.at = inside.end;
            }
            Layout::Nested(of) | Layout::Map(of) => {
                self.prefix_child(start, &mut node, &cursor);
                inside.at = self.typed(of(), inside, tag, &mut node);
            }
            Layout::List(item) | Layout::Lazy(item) => {
                self.prefix_child(start, &mut node, &cursor);
                self.items(item(), &mut inside, count, &mut node);
            }
            layout => self.leaf(field, &layout, &mut inside, &mut node),
        }
        let end = match (cursor.exact, inside.buffer == cursor.buffer) {
            (true, _) => outer_end,
            (false, true) => inside.at,
            (false, false) => cursor.end,
        };
        self.place(&mut node, cursor.buffer, start..end);
        hide_secret(&mut node);
        (node, end)
    }

    pub(super) fn is_of_no_interest(&self, cursor: &Cursor) -> bool {
        self.brief
            && cursor.exact
            && self
                .fault_in(cursor.buffer)
                .is_none_or(|fault| fault < cursor.at || cursor.end <= fault)
    }

    /// Moves the cursor inside of what bounds the value; the count of its items, where one is known.
    fn bounds(&self, field: &Field, cursor: &mut Cursor, node: &mut Node) -> Option<usize> {
        let mut count = None;
        for bound in field.bounds {
            match *bound {
                Bound::Prefix(counter) | Bound::CountPrefix(counter) => {
                    let Some((number, len)) =
                        value::counter(self.part(*cursor), counter, cursor.endian)
                    else {
                        continue;
                    };
                    cursor.at = cursor.at.saturating_add(len).min(cursor.end);
                    node.prefix_len = node.prefix_len.saturating_add(len);
                    let number = usize::try_from(number).unwrap_or(usize::MAX);
                    if let Bound::CountPrefix(_) = bound {
                        count = Some(number);
                    } else if !cursor.exact {
                        cursor.end = cursor.end.min(cursor.at.saturating_add(number));
                    }
                }
                Bound::Terminated(terminator)
                    if cursor.exact && self.part(*cursor).ends_with(terminator) =>
                {
                    cursor.end = cursor.end.saturating_sub(terminator.len());
                }
                Bound::Count(Amount::Fixed(number)) => count = usize::try_from(number).ok(),
                _ => {}
            }
        }
        count
    }

    /// A hidden length or count before fields and items is a row of its own.
    fn prefix_child(&self, start: usize, node: &mut Node, cursor: &Cursor) {
        let len = core::mem::take(&mut node.prefix_len);
        if len == 0 {
            return;
        }
        let range = start..start.saturating_add(len);
        let number = value::unsigned(&self.share(cursor.buffer, range.clone()), cursor.endian);
        let counts = node.field.is_some_and(|field| {
            field.bounds.iter().any(|bound| matches!(bound, Bound::CountPrefix(_)))
        });
        let name = if counts { "count" } else { "length" };
        let mut child = Node::new(Name::Hidden(name), Value::Unsigned(number));
        self.place(&mut child, cursor.buffer, range);
        node.children.push(child);
    }

    fn leaf(&mut self, field: &Field, layout: &Layout, cursor: &mut Cursor, node: &mut Node) {
        let len = field.fixed_len().or_else(|| match layout {
            Layout::Varint { kind, signed, .. } => {
                value::varint(self.part(*cursor), *kind, *signed, cursor.endian).map(|(_, len)| len)
            }
            _ => layout.fixed_len(),
        });
        let end = match len {
            _ if cursor.exact => cursor.end,
            Some(len) => cursor.at.saturating_add(len),
            None => cursor.end,
        };
        if end > cursor.end {
            node.partial = true;
            cursor.at = cursor.end;
            return;
        }
        let part = self.share(cursor.buffer, cursor.at..end);
        node.value = match (self.charset(), layout) {
            (Some(charset), Layout::Text { pad, trim, lossy, .. }) => {
                value::text(&part, TextForm { charset, pad: *pad, trim: *trim, lossy: *lossy })
            }
            _ => value::of(layout, &part, field.hexadecimal, cursor.endian),
        };
        cursor.at = end;
    }
}

fn is_optional(field: &Field) -> bool {
    !field.presence.is_always() || !field.gate.is_none()
}

/// More than a relation could want to know.
fn is_large(layout: Layout) -> bool {
    match layout {
        Layout::Nested(of) | Layout::Map(of) => of().fixed_len.is_none_or(|len| len > 64),
        Layout::List(_) | Layout::Lazy(_) => true,
        _ => false,
    }
}

pub(super) fn blank(field: &'static Field, index: u16) -> Node {
    let mut node = Node::new(Name::Field(field.name), Value::None);
    node.index = Some(index);
    node.field = Some(field);
    node.unit = field.unit;
    node.doc = field.doc;
    node
}

/// The tag that a variant keeps: no bytes of its own.
fn tag_node(field: &'static Field, index: u16, tag: Option<u64>) -> Option<Node> {
    let tag = tag?;
    let mut node = blank(field, index);
    let parts = match field.layout {
        Layout::Nested(of) => match of().shape {
            Shape::Tuple(parts) => u32::try_from(parts.len()).unwrap_or(u32::MAX),
            _ => 1,
        },
        _ => 1,
    };
    node.value = if parts > 1 {
        Value::Plain(shown(tag, parts))
    } else if field.hexadecimal {
        Value::Hexadecimal(tag.into())
    } else {
        Value::Unsigned(tag.into())
    };
    Some(node)
}

/// The tag that an earlier field holds for this one.
fn outer_tag(fields: &Fields, index: u16, node: &Node) -> Option<u64> {
    of_parts(&relate::tag_parts(fields, index, node)?)
}

/// Masks what the declaration of its field or its type says is secret.
pub(super) fn hide_secret(node: &mut Node) {
    if secret::is_declared(node) {
        hide(node);
    }
}

pub(super) fn hide_type_secret(node: &mut Node) {
    if node.schema.is_some_and(|schema| schema.secret) {
        hide(node);
    }
}

fn hide(node: &mut Node) {
    node.value = Value::Secret;
    node.raw = bytes::Bytes::new();
    node.bits = None;
    node.variant = None;
    node.remark = None;
    node.prefix_len = 0;
    node.children = Vec::new();
}
