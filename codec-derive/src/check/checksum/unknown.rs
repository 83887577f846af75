//! Names that look like a checksum and are none: what their writer may mean.

use crate::check::SIMPLE;
use crate::crc_names::{COMMON, CRCS, Crc};
use crate::keyword;

/// Names that are shown of a width.
const SHOWN: usize = 6;

/// What to say of a name; `None`: it is a function of the user's. `bits`: of the field.
pub(super) fn message(name: &str, bits: Option<u32>) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let look = Look::of(&lower);
    let called = look.as_ref().map(Look::called).unwrap_or_default();
    let known = SIMPLE.iter().map(|(name, _)| *name).chain(CRCS.iter().map(|crc| crc.name));
    let text = if !called.is_empty() {
        format!("did you mean {}?", keyword::list(&called))
    } else if let Some(near) = keyword::nearest(&lower, known) {
        format!("did you mean `{near}`?")
    } else {
        format!("{}.", look?.of_width(bits)?)
    };
    let own = format!("A function of yours is a path, such as `self::{name}`");
    Some(format!("no checksum is called `{name}`; {text} {own}"))
}

/// `crc`, `crc16`, `crc_16_ccitt`, `sum32`.
struct Look {
    crc: bool,
    width: Option<u32>,
    /// Behind the width, letters and digits only.
    tail: String,
}

impl Look {
    fn of(name: &str) -> Option<Self> {
        let begins = |family: &str| name.strip_prefix(family).map(|rest| (family == "crc", rest));
        let (crc, rest) = ["crc", "sum", "xor", "adler"].into_iter().find_map(begins)?;
        let rest = rest.trim_start_matches('_');
        let tail = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let width = rest.strip_suffix(tail).and_then(|width| width.parse().ok());
        (crc || tail.is_empty()).then(|| Self { crc, width, tail: plain(tail) })
    }

    /// The CRCs that are called so elsewhere; without a width only those that are common.
    fn called(&self) -> Vec<String> {
        if self.tail.is_empty() {
            return Vec::new();
        }
        let list = common().chain(CRCS.iter().filter(|crc| !is_common(crc)).map(|crc| (crc, NONE)));
        let fits = |(crc, _): &(&Crc, _)| match self.width {
            Some(width) => crc.width == width,
            None => is_common(crc),
        };
        let list: Vec<_> = list.filter(fits).collect();
        let those = |is: &dyn Fn(&str) -> bool| -> Vec<String> {
            let named = |(crc, others): &&(&Crc, &[&str])| {
                is(&own(crc.name)) || others.iter().any(|other| is(&own(other)))
            };
            list.iter().filter(named).map(|(crc, others)| shown(crc.name, others)).collect()
        };
        let exactly = those(&|name| name == self.tail);
        if exactly.is_empty() && self.tail.len() > 2 {
            return those(&|name| name.contains(&self.tail));
        }
        exactly
    }

    /// What there is of this width.
    fn of_width(&self, bits: Option<u32>) -> Option<String> {
        if self.width.is_none() && !self.tail.is_empty() {
            return None;
        }
        let known = |width: &u32| CRCS.iter().any(|crc| crc.width == *width);
        let Some(width) = self.width.filter(known).or(bits) else {
            return Some("the names stand in `longlink::codec::checksum`".to_owned());
        };
        let simple =
            SIMPLE.iter().filter(|(_, bits)| !self.crc && u32::try_from(*bits) == Ok(width));
        let simple: Vec<String> = simple.map(|(name, _)| shown(name, NONE)).collect();
        let all = simple.len() + CRCS.iter().filter(|crc| crc.width == width).count();
        let crcs = common().filter(|(crc, _)| crc.width == width);
        let crcs = crcs.map(|(crc, others)| shown(crc.name, others));
        let list: Vec<String> = simple.into_iter().chain(crcs).take(SHOWN).collect();
        Some(match all - list.len() {
            _ if list.is_empty() => "the names stand in `longlink::codec::checksum`".to_owned(),
            0 => format!("of {width} bits there are {}", list.join(", ")),
            more => format!("of {width} bits there are {} and {more} more", list.join(", ")),
        })
    }
}

const NONE: &[&str] = &[];

fn common() -> impl Iterator<Item = (&'static Crc, &'static [&'static str])> {
    COMMON.iter().filter_map(|(name, others)| {
        CRCS.iter().find(|crc| crc.name == *name).map(|crc| (crc, *others))
    })
}

fn is_common(crc: &Crc) -> bool {
    COMMON.iter().any(|(name, _)| *name == crc.name)
}

/// Without family and width.
fn own(name: &str) -> String {
    let plain = plain(&name.to_ascii_lowercase());
    match plain.strip_prefix("crc") {
        Some(rest) => rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).to_owned(),
        None => plain,
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// `` `crc_16_arc` (IBM, LHA) ``.
fn shown(name: &str, others: &[&str]) -> String {
    if others.is_empty() {
        format!("`{name}`")
    } else {
        format!("`{name}` ({})", others.join(", "))
    }
}
