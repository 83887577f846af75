//! What a session logs, with which fields, and what it never logs.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use longlink::session::State;
use longlink::session::event::{Event, Fatal};
use longlink::session::inbox::Inbox;
use longlink::session::link::Link;
use longlink::session::listener::{Limits, Listener};
use longlink::session::protocol::{Established, Protocol, Refusal};
use longlink::session::script::Script;
use longlink::session::session::Session;
use longlink::session::settings::{FrameLog, Settings};
use longlink::testkit::Network;
use longlink::{Auto, BytesMut, Frame, Wire};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tracing::field::{Field, Visit};
use tracing::{Subscriber, span};

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 256, resync = close)]
struct Message {
    #[wire(length_of = ..)]
    length: Auto<u16>,
    #[wire(tag_of = body)]
    command: Auto<u8>,
    #[wire(role = sequence)]
    sequence: u16,
    body: Body,
}

#[derive(Debug, Clone, PartialEq, Wire)]
enum Body {
    #[wire(tag = 1)]
    Login {
        #[wire(prefix = u8)]
        user: String,
        #[wire(prefix = u8, secret)]
        password: String,
    },
    #[wire(tag = 2)]
    Welcome {
        #[wire(secret)]
        token: u64,
    },
    #[wire(tag = 3)]
    Chat {
        #[wire(prefix = u8)]
        text: String,
    },
}

struct Player;

impl Protocol for Player {
    type Outgoing = Message;
    type Incoming = Message;
    type View<'a> = Message;

    async fn handshake(
        &mut self,
        script: &mut Script<Message, Message>,
    ) -> Result<Established, Refusal> {
        let (user, password) = ("anna".to_owned(), "hunter2!".to_owned());
        script.send(Message::new(0, Body::Login { user, password }));
        script.receive().await?;
        let identity = Some("account 7".into());
        Ok(Established { identity, ..Established::default() })
    }
}

/// Writes each event, and each new span, as one line.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<String>>);

struct Fields<'s>(&'s mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.0, " \"{value:?}\""),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("longlink_session")
    }
    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let mut lines = self.0.lock().unwrap();
        let _ = write!(lines, "SPAN {}", attributes.metadata().name());
        attributes.record(&mut Fields(&mut lines));
        lines.push('\n');
        span::Id::from_u64(1)
    }
    fn event(&self, event: &tracing::Event<'_>) {
        let mut lines = self.0.lock().unwrap();
        let _ = write!(lines, "{}", event.metadata().level());
        event.record(&mut Fields(&mut lines));
        lines.push('\n');
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

fn bytes(sequence: u16, body: Body) -> BytesMut {
    let mut bytes = BytesMut::new();
    Message::new(sequence, body).encode(&mut bytes).unwrap();
    bytes
}

/// A login, a line of chat each way, and a frame that is cut inside of its secret.
async fn life(frame_log: FrameLog) -> String {
    let lines = Lines::default();
    let _subscribed = tracing::subscriber::set_default(lines.clone());
    let network = Network::new();
    let mut listener = network.listen("server:1");
    let (link, mut inbox) = Session::builder(|| std::future::ready(Ok(Player)))
        .name("player-7")
        .endpoint("server:1")
        .settings(Settings { frame_log, ..Settings::default() })
        .connector(network)
        .seed(1)
        .spawn();
    let mut peer = listener.accept().await;
    let mut login = [0; 20];
    peer.read_exact(&mut login[..19]).await.unwrap();
    peer.write_all(&bytes(0, Body::Welcome { token: 0x5ec2_e770_6be7_7777 })).await.unwrap();
    assert!(matches!(inbox.next().await, Some(Event::Up { .. })));
    link.send(Message::new(0, Body::Chat { text: "hi".into() })).await.unwrap().outcome().await;
    peer.write_all(&bytes(1, Body::Chat { text: "hello".into() })).await.unwrap();
    inbox.next_frame().await.unwrap();
    // A password whose length lies: 8 bytes are there, 200 are announced.
    let (user, password) = ("eve".to_owned(), "hunter2!".to_owned());
    let mut bad = bytes(2, Body::Login { user, password });
    bad[9] = 200;
    peer.write_all(&bad).await.unwrap();
    while !matches!(inbox.next().await, Some(Event::Down { .. })) {}
    link.drain(Duration::from_secs(1)).await;
    let text = lines.0.lock().unwrap().clone();
    for secret in ["hunter2", "unter2!", "68 75 6e", "68756e", "104, 117", "e7 70 6b", "e7706b"] {
        assert!(!text.contains(secret), "`{secret}` in\n{text}");
    }
    assert!(!text.contains(&0x5ec2_e770_6be7_7777_u64.to_string()), "{text}");
    text
}

#[tokio::test]
async fn frames_are_logged_as_text_without_their_secrets() {
    let text = life(FrameLog::Text).await;
    let frames: Vec<&str> = text.lines().filter(|line| line.starts_with("TRACE")).collect();
    assert_eq!(
        frames,
        [
            "TRACE \"Message{length=19 command=1 sequence=0 body=Login{user=\\\"anna\\\" \
             password=•••}}\" session=\"player-7\" epoch=1 direction=\"sent\" len=19 sequence=0"
                .replace("\\\"", "\""),
            "TRACE \"Message{length=13 command=2 sequence=0 body=Welcome{token=•••}}\" \
             session=\"player-7\" epoch=1 direction=\"received\" len=13 sequence=0"
                .to_owned(),
            "TRACE \"Message{length=8 command=3 sequence=1 body=Chat{text=\"hi\"}}\" \
             session=\"player-7\" epoch=1 direction=\"sent\" len=8 sequence=1"
                .to_owned(),
            "TRACE \"Message{length=11 command=3 sequence=1 body=Chat{text=\"hello\"}}\" \
             session=\"player-7\" epoch=1 direction=\"received\" len=11 sequence=1"
                .to_owned(),
            "TRACE \"Message{length=18 command=1 sequence=2 body=Login{user=\"eve\" \
             password=•••}} malformed: Message.body.Login.password at byte 10: the bytes ended \
             before the field did\" session=\"player-7\" epoch=1 direction=\"received\" len=18"
                .to_owned(),
        ]
    );
}

#[tokio::test]
async fn heads_are_logged_without_text_and_nothing_is_by_default() {
    let heads = life(FrameLog::Heads).await;
    let first = heads.lines().find(|line| line.starts_with("TRACE"));
    assert_eq!(
        first,
        Some("TRACE \"a frame\" session=\"player-7\" epoch=1 direction=\"sent\" len=19 sequence=0")
    );
    assert!(!heads.contains("anna"), "{heads}");
    let off = life(FrameLog::Off).await;
    assert!(!off.contains("TRACE"), "{off}");
}

/// The client is told for good that it may not come in; for the server that is daily business.
#[tokio::test(start_paused = true)]
async fn who_is_refused_logs_an_error_and_who_refuses_does_not() {
    /// Both ends; the one that dials speaks first.
    struct Strict {
        dials: bool,
    }
    impl Protocol for Strict {
        type Outgoing = Message;
        type Incoming = Message;
        type View<'a> = Message;

        async fn handshake(
            &mut self,
            script: &mut Script<Message, Message>,
        ) -> Result<Established, Refusal> {
            let hello = || Message::new(0, Body::Chat { text: "let me in".into() });
            if self.dials {
                script.send(hello());
            }
            script.receive().await?;
            if !self.dials {
                script.send(hello());
            }
            Err(Refusal::Fatal("no entry".into()))
        }
    }
    let lines = Lines::default();
    let _subscribed = tracing::subscriber::set_default(lines.clone());
    let network = Network::new();
    let listener = Listener::over(network.listen("server:1"), Limits::default());
    let serving = listener
        .serve_each(|_| (Strict { dials: false }, async |_: Link<Strict>, _: Inbox<Strict>| {}));
    let (link, _inbox) = Session::builder(|| std::future::ready(Ok(Strict { dials: true })))
        .name("guest")
        .endpoint("server:1")
        .connector(network)
        .spawn();
    assert!(matches!(link.ended().await, State::Failed(Fatal::Refused(_))));
    serving.drain(Duration::from_secs(1)).await;
    let text = lines.0.lock().unwrap().clone();
    let ends =
        text.lines().filter(|line| line.contains("failed for good") && !line.starts_with("DEBUG"));
    let mut levels: Vec<_> = ends.map(|line| (&line[..5], line.contains("=guest"))).collect();
    levels.sort_unstable();
    assert_eq!(levels, [("ERROR", true), ("INFO ", false)], "{text}");
}

#[tokio::test]
async fn the_life_of_a_session_can_be_followed_by_its_name() {
    let text = life(FrameLog::Off).await;
    let shown: Vec<&str> = text.lines().filter(|line| line.contains("player-7")).collect();
    let first = [
        "DEBUG \"awaits its permit to dial\" session=player-7 epoch=0 state=\"await_permit\"",
        "DEBUG \"connects\" session=player-7 epoch=0 state=\"connecting\"",
        "DEBUG \"connecting\" session=player-7 endpoint=server:1",
        "DEBUG \"logs in, step 0\" session=player-7 epoch=1 state=\"handshaking\"",
    ];
    assert_eq!(shown.get(..4), Some(&first[..]), "{text}");
    assert!(shown[4].starts_with("SPAN epoch session=player-7 epoch=1 peer=memory:"), "{text}");
    for line in [
        "DEBUG \"up, epoch 1\" session=player-7 epoch=1 state=\"up\"",
        "INFO \"up\" session=player-7 epoch=1 resumed=false identity=\"account 7\"",
        "INFO \"down: not the protocol: the bytes ended before the field did\" session=player-7 \
         epoch=1 cause=\"protocol\"",
        "INFO \"closed: on request\" session=player-7",
        "INFO \"drained\" session=\"player-7\" acknowledged=0 written=0 not_sent=0 uncertain=0 \
         dropped=0",
    ] {
        assert!(shown.contains(&line), "{line}\nin\n{text}");
    }
    assert!(text.contains("< 11 bytes, sequence 1\n"), "{text}");
}
