//! Rules 4 and 10: the contexts of both directions, garbage between frames, and whose bytes a frame
//! holds.

use super::guard::{PLACE, session};
use super::word::{Mask, Word, masked, word};
use super::*;
use crate::listener::{Limits as Door, Listener};
use crate::protocol::{Contexts, Established, Flow, Handler, Protocol, Refusal, Seen, Side};
use crate::reply::Reply;
use crate::script::Script;
use tokio::time::timeout;

/// Each side begins under a mask of its own, the handshake may change them, and each `+` that passes
/// moves the mask of its direction on.
#[derive(Debug, Clone, Copy, Default)]
struct Masked {
    begins: bool,
    changes: bool,
    moves: bool,
}

impl Protocol for Masked {
    type Outgoing = Word;
    type Incoming = Word;
    type View<'a> = Word;

    async fn handshake(&mut self, script: &mut Script<Word, Word>) -> Result<Established, Refusal> {
        if self.changes {
            script.send(word("one"));
            script.set_writing(Mask(5));
            script.send(word("two"));
            assert_eq!(script.receive().await?, word("three"));
            script.set_reading(Mask(9));
            assert_eq!(script.receive().await?, word("four"));
        }
        Ok(Established::default())
    }

    fn contexts(&self, side: Side) -> Contexts<Self> {
        let (reading, writing) = match (self.begins, side) {
            (false, _) => (0, 0),
            (true, Side::Client) => (1, 2),
            (true, Side::Server) => (2, 1),
        };
        Contexts { reading: Mask(reading), writing: Mask(writing) }
    }

    fn follow(&mut self, seen: Seen<'_, '_, Self>, contexts: &mut Contexts<Self>) {
        let (text, mask) = match seen {
            Seen::Received(text) => (text, &mut contexts.reading),
            Seen::Sent(text) => (text, &mut contexts.writing),
        };
        if self.moves && *text == word("+") {
            mask.0 += 1;
        }
    }
}

/// The peer's frames come glued together, so that the next one always lies there when the script
/// changes how it is read; what comes after the login stays under the last contexts.
#[tokio::test(start_paused = true)]
async fn a_script_changes_the_contexts_from_the_next_frame_on() {
    let network = Network::new();
    let mut listener = network.listen(PLACE);
    let masked_all = Masked { begins: true, changes: true, moves: false };
    let (link, mut inbox) = session(masked_all, &network).spawn();
    let mut peer = listener.accept().await;
    let glued = [masked("three", 1), masked("four", 9), masked("five", 9)].concat();
    peer.write_all(&glued).await.unwrap();
    assert_eq!(inbox.next_frame().await, Some(word("five")));
    link.feed(word("six")).await.unwrap();
    let expected = [masked("one", 2), masked("two", 5), masked("six", 5)].concat();
    let mut sent = vec![0; expected.len()];
    peer.read_exact(&mut sent).await.unwrap();
    assert_eq!(sent, expected);
}

/// Two sessions, one for each side: what one of them commits in one batch, and the other reads in
/// one piece, changes its meaning in the middle. In the next epoch all begins anew.
#[tokio::test(start_paused = true)]
async fn follow_moves_the_contexts_on_before_the_next_frame_is_looked_at() {
    let network = Network::new();
    let listener = Listener::over(network.listen(PLACE), Door::default());
    let rules = Masked { begins: true, changes: false, moves: true };
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let _serving = listener.serve_each(move |_| {
        let tell = tell.clone();
        (rules, async move |link, inbox| tell.send((link, inbox)).unwrap())
    });
    let (link, mut inbox) = session(rules, &network).spawn();
    let words = ["a", "+", "b", "+", "+", "c"];
    for _ in 0..2 {
        let (far, mut far_inbox) = told.recv().await.unwrap();
        for (sender, taker) in [(&link, &mut far_inbox), (&far, &mut inbox)] {
            sender.send_all(words.map(word)).await.unwrap();
            for expected in words {
                assert_eq!(taker.next_frame().await, Some(word(expected)));
            }
        }
        link.reconnect_now();
    }
}

/// A length that lies is given up after a second, and what it had swallowed comes out; bytes that
/// drip do not prolong it.
#[tokio::test(start_paused = true)]
async fn a_candidate_that_waits_a_second_for_its_bytes_is_dropped() {
    for drips in [false, true] {
        let network = Network::new();
        let mut listener = network.listen(PLACE);
        let (link, mut inbox) = session(Masked::default(), &network).spawn();
        let mut peer = listener.accept().await;
        link.up().await.unwrap();
        let began = Instant::now();
        // Garbage, and a magic with a length that is longer than all that follows.
        let garbage = [0xff, 0x68, 200];
        let frames = [masked("one", 0), masked("two", 0)].concat();
        peer.write_all(&[&garbage[..], &frames].concat()).await.unwrap();
        if drips {
            for byte in masked("three", 0) {
                sleep(Duration::from_millis(100)).await;
                peer.write_all(&[byte]).await.unwrap();
            }
        }
        let second = Duration::from_secs(1);
        assert!(inbox.try_next().is_some_and(|event| matches!(event, Event::Up { .. })));
        assert!(inbox.try_next().is_none());
        let next = timeout(10 * second, inbox.next_frame()).await;
        assert_eq!((next, began.elapsed()), (Ok(Some(word("one"))), second), "drips: {drips}");
        assert_eq!(inbox.next_frame().await, Some(word("two")));
        if drips {
            assert_eq!(inbox.next_frame().await, Some(word("three")));
        }
        assert_eq!((link.epoch(), link.statistics().malformed), (1, 1));
    }
}

/// Rule 10: a frame in the inbox never pins the buffer that was read into: one that came alone owns
/// its bytes alone, and of a burst it pins less than 1 KiB, whatever else came.
#[tokio::test(start_paused = true)]
async fn what_the_inbox_holds_pins_no_buffer() {
    let network = Network::new();
    let mut listener = network.listen(PLACE);
    let (_link, mut inbox) = session(Masked::default(), &network).spawn();
    let mut peer = listener.accept().await;
    peer.write_all(&masked("alone", 0)).await.unwrap();
    let alone = inbox.next_frame().await.unwrap();
    assert_eq!((&alone.0[..], alone.0.is_unique()), (&b"alone"[..], true));
    let texts: Vec<String> = (100..140).map(|number| format!("{number:060}")).collect();
    let burst: Vec<u8> = texts.iter().flat_map(|text| masked(text, 0)).collect();
    peer.write_all(&burst).await.unwrap();
    let mut frames = Vec::new();
    for text in &texts {
        frames.push(inbox.next_frame().await.unwrap());
        assert_eq!(frames.last(), Some(&word(text)));
    }
    assert!(!frames[0].0.is_unique(), "small ones are copied together");
    // From the first byte of one to the last of the next that is kept: 17 frames, 1,054 bytes.
    let kept: Vec<Word> = frames.into_iter().step_by(16).collect();
    assert_eq!(kept.iter().filter(|frame| frame.0.is_unique()).count(), 3);
}

/// Rule 10: a handler is lent each frame once, in place; what it keeps it must copy itself.
#[tokio::test(start_paused = true)]
async fn a_handler_is_lent_each_frame_once_and_in_order() {
    struct Keeps(tokio::sync::mpsc::UnboundedSender<Word>);
    impl Handler<Masked> for Keeps {
        fn frame(&mut self, view: Word, _: &Reply<Masked>) -> Flow {
            self.0.send(view).unwrap();
            Flow::Go
        }
    }
    let network = Network::new();
    let mut listener = network.listen(PLACE);
    let (keep, mut kept) = tokio::sync::mpsc::unbounded_channel();
    let _link = session(Masked::default(), &network).spawn_with(Keeps(keep));
    let mut peer = listener.accept().await;
    peer.write_all(&[masked("one", 0), masked("two", 0)].concat()).await.unwrap();
    assert_eq!(kept.recv().await, Some(word("one")));
    assert_eq!(kept.recv().await, Some(word("two")));
    assert!(kept.try_recv().is_err_and(|end| end == tokio::sync::mpsc::error::TryRecvError::Empty));
}
