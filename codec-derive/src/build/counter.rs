//! Varints, and the hidden integers before a value.

use syn::Path;

use crate::diagnostics::Diagnostics;
use crate::model::{Counter, VarintKind};
use crate::{keyword, shape};

/// The forms that have a name.
const VARINTS: &[&str] = &["leb128", "vlq", "zigzag", "ber"];

/// A misspelt form, or an integer of no whole bytes, looks like a module of the user's.
pub(crate) fn misspelt(path: &Path, key: &str, diagnostics: &mut Diagnostics) {
    let Some(name) = path.get_ident().map(ToString::to_string) else { return };
    if VARINTS.contains(&name.as_str()) || shape::integer_name(&name).is_some() {
        return;
    }
    let digits = name.strip_prefix(['u', 'i']).filter(|digits| !digits.is_empty());
    if digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_digit())) {
        let message = format!("`{name}` is no whole number of bytes; write `{key} = u16`");
        diagnostics.error_at(path, message);
    } else if let Some(near) = keyword::nearest(&name, VARINTS.iter().copied()) {
        let message = format!(
            "no varint is called `{name}`; did you mean `{near}`? A module of yours is a path, such \
             as `self::{name}`"
        );
        diagnostics.error_at(path, message);
    }
}

/// `leb128`, `vlq`, `zigzag`, `ber`, or a path.
pub(crate) fn varint(path: &Path) -> VarintKind {
    match path.get_ident().map(ToString::to_string).as_deref() {
        Some("leb128") => VarintKind::Leb128,
        Some("vlq") => VarintKind::Vlq,
        Some("zigzag") => VarintKind::Zigzag,
        Some("ber") => VarintKind::Ber,
        _ => VarintKind::Path(path.clone()),
    }
}

/// `prefix = u16 | leb128 | path`.
pub(crate) fn counter(path: &Path) -> Counter {
    match path.get_ident().and_then(|name| shape::integer_name(&name.to_string())) {
        Some(integer) => Counter::Integer(integer),
        None => Counter::Varint(varint(path)),
    }
}
