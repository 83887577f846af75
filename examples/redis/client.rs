//! What Redis adds to its values: the login, and which value answers what. Answers carry no keys;
//! they come in the order of the commands.

use std::sync::Arc;

use longlink::session::protocol::{
    Awaits, Contexts, Established, Inbound, Key, Meaning, Protocol, Refusal, Seen,
};
use longlink::session::script::Script;
use longlink::session::session::{Builder, Session};

use super::value::Value;

/// How a client introduces itself.
#[derive(Debug, Clone)]
pub struct Options {
    /// 2 or 3: which values the server may send.
    pub version: u8,
    /// `default`, if there is a password alone.
    pub user: Option<String>,
    pub password: Option<String>,
    /// Number of the database.
    pub database: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { version: 3, user: None, password: None, database: 0 }
    }
}

/// The rules of Redis for one connection.
pub struct Client {
    options: Arc<Options>,
    /// In version 2 a connection that subscribes gets messages in the form of answers.
    subscribes: bool,
}

/// A client of the server at `address`; `.spawn()` starts it.
pub fn client(address: &str, options: Options) -> Builder<Client> {
    let options = Arc::new(options);
    let make = move || {
        let client = Client { options: Arc::clone(&options), subscribes: false };
        std::future::ready(Ok(client))
    };
    Session::builder(make).endpoint(address)
}

/// A command out of words.
pub fn command(words: &[&str]) -> Value {
    Value::command(words.iter().map(|word| word.as_bytes()))
}

/// Commands whose answers are messages.
const SUBSCRIPTIONS: [&[u8]; 6] =
    [b"subscribe", b"psubscribe", b"ssubscribe", b"unsubscribe", b"punsubscribe", b"sunsubscribe"];

/// What a message begins with in version 2, besides those.
const MESSAGES: [&[u8]; 3] = [b"message", b"pmessage", b"smessage"];

fn is_subscription(value: &Value) -> bool {
    value.name().is_some_and(|name| SUBSCRIPTIONS.contains(&&name[..]))
}

impl Protocol for Client {
    type Outgoing = Value;
    type Incoming = Value;
    type View<'a> = Value;

    async fn handshake(
        &mut self,
        script: &mut Script<Value, Value>,
    ) -> Result<Established, Refusal> {
        let Options { version, user, password, database } = &*self.options;
        let (version, database) = (version.to_string(), database.to_string());
        let user = user.as_deref().unwrap_or("default");
        let mut commands = Vec::new();
        match (&*version, password) {
            ("2", Some(password)) => commands.push(command(&["AUTH", user, password])),
            ("2", None) => {}
            (_, Some(password)) => {
                commands.push(command(&["HELLO", &version, "AUTH", user, password]));
            }
            (_, None) => commands.push(command(&["HELLO", &version])),
        }
        commands.push(command(&["SELECT", &database]));
        let count = commands.len();
        commands.into_iter().for_each(|command| script.send(command));
        for _ in 0..count {
            let answer = script.receive().await?;
            if let Value::Error(text) = &answer {
                return Err(refused(text));
            }
        }
        Ok(Established::default())
    }

    fn heartbeat(&mut self) -> Option<Value> {
        Some(command(&["PING"]))
    }

    fn classify(&self, received: &Value) -> Inbound {
        let is_message = match received {
            Value::Push { .. } => true,
            Value::Array { .. } if self.subscribes => received.name().is_some_and(|name| {
                SUBSCRIPTIONS.contains(&&name[..]) || MESSAGES.contains(&&name[..])
            }),
            _ => false,
        };
        let is = if is_message { Meaning::Push } else { Meaning::NextReply };
        Inbound { is, ..Inbound::default() }
    }

    fn stamp(&mut self, _frame: &mut Value, _sequence: u64) -> Option<Key> {
        None
    }

    fn awaits(&self, sent: &Value) -> Awaits {
        if is_subscription(sent) { Awaits::Nothing } else { Awaits::Acknowledgement }
    }

    fn follow(&mut self, seen: Seen<'_, '_, Self>, _: &mut Contexts<Self>) {
        if let Seen::Sent(sent) = seen
            && !self.subscribes
            && self.options.version == 2
        {
            self.subscribes = is_subscription(sent);
        }
    }

    fn goodbye(&mut self) -> Option<Value> {
        Some(command(&["QUIT"]))
    }
}

/// Only a server that is not ready yet is worth another try.
fn refused(text: &str) -> Refusal {
    match text.split_whitespace().next() {
        Some("LOADING" | "BUSY" | "MASTERDOWN" | "CLUSTERDOWN" | "TRYAGAIN") => {
            Refusal::Transient(text.to_owned().into())
        }
        _ => Refusal::Fatal(text.to_owned().into()),
    }
}
