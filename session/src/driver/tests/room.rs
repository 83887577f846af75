//! Room: a handler's session reads while there is some for what it answers, or only the peer can make
//! it; and who waits for it is told.

use std::sync::Mutex;

use super::guard::{PLACE, session};
use super::*;
use crate::lock::lock;
use crate::protocol::{Established, Flow, Handler, Window};
use crate::receipt::Receipt;
use crate::reply::Reply;
use crate::settings::{Bounds, Heartbeat};

/// Takes every frame.
pub(super) struct Takes;

impl Handler<Player> for Takes {
    fn frame(&mut self, _: Note, _: &Reply<Player>) -> Flow {
        Flow::Go
    }
}

/// Answers the first frame, and wants to be left alone until that is written; notes whether it was
/// when the second came.
#[derive(Clone, Default)]
struct Answers(Arc<Mutex<(Option<Receipt>, Option<Outcome>)>>);

impl Handler<Player> for Answers {
    fn frame(&mut self, _: Note, reply: &Reply<Player>) -> Flow {
        let (answer, outcome) = &mut *lock(&self.0);
        if let Some(answer) = answer {
            *outcome = answer.settled();
            return Flow::Go;
        }
        *answer = Some(reply.send(note(CHAT, b"an answer")).unwrap());
        Flow::Full
    }
}

/// An answer that may leave leaves first, also while the peer owes an acknowledgement.
#[tokio::test(start_paused = true)]
async fn a_handler_that_is_full_is_left_alone_until_its_answer_is_written() {
    let network = Network::new();
    let mut listener = network.listen(PLACE);
    let answers = Answers::default();
    let link = session(Player::default(), &network).spawn_with(answers.clone());
    let mut peer = welcome(&mut listener).await;
    let sure = link.send(note(SURE, b"never acknowledged")).await.unwrap();
    read_note(&mut peer).await;
    let both = [wire(CHAT, 0, b"first"), wire(CHAT, 0, b"second")].concat();
    peer.write_all(&both).await.unwrap();
    assert_eq!(read_note(&mut peer).await.body, b"an answer");
    sleep(Duration::from_millis(1)).await;
    assert_eq!((lock(&answers.0).1, sure.settled()), (Some(Outcome::Written { epoch: 1 }), None));
}

/// A producer that fills the queue behind a window. The acknowledgements lay in the socket, unread,
/// until the session ended as a slow consumer.
#[tokio::test(start_paused = true)]
async fn a_full_queue_behind_a_window_does_not_keep_acknowledgements_from_being_read() {
    let window = Window {
        unacknowledged: 1,
        acknowledge_after: 1,
        acknowledge_within: Duration::from_secs(10),
        deadline: Duration::from_secs(15),
    };
    let established = Established { window: Some(window), ..Established::default() };
    let outbound = Bounds { frames: 3, reserved: 1, ..Settings::default().outbound };
    let settings = Settings { outbound, heartbeat: Heartbeat::off(), ..Settings::default() };
    let network = Network::new();
    let mut listener = network.listen(PLACE);
    let player = Player { established, ..Player::default() };
    let link = session(player, &network).settings(settings).spawn_with(Takes);
    let mut peer = welcome(&mut listener).await;
    let sending = tokio::spawn(async move {
        for number in 0..20 {
            let receipt = link.send(note(SURE, &[number])).await.unwrap();
            drop(receipt);
        }
        link
    });
    let within = tokio::time::timeout(Duration::from_secs(1), async {
        for number in 0..20 {
            let sure = read_note(&mut peer).await;
            assert_eq!(sure.body, [number]);
            peer.write_all(&wire(ACKNOWLEDGEMENT, sure.sequence, b"")).await.unwrap();
        }
    });
    within.await.expect("acknowledgements are read");
    assert_eq!(sending.await.unwrap().statistics().sends.accepted, 20);
}

/// Frames that cannot be encoded leave no byte, and wake nobody by it: what waits behind them goes on
/// at once, be it in the queue behind a whole batch of them, or for a place in it.
#[tokio::test(start_paused = true)]
async fn what_waits_behind_frames_that_cannot_be_encoded_goes_on_at_once() {
    for (batch, frames) in [(64 * 1024, 8), (32, 100)] {
        let outbound = Bounds { frames, reserved: 0, ..Settings::default().outbound };
        let settings = Settings { batch, outbound, ..Settings::default() };
        let network = Network::new();
        let mut listener = network.listen(PLACE);
        let link = session(Player::default(), &network).settings(settings).spawn_with(Takes);
        let mut peer = welcome(&mut listener).await;
        link.up().await.unwrap();
        sleep(Duration::from_millis(10)).await;
        let began = Instant::now();
        for _ in 0..8 {
            drop(link.send(note(BROKEN, b"eight more")).await.unwrap());
        }
        drop(link.send(note(CHAT, b"sound")).await.unwrap());
        assert_eq!(read_note(&mut peer).await.body, b"sound");
        assert_eq!(began.elapsed(), Duration::ZERO, "{batch} bytes at once");
    }
}
