//! What only some protocols need, each with the protocol that needs it.
//!
//! | Attribute | On | Meaning |
//! |---|---|---|
//! | `none = -1` | `Option` with `prefix`, `count_prefix`, or a number | the wire value that stands for `None`, both ways (PostgreSQL, Kafka, RESP) |
//! | `each(..)` | list, tuple, `Option` | attributes for each element: `each(prefix = u16)` on `Vec<String>` (ALPN, CQL) |
//! | `varint = steps(0xFC => u16, 0xFD => u24, ..)` | integer, `bits = n`; `prefix`, `count_prefix` | below the first marker the value itself, else the integer that it announces; the shortest form is required (MySQL, Bitcoin, WebSocket) |
//! | `steps(13 => u8 + 13, ..)` | | the same with an offset (CoAP); `_` in place of an integer is a marker that stands for nothing |
//! | `overlong = keep` beside `varint` | [`Padded<T>`](crate::Padded) | the number is written as long as it was read (WebAssembly, proxies) |
//! | `minimal`, `minimal = 0` | integer with `prefix`, `size` or `rest` | two's complement in the fewest bytes; zero takes so many bytes, else one (LDAP, SNMP; SSH) |
//! | `tag_of = list` | `Auto<integer>` before a `Vec` of an enum | one tag for all items; an empty list has tag 0 (NBT) |
//! | `tag_of = body` on several fields | `Auto<integer>`, up to four | the tag is their tuple, in their order: `tag = (1, 13)`, `(2, _)`, `(3, 1..=5)`; `tag_in = (a.b, a.c)` and `select = (a, b)` as well (SECS-II, SMB2, Diameter) |
//! | `bcd` under `endian = little` | | the lowest pair of digits first (DL/T 645) |
//! | `Lenient<T>` | field, element | [`Good`](crate::Lenient::Good), or the bytes that are no `T`; only where a length bounds it (BGP, Diameter) |
//! | `encoding = expr` | text | the encoding is chosen by an `if` or a `match` that ends in labels, `Charset`s or `none` (SMPP, MySQL) |
//! | `mask = key` | bytes, text, lists, types of yours | exclusive or with a key of bytes that repeats; an absent key changes nothing (WebSocket) |
//! | `process_if = expr` | beside `process` or `mask` | whether the bytes are transformed at all (MySQL) |
//! | `plain_length_of = field` | `Auto<integer>` | bytes of the field before `process`; nothing longer is inflated (Minecraft) |
//! | `when = expr` | variant, `Option` | a guard over context; guarded variants are tried in order (HTTP/2, MySQL) |
//! | `next` | in `present_if`, beside `left` | the next byte, not consumed; no byte left is "absent" (BER, GTP) |
//! | `noise = 0xFE` | frame | bytes skipped silently before a frame (DL/T 645, HART) |
//! | `max_frame_length = expr, at_most = N` | frame | a limit that the context holds, and the most that it may become (BGP, AMQP) |
//! | `role = fragment_more`, `role = fragment_last` | `bool` | fragments that come in order: the session joins them (WebSocket, COTP) |
//!
//! # A length that stands for nothing
//!
//! ```
//! use longlink::{BytesMut, Parse, Wire};
//!
//! /// A column of PostgreSQL: a length of -1 is NULL, which is not the empty text.
//! #[derive(Debug, PartialEq, Wire)]
//! struct Column {
//!     #[wire(prefix = i32, none = -1)]
//!     text: Option<String>,
//! }
//!
//! let null = Column { text: None };
//! let mut out = BytesMut::new();
//! null.encode(&mut out)?;
//! assert_eq!(out[..], [0xFF; 4]);
//! assert_eq!(Column::parse(&out), Ok((&[][..], null)));
//! # Ok::<(), longlink::EncodeError>(())
//! ```
//!
//! # Integers that grow, and attributes of elements
//!
//! ```
//! use longlink::codec::{DecodeError, Fault};
//! use longlink::{BytesMut, Parse, Wire};
//!
//! #[derive(Debug, PartialEq, Wire)]
//! struct Inventory {
//!     /// As Bitcoin counts.
//!     #[wire(varint = steps(0xFD => u16, 0xFE => u32, 0xFF => u64))]
//!     version: u64,
//!     #[wire(rest, each(prefix = u8))]
//!     names: Vec<String>,
//! }
//!
//! let value = Inventory { version: 0xFD, names: vec!["h2".into(), "h3".into()] };
//! let mut out = BytesMut::new();
//! value.encode(&mut out)?;
//! assert_eq!(out[..], *b"\xFD\x00\xFD\x02h2\x02h3");
//! assert_eq!(Inventory::parse(&out), Ok((&[][..], value)));
//!
//! // 5 does not take three bytes.
//! let error = Inventory::parse(b"\xFD\x00\x05").expect_err("5 takes one byte");
//! let fault = DecodeError { fault: Fault::Varint, field: 0, from_end: 3 };
//! assert_eq!(error, nom::Err::Error(fault));
//! # Ok::<(), longlink::EncodeError>(())
//! ```
//!
//! # Integers that stay as long as they are
//!
//! A linker gives the indices of WebAssembly five bytes each, so that it can replace them in place.
//! `overlong = accept` would read them and write one byte; `keep` has [`Padded`](crate::Padded)
//! remember.
//!
//! ```
//! use longlink::{BytesMut, Padded, Parse, Wire};
//!
//! #[derive(Debug, PartialEq, Wire)]
//! struct Call {
//!     #[wire(varint = leb128, overlong = keep)]
//!     function: Padded<u32>,
//! }
//!
//! let call = Call { function: Padded { value: 3, len: 5 } };
//! let mut out = BytesMut::new();
//! call.encode(&mut out)?;
//! assert_eq!(out[..], [0x83, 0x80, 0x80, 0x80, 0x00]);
//! assert_eq!(Call::parse(&out), Ok((&[][..], call)));
//! assert_eq!(Call::parse(&[3]), Ok((&[][..], Call { function: 3.into() })));
//! # Ok::<(), longlink::EncodeError>(())
//! ```
//!
//! # A tag of several parts
//!
//! A part of two has up to 32 bits, of three 21, of four 16. Between types such a tag is one `u64`, as
//! [`tag`](crate::codec::tag) says.
//!
//! ```
//! use longlink::{Auto, Bytes, BytesMut, Parse, Wire};
//!
//! /// Stream and function of SECS-II (SEMI E5), as they stand in the header of HSMS.
//! #[derive(Debug, PartialEq, Wire)]
//! struct Message {
//!     #[wire(bits = 1)]
//!     wants_reply: bool,
//!     #[wire(bits = 7, tag_of = body)]
//!     stream: Auto<u8>,
//!     #[wire(tag_of = body)]
//!     function: Auto<u8>,
//!     body: Body,
//! }
//!
//! #[derive(Debug, PartialEq, Wire)]
//! enum Body {
//!     #[wire(tag = (1, 1))]
//!     AreYouThere,
//!     /// Function 0 of any stream; the tag field keeps which.
//!     #[wire(tag = (_, 0))]
//!     Abort { #[wire(tag)] tag: (u8, u8) },
//!     #[wire(other)]
//!     Other { #[wire(tag)] tag: (u8, u8), #[wire(rest)] items: Bytes },
//! }
//!
//! let message = Message::new(true, Body::AreYouThere);
//! let mut out = BytesMut::new();
//! message.encode(&mut out)?;
//! assert_eq!(out[..], [0x81, 0x01]);
//! assert_eq!(Message::parse(&out), Ok((&[][..], message)));
//!
//! let aborted = Message::new(false, Body::Abort { tag: (9, 0) });
//! assert_eq!(Message::parse(&[9, 0]), Ok((&[][..], aborted)));
//! # Ok::<(), longlink::EncodeError>(())
//! ```
//!
//! # Values that may be bad
//!
//! One malformed attribute of BGP must not end the session (RFC 7606). What is wrong inside of a
//! [`Lenient`](crate::Lenient) is kept, with the tag that was read; what is wrong with its length, or
//! nested too deep, is still malformed. Bad bytes that are good are refused on writing.
//!
//! ```
//! use longlink::{Auto, Bytes, BytesMut, Lenient, Parse, Wire};
//!
//! #[derive(Debug, PartialEq, Wire)]
//! struct Attribute {
//!     flags: u8,
//!     #[wire(tag_of = value)]
//!     code: Auto<u8>,
//!     #[wire(length_of = value)]
//!     length: Auto<u8>,
//!     value: Lenient<Value>,
//! }
//!
//! #[derive(Debug, PartialEq, Wire)]
//! enum Value {
//!     #[wire(tag = 1)]
//!     Origin { #[wire(valid = 0..=2)] origin: u8 },
//!     #[wire(tag = 4)]
//!     MultiExitDiscriminator { metric: u32 },
//! }
//!
//! let bad = Lenient::Bad { tag: 1, bytes: Bytes::from_static(&[7]) };
//! let attribute = Attribute::new(0x40, bad);
//! let mut out = BytesMut::new();
//! attribute.encode(&mut out)?;
//! assert_eq!(out[..], [0x40, 1, 1, 7]);
//! assert_eq!(Attribute::parse(&out), Ok((&[][..], attribute)));
//! # Ok::<(), longlink::EncodeError>(())
//! ```
//!
//! # Text in an encoding that the message names
//!
//! The labels are checked when the declaration is compiled. `none`: no text can be read, only the
//! empty one; anything else is [`Fault::Text`](crate::codec::Fault::Text), unless the field is `lossy`. In place of a label may
//! stand a [`Charset`](crate::codec::text::Charset), such as one that the context holds. A terminator
//! is written in bytes, as many as a code unit has: behind a `Charset` that turns out to be UTF-16, a
//! terminator of one byte cannot be written.
//!
//! ```
//! use longlink::{Auto, BytesMut, Parse, Wire};
//!
//! /// The text of a short message of SMPP 3.4 (section 5.2.19 names more).
//! #[derive(Debug, PartialEq, Wire)]
//! struct ShortMessage {
//!     data_coding: u8,
//!     #[wire(length_of = text)]
//!     length: Auto<u8>,
//!     #[wire(encoding = match data_coding { 1 => "ascii", 3 => "latin1", 8 => "utf-16be", _ => none })]
//!     text: String,
//! }
//!
//! let message = ShortMessage::new(8, "h\u{e9}".into());
//! let mut out = BytesMut::new();
//! message.encode(&mut out)?;
//! assert_eq!(out[..], *b"\x08\x04\0h\0\xE9");
//! assert_eq!(ShortMessage::parse(&out), Ok((&[][..], message)));
//! # Ok::<(), longlink::EncodeError>(())
//! ```
//!
//! # A mask, and the last fragment
//!
//! ```
//! use longlink::codec::Roles;
//! use longlink::{Auto, Bytes, Frame};
//!
//! /// A frame of WebSocket.
//! #[derive(Debug, PartialEq, Frame)]
//! #[wire(max_frame_length = 1 << 16)]
//! struct Message {
//!     #[wire(bits = 1, role = if opcode < 8 { fragment_last } else { none })]
//!     fin: bool,
//!     #[wire(bits = 3, reserved)]
//!     reserved: u8,
//!     #[wire(bits = 4)]
//!     opcode: u8,
//!     #[wire(bits = 1)]
//!     masked: bool,
//!     #[wire(bits = 7, varint = steps(126 => u16, 127 => u64), length_of = payload)]
//!     length: Auto<u64>,
//!     #[wire(present_if = masked)]
//!     key: Option<[u8; 4]>,
//!     #[wire(mask = key)]
//!     payload: Bytes,
//! }
//!
//! // RFC 6455, section 5.7: "Hello".
//! let frame = b"\x81\x85\x37\xFA\x21\x3D\x7F\x9F\x4D\x51\x58";
//! let message = Message::decode(frame).expect("a frame");
//! assert_eq!(message.payload, "Hello");
//! assert_eq!(message.fragment_more(), Some(false));
//! ```
