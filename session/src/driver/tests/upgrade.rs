//! A connection that is upgraded in the middle of the login.

use super::guard::{PLACE, session};
use super::*;
use crate::connect::{Connecting, Connector};
use crate::protocol::{Established, Protocol, Refusal};
use crate::script::{Script, Upgrade};
use crate::transport::{PeerAddress, Transport};

/// TLS in its role, not in its strength: each byte is turned over.
struct Turned(Box<dyn Transport>);

impl AsyncRead for Turned {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.0).poll_read(task, buffer);
        buffer.filled_mut()[before..].iter_mut().for_each(|byte| *byte = !*byte);
        polled
    }
}

impl AsyncWrite for Turned {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let turned: Vec<u8> = bytes.iter().map(|byte| !byte).collect();
        Pin::new(&mut self.0).poll_write(task, &turned)
    }
    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(task)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(task)
    }
}

impl Transport for Turned {
    fn peer_address(&self) -> PeerAddress {
        self.0.peer_address()
    }
}

/// Upgrades to [`Turned`], for the name that the script gave; refuses any other.
struct Turns(Network);

impl Connector for Turns {
    fn connect(&self, endpoint: &Endpoint, within: Duration) -> Connecting {
        self.0.connect(endpoint, within)
    }

    fn upgrade(&self, transport: Box<dyn Transport>, server_name: Option<String>) -> Connecting {
        let upgraded: Result<Box<dyn Transport>, _> = match server_name.as_deref() {
            Some("im.example") => Ok(Box::new(Turned(transport))),
            _ => Err(io::Error::from(io::ErrorKind::InvalidInput).into()),
        };
        Box::pin(async move {
            sleep(Duration::from_millis(30)).await;
            upgraded
        })
    }
}

fn start_tls(name: &'static str, network: &Network) -> (Link<Starts>, Inbox<Starts>) {
    session(Starts(name), network).connector(Turns(network.clone())).spawn()
}

/// Asks for the upgrade in the clear, and logs in under it.
#[derive(Clone, Copy)]
struct Starts(&'static str);

impl Protocol for Starts {
    type Outgoing = Note;
    type Incoming = Note;
    type View<'a> = Note;

    async fn handshake(&mut self, script: &mut Script<Note, Note>) -> Result<Established, Refusal> {
        script.send(note(QUESTION, b"STARTTLS"));
        script.receive().await?;
        let server_name = Some(self.0.to_owned());
        script.upgrade(Upgrade::Tls { server_name }).await?;
        script.send(note(LOGIN, b"secret"));
        script.receive().await?;
        Ok(Established::default())
    }
}

/// STARTTLS through the driver: all that was sent before is in the clear, all after it is not.
#[tokio::test(start_paused = true)]
async fn a_connection_is_upgraded_in_the_middle_of_the_login() {
    let network = Network::new();
    let mut listener = network.listen(PLACE);
    let (link, mut inbox) = start_tls("im.example", &network);
    let mut peer = listener.accept().await;
    assert_eq!(read_note(&mut peer).await.body, b"STARTTLS");
    peer.write_all(&wire(WELCOME, 0, b"")).await.unwrap();
    let mut frame = [0; 13];
    peer.read_exact(&mut frame).await.unwrap();
    let turned = |bytes: &[u8]| bytes.iter().map(|byte| !byte).collect::<Vec<_>>();
    let login = &notes(&turned(&frame))[0];
    assert_eq!((login.kind, login.sequence, &login.body[..]), (LOGIN, 1, &b"secret"[..]));
    peer.write_all(&turned(&wire(WELCOME, 0, b""))).await.unwrap();
    assert_eq!(link.up().await, Ok(1));
    peer.write_all(&turned(&wire(CHAT, 0, b"hidden"))).await.unwrap();
    assert_eq!(inbox.next_frame().await.unwrap().body, b"hidden");
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_fails_ends_the_attempt() {
    let network = Network::new();
    let mut listener = network.listen(PLACE);
    let (link, _inbox) = start_tls("other.example", &network);
    let mut peer = listener.accept().await;
    read_note(&mut peer).await;
    let mut watch = link.watch();
    peer.write_all(&wire(WELCOME, 0, b"")).await.unwrap();
    let cause = loop {
        if let State::Backoff { cause, .. } = watch.next().await {
            break cause;
        }
    };
    assert_eq!(cause, Cause::Upgrade);
    assert_eq!(peer.read(&mut [0; 8]).await.unwrap(), 0);
}
