//! Relations between fields: names become indices, ranges become spans of edges.

use proc_macro2::Span;

use crate::attribute::Given;
use crate::attribute::field::FieldKeys;
use crate::attribute::span::{Form, Name, PathSyntax, SpanSyntax};
use crate::build::absent;
use crate::build::fields::Names;
use crate::check::SIMPLE;
use crate::crc_names;
use crate::diagnostics::Diagnostics;
use crate::model::{
    Algorithm, BytesKind, Edge, Field, FieldSpan, Kind, Place, Relation, RelationKind, Verify,
};
use crate::{keyword, literal};

/// All relations that the fields declare, in the order of the fields.
pub(crate) fn build(
    list: &mut [Field],
    keys: &mut [Box<FieldKeys>],
    names: &Names,
    diagnostics: &mut Diagnostics,
) -> Vec<Relation> {
    let mut relations = Vec::new();
    for (field, keys) in list.iter_mut().zip(keys) {
        let before = diagnostics.count();
        let mut builder = Builder { own: field.index, names, diagnostics };
        relations.extend(builder.length(keys));
        relations.extend(builder.counts(keys));
        relations.extend(builder.plain(keys));
        relations.extend(builder.tags(keys));
        relations.extend(builder.presence(keys));
        relations.extend(builder.checksum(keys));
        if diagnostics.count() > before {
            field.marks.spoil();
        }
    }
    number_parts(&mut relations);
    count_bytes(list, &relations);
    absent::resolve(list, &relations, diagnostics);
    relations
}

/// Several fields that hold the tag of one enum hold its parts, in their order.
fn number_parts(relations: &mut [Relation]) {
    let of = |relation: &Relation| match relation.kind {
        RelationKind::Tag { target, .. } => Some(target),
        _ => None,
    };
    let targets: Vec<Option<usize>> = relations.iter().map(of).collect();
    for (index, relation) in relations.iter_mut().enumerate() {
        let RelationKind::Tag { target, part, parts } = &mut relation.kind else { continue };
        let same = |one: &&Option<usize>| **one == Some(*target);
        *part = targets.iter().take(index).filter(same).count();
        *parts = targets.iter().filter(same).count();
    }
}

/// Counted bytes are a list like any other.
fn count_bytes(list: &mut [Field], relations: &[Relation]) {
    for relation in relations {
        if let RelationKind::Count { list: index } = relation.kind
            && let Some(field) = list.get_mut(index)
            && matches!(field.kind, Kind::Bytes(BytesKind::Vec))
        {
            field.kind = Kind::List { item: syn::parse_quote!(u8) };
        }
    }
}

struct Builder<'b> {
    /// The field that declares.
    own: usize,
    names: &'b Names,
    diagnostics: &'b mut Diagnostics,
}

impl Builder<'_> {
    fn length(&mut self, keys: &mut FieldKeys) -> Vec<Relation> {
        let bias = self.number(keys.bias.as_ref(), "bias").unwrap_or(0);
        let unit = self.number(keys.unit_bytes.as_ref(), "unit").unwrap_or(1);
        let unit = u64::try_from(unit).unwrap_or(0);
        if let (0, Some(given)) = (unit, &keys.unit_bytes) {
            self.diagnostics.error_at(&given.value, "`unit` is at least one byte");
        }
        let mut relations = Vec::new();
        if let Some(given) = keys.length_of.take() {
            let holder = self.here(given.span);
            if let Some(over) = self.span(&given.value) {
                let kind = RelationKind::Length { over, bias, unit };
                relations.push(Relation { holder, kind, span: given.value.span });
            }
        }
        if let Some(given) = keys.length_in.take() {
            let own = self.own;
            let over = FieldSpan { start: Edge::Before(own), end: Edge::After(own) };
            let kind = RelationKind::Length { over, bias, unit };
            relations.extend(self.inward(&given.value, kind));
        }
        relations
    }

    fn counts(&mut self, keys: &mut FieldKeys) -> Vec<Relation> {
        let mut relations = Vec::new();
        if let Some(given) = keys.count_of.take() {
            let holder = self.here(given.span);
            if let Some(list) = self.field(&given.value) {
                let kind = RelationKind::Count { list };
                relations.push(Relation { holder, kind, span: given.value.span.into() });
            }
        }
        if let Some(given) = keys.count_in.take() {
            relations.extend(self.inward(&given.value, RelationKind::Count { list: self.own }));
        }
        relations
    }

    fn plain(&mut self, keys: &mut FieldKeys) -> Option<Relation> {
        let given = keys.plain_length_of.take()?;
        let holder = self.here(given.span);
        let target = self.field(&given.value)?;
        let span = given.value.span.into();
        Some(Relation { holder, kind: RelationKind::PlainLength { target }, span })
    }

    fn tags(&mut self, keys: &mut FieldKeys) -> Vec<Relation> {
        let mut relations = Vec::new();
        if let Some(given) = keys.tag_of.take() {
            let holder = self.here(given.span);
            if let Some(target) = self.field(&given.value) {
                let kind = RelationKind::Tag { target, part: 0, parts: 1 };
                relations.push(Relation { holder, kind, span: given.value.span.into() });
            }
        }
        if let Some(given) = keys.tag_in.take() {
            for path in &given.value {
                let kind = RelationKind::Tag { target: self.own, part: 0, parts: 1 };
                relations.extend(self.inward(path, kind));
            }
        }
        relations
    }

    fn presence(&mut self, keys: &mut FieldKeys) -> Option<Relation> {
        let given = keys.present_in.take()?;
        self.inward(&given.value, RelationKind::Present { target: self.own })
    }

    fn checksum(&mut self, keys: &mut FieldKeys) -> Option<Relation> {
        let Some(given) = keys.checksum.take() else {
            if let Some(over) = &keys.over {
                let message =
                    "`over` belongs to a checksum; write `checksum = ALGORITHM, over = ..`";
                self.diagnostics.error(over.span, message);
            }
            return None;
        };
        let Some(over) = keys.over.take() else {
            let message = "`checksum` needs its span; write `over = ..self` or another range of \
                           fields";
            self.diagnostics.error(given.span, message);
            return None;
        };
        let names = over.value.span;
        let over = self.span(&over.value)?;
        let algorithm = self.algorithm(&given.value)?;
        let verify = keys.verify.as_ref().map_or(Verify::Strict, |given| given.value);
        let kind = RelationKind::Checksum { algorithm, over, verify };
        Some(Relation { holder: self.here(given.span), kind, span: names })
    }

    fn algorithm(&mut self, path: &syn::Path) -> Option<Algorithm> {
        let Some(name) = path.get_ident().map(ToString::to_string) else {
            return Some(Algorithm::Path(path.clone()));
        };
        if let Some((simple, _)) = SIMPLE.iter().find(|(simple, _)| *simple == name) {
            return Some(Algorithm::Simple(simple));
        }
        if let Some(crc) = crc_names::find(&name) {
            return Some(Algorithm::Crc { constant: crc.constant, bits: crc.bits });
        }
        Some(Algorithm::Path(path.clone()))
    }

    /// A relation whose holder is named by a path from here.
    fn inward(&mut self, path: &PathSyntax, kind: RelationKind) -> Option<Relation> {
        let field = self.field(&path.first)?;
        let holder = Place { field, path: path.rest.clone(), span: path.span };
        Some(Relation { holder, kind, span: path.span })
    }

    fn here(&self, span: Span) -> Place {
        Place { field: self.own, path: Vec::new(), span: span.into() }
    }

    fn span(&mut self, syntax: &SpanSyntax) -> Option<FieldSpan> {
        match &syntax.form {
            Form::Field(name) => {
                let field = self.field(name)?;
                Some(FieldSpan { start: Edge::Before(field), end: Edge::After(field) })
            }
            Form::Range { start, end, inclusive } => {
                let start = match start {
                    Some(name) => self.field(name).map(Edge::Before),
                    None => Some(Edge::Type),
                };
                let end = match (end, inclusive) {
                    (Some(name), true) => self.field(name).map(Edge::After),
                    (Some(name), false) => self.field(name).map(Edge::Before),
                    (None, _) => Some(Edge::Type),
                };
                Some(FieldSpan { start: start?, end: end? })
            }
        }
    }

    fn field(&mut self, name: &Name) -> Option<usize> {
        if name.text == "self" {
            return Some(self.own);
        }
        let position = self.names.position(&name.text);
        if position.is_none() {
            let text = &name.text;
            let index = text.starts_with(|first: char| first.is_ascii_digit());
            let message = match keyword::nearest(text, self.names.iter()) {
                Some(near) if !index => format!("no field `{text}` here; did you mean `{near}`?"),
                _ => {
                    let all: Vec<String> =
                        self.names.iter().map(|name| format!("`{name}`")).collect();
                    format!("no field `{text}` here; the fields are {}", all.join(", "))
                }
            };
            self.diagnostics.error(name.span, message);
        }
        position
    }

    fn number(&mut self, given: Option<&Given<syn::Expr>>, key: &str) -> Option<i64> {
        let given = given?;
        let value = literal::evaluate(&given.value).and_then(|value| i64::try_from(value).ok());
        if value.is_none() {
            let message = format!("`{key}` is a number, such as `{key} = 4`");
            self.diagnostics.error_at(&given.value, message);
        }
        value
    }
}
