use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use super::*;
use crate::transport::Memory;

fn wrapped(plan: ChaosPlan) -> (Chaos<Memory>, Memory) {
    let (near, far) = Memory::pair(1 << 20);
    (Chaos::new(near, plan), far)
}

/// Each read's length, until the stream ends.
async fn read_lengths(chaos: &mut Chaos<Memory>) -> (Vec<usize>, Vec<u8>) {
    let (mut lengths, mut all) = (Vec::new(), Vec::new());
    let mut buffer = [0; 8192];
    loop {
        match chaos.read(&mut buffer).await.unwrap() {
            0 => return (lengths, all),
            len => {
                lengths.push(len);
                all.extend_from_slice(&buffer[..len]);
            }
        }
    }
}

fn kind<T: std::fmt::Debug>(result: io::Result<T>) -> io::ErrorKind {
    result.unwrap_err().kind()
}

#[tokio::test(start_paused = true)]
async fn a_calm_plan_changes_nothing() {
    let (mut near, mut far) = wrapped(ChaosPlan::calm(1));
    far.write_all(b"as it was").await.unwrap();
    far.shutdown().await.unwrap();
    assert_eq!(read_lengths(&mut near).await, (vec![9], b"as it was".to_vec()));
    near.write_all(b"and back").await.unwrap();
    near.shutdown().await.unwrap();
    let mut received = Vec::new();
    far.read_to_end(&mut received).await.unwrap();
    assert_eq!(received, b"and back");
}

#[tokio::test(start_paused = true)]
async fn splitting_goes_down_to_single_bytes_in_both_directions() {
    let (mut near, mut far) = wrapped(ChaosPlan::calm(1).split(1));
    far.write_all(b"abc").await.unwrap();
    far.shutdown().await.unwrap();
    assert_eq!(read_lengths(&mut near).await, (vec![1, 1, 1], b"abc".to_vec()));
    assert_eq!(near.write(b"xyz").await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_brings_the_same_pieces() {
    let mut runs = Vec::new();
    for seed in [3, 3, 4] {
        let (mut near, mut far) = wrapped(ChaosPlan::calm(seed).split(9));
        far.write_all(&[7; 200]).await.unwrap();
        far.shutdown().await.unwrap();
        runs.push(read_lengths(&mut near).await.0);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
    assert!(runs[0].iter().all(|len| (1..=9).contains(len)));
}

#[tokio::test(start_paused = true)]
async fn gluing_waits_for_the_length_or_the_time() {
    let (mut near, mut far) = wrapped(ChaosPlan::calm(1).coalesce(4, Duration::from_millis(200)));
    let started = Instant::now();
    let writer = async {
        for byte in b"abcde" {
            far.write_all(&[*byte]).await.unwrap();
            sleep(Duration::from_millis(10)).await;
        }
        far
    };
    let reader = async {
        let mut buffer = [0; 16];
        let first = near.read(&mut buffer).await.unwrap();
        let at_first = started.elapsed();
        let second = near.read(&mut buffer).await.unwrap();
        (first, at_first, second, started.elapsed())
    };
    let (_far, read) = tokio::join!(writer, reader);
    let ms = Duration::from_millis;
    // The fifth byte comes at 40 ms and waits 200 ms for others.
    assert_eq!(read, (4, ms(30), 1, ms(240)));
}

#[tokio::test(start_paused = true)]
async fn stalls_take_time_and_lose_nothing() {
    let (mut near, mut far) =
        wrapped(ChaosPlan::calm(5).split(1).stall(100, Duration::from_secs(1)));
    far.write_all(b"slow").await.unwrap();
    far.shutdown().await.unwrap();
    let started = Instant::now();
    assert_eq!(read_lengths(&mut near).await, (vec![1; 4], b"slow".to_vec()));
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(5) && took <= Duration::from_secs(5), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_reset_comes_in_the_middle_of_a_write() {
    let (mut near, mut far) = wrapped(ChaosPlan::calm(1).ending(Ending::Reset { after: 5 }));
    assert_eq!(near.write(b"half a frame").await.unwrap(), 5);
    assert_eq!(kind(near.write(b" frame").await), io::ErrorKind::ConnectionReset);
    assert_eq!(kind(near.read(&mut [0; 4]).await), io::ErrorKind::ConnectionReset);
    let mut received = Vec::new();
    far.read_to_end(&mut received).await.unwrap();
    assert_eq!(received, b"half ");
}

#[tokio::test(start_paused = true)]
async fn a_half_close_ends_reading_only() {
    let (mut near, mut far) = wrapped(ChaosPlan::calm(1).ending(Ending::HalfClose { after: 3 }));
    far.write_all(b"abcdef").await.unwrap();
    assert_eq!(read_lengths(&mut near).await, (vec![3], b"abc".to_vec()));
    near.write_all(b"still here").await.unwrap();
    let mut received = [0; 10];
    far.read_exact(&mut received).await.unwrap();
    assert_eq!(&received, b"still here");
}

#[tokio::test(start_paused = true)]
async fn a_black_hole_neither_ends_nor_fails() {
    async fn within_an_hour(moves: impl Future<Output = io::Result<usize>>) -> Option<usize> {
        let moved = timeout(Duration::from_secs(3600), moves).await.ok()?;
        Some(moved.unwrap())
    }
    let (mut near, mut far) = wrapped(ChaosPlan::calm(1).ending(Ending::BlackHole { after: 4 }));
    far.write_all(b"abcdef").await.unwrap();
    let mut first = [0; 8];
    assert_eq!(near.read(&mut first).await.unwrap(), 4);
    near.write_all(&[1; BLACK_HOLE_LEN]).await.unwrap();
    assert_eq!(within_an_hour(near.write(b"x")).await, None);
    assert_eq!(within_an_hour(near.read(&mut first)).await, None);
    near.shutdown().await.unwrap();
    assert_eq!(within_an_hour(far.read(&mut first)).await, None);
}

#[tokio::test(start_paused = true)]
async fn accepted_and_closed_at_once() {
    let (mut near, mut far) = wrapped(ChaosPlan::calm(1).ending(Ending::AtOnce));
    assert_eq!(near.read(&mut [0; 4]).await.unwrap(), 0);
    assert_eq!(kind(near.write(b"x").await), io::ErrorKind::ConnectionReset);
    assert_eq!(far.read(&mut [0; 4]).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn exactly_one_bit_is_turned() {
    for (at, split) in [(0, 100), (4, 100), (5, 1), (9, 3)] {
        let plan = ChaosPlan::calm(at).split(split).ending(Ending::Corrupt { at });
        let (mut near, mut far) = wrapped(plan);
        far.write_all(&[0; 10]).await.unwrap();
        far.shutdown().await.unwrap();
        let (_, received) = read_lengths(&mut near).await;
        let turned: Vec<(usize, u32)> = received
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte != 0)
            .map(|(place, byte)| (place, byte.count_ones()))
            .collect();
        assert_eq!(turned, [(usize::try_from(at).unwrap(), 1)]);
    }
}

#[test]
fn seeded_plans_are_reproducible_and_cover_everything() {
    let plans: Vec<ChaosPlan> = (0..300).map(ChaosPlan::seeded).collect();
    assert_eq!(plans[17], ChaosPlan::seeded(17));
    let count = |test: &dyn Fn(&ChaosPlan) -> bool| plans.iter().filter(|plan| test(plan)).count();
    assert!(count(&|plan| plan.split == Some(1)) > 20);
    assert!(count(&|plan| plan.coalesce.is_some()) > 50);
    assert!(count(&|plan| plan.stall.is_some()) > 50);
    assert!(count(&|plan| plan.ending.is_none()) > 50);
    assert!(count(&|plan| plan.ending == Some(Ending::AtOnce)) > 10);
    assert!(count(&|plan| matches!(plan.ending, Some(Ending::Reset { .. }))) > 20);
    assert!(count(&|plan| matches!(plan.ending, Some(Ending::HalfClose { .. }))) > 10);
    assert!(count(&|plan| matches!(plan.ending, Some(Ending::BlackHole { .. }))) > 10);
    assert!(count(&|plan| matches!(plan.ending, Some(Ending::Corrupt { .. }))) > 10);
}
