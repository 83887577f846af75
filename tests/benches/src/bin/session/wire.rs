//! The frames of all rows, and how each side gets onto the wire.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream as Blocking;

use bytes::BytesMut;
use longlink::session::protocol::{Established, Inbound, Key, Meaning, Protocol, Refusal};
use longlink::session::script::Script;
use longlink::session::session::{Builder, Session};
use longlink::session::settings::Heartbeat;
use longlink::{Auto, Bytes, Frame, Wire};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_util::codec::LengthDelimitedCodec;

pub type Failure = Box<dyn Error>;

/// One way: so long is every frame.
pub const FRAME: usize = 137;
/// There and back.
pub const ECHO: usize = 64;
/// What is read, written and queued at once.
pub const BATCH: usize = 64 * 1024;
/// Length and sequence.
const HEAD: usize = 8;

/// Length of all, sequence, any bytes.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 64 * 1024, resync = close)]
pub struct Piece {
    #[wire(length_of = ..)]
    length: Auto<u32>,
    #[wire(role = sequence)]
    pub sequence: u32,
    #[wire(rest)]
    pub payload: Bytes,
}

/// The same in place.
#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(endian = big, view_of = Piece)]
pub struct PieceView<'a> {
    #[wire(length_of = ..)]
    length: Auto<u32>,
    #[wire(role = sequence)]
    pub sequence: u32,
    #[wire(rest)]
    pub payload: &'a [u8],
}

/// A piece of so many bytes on the wire; the payload is shared, not copied.
pub fn piece(payload: &Bytes) -> Piece {
    Piece::new(0, payload.clone())
}

pub fn payload(len: usize) -> Bytes {
    Bytes::from(vec![9; len - HEAD])
}

/// A frame as those without longlink write it.
pub fn raw(len: usize) -> Vec<u8> {
    let mut frame = vec![9; len];
    frame[..4].copy_from_slice(&(len as u32).to_be_bytes());
    frame
}

/// What a client says first to those who count: a frame with a number.
pub fn hello(number: u64) -> Vec<u8> {
    let mut frame = raw(HEAD + 8);
    frame[HEAD..].copy_from_slice(&number.to_be_bytes());
    frame
}

/// A connection that has said it.
pub fn blocking(port: u16, hello: &[u8]) -> Result<Blocking, Failure> {
    let mut stream = Blocking::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    stream.write_all(hello)?;
    Ok(stream)
}

/// The same under tokio.
pub async fn connected(port: u16, hello: &[u8]) -> Result<TcpStream, Failure> {
    use tokio::io::AsyncWriteExt;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    stream.write_all(hello).await?;
    Ok(stream)
}

/// The server's only word: all has come.
pub const DONE: [u8; HEAD] = [0, 0, 0, 8, 0, 0, 0, 0];

pub fn done(stream: &mut Blocking) -> Result<(), Failure> {
    Ok(stream.read_exact(&mut [0; DONE.len()])?)
}

/// The border of all frames as tokio-util has it.
pub fn border() -> LengthDelimitedCodec {
    LengthDelimitedCodec::builder()
        .length_field_length(4)
        .length_adjustment(-4)
        .max_frame_length(64 * 1024)
        .new_codec()
}

/// On one thread, or on two.
pub fn runtime(threads: bool) -> Result<Runtime, Failure> {
    let mut builder = match threads {
        true => tokio::runtime::Builder::new_multi_thread(),
        false => tokio::runtime::Builder::new_current_thread(),
    };
    Ok(builder.worker_threads(2).enable_all().build()?)
}

/// Sends pieces; says first how many bytes or frames there will be.
pub struct Counted(pub Option<u64>);

impl Protocol for Counted {
    type Outgoing = Piece;
    type Incoming = Piece;
    type View<'a> = PieceView<'a>;

    async fn handshake(
        &mut self,
        script: &mut Script<Piece, Piece>,
    ) -> Result<Established, Refusal> {
        if let Some(number) = self.0 {
            script.send(Piece::new(0, Bytes::copy_from_slice(&number.to_be_bytes())));
        }
        Ok(Established::default())
    }
}

/// The same for an inbox, which keeps frames: there is nothing to view in place.
pub struct Kept(pub u64);

impl Protocol for Kept {
    type Outgoing = Piece;
    type Incoming = Piece;
    type View<'a> = Piece;

    async fn handshake(
        &mut self,
        script: &mut Script<Piece, Piece>,
    ) -> Result<Established, Refusal> {
        script.send(Piece::new(0, Bytes::copy_from_slice(&self.0.to_be_bytes())));
        Ok(Established::default())
    }
}

/// Asks; what comes back is the reply of that sequence.
pub struct Asking;

impl Protocol for Asking {
    type Outgoing = Piece;
    type Incoming = Piece;
    type View<'a> = Piece;

    async fn handshake(&mut self, _: &mut Script<Piece, Piece>) -> Result<Established, Refusal> {
        Ok(Established::default())
    }

    fn classify(&self, received: &Piece) -> Inbound {
        let is = Meaning::Reply(Key(received.sequence.into()));
        Inbound { is, counted: false, ..Inbound::default() }
    }
}

/// With the defaults of everybody, but no heartbeat: the servers here know none.
pub fn session<P: Protocol>(port: u16, make: impl Fn() -> P + Send + Sync + 'static) -> Builder<P> {
    let make = move || std::future::ready(Ok(make()));
    Session::builder(make)
        .endpoint(format!("127.0.0.1:{port}").as_str())
        .heartbeat(Heartbeat::off())
}

/// A frame as the yardsticks encode it.
pub fn put(frame: &mut BytesMut, payload: &[u8]) {
    use bytes::BufMut;
    frame.put_u32((payload.len() + 4) as u32);
    frame.put_slice(payload);
}
