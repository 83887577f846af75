//! Real TLS handshakes with certificates made for the occasion.

use std::time::Duration;

use longlink_session::connect::tls::{Identity, ServerTls, Tls, TlsError, Trust, rustls};
use longlink_session::connect::{ConnectError, Connector, Dialer, Endpoint};
use longlink_session::transport::{Memory, PeerAddress, Transport};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::{AlertDescription, CertificateError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A private authority.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(name: &str) -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(parameters, key).unwrap())
    }

    fn trust(&self) -> Trust {
        Trust::Pem(self.0.pem().into_bytes())
    }

    /// An identity for `name`, and its certificate in DER.
    fn identity(&self, name: &str) -> (Identity, Vec<u8>) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()])
            .unwrap()
            .signed_by(&key, &self.0)
            .unwrap();
        let identity =
            Identity::from_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes());
        (identity.unwrap(), certificate.der().to_vec())
    }
}

type Side = Result<Box<dyn Transport>, ConnectError>;

/// Both sides of a handshake in memory.
async fn handshake(client: &Tls, server: &ServerTls, host: &str) -> (Side, Side) {
    let (near, far) = Memory::pair(16 * 1024);
    let server = server.server(Box::new(far));
    tokio::join!(client.client(Box::new(near), host), server)
}

fn tls_error(side: Side) -> TlsError {
    match side.map(drop) {
        Err(ConnectError::Tls(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_dialed_connection_is_encrypted_and_ends_cleanly() {
    let authority = Authority::new("only");
    let (identity, certificate) = authority.identity("localhost");
    let server_tls = ServerTls::new(&identity).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serve = async {
        let (stream, _) = listener.accept().await.unwrap();
        let mut transport = server_tls.server(Box::new(stream)).await.unwrap();
        let mut received = Vec::new();
        transport.read_to_end(&mut received).await.unwrap();
        transport.write_all(&received).await.unwrap();
        transport.shutdown().await.unwrap();
        transport.certificates()
    };
    let dial = async {
        let tls = Tls::new(&authority.trust()).unwrap().server_name("localhost").unwrap();
        let dialer = Dialer::new().tls(tls);
        let mut transport =
            dialer.connect(&Endpoint::from(address), Duration::from_secs(10)).await.unwrap();
        assert_eq!(transport.peer_address(), PeerAddress::Tcp(address));
        assert_eq!(transport.certificates(), std::slice::from_ref(&certificate));
        transport.write_all(b"secret").await.unwrap();
        transport.shutdown().await.unwrap();
        let mut echoed = Vec::new();
        transport.read_to_end(&mut echoed).await.unwrap();
        echoed
    };
    let (client_certificates, echoed) = tokio::join!(serve, dial);
    assert_eq!(echoed, b"secret");
    assert_eq!(client_certificates, Vec::<Vec<u8>>::new());
}

#[tokio::test]
async fn mutual_tls_tells_the_server_who_the_client_is() {
    let (servers, clients) = (Authority::new("first"), Authority::new("second"));
    let (server_identity, _) = servers.identity("im.example");
    let (client_identity, client_certificate) = clients.identity("player-7");
    let server = ServerTls::mutual(&server_identity, &clients.trust()).unwrap();
    let client = Tls::with_identity(&servers.trust(), &client_identity).unwrap();
    let (near, far) = handshake(&client, &server, "im.example").await;
    assert_eq!(far.unwrap().certificates(), [client_certificate]);
    near.map(drop).unwrap();
}

#[tokio::test]
async fn mutual_tls_refuses_a_client_without_a_certificate() {
    let (servers, clients) = (Authority::new("first"), Authority::new("second"));
    let (server_identity, _) = servers.identity("im.example");
    let server = ServerTls::mutual(&server_identity, &clients.trust()).unwrap();
    let client = Tls::new(&servers.trust()).unwrap();
    let (near, far) = handshake(&client, &server, "im.example").await;
    assert_eq!(tls_error(far), TlsError::Rustls(rustls::Error::NoCertificatesPresented));
    // TLS 1.3 (RFC 8446 §2): the client is done before the server has judged its certificate; it
    // learns of the alert at its first read.
    let error = near.unwrap().read(&mut [0; 1]).await.unwrap_err();
    let expected = rustls::Error::AlertReceived(AlertDescription::CertificateRequired);
    assert_eq!(TlsError::from(&error), TlsError::Rustls(expected));
}

#[tokio::test]
async fn an_unknown_authority_and_a_wrong_name_are_refused() {
    let (authority, stranger) = (Authority::new("first"), Authority::new("second"));
    let (identity, _) = authority.identity("im.example");
    let server = ServerTls::new(&identity).unwrap();

    let client = Tls::new(&stranger.trust()).unwrap();
    let (near, far) = handshake(&client, &server, "im.example").await;
    let unknown = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
    assert_eq!(tls_error(near), TlsError::Rustls(unknown));
    let alert = rustls::Error::AlertReceived(AlertDescription::UnknownCA);
    assert_eq!(tls_error(far), TlsError::Rustls(alert));

    let client = Tls::new(&authority.trust()).unwrap();
    let (near, _) = handshake(&client, &server, "other.example").await;
    match tls_error(near) {
        TlsError::Rustls(rustls::Error::InvalidCertificate(
            CertificateError::NotValidForNameContext { presented, .. },
        )) => assert_eq!(presented, [r#"DnsName("im.example")"#]),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_peer_that_speaks_no_tls_is_told_apart_from_one_that_leaves() {
    let authority = Authority::new("only");
    let client = Tls::new(&authority.trust()).unwrap();
    let (near, mut far) = Memory::pair(4096);
    far.write_all(b"220 ready when you are\r\n").await.unwrap();
    let error = tls_error(client.client(Box::new(near), "im.example").await);
    assert!(matches!(error, TlsError::Rustls(rustls::Error::InvalidMessage(_))), "{error:?}");

    let (near, far) = Memory::pair(4096);
    drop(far);
    let error = tls_error(client.client(Box::new(near), "im.example").await);
    assert!(matches!(error, TlsError::Socket(_)), "{error:?}");
}

#[tokio::test]
async fn what_is_no_certificate_key_or_name_is_refused_before_connecting() {
    let authority = Authority::new("only");
    let (_, near) = Memory::pair(64);
    let none = Trust::Pem(b"not PEM".to_vec());
    assert_eq!(Tls::new(&none).map(drop), Err(TlsError::NoCertificate));
    let pem = authority.0.pem();
    assert_eq!(Identity::from_pem(pem.as_bytes(), b"").map(drop), Err(TlsError::NoKey));
    let client = Tls::new(&authority.trust()).unwrap();
    let error = tls_error(client.client(Box::new(near), "not a name").await);
    assert_eq!(error, TlsError::Name { name: "not a name".into() });
}
