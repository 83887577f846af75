//! Sends a file in pieces, with a progress bar, and goes on where a broken connection stopped.
//!
//! ```text
//! cargo run --example file_transfer                              both ends, 24 MB, three breaks
//! cargo run --example file_transfer -- --receive FOLDER 127.0.0.1:4000
//! cargo run --example file_transfer -- --send FILE 127.0.0.1:4000
//! ```
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use longlink::session::listener::Serving;
use longlink::session::{Inbox, Link, Listener, Plain, Session};
use longlink::{Auto, Bytes, Frame, Wire};
use tokio::task::block_in_place;

const PIECE: usize = 256 * 1024;

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = PIECE + 64)]
pub struct Message {
    #[wire(length_of = ..)]
    length: Auto<u32>,
    #[wire(tag_of = body)]
    kind: Auto<u8>,
    #[wire(role = sequence)]
    number: u32,
    body: Body,
}

#[derive(Debug, Clone, PartialEq, Wire)]
pub enum Body {
    /// I have this file: size, CRC-32, name. Said again after each break.
    #[wire(tag = 1)]
    Offer(u64, u32, #[wire(rest)] String),
    /// Where they belong, and bytes of the file.
    #[wire(tag = 2)]
    Piece(u64, #[wire(rest)] Bytes),
    /// The answer to both: what to go on from; at the size of the file it is whole.
    #[wire(tag = 3)]
    Wanted(#[wire(role = replies_to)] u32, u64),
}

type Ends = Plain<Message>;

fn checksum(path: &Path) -> io::Result<u32> {
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    let (mut digest, mut file, mut block) = (crc.digest(), File::open(path)?, [0; 16 * 1024]);
    loop {
        let len = file.read(&mut block)?;
        let Some(read) = block.get(..len).filter(|read| !read.is_empty()) else { break };
        digest.update(read);
    }
    Ok(digest.finalize())
}

/// Stores what came in `NAME.part`, which becomes `NAME` when it is whole. The offset wanted next.
fn store(folder: &Path, offer: &mut Option<(u64, u32, String)>, body: Body) -> io::Result<u64> {
    let piece = match body {
        Body::Offer(size, content, name) => {
            *offer = Some((size, content, name));
            None
        }
        Body::Piece(offset, bytes) => Some((offset, bytes)),
        Body::Wanted(..) => return Err(io::ErrorKind::InvalidData.into()),
    };
    let (size, content, name) = offer.as_ref().ok_or(io::ErrorKind::InvalidData)?;
    // A name is a name, and no path.
    if Path::new(name).file_name() != Some(name.as_ref()) {
        return Err(io::ErrorKind::InvalidFilename.into());
    }
    let (whole, part) = (folder.join(name), folder.join(format!("{name}.part")));
    if piece.is_none() && checksum(&whole).is_ok_and(|whole| whole == *content) {
        return Ok(*size);
    }
    let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(&part)?;
    if let Some((offset, bytes)) = piece
        && offset <= file.metadata()?.len()
    {
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(&bytes)?;
    }
    match file.metadata()?.len() {
        there if there < *size => Ok(there),
        // Begun with another file of this name: once more from the start.
        _ if checksum(&part)? != *content => file.set_len(0).map(|()| 0),
        there => fs::rename(part, whole).map(|()| there),
    }
}

/// One connection of the receiver, which hangs up after so many messages.
async fn receive(folder: PathBuf, link: Link<Ends>, mut inbox: Inbox<Ends>, breaks: usize) {
    let mut offer = None;
    for left in (0..breaks).rev() {
        let Some(message) = inbox.next_frame().await else { break };
        // An error of the disk ends the connection; the sender comes again.
        let Ok(next) = block_in_place(|| store(&folder, &mut offer, message.body)) else { break };
        let wanted = Message::new(0, Body::Wanted(message.number, next));
        if left == 0 || link.feed(wanted).await.is_err() {
            break;
        }
    }
    link.close();
}

async fn serve(folder: PathBuf, address: &str, breaks: usize) -> io::Result<Serving<Ends>> {
    fs::create_dir_all(&folder)?;
    Ok(Listener::bind(address).await?.serve_each(move |_| {
        let folder = folder.clone();
        (Plain::default(), move |link, inbox| receive(folder, link, inbox, breaks))
    }))
}

/// Offers the file, and sends what is wanted until nothing is.
async fn send(path: &Path, address: &str) -> Result<(), Box<dyn Error>> {
    let name = path.file_name().and_then(|name| name.to_str()).ok_or("a file has a name")?;
    let (mut file, size, content) = (File::open(path)?, path.metadata()?.len(), checksum(path)?);
    let style = "{bar:50} {bytes}/{total_bytes} {bytes_per_sec}";
    let bar = ProgressBar::new(size).with_style(ProgressStyle::with_template(style)?);
    let (link, _) = Session::builder(Ends::make).endpoint(address).spawn();
    let offer = Body::Offer(size, content, name.to_owned());
    let (mut next, mut epoch) = (offer.clone(), 0);
    loop {
        match link.request(Message::new(0, next)).await.map(|answer| answer.body) {
            Ok(Body::Wanted(_, there)) if there == size => break,
            Ok(Body::Wanted(_, there)) => {
                if std::mem::replace(&mut epoch, link.epoch()) != link.epoch() {
                    bar.suspend(|| println!("connection {epoch}: from byte {there} of {size}"));
                }
                bar.set_position(there);
                let mut bytes = Vec::with_capacity(PIECE);
                file.seek(SeekFrom::Start(there))?;
                if (&file).take(PIECE as u64).read_to_end(&mut bytes)? == 0 {
                    return Err("the file has become shorter".into());
                }
                next = Body::Piece(there, bytes.into());
            }
            Err(error) if link.state().is_final() => return Err(error.into()),
            _ => next = offer.clone(),
        }
    }
    bar.finish();
    println!("{name}: {size} bytes, CRC-32 {content:08x}, over {} connections", link.epoch());
    link.drain(Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let folder = std::env::temp_dir().join(format!("file_transfer-{}", std::process::id()));
            let (file, received) = (folder.join("numbers"), folder.join("received/numbers"));
            let serving = serve(folder.join("received"), "127.0.0.1:0", 25).await?;
            fs::write(&file, (0..6_000_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<u8>>())?;
            send(&file, &serving.local_address().to_string()).await?;
            println!("received and sent are the same: {}", fs::read(file)? == fs::read(received)?);
            Ok(fs::remove_dir_all(&folder)?)
        }
        ["--receive", folder, address] => {
            let serving = serve(folder.into(), address, usize::MAX).await?;
            println!("receives at {}", serving.local_address());
            tokio::signal::ctrl_c().await?;
            serving.drain(Duration::from_secs(5)).await;
            Ok(())
        }
        ["--send", file, address] => send(Path::new(file), address).await,
        _ => Err("usage: file_transfer [--receive FOLDER ADDRESS | --send FILE HOST:PORT]".into()),
    }
}
