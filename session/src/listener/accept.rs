//! Where connections come from.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::task::{Context, Poll};

use socket2::{Domain, Socket, Type};
use tokio::net::TcpListener;

use crate::testkit::NetworkListener;
use crate::transport::{PeerAddress, SocketOptions, Transport};

/// A source of accepted connections: a TCP or Unix socket, the test kit's network, or the user's.
pub trait Accept: Send + 'static {
    /// The next connection. An error is one connection's (it was reset while it waited) or the
    /// system's (out of descriptors); accepting goes on after it.
    fn poll_accept(&mut self, task: &mut Context<'_>) -> Poll<io::Result<Box<dyn Transport>>>;

    /// Where it listens.
    fn local_address(&self) -> PeerAddress {
        PeerAddress::Unknown
    }
}

/// A listening TCP socket that sets its options on each connection.
pub(super) struct TcpAccept {
    listener: TcpListener,
    options: SocketOptions,
}

/// Listens at the first address of `host` that is free.
pub(super) async fn tcp(
    host: &str,
    port: u16,
    backlog: u32,
    options: &SocketOptions,
) -> io::Result<TcpAccept> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in tokio::net::lookup_host((host, port)).await? {
        match listen(address, backlog) {
            Ok(listener) => return Ok(TcpAccept { listener, options: options.clone() }),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn listen(address: SocketAddr, backlog: u32) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A server that is started again takes its port over from connections in TIME-WAIT. On Windows
    // the option means something else, and is not needed.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
    TcpListener::from_std(socket.into())
}

#[cfg(unix)]
pub(super) fn unix(path: &Path) -> io::Result<Box<dyn Accept>> {
    Ok(Box::new(tokio::net::UnixListener::bind(path)?))
}

#[cfg(not(unix))]
pub(super) fn unix(_: &Path) -> io::Result<Box<dyn Accept>> {
    Err(io::ErrorKind::Unsupported.into())
}

impl Accept for TcpAccept {
    fn poll_accept(&mut self, task: &mut Context<'_>) -> Poll<io::Result<Box<dyn Transport>>> {
        self.listener.poll_accept(task).map(|accepted| {
            let (stream, _) = accepted?;
            self.options.apply(&stream)?;
            Ok(Box::new(stream) as Box<dyn Transport>)
        })
    }

    fn local_address(&self) -> PeerAddress {
        self.listener.local_addr().map_or(PeerAddress::Unknown, PeerAddress::Tcp)
    }
}

#[cfg(unix)]
impl Accept for tokio::net::UnixListener {
    fn poll_accept(&mut self, task: &mut Context<'_>) -> Poll<io::Result<Box<dyn Transport>>> {
        Self::poll_accept(self, task)
            .map(|accepted| Ok(Box::new(accepted?.0) as Box<dyn Transport>))
    }

    fn local_address(&self) -> PeerAddress {
        self.local_addr().map_or(PeerAddress::Unknown, |address| {
            PeerAddress::Unix(address.as_pathname().map(Path::to_path_buf))
        })
    }
}

impl Accept for NetworkListener {
    fn poll_accept(&mut self, task: &mut Context<'_>) -> Poll<io::Result<Box<dyn Transport>>> {
        Self::poll_accept(self, task).map(|accepted| Ok(Box::new(accepted) as Box<dyn Transport>))
    }
}
