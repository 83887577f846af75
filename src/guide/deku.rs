//! Coming from deku.
//!
//! | deku | longlink |
//! |---|---|
//! | `#[deku(endian = "big")]` on every type, and a context to hand it down | `#[wire(endian = big)]` on the outermost type |
//! | `#[deku(count = "n", update = "self.items.len()")]`, then `update()` | `#[wire(count_of = items)] n: Auto<u16>` |
//! | `#[deku(bytes_read = "n")]` | `#[wire(length_of = items)] n: Auto<u16>` |
//! | `#[deku(bits = 4)]`, `#[deku(bit_order = "lsb")]` | `#[wire(bits = 4)]`, `#[wire(bit_order = lsb)]` |
//! | `#[deku(id_type = "u8")]`, `#[deku(id = "1")]`, `#[deku(id_pat = "_")]` | `#[repr(u8)]` or `tag_of`, `#[wire(tag = 1)]`, `#[wire(other)]` |
//! | `#[deku(cond = "*flag")]` | `#[wire(present_in = flag)]` both ways, `#[wire(present_if = ..)]` one way |
//! | `#[deku(ctx = "a, b")]`, by position | `#[wire(ctx(a, b))]`, by name |
//! | `#[deku(magic = b"..")]`, `#[deku(assert_eq = "..")]` | `magic = b".."`, `fixed = ..`, `valid = ..` |
//! | `#[deku(reader = "..", writer = "..")]` | `#[wire(with = module)]` |
//! | `#[deku(temp)]` | `()` for what carries nothing; [`Auto`](crate::Auto) for what is derived |
//! | `DekuError::Incomplete(size of the field)` | [`Frame::probe`](crate::Frame::probe): the bytes that are still missing |
//!
//! # A count that cannot be wrong
//!
//! ```
//! use longlink::{Auto, BytesMut, Parse, Wire};
//!
//! #[derive(Debug, PartialEq, Wire)]
//! struct Points {
//!     #[wire(count_of = points)]
//!     count: Auto<u16>,
//!     points: Vec<(u8, u8)>,
//! }
//!
//! let value = Points::new(vec![(1, 2), (3, 4)]);
//! let mut out = BytesMut::new();
//! value.encode(&mut out)?;
//! assert_eq!(out[..], [0, 2, 1, 2, 3, 4]);
//! assert_eq!(Points::parse(&out), Ok((&[][..], value)));
//!
//! // A count that the bytes cannot hold is refused before anything is allocated.
//! assert!(Points::parse(&[0xFF, 0xFF, 1, 2]).is_err());
//! # Ok::<(), longlink::EncodeError>(())
//! ```
//!
//! # Bits
//!
//! Adjacent bit fields are one integer; a run that does not end on a byte does not compile.
//!
//! ```
//! use longlink::{Parse, Wire};
//!
//! #[derive(Debug, PartialEq, Wire)]
//! struct Version {
//!     #[wire(bits = 4)]
//!     major: u8,
//!     #[wire(bits = 4)]
//!     minor: u8,
//! }
//!
//! assert_eq!(Version::parse(&[0x35]), Ok((&[][..], Version { major: 3, minor: 5 })));
//! ```
//!
//! # A tag, and what no variant knows
//!
//! The tag may stand anywhere before the enum. An unknown one keeps its bytes, so that a proxy
//! writes what it read.
//!
//! ```
//! use longlink::{Auto, Bytes, Parse, Wire};
//!
//! #[derive(Debug, PartialEq, Wire)]
//! struct Event {
//!     #[wire(tag_of = detail)]
//!     kind: Auto<u8>,
//!     at: u16,
//!     detail: Detail,
//! }
//!
//! #[derive(Debug, PartialEq, Wire)]
//! enum Detail {
//!     #[wire(tag = 1)]
//!     Opened,
//!     #[wire(tag = 2)]
//!     Moved { by: i8 },
//!     #[wire(other)]
//!     Unknown {
//!         #[wire(tag)]
//!         kind: u8,
//!         #[wire(rest)]
//!         raw: Bytes,
//!     },
//! }
//!
//! let (_, event) = Event::parse(&[2, 0, 9, 0xFE]).unwrap();
//! assert_eq!(event, Event::new(9, Detail::Moved { by: -2 }));
//! let (_, event) = Event::parse(&[7, 0, 9, 1, 2]).unwrap();
//! let raw = Bytes::from_static(&[1, 2]);
//! assert_eq!(event, Event::new(9, Detail::Unknown { kind: 7, raw }));
//! ```
//!
//! # Context by name
//!
//! ```
//! use longlink::{Parse, Wire};
//!
//! #[derive(Debug, PartialEq, Wire)]
//! struct Header {
//!     wide: bool,
//!     #[wire(ctx(wide))]
//!     value: Value,
//! }
//!
//! #[derive(Debug, PartialEq, Wire)]
//! #[wire(ctx(wide: bool))]
//! struct Value {
//!     #[wire(present_if = wide)]
//!     high: Option<u8>,
//!     low: u8,
//! }
//!
//! let (_, header) = Header::parse(&[1, 0xAB, 0xCD]).unwrap();
//! assert_eq!(header.value, Value { high: Some(0xAB), low: 0xCD });
//! ```
