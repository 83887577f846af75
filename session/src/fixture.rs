//! A small protocol for tests: `len u16 | kind u8 | sequence u16 | refers u16 | body`.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use bytes::{BufMut, BytesMut};
use longlink_codec_core::border::{Limits, Progress, length, total};
use longlink_codec_core::{
    DecodeError, EncodeError, Fault, Frame, Parse, Probe, Resync, Roles, Schema, Scope, Wire,
};

use crate::lock::lock;
use crate::protocol::{
    Acknowledges, Awaits, Contexts, Established, Inbound, Key, Meaning, Protocol, Refusal, Seen,
    View,
};
use crate::script::Script;

pub(crate) const ALIVE: u8 = 0;
pub(crate) const CHAT: u8 = 1;
/// The peer acknowledges it.
pub(crate) const SURE: u8 = 2;
pub(crate) const ACKNOWLEDGEMENT: u8 = 3;
pub(crate) const REPLY: u8 = 4;
pub(crate) const LOGIN: u8 = 5;
pub(crate) const WELCOME: u8 = 6;
pub(crate) const WRONG: u8 = 7;
pub(crate) const QUESTION: u8 = 8;
pub(crate) const ALIVE_TOO: u8 = 9;
pub(crate) const GOODBYE: u8 = 10;
/// A part of a message: its body begins with the part's index and the number of parts.
pub(crate) const FRAGMENT: u8 = 11;
/// Acknowledges all before `refers`.
pub(crate) const BEFORE: u8 = 12;
/// The reply to the oldest question.
pub(crate) const NEXT: u8 = 13;
/// `refers` is half done; answered by `REST`.
pub(crate) const HALF: u8 = 14;
pub(crate) const REST: u8 = 15;
/// A part of a message: its body begins with whether more follow, and a byte that counts nothing.
pub(crate) const PART: u8 = 16;
/// Acknowledges `refers` and all before it.
pub(crate) const UP_TO: u8 = 17;
/// It cannot be encoded, and not be parsed.
pub(crate) const BROKEN: u8 = 0xff;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) kind: u8,
    pub(crate) sequence: u16,
    pub(crate) refers: u16,
    pub(crate) body: Vec<u8>,
}

pub(crate) fn note(kind: u8, body: &[u8]) -> Note {
    Note { kind, sequence: 0, refers: 0, body: body.to_vec() }
}

/// As the peer sends it.
pub(crate) fn wire(kind: u8, refers: u16, body: &[u8]) -> Vec<u8> {
    let mut out = BytesMut::new();
    Note { kind, sequence: 0, refers, body: body.to_vec() }.encode(&mut out).unwrap();
    out.to_vec()
}

/// Every whole frame of a stream.
pub(crate) fn notes(mut bytes: &[u8]) -> Vec<Note> {
    let mut found = Vec::new();
    while let Some(len) = bytes.first_chunk().map(|len| usize::from(u16::from_be_bytes(*len))) {
        let Some(frame) = bytes.get(..len) else { break };
        found.push(Note::decode(frame).unwrap());
        bytes = &bytes[len..];
    }
    found
}

impl Wire for Note {
    type Context = ();
    type Fill = ();
    const MIN_LEN: usize = 7;
    const MAX_LEN: Option<usize> = Some(4_096);
    const FIXED_LEN: Option<usize> = None;
    const SCHEMA: &'static Schema = &Schema::structure("Note", &[]);

    fn encoded_len_in(&self, _: Scope<'_>, (): &()) -> usize {
        7 + self.body.len()
    }

    fn encode_in(
        &self,
        out: &mut BytesMut,
        (): &(),
        _: Scope<'_>,
        (): &(),
    ) -> Result<(), EncodeError> {
        if self.kind == BROKEN {
            return Err(EncodeError::Invalid { field: "Note.kind", value: 0xff });
        }
        out.put_u16(u16::try_from(7 + self.body.len()).unwrap());
        out.put_u8(self.kind);
        out.put_u16(self.sequence);
        out.put_u16(self.refers);
        out.extend_from_slice(&self.body);
        Ok(())
    }
}

impl<'a> Parse<'a> for Note {
    fn parse_in(
        input: &'a [u8],
        _: Scope<'_>,
        (): &(),
    ) -> nom::IResult<&'a [u8], Self, DecodeError> {
        match input {
            [_, _, kind, s0, s1, r0, r1, body @ ..] if *kind != BROKEN => {
                let sequence = u16::from_be_bytes([*s0, *s1]);
                let refers = u16::from_be_bytes([*r0, *r1]);
                Ok((&[], Self { kind: *kind, sequence, refers, body: body.to_vec() }))
            }
            _ => Err(nom::Err::Error(DecodeError::new(Fault::Invalid, 0, input))),
        }
    }
}

impl Frame for Note {
    type Border = Progress;
    const MAX_FRAME_LEN: usize = 4_096;
    const MIN_FRAME_LEN: usize = 7;
    const RESYNC: Resync = Resync::Magic;

    fn probe(progress: &mut Progress, (): &(), buffer: &[u8]) -> Probe {
        length(progress, &Limits::of::<Self>(), buffer, 2, |header| {
            let len = header.first_chunk().map_or(0, |len| u16::from_be_bytes(*len));
            total(u64::from(len), 1, 0)
        })
    }
}

impl Roles for Note {
    fn sequence(&self) -> Option<u64> {
        Some(u64::from(self.sequence))
    }
    fn set_sequence(&mut self, sequence: u64) -> bool {
        self.sequence = u16::try_from(sequence & 0xffff).unwrap();
        true
    }
    fn sequence_bits(&self) -> u32 {
        16
    }
    fn replies_to(&self) -> Option<u64> {
        (self.kind == REPLY).then_some(u64::from(self.refers))
    }
    fn acknowledges(&self) -> Option<u64> {
        (self.kind == ACKNOWLEDGEMENT).then_some(u64::from(self.refers))
    }
    fn only_acknowledges(&self) -> bool {
        self.kind == ACKNOWLEDGEMENT
    }
    fn is_heartbeat(&self) -> bool {
        self.kind == ALIVE
    }
    fn is_heartbeat_reply(&self) -> bool {
        self.kind == ALIVE_TOO
    }
    fn is_acknowledged(&self) -> bool {
        self.kind == SURE
    }
    fn fragment_index(&self) -> Option<u64> {
        self.body.first().filter(|_| self.kind == FRAGMENT).map(|index| u64::from(*index))
    }
    fn fragment_total(&self) -> Option<u64> {
        self.body.get(1).filter(|_| self.kind == FRAGMENT).map(|total| u64::from(*total))
    }
    fn fragment_more(&self) -> Option<bool> {
        self.body.first().filter(|_| self.kind == PART).map(|more| *more != 0)
    }
    fn heartbeat() -> Option<Self> {
        Some(note(ALIVE, b""))
    }
}

/// A handshake of the test's own.
pub(crate) type Handshake =
    for<'a> fn(
        &'a mut Script<Note, Note>,
    ) -> Pin<Box<dyn Future<Output = Result<Established, Refusal>> + Send + 'a>>;

/// Logs in with a password; counts on `WELCOME`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Player {
    pub(crate) established: Established,
    pub(crate) restored: Vec<Note>,
    /// Answers `ALIVE` with `ALIVE_TOO` and `SURE` with an acknowledgement.
    pub(crate) answers: bool,
    /// No handshake at all.
    pub(crate) open: bool,
    /// Frames have no keys, and everything but a question of the peer's is answered in order.
    pub(crate) keyless: bool,
    /// Numbers have 8 bits.
    pub(crate) narrow: bool,
    /// The peer acknowledges `ALIVE`.
    pub(crate) alive_awaits: bool,
    /// Instead of the password.
    pub(crate) login: Option<Handshake>,
    /// The kinds of the frames that `follow` saw, with `>` where they were sent.
    pub(crate) followed: Arc<Mutex<Vec<(char, u8)>>>,
}

impl Player {
    pub(crate) fn open() -> Self {
        Self { open: true, ..Self::default() }
    }
}

impl Protocol for Player {
    type Outgoing = Note;
    type Incoming = Note;
    type View<'a> = Note;

    async fn handshake(&mut self, script: &mut Script<Note, Note>) -> Result<Established, Refusal> {
        if let Some(login) = self.login {
            return login(script).await;
        }
        if self.open {
            return Ok(self.established.clone());
        }
        script.send(note(LOGIN, b"secret"));
        match script.receive().await?.kind {
            WELCOME => Ok(self.established.clone()),
            WRONG => Err(Refusal::Fatal("wrong password".into())),
            _ => Err(Refusal::Transient("busy".into())),
        }
    }

    fn acknowledge(&mut self, received: &Note) -> Option<Note> {
        let kind = match received.kind {
            ALIVE if self.answers => ALIVE_TOO,
            SURE if self.answers => ACKNOWLEDGEMENT,
            HALF => return Some(Note { refers: received.refers, ..note(REST, b"") }),
            _ => return None,
        };
        Some(Note { refers: received.sequence, ..note(kind, b"") })
    }

    fn classify(&self, received: &Note) -> Inbound {
        let mut inbound = received.inbound();
        match received.kind {
            GOODBYE => {
                inbound.is = Meaning::Goodbye(Refusal::Transient("server restarts".into()));
            }
            BEFORE | UP_TO => {
                let key = Key(u64::from(received.refers));
                let acknowledges = Some(match received.kind {
                    BEFORE => Acknowledges::Before(key),
                    _ => Acknowledges::UpTo(key),
                });
                inbound = Inbound { acknowledges, is: Meaning::Nothing, counted: false };
            }
            NEXT => inbound.is = Meaning::NextReply,
            HALF => {
                inbound.acknowledges = Some(Acknowledges::Half(Key(u64::from(received.refers))));
                inbound.is = Meaning::Nothing;
            }
            _ => {}
        }
        inbound
    }

    fn stamp(&mut self, frame: &mut Note, sequence: u64) -> Option<Key> {
        let sequence = if self.narrow { sequence & 0xff } else { sequence };
        if self.keyless || !frame.set_sequence(sequence) {
            return None;
        }
        frame.sequence().map(Key)
    }

    fn awaits(&self, sent: &Note) -> Awaits {
        let alive = self.alive_awaits && sent.is_heartbeat();
        match sent.is_acknowledged() || self.keyless || alive {
            true => Awaits::Acknowledgement,
            false => Awaits::Nothing,
        }
    }

    fn restore(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.restored)
    }

    fn follow(&mut self, seen: Seen<'_, '_, Self>, _: &mut Contexts<Self>) {
        let passed = match seen {
            Seen::Received(note) => ('<', note.kind),
            Seen::Sent(note) => ('>', note.kind),
        };
        lock(&self.followed).push(passed);
    }

    fn join(&mut self, parts: Vec<Note>) -> Result<Note, Vec<Note>> {
        if parts.iter().any(|part| part.body.get(2) == Some(&b'!')) {
            return Err(parts);
        }
        let body = parts.iter().flat_map(|part| part.body.get(2..).unwrap_or_default());
        Ok(note(CHAT, &body.copied().collect::<Vec<_>>()))
    }

    fn goodbye(&mut self) -> Option<Note> {
        Some(note(GOODBYE, b""))
    }
}
