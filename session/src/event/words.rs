//! How states, causes and ends read: in a log, and as the names that a program greps for.

use std::{fmt, io};

use crate::connect::IoError;
#[cfg(feature = "tls")]
use crate::connect::tls::TlsError;

use super::{Because, Cause, CloseReason, Fatal, Outcome, Rejected, State};

impl State {
    /// One word for logs and dashboards: `idle`, `backoff`, `await_permit`, `connecting`,
    /// `handshaking`, `resuming`, `up`, `draining`, `suspended`, `closed`, `failed`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Backoff { .. } => "backoff",
            Self::AwaitPermit { .. } => "await_permit",
            Self::Connecting { .. } => "connecting",
            Self::Handshaking { .. } => "handshaking",
            Self::Resuming { .. } => "resuming",
            Self::Up { .. } => "up",
            Self::Draining { .. } => "draining",
            Self::Suspended => "suspended",
            Self::Closed(_) => "closed",
            Self::Failed(_) => "failed",
        }
    }
}

impl fmt::Display for State {
    /// For a person: `waits after 3 failures: the peer closed`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Idle => f.write_str("idle"),
            Self::Backoff { attempt: 0, cause, .. } => write!(f, "waits: {cause}"),
            Self::Backoff { attempt: 1, cause, .. } => write!(f, "waits after 1 failure: {cause}"),
            Self::Backoff { attempt, cause, .. } => {
                write!(f, "waits after {attempt} failures: {cause}")
            }
            Self::AwaitPermit { .. } => f.write_str("awaits its permit to dial"),
            Self::Connecting { .. } => f.write_str("connects"),
            Self::Handshaking { step, foreign: true } => {
                write!(f, "logs in, step {step}, and waits for something else")
            }
            Self::Handshaking { step, .. } => write!(f, "logs in, step {step}"),
            Self::Resuming { step } => write!(f, "resumes, step {step}"),
            Self::Up { epoch, .. } => write!(f, "up, epoch {epoch}"),
            Self::Draining { .. } => f.write_str("drains"),
            Self::Suspended => f.write_str("suspended"),
            Self::Closed(reason) => write!(f, "closed: {reason}"),
            Self::Failed(fatal) => write!(f, "failed for good: {fatal}"),
        }
    }
}

impl Cause {
    /// Reading or writing failed so.
    pub(crate) fn broken(error: &io::Error) -> Self {
        #[cfg(feature = "tls")]
        if let tls @ TlsError::Rustls(_) = TlsError::from(error) {
            return Self::Tls(Box::new(tls));
        }
        Self::Io(IoError::from(error))
    }

    /// One word for logs and dashboards, without what differs from case to case.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Connect(_) => "connect",
            Self::HandshakeDeadline => "handshake_deadline",
            Self::Refused(_) => "refused",
            Self::PeerClosed => "peer_closed",
            Self::Io(_) => "io",
            #[cfg(feature = "tls")]
            Self::Tls(_) => "tls",
            Self::PeerDead => "peer_dead",
            Self::WriteStalled => "write_stalled",
            Self::SlowFrame => "slow_frame",
            Self::SlowConsumer => "slow_consumer",
            Self::Protocol(_) => "protocol",
            Self::Encode(_) => "encode",
            Self::Goodbye(_) => "goodbye",
            Self::Requested => "requested",
            Self::Upgrade => "upgrade",
            Self::Credentials(_) => "credentials",
            Self::Flooded => "flooded",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => error.fmt(f),
            Self::HandshakeDeadline => f.write_str("no answer within the handshake's deadline"),
            Self::Refused(refusal) => write!(f, "refused: {refusal}"),
            Self::PeerClosed => f.write_str("the peer closed"),
            Self::Io(error) => write!(f, "the socket failed: {error}"),
            #[cfg(feature = "tls")]
            Self::Tls(error) => error.fmt(f),
            Self::PeerDead => f.write_str("the peer is dead: no byte within the answer deadline"),
            Self::WriteStalled => f.write_str("nothing could be written within the deadline"),
            Self::SlowFrame => f.write_str("a frame that had begun did not end"),
            Self::SlowConsumer => f.write_str("the inbox stayed full"),
            Self::Flooded => f.write_str("too many frames came while logging in"),
            Self::Protocol(fault) => write!(f, "not the protocol: {fault}"),
            Self::Encode(error) => write!(f, "an own frame could not be encoded: {error}"),
            Self::Goodbye(refusal) => write!(f, "the peer said goodbye: {refusal}"),
            Self::Requested => f.write_str("on request"),
            Self::Upgrade => f.write_str("the upgrade of the connection failed"),
            Self::Credentials(text) => write!(f, "no credentials: {text}"),
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requested => f.write_str("on request"),
            Self::HandlesDropped => f.write_str("its last handle was dropped"),
            Self::Connection(cause) => cause.fmt(f),
        }
    }
}

impl fmt::Display for Fatal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(text) => write!(f, "refused: {text}"),
            Self::Panic => f.write_str("user code panicked"),
            Self::Aborted => f.write_str("the task was aborted; its runtime ended"),
            Self::Attempts(cause) => write!(f, "no attempt left: {cause}"),
        }
    }
}

impl Outcome {
    /// One word for logs and dashboards.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Acknowledged { .. } => "acknowledged",
            Self::Written { .. } => "written",
            Self::NotSent => "not_sent",
            Self::Uncertain { .. } => "uncertain",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Unencodable(_) => "unencodable",
        }
    }
}

impl<F> fmt::Display for Rejected<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.because {
            Because::Full => "the outbound queue is full",
            Because::TooLarge => "the frame is too large",
            Because::Closed => "the session is closed",
            Because::Journal => "the journal could not remember it",
        })
    }
}

impl<F: fmt::Debug> std::error::Error for Rejected<F> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::Moment;

    #[test]
    fn states_read_as_sentences_and_have_one_word_each() {
        let until = Moment(0);
        let cause = Cause::PeerClosed;
        let states = [
            State::Backoff { attempt: 0, until, cause: cause.clone() },
            State::Backoff { attempt: 1, until, cause: cause.clone() },
            State::Backoff { attempt: 3, until, cause: cause.clone() },
            State::Handshaking { step: 2, foreign: false },
            State::Handshaking { step: 2, foreign: true },
            State::Up { epoch: 4, since: until },
            State::Closed(CloseReason::Connection(cause)),
            State::Failed(Fatal::Refused("wrong password".into())),
        ];
        let shown = states.map(|state| format!("{} | {state}", state.name()));
        assert_eq!(
            shown,
            [
                "backoff | waits: the peer closed",
                "backoff | waits after 1 failure: the peer closed",
                "backoff | waits after 3 failures: the peer closed",
                "handshaking | logs in, step 2",
                "handshaking | logs in, step 2, and waits for something else",
                "up | up, epoch 4",
                "closed | closed: the peer closed",
                "failed | failed for good: refused: wrong password",
            ]
        );
    }

    /// tokio-rustls hides what TLS says in an error of the socket.
    #[cfg(feature = "tls")]
    #[test]
    fn an_alert_of_tls_is_no_failure_of_the_socket() {
        use crate::connect::tls::rustls::{AlertDescription, Error};
        let alert = Error::AlertReceived(AlertDescription::CertificateRequired);
        let cause = Cause::broken(&io::Error::new(io::ErrorKind::InvalidData, alert.clone()));
        assert_eq!(cause, Cause::Tls(Box::new(TlsError::Rustls(alert))));
        assert_eq!(cause.name(), "tls");
        let reset = io::Error::from(io::ErrorKind::ConnectionReset);
        assert_eq!(Cause::broken(&reset), Cause::Io(IoError::from(&reset)));
    }
}
