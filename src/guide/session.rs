//! A first session: declare, serve, log in, ask, send, lose the connection, come back, end.
//!
//! # The whole of it
//!
//! A protocol with a login, a heartbeat, requests by number, messages that are acknowledged, and
//! news that nobody asked for.
//!
//! ```
//! use std::time::Duration;
//!
//! use longlink::session::{
//!     Established, Event, Flow, Handler, Heartbeat, Listener, Outcome, Protocol, Refusal, Reply,
//!     Script, Session,
//! };
//! use longlink::{Auto, Frame, Wire};
//!
//! #[derive(Debug, Clone, PartialEq, Frame)]
//! #[wire(max_frame_length = 4096)]
//! struct Message {
//!     #[wire(length_of = ..)]
//!     length: Auto<u16>,
//!     #[wire(tag_of = body)]
//!     kind: Auto<u8>,
//!     /// The session counts, so everybody sends 0.
//!     #[wire(role = sequence)]
//!     number: u32,
//!     body: Body,
//! }
//!
//! #[derive(Debug, Clone, PartialEq, Wire)]
//! enum Body {
//!     /// Nothing in it is free: the session makes it by itself.
//!     #[wire(tag = 1, role = heartbeat)]
//!     Alive,
//!     #[wire(tag = 2, role = heartbeat_reply)]
//!     AliveToo,
//!     #[wire(tag = 3)]
//!     Login { #[wire(prefix = u8, secret)] password: String },
//!     #[wire(tag = 4)]
//!     Welcome { accepted: bool },
//!     #[wire(tag = 5)]
//!     Ask { root: u64 },
//!     #[wire(tag = 6)]
//!     Answer { #[wire(role = replies_to)] question: u32, square: u64 },
//!     /// Its outcome waits until the peer has acknowledged it.
//!     #[wire(tag = 7, role = acknowledged)]
//!     Say { #[wire(prefix = u16)] text: String },
//!     #[wire(tag = 8)]
//!     Heard { #[wire(role = acknowledges)] number: u32 },
//!     #[wire(tag = 9)]
//!     News { #[wire(prefix = u16)] text: String },
//! }
//!
//! impl From<Body> for Message {
//!     fn from(body: Body) -> Self {
//!         Self::new(0, body)
//!     }
//! }
//!
//! /// The client's rules: one value for each connection.
//! struct Player {
//!     password: &'static str,
//! }
//!
//! impl Protocol for Player {
//!     type Outgoing = Message;
//!     type Incoming = Message;
//!     type View<'a> = Message; // the same as `Incoming`, unless you borrow
//!
//!     async fn handshake(
//!         &mut self,
//!         script: &mut Script<Message, Message>,
//!     ) -> Result<Established, Refusal> {
//!         script.send(Body::Login { password: self.password.into() }.into());
//!         let answer = script.expect(|got| matches!(got.body, Body::Welcome { .. })).await?;
//!         match answer.body {
//!             Body::Welcome { accepted: true } => Ok(Established::default()),
//!             // Never again; `Transient` tries again after the backoff.
//!             _ => Err(Refusal::Fatal("wrong password".into())),
//!         }
//!     }
//! }
//!
//! /// The server's rules.
//! struct Host;
//!
//! impl Protocol for Host {
//!     type Outgoing = Message;
//!     type Incoming = Message;
//!     type View<'a> = Message;
//!
//!     async fn handshake(
//!         &mut self,
//!         script: &mut Script<Message, Message>,
//!     ) -> Result<Established, Refusal> {
//!         let login = script.receive().await?;
//!         let accepted = login.body == Body::Login { password: "swordfish".into() };
//!         script.send(Body::Welcome { accepted }.into());
//!         match accepted {
//!             true => Ok(Established::default()),
//!             false => Err(Refusal::Fatal("wrong password".into())),
//!         }
//!     }
//!
//!     /// What is answered unasked, after the handler has seen the frame.
//!     fn acknowledge(&mut self, received: &Message) -> Option<Message> {
//!         match received.body {
//!             Body::Alive => Some(Body::AliveToo.into()),
//!             Body::Say { .. } => Some(Body::Heard { number: received.number }.into()),
//!             _ => None,
//!         }
//!     }
//! }
//!
//! /// What the server does with frames; each connection has a clone of it.
//! #[derive(Clone)]
//! struct Room;
//!
//! impl Handler<Host> for Room {
//!     fn frame(&mut self, message: Message, reply: &Reply<Host>) -> Flow {
//!         let answer = match message.body {
//!             Body::Ask { root } => Body::Answer { question: message.number, square: root * root },
//!             Body::Say { text } => Body::News { text },
//!             _ => return Flow::Go,
//!         };
//!         // For one answer to each frame the session keeps a place free.
//!         drop(reply.send(answer.into()));
//!         Flow::Go
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let serving = Listener::bind("127.0.0.1:0").await?.serve(|_peer| Host, Room);
//!
//!     let (link, mut inbox) = Session::builder(|| async { Ok(Player { password: "swordfish" }) })
//!         .name("player-7") // in the log
//!         .endpoint(serving.local_address().to_string())
//!         .heartbeat(Heartbeat::every(Duration::from_secs(30)))
//!         .spawn();
//!
//!     // A request waits until the link is up, and for its answer.
//!     let answer = link.request(Body::Ask { root: 12 }.into()).await?;
//!     assert!(matches!(answer.body, Body::Answer { square: 144, .. }));
//!
//!     // A send has one outcome, whatever happens.
//!     let receipt = link.send(Body::Say { text: "hello".into() }.into()).await?;
//!     assert_eq!(receipt.outcome().await, Outcome::Acknowledged { epoch: 1 });
//!
//!     // Everything else comes out of the inbox, in order, until the session ends.
//!     while let Some(event) = inbox.next().await {
//!         match event {
//!             Event::Frame { frame: Message { body: Body::News { text }, .. }, .. } => {
//!                 assert_eq!(text, "hello");
//!                 link.reconnect_now(); // or pull out the cable
//!             }
//!             // Here one fetches what may have been missed, such as news.
//!             Event::Gap { from: 1, to: 2 } => break,
//!             Event::Down { cause, .. } => println!("down: {cause}"),
//!             _ => {}
//!         }
//!     }
//!
//!     // The second connection has logged in by itself, and counts anew.
//!     let answer = link.request(Body::Ask { root: 3 }.into()).await?;
//!     assert!(matches!(answer.body, Body::Answer { square: 9, .. }));
//!
//!     // The end: what is queued goes out, and the report says what became of it.
//!     let report = link.drain(Duration::from_secs(5)).await;
//!     assert!(report.complete());
//!     serving.drain(Duration::from_secs(5)).await;
//!     Ok(())
//! }
//! ```
//!
//! # `Plain`, or a protocol of your own
//!
//! [`Plain<Message>`](crate::session::Plain) is a protocol without a login that does what the roles
//! say: it numbers, matches and stays alive. `Session::builder(Plain::<Message>::make)` is all that
//! the client above would need without its login; `examples/time_server.rs` is written so.
//! Implement [`Protocol`](crate::session::Protocol) as soon as there is a login, something to
//! answer unasked, or a rule that no role says. Client and server are two protocols, since their
//! logins differ; the frame types are often the same.
//!
//! `type View<'a>` is what a handler is given. Write the same as `Incoming`; a struct with
//! `view_of = Message` borrows from the received bytes instead, so that nothing is copied.
//!
//! # Answers that repeat the number
//!
//! A request is matched by `role = sequence` in it and `role = replies_to` in its answer. Where
//! the answer has no field for that, but repeats the number where the request had it, the two
//! directions are two types. Without either, a request ends at its deadline as unanswered.
//!
//! ```
//! use longlink::session::{Flow, Handler, Listener, Plain, Reply, Session};
//! use longlink::{Auto, Frame};
//!
//! #[derive(Debug, Frame)]
//! #[wire(max_frame_length = 64)]
//! struct Question {
//!     #[wire(role = sequence)]
//!     number: u16,
//!     #[wire(length_of = text)]
//!     length: Auto<u8>,
//!     text: String,
//! }
//!
//! #[derive(Debug, Frame)]
//! #[wire(max_frame_length = 64)]
//! struct Answer {
//!     #[wire(role = replies_to)]
//!     number: u16,
//!     #[wire(length_of = text)]
//!     length: Auto<u8>,
//!     text: String,
//! }
//!
//! /// `Plain<Sent, Received>`: each side names what it sends first.
//! type Client = Plain<Question, Answer>;
//! type Server = Plain<Answer, Question>;
//!
//! #[derive(Clone)]
//! struct Loud;
//!
//! impl Handler<Server> for Loud {
//!     fn frame(&mut self, question: Question, reply: &Reply<Server>) -> Flow {
//!         drop(reply.send(Answer::new(question.number, question.text.to_uppercase())));
//!         Flow::Go
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let serving = Listener::bind("127.0.0.1:0").await?.serve(|_| Server::default(), Loud);
//! let endpoint = serving.local_address().to_string();
//! let (link, _) = Session::builder(Client::make).endpoint(endpoint).spawn();
//! assert_eq!(link.request(Question::new(0, "hello".into())).await?.text, "HELLO");
//! # Ok(())
//! # }
//! ```
//!
//! With one type for both, the server's `stamp` returns `None`, so that its numbers stay, and the
//! client's `classify` returns [`Meaning::Reply`](crate::session::Meaning) with the key of what is
//! an answer.
//!
//! # Heartbeats
//!
//! The client sends one when nothing was received, or nothing sent, for the interval, and takes the
//! peer for dead when then no byte comes within the answer deadline (10 s). So somebody must answer.
//! Unless you write `acknowledge`, a heartbeat is answered by the variant with
//! `role = heartbeat_reply`, if nothing in it is free; where you write it, as above, it answers
//! heartbeats too. In the same way a frame with `role = heartbeat` is made by the session if nothing
//! in it is free besides the number. With a field of its own, such as a time, write
//! `Protocol::heartbeat` yourself, or give the field `default = v`; the log warns when there is none
//! to send.
//!
//! # What became of a send
//!
//! `send` returns a receipt when the frame is accepted, `feed` none. Full queues make `send` wait;
//! `try_send` gives the frame back.
//!
//! | Outcome | Means | And now? |
//! |---|---|---|
//! | `Acknowledged` | the peer's acknowledgement or reply came | |
//! | `Written` | the system took all its bytes; nothing says that the peer has read them | ask for acknowledgements, if it matters |
//! | `Uncertain` | some bytes left, then the connection or the time ended | send it again, if twice does no harm; `.idempotent()` does so by itself |
//! | `NotSent` | not one byte left, and the session is over | |
//! | `Expired` | it waited longer than 30 s, or `.expires(..)` | |
//! | `Cancelled` | `link.cancel` was in time | |
//! | `Unencodable` | a value does not fit its field | mend the value |
//!
//! # States, and coming back
//!
//! `link.watch()` tells each [`State`](crate::session::State): it dials (`AwaitPermit`,
//! `Connecting`), logs in (`Handshaking`), is `Up`, waits after a failure (`Backoff`), is over
//! (`Closed`, `Failed`). A lost connection is dialed again without end, with growing waits that no
//! two clients share. What was queued goes out over the next one, in its order; what was under way
//! is settled. A `Fatal` refusal, a panic in your code, or as many failures as
//! [`Settings::attempts`](crate::session::Settings) allows end the session: `Failed`.
//!
//! Each connection is an *epoch*. `Event::Gap` says that between two of them pushes may have been
//! lost. What must be said after each login stands in `Protocol::restore` or
//! [`Link::standing`](crate::session::Link::standing): subscriptions, for example.
//!
//! # And then
//!
//! - [`Settings`](crate::session::Settings): every number with its default.
//! - [`Fleet`](crate::session::Fleet): many sessions with one inbox.
//! - [`testkit`](crate::testkit): fake peers and bad networks in memory, time that can be turned.
//! - `examples/device_hub.rs`: a server with hundreds of devices; `examples/long_link`: a link that
//!   everything happens to.
