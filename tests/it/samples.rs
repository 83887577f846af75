//! The frames of `tests/vectors`, and small helpers that compare bytes.
//!
//! `LONGLINK_VECTORS` may name a further directory with files of the same names; every frame of it
//! must hold as well. It is never needed.

use std::path::{Path, PathBuf};

use longlink::codec::Scope;
use longlink::{BytesMut, DecodeError, Frame, Parse, Wire};
use serde_json::Value;

/// All entries of the list that `name` holds, from every directory of vectors.
pub(crate) fn list(name: &str) -> Vec<Value> {
    let mut entries = Vec::new();
    for directory in directories() {
        match load(&directory.join(name)) {
            Some(Value::Array(more)) => entries.extend(more),
            Some(other) => entries.push(other),
            None => {}
        }
    }
    assert!(!entries.is_empty(), "no vectors in {name}");
    entries
}

/// The bytes that hexadecimal text stands for; white space does not count.
pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).expect("hexadecimal digits"))
        .collect();
    assert_eq!(digits.len() % 2, 0, "a whole number of bytes: {hex}");
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect("a byte")).collect()
}

/// The text of an entry.
pub(crate) fn text<'v>(entry: &'v Value, pointer: &str) -> &'v str {
    entry.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| missing(entry, pointer))
}

/// The number of an entry.
pub(crate) fn number(entry: &Value, pointer: &str) -> u64 {
    entry.pointer(pointer).and_then(Value::as_u64).unwrap_or_else(|| missing(entry, pointer))
}

/// The value as bytes, appended to an output that already holds something; its stated length holds.
/// Under the default context.
pub(crate) fn encoded<T: Wire<Context: Default>>(value: &T) -> Vec<u8> {
    encoded_with(value, &T::Context::default())
}

/// The same under any context.
pub(crate) fn encoded_with<T: Wire>(value: &T, context: &T::Context) -> Vec<u8> {
    let mut out = BytesMut::from(&[0xa5; 3][..]);
    value.encode_with(&mut out, context).expect("a value that can be written");
    assert_eq!(out[..3], [0xa5; 3]);
    let announced = value.encoded_len_in(Scope::ROOT, context);
    assert_eq!(out.len() - 3, announced, "the length that was announced");
    out[3..].to_vec()
}

/// How many recorded frames were read, how many were written again as they were, and how many of
/// their fields were compared with an independent decoder's: a line for the table of
/// `tests/live/table`.
#[track_caller]
pub(crate) fn compared(protocol: &str, found: [usize; 3], expected: [usize; 3]) {
    assert_eq!(found, expected);
    let [frames, again, fields] = found;
    println!("row {protocol} frames={frames} again={again} fields={fields}");
}

/// Exactly one frame, under the default context.
pub(crate) fn decoded<'a, F: Frame<Context: Default> + Parse<'a>>(
    frame: &'a [u8],
) -> Result<F, DecodeError> {
    F::decode_with(frame, &F::Context::default())
}

fn missing(entry: &Value, pointer: &str) -> ! {
    panic!("no {pointer} in {entry}")
}

fn directories() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let further = std::env::var_os("LONGLINK_VECTORS").map(PathBuf::from);
    [Some(own), further].into_iter().flatten().collect()
}

fn load(path: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}
