//! TLS by rustls, for both sides, also in the middle of a connection (STARTTLS).

mod stream;

use std::fmt;
use std::io;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

pub use tokio_rustls::rustls;

use super::Connecting;
use super::error::{ConnectError, IoError};
use crate::transport::Transport;

/// The client's side of TLS 1.3 and 1.2.
///
/// ```no_run
/// # mod longlink { pub use longlink_session as session; }
/// use longlink::session::connect::{Dialer, tls::{Identity, Tls, Trust}};
///
/// // Against a server with a certificate that the system trusts:
/// let dialer = Dialer::new().tls(Tls::new(&Trust::System)?);
///
/// // Mutual TLS with a private authority:
/// let identity = Identity::from_pem(&std::fs::read("me.pem")?, &std::fs::read("me.key")?)?;
/// let trust = Trust::Pem(std::fs::read("authority.pem")?);
/// let dialer = Dialer::new().tls(Tls::with_identity(&trust, &identity)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Tls {
    config: Arc<ClientConfig>,
    name: Option<ServerName<'static>>,
}

impl Tls {
    /// Verifies the server against `trust` and shows it no certificate.
    ///
    /// # Errors
    ///
    /// When `trust` holds no usable certificate.
    pub fn new(trust: &Trust) -> Result<Self, TlsError> {
        let config = client_builder()?.with_root_certificates(trust.roots()?).with_no_client_auth();
        Ok(Self::from_config(Arc::new(config)))
    }

    /// Verifies the server against `trust` and shows it `identity` if it asks.
    ///
    /// # Errors
    ///
    /// When `trust` holds no usable certificate, or the key does not fit the certificate.
    pub fn with_identity(trust: &Trust, identity: &Identity) -> Result<Self, TlsError> {
        let config = client_builder()?
            .with_root_certificates(trust.roots()?)
            .with_client_auth_cert(identity.chain.clone(), identity.key.clone_key())?;
        Ok(Self::from_config(Arc::new(config)))
    }

    /// Everything as rustls itself is told: other verifiers, ALPN, session tickets.
    #[must_use]
    pub fn from_config(config: Arc<ClientConfig>) -> Self {
        Self { config, name: None }
    }

    /// Expects the certificate to be for `name` rather than for the endpoint's host.
    ///
    /// # Errors
    ///
    /// When `name` is neither a DNS name nor an address.
    pub fn server_name(mut self, name: &str) -> Result<Self, TlsError> {
        self.name = Some(server_name(name)?);
        Ok(self)
    }

    /// Starts TLS as the client over `transport`; the next byte in either direction belongs to it.
    /// `host` is whose certificate is expected, unless [`server_name`](Self::server_name) says
    /// otherwise.
    #[must_use]
    pub fn client(&self, transport: Box<dyn Transport>, host: &str) -> Connecting {
        let (tls, host) = (self.clone(), host.to_owned());
        Box::pin(async move { tls.connect(transport, &host).await })
    }

    pub(super) async fn connect<T: Transport>(
        &self,
        transport: T,
        host: &str,
    ) -> Result<Box<dyn Transport>, ConnectError> {
        let name = match &self.name {
            Some(name) => name.clone(),
            None => server_name(host)?,
        };
        let connector = TlsConnector::from(self.config.clone());
        match connector.connect(name, transport).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(TlsError::from(&error).into()),
        }
    }
}

/// The server's side of TLS 1.3 and 1.2.
#[derive(Clone)]
pub struct ServerTls {
    config: Arc<ServerConfig>,
}

impl ServerTls {
    /// Shows `identity` and asks the client for nothing.
    ///
    /// # Errors
    ///
    /// When the key does not fit the certificate.
    pub fn new(identity: &Identity) -> Result<Self, TlsError> {
        let config = server_builder()?
            .with_no_client_auth()
            .with_single_cert(identity.chain.clone(), identity.key.clone_key())?;
        Ok(Self::from_config(Arc::new(config)))
    }

    /// Shows `identity` and refuses clients without a certificate that `clients` vouches for
    /// (mutual TLS). [`Transport::certificates`] then tells who a client is.
    ///
    /// # Errors
    ///
    /// When the key does not fit the certificate, or `clients` holds no usable certificate.
    pub fn mutual(identity: &Identity, clients: &Trust) -> Result<Self, TlsError> {
        let roots = Arc::new(clients.roots()?);
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider())
            .build()
            .map_err(|_| TlsError::NoCertificate)?;
        let config = server_builder()?
            .with_client_cert_verifier(verifier)
            .with_single_cert(identity.chain.clone(), identity.key.clone_key())?;
        Ok(Self::from_config(Arc::new(config)))
    }

    /// Everything as rustls itself is told.
    #[must_use]
    pub fn from_config(config: Arc<ServerConfig>) -> Self {
        Self { config }
    }

    /// Starts TLS as the server over `transport`; the next byte in either direction belongs to it.
    #[must_use]
    pub fn server(&self, transport: Box<dyn Transport>) -> Connecting {
        let acceptor = TlsAcceptor::from(self.config.clone());
        Box::pin(async move {
            match acceptor.accept(transport).await {
                Ok(stream) => Ok(Box::new(stream) as Box<dyn Transport>),
                Err(error) => Err(TlsError::from(&error).into()),
            }
        })
    }
}

/// Whose certificates are believed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Trust {
    /// The authorities that the operating system trusts.
    System,
    /// The authorities in this PEM text.
    Pem(Vec<u8>),
}

impl Trust {
    fn roots(&self) -> Result<RootCertStore, TlsError> {
        let certificates: Vec<CertificateDer<'static>> = match self {
            Self::System => rustls_native_certs::load_native_certs().certs,
            Self::Pem(text) => certificates(text)?,
        };
        let mut roots = RootCertStore::empty();
        let (added, _unusable) = roots.add_parsable_certificates(certificates);
        if added == 0 {
            return Err(TlsError::NoCertificate);
        }
        Ok(roots)
    }
}

/// A certificate, the chain above it, and its private key.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads the chain (leaf first) and the key (PKCS#8, PKCS#1 or SEC1) from PEM text.
    ///
    /// # Errors
    ///
    /// When there is no certificate or no key in the text.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::NoKey)?;
        Ok(Self { chain: certificates(chain)?, key })
    }
}

impl fmt::Debug for Identity {
    /// Never shows the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("certificates", &self.chain.len()).finish_non_exhaustive()
    }
}

/// Why TLS could not be set up or did not come to be.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum TlsError {
    /// There is no usable certificate where one was expected.
    NoCertificate,
    /// There is no private key where one was expected.
    NoKey,
    /// The name is neither a DNS name nor an address.
    Name {
        /// The name as it was given.
        name: Box<str>,
    },
    /// What rustls says: a certificate that is not trusted, an alert of the peer, bytes that are
    /// no TLS.
    Rustls(rustls::Error),
    /// The connection failed or ended during the handshake.
    Socket(IoError),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCertificate => f.write_str("no usable certificate"),
            Self::NoKey => f.write_str("no private key in PEM"),
            Self::Name { name } => write!(f, "`{name}` cannot be the name in a certificate"),
            Self::Rustls(error) => write!(f, "TLS failed: {error}"),
            Self::Socket(error) => write!(f, "the connection failed during TLS: {error}"),
        }
    }
}

impl std::error::Error for TlsError {}

impl From<rustls::Error> for TlsError {
    fn from(error: rustls::Error) -> Self {
        Self::Rustls(error)
    }
}

impl From<&io::Error> for TlsError {
    /// tokio-rustls wraps what rustls says in an [`io::Error`].
    fn from(error: &io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(inner) => Self::Rustls(inner.clone()),
            None => Self::Socket(IoError::from(error)),
        }
    }
}

/// Named here, so that no process-wide default has to be installed.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn client_builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, TlsError>
{
    Ok(ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?)
}

fn server_builder() -> Result<rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier>, TlsError>
{
    Ok(ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?)
}

fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    all.ok().filter(|found| !found.is_empty()).ok_or(TlsError::NoCertificate)
}

fn server_name(name: &str) -> Result<ServerName<'static>, TlsError> {
    // An address with a zone (fe80::1%3) names the machine by the address alone.
    let bare = name.split_once('%').map_or(name, |(address, _zone)| address);
    ServerName::try_from(bare.to_owned()).map_err(|_| TlsError::Name { name: name.into() })
}
