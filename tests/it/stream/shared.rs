//! Owned frames whose `Bytes` lie in the buffer that they came from. Where a frame holds only one, it
//! is filled in behind the last check; whatever looks at it before must see what it holds.

use allocation_counter::measure;
use longlink::codec::schema::Schema;
use longlink::codec::{DecodeError, EncodeError, Fault, Roles, Scope};
use longlink::{Auto, Bytes, BytesMut, Decoder, Frame, Parse, Wire};
use nom::IResult;

use super::support::{Said, said};

/// Bytes between other fields.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64, resync = close)]
struct Lone {
    #[wire(length_of = ..)]
    length: Auto<u8>,
    #[wire(rest)]
    payload: Bytes,
    end: u16,
}

/// The one of a variant, behind an `Option`, or in a nested type.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64)]
struct Outer {
    #[wire(length_of = ..)]
    length: Auto<u8>,
    #[wire(tag_of = body)]
    tag: Auto<u8>,
    body: Body,
}

#[derive(Debug, Clone, PartialEq, Wire)]
enum Body {
    #[wire(tag = 0)]
    Empty,
    #[wire(tag = 1)]
    Plain(#[wire(rest)] Bytes),
    #[wire(tag = 2)]
    Maybe {
        is_there: bool,
        #[wire(present_if = is_there, prefix = u8)]
        bytes: Option<Bytes>,
        #[wire(rest)]
        copied: Vec<u8>,
    },
    #[wire(tag = 3)]
    Nested(Inner),
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Inner {
    number: u16,
    #[wire(prefix = u8)]
    bytes: Bytes,
}

/// Two, which are slices of one frame.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64)]
struct Two {
    #[wire(length_of = ..)]
    length: Auto<u8>,
    #[wire(prefix = u8)]
    first: Bytes,
    #[wire(rest)]
    second: Bytes,
}

/// A condition of the type looks at its bytes.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64, assert(payload.len() > 1, "a payload is longer than a byte"))]
struct Asserted {
    #[wire(length_of = ..)]
    length: Auto<u8>,
    #[wire(rest)]
    payload: Bytes,
}

/// Another field looks at its bytes.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64)]
struct Counting {
    #[wire(length_of = ..)]
    length: Auto<u8>,
    #[wire(prefix = u8)]
    key: Bytes,
    #[wire(present_if = !key.is_empty())]
    number: Option<u16>,
}

/// Its bytes are fixed.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64)]
struct Fixed {
    #[wire(length_of = ..)]
    length: Auto<u8>,
    #[wire(prefix = u8, fixed = Bytes::from_static(b"abc"))]
    word: Bytes,
}

/// The expression of a parent looks into a nested type.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64, assert(!inner.bytes.is_empty(), "the inner bytes are there"))]
struct Watched {
    #[wire(length_of = ..)]
    length: Auto<u8>,
    inner: Inner,
}

/// Written by hand: three bytes that it shares, which it forgets to say.
#[derive(Debug, Clone, PartialEq)]
struct Hidden(Bytes);

impl Wire for Hidden {
    type Context = ();
    type Fill = ();
    const MIN_LEN: usize = 3;
    const MAX_LEN: Option<usize> = Some(3);
    const FIXED_LEN: Option<usize> = Some(3);
    const SCHEMA: &'static Schema = &Schema::structure("Hidden", &[]);

    fn encoded_len_in(&self, _: Scope<'_>, (): &()) -> usize {
        3
    }

    fn encode_in(
        &self,
        out: &mut BytesMut,
        (): &(),
        _: Scope<'_>,
        (): &(),
    ) -> Result<(), EncodeError> {
        out.extend_from_slice(&self.0);
        Ok(())
    }
}

impl Roles for Hidden {}

impl<'a> Parse<'a> for Hidden {
    fn parse_in(
        input: &'a [u8],
        scope: Scope<'_>,
        (): &(),
    ) -> IResult<&'a [u8], Self, DecodeError> {
        let (rest, bytes) = nom::bytes::complete::take(3usize)(input)?;
        Ok((rest, Self(scope.share(bytes))))
    }
}

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64)]
struct Hiding {
    #[wire(length_of = ..)]
    length: Auto<u8>,
    hidden: Hidden,
    #[wire(present_if = left > 0, rest)]
    payload: Option<Bytes>,
}

fn encoded<F: Wire<Context = ()>>(values: &[F]) -> BytesMut {
    let mut stream = BytesMut::new();
    for value in values {
        value.encode(&mut stream).expect("the value fits");
    }
    stream
}

/// All frames of a stream that comes in one piece.
fn decoded<F>(mut stream: BytesMut) -> Vec<F>
where
    F: Frame + Wire<Context = ()> + for<'a> Parse<'a>,
{
    let mut decoder = Decoder::<F>::new();
    std::iter::from_fn(|| decoder.decode(&mut stream)).map(|frame| frame.expect("good")).collect()
}

/// The same values come out, in one piece and byte by byte.
fn come_back<F>(values: &[F])
where
    F: Frame + Wire<Context = ()> + for<'a> Parse<'a> + Clone + PartialEq + std::fmt::Debug,
{
    let stream = encoded(values);
    let expected: Vec<_> = values.iter().cloned().map(Said::Frame).collect();
    assert_eq!(said::<F>([&stream[..]]), expected);
    assert_eq!(said::<F>(stream.chunks(1)), expected);
    assert_eq!(decoded::<F>(stream), values);
}

fn lone(payload: &'static [u8]) -> Lone {
    Lone::new(Bytes::from_static(payload), 0x0102)
}

#[test]
fn the_one_lies_in_the_buffer() {
    let stream = encoded(&[lone(b"abc"), lone(b""), lone(b"de")]);
    let start = stream.as_ptr();
    let frames = decoded::<Lone>(stream);
    assert_eq!(frames, [lone(b"abc"), lone(b""), lone(b"de")]);
    assert_eq!(frames[0].payload.as_ptr(), start.wrapping_add(1));
    assert_eq!(frames[2].payload.as_ptr(), start.wrapping_add(6 + 3 + 1));
}

#[test]
fn a_shared_frame_allocates_nothing_once_the_buffer_is_shared() {
    let mut stream = encoded(&vec![lone(b"abc"); 100]);
    let mut decoder = Decoder::<Lone>::new();
    let mut kept = Vec::with_capacity(100);
    let first = measure(|| kept.extend(decoder.decode(&mut stream)));
    assert_eq!(first.count_total, 1);
    let others = measure(|| kept.extend(std::iter::from_fn(|| decoder.decode(&mut stream))));
    assert_eq!((others.count_total, kept.len()), (0, 100));
}

#[test]
fn an_empty_one_holds_no_buffer() {
    let mut stream = encoded(&[lone(b"")]);
    let room = stream.capacity();
    let frame = Decoder::<Lone>::new().decode(&mut stream);
    assert_eq!(frame, Some(Ok(lone(b""))));
    assert!(stream.try_reclaim(room), "nobody else holds it");
}

#[test]
fn the_one_may_stand_anywhere() {
    let maybe = |bytes: Option<&'static [u8]>| {
        let bytes = bytes.map(Bytes::from_static);
        Outer::new(Body::Maybe { is_there: bytes.is_some(), bytes, copied: vec![1, 2] })
    };
    let inner = Inner { number: 7, bytes: Bytes::from_static(b"inner") };
    come_back(&[
        Outer::new(Body::Empty),
        Outer::new(Body::Plain(Bytes::from_static(b"plain"))),
        maybe(None),
        maybe(Some(b"")),
        maybe(Some(b"there")),
        Outer::new(Body::Nested(inner)),
    ]);
}

#[test]
fn two_are_slices_of_one_frame() {
    let (first, second) = (Bytes::from_static(b"one"), Bytes::from_static(b"two"));
    come_back(&[
        Two::new(first.clone(), second.clone()),
        Two::new(Bytes::new(), second),
        Two::new(first, Bytes::new()),
    ]);
}

#[test]
fn whoever_looks_at_it_sees_it() {
    let bytes = Bytes::from_static;
    come_back(&[Asserted::new(bytes(b"ab"))]);
    come_back(&[Counting::new(bytes(b"key"), Some(9)), Counting::new(bytes(b""), None)]);
    come_back(&[Fixed::new()]);
    come_back(&[Watched::new(Inner { number: 1, bytes: bytes(b"x") })]);
}

/// Four bytes that are looked at as they are read, and the one.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64)]
struct Mapped {
    #[wire(length_of = ..)]
    length: Auto<u8>,
    #[wire(
        size = 4,
        as = Bytes,
        map(
            read = |b: Bytes| <[u8; 4]>::try_from(&b[..]).ok().map(u32::from_be_bytes),
            write = |id: &u32| Bytes::copy_from_slice(&id.to_be_bytes())
        )
    )]
    id: u32,
    #[wire(rest)]
    payload: Bytes,
}

/// The limit of the text is the length of the one.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64)]
struct Limiting {
    #[wire(length_of = ..)]
    length: Auto<u8>,
    #[wire(prefix = u8)]
    key: Bytes,
    #[wire(prefix = u8, max_len = key.len())]
    text: String,
}

#[test]
fn what_is_only_looked_at_on_reading_is_seen_too() {
    come_back(&[Mapped::new(7, Bytes::from_static(b"payload"))]);
    come_back(&[Limiting::new(Bytes::from_static(b"key"), "abc".into())]);
}

#[test]
fn one_that_nobody_counts_is_no_other() {
    let hidden = Hidden(Bytes::from_static(b"hid"));
    come_back(&[
        Hiding::new(hidden.clone(), Some(Bytes::from_static(b"payload"))),
        Hiding::new(hidden, None),
    ]);
}

#[test]
fn a_malformed_one_is_reported_where_it_stands() {
    // A payload of one byte is refused.
    let good = Asserted::new(Bytes::from_static(b"ab"));
    let stream = [&encoded(std::slice::from_ref(&good))[..], &[2, 1, 3]].concat();
    let expected =
        [Said::Frame(good), Said::Bad(3, 2, Fault::Invalid), Said::Broken(Fault::Invalid)];
    assert_eq!(said::<Asserted>([&stream[..]]), expected);
    // A length shorter than the fields that are always there.
    let stream = [&encoded(&[lone(b"abc")])[..], &[2, 1]].concat();
    let expected =
        [Said::Frame(lone(b"abc")), Said::Bad(6, 2, Fault::Length), Said::Broken(Fault::Length)];
    assert_eq!(said::<Lone>([&stream[..]]), expected);
}
