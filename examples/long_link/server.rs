//! A server of the protocol, with bad habits on request. It uses the codec alone.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use longlink::{BytesMut, Decoder, Wire};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};

use crate::message::{Body, Message, proof};

/// What the server does to its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Good,
    /// Writes byte by byte.
    Drips,
    /// Holds ten messages back and writes them at once.
    Glues,
    /// Writes bytes that are no message.
    Garbage,
    /// Keeps the connections open, and neither reads nor writes.
    Silent,
    /// Closes all connections.
    Closes,
    /// Closes all connections and the port.
    Down,
}

/// What the server has heard, for the final table.
#[derive(Debug, Default)]
pub struct Ear {
    /// How often each confirmed line of chat arrived.
    pub said: HashMap<u64, u32>,
    pub whispered: HashMap<u64, u32>,
}

/// The server's handle.
#[derive(Clone)]
pub struct Server {
    pub address: SocketAddr,
    pub ear: Arc<Mutex<Ear>>,
    mood: Arc<watch::Sender<Mood>>,
}

struct Hall {
    ear: Arc<Mutex<Ear>>,
    chat: broadcast::Sender<(u64, String)>,
    mood: watch::Receiver<Mood>,
}

impl Server {
    /// Listens; port 0 for any.
    pub async fn start(address: &str) -> io::Result<Server> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (mood, seen) = watch::channel(Mood::Good);
        let ear = Arc::new(Mutex::new(Ear::default()));
        let (chat, _) = broadcast::channel(256);
        let hall = Arc::new(Hall { ear: ear.clone(), chat, mood: seen });
        tokio::spawn(accept(listener, address, hall));
        Ok(Server { address, ear, mood: Arc::new(mood) })
    }

    pub fn become_(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }
}

/// Accepts while the server is not down; binds the same port again after that.
async fn accept(listener: TcpListener, address: SocketAddr, hall: Arc<Hall>) {
    let mut mood = hall.mood.clone();
    let mut listener = Some(listener);
    loop {
        if *mood.borrow_and_update() == Mood::Down {
            listener = None;
            if mood.changed().await.is_err() {
                return;
            }
            continue;
        }
        let Some(open) = &listener else {
            match TcpListener::bind(address).await {
                Ok(again) => listener = Some(again),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
            continue;
        };
        tokio::select! {
            accepted = open.accept() => {
                if let Ok((stream, _)) = accepted {
                    let _ = stream.set_nodelay(true);
                    let hall = hall.clone();
                    tokio::spawn(async move {
                        // However a connection ends, the others go on.
                        let _ = Guest::new(stream, &hall).serve(&hall).await;
                    });
                }
            }
            changed = mood.changed() => if changed.is_err() { return },
        }
    }
}

/// One connection.
struct Guest {
    stream: TcpStream,
    decoder: Decoder<Message>,
    received: BytesMut,
    out: BytesMut,
    held_back: u32,
    sequence: u32,
    user: String,
    welcome: bool,
    mood: watch::Receiver<Mood>,
    chat: broadcast::Receiver<(u64, String)>,
}

/// The accounts: everybody's password is their name backwards.
fn password(user: &str) -> String {
    user.chars().rev().collect()
}

const CHALLENGE: u64 = 0x10ad_1e55_0b5e_55ed;

impl Guest {
    fn new(stream: TcpStream, hall: &Hall) -> Self {
        let mut mood = hall.mood.clone();
        // Only what happens from now on concerns this connection.
        mood.mark_unchanged();
        Self {
            stream,
            decoder: Decoder::new(),
            received: BytesMut::new(),
            out: BytesMut::new(),
            held_back: 0,
            sequence: 0,
            user: String::new(),
            welcome: false,
            mood,
            chat: hall.chat.subscribe(),
        }
    }

    async fn serve(mut self, hall: &Hall) -> io::Result<()> {
        loop {
            tokio::select! {
                read = self.stream.read_buf(&mut self.received) => {
                    if read? == 0 {
                        return Ok(());
                    }
                    while let Some(message) = self.decoder.decode(&mut self.received) {
                        let Ok(message) = message else { return Ok(()) };
                        self.answer(message, hall);
                    }
                }
                said = self.chat.recv() => {
                    if let Ok((id, text)) = said && self.welcome {
                        self.say(Body::Push { id, text });
                    }
                }
                changed = self.mood.changed() => {
                    if changed.is_err() || !self.feel().await? {
                        return Ok(());
                    }
                }
            }
            self.write().await?;
        }
    }

    /// The mood has changed. `false`: the connection ends.
    async fn feel(&mut self) -> io::Result<bool> {
        let mood = *self.mood.borrow_and_update();
        match mood {
            Mood::Closes | Mood::Down => Ok(false),
            Mood::Garbage => {
                self.stream.write_all(&[0xff; 64]).await?;
                Ok(true)
            }
            Mood::Silent => std::future::pending().await,
            Mood::Good | Mood::Drips | Mood::Glues => Ok(true),
        }
    }

    fn say(&mut self, body: Body) {
        let message = Message::new(self.sequence, body);
        self.sequence = self.sequence.wrapping_add(1);
        self.held_back += 1;
        // Nothing that this server says is too large for its field.
        let _ = message.encode(&mut self.out);
    }

    async fn write(&mut self) -> io::Result<()> {
        let mood = *self.mood.borrow();
        if mood == Mood::Glues && self.held_back < 10 {
            return Ok(());
        }
        self.held_back = 0;
        let bytes = self.out.split();
        if mood != Mood::Drips {
            return self.stream.write_all(&bytes).await;
        }
        for byte in &bytes {
            self.stream.write_all(&[*byte]).await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    fn answer(&mut self, message: Message, hall: &Hall) {
        let sequence = message.sequence;
        match message.body {
            Body::Alive => self.say(Body::AliveToo),
            Body::First { user } => {
                self.user = user;
                self.say(Body::FirstAnswer { challenge: CHALLENGE });
            }
            Body::Second { proof: given } => {
                let accepted = given == proof(&password(&self.user), CHALLENGE);
                self.say(Body::SecondAnswer { accepted: u8::from(accepted) });
            }
            Body::Third { .. } => self.welcome = true,
            Body::Say { id, text } if self.welcome => {
                *hear(hall).said.entry(id).or_default() += 1;
                self.say(Body::Heard { sequence });
                let _ = hall.chat.send((id, format!("{}: {text}", self.user)));
            }
            Body::Whisper { id, .. } if self.welcome => {
                *hear(hall).whispered.entry(id).or_default() += 1;
            }
            Body::Ask { number } if self.welcome => {
                self.say(Body::Answer { sequence, square: number.wrapping_mul(number) });
            }
            _ => {}
        }
    }
}

fn hear(hall: &Hall) -> std::sync::MutexGuard<'_, Ear> {
    hall.ear.lock().unwrap_or_else(PoisonError::into_inner)
}
