//! What is set on every TCP socket.

use std::io;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

/// Options of a TCP socket. Where the platform lacks one, it is left out silently, because each of
/// them only makes a good thing better.
///
/// | Option | Default | Why |
/// |---|---|---|
/// | `no_delay` | on | frames are written whole; waiting for more makes replies late |
/// | `keepalive` | 30 s, then 3 probes 10 s apart | finds a dead peer while nothing is sent |
/// | `user_timeout` | 45 s | finds a dead peer while data is unacknowledged; without it the kernel retries for about 15 minutes. Longer than heartbeat and answer deadline together, so that these decide first |
/// | `unsent_low_water_len` | 64 KiB | a control frame never stands behind more than this in the kernel |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketOptions {
    /// `TCP_NODELAY`.
    pub no_delay: bool,
    /// `SO_KEEPALIVE` with its three times; `None` leaves it off.
    pub keepalive: Option<Keepalive>,
    /// `TCP_USER_TIMEOUT` of RFC 5482 (Linux, Android, Fuchsia); `None` leaves the system's.
    pub user_timeout: Option<Duration>,
    /// `TCP_NOTSENT_LOWAT` in bytes (Linux, Android); `None` leaves the system's.
    pub unsent_low_water_len: Option<u32>,
    /// `SO_SNDBUF` in bytes; `None` (the default) leaves the system's own tuning on.
    pub send_buffer_len: Option<usize>,
    /// `SO_RCVBUF` in bytes; `None` (the default) leaves the system's own tuning on.
    pub receive_buffer_len: Option<usize>,
}

/// When and how often the kernel asks a silent peer whether it still exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keepalive {
    /// Silence before the first probe.
    pub after: Duration,
    /// Time between two probes.
    pub interval: Duration,
    /// Unanswered probes after which the connection is dead.
    pub probes: u32,
}

impl Default for SocketOptions {
    fn default() -> Self {
        Self {
            no_delay: true,
            keepalive: Some(Keepalive {
                after: Duration::from_secs(30),
                interval: Duration::from_secs(10),
                probes: 3,
            }),
            user_timeout: Some(Duration::from_secs(45)),
            unsent_low_water_len: Some(64 * 1024),
            send_buffer_len: None,
            receive_buffer_len: None,
        }
    }
}

impl SocketOptions {
    /// Sets the options on a connected socket.
    ///
    /// # Errors
    ///
    /// What the system answers, for example when the peer has reset the connection meanwhile.
    pub fn apply(&self, stream: &TcpStream) -> io::Result<()> {
        let socket = SockRef::from(stream);
        socket.set_tcp_nodelay(self.no_delay)?;
        if let Some(keepalive) = self.keepalive {
            socket.set_tcp_keepalive(&keepalive.as_parameters())?;
        }
        if let Some(len) = self.send_buffer_len {
            socket.set_send_buffer_size(len)?;
        }
        if let Some(len) = self.receive_buffer_len {
            socket.set_recv_buffer_size(len)?;
        }
        self.apply_platform(&socket)
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn apply_platform(&self, socket: &SockRef<'_>) -> io::Result<()> {
        if let Some(len) = self.unsent_low_water_len {
            socket.set_tcp_notsent_lowat(len)?;
        }
        socket.set_tcp_user_timeout(self.user_timeout)
    }

    #[cfg(target_os = "fuchsia")]
    fn apply_platform(&self, socket: &SockRef<'_>) -> io::Result<()> {
        socket.set_tcp_user_timeout(self.user_timeout)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "fuchsia")))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "twin of the Linux one")]
    fn apply_platform(&self, _socket: &SockRef<'_>) -> io::Result<()> {
        Ok(())
    }
}

impl Keepalive {
    #[cfg(not(any(target_os = "openbsd", target_os = "haiku", target_os = "vita")))]
    fn as_parameters(self) -> TcpKeepalive {
        let parameters = TcpKeepalive::new().with_time(self.after).with_interval(self.interval);
        #[cfg(not(windows))]
        let parameters = parameters.with_retries(self.probes);
        parameters
    }

    #[cfg(any(target_os = "openbsd", target_os = "haiku", target_os = "vita"))]
    fn as_parameters(self) -> TcpKeepalive {
        TcpKeepalive::new().with_time(self.after)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn the_defaults_arrive_at_the_kernel() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        SocketOptions::default().apply(&stream).unwrap();
        let socket = SockRef::from(&stream);
        assert!(socket.tcp_nodelay().unwrap());
        assert!(socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), Duration::from_secs(30));
        assert_eq!(socket.tcp_keepalive_interval().unwrap(), Duration::from_secs(10));
        assert_eq!(socket.tcp_keepalive_retries().unwrap(), 3);
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(Duration::from_secs(45)));
        assert_eq!(socket.tcp_notsent_lowat().unwrap(), 64 * 1024);
    }

    #[tokio::test]
    async fn what_is_none_is_left_to_the_system() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let socket = SockRef::from(&stream);
        let before = socket.tcp_notsent_lowat().unwrap();
        let options = SocketOptions {
            no_delay: false,
            keepalive: None,
            user_timeout: None,
            unsent_low_water_len: None,
            send_buffer_len: Some(8192),
            receive_buffer_len: None,
        };
        options.apply(&stream).unwrap();
        assert!(!socket.tcp_nodelay().unwrap());
        assert!(!socket.keepalive().unwrap());
        assert_eq!(socket.tcp_notsent_lowat().unwrap(), before);
        // Linux doubles what it is asked for (socket(7), SO_SNDBUF).
        assert_eq!(socket.send_buffer_size().unwrap(), 16384);
    }
}
