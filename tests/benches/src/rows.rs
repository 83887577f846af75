//! All that is measured, as closures that run so many times.

use std::hint::black_box;

use bytes::BytesMut;
use longlink::codec::checksum::Crc16;

use crate::stream::{self, PIECE, Pieces, ROOM};
use crate::{chat, checksum, flags, login, telemetry};

static CRC: Crc16 = Crc16::new(&crc::CRC_16_IBM_3740);
static CRC_DEFAULT: crc::Crc<u16> = crc::Crc::<u16>::new(&crc::CRC_16_IBM_3740);

/// Who.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Hand-written: the limit that ratios refer to.
    Hand,
    /// This crate.
    Longlink,
    /// Another one.
    Peer,
    /// Another one, which finds borders and parses nothing.
    Border,
}

/// One implementation of one task.
pub struct Row {
    /// The task.
    pub task: &'static str,
    /// The implementation.
    pub name: &'static str,
    pub by: By,
    /// Bytes of the frame.
    pub bytes: usize,
    /// Does it so many times.
    pub run: Box<dyn FnMut(u64)>,
}

#[derive(Default)]
struct Rows(Vec<Row>);

impl Rows {
    fn decode<T: 'static>(
        &mut self,
        task: &'static str,
        (name, by): (&'static str, By),
        frame: &[u8],
        decode: impl Fn(&[u8]) -> T + 'static,
    ) {
        let frame = frame.to_vec();
        let bytes = frame.len();
        let run = Box::new(move |times| {
            for _ in 0..times {
                drop(black_box(decode(black_box(&frame))));
            }
        });
        self.0.push(Row { task, name, by, bytes, run });
    }

    /// A decoder whose result borrows from the frame; `decode` hands it to `black_box` itself.
    fn borrow(
        &mut self,
        task: &'static str,
        (name, by): (&'static str, By),
        frame: &[u8],
        decode: impl Fn(&[u8]) + 'static,
    ) {
        let frame = frame.to_vec();
        let bytes = frame.len();
        let run = Box::new(move |times| {
            for _ in 0..times {
                decode(black_box(&frame));
            }
        });
        self.0.push(Row { task, name, by, bytes, run });
    }

    /// Frames of so many bytes off a stream; `run` takes the next so many.
    fn stream(
        &mut self,
        task: &'static str,
        (name, by): (&'static str, By),
        bytes: usize,
        run: impl FnMut(u64) + 'static,
    ) {
        self.0.push(Row { task, name, by, bytes, run: Box::new(run) });
    }

    fn encode<T: 'static, O: Buffer>(
        &mut self,
        task: &'static str,
        (name, by): (&'static str, By),
        value: T,
        encode: impl Fn(&T, &mut O) + 'static,
    ) {
        let mut out = O::reserved();
        encode(&value, &mut out);
        let bytes = out.bytes().len();
        let run = Box::new(move |times| {
            for _ in 0..times {
                out.empty();
                encode(black_box(&value), &mut out);
                black_box(out.bytes());
            }
        });
        self.0.push(Row { task, name, by, bytes, run });
    }
}

/// A reused output.
trait Buffer: 'static {
    fn reserved() -> Self;
    fn empty(&mut self);
    fn bytes(&self) -> &[u8];
}

impl Buffer for Vec<u8> {
    fn reserved() -> Self {
        Vec::with_capacity(8192)
    }

    fn empty(&mut self) {
        self.clear();
    }

    fn bytes(&self) -> &[u8] {
        self
    }
}

impl Buffer for BytesMut {
    fn reserved() -> Self {
        BytesMut::with_capacity(8192)
    }

    fn empty(&mut self) {
        self.clear();
    }

    fn bytes(&self) -> &[u8] {
        self
    }
}

const HAND: (&str, By) = ("by hand", By::Hand);
const RAW: (&str, By) = ("the raw byte", By::Hand);
const OURS: (&str, By) = ("longlink", By::Longlink);
const NOM: (&str, By) = ("nom 8", By::Peer);
const BINRW: (&str, By) = ("binrw 0.15.2", By::Peer);
const LENGTH_DELIMITED: (&str, By) = ("LengthDelimitedCodec", By::Border);
const DEKU: (&str, By) = ("deku 0.20.3", By::Peer);
const DEKU_BITS: (&str, By) = ("deku 0.20.3, bits", By::Peer);

/// All rows, those of one task together, the limit first.
pub fn all() -> Vec<Row> {
    let mut rows = Rows::default();
    sums(&mut rows);
    bit_fields(&mut rows);
    logins(&mut rows);
    chats(&mut rows);
    lazy_chats(&mut rows);
    chat_encodes(&mut rows);
    telemetries(&mut rows);
    streams(&mut rows);
    long_frames(&mut rows);
    delimiters(&mut rows);
    rows.0
}

fn sums(rows: &mut Rows) {
    let span: Vec<u8> = (0..135u32).map(|index| (index * 31) as u8).collect();
    rows.decode("CRC-16 of 135 bytes", HAND, &span, checksum::crc16);
    rows.decode("CRC-16 of 135 bytes", OURS, &span, |span| CRC.of(span));
    let peer = ("crc 3, its default", By::Peer);
    rows.decode("CRC-16 of 135 bytes", peer, &span, |span| CRC_DEFAULT.checksum(span));
}

fn bit_fields(rows: &mut Rows) {
    let task = "a byte of two bit fields";
    rows.decode(task, RAW, &[0xb3], flags::raw);
    rows.decode(task, OURS, &[0xb3], flags::ours::decode);
    rows.decode(task, DEKU_BITS, &[0xb3], flags::deku::decode);
}

fn logins(rows: &mut Rows) {
    let login = login::sample();
    let mut frame = Vec::new();
    login::hand::encode(&login, &mut frame);
    let task = "M1 decode";
    rows.decode(task, HAND, &frame, login::hand::decode);
    rows.decode(task, ("longlink, direct", By::Longlink), &frame, login::ours::decode);
    rows.borrow(task, ("longlink, nom", By::Longlink), &frame, |frame| {
        drop(black_box(login::ours::parse(frame)));
    });
    rows.decode(task, NOM, &frame, login::peers::nom::decode);
    rows.decode(task, BINRW, &frame, login::peers::binrw::decode);
    rows.decode(task, DEKU, &frame, login::peers::deku::decode);
    rows.decode(task, DEKU_BITS, &frame, login::peers::deku::decode_bits);
    let task = "M1 encode";
    rows.encode(task, HAND, login.clone(), login::hand::encode);
    rows.encode(task, OURS, login::ours::value(&login), login::ours::encode);
    rows.encode(task, BINRW, login.clone(), login::peers::binrw::encode);
    rows.encode(task, DEKU, login.clone(), login::peers::deku::encode);
    rows.encode(task, DEKU_BITS, login, login::peers::deku::encode_bits);
}

fn chats(rows: &mut Rows) {
    let mut frame = Vec::new();
    chat::hand::encode::<true>(&chat::sample(), &mut frame);
    let task = "M2 decode, CRC";
    rows.decode(task, HAND, &frame, chat::hand::decode::<true>);
    rows.borrow(task, OURS, &frame, |frame| drop(black_box(chat::ours::checked::decode(frame))));
    rows.decode(task, NOM, &frame, chat::peers::nom::decode::<true>);
    rows.decode(task, BINRW, &frame, chat::peers::binrw::decode::<true>);
    rows.decode(task, DEKU, &frame, chat::peers::deku::decode::<true>);
    let task = "M2 decode";
    rows.decode(task, HAND, &frame, chat::hand::decode::<false>);
    rows.borrow(task, OURS, &frame, |frame| drop(black_box(chat::ours::unchecked::decode(frame))));
    rows.decode(task, NOM, &frame, chat::peers::nom::decode::<false>);
    rows.decode(task, BINRW, &frame, chat::peers::binrw::decode::<false>);
    rows.decode(task, DEKU, &frame, chat::peers::deku::decode::<false>);
}

fn lazy_chats(rows: &mut Rows) {
    let mut frame = Vec::new();
    chat::hand::encode::<true>(&chat::sample(), &mut frame);
    let task = "M2 decode, borrowed, CRC";
    rows.borrow(task, HAND, &frame, |frame| {
        let _ = black_box(chat::hand::decode_lazy::<true>(frame));
    });
    rows.borrow(task, OURS, &frame, |frame| {
        let _ = black_box(chat::ours::checked::decode_lazy(frame));
    });
    let task = "M2 decode, borrowed";
    rows.borrow(task, HAND, &frame, |frame| {
        let _ = black_box(chat::hand::decode_lazy::<false>(frame));
    });
    rows.borrow(task, OURS, &frame, |frame| {
        let _ = black_box(chat::ours::unchecked::decode_lazy(frame));
    });
}

fn chat_encodes(rows: &mut Rows) {
    let chat = chat::sample();
    let task = "M2 encode, CRC";
    rows.encode(task, HAND, chat.clone(), chat::hand::encode::<true>);
    rows.encode(task, OURS, chat::ours::checked::value(&chat), chat::ours::checked::encode);
    rows.encode(task, BINRW, chat::peers::binrw::value(&chat), chat::peers::binrw::encode::<true>);
    rows.encode(task, DEKU, chat::peers::deku::value(&chat), chat::peers::deku::encode::<true>);
    let task = "M2 encode";
    rows.encode(task, HAND, chat.clone(), chat::hand::encode::<false>);
    let value = chat::ours::unchecked::value(&chat);
    rows.encode(task, OURS, value, chat::ours::unchecked::encode);
    rows.encode(task, BINRW, chat::peers::binrw::value(&chat), chat::peers::binrw::encode::<false>);
    rows.encode(task, DEKU, chat::peers::deku::value(&chat), chat::peers::deku::encode::<false>);
}

fn telemetries(rows: &mut Rows) {
    let telemetry = telemetry::sample();
    let mut frame = Vec::new();
    telemetry::hand::encode(&telemetry, &mut frame);
    let task = "M3 decode";
    rows.decode(task, HAND, &frame, telemetry::hand::decode);
    rows.borrow(task, OURS, &frame, |frame| drop(black_box(telemetry::ours::decode(frame))));
    rows.decode(task, NOM, &frame, telemetry::peers::nom::decode);
    rows.decode(task, BINRW, &frame, telemetry::peers::binrw::decode);
    rows.decode(task, DEKU, &frame, telemetry::peers::deku::decode);
    rows.decode(task, DEKU_BITS, &frame, telemetry::peers::deku::decode_bits);
    let task = "M3 decode, checks";
    rows.decode(task, HAND, &frame, telemetry::checked::hand::decode);
    rows.borrow(task, OURS, &frame, |frame| {
        drop(black_box(telemetry::checked::ours::decode(frame)));
    });
    rows.decode(task, BINRW, &frame, telemetry::checked::binrw::decode);
    rows.decode(task, DEKU, &frame, telemetry::checked::deku::decode);
    let task = "M3 encode";
    rows.encode(task, HAND, telemetry.clone(), telemetry::hand::encode);
    rows.encode(task, OURS, telemetry::ours::value(&telemetry), telemetry::ours::encode);
    let value = telemetry::peers::binrw::value(&telemetry);
    rows.encode(task, BINRW, value, telemetry::peers::binrw::encode);
    let value = telemetry::peers::deku::value(&telemetry);
    rows.encode(task, DEKU, value, telemetry::peers::deku::encode);
    let value = telemetry::peers::deku::value_bits(&telemetry);
    rows.encode(task, DEKU_BITS, value, telemetry::peers::deku::encode);
}

fn streams(rows: &mut Rows) {
    let pieces = || Pieces::new(stream::chats(), PIECE);
    let task = "stream, in place";
    let (mut hand, mut bytes) = (stream::hand::InPlace::default(), pieces());
    rows.stream(task, HAND, 137, move |count| hand.run(&mut bytes, count, see));
    let (mut ours, mut bytes) = (stream::ours::InPlace::default(), pieces());
    rows.stream(task, OURS, 137, move |count| ours.run(&mut bytes, count, see));
    let task = "stream, owned";
    let (mut buffer, mut bytes) = (BytesMut::with_capacity(ROOM), pieces());
    rows.stream(task, HAND, 137, move |count| {
        stream::hand::owned(&mut buffer, &mut bytes, count, |frame| drop(black_box(frame)));
    });
    let (mut buffer, mut bytes) = (BytesMut::with_capacity(ROOM), pieces());
    let mut decoder = longlink::Decoder::new();
    rows.stream(task, OURS, 137, move |count| {
        let see = |frame| drop(black_box(frame));
        stream::ours::owned(&mut decoder, &mut buffer, &mut bytes, count, see);
    });
    let (mut buffer, mut bytes) = (BytesMut::with_capacity(ROOM), pieces());
    let mut codec = stream::peers::codec();
    rows.stream(task, LENGTH_DELIMITED, 137, move |count| {
        let see = |frame| drop(black_box(frame));
        stream::peers::owned(&mut codec, &mut buffer, &mut bytes, count, see);
    });
    let task = "stream, lazy decode, CRC";
    let (mut hand, mut bytes) = (stream::hand::InPlace::default(), pieces());
    rows.stream(task, HAND, 137, move |count| {
        hand.run(&mut bytes, count, |frame| {
            black_box(stream::hand::lazy(frame));
        });
    });
    let (mut ours, mut bytes) = (stream::ours::InPlace::default(), pieces());
    rows.stream(task, OURS, 137, move |count| {
        ours.lazy(&mut bytes, count, |message| {
            black_box(message);
        });
    });
    let (mut buffer, mut bytes) = (BytesMut::with_capacity(ROOM), pieces());
    let mut codec = stream::peers::codec();
    rows.stream(task, ("binrw 0.15.2, owned", By::Peer), 137, move |count| {
        stream::peers::owned(&mut codec, &mut buffer, &mut bytes, count, |frame| {
            drop(black_box(chat::peers::binrw::decode::<true>(&frame)));
        });
    });
    let (mut buffer, mut bytes) = (BytesMut::with_capacity(ROOM), pieces());
    let mut codec = stream::peers::codec();
    rows.stream(task, ("deku 0.20.3, owned", By::Peer), 137, move |count| {
        stream::peers::owned(&mut codec, &mut buffer, &mut bytes, count, |frame| {
            drop(black_box(chat::peers::deku::decode::<true>(&frame)));
        });
    });
}

fn long_frames(rows: &mut Rows) {
    let pieces = || Pieces::new(stream::long(), 1);
    let task = "64 KiB, byte by byte";
    let (mut hand, mut bytes) = (stream::hand::InPlace::default(), pieces());
    rows.stream(task, HAND, ROOM, move |count| hand.run(&mut bytes, count, see));
    let (mut ours, mut bytes) = (stream::ours::InPlace::default(), pieces());
    rows.stream(task, OURS, ROOM, move |count| ours.run(&mut bytes, count, see));
    let (mut buffer, mut bytes) = (BytesMut::with_capacity(ROOM), pieces());
    let mut codec = stream::peers::codec();
    rows.stream(task, LENGTH_DELIMITED, ROOM, move |count| {
        let see = |frame| drop(black_box(frame));
        stream::peers::owned(&mut codec, &mut buffer, &mut bytes, count, see);
    });
}

fn delimiters(rows: &mut Rows) {
    let tasks = [("delimiters, nothing escaped", 0), ("delimiters, 9 bytes escaped", 9)];
    for (task, escapes) in tasks {
        let stream = stream::vehicle::frames(PIECE, escapes);
        let bytes = stream.len() / PIECE;
        let (mut hand, mut pieces) =
            (stream::hand::Delimited::default(), Pieces::new(stream.clone(), PIECE));
        rows.stream(task, HAND, bytes, move |count| {
            hand.run(&mut pieces, count, |packet| drop(black_box(packet)));
        });
        let (mut ours, mut pieces) =
            (stream::ours::Delimited::default(), Pieces::new(stream, PIECE));
        rows.stream(task, OURS, bytes, move |count| {
            ours.run(&mut pieces, count, |packet| drop(black_box(packet)));
        });
    }
}

/// What is lent is used.
fn see(frame: &[u8]) {
    black_box(frame);
}
