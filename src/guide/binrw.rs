//! Coming from binrw.
//!
//! | binrw | longlink |
//! |---|---|
//! | `#[brw(big)]`, `#[br(is_little = ..)]` | `endian = big`, `endian = if little { .. }` |
//! | `#[br(temp)] #[bw(calc = items.len() as u16)] n: u16` and `#[br(count = n)]` | `#[wire(count_of = items)] n: Auto<u16>` |
//! | no answer (the size while writing) | `#[wire(length_of = ..)]`, [`Wire::encoded_len`](crate::Wire::encoded_len) |
//! | `#[brw(magic = b"..")]` on variants, tried one by one | `tag = ..` on variants, one `match` |
//! | `#[br(if(..))]` | `present_in` both ways, `present_if` one way |
//! | `#[brw(pad_size_to = 16)]` on a string | `#[wire(size = 16, pad = b' ', trim)]` |
//! | `NullString` | `#[wire(terminated = 0)] name: String` |
//! | `map_stream` and a wrapper, for a checksum | `#[wire(checksum = crc_32_iso_hdlc, over = ..self)]` |
//! | `#[br(args(..))]`, `#[br(import(..))]` | `ctx(name: Type)`, `ctx(name)` |
//! | `#[br(parse_with = ..)] #[bw(write_with = ..)]` | `#[wire(with = module)]` |
//! | `#[br(map = ..)]` | `#[wire(map(read = f, write = g))]` |
//! | `#[br(assert(..))]` | `valid = ..` on a field, `assert(.., "..")` on a type |
//! | `#[br(restore_position)]` to look ahead | `#[wire(tag = peek(u8))]` on the enum |
//! | `FilePtr`, `seek_before` | not in the language: longlink reads streams, which have no way back |
//! | `Read + Seek`, `Write + Seek` | `&[u8]` and [`BytesMut`](crate::BytesMut) |
//!
//! # A checksum over what stands before it
//!
//! ```
//! use longlink::codec::Fault;
//! use longlink::{Auto, BytesMut, Frame, Wire};
//!
//! #[derive(Debug, PartialEq, Frame)]
//! #[wire(endian = little, max_frame_length = 64)]
//! struct Reading {
//!     #[wire(length_of = name)]
//!     length: Auto<u8>,
//!     name: String,
//!     millivolts: u16,
//!     #[wire(checksum = crc_16_modbus, over = ..self)]
//!     checksum: Auto<u16>,
//! }
//!
//! let mut out = BytesMut::new();
//! Reading::new("a1".into(), 3300).encode(&mut out)?;
//! assert_eq!(out[..5], [2, b'a', b'1', 0xE4, 0x0C]);
//! assert_eq!(Reading::decode(&out), Ok(Reading::new("a1".into(), 3300)));
//!
//! out[3] ^= 0x01;
//! assert_eq!(Reading::decode(&out).map_err(|error| error.fault), Err(Fault::Checksum));
//! # Ok::<(), longlink::EncodeError>(())
//! ```
//!
//! # A length that includes its own header
//!
//! It is a longer span: `..` is the whole type, `..self` all before this field, `a..=b` some of it.
//!
//! ```
//! use longlink::{Auto, Bytes, BytesMut, Wire};
//!
//! #[derive(Wire)]
//! struct Record {
//!     kind: u8,
//!     #[wire(length_of = ..)]
//!     length: Auto<u32>,
//!     #[wire(rest)]
//!     payload: Bytes,
//! }
//!
//! let mut out = BytesMut::new();
//! Record::new(9, Bytes::from_static(b"abc")).encode(&mut out)?;
//! assert_eq!(out[..], [9, 0, 0, 0, 8, b'a', b'b', b'c']);
//! # Ok::<(), longlink::EncodeError>(())
//! ```
//!
//! # Text of a fixed size
//!
//! ```
//! use longlink::{BytesMut, Parse, Wire};
//!
//! #[derive(Debug, PartialEq, Wire)]
//! struct Name {
//!     #[wire(size = 6, pad = b' ', trim)]
//!     name: String,
//! }
//!
//! let (_, name) = Name::parse(b"Ada   ").unwrap();
//! assert_eq!(name, Name { name: "Ada".into() });
//! let mut out = BytesMut::new();
//! name.encode(&mut out)?;
//! assert_eq!(&out[..], b"Ada   ");
//! # Ok::<(), longlink::EncodeError>(())
//! ```
//!
//! # Borrowing instead of copying
//!
//! ```
//! use longlink::{Parse, Wire};
//!
//! #[derive(Debug, PartialEq, Wire)]
//! struct Line<'a> {
//!     #[wire(prefix = u8)]
//!     key: &'a str,
//!     #[wire(prefix = u16)]
//!     value: &'a [u8],
//! }
//!
//! let bytes = [1, b'k', 0, 2, 0xAA, 0xBB];
//! let (_, line) = Line::parse(&bytes).unwrap();
//! assert_eq!(line, Line { key: "k", value: &[0xAA, 0xBB] });
//! ```
