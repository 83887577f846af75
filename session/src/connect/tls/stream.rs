//! A TLS stream as a transport.

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
