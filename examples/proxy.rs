//! A link through a proxy: SOCKS5 and HTTP CONNECT, with and without a password.
//!
//! ```text
//! cargo run --example proxy                                           with a proxy of its own
//! cargo run --example proxy -- socks5 127.0.0.1:1080 time.example.com:3700
//! cargo run --example proxy -- connect 127.0.0.1:3128 time.example.com:3700
//! ```
//!
//! The name of the target is resolved by the proxy, not here. A link through a proxy is a link like
//! any other: it reconnects, and a proxy that refuses for good ends it.
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

use std::error::Error;
use std::time::{Duration, Instant};

use longlink::session::connect::{Dialer, Endpoint, Proxy};
use longlink::session::{Flow, Handler, Listener, Plain, Reply, Session};
use longlink::testkit::Gate;
use longlink::{Auto, Frame, Wire};

/// Two bytes of length, a number that the answer repeats, and what is said.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 64)]
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
    Ping,
    #[wire(tag = 2)]
    Pong {
        #[wire(role = replies_to)]
        question: u32,
    },
}

#[derive(Clone)]
struct Server;

impl Handler<Plain<Message>> for Server {
    fn frame(&mut self, message: Message, reply: &Reply<Plain<Message>>) -> Flow {
        if message.body == Body::Ping {
            // The session keeps a place free for it.
            drop(reply.send(Message::new(0, Body::Pong { question: message.number })));
        }
        Flow::Go
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["socks5", proxy, target] => {
            ping("socks5", Proxy::socks5(proxy), target.into()).await;
        }
        ["connect", proxy, target] => {
            ping("connect", Proxy::http_connect(proxy), target.into()).await;
        }
        [] => all().await?,
        _ => return Err("usage: proxy [socks5|connect PROXY TARGET]".into()),
    }
    Ok(())
}

/// One server, two proxies, five ways.
async fn all() -> Result<(), Box<dyn Error>> {
    let listener = Listener::bind("127.0.0.1:0").await?;
    // A name, for the proxy to resolve.
    let target = Endpoint::tcp("localhost", listener.local_addr()?.port());
    let serving = listener.serve(|_| Plain::default(), Server);

    let gate = Gate::start().await?;
    let guarded = Gate::with_password("anna", "opensesame").await?;
    let (open, shut) = (gate.address(), guarded.address());
    for (what, proxy) in [
        ("socks5", Proxy::socks5(open)),
        ("connect", Proxy::http_connect(open)),
        ("socks5 with a password", Proxy::socks5(shut).credentials("anna", "opensesame")),
        ("connect with a password", Proxy::http_connect(shut).credentials("anna", "opensesame")),
        ("socks5 with a wrong one", Proxy::socks5(shut).credentials("anna", "guess")),
    ] {
        ping(what, proxy, target.clone()).await;
    }
    println!("the open proxy passed    {}", gate.passed().join(", "));
    println!("the guarded one passed   {}", guarded.passed().join(", "));
    drop(serving);
    Ok(())
}

/// Sends one ping through the proxy, and says how it went.
async fn ping(what: &str, proxy: Proxy, target: Endpoint) {
    let (link, _) = Session::builder(Plain::<Message>::make)
        .name(what)
        .endpoint(target)
        .connector(Dialer::new().proxy(proxy))
        .spawn();
    let asked = Instant::now();
    match link.request(Message::new(0, Body::Ping)).await {
        Ok(_) => println!("{what:<24} answered after {:.1?}", asked.elapsed()),
        Err(_) => println!("{what:<24} {}", link.state()),
    }
    link.drain(Duration::from_secs(1)).await;
}
