//! Every key of the language once: where it stands, and what is near it.

use proc_macro2::Ident;

/// Where an attribute stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    Struct,
    Enum,
    Variant,
    Field,
}

const T: u8 = 1;
const E: u8 = 2;
const V: u8 = 4;
const F: u8 = 8;

impl Site {
    fn mask(self) -> u8 {
        match self {
            Self::Struct => T,
            Self::Enum => E,
            Self::Variant => V,
            Self::Field => F,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Struct => "a struct",
            Self::Enum => "an enum",
            Self::Variant => "a variant",
            Self::Field => "a field",
        }
    }
}

/// Keys and the places that take them.
const KEYS: &[(&str, u8)] = &[
    ("align", F),
    ("as", F),
    ("assert", T | E | V | F),
    ("at_most", T | E),
    ("bcd", F),
    ("bias", F),
    ("bit_order", T | E | F),
    ("bitfield", T),
    ("bits", F),
    ("checksum", F),
    ("count", F),
    ("count_in", F),
    ("count_of", F),
    ("count_prefix", F),
    ("crate", T | E),
    ("ctx", T | E | F),
    ("decimal", F),
    ("default", F),
    ("delimiter", T | E),
    ("dialect", V | F),
    ("display", F),
    ("each", F),
    ("encoding", F),
    ("end", T | E),
    ("endian", T | E | V | F),
    ("escape", T | E),
    ("fixed", F),
    ("flags", T | F),
    ("length_in", F),
    ("length_of", F),
    ("lossy", F),
    ("magic", T | E | V | F),
    ("map", F),
    ("mask", F),
    ("max_bytes", F),
    ("max_count", F),
    ("max_frame_length", T | E),
    ("max_len", F),
    ("min_frame_length", T | E),
    ("minimal", F),
    ("noise", T | E),
    ("none", F),
    ("offset", F),
    ("opaque_if", F),
    ("other", V),
    ("over", F),
    ("overlong", F),
    ("pad", F),
    ("pad_after", F),
    ("pad_before", F),
    ("plain_length_of", F),
    ("prefix", F),
    ("present_if", F),
    ("present_in", F),
    ("process", F),
    ("process_if", F),
    ("reserved", F),
    ("rest", F),
    ("resync", T | E),
    ("role", V | F),
    ("scale", F),
    ("secret", T | E | F),
    ("select", F),
    ("size", F),
    ("split", F),
    ("start", T | E),
    ("tag", E | V | F),
    ("tag_in", F),
    ("tag_of", F),
    ("terminated", F),
    ("timestamp", F),
    ("trim", F),
    ("unit", F),
    ("until", F),
    ("valid", F),
    ("varint", F),
    ("verify", F),
    ("version", V | F),
    ("when", V | F),
    ("view_of", T),
    ("with", F),
];

/// The key as the table has it.
pub(crate) fn name(key: &Ident) -> Option<&'static str> {
    KEYS.iter().find(|(name, _)| key == name).map(|(name, _)| *name)
}

/// What to say of a key that `site` does not take.
pub(crate) fn misplaced(key: &Ident, site: Site) -> syn::Error {
    let text = key.to_string();
    let message = if let Some((_, places)) = KEYS.iter().find(|(name, _)| *name == text) {
        let places = [Site::Struct, Site::Enum, Site::Variant, Site::Field]
            .into_iter()
            .filter(|place| places & place.mask() != 0)
            .map(|place| place.name().to_owned())
            .collect::<Vec<_>>();
        format!("`{text}` does not belong on {}; it belongs on {}", site.name(), list(&places))
    } else {
        let here = KEYS.iter().filter(|(_, places)| places & site.mask() != 0);
        match nearest(&text, here.map(|(name, _)| *name)) {
            Some(near) => format!("unknown key `{text}`; did you mean `{near}`?"),
            None => match nearest(&text, KEYS.iter().map(|(name, _)| *name)) {
                Some(near) => format!("unknown key `{text}`; did you mean `{near}`?"),
                None => format!("unknown key `{text}`; the keys stand in the guide of `longlink`"),
            },
        }
    };
    syn::Error::new(key.span(), message)
}

/// `a`, `a or b`, `a, b or c`.
pub(crate) fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The nearest of `names`, when it is near enough to be meant.
pub(crate) fn nearest<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let limit = (word.chars().count() / 3).clamp(1, 3);
    names
        .map(|name| (distance(word, name), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// `; did you mean ..?`, or nothing: a near word, or the only one with the same beginning.
pub(crate) fn meant<'n>(word: &str, names: impl Iterator<Item = &'n str> + Clone) -> String {
    nearest(word, names.clone())
        .or_else(|| beginning(word, names))
        .map(|near| format!("; did you mean `{near}`?"))
        .unwrap_or_default()
}

/// The one that shares the longest beginning with `word`: four letters, or all of a short word.
fn beginning<'n>(word: &str, names: impl Iterator<Item = &'n str> + Clone) -> Option<&'n str> {
    let shared = |name: &str| word.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
    let longest = names.clone().map(shared).max()?;
    let least = word.chars().count().clamp(3, 4);
    let mut same = names.filter(|name| shared(name) == longest);
    let first = same.next().filter(|_| longest >= least);
    if same.next().is_some() { None } else { first }
}

/// Edits (insert, delete, replace, swap of neighbours) between two words.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut above: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    let mut before = None;
    for (index, letter) in left.chars().enumerate() {
        let mut next = vec![index + 1];
        let mut previous = None;
        for (column, &other) in right.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
            let mut best = at(&row, column) + usize::from(letter != other);
            best = best.min(at(&row, column + 1) + 1).min(at(&next, column) + 1);
            if before == Some(other) && previous == Some(letter) {
                best = best.min(at(&above, column.wrapping_sub(1)).saturating_add(1));
            }
            next.push(best);
            previous = Some(other);
        }
        above = std::mem::replace(&mut row, next);
        before = Some(letter);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUIDE: &str = include_str!("../../src/guide/language.rs");

    /// The keys with which a cell's code begins, or goes on after a comma.
    fn keys_of(cell: &str) -> Vec<&'static str> {
        let mut found = Vec::new();
        for code in cell.split('`').skip(1).step_by(2) {
            let mut depth = 0_i32;
            let parts = code.split(|letter| {
                depth += i32::from(letter == '(') - i32::from(letter == ')');
                letter == ',' && depth == 0
            });
            for part in parts {
                let word = part
                    .trim_start()
                    .split(|letter: char| !letter.is_alphanumeric() && letter != '_');
                let word = word.into_iter().next().unwrap_or_default();
                found.extend(KEYS.iter().map(|(name, _)| *name).filter(|name| *name == word));
            }
        }
        found
    }

    fn places_of(cell: &str) -> u8 {
        let place = |word| match word {
            "t" => T | E,
            "s" => T,
            "e" => E,
            "v" => V,
            "f" => F,
            _ => 0,
        };
        cell.split(' ').map(place).fold(0, |all, one| all | one)
    }

    #[test]
    fn the_guide_has_every_key_and_the_places_that_take_it() {
        let mut said: Vec<(&str, u8)> = KEYS.iter().map(|(name, _)| (*name, 0)).collect();
        for line in GUIDE.lines().filter_map(|line| line.strip_prefix("//! | ")) {
            let cells: Vec<&str> = line.split(" | ").collect();
            let &[keys, places, _] = cells.as_slice() else { continue };
            for key in keys_of(keys) {
                let entry = said.iter_mut().find(|(name, _)| *name == key);
                entry.expect("a key of `KEYS`").1 |= places_of(places);
            }
        }
        assert_eq!(said, KEYS);
    }
}
