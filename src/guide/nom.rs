//! Coming from plain nom 8.
//!
//! Nothing that you have is lost: a declared type is a nom parser, and a nom parser of yours is a
//! field. Both work on `&[u8]`; there is no input type of our own.
//!
//! | nom | longlink |
//! |---|---|
//! | `be_u16`, `take(n)`, `tag(..)`, `length_data(be_u16)` | `u16`, `size = n`, `magic`, `prefix = u16` |
//! | `bits::complete::take(4_usize)` | `bits = 4`: adjacent fields are one load, shift and mask |
//! | `alt((preceded(tag([1]), a), preceded(tag([2]), b)))` | an enum with `tag = ..`: one `match` |
//! | `verify(parser, check)` | `valid = ..` |
//! | `Err::Incomplete(Needed)` and parsing again from the start | [`Frame::probe`](crate::Frame::probe), then parsing once |
//! | `VerboseError` | [`explain`](crate::explain): made when somebody looks |
//! | writing it all again for the other direction | [`Wire::encode`](crate::Wire::encode) |
//!
//! # A declared type inside combinators
//!
//! `T::parse` is `fn(&[u8]) -> IResult<&[u8], T, DecodeError>`. For a type with a context, it is
//! what `T::parser(&context)` returns.
//!
//! ```
//! use longlink::{DecodeError, Parse, Wire};
//! use nom::bytes::complete::tag;
//! use nom::multi::many0;
//! use nom::sequence::preceded;
//! use nom::{IResult, Parser};
//!
//! #[derive(Debug, PartialEq, Wire)]
//! struct Login {
//!     id: u16,
//!     #[wire(prefix = u8)]
//!     name: String,
//! }
//!
//! fn logins(input: &[u8]) -> IResult<&[u8], Vec<Login>, DecodeError> {
//!     preceded(tag(&b"LOGINS"[..]), many0(Login::parse)).parse(input)
//! }
//!
//! let (rest, logins) = logins(b"LOGINS\x00\x01\x02al\x00\x02\x02bo").unwrap();
//! assert!(rest.is_empty());
//! assert_eq!(logins[1], Login { id: 2, name: "bo".into() });
//! ```
//!
//! # A hand-written parser inside a declaration
//!
//! ```
//! use longlink::{BytesMut, Parse, Wire};
//!
//! /// `key=value;`, as it always was.
//! mod pair {
//!     use longlink::{BytesMut, DecodeError, EncodeError};
//!     use nom::bytes::complete::{tag, take_till1};
//!     use nom::sequence::{separated_pair, terminated};
//!     use nom::{IResult, Parser};
//!
//!     pub type Pair = (Vec<u8>, Vec<u8>);
//!
//!     pub fn read(input: &[u8]) -> IResult<&[u8], Pair, DecodeError> {
//!         let key = take_till1(|byte| byte == b'=');
//!         let value = take_till1(|byte| byte == b';');
//!         let pair = separated_pair(key, tag(&b"="[..]), value);
//!         terminated(pair, tag(&b";"[..]))
//!             .map(|(key, value): (&[u8], &[u8])| (key.to_vec(), value.to_vec()))
//!             .parse(input)
//!     }
//!
//!     pub fn write(pair: &Pair, out: &mut BytesMut) -> Result<(), EncodeError> {
//!         for part in [&pair.0[..], b"=", &pair.1, b";"] {
//!             out.extend_from_slice(part);
//!         }
//!         Ok(())
//!     }
//!
//!     pub fn len(pair: &Pair) -> usize {
//!         pair.0.len() + pair.1.len() + 2
//!     }
//! }
//!
//! #[derive(Debug, PartialEq, Wire)]
//! struct Setting {
//!     id: u16,
//!     #[wire(with = pair)]
//!     pair: pair::Pair,
//! }
//!
//! let bytes = b"\x00\x07speed=9;";
//! let (_, setting) = Setting::parse(bytes).unwrap();
//! assert_eq!(setting, Setting { id: 7, pair: (b"speed".to_vec(), b"9".to_vec()) });
//! let mut out = BytesMut::new();
//! setting.encode(&mut out)?;
//! assert_eq!(&out[..], bytes);
//! # Ok::<(), longlink::EncodeError>(())
//! ```
//!
//! # A parser that looks back
//!
//! Some layouts name bytes that stood elsewhere in the frame. `with = module(whole)` hands `read`
//! the enclosing frame as well, and the offset in it at which its own input begins; `write` gets
//! the place in `out` where that frame begins. The frame is the nearest type around the field that
//! derives [`Frame`](crate::Frame), from the end of its length field on, however deep the field
//! stands; without one, the outermost type from its first byte. What `escape` or `process` undid
//! is seen undone. A length of such bytes is an integer of whole bytes, which is written last:
//! until then it and the checksums stand as zeros in what `write` sees.
//!
//! ```
//! use longlink::{Auto, BytesMut, EncodeError, Frame, Wire};
//!
//! /// A word behind its length, or 0xC0 and the offset of an earlier one.
//! mod word {
//!     use longlink::codec::Fault;
//!     use longlink::{BytesMut, DecodeError, EncodeError};
//!     use nom::IResult;
//!
//!     pub fn read<'a>(
//!         input: &'a [u8],
//!         frame: &[u8],
//!         offset: usize,
//!     ) -> IResult<&'a [u8], Vec<u8>, DecodeError> {
//!         let fault = |fault| nom::Err::Error(DecodeError::new(fault, 0, input));
//!         let (rest, len, word) = match input {
//!             [0xC0, at, rest @ ..] => match frame[..offset].get(usize::from(*at)..) {
//!                 Some([len, word @ ..]) => (rest, usize::from(*len), word),
//!                 _ => return Err(fault(Fault::Invalid)),
//!             },
//!             [len, word @ ..] => {
//!                 let len = usize::from(*len);
//!                 (word.get(len..).ok_or(fault(Fault::Short))?, len, word)
//!             }
//!             [] => return Err(fault(Fault::Short)),
//!         };
//!         let word = word.get(..len).ok_or(fault(Fault::Invalid))?;
//!         Ok((rest, word.to_vec()))
//!     }
//!
//!     pub fn write(word: &Vec<u8>, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
//!         let wire = [&[word.len() as u8], &word[..]].concat();
//!         let before = &out[start..];
//!         match before.windows(wire.len()).position(|part| part == wire) {
//!             Some(at) => out.extend_from_slice(&[0xC0, at as u8]),
//!             None => out.extend_from_slice(&wire),
//!         }
//!         Ok(())
//!     }
//! }
//!
//! #[derive(Debug, PartialEq, Frame)]
//! #[wire(max_frame_length = 1024)]
//! struct Sentence {
//!     #[wire(length_of = words)]
//!     length: Auto<u16>,
//!     #[wire(max_count = 100)]
//!     words: Vec<Word>,
//! }
//!
//! #[derive(Debug, PartialEq, Wire)]
//! struct Word {
//!     #[wire(with = word(whole))]
//!     letters: Vec<u8>,
//! }
//!
//! let words = [&b"bad"[..], b"is", b"bad"].map(|word| Word { letters: word.to_vec() });
//! let sentence = Sentence::new(words.into());
//! let mut out = BytesMut::new();
//! sentence.encode(&mut out)?;
//! assert_eq!(&out[..], b"\x00\x09\x03bad\x02is\xC0\x00");
//! assert_eq!(Sentence::decode(&out), Ok(sentence));
//! # Ok::<(), EncodeError>(())
//! ```
//!
//! # From a stream
//!
//! A streaming nom parser starts from the first byte at every read. A frame is probed instead: the
//! answer says how many bytes are missing, and what was looked at is not looked at again.
//!
//! ```
//! use longlink::codec::Probe;
//! use longlink::{Auto, Bytes, BytesMut, Decoder, Frame};
//!
//! #[derive(Debug, PartialEq, Frame)]
//! #[wire(max_frame_length = 1024)]
//! struct Packet {
//!     #[wire(length_of = payload)]
//!     length: Auto<u16>,
//!     payload: Bytes,
//! }
//!
//! let mut border = Default::default();
//! assert_eq!(Packet::probe(&mut border, &(), &[0]), Probe::Need(1));
//! assert_eq!(Packet::probe(&mut border, &(), &[0, 3]), Probe::Need(3));
//! assert_eq!(Packet::probe(&mut border, &(), &[0, 3, 7, 8, 9]), Probe::Frame { len: 5 });
//!
//! let mut stream = BytesMut::from(&[0, 1, 0xAA, 0, 2, 0xBB][..]);
//! let mut decoder = Decoder::<Packet>::new();
//! let first = decoder.decode(&mut stream).unwrap().unwrap();
//! assert_eq!(first, Packet::new(Bytes::from_static(&[0xAA])));
//! assert!(decoder.decode(&mut stream).is_none()); // one byte of the second is missing
//! ```
