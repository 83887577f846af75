//! The dialer: names, races, sources, proxies, deadlines.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[cfg(target_os = "linux")]
use longlink_session::connect::SourcePool;
use longlink_session::connect::{
    ConnectError, Connector, Dialer, Endpoint, IoError, Proxy, ProxyError, Resolver, Resolving,
};
use longlink_session::transport::{PeerAddress, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Nothing here takes long.
const WITHIN: Duration = Duration::from_secs(10);

/// Answers one list after the other, then the last one for ever; counts the questions.
#[derive(Clone)]
struct Zone {
    answers: Arc<Vec<Vec<SocketAddr>>>,
    asked: Arc<AtomicUsize>,
}

impl Zone {
    fn new(answers: Vec<Vec<SocketAddr>>) -> Self {
        Self { answers: Arc::new(answers), asked: Arc::default() }
    }
}

impl Resolver for Zone {
    fn resolve(&self, _: &str, _: u16) -> Resolving {
        let turn = self.asked.fetch_add(1, Ordering::Relaxed).min(self.answers.len() - 1);
        let answer = self.answers[turn].clone();
        Box::pin(async move { Ok(answer) })
    }
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// An address at which nothing listens any more.
async fn nobody() -> SocketAddr {
    listener().await.1
}

async fn echo_once(mut transport: Box<dyn Transport>) -> Vec<u8> {
    transport.write_all(b"ping").await.unwrap();
    transport.shutdown().await.unwrap();
    let mut echoed = Vec::new();
    transport.read_to_end(&mut echoed).await.unwrap();
    echoed
}

fn spawn_echo(listener: TcpListener) {
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                let _ = tokio::io::copy(&mut read, &mut write).await;
            });
        }
    });
}

/// The museum: names resolved once and kept, so that a peer that has moved is never found again.
#[tokio::test]
async fn museum_stale_dns_is_impossible_because_each_attempt_asks_again() {
    let (listener, moved_to) = listener().await;
    spawn_echo(listener);
    let gone = nobody().await;
    let zone = Zone::new(vec![vec![gone], vec![moved_to]]);
    let dialer = Dialer::new().resolver(zone.clone());
    let endpoint = Endpoint::from("moved.example:6656");

    let refused = IoError::from(&dial(&dialer, &endpoint).await.unwrap_err_socket(gone));
    assert_eq!(refused.kind, io::ErrorKind::ConnectionRefused);
    let transport = dialer.connect(&endpoint, WITHIN).await.unwrap();
    assert_eq!(transport.peer_address(), PeerAddress::Tcp(moved_to));
    assert_eq!(echo_once(transport).await, b"ping");
    assert_eq!(zone.asked.load(Ordering::Relaxed), 2);
}

/// The result of one attempt, without the transport, which has no `Debug`.
struct Dialed(Result<(), ConnectError>);

async fn dial(dialer: &Dialer, endpoint: &Endpoint) -> Dialed {
    Dialed(dialer.connect(endpoint, WITHIN).await.map(drop))
}

impl Dialed {
    fn unwrap_err_socket(self, address: SocketAddr) -> io::Error {
        match self.0 {
            Err(ConnectError::Unreachable { attempts }) => {
                assert_eq!(attempts.len(), 1);
                assert_eq!(attempts[0].0, address);
                attempts[0].1.code.map_or(attempts[0].1.kind.into(), io::Error::from_raw_os_error)
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_second_address_serves_when_the_first_refuses() {
    let (listener, good) = listener().await;
    spawn_echo(listener);
    let dialer = Dialer::new().resolver(Zone::new(vec![vec![nobody().await, good]]));
    let transport = dialer.connect(&Endpoint::from("two.example:1"), WITHIN).await.unwrap();
    assert_eq!(transport.peer_address(), PeerAddress::Tcp(good));
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_read_is_fatal() {
    let result = dial(&Dialer::new(), &Endpoint::from("nowhere")).await.0;
    let error = result.unwrap_err();
    assert_eq!(error, ConnectError::Endpoint { text: "nowhere".into() });
    assert!(error.is_fatal());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn connections_come_from_the_pool_of_sources_by_turns() {
    let (listener, address) = listener().await;
    let sources = ["127.0.0.2", "::1", "127.0.0.3"].map(|text| text.parse().unwrap());
    let dialer = Dialer::new().sources(SourcePool::new(sources));
    let mut seen = Vec::new();
    for _ in 0..3 {
        let (connected, accepted) =
            tokio::join!(dialer.connect(&Endpoint::from(address), WITHIN), listener.accept());
        connected.map(drop).unwrap();
        seen.push(accepted.unwrap().1.ip().to_string());
    }
    assert_eq!(seen, ["127.0.0.2", "127.0.0.3", "127.0.0.2"]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_source_that_this_machine_lacks_is_passed_over() {
    let (listener, address) = listener().await;
    // 192.0.2.0/24 is for documentation (RFC 5737), so no machine has it.
    let sources = ["192.0.2.77", "127.0.0.4"].map(|text| text.parse().unwrap());
    let dialer = Dialer::new().sources(SourcePool::new(sources));
    let (connected, accepted) =
        tokio::join!(dialer.connect(&Endpoint::from(address), WITHIN), listener.accept());
    connected.map(drop).unwrap();
    assert_eq!(accepted.unwrap().1.ip().to_string(), "127.0.0.4");

    let dialer = Dialer::new().sources(SourcePool::new([sources[0]]));
    let error = dial(&dialer, &Endpoint::from(address)).await.unwrap_err_socket(address);
    assert_eq!(error.kind(), io::ErrorKind::AddrNotAvailable);
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_is_reached_by_its_path() {
    let path = std::env::temp_dir().join(format!("longlink-{}.socket", std::process::id()));
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let endpoint = Endpoint::from(format!("unix:{}", path.display()));
    let dialer = Dialer::new();
    let (connected, accepted) = tokio::join!(dialer.connect(&endpoint, WITHIN), listener.accept());
    let mut server = accepted.unwrap().0;
    connected.unwrap().write_all(b"hi").await.unwrap();
    let mut received = String::new();
    server.read_to_string(&mut received).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(received, "hi");
    let error = dial(&dialer, &endpoint).await.0.unwrap_err();
    assert!(matches!(error, ConnectError::Socket(IoError { kind: io::ErrorKind::NotFound, .. })));
}

/// A proxy that answers `answers` in turn, each after it has heard something, then connects
/// through to `target` and keeps what it heard.
fn spawn_proxy(
    listener: TcpListener,
    answers: &'static [&'static [u8]],
    target: SocketAddr,
) -> Arc<Mutex<Vec<Vec<u8>>>> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let kept = heard.clone();
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        for answer in answers {
            let mut buffer = [0; 1024];
            let len = client.read(&mut buffer).await.unwrap();
            kept.lock().unwrap().push(buffer[..len].to_vec());
            client.write_all(answer).await.unwrap();
        }
        let mut server = TcpStream::connect(target).await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
    });
    heard
}

#[tokio::test]
async fn a_socks5_proxy_carries_the_connection() {
    let ((echo, target), (gate, at)) = (listener().await, listener().await);
    spawn_echo(echo);
    let answers: &[&[u8]] = &[&[5, 0], &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]];
    let heard = spawn_proxy(gate, answers, target);
    // The peer's name is unknown here: only the proxy resolves it.
    let dialer = Dialer::new().proxy(Proxy::socks5(at));
    let transport = dialer.connect(&Endpoint::from("far.invalid:7"), WITHIN).await.unwrap();
    assert_eq!(transport.peer_address(), PeerAddress::Tcp(at));
    assert_eq!(echo_once(transport).await, b"ping");
    let request = [&[5, 1, 0, 3, 11][..], b"far.invalid", &[0, 7]].concat();
    assert_eq!(*heard.lock().unwrap(), [vec![5, 1, 0], request]);
}

#[tokio::test]
async fn an_http_proxy_carries_the_connection() {
    let ((echo, target), (gate, at)) = (listener().await, listener().await);
    spawn_echo(echo);
    let heard = spawn_proxy(gate, &[b"HTTP/1.1 200 OK\r\n\r\n"], target);
    let dialer = Dialer::new().proxy(Proxy::http_connect(at));
    let transport = dialer.connect(&Endpoint::from("far.invalid:7"), WITHIN).await.unwrap();
    assert_eq!(echo_once(transport).await, b"ping");
    let request = b"CONNECT far.invalid:7 HTTP/1.1\r\nHost: far.invalid:7\r\n\r\n".to_vec();
    assert_eq!(*heard.lock().unwrap(), [request]);
}

#[tokio::test]
async fn what_a_proxy_refuses_is_said() {
    let (gate, at) = listener().await;
    let target = nobody().await;
    spawn_proxy(gate, &[&[5, 0], &[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]], target);
    let dialer = Dialer::new().proxy(Proxy::socks5(at));
    let error = dial(&dialer, &Endpoint::from("far.invalid:7")).await.0.unwrap_err();
    assert_eq!(error, ConnectError::Proxy(ProxyError::Refused { reply: 5 }));
    assert_eq!(error.to_string(), "the proxy answers 0x05: connection refused");
}
