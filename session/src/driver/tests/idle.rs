//! Rules 7 and 14: the turn of the task, and what an idle session holds.

use std::future::poll_fn;
use std::pin::pin;

use tokio::task::coop;

use super::guard::PLACE;
use super::*;
use crate::connect::{Connecting, Connector};
use crate::desk::Desk;
use crate::driver::{Driver, Surroundings};
use crate::inbox::ToInbox;
use crate::lock::lock;
use crate::machine::Machine;
use crate::transport::{PeerAddress, Transport};

type Client = Driver<Player, ToInbox<Player>>;

/// A driver in our own hands, its link, and the listener that it dials.
fn driver() -> (Client, Link<Player>, Inbox<Player>, NetworkListener) {
    let network = Network::new();
    let listener = network.listen(PLACE);
    let desk = Desk::<Player>::new(Arc::default(), "idle".into());
    let endpoints = Arc::from([Endpoint::from(PLACE)]);
    let machine = Machine::client(desk.clone(), endpoints, 7);
    let deliver = ToInbox::new(desk.clone());
    let permits = Arc::new(DialLimiter::new(DialLimits::default()));
    let surroundings = Surroundings { connector: Arc::new(network), permits };
    let make: Arc<crate::driver::Make<Player>> =
        Arc::new(|| Box::pin(std::future::ready(Ok(Player::default()))));
    let driver = Driver::client(machine, deliver, make, Some(Arc::new(surroundings)));
    let (link, inbox) = desk.ends();
    (driver, link, inbox, listener)
}

/// Runs the session until `other` is done, and until nothing more can be done at this moment.
async fn run<T>(driver: &mut Client, other: impl Future<Output = T>) -> T {
    let mut other = pin!(other);
    let done = poll_fn(|cx| {
        assert!(Pin::new(&mut *driver).poll(cx).is_pending(), "the session goes on");
        other.as_mut().poll(cx)
    });
    let done = done.await;
    once(driver).await;
    done
}

/// One turn.
async fn once(driver: &mut Client) {
    poll_fn(|cx| {
        assert!(Pin::new(&mut *driver).poll(cx).is_pending(), "the session goes on");
        Poll::Ready(())
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn buffers_go_back_after_a_second_without_use_and_not_before() {
    let (mut driver, link, mut inbox, mut listener) = driver();
    let mut peer = run(&mut driver, welcome(&mut listener)).await;
    run(&mut driver, link.up()).await.unwrap();
    let millis = Duration::from_millis;
    run(&mut driver, sleep(millis(1_000))).await;
    assert!(driver.machine.is_trimmed());
    let receipt = run(&mut driver, link.send(note(CHAT, &[1; 4_000]))).await.unwrap();
    run(&mut driver, read_note(&mut peer)).await;
    assert_eq!(receipt.settled(), Some(Outcome::Written { epoch: 1 }));
    assert!(!driver.machine.is_trimmed());
    run(&mut driver, sleep(millis(999))).await;
    assert!(!driver.machine.is_trimmed());
    run(&mut driver, sleep(millis(1))).await;
    assert!(driver.machine.is_trimmed());
    // Half a frame is held while it waits, and nothing of it once it is whole.
    let frame = wire(CHAT, 0, &[2; 100]);
    peer.write_all(&frame[..50]).await.unwrap();
    run(&mut driver, sleep(millis(5_000))).await;
    assert!(!driver.machine.is_trimmed());
    peer.write_all(&frame[50..]).await.unwrap();
    assert_eq!(run(&mut driver, inbox.next_frame()).await, Some(note(CHAT, &[2; 100])));
    run(&mut driver, sleep(millis(1_001))).await;
    assert!(driver.machine.is_trimmed());
    assert!(driver.rest.is_none() && driver.upgrade.is_none() && driver.permit.is_none());
}

/// A turn that has spent the budget of its task leaves a timer that wakes it all the same.
#[tokio::test(start_paused = true)]
async fn a_timer_set_without_budget_wakes_the_task() {
    let (mut driver, link, mut inbox, mut listener) = driver();
    let _peer = run(&mut driver, welcome(&mut listener)).await;
    run(&mut driver, link.up()).await.unwrap();
    // The timer of the buffers has fired.
    tokio::time::advance(Duration::from_millis(1_500)).await;
    poll_fn(|cx| {
        while coop::has_budget_remaining() {
            let _ = pin!(coop::consume_budget()).poll(cx);
        }
        assert!(Pin::new(&mut driver).poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    once(&mut driver).await;
    let began = Instant::now();
    let down = async { while !matches!(inbox.next().await, Some(Event::Down { .. })) {} };
    run(&mut driver, tokio::time::timeout(Duration::from_secs(100), down)).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(41), "{:?}", began.elapsed());
}

/// What held a burst on its way to the reader goes back as well, also where the reader is slow.
#[tokio::test(start_paused = true)]
async fn the_inbox_gives_its_memory_back() {
    let (mut driver, link, mut inbox, mut listener) = driver();
    let mut peer = run(&mut driver, welcome(&mut listener)).await;
    run(&mut driver, link.up()).await.unwrap();
    let holds = |driver: &Client| lock(&driver.machine.desk().inbox).events.capacity();
    for wait in [1, 2_000] {
        for _ in 0..100 {
            peer.write_all(&wire(CHAT, 0, &[1; 10])).await.unwrap();
        }
        run(&mut driver, sleep(Duration::from_millis(wait))).await;
        for _ in 0..100 {
            assert_eq!(run(&mut driver, inbox.next_frame()).await, Some(note(CHAT, &[1; 10])));
        }
        // In use it is kept for what comes next.
        assert_eq!((holds(&driver) > 0, inbox.holds()), (wait < 1_000, 0));
        run(&mut driver, sleep(Duration::from_millis(1_001))).await;
        assert_eq!((holds(&driver), driver.deliver.holds()), (0, 0));
    }
}

/// A turn that leaves nothing to do looks once; what it did is booked all the same.
#[tokio::test(start_paused = true)]
async fn what_a_turn_did_is_booked_before_the_task_sleeps() {
    let (mut driver, link, _inbox, mut listener) = driver();
    let mut peer = run(&mut driver, welcome(&mut listener)).await;
    run(&mut driver, link.up()).await.unwrap();
    let before = link.statistics();
    let receipt = link.try_send(note(CHAT, &[1; 10])).unwrap();
    once(&mut driver).await;
    assert_eq!(receipt.settled(), Some(Outcome::Written { epoch: 1 }));
    let after = link.statistics();
    assert_eq!(after.sends.written - before.sends.written, 1);
    let len = wire(CHAT, 0, &[1; 10]).len() as u64;
    assert_eq!(after.bytes_written - before.bytes_written, len);
    peer.write_all(&wire(CHAT, 0, &[2; 10])).await.unwrap();
    once(&mut driver).await;
    let end = link.statistics();
    assert_eq!(end.frames_received - after.frames_received, 1);
    assert_eq!(end.bytes_received - after.bytes_received, len);
}

/// One timer, armed lazily: a received byte only stores a time.
#[tokio::test(start_paused = true)]
async fn a_received_byte_does_not_touch_the_timer() {
    let (mut driver, link, _inbox, mut listener) = driver();
    let mut peer = run(&mut driver, welcome(&mut listener)).await;
    run(&mut driver, link.up()).await.unwrap();
    run(&mut driver, sleep(Duration::from_secs(5))).await;
    let armed = |driver: &Client| driver.timer.as_ref().map(|timer| timer.deadline());
    let heartbeat = armed(&driver);
    // The first byte after a pause wakes it in a second, to give buffers back.
    peer.write_all(&wire(ALIVE_TOO, 0, b"")).await.unwrap();
    run(&mut driver, sleep(Duration::from_millis(1))).await;
    let trim = armed(&driver);
    assert!(trim < heartbeat && trim.is_some());
    for _ in 0..9 {
        peer.write_all(&wire(ALIVE_TOO, 0, b"")).await.unwrap();
        run(&mut driver, sleep(Duration::from_millis(100))).await;
        assert_eq!((armed(&driver), driver.machine.is_trimmed()), (trim, false));
    }
    // In use until now: another second, in which it is left alone again.
    run(&mut driver, sleep(Duration::from_millis(890))).await;
    assert_eq!((armed(&driver) > trim, driver.machine.is_trimmed()), (true, false));
    run(&mut driver, sleep(Duration::from_millis(20))).await;
    assert!(driver.machine.is_trimmed());
    assert_eq!(link.statistics().frames_received, 11);
}

/// What an idle session is made of. tokio puts a task into a cell of its own, 96 bytes larger and
/// rounded up to 128: with a protocol value of 8 bytes this one fills 512 to the last byte, and one
/// field more costs each of 100,000 sessions 128 bytes. Features that count or encrypt have their
/// price.
#[cfg(not(any(feature = "metrics", feature = "tls")))]
#[test]
fn a_session_is_no_larger_than_it_was() {
    type Small = crate::Plain<Note>;
    let task = size_of::<crate::driver::Guarded<Small, ToInbox<Small>>>();
    let desk = size_of::<Desk<Small>>();
    let connection = Machine::<Player>::connection_size();
    assert!(task <= 408 && desk <= 440 && connection <= 392, "{task} {desk} {connection}");
}

/// Endless chat, and a note of what was read before each write.
struct Endless {
    chat: Vec<u8>,
    left: usize,
    read: usize,
    told: Arc<std::sync::Mutex<Vec<usize>>>,
}

impl AsyncRead for Endless {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let count = self.left.min(buffer.remaining()) / self.chat.len() * self.chat.len();
        if count == 0 {
            return Poll::Pending;
        }
        (0..count / self.chat.len()).for_each(|_| buffer.put_slice(&self.chat));
        self.left -= count;
        self.read += count;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Endless {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.told.lock().unwrap().push(self.read);
        Poll::Ready(Ok(bytes.len()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Transport for Endless {
    fn peer_address(&self) -> PeerAddress {
        PeerAddress::Memory(0)
    }
}

/// Connects to it.
struct Source(Arc<std::sync::Mutex<Vec<usize>>>);

impl Connector for Source {
    fn connect(&self, _: &Endpoint, _: Duration) -> Connecting {
        // 64 bytes, so that whole frames fill the 64 KiB of a read.
        let chat = wire(CHAT, 0, &[b'x'; 57]);
        let endless = Endless { chat, left: 1 << 20, read: 0, told: self.0.clone() };
        Box::pin(std::future::ready(Ok(Box::new(endless) as Box<dyn Transport>)))
    }
    fn upgrade(&self, transport: Box<dyn Transport>, _: Option<String>) -> Connecting {
        Box::pin(std::future::ready(Ok(transport)))
    }
}

/// Rule 7: timers, then write, then read at most 256 KiB; so an answer waits for no more than that,
/// however much there is to read.
#[tokio::test(start_paused = true)]
async fn a_turn_reads_256_kib_at_most_before_it_writes() {
    /// Answers the first frame of each 64 KiB.
    struct Answers(usize);
    impl crate::protocol::Handler<Player> for Answers {
        fn frame(&mut self, _: Note, reply: &crate::reply::Reply<Player>) -> crate::Flow {
            if self.0.is_multiple_of(1_024) {
                drop(reply.send(note(CHAT, b"")).unwrap());
            }
            self.0 += 1;
            crate::Flow::Go
        }
    }
    let told = Arc::default();
    let link = Session::builder(|| std::future::ready(Ok(Player::open())))
        .endpoint(PLACE)
        .connector(Source(Arc::clone(&told)))
        .limiter(DialLimiter::new(DialLimits::default()))
        .spawn_with(Answers(0));
    link.up().await.unwrap();
    sleep(Duration::from_millis(1)).await;
    assert_eq!(link.statistics().frames_received, (1 << 20) / 64);
    assert_eq!(*told.lock().unwrap(), [256 << 10, 512 << 10, 768 << 10, 1 << 20]);
}
