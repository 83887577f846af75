//! Every key of `#[wire(..)]`, by what one wants to say.
//!
//! `#[derive(Frame)]` is for what stands on the stream by itself, `#[derive(Wire)]` for everything
//! inside of it. Values are Rust tokens, never strings. What can be wrong is an error of the
//! compiler at your own tokens, several at once; a misspelt key is told its nearest neighbour.
//!
//! [The border](#the-border-of-a-frame) · [spans](#spans) ·
//! [lengths, counts, tags, checksums](#relations-lengths-counts-tags-checksums-presence) ·
//! [enums](#enums-one-of-several-layouts) · [where a field ends](#where-a-field-ends) ·
//! [numbers](#numbers) · [bits](#bits) · [text and bytes](#text-time-bytes-of-your-own) ·
//! [conditions and context](#conditions-and-context) · [padding](#what-carries-no-information) ·
//! [roles](#roles-what-a-session-needs-to-know) · [notes](#notes-for-readers) ·
//! [`new`](#what-new-takes)
//!
//! *On* says where a key may stand: **t**ype (struct or enum), **s**truct, **e**num, **v**ariant,
//! **f**ield.
//!
//! # The border of a frame
//!
//! Where a frame ends on the stream follows from the declaration: from a length, from delimiters,
//! from a fixed size, or by walking over its fields. All but `endian`, `magic` and `crate` are for
//! `derive(Frame)` only.
//!
//! | Key | On | Says |
//! |---|---|---|
//! | `endian = big` | t v f | byte order: `big` (the default), `little`, or an expression that gives an [`Endian`](crate::codec::Endian); inherited by everything inside |
//! | `max_frame_length = 64 * 1024` | t | no frame is longer, in bytes on the wire; needed where the layout has no bound of its own |
//! | `at_most = N` | t | beside a `max_frame_length` that context decides: the most that it may become ([rarer](super::rarer)) |
//! | `min_frame_length = 4` | t | no frame is shorter |
//! | `magic = b"LL"` | t v f | bytes that must come first: `0x68u8`, `b"##"`, `[0x4C, 0x52]` |
//! | `delimiter = 0x7E` | t | the same byte or bytes before and behind each frame |
//! | `start = b"<"`, `end = b">"` | t | different ones; `end` alone: a terminator |
//! | `escape(0x7E => [0x7D, 0x02], 0x7D => [0x7D, 0x01])` | t | undone before everything else, done last, over all between the delimiters |
//! | `resync = magic` | t | after garbage: look for the `magic`, for the `delimiter` (the default of frames that have one), or `close` the stream (the default of all others) |
//! | `noise = 0xFE` | t | bytes skipped silently before a frame ([rarer](super::rarer)) |
//! | `crate = path` | t | where generated code finds longlink, if not at `::longlink` |
//!
//! # Spans
//!
//! What a length or a checksum covers is a Rust range of field names. "The length counts itself" is
//! just a longer span. `self` is the field on which the key stands.
//!
//! | Span | Is |
//! |---|---|
//! | `payload` | that field |
//! | `a..=b`, `a..b` | from `a` to `b`, `b` included or not |
//! | `a..` | from `a` to the end of the type |
//! | `..self` | everything before this field: magic included, delimiters not |
//! | `self..`, `..=self` | this field and what follows; this field and what stands before |
//! | `..` | the whole type |
//!
//! # Relations: lengths, counts, tags, checksums, presence
//!
//! Said once, on one of the two fields; checked when read, computed when written. The field that is
//! determined is an [`Auto<T>`](crate::Auto) and need not be public.
//!
//! | Key | On | Says |
//! |---|---|---|
//! | `length_of = SPAN` | f | these bytes are as many as I say; a list or a text inside ends there |
//! | `length_in = header.length` | f | the same from the other side, where the length stands in a nested type |
//! | `bias = 2` | f | with a length: it is larger than the span by so much (value × unit = bytes + bias; may be negative) |
//! | `unit = 4` | f | with a length: it counts words of so many bytes |
//! | `count_of = items`, `count_in = header.count` | f | number of elements |
//! | `tag_of = body`, `tag_in = header.kind` | f | which variant of an enum follows |
//! | `checksum = crc_16_modbus`, `over = ..self` | f | a checksum over a span: [names](#checksums-by-name) |
//! | `verify = strict` | f | with a checksum: `strict` (the default: a wrong one is malformed), `warn` or `off` (kept as [`Auto::Set`](crate::Auto)) |
//! | `present_in = flags.extended` | f | `Some` if and only if that `Auto<bool>` is set |
//! | `plain_length_of = data` | f | length before `process` ([rarer](super::rarer)) |
//!
//! ```
//! use longlink::{Auto, BytesMut, Frame, Wire};
//!
//! #[derive(Debug, PartialEq, Frame)]
//! #[wire(max_frame_length = 256)]
//! struct Report {
//!     head: Head,
//!     /// Words of two bytes, from here to before the checksum.
//!     #[wire(length_of = self..check, unit = 2)]
//!     words: Auto<u8>,
//!     #[wire(count_in = head.count)]
//!     readings: Vec<u16>,
//!     #[wire(rest)]
//!     remark: String,
//!     #[wire(checksum = crc_16_modbus, over = words..self)]
//!     check: Auto<u16>,
//! }
//!
//! #[derive(Debug, PartialEq, Wire)]
//! struct Head {
//!     /// Settled by the parent that names it.
//!     count: Auto<u8>,
//!     station: u8,
//! }
//!
//! let report = Report::new(Head::new(9), vec![1, 2], "odd".into());
//! let mut out = BytesMut::new();
//! report.encode(&mut out)?;
//! assert_eq!(out[..10], *b"\x02\x09\x04\0\x01\0\x02odd");
//! assert_eq!(Report::decode(&out), Ok(report));
//! # Ok::<(), longlink::EncodeError>(())
//! ```
//!
//! ## Checksums by name
//!
//! `xor8`, `xor16`, `sum8`, `sum16`, `internet` (RFC 1071), `adler32`; every CRC of the
//! [catalogue](https://reveng.sourceforge.io/crc-catalogue/all.htm) that the crate `crc` has, by
//! its constant's name in lower case; or a function `fn(&[u8]) -> u16` of yours, with the integer
//! of the field, by its path: `self::parity`. What other documents call them, in short, and longer
//! in [`checksum`](crate::codec::checksum):
//!
//! | Known as | Name |
//! |---|---|
//! | CRC-16/CCITT-FALSE, "CCITT" with 0xFFFF | `crc_16_ibm_3740` |
//! | CRC-16/XMODEM, "CCITT" with 0 | `crc_16_xmodem` |
//! | CRC-16/CCITT-TRUE | `crc_16_kermit` |
//! | CRC-16/X.25, HDLC's | `crc_16_ibm_sdlc` |
//! | CRC-16, ARC | `crc_16_arc` |
//! | CRC-16/MODBUS | `crc_16_modbus` |
//! | CRC-32 of Ethernet, zip, PNG | `crc_32_iso_hdlc` |
//! | CRC-32C | `crc_32_iscsi` |
//! | CRC-8, of SMBus | `crc_8_smbus` |
//! | CRC-8/MAXIM, of 1-Wire | `crc_8_maxim_dow` |
//!
//! # Enums: one of several layouts
//!
//! One `match` over the tag, never trial and error. An unknown tag is malformed unless a variant is
//! `other`.
//!
//! | Key | On | Says |
//! |---|---|---|
//! | `tag = 0x02` | v | its tag: a literal, a range `1..=5`, a constant's path, alternatives `1 \| 3 \| CHAT` |
//! | `tag(mask = 0xC0, value = 0x80)` | v | only these bits of the tag count |
//! | `tag` | f | in a variant: this field is the tag, and takes no bytes |
//! | `tag = peek(u8)` | e | the tag is the first byte of each variant and belongs to its layout |
//! | `tag = of(expr)` | e | the tag follows from context |
//! | `other` | v | all other tags: `Unknown { #[wire(tag)] tag: u8, #[wire(rest)] raw: Bytes }` writes back what it read |
//! | `select = expr` | f | the variant one way, from earlier fields or context, where no field holds the tag; when written, the value's tag must equal it |
//! | `opaque_if = sealed` | f | then `other` takes the raw bytes whatever the tag (a fragment, something encrypted) |
//! | `when = expr` | v f | a guard over context ([rarer](super::rarer)) |
//!
//! With `#[repr(u8)]` and discriminants the enum is the number itself. Two variants may differ by
//! `dialect` alone, where a tag means something else in each direction.
//!
//! # Where a field ends
//!
//! Bytes, texts and lists need one of these or a relation from above. A span is consumed exactly:
//! bytes left over are malformed, unless a last field `#[wire(rest)] extra: Bytes` takes them.
//!
//! | Key | On | Says |
//! |---|---|---|
//! | `prefix = u16` | f | a length of its own before it: an integer, `leb128` or another `varint` |
//! | `count_prefix = u16` | f | a count of its own before a list |
//! | `size = 16`, `size = width` | f | so many bytes; of an integer: its width, 1 to 8 |
//! | `count = n * 2` | f | so many elements, from earlier fields or context |
//! | `until = \|item\| item.last` | f | a list ends with the item for which this holds |
//! | `terminated = 0`, `terminated = b"\r\n"` | f | up to these bytes |
//! | `rest` | f | everything that is left |
//! | `max_count = 100`, `max_len = 4096` | f | a bound on elements, on bytes (a terminator not counted) |
//! | `none = -1` | f | the length or value that stands for `None` ([rarer](super::rarer)) |
//! | `each(prefix = u16)` | f | keys for each element of a list, tuple or `Option` ([rarer](super::rarer)) |
//!
//! # Numbers
//!
//! | Key | On | Says |
//! |---|---|---|
//! | `as = u24` | f | the integer on the wire: `u24`, `u40`, `u48`, `i24` .. and all of Rust's |
//! | `as = i16, scale = 0.1, offset = -40.0` | f | value = wire × `scale` + `offset`; the field is an `f32` or `f64`, and the wire integer survives a round trip |
//! | `offset = 10` | f | beside `scale`: what is added |
//! | `scale = 0.1` | f | beside `as`: the worth of one |
//! | `varint = leb128` | f | as long as it must be: `leb128`, `vlq`, `zigzag`, `ber`, `steps(..)` ([rarer](super::rarer)), or a module of yours |
//! | `max_bytes = 4` | f | beside `varint`: no longer than this |
//! | `overlong = accept` | f | beside `varint`: a longer form than needed is refused, unless `accept` or `keep` ([rarer](super::rarer)) |
//! | `minimal` | f | in the fewest bytes that a `prefix` or `size` gives ([rarer](super::rarer)) |
//! | `decimal, terminated = b"\r\n"` | f | an integer in ASCII digits |
//! | `bcd` | f | two decimal digits a byte: an integer, or [`Digits`](crate::Digits), which keep leading zeros |
//! | `timestamp = unix_ms` | f | `unix_s`, `unix_ms` on integers; `bcd_yymmddhhmmss`, `binary_yymmddhhmmss`, `cp56time2a` on [`CivilTime`](crate::CivilTime) |
//! | `valid = 1..=4` | f | a range, a pattern or a condition over this field, checked both ways |
//! | `assert(low <= high, "low is at most high")` | t v f | a condition over several, checked both ways |
//!
//! # Bits
//!
//! Neighbours with `bits` are one load, some shifts and masks; a run ends with the first field that
//! ends on a byte.
//!
//! | Key | On | Says |
//! |---|---|---|
//! | `bits = 3` | f | so many bits: of an integer, a `bool`, an enum, a struct that is a `bitfield`; `bits = rest, reserved`: up to the next byte |
//! | `bit_order = lsb` | t f | the first field is bit 0; `msb`, the default: the first field has the most significant bits |
//! | `bitfield = u16` | s | the struct is one integer; `bitfield = 6` is a part of somebody else's |
//! | `flags = u8` | s f | the same for a struct of `bool`s; on a field: a type of `bitflags`, whose unknown bits are kept |
//!
//! ```
//! use longlink::{Auto, Bytes, BytesMut, Wire};
//!
//! #[derive(Debug, PartialEq, Wire)]
//! struct Packet {
//!     word: Word,
//!     #[wire(present_in = word.urgent)]
//!     deadline: Option<u16>,
//!     #[wire(length_in = word.length)]
//!     text: Bytes,
//! }
//!
//! #[derive(Debug, PartialEq, Wire)]
//! #[wire(bitfield = u16)]
//! struct Word {
//!     urgent: Auto<bool>,
//!     #[wire(bits = 3)]
//!     level: u8,
//!     #[wire(bits = 12)]
//!     length: Auto<u16>,
//! }
//!
//! let mut out = BytesMut::new();
//! Packet::new(Word::new(5), Some(9), Bytes::from_static(b"up")).encode(&mut out)?;
//! assert_eq!(out[..], *b"\xD0\x02\0\x09up");
//! # Ok::<(), longlink::EncodeError>(())
//! ```
//!
//! # Text, time, bytes of your own
//!
//! | Key | On | Says |
//! |---|---|---|
//! | `encoding = "gbk"` | f | of a text; UTF-8, ASCII, Latin-1 and UTF-16 always, the other labels of the WHATWG standard with the feature `encodings`; an expression chooses it ([rarer](super::rarer)) |
//! | `size = 16, pad = b' ', trim` | f | a text of fixed size, filled by `pad`, cut off again by `trim` |
//! | `trim` | f | drops the padding when read |
//! | `lossy` | f | what cannot be decoded becomes U+FFFD instead of an error |
//! | `process = zlib` | f | a stretch that was deflated (feature `zlib`), or changed by a module of yours: `process = path(key)`, with `read(&[u8], ..) -> Option<Vec<u8>>` and `write(&[u8], ..) -> Result<Vec<u8>, &'static str>` |
//! | `process_if = expr`, `mask = key` | f | only sometimes; exclusive or with a key ([rarer](super::rarer)) |
//! | `with = module`, `with = module(whole)` | f | your own [nom](super::nom) parser and writer |
//! | `map(read = f, write = g)` | f | beside `as`: a conversion from and to what stands on the wire; `read(u8) -> Option<Value>`, `write(&Value) -> u8` |
//! | `view_of = Message` | s | a borrowing twin of the frame `Message`, for a session that must not allocate: [`View`](crate::session::protocol::View) |
//!
//! A struct with a lifetime borrows `&[u8]` and `&str`; `Bytes` shares the received buffer;
//! `Vec<u8>` and `String` copy.
//!
//! # Conditions and context
//!
//! Expressions name earlier fields and the context bare. Integers stand in them as `u64` and `i64`
//! and cannot overflow unnoticed; `left` is the bytes left in the enclosing span.
//!
//! | Key | On | Says |
//! |---|---|---|
//! | `ctx(version: u16)` | t | what must be known besides the bytes; makes the struct `NameContext { version }` |
//! | `ctx(version)`, `ctx(key = expr)` | f | hands it to the type inside, by name |
//! | `present_if = flags & 1 != 0` | f | `Some` when this holds; writing a value that contradicts it is an error |
//! | `version = 2019..`, `version = ..5` | v f | there only if the context named `version` is in that range |
//! | `dialect = Direction::Up` | v f | there only if the context named `dialect` is that; `A \| B` for several |
//! | `split(part, 1023)` | f | what is longer goes in fragments of at most so many bytes, numbered in `part` |
//!
//! A frame's context is the connection's: [`Decoder::with_context`](crate::Decoder::with_context),
//! or `contexts` and `follow` of a session's protocol, which begins with `NameContext::default()`,
//! yours to implement. Reading and writing have a context each.
//!
//! ```
//! use longlink::{BytesMut, Parse, Wire};
//!
//! #[derive(Debug, PartialEq, Wire)]
//! #[wire(ctx(version: u16))]
//! struct Login {
//!     #[wire(prefix = u8)]
//!     user: String,
//!     #[wire(version = 2019..)]
//!     zone: Option<i16>,
//! }
//!
//! let new = LoginContext { version: 2026 };
//! let login = Login { user: "ann".into(), zone: Some(60) };
//! let mut out = BytesMut::new();
//! login.encode_with(&mut out, &new)?;
//! assert_eq!(out[..], *b"\x03ann\0\x3C");
//! assert_eq!(Login::parser(&new)(&out), Ok((&[][..], login)));
//! # Ok::<(), longlink::EncodeError>(())
//! ```
//!
//! # What carries no information
//!
//! | Key | On | Says |
//! |---|---|---|
//! | `fixed = 0u16` | f | this value and no other; of a `()` the literal carries its width |
//! | `reserved` | f | zero in new values, kept as it came when read |
//! | `pad_before = 2`, `pad_after = 1` | f | zeros, checked |
//! | `align = 4` | f | zeros up to the next multiple, counted from the start of the type |
//!
//! # Roles: what a session needs to know
//!
//! | Key | On | Says |
//! |---|---|---|
//! | `role = sequence` | f | the sender's number: the session writes it, and a request is known by it |
//! | `role = replies_to` | f | the number of the request that this answers |
//! | `role = acknowledges` | f | the number of the frame that this acknowledges |
//! | `role = heartbeat` | v | a sign of life; the session makes it itself if nothing in it is free |
//! | `role = heartbeat_reply` | v | the answer to one |
//! | `role = acknowledged` | v | the peer acknowledges it: its outcome waits for that |
//! | `role = fragment_index`, `role = fragment_total` | f | the place of a fragment, and how many there are |
//! | `role = fragment_more`, `role = fragment_last` | f | fragments that come in order ([rarer](super::rarer)) |
//! | `default = v` | f | what stands here in a frame that the session makes itself; without it the field is free |
//!
//! A role may be chosen: `role = if flags.request { sequence } else { replies_to }`, or a `match`
//! over earlier fields; `none` is no role. The [session](super::session) says what follows from
//! each.
//!
//! # Notes for readers
//!
//! | Key | On | Says |
//! |---|---|---|
//! | `secret` | t f | masked in explanations, reports and logs |
//! | `unit = "km/h"` | f | shown behind the value |
//! | `display = hex` | f | shown in hexadecimal |
//!
//! Doc comments are shown as well.
//!
//! # What `new` takes
//!
//! Where some field is derived, the struct gets `T::new(..)`, which takes the others in their
//! order. It leaves out `Auto` fields, `reserved`, `fixed`, `magic` and `()`; `Option`s stay. Where
//! nothing is derived, and on enums, there is none: write the literal.
