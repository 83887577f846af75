//! A small long link, for programs that measure sessions: login, heartbeat, echo; and its server,
//! which is no session.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use longlink::session::protocol::{Established, Protocol, Refusal};
use longlink::session::script::Script;
use longlink::{Auto, Bytes, BytesMut, Decoder, Frame, Wire};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

/// Length of all, command, sequence, the XOR of all before.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 64 * 1024, resync = close)]
pub struct Message {
    #[wire(length_of = ..)]
    length: Auto<u32>,
    #[wire(tag_of = body)]
    command: Auto<u16>,
    /// One more for each message of a connection.
    #[wire(role = sequence)]
    pub sequence: u32,
    /// What it says.
    pub body: Body,
    #[wire(checksum = xor8, over = ..self)]
    checksum: Auto<u8>,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Wire)]
pub enum Body {
    /// A sign of life.
    #[wire(tag = 1, role = heartbeat)]
    Alive,
    /// Its answer.
    #[wire(tag = 2, role = heartbeat_reply)]
    AliveToo,
    /// The client's first word.
    #[wire(tag = 3)]
    Login {
        /// Who it is.
        user: u64,
    },
    /// The server's answer.
    #[wire(tag = 4)]
    Welcome,
    /// Comes back as it went.
    #[wire(tag = 5)]
    Data {
        /// Any bytes.
        #[wire(rest)]
        payload: Bytes,
    },
}

impl Message {
    /// The session gives it its number.
    #[must_use]
    pub fn of(body: Body) -> Self {
        Self::new(0, body)
    }
}

/// The client's side.
pub struct Player {
    /// Who it is.
    pub user: u64,
}

impl Protocol for Player {
    type Outgoing = Message;
    type Incoming = Message;
    type View<'a> = Message;

    async fn handshake(
        &mut self,
        script: &mut Script<Message, Message>,
    ) -> Result<Established, Refusal> {
        script.send(Message::of(Body::Login { user: self.user }));
        match script.receive().await?.body {
            Body::Welcome => Ok(Established::default()),
            _ => Err(Refusal::Transient("no welcome".into())),
        }
    }
}

/// The server in a process of its own: this program with `--serve PORT`.
pub struct Server {
    /// Where it listens.
    pub port: u16,
    child: Child,
}

impl Server {
    /// On this port; 0: on a free one.
    ///
    /// # Errors
    /// It did not start.
    pub fn start(port: u16) -> io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--serve", &port.to_string()])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        BufReader::new(output).read_line(&mut line)?;
        let port = line.trim().parse().map_err(|_| io::Error::other("the server did not start"))?;
        Ok(Self { port, child })
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// The system's.
    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// What `--serve PORT` does: prints the port, and serves until it is killed.
///
/// # Errors
/// The port is taken.
pub fn serve(port: u16) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(([127, 0, 0, 1], port).into())?;
        let listener: TcpListener = socket.listen(4_096)?;
        println!("{}", listener.local_addr()?.port());
        loop {
            match listener.accept().await {
                Ok((stream, _)) => drop(tokio::spawn(answer(stream))),
                // Out of descriptors: those that leave make room.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    })
}

async fn answer(mut stream: TcpStream) -> io::Result<()> {
    // Else the end of an answer waits 40 ms for an acknowledgement that its client delays.
    stream.set_nodelay(true)?;
    let mut decoder = Decoder::<Message>::new();
    let (mut received, mut out) = (BytesMut::new(), BytesMut::new());
    loop {
        stream.readable().await?;
        received.reserve(8 * 1024);
        match stream.try_read_buf(&mut received) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error),
        }
        while let Some(Ok(message)) = decoder.decode(&mut received) {
            let body = match message.body {
                Body::Login { .. } => Body::Welcome,
                Body::Alive => Body::AliveToo,
                data @ Body::Data { .. } => data,
                Body::Welcome | Body::AliveToo => continue,
            };
            // What came in within the limits fits on its way out.
            let _ = Message::new(message.sequence, body).encode(&mut out);
        }
        stream.write_all(&out).await?;
        out.clear();
        if received.is_empty() {
            (received, out) = (BytesMut::new(), BytesMut::new());
        }
    }
}
