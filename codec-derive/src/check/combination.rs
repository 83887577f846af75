//! Keys that contradict each other, and keys that need another one beside them.

use crate::check::Layout;
use crate::diagnostics::Diagnostics;
use crate::keyword;
use crate::model::{BitValue, Field, Kind};

/// Of each group a field has at most one, and what the group says.
const EXCLUSIVE: &[(&[&str], &str)] = &[
    (
        &["bits", "varint", "decimal", "bcd", "timestamp", "flags", "with", "map", "scale"],
        "how the value is written",
    ),
    (&["as", "bits", "varint", "decimal", "bcd", "minimal", "with"], "how the value is written"),
    (&["prefix", "size", "rest", "terminated", "length_in"], "where the value ends"),
    (&["count", "count_prefix", "count_in", "until"], "how many items there are"),
    (&["present_in", "present_if", "none", "when"], "when the field is there"),
    (&["none", "version"], "when the field is there"),
    (&["none", "dialect"], "when the field is there"),
    (&["length_of", "count_of", "plain_length_of", "tag_of", "checksum"], "what the field holds"),
    (&["select", "tag_in"], "where the tag is"),
    (&["magic", "fixed"], "what the value is"),
    (&["fixed", "valid"], "what the value is"),
    (&["process", "mask"], "how the bytes are transformed"),
    (&["each", "with"], "how the elements are written"),
    (&["each", "ctx"], "what the elements are"),
];

/// A key, those of which it needs one beside it, and what to write.
const NEEDS: &[(&str, &[&str], &str)] = &[
    ("bias", &["length_of", "length_in"], "`length_of = .., bias = ..`"),
    ("verify", &["checksum"], "`checksum = .., over = .., verify = ..`"),
    ("max_bytes", &["varint"], "`varint = leb128, max_bytes = ..`"),
    ("overlong", &["varint"], "`varint = leb128, overlong = ..`"),
    ("scale", &["as"], "`as = u32, scale = ..`"),
    ("offset", &["as"], "`as = u32, offset = ..`"),
    ("pad", &["size", "length_in"], "`size = .., pad = ..`"),
    ("map", &["as"], "`as = u16, map(..)`"),
    ("process_if", &["process", "mask"], "`process = zlib, process_if = ..`"),
    ("minimal", &["prefix", "size", "length_in", "rest"], "`prefix = u8, minimal`"),
];

/// Keys that a field without bytes of its own (`#[wire(tag)]`) may have beside it.
const BESIDE_TAG: &[&str] = &["tag", "unit", "display", "secret", "valid", "assert", "role"];

pub(super) fn check(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    for field in &layout.fields.list {
        exclusive(field, diagnostics);
        needs(field, diagnostics);
        beside_tag(field, diagnostics);
    }
}

fn exclusive(field: &Field, diagnostics: &mut Diagnostics) {
    let mut told = Vec::new();
    for (group, what) in EXCLUSIVE {
        // The head of a stepped integer stands in bits.
        let stepped = |key: &str| {
            key == "varint"
                && matches!(field.kind, Kind::Bits { value: BitValue::Steps { .. }, .. })
        };
        let mut given = field.marks.iter().filter(|(key, _)| group.contains(key) && !stepped(key));
        let Some((first, _)) = given.next() else { continue };
        for (key, span) in given {
            if !told.contains(&(first, key)) {
                told.push((first, key));
                let message = format!("`{first}` and `{key}` both say {what}; keep one of them");
                diagnostics.error(span, message);
            }
        }
    }
}

fn needs(field: &Field, diagnostics: &mut Diagnostics) {
    for (key, partners, form) in NEEDS {
        if let Some(span) = field.marks.at(key)
            && !partners.iter().any(|partner| field.marks.has(partner))
            && !field.marks.is_spoiled()
        {
            let partners: Vec<String> = partners.iter().map(|name| format!("`{name}`")).collect();
            let message =
                format!("`{key}` needs {} beside it; write {form}", keyword::list(&partners));
            diagnostics.error(span, message);
        }
    }
    let number = field.marks.at("unit").filter(|_| field.unit.is_none());
    if let Some(span) = number
        && !field.marks.has("length_of")
        && !field.marks.has("length_in")
        && !field.marks.is_spoiled()
    {
        let message = "a `unit` in bytes needs `length_of` or `length_in` beside it; the unit of a \
                       value is text, such as `unit = \"km/h\"`";
        diagnostics.error(span, message);
    }
}

fn beside_tag(field: &Field, diagnostics: &mut Diagnostics) {
    if !field.is_tag {
        return;
    }
    for (key, span) in field.marks.iter().filter(|(key, _)| !BESIDE_TAG.contains(key)) {
        let message = format!("a `tag` field takes no bytes, so `{key}` says nothing; remove it");
        diagnostics.error(span, message);
    }
}
