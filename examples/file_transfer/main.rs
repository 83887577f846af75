//! Sends a file in pieces, with a progress bar, and goes on where a broken connection stopped.
//!
//! ```text
//! cargo run --example file_transfer                              both ends, 24 MB, four breaks
//! cargo run --example file_transfer -- --receive FOLDER 127.0.0.1:4000
//! cargo run --example file_transfer -- --send FILE 127.0.0.1:4000
//! ```
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

mod message;
mod store;

use std::error::Error;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use longlink::session::listener::Serving;
use longlink::session::{Backoff, Inbox, Link, Listener, Outcome, Plain, Session};
use message::{Body, Message, PIECE};
use store::{Store, checksum};

type Ends = Plain<Message>;

/// One connection of the receiver. `breaks` hangs up after so many pieces.
async fn receive(store: Arc<Store>, link: Link<Ends>, mut inbox: Inbox<Ends>, breaks: Option<u32>) {
    let mut left = breaks;
    while let Some(message) = inbox.next_frame().await {
        let (store, number) = (store.clone(), message.number);
        let answer = tokio::task::spawn_blocking(move || match message.body {
            Body::Offer { name, size, content } => store.offered(number, &name, size, content),
            Body::Piece { name, offset, bytes } => {
                store.append(&name, offset, &bytes).map(|()| Body::Seen { piece: number })
            }
            _ => Err(std::io::ErrorKind::InvalidData.into()),
        });
        // An error of the disk ends the connection; the sender comes again.
        let Ok(Ok(answer)) = answer.await else { return link.close() };
        left = left.map(|left| left.saturating_sub(1));
        if left == Some(0) || link.feed(Message::new(0, answer)).await.is_err() {
            return link.close();
        }
    }
}

async fn serve(
    folder: &Path,
    address: &str,
    breaks: Option<u32>,
) -> Result<Serving<Ends>, Box<dyn Error>> {
    let store = Arc::new(Store::open(folder)?);
    let each = move |link, inbox, _| receive(store.clone(), link, inbox, breaks);
    Ok(Listener::bind(address).await?.serve_each(|_| Plain::default(), each))
}

/// Offers the file until the receiver has all of it.
async fn send(path: &Path, address: &str) -> Result<(), Box<dyn Error>> {
    let name = path.file_name().and_then(|name| name.to_str()).ok_or("a file has a name")?;
    let (size, content) = (fs::metadata(path)?.len(), checksum(path)?);
    let style =
        ProgressStyle::with_template("{msg} {bar:40} {bytes}/{total_bytes} {bytes_per_sec}")?;
    let bar = ProgressBar::new(size).with_style(style).with_message(name.to_owned());
    let (link, _) = Session::builder(Ends::make)
        .endpoint(address)
        .backoff(Backoff::fixed(Duration::from_millis(300)))
        .spawn();
    loop {
        let offer = Body::Offer { name: name.to_owned(), size, content };
        match link.request(Message::new(0, offer)).await.map(|answer| answer.body) {
            Ok(Body::Wanted { offset, .. }) => {
                println!("connection {}: from byte {offset} of {size}", link.epoch());
                pieces(&link, path, name, offset, &bar).await?;
            }
            Ok(Body::Whole { intact: true, .. }) => break,
            Ok(other) => println!("once more from the start: {other:?}"),
            Err(error) => println!("connection {}: {error}", link.epoch()),
        }
    }
    bar.finish();
    println!("{name}: {size} bytes, CRC-32 {content:08x}, over {} connections", link.epoch());
    link.drain(Duration::from_secs(5)).await;
    Ok(())
}

/// Sends from `offset` on, until the end or until a piece is lost.
async fn pieces(
    link: &Link<Ends>,
    path: &Path,
    name: &str,
    mut offset: u64,
    bar: &ProgressBar,
) -> Result<(), Box<dyn Error>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut on_the_way = std::collections::VecDeque::new();
    loop {
        let mut bytes = Vec::with_capacity(PIECE - name.len());
        (&file).take((PIECE - name.len()) as u64).read_to_end(&mut bytes)?;
        let (end, len) = (bytes.is_empty(), bytes.len() as u64);
        if !end {
            let piece = Body::Piece { name: name.to_owned(), offset, bytes: bytes.into() };
            let sent = link.send(Message::new(0, piece)).await;
            on_the_way.push_back((offset + len, sent.map_err(|refused| refused.to_string())?));
            offset += len;
        }
        // Sixteen pieces are on the way at most; at the end none.
        while on_the_way.len() > if end { 0 } else { 16 }
            && let Some((there, receipt)) = on_the_way.pop_front()
        {
            match receipt.outcome().await {
                Outcome::Acknowledged { .. } => bar.set_position(there),
                _ => return Ok(()),
            }
        }
        if end {
            return Ok(());
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let folder = std::env::temp_dir().join(format!("file_transfer-{}", std::process::id()));
            fs::create_dir_all(&folder)?;
            let file = folder.join("numbers.bin");
            fs::write(&file, (0..6_000_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<u8>>())?;
            let serving = serve(&folder.join("received"), "127.0.0.1:0", Some(200)).await?;
            let sent = send(&file, &serving.local_address().to_string()).await;
            let same = fs::read(&file)? == fs::read(folder.join("received/numbers.bin"))?;
            println!("received and sent are {}", if same { "the same" } else { "DIFFERENT" });
            fs::remove_dir_all(&folder)?;
            sent
        }
        ["--receive", folder, address] => {
            let serving = serve(Path::new(folder), address, None).await?;
            println!("receives at {}", serving.local_address());
            tokio::signal::ctrl_c().await?;
            serving.drain(Duration::from_secs(5)).await;
            Ok(())
        }
        ["--send", file, address] => send(Path::new(file), address).await,
        _ => Err("usage: file_transfer [--receive FOLDER ADDRESS | --send FILE HOST:PORT]".into()),
    }
}
