//! Names that generated code must not trust.

/// Not the one of `core`.
#[allow(non_camel_case_types, reason = "it shadows a name")]
pub struct Option;
/// Not the one of `core`.
pub struct Result;
/// Not the one of `core`.
pub struct Vec;
/// Not the one of `core`.
pub struct Some;
/// Not the one of `core`.
pub struct Ok;
/// Not the one of `core`.
pub struct Err;

/// A declaration among them.
#[derive(::wires::Wire)]
#[wire(crate = ::wires)]
pub struct Among {
    /// How many bytes follow.
    #[wire(length_of = bytes)]
    length: ::wires::Auto<u16>,
    /// They.
    pub bytes: ::wires::Bytes,
}
