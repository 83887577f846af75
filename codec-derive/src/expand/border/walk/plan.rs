//! What a walk must read, and what it can jump over because a length says so.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::expand::expression;
use crate::expand::layout::{Layout, Step};
use crate::expand::parse::Reader;
use crate::model::{Edge, Endian, Field, Kind, Presence, RelationKind, Valid};
use crate::names;

/// The plan of one body.
pub(super) struct Plan<'l, 'd> {
    pub(super) layout: &'l Layout<'d>,
    jumps: Vec<Jump>,
    /// Fields whose values later steps need.
    needed: BTreeSet<usize>,
}

/// A span that is passed over as a whole.
pub(super) struct Jump {
    relation: usize,
    /// The first field of the step before which the rest of the span is passed over.
    at: usize,
    /// The first field behind the span.
    pub(super) end: usize,
}

impl<'l, 'd> Plan<'l, 'd> {
    pub(super) fn new(layout: &'l Layout<'d>) -> Self {
        let mut plan = Self { layout, jumps: Vec::new(), needed: BTreeSet::new() };
        plan.choose_jumps();
        plan.find_needed();
        plan
    }

    /// The jump that begins before the step whose first field this is.
    pub(super) fn jump_at(&self, first: usize) -> Option<&Jump> {
        self.jumps.iter().find(|jump| jump.at == first)
    }

    /// A later step needs the value.
    pub(super) fn is_needed(&self, index: usize) -> bool {
        self.needed.contains(&index)
    }

    /// Where spans begin whose length is read inside of them, and whose place is not constant.
    pub(super) fn marks(&self, first: usize) -> TokenStream {
        let mut code = TokenStream::new();
        for jump in &self.jumps {
            if let Some((start, over)) = self.start(jump)
                && start == first
                && self.constant_start(over, start).is_none()
            {
                let local = names::local("span", jump.relation);
                code.extend(quote!(let #local = __walker.offset();));
            }
        }
        code
    }

    /// Passes over what is left of a span.
    pub(super) fn pass_span(&self, jump: &Jump) -> Option<TokenStream> {
        let relation = self.layout.fields.relations.get(jump.relation)?;
        let RelationKind::Length { over, bias, unit } = &relation.kind else { return None };
        let (start, _) = self.start(jump)?;
        let from = match self.constant_start(over, start) {
            Some(0) => quote!(__start),
            Some(offset) => quote!(__start + #offset),
            None => {
                let local = names::local("span", jump.relation);
                quote!(#local)
            }
        };
        let holder = self.layout.fields.list.get(relation.holder.field)?;
        let local = &holder.local;
        let value = match relation.holder.path.as_slice() {
            [] => quote!(#local),
            path => {
                let held = Reader::new(self.layout).held_in(holder.index, local, path);
                super::weigh(&held)
            }
        };
        let value = match self.layout.fields.absent_of(holder.index) {
            Some((absent, _)) if relation.holder.path.is_empty() => {
                let none = absent.whole();
                quote!(__private::unless(#value, #none))
            }
            _ => quote!(__private::Whole::to_u64(#value)),
        };
        Some(quote! {
            __walker.pass_span(
                #from,
                __private::border::total(#value, #unit, -(#bias)),
            )?;
        })
    }

    fn start(&self, jump: &Jump) -> Option<(usize, &crate::model::FieldSpan)> {
        match &self.layout.fields.relations.get(jump.relation)?.kind {
            RelationKind::Length { over, .. } => Some((self.layout.start_of(over), over)),
            _ => None,
        }
    }

    fn constant_start(&self, over: &crate::model::FieldSpan, start: usize) -> Option<usize> {
        if over.start == Edge::Type { Some(0) } else { self.layout.fixed_offset(start) }
    }

    /// For each length whose span ends at a step: from the first step behind both the length and
    /// the start of the span. A span is not jumped over where a value inside steers what follows.
    fn choose_jumps(&mut self) {
        let count = self.layout.fields.list.len();
        let reader = Reader::new(self.layout);
        let mut edges = Vec::new();
        let mut boundary = 0;
        for step in &self.layout.steps {
            let (first, next) = reader.extent(step, boundary);
            edges.push(first);
            boundary = next;
        }
        edges.push(count);
        let mut jumps = Vec::new();
        for (number, relation) in self.layout.fields.relations.iter().enumerate() {
            let RelationKind::Length { over, .. } = &relation.kind else { continue };
            let (start, end) = (self.layout.start_of(over), self.layout.end_of(over));
            let behind = self.layout.behind_field(relation.holder.field);
            let at = edges.iter().copied().find(|edge| *edge >= start.max(behind));
            let Some(at) = at.filter(|at| *at <= end && edges.contains(&end)) else { continue };
            // An empty rest still bounds the frame: the length may say more.
            if at == end && end != count {
                continue;
            }
            if !self.steers(at, end) {
                jumps.push(Jump { relation: number, at, end });
            }
        }
        jumps.sort_by_key(|jump| (jump.at, core::cmp::Reverse(jump.end)));
        let mut free = 0;
        for jump in jumps {
            if jump.at >= free && self.jumps.iter().all(|one| one.at != jump.at) {
                free = jump.end;
                self.jumps.push(jump);
            }
        }
    }

    /// A field of `from..to` says something about a field behind it.
    fn steers(&self, from: usize, to: usize) -> bool {
        let behind = self.layout.fields.list.get(to..).unwrap_or_default();
        let names: BTreeSet<String> = behind.iter().flat_map(names_of).collect();
        let inside = self.layout.fields.list.get(from..to).unwrap_or_default();
        inside.iter().any(|field| {
            let held = self.layout.fields.relations.iter().any(|relation| {
                relation.holder.field == field.index && self.target(&relation.kind) >= Some(to)
            });
            held || names.contains(&field.local.to_string())
        })
    }

    /// The first field whose place or shape a relation decides.
    fn target(&self, kind: &RelationKind) -> Option<usize> {
        match kind {
            RelationKind::Length { over, .. } => Some(self.layout.start_of(over)),
            RelationKind::Count { list } => Some(*list),
            RelationKind::Tag { target, .. } | RelationKind::Present { target } => Some(*target),
            RelationKind::PlainLength { .. } | RelationKind::Checksum { .. } => None,
        }
    }

    fn find_needed(&mut self) {
        let jumped =
            |index: usize| self.jumps.iter().any(|jump| (jump.at..jump.end).contains(&index));
        let fields = &self.layout.fields;
        let visited: Vec<&Field> =
            fields.list.iter().filter(|field| !jumped(field.index)).collect();
        let mut needed = BTreeSet::new();
        for (number, relation) in fields.relations.iter().enumerate() {
            let used = match &relation.kind {
                RelationKind::Length { .. } => {
                    self.jumps.iter().any(|jump| jump.relation == number)
                }
                RelationKind::Checksum { .. } => false,
                kind => self.target(kind).is_some_and(|target| !jumped(target)),
            };
            if used {
                needed.insert(relation.holder.field);
            }
        }
        let mut names: BTreeSet<String> = visited.iter().flat_map(|one| names_of(one)).collect();
        // A field that is read whole is checked as well, and its checks have names of their own.
        loop {
            let before = (needed.len(), names.len());
            for field in &visited {
                if names.contains(&field.local.to_string()) {
                    needed.insert(field.index);
                }
                if needed.contains(&field.index) && self.is_read_whole(field) {
                    names.extend(checks_of(field));
                }
            }
            if before == (needed.len(), names.len()) {
                break;
            }
        }
        self.needed = needed;
    }

    /// The field is a step of its own, and not a piece of a run.
    fn is_read_whole(&self, field: &Field) -> bool {
        self.layout
            .steps
            .iter()
            .any(|step| matches!(step, Step::Field(index) if *index == field.index))
            || matches!(field.kind, Kind::Varint(_) | Kind::Sized { .. } | Kind::Decimal)
    }
}

/// Names in the expressions that a walk over the field evaluates.
fn names_of(field: &Field) -> BTreeSet<String> {
    let presence = match &field.presence {
        Presence::If(expr) => Some(expr),
        _ => None,
    };
    let endian = match &field.endian {
        Some(Endian::Expression(expr)) => Some(expr),
        _ => None,
    };
    let bound = &field.bound;
    let exprs = [&bound.size, &bound.count, &bound.until, &field.select, &field.opaque_if]
        .into_iter()
        .flatten()
        .chain(presence)
        .chain(endian)
        .chain(field.kind.encoding())
        .chain(field.arguments.iter().map(|one| &one.value));
    let mut names = BTreeSet::new();
    for expr in exprs {
        names.extend(expression::identifiers(expr.to_token_stream()));
    }
    if matches!(field.kind, Kind::Varint(_) | Kind::Sized { .. } | Kind::Decimal) {
        names.extend(checks_of(field));
    }
    names
}

/// Names in the checks that reading the field makes.
fn checks_of(field: &Field) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if let Some(Valid::Condition(expr)) = &field.valid {
        names.extend(expression::identifiers(expr.to_token_stream()));
    }
    for one in &field.asserts {
        names.extend(expression::identifiers(one.condition.to_token_stream()));
    }
    names
}
