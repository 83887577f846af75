//! Mutual TLS: the server shows a certificate, and lets in only who shows one of its own authority.
//!
//! ```text
//! cargo run --features tls --example tls
//! ```
//!
//! The certificates are made for the occasion. In real life they come from files: see
//! `Identity::from_pem` and `Trust::Pem`, or `Trust::System` for public servers.
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

use std::error::Error;
use std::time::Duration;

use longlink::session::connect::Dialer;
use longlink::session::connect::tls::{Identity, ServerTls, Tls, Trust};
use longlink::session::{Flow, Handler, Listener, Plain, Reply, Session, State};
use longlink::{Auto, Frame, Wire};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// Two bytes of length, a number that the answer repeats, and what is said.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 256)]
pub struct Message {
    #[wire(length_of = ..)]
    length: Auto<u16>,
    #[wire(tag_of = body)]
    kind: Auto<u8>,
    #[wire(role = sequence)]
    number: u32,
    body: Body,
}

#[derive(Debug, Clone, PartialEq, Wire)]
pub enum Body {
    #[wire(tag = 1)]
    WhoAmI,
    #[wire(tag = 2)]
    YouAre {
        #[wire(role = replies_to)]
        question: u32,
        #[wire(prefix = u16)]
        name: String,
    },
}

/// Knows a peer by the certificate that it has proven to own.
#[derive(Clone)]
struct Doorkeeper;

impl Handler<Plain<Message>> for Doorkeeper {
    fn frame(&mut self, message: Message, reply: &Reply<Plain<Message>>) -> Flow {
        if message.body == Body::WhoAmI {
            let name = "somebody with a certificate of ours".to_owned();
            let body = Body::YouAre { question: message.number, name };
            // The session keeps a place free for it.
            drop(reply.send(Message::new(0, body)));
        }
        Flow::Go
    }
}

/// A private authority, as an operator of devices has one.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Result<Self, rcgen::Error> {
        let mut parameters = CertificateParams::new(Vec::new())?;
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Ok(Self(CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)?))
    }

    fn trust(&self) -> Trust {
        Trust::Pem(self.0.pem().into_bytes())
    }

    /// A certificate for `name`, and its key.
    fn identity(&self, name: &str) -> Result<Identity, Box<dyn Error>> {
        let key = KeyPair::generate()?;
        let certificate =
            CertificateParams::new(vec![name.to_owned()])?.signed_by(&key, &self.0)?;
        Ok(Identity::from_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes())?)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let authority = Authority::new()?;
    let tls = ServerTls::mutual(&authority.identity("im.example.com")?, &authority.trust())?;
    let listener = Listener::bind("127.0.0.1:0").tls(tls).await?;
    let address = listener.local_addr()?;
    let serving = listener.serve(
        |peer| {
            println!("server: {} is let in, {} certificate", peer.address, peer.certificates.len());
            Plain::default()
        },
        Doorkeeper,
    );

    // The address is no name in the certificate, so the name is said.
    let known = Tls::with_identity(&authority.trust(), &authority.identity("device-7")?)?;
    let dialer = Dialer::new().tls(known.server_name("im.example.com")?);
    let (link, _) = Session::builder(Plain::<Message>::make)
        .name("device-7")
        .endpoint(address)
        .connector(dialer)
        .spawn();
    let answer = link.request(Message::new(0, Body::WhoAmI)).await?;
    if let Body::YouAre { name, .. } = answer.body {
        println!("device-7: I am {name}");
    }
    link.drain(Duration::from_secs(1)).await;

    for (name, tls) in [
        ("nobody", Tls::new(&authority.trust())?.server_name("im.example.com")?),
        ("too-careful", Tls::new(&Authority::new()?.trust())?.server_name("im.example.com")?),
    ] {
        println!("{name}: {}", refused(name, address, Dialer::new().tls(tls)).await);
    }
    drop(serving);
    Ok(())
}

/// Why a client is not let in, or does not let itself in.
async fn refused(name: &str, address: std::net::SocketAddr, dialer: Dialer) -> String {
    let (link, _) = Session::builder(Plain::<Message>::make)
        .name(name)
        .endpoint(address)
        .connector(dialer)
        .spawn();
    // With TLS 1.3 a client is done before the server has looked at its certificate: it may be up for
    // a moment, and is then turned away.
    let mut watch = link.watch();
    loop {
        if let State::Backoff { cause, .. } = watch.next().await {
            return cause.to_string();
        }
    }
}
