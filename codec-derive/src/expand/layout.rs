//! The body of a struct or of a variant, cut into steps: runs of fixed-size fields that are read
//! and written as one array, and single fields.

mod size;
mod stepped;

use proc_macro2::TokenStream;
use quote::quote;

use size::{align, array_len, literal_size};
pub(crate) use size::{is_nothing, is_stepped, literal, prefix_len};

use crate::model::{
    Assert, BytesKind, Declaration, Edge, Endian, Field, FieldSpan, Fields, Kind, Literal,
    Relation, RelationKind, Variant,
};

/// A body, with what the generators of its parts share.
pub(crate) struct Layout<'d> {
    pub(crate) declaration: &'d Declaration,
    pub(crate) variant: Option<&'d Variant>,
    pub(crate) fields: &'d Fields,
    pub(crate) magic: Option<&'d Literal>,
    pub(crate) asserts: Vec<&'d Assert>,
    pub(crate) order: Order,
    pub(crate) steps: Vec<Step>,
}

/// What generated code knows of the byte order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Big,
    Little,
    /// `__scope.endian`.
    Inherited,
}

pub(crate) enum Step {
    Run(Run),
    /// The field of this index, with its padding.
    Field(usize),
}

/// Adjacent pieces of fixed size.
pub(crate) struct Run {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) len: usize,
}

pub(crate) struct Piece {
    /// Offset in the run.
    pub(crate) at: usize,
    pub(crate) len: usize,
    pub(crate) what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Magic,
    /// Zeros that belong to this field.
    Padding(usize),
    Field(usize),
    /// The bit run of this index.
    Bits(usize),
    /// The hidden length or count before this field.
    Prefix(usize),
}

impl<'d> Layout<'d> {
    pub(crate) fn of_struct(declaration: &'d Declaration, fields: &'d Fields) -> Self {
        let asserts = declaration.asserts.iter().collect();
        Self::new(declaration, None, fields, declaration.magic.as_ref(), asserts)
    }

    pub(crate) fn of_variant(declaration: &'d Declaration, variant: &'d Variant) -> Self {
        let asserts = variant.asserts.iter().collect();
        Self::new(declaration, Some(variant), &variant.fields, variant.magic.as_ref(), asserts)
    }

    fn new(
        declaration: &'d Declaration,
        variant: Option<&'d Variant>,
        fields: &'d Fields,
        magic: Option<&'d Literal>,
        asserts: Vec<&'d Assert>,
    ) -> Self {
        let own = variant.and_then(|variant| variant.endian.as_ref());
        let order = match own.or(declaration.endian.as_ref()) {
            Some(endian) => Order::of(endian),
            None => Order::Inherited,
        };
        let steps = Vec::new();
        let mut layout = Self { declaration, variant, fields, magic, asserts, order, steps };
        layout.steps = layout.cut_into_steps();
        layout
    }

    /// `Type.field`, as errors of writing name it.
    pub(crate) fn label(&self, field: &Field) -> String {
        if let Some(path) = &self.declaration.each_of {
            return path.clone();
        }
        let member = match &field.member {
            syn::Member::Named(name) => name.to_string(),
            syn::Member::Unnamed(index) => index.index.to_string(),
        };
        format!("{}.{member}", self.name())
    }

    /// `Type` or `Type.Variant`.
    pub(crate) fn name(&self) -> String {
        if let Some(path) = &self.declaration.each_of {
            return path.clone();
        }
        match self.variant {
            Some(variant) => format!("{}.{}", self.declaration.name, variant.name),
            None => self.declaration.name.to_string(),
        }
    }

    /// The byte order of a field.
    pub(crate) fn order_of(&self, field: &Field) -> Order {
        field.endian.as_ref().map_or(self.order, Order::of)
    }

    /// All relations whose holder is this field itself.
    pub(crate) fn held_by(&self, index: usize) -> impl Iterator<Item = &'d Relation> {
        let relations = &self.fields.relations;
        relations.iter().filter(move |one| one.holder.field == index && one.holder.path.is_empty())
    }

    /// An `Auto` field that no relation of this type derives: a parent may.
    pub(crate) fn is_open(&self, field: &Field) -> bool {
        field.auto && self.held_by(field.index).next().is_none()
    }

    /// All bytes of the body are fixed, and one run.
    pub(crate) fn single_run(&self) -> Option<&Run> {
        match self.steps.as_slice() {
            [Step::Run(run)] => Some(run),
            _ => None,
        }
    }

    /// The first field behind the bytes of this one: behind its run of bits.
    pub(crate) fn behind_field(&self, index: usize) -> usize {
        self.edge(Edge::After(index), index + 1)
    }

    fn cut_into_steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut run = Run { pieces: Vec::new(), len: 0 };
        if let Some(magic) = self.magic {
            run.push(magic.len(), What::Magic);
        }
        let mut offset = Some(run.len);
        let mut index = 0;
        while let Some(field) = self.fields.list.get(index) {
            if self.breaks_before(index) {
                run.close(&mut steps);
            }
            let next = self.behind(index);
            match self.piece(field, index) {
                Some((len, what)) if self.stepped(field.index).is_some() => {
                    run.push(len, what);
                    run.close(&mut steps);
                    let fields = self.fields.list.get(index..next).unwrap_or_default();
                    let tails = fields.iter().filter(|field| is_stepped(field));
                    steps.extend(tails.map(|field| Step::Field(field.index)));
                    offset = None;
                }
                Some((len, what)) if field.padding.align.is_none() || offset.is_some() => {
                    let before = field.padding.before.unwrap_or(0) + align(field, offset);
                    run.pad(before, index);
                    run.push(len, what);
                    run.pad(field.padding.after.unwrap_or(0), index);
                    offset = offset.map(|at| at + before + len + field.padding.after.unwrap_or(0));
                }
                _ if field.is_tag || is_nothing(field) => {}
                _ => {
                    if let Some(len) = prefix_len(field) {
                        run.push(len, What::Prefix(index));
                    }
                    run.close(&mut steps);
                    steps.push(Step::Field(index));
                    offset = None;
                }
            }
            index = next;
        }
        run.close(&mut steps);
        steps
    }

    /// The first field behind this one, or behind the bit run that begins here.
    pub(crate) fn behind(&self, index: usize) -> usize {
        let run = self.fields.runs.iter().find(|run| run.first == index);
        run.map_or(index + 1, |run| run.last + 1)
    }

    /// A field that is read out of an array: its length, and what it is.
    fn piece(&self, field: &Field, index: usize) -> Option<(usize, What)> {
        if let Some(run) = self.fields.runs.iter().position(|run| run.first == index) {
            return self.fields.runs.get(run).map(|bits| (bits.bytes, What::Bits(run)));
        }
        let plain = field.is_always()
            && field.gate.is_none()
            && !field.is_tag
            && field.process.is_none()
            && !matches!(field.endian, Some(Endian::Expression(_)))
            && field.bound.prefix.is_none();
        if !plain {
            return None;
        }
        let len = match &field.kind {
            Kind::Integer(integer) | Kind::Flags { wire: integer } => integer.bytes,
            Kind::Scaled { wire, .. } => wire.bytes,
            Kind::Float { bytes } => *bytes,
            Kind::Bool => 1,
            Kind::Time(timestamp) => timestamp.len(),
            Kind::Literal(literal) => literal.len(),
            Kind::Bytes(BytesKind::Array) => array_len(&field.inner)?,
            _ => return None,
        };
        Some((len, What::Field(index)))
    }

    /// A span that is only known at run time begins or ends right before this field.
    fn breaks_before(&self, index: usize) -> bool {
        self.fields.relations.iter().any(|relation| {
            let RelationKind::Length { over, .. } = &relation.kind else { return false };
            if self.fixed_span(over).is_some() {
                return false;
            }
            let starts = self.start_of(over) == index && relation.holder.field < index;
            starts || (self.end_of(over) == index && index > 0)
        })
    }

    /// Index of the first field of a span.
    pub(crate) fn start_of(&self, span: &FieldSpan) -> usize {
        self.edge(span.start, 0)
    }

    /// Index of the first field behind a span.
    pub(crate) fn end_of(&self, span: &FieldSpan) -> usize {
        self.edge(span.end, self.fields.list.len())
    }

    /// The index of the field before which an edge lies.
    pub(crate) fn edge(&self, edge: Edge, of_type: usize) -> usize {
        match edge {
            Edge::Type => of_type,
            Edge::Before(index) => {
                let run = self.fields.runs.iter();
                let mut run = run.filter(|run| (run.first..=run.last).contains(&index));
                run.next().map_or(index, |run| run.first)
            }
            Edge::After(index) => {
                let run = self.fields.runs.iter();
                let mut run = run.filter(|run| (run.first..=run.last).contains(&index));
                run.next().map_or(index + 1, |run| run.last + 1)
            }
        }
    }

    /// Bytes of a span all of whose fields are of literal size.
    pub(crate) fn fixed_span(&self, span: &FieldSpan) -> Option<usize> {
        let (start, end) = (self.start_of(span), self.end_of(span));
        let magic = match (span.start, self.magic) {
            (Edge::Type, Some(magic)) => magic.len(),
            _ => 0,
        };
        let lens = self.fields.list.get(start..end)?.iter();
        lens.map(|field| self.literal_len(field)).sum::<Option<usize>>().map(|len| len + magic)
    }

    /// Bytes from the start of the type to this field, where all before it are of literal size.
    pub(crate) fn fixed_offset(&self, index: usize) -> Option<usize> {
        let span = FieldSpan { start: Edge::Type, end: Edge::Before(index) };
        if index >= self.fields.list.len() {
            return self.fixed_span(&FieldSpan { start: Edge::Type, end: Edge::Type });
        }
        self.fixed_span(&span)
    }

    /// Bytes of a field, padding included, where the macro can count them. All bits of a run count
    /// at its first field.
    pub(crate) fn literal_len(&self, field: &Field) -> Option<usize> {
        if field.is_tag || is_nothing(field) {
            return Some(0);
        }
        if field.padding.align.is_some() && !self.aligned(field) {
            return None;
        }
        let padding = field.padding.before.unwrap_or(0) + field.padding.after.unwrap_or(0);
        if is_stepped(field) {
            return None;
        }
        if matches!(field.kind, Kind::Bits { .. }) {
            let run = self.fields.runs.iter().find(|run| run.first == field.index);
            return Some(run.map_or(0, |run| run.bytes) + padding);
        }
        let len = match self.piece(field, field.index) {
            Some((len, _)) => len,
            None => literal_size(field)?,
        };
        Some(len + padding + self.align_of(field))
    }

    /// Zeros before an aligned field whose place the macro knows.
    fn align_of(&self, field: &Field) -> usize {
        if field.padding.align.is_some() && self.aligned(field) {
            align(field, self.fixed_offset(field.index))
        } else {
            0
        }
    }

    fn aligned(&self, field: &Field) -> bool {
        let before = self.fields.list.get(..field.index).unwrap_or_default();
        before.iter().all(|one| one.padding.align.is_none())
            && before.iter().all(|one| self.literal_len(one).is_some())
    }
}

impl Run {
    fn push(&mut self, len: usize, what: What) {
        self.pieces.push(Piece { at: self.len, len, what });
        self.len += len;
    }

    fn pad(&mut self, len: usize, field: usize) {
        if len > 0 {
            self.push(len, What::Padding(field));
        }
    }

    fn close(&mut self, steps: &mut Vec<Step>) {
        if !self.pieces.is_empty() {
            let pieces = std::mem::take(&mut self.pieces);
            steps.push(Step::Run(Run { pieces, len: self.len }));
        }
        self.len = 0;
    }
}

impl Order {
    fn of(endian: &Endian) -> Self {
        match endian {
            Endian::Big => Self::Big,
            Endian::Little => Self::Little,
            Endian::Expression(_) => Self::Inherited,
        }
    }

    /// An expression of type `bool`.
    pub(crate) fn is_little(self) -> TokenStream {
        match self {
            Self::Big => quote!(false),
            Self::Little => quote!(true),
            Self::Inherited => {
                quote!(__private::matches!(__scope.endian, __private::Endian::Little))
            }
        }
    }

    /// The expression of type `Endian`.
    pub(crate) fn value(self) -> TokenStream {
        match self {
            Self::Big => quote!(__private::Endian::Big),
            Self::Little => quote!(__private::Endian::Little),
            Self::Inherited => quote!(__scope.endian),
        }
    }
}
