//! The other end of all rows, a process of its own: five services, none of them a session.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpSocket;
use tokio_util::codec::Framed;

use crate::wire::{BATCH, DONE, ECHO, FRAME, Failure, border, raw, runtime};

/// Where what listens.
#[derive(Clone, Copy, Default)]
pub struct Ports {
    /// 64 bytes come back; a blocking thread for each connection.
    pub echo: u16,
    /// Frames come back; tasks with `Framed` on one thread.
    pub framed: u16,
    /// Counts as many bytes as the first frame says, then says `DONE`.
    pub sink: u16,
    /// Sends as many frames as the first frame says, 64 KiB at a time.
    pub source: u16,
    /// Publishes to a broker of MQTT, of which the first frame says the port and how often.
    pub flood: u16,
    /// A broker of MQTT; 0: there is none.
    pub broker: u16,
}

impl Ports {
    pub fn text(self) -> String {
        let Self { echo, framed, sink, source, flood, broker } = self;
        format!("{echo},{framed},{sink},{source},{flood},{broker}")
    }

    pub fn parse(text: &str) -> Option<Self> {
        let ports: Vec<u16> =
            text.trim().split(',').map(|port| port.parse().ok()).collect::<Option<_>>()?;
        let [echo, framed, sink, source, flood, broker] = ports[..] else { return None };
        Some(Self { echo, framed, sink, source, flood, broker })
    }
}

/// The process; killed when it is dropped.
pub struct Server {
    pub ports: Ports,
    child: Child,
}

impl Server {
    /// `prefix`: a command that starts it on a processor of its own.
    pub fn start(prefix: &[&str]) -> Result<Self, Failure> {
        let program = std::env::current_exe()?;
        let program = program.to_str().ok_or("the path of this program")?;
        let words: Vec<&str> = prefix.iter().copied().chain([program, "--serve"]).collect();
        let mut child = Command::new(words[0]).args(&words[1..]).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let ports = Ports::parse(&line).ok_or("the server did not start")?;
        Ok(Self { ports, child })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What `--serve` does: prints the ports, and serves until it is killed.
pub fn serve() -> Result<(), Failure> {
    let ports = Ports {
        echo: service(echo)?,
        framed: framed()?,
        sink: service(sink)?,
        source: service(source)?,
        flood: service(crate::mqtt::flood)?,
        broker: 0,
    };
    println!("{}", ports.text());
    loop {
        thread::park();
    }
}

/// A thread for each connection.
fn service(answer: fn(TcpStream) -> io::Result<()>) -> Result<u16, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream));
        }
    });
    Ok(port)
}

fn echo(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut frame = [0; ECHO];
    loop {
        stream.read_exact(&mut frame)?;
        stream.write_all(&frame)?;
    }
}

/// The number of the first frame.
pub fn number(stream: &mut TcpStream) -> io::Result<u64> {
    let mut frame = [0; 16];
    stream.read_exact(&mut frame)?;
    Ok(u64::from_be_bytes(frame[8..].try_into().expect("eight bytes are eight bytes")))
}

fn sink(mut stream: TcpStream) -> io::Result<()> {
    let mut left = number(&mut stream)?;
    let mut buffer = vec![0; BATCH];
    while left > 0 {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            count => left = left.saturating_sub(count as u64),
        }
    }
    stream.write_all(&DONE)?;
    stream.read(&mut buffer).map(drop)
}

fn source(mut stream: TcpStream) -> io::Result<()> {
    let mut left = number(&mut stream)?;
    let together = (BATCH / FRAME) as u64;
    let frames = raw(FRAME).repeat(BATCH / FRAME);
    while left > 0 {
        let count = left.min(together);
        stream.write_all(&frames[..count as usize * FRAME])?;
        left -= count;
    }
    stream.read(&mut [0]).map(drop)
}

fn framed() -> Result<u16, Failure> {
    let runtime = runtime(false)?;
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    let listener = {
        let _entered = runtime.enter();
        socket.listen(4_096)?
    };
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        runtime.block_on(async {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => drop(tokio::spawn(echo_frames(stream))),
                    // Out of descriptors: those that leave make room.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        })
    });
    Ok(port)
}

async fn echo_frames(stream: tokio::net::TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut wire = Framed::new(stream, border());
    while let Some(frame) = wire.next().await {
        wire.send(frame?.freeze()).await?;
    }
    Ok(())
}
