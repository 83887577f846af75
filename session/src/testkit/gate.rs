//! A proxy that speaks both languages, for tests and examples.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::connect::proxy::http::base64;
use crate::lock::lock;

/// A proxy on a port of the loopback interface that the system picks. It speaks SOCKS5 (RFC 1928,
/// passwords as RFC 1929) and HTTP CONNECT (RFC 9110 §9.3.6), whichever a client begins with, and
/// passes everything on to where the client asks. Dropping it cuts all connections.
///
/// ```no_run
/// # mod longlink { pub use longlink_session as session; }
/// # async fn example() -> std::io::Result<()> {
/// use longlink::session::connect::{Dialer, Proxy};
/// use longlink::session::testkit::Gate;
///
/// let gate = Gate::start().await?;
/// let dialer = Dialer::new().proxy(Proxy::socks5(gate.address()));
/// // connect something through it, then:
/// println!("{:?}", gate.passed());
/// # Ok(())
/// # }
/// ```
pub struct Gate {
    address: SocketAddr,
    passed: Arc<Mutex<Vec<String>>>,
    _accepting: JoinSet<()>,
}

impl Gate {
    /// A gate for everybody.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub async fn start() -> io::Result<Self> {
        Self::guarded(None).await
    }

    /// One that asks for this name and this password.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub async fn with_password(name: &str, password: &str) -> io::Result<Self> {
        Self::guarded(Some((name.to_owned(), password.to_owned()))).await
    }

    async fn guarded(guard: Option<(String, String)>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let passed = Arc::default();
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, Arc::new(guard), Arc::clone(&passed)));
        Ok(Self { address, passed, _accepting: accepting })
    }

    /// Where clients connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Which way each connection went, in the order of their begin: `socks5 host:port` or
    /// `connect host:port`.
    #[must_use]
    pub fn passed(&self) -> Vec<String> {
        lock(&self.passed).clone()
    }
}

type Guard = Option<(String, String)>;

async fn accept(listener: TcpListener, guard: Arc<Guard>, passed: Arc<Mutex<Vec<String>>>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let (guard, passed) = (guard.clone(), passed.clone());
        connections.spawn(async move {
            // However one connection ends, the others go on.
            let _ = pass(BufReader::new(client), &guard, &passed).await;
        });
    }
}

async fn pass(
    mut client: BufReader<TcpStream>,
    guard: &Guard,
    passed: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let is_socks = client.fill_buf().await?.first() == Some(&5);
    let asked = if is_socks {
        socks5(&mut client, guard).await?
    } else {
        connect(&mut client, guard).await?
    };
    let Some(target) = asked else { return Ok(()) };
    let language = if is_socks { "socks5" } else { "connect" };
    lock(passed).push(format!("{language} {target}"));
    let reached = TcpStream::connect(target.as_str()).await;
    let answer: &[u8] = match (is_socks, reached.is_ok()) {
        (true, true) => &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        // Connection refused, RFC 1928 §6.
        (true, false) => &[5, 5, 0, 1, 0, 0, 0, 0, 0, 0],
        (false, true) => b"HTTP/1.1 200 Connection established\r\n\r\n",
        (false, false) => b"HTTP/1.1 502 Bad Gateway\r\n\r\n",
    };
    client.write_all(answer).await?;
    let mut server = reached?;
    tokio::io::copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// Greeting, password if there is one, request. `None`: turned away.
async fn socks5(client: &mut BufReader<TcpStream>, guard: &Guard) -> io::Result<Option<String>> {
    let methods = client.read_u16().await? & 0xff;
    let mut offered = vec![0; usize::from(methods)];
    client.read_exact(&mut offered).await?;
    let wanted = if guard.is_some() { 2 } else { 0 };
    if !offered.contains(&wanted) {
        client.write_all(&[5, 0xff]).await?;
        return Ok(None);
    }
    client.write_all(&[5, wanted]).await?;
    if let Some((name, password)) = guard {
        client.read_u8().await?;
        let given = (counted(client).await?, counted(client).await?);
        let right = given == (name.clone(), password.clone());
        client.write_all(&[1, u8::from(!right)]).await?;
        if !right {
            return Ok(None);
        }
    }
    // Version, command, a reserved byte.
    client.read_exact(&mut [0; 3]).await?;
    let host = match client.read_u8().await? {
        1 => std::net::Ipv4Addr::from(client.read_u32().await?).to_string(),
        4 => format!("[{}]", std::net::Ipv6Addr::from(client.read_u128().await?)),
        _ => counted(client).await?,
    };
    Ok(Some(format!("{host}:{}", client.read_u16().await?)))
}

/// A byte that counts, and so many bytes of text.
async fn counted(client: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut text = vec![0; usize::from(client.read_u8().await?)];
    client.read_exact(&mut text).await?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The request line and its headers. `None`: turned away.
async fn connect(client: &mut BufReader<TcpStream>, guard: &Guard) -> io::Result<Option<String>> {
    let (mut target, mut given) = (None, None);
    loop {
        let mut line = String::new();
        // A client that never ends its line cannot take more than this.
        client.take(4_096).read_line(&mut line).await?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        match line.split_once(' ') {
            Some(("CONNECT", rest)) => {
                target = rest.split(' ').next().map(str::to_owned);
            }
            Some((name, value)) if name.eq_ignore_ascii_case("proxy-authorization:") => {
                given = value.strip_prefix("Basic ").map(str::to_owned);
            }
            _ => {}
        }
    }
    let wanted =
        guard.as_ref().map(|(name, password)| base64(format!("{name}:{password}").as_bytes()));
    if wanted.is_some() && wanted != given {
        client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await?;
        return Ok(None);
    }
    Ok(target)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::connect::{ConnectError, Connector, Dialer, Endpoint, Proxy, ProxyError};

    /// One server that sends back what it hears, and how it is reached through `proxy`.
    async fn ask(proxy: Proxy) -> Result<Vec<u8>, ConnectError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = Endpoint::from(listener.local_addr().unwrap());
        let dialer = Dialer::new().proxy(proxy);
        let echo = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = [0; 4];
            stream.read_exact(&mut heard).await.unwrap();
            stream.write_all(&heard).await.unwrap();
            std::future::pending::<()>().await;
        };
        let asked = async {
            let mut stream = dialer.connect(&target, Duration::from_secs(10)).await?;
            stream.write_all(b"ping").await.unwrap();
            let mut heard = vec![0; 4];
            stream.read_exact(&mut heard).await.unwrap();
            Ok(heard)
        };
        tokio::select! {
            asked = asked => asked,
            () = echo => unreachable!("it waits for ever"),
        }
    }

    #[tokio::test]
    async fn both_languages_are_spoken_with_and_without_a_password() {
        let open = Gate::start().await.unwrap();
        let guarded = Gate::with_password("anna", "opensesame").await.unwrap();
        let (here, there) = (open.address(), guarded.address());
        for proxy in [
            Proxy::socks5(here),
            Proxy::http_connect(here),
            Proxy::socks5(there).credentials("anna", "opensesame"),
            Proxy::http_connect(there).credentials("anna", "opensesame"),
        ] {
            assert_eq!(ask(proxy).await, Ok(b"ping".to_vec()));
        }
        let ways = |gate: &Gate| {
            let passed = gate.passed().into_iter();
            passed.map(|way| way.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(ways(&open), ["socks5", "connect"]);
        assert_eq!(ways(&guarded), ["socks5", "connect"]);
    }

    #[tokio::test]
    async fn a_wrong_password_is_turned_away() {
        let guarded = Gate::with_password("anna", "opensesame").await.unwrap();
        let address = guarded.address();
        for proxy in [
            Proxy::socks5(address).credentials("anna", "guess"),
            Proxy::http_connect(address).credentials("anna", "guess"),
            Proxy::http_connect(address),
            Proxy::socks5(address),
        ] {
            assert_eq!(ask(proxy).await, Err(ConnectError::Proxy(ProxyError::Credentials)));
        }
        assert_eq!(guarded.passed(), Vec::<String>::new());
    }
}
