//! A walk over the schema: fixed places follow from it, the others from the parser's notes.

use alloc::vec::Vec;
use core::ops::Range;

use bytes::Bytes;

use super::buffer::Buffer;
use super::node::{Name, Node, Value};
use super::steps::closings;
use super::value;
use crate::error::{DecodeError, Fault};
use crate::schema::{ByteOrder, Literal, Schema, SchemaOf, Shape, TagSource, Variant};
use crate::scope::Endian;
use crate::text::Charset;
use crate::trace::{Note, Notes};

/// Where the walk stands, and how far it may go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor {
    pub(super) buffer: usize,
    pub(super) at: usize,
    pub(super) end: usize,
    /// `end` is the end of the value; else only of what its parent has left.
    pub(super) exact: bool,
    pub(super) endian: Endian,
}

pub(super) struct Walk {
    pub(super) notes: Vec<Note>,
    /// For each `Enter` and `Item` the index of its `Leave`; `None`: the parser failed inside.
    pub(super) close: Vec<Option<usize>>,
    copies: Vec<Bytes>,
    pub(super) next: usize,
    pub(super) buffers: Vec<Buffer>,
    pub(super) layers: usize,
    pub(super) error: Option<DecodeError>,
    /// Only what lies on the way to the fault is of interest.
    pub(super) brief: bool,
    /// A buffer, and how far the parser got in it.
    pub(super) reached: Option<(usize, usize)>,
}

impl Walk {
    pub(super) fn new(input: Bytes, address: usize, notes: Notes) -> Self {
        let close = closings(&notes.list);
        Self {
            notes: notes.list,
            close,
            copies: notes.layers.into_iter().map(Bytes::from).collect(),
            next: 0,
            buffers: alloc::vec![Buffer::new(input, address, 0)],
            layers: 0,
            error: None,
            brief: false,
            reached: None,
        }
    }

    pub(super) fn input_len(&self) -> usize {
        self.buffers.first().map_or(0, |buffer| buffer.bytes.len())
    }

    /// The whole tree.
    pub(super) fn root(&mut self, schema: &'static Schema) -> Node {
        let end = self.input_len();
        let cursor = Cursor { buffer: 0, at: 0, end, exact: true, endian: Endian::Big };
        let mut node = Node::new(Name::Field(schema.name), Value::None);
        node.doc = schema.doc;
        self.typed(schema, cursor, None, &mut node);
        self.place(&mut node, 0, 0..end);
        node
    }

    /// Fills `node` with what a type of this schema has at the cursor; where it ends.
    pub(super) fn typed(
        &mut self,
        schema: &'static Schema,
        mut cursor: Cursor,
        tag: Option<u64>,
        node: &mut Node,
    ) -> usize {
        let outer = cursor;
        node.schema = Some(schema);
        if node.doc.is_empty() {
            node.doc = schema.doc;
        }
        let tail = self.border(schema, &mut cursor, node);
        cursor.endian = self.endian(schema.endian, cursor.endian);
        if self.magic(schema.magic, &mut cursor, node) {
            self.shape(schema, &mut cursor, tag, node);
        } else {
            node.value = Value::Group(schema.name);
        }
        if schema.name.is_empty() {
            lift(node);
        }
        if cursor.exact && cursor.at < cursor.end {
            let name = if self.error.is_some() { "unparsed" } else { "unexplained" };
            let part = cursor.at..cursor.end;
            self.hidden(name, cursor.buffer, part, node);
        }
        if let Some(tail) = tail {
            self.hidden("delimiter", outer.buffer, tail.clone(), node);
            return tail.end;
        }
        if cursor.buffer == outer.buffer { cursor.at } else { outer.end }
    }

    /// Delimiters and escapes: the cursor moves inside, the closing delimiter is given back.
    fn border(
        &mut self,
        schema: &Schema,
        cursor: &mut Cursor,
        node: &mut Node,
    ) -> Option<Range<usize>> {
        let border = schema.border?;
        let inside = self.part(*cursor);
        let start = border.start;
        if !start.is_empty() && inside.starts_with(start) {
            let part = cursor.at..cursor.at.saturating_add(start.len());
            cursor.at = part.end;
            self.hidden("delimiter", cursor.buffer, part, node);
        }
        let mut tail = None;
        if cursor.exact && !border.end.is_empty() && self.part(*cursor).ends_with(border.end) {
            let from = cursor.end.saturating_sub(border.end.len());
            tail = Some(from..cursor.end);
            cursor.end = from;
        }
        if let Some(Note::Layer { address, index }) = self.peek() {
            self.next = self.next.saturating_add(1);
            let copy = self.copies.get(index).cloned().unwrap_or_default();
            let range = cursor.at..cursor.end;
            *cursor = self.layer(copy, address, *cursor, range, border.escape);
        }
        tail
    }

    /// The cursor at the start of a new layer.
    pub(super) fn layer(
        &mut self,
        bytes: Bytes,
        address: usize,
        cursor: Cursor,
        range: Range<usize>,
        escapes: &[(u8, &[u8])],
    ) -> Cursor {
        let len = bytes.len();
        let mapped = match self.buffers.get(cursor.buffer) {
            Some(outer) if !escapes.is_empty() => {
                let outer = (cursor.buffer, outer);
                Buffer::unescaped(bytes.clone(), address, outer, range, escapes)
            }
            _ => None,
        };
        let buffer = mapped.unwrap_or_else(|| {
            self.layers = self.layers.saturating_add(1);
            Buffer::new(bytes, address, self.layers)
        });
        let number = self.buffers.len();
        self.buffers.push(buffer);
        Cursor { buffer: number, at: 0, end: len, exact: true, endian: cursor.endian }
    }

    /// The copy of the layer that the parser entered here, if it did.
    pub(super) fn layer_note(&mut self) -> Option<(Bytes, usize)> {
        let Some(Note::Layer { address, index }) = self.peek() else {
            return None;
        };
        self.next = self.next.saturating_add(1);
        Some((self.copies.get(index).cloned().unwrap_or_default(), address))
    }

    pub(super) fn endian(&mut self, declared: ByteOrder, inherited: Endian) -> Endian {
        match declared {
            ByteOrder::Inherited => inherited,
            ByteOrder::Big => Endian::Big,
            ByteOrder::Little => Endian::Little,
            ByteOrder::Expression(_) => {
                let Some(Note::Order { endian }) = self.peek() else {
                    return inherited;
                };
                self.next = self.next.saturating_add(1);
                endian
            }
        }
    }

    /// The encoding that the parser chose here, if it did.
    pub(super) fn charset(&mut self) -> Option<Charset> {
        let Some(Note::Charset { charset }) = self.peek() else {
            return None;
        };
        self.next = self.next.saturating_add(1);
        Some(charset)
    }

    /// `false`: it is not all there, and nothing is behind it.
    fn magic(&self, magic: Option<Literal>, cursor: &mut Cursor, node: &mut Node) -> bool {
        let Some(magic) = magic else { return true };
        let whole = cursor.at.saturating_add(magic.len());
        let end = whole.min(cursor.end);
        self.hidden("magic", cursor.buffer, cursor.at..end, node);
        cursor.at = end;
        if let Some(child) = node.children.last_mut() {
            child.magic = Some(magic);
            child.partial = end < whole;
        }
        node.partial |= end < whole;
        end == whole
    }

    fn shape(
        &mut self,
        schema: &'static Schema,
        cursor: &mut Cursor,
        tag: Option<u64>,
        node: &mut Node,
    ) {
        match schema.shape {
            Shape::Struct(fields) | Shape::Bitfield { fields, .. } => {
                node.value = Value::Group(schema.name);
                self.fields(&fields, cursor, tag, node);
            }
            Shape::Enum { source, variants } => {
                node.value = Value::Group(schema.name);
                self.variants(source, variants, cursor, tag, node);
            }
            Shape::Number { bits, signed, variants } => {
                self.skip_variant();
                let len = usize::try_from(bits / 8).unwrap_or(8);
                let end = cursor.at.saturating_add(len);
                if end > cursor.end {
                    node.partial = true;
                    return;
                }
                let number = value::unsigned(self.bytes(*cursor, end), cursor.endian);
                node.value = value::named(variants, number, bits, signed);
                cursor.at = end;
            }
            Shape::Leaf(layout) => {
                let len = layout.fixed_len();
                let end = len.map_or(cursor.end, |len| cursor.at.saturating_add(len));
                if end > cursor.end {
                    node.partial = true;
                    return;
                }
                let hexadecimal = node.field.is_some_and(|field| field.hexadecimal);
                let part = self.share(cursor.buffer, cursor.at..end);
                node.value = value::of(&layout, &part, hexadecimal, cursor.endian);
                cursor.at = end;
            }
            Shape::Boxed(of) => self.shape_of(of, cursor, tag, node),
            Shape::List(item) => self.items(item(), cursor, None, node),
            Shape::Array(item, count) => self.items(item(), cursor, Some(count), node),
            Shape::Tuple(parts) => {
                node.value = Value::Group(schema.name);
                self.parts(parts, cursor, node);
            }
        }
    }

    fn shape_of(&mut self, of: SchemaOf, cursor: &mut Cursor, tag: Option<u64>, node: &mut Node) {
        let inside = *cursor;
        cursor.at = self.typed(of(), inside, tag, node);
    }

    fn variants(
        &mut self,
        source: TagSource,
        variants: &'static [Variant],
        cursor: &mut Cursor,
        tag: Option<u64>,
        node: &mut Node,
    ) {
        let mut tag = tag;
        let noted = match self.peek() {
            Some(Note::Variant { index }) => {
                self.next = self.next.saturating_add(1);
                variants.get(usize::from(index))
            }
            _ => None,
        };
        if let TagSource::Own { bytes, .. } | TagSource::Peek { bytes } = source {
            let end = cursor.at.saturating_add(bytes.into());
            if end > cursor.end {
                node.partial = true;
                return;
            }
            let number = value::unsigned(self.bytes(*cursor, end), cursor.endian);
            tag = u64::try_from(number).ok();
            if let TagSource::Own { .. } = source {
                let mut child = Node::new(Name::Hidden("tag"), Value::Unsigned(number));
                self.place(&mut child, cursor.buffer, cursor.at..end);
                node.children.push(child);
                cursor.at = end;
            }
        }
        let unknown = self.error.is_some_and(|error| error.fault == Fault::UnknownTag);
        let guess = || {
            let tag = tag.filter(|_| !unknown || self.next < self.notes.len())?;
            let known = variants.iter().find(|variant| variant.matches(tag));
            known.or_else(|| variants.iter().find(|variant| variant.other))
        };
        let Some(variant) = noted.or_else(guess) else {
            node.partial = self.error.is_some();
            return;
        };
        node.variant = Some(variant.name);
        if !variant.doc.is_empty() {
            node.doc = variant.doc;
        }
        cursor.endian = self.endian(variant.endian, cursor.endian);
        if !self.magic(variant.magic, cursor, node) {
            return;
        }
        self.fields(&variant.fields, cursor, tag, node);
        flatten(variant, node);
    }

    fn skip_variant(&mut self) {
        if let Some(Note::Variant { .. }) = self.peek() {
            self.next = self.next.saturating_add(1);
        }
    }
}

/// What `each(..)` says of an element is the element itself; of a tuple, its parts.
fn lift(node: &mut Node) {
    node.value = Value::Group("tuple");
    if node.children.len() != 1 {
        return;
    }
    if let Some(child) = node.children.pop() {
        node.partial |= child.partial;
        node.value = child.value;
        node.prefix_len = child.prefix_len;
        node.variant = child.variant;
        node.schema = child.schema;
        node.children = child.children;
    }
}

/// A variant of one unnamed struct is that struct: nobody wants to read `.0`.
fn flatten(variant: &Variant, node: &mut Node) {
    let [only] = variant.fields.list else { return };
    let Some(last) = node.children.last() else { return };
    if only.name != "0" || last.name != Name::Field("0") || last.children.is_empty() {
        return;
    }
    if let Some(child) = node.children.pop() {
        node.partial |= child.partial;
        node.schema = child.schema;
        node.children.extend(child.children);
        if node.variant.is_some() && child.variant.is_some() {
            node.variant = child.variant;
        }
    }
}
