//! A TLS stream as a transport.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::{client, server};

use crate::transport::{PeerAddress, Transport};

impl<T: Transport> Transport for client::TlsStream<T> {
    fn peer_address(&self) -> PeerAddress {
        self.get_ref().0.peer_address()
    }

    fn certificates(&self) -> Vec<Vec<u8>> {
        in_der(self.get_ref().1.peer_certificates())
    }
}

impl<T: Transport> Transport for server::TlsStream<T> {
    fn peer_address(&self) -> PeerAddress {
        self.get_ref().0.peer_address()
    }

    fn certificates(&self) -> Vec<Vec<u8>> {
        in_der(self.get_ref().1.peer_certificates())
    }
}

fn in_der(
    chain: Option<&[tokio_rustls::rustls::pki_types::CertificateDer<'static>]>,
) -> Vec<Vec<u8>> {
    chain.unwrap_or_default().iter().map(|certificate| certificate.to_vec()).collect()
}

/// A TCP stream that knows the name it was dialed by, for TLS that may come later.
pub(in crate::connect) struct Dialed {
    stream: TcpStream,
    name: Box<str>,
}

impl Dialed {
    pub(in crate::connect) fn new(stream: TcpStream, name: &str) -> Self {
        Self { stream, name: name.into() }
    }
}

impl Transport for Dialed {
    fn peer_address(&self) -> PeerAddress {
        self.stream.peer_address()
    }

    fn dialed_name(&self) -> Option<&str> {
        Some(&self.name)
    }
}

impl AsyncRead for Dialed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(task, buffer)
    }
}

impl AsyncWrite for Dialed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(task, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(task, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(task)
    }
}
