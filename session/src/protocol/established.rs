//! What a handshake agrees on, for its epoch.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

/// What a handshake agreed on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Established {
    /// The peer kept our state of the epoch before.
    pub resumed: bool,
    /// For the handshake of the next epoch: [`Script::token`](crate::script::Script::token). `None`: the token before it stays if
    /// the login has resumed, and is forgotten if it has not.
    pub token: Option<Bytes>,
    /// The sequence goes on with this number. `None`: it goes on from the handshake's frames, which
    /// began at 0; in a resumed epoch from where the epoch before stopped.
    pub first_sequence: Option<u64>,
    /// Who the peer turned out to be: a user, a device. For the log alone, whose line `up` says it;
    /// the program knows it by what its protocol value shares
    /// ([`Listener::serve_with`](crate::listener::Listener::serve_with)).
    pub identity: Option<Arc<str>>,
    /// The acknowledgement window.
    pub window: Option<Window>,
    /// The heartbeat interval that the peer asks for (MQTT 5's Server Keep Alive, in force for
    /// this epoch).
    pub heartbeat: Option<Duration>,
    /// Without a byte of the peer for so long it is dead, whatever we send (the broker's side of
    /// MQTT's keep-alive, 3.1.1 §3.1.2.10). For the side that has no heartbeat of its own.
    pub silence: Option<Duration>,
    /// Frames that the peer lets wait for its acknowledgement at once (MQTT 5's Receive Maximum,
    /// §3.3.4); never more than `Settings::pending`.
    pub pending: Option<u16>,
}

/// An acknowledgement window, in the words of IEC 60870-5-104 §5.5: k, w, t1 and t2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// k: counted frames that we may send without acknowledgement. IEC 104's default is 12. What is
    /// restored after a login and standing frames count, and go out at once however many they are.
    /// A message in fragments takes one place, while a peer that counts frames counts each fragment.
    pub unacknowledged: u16,
    /// w: counted frames after whose receipt we acknowledge at the latest. IEC 104's default is 8.
    pub acknowledge_after: u16,
    /// t2: time after which we acknowledge at the latest. IEC 104's default is 10 s.
    pub acknowledge_within: Duration,
    /// t1: without acknowledgement for so long the peer is dead. IEC 104's default is 15 s.
    pub deadline: Duration,
}
