//! An outbox that survives the death of its process: a journal in a file, and a sender that is
//! killed in the middle of its work and started again until all is done.
//!
//! ```text
//! cargo run --example durable_outbox                                  everything: it kills itself
//! cargo run --example durable_outbox -- --send JOURNAL HOST:PORT      only the sender
//! ```
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use longlink::session::journal::{Journal, Left, Step, Terms};
use longlink::session::outbox::Priority;
use longlink::session::{Flow, Handler, Listener, Plain, Reply, Session};
use longlink::testkit::ChaosProxy;
use longlink::{Auto, BytesMut, Frame, Wire};

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 64)]
pub struct Message {
    #[wire(length_of = ..)]
    length: Auto<u16>,
    #[wire(tag_of = body)]
    kind: Auto<u8>,
    #[wire(role = sequence)]
    number: u32,
    body: Body,
}

#[derive(Debug, Clone, PartialEq, Wire)]
pub enum Body {
    /// Carried out twice it would be paid twice.
    #[wire(tag = 1, role = acknowledged)]
    Order { id: u64 },
    /// Heard twice it is as good as heard once.
    #[wire(tag = 2, role = acknowledged)]
    Report { id: u64 },
    #[wire(tag = 3)]
    Got {
        #[wire(role = acknowledges)]
        number: u32,
    },
}

/// How many orders and reports there are, and how often the sender dies on the way.
const WORK: u64 = 400;
const DEATHS: u32 = 3;

/// A file of lines, only ever appended to: `+` accepted, `>` its bytes may leave, `<` they have not
/// left, `=` settled. What was settled is left out when the file is opened again.
struct FileJournal {
    file: Mutex<File>,
    next: Mutex<u64>,
    left: Vec<Left<Message>>,
}

impl FileJournal {
    fn open(path: &Path) -> io::Result<FileJournal> {
        let found = read(path)?;
        let next = found.keys().next_back().map_or(0, |last| last + 1);
        let mut text = format!("# {next}\n");
        let mut left = Vec::new();
        for (entry, Found { frame, terms, committed, outcome }) in found {
            if outcome.is_none() {
                text += &accepted(entry, &frame, &terms)?;
                text += &if committed { format!("> {entry}\n") } else { String::new() };
                left.push(Left { entry, frame, terms, committed });
            }
        }
        // The old file is whole until the new one takes its place.
        let fresh = path.with_extension("new");
        fs::write(&fresh, text)?;
        fs::rename(&fresh, path)?;
        let file = OpenOptions::new().append(true).open(path)?;
        Ok(FileJournal { file: Mutex::new(file), next: Mutex::new(next), left })
    }

    /// One call of the system for each line: a process that is killed leaves whole lines behind. (To
    /// survive the machine as well, `sync_data` would have to follow.)
    fn append(&self, line: &str) -> io::Result<()> {
        lock(&self.file).write_all(line.as_bytes())
    }
}

impl Journal<Message> for FileJournal {
    fn accept(&self, frame: &Message, terms: &Terms) -> io::Result<u64> {
        let mut next = lock(&self.next);
        let entry = *next;
        self.append(&accepted(entry, frame, terms)?)?;
        *next += 1;
        Ok(entry)
    }

    fn step(&self, entry: u64, step: Step) {
        let line = match step {
            Step::Committed => format!("> {entry}\n"),
            Step::Queued => format!("< {entry}\n"),
            Step::Settled(outcome) => format!("= {entry} {}\n", outcome.name()),
            _ => return,
        };
        if let Err(error) = self.append(&line) {
            eprintln!("the journal is lost: {error}");
        }
    }

    fn left(&self) -> Vec<Left<Message>> {
        self.left.clone()
    }
}

fn accepted(entry: u64, frame: &Message, terms: &Terms) -> io::Result<String> {
    let mut bytes = BytesMut::new();
    frame.encode(&mut bytes).map_err(io::Error::other)?;
    let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let idempotent = if terms.idempotent { "again" } else { "once" };
    Ok(format!("+ {entry} {idempotent} {hexadecimal}\n"))
}

/// What the file says of one send.
struct Found {
    frame: Message,
    terms: Terms,
    committed: bool,
    outcome: Option<String>,
}

/// Reads whole lines; one that was cut off by the end of the process counts as never written.
fn read(path: &Path) -> io::Result<BTreeMap<u64, Found>> {
    let mut found = BTreeMap::new();
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        text => text?,
    };
    for line in text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
        let words: Vec<&str> = line.split(' ').collect();
        if let ["+", entry, again, hexadecimal] = words.as_slice() {
            let (Ok(entry), Some(frame)) = (entry.parse(), decoded(hexadecimal)) else { continue };
            // Priority and time to live are the same for all in this program.
            let terms = Terms::new(Priority::Normal, None, *again == "again");
            found.insert(entry, Found { frame, terms, committed: false, outcome: None });
        }
        let [sign, entry, rest @ ..] = words.as_slice() else { continue };
        let found = entry.parse::<u64>().ok().and_then(|entry| found.get_mut(&entry));
        let Some(found) = found else { continue };
        match (*sign, rest) {
            (">", []) => found.committed = true,
            ("<", []) => found.committed = false,
            ("=", [outcome]) => found.outcome = Some((*outcome).to_owned()),
            _ => {}
        }
    }
    Ok(found)
}

fn decoded(hexadecimal: &str) -> Option<Message> {
    let pairs = hexadecimal.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    let bytes: Option<Vec<u8>> = pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect();
    Message::decode(&bytes?).ok()
}

/// Sends what is left to be sent, and ends when all is settled.
async fn send(path: &Path, address: &str) -> Result<(), Box<dyn std::error::Error>> {
    let known = read(path)?.into_values().filter_map(|found| id_of(&found.frame)).max();
    let done = done_so_far(path);
    let first = known.map_or(done, |last| done.max(last + 1));
    // The journal forgets what is settled, so the bookmark comes before it.
    fs::write(path.with_extension("done"), first.to_string())?;
    // Nothing is pushed to us: acknowledgements reach no inbox.
    let (link, _) = Session::builder(Plain::<Message>::make)
        .endpoint(address)
        .journal(FileJournal::open(path)?)
        .spawn();
    for id in first..WORK {
        let report = id % 4 == 0;
        let body = if report { Body::Report { id } } else { Body::Order { id } };
        let sending = link.send(Message::new(0, body)).expires(None);
        let sending = if report { sending.idempotent() } else { sending };
        let _outcome_is_in_the_journal = sending.await?;
        fs::write(path.with_extension("done"), (id + 1).to_string())?;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    link.drain(Duration::from_secs(5)).await;
    Ok(())
}

/// Where the work goes on: the program's own bookmark, as any other source of work would have one.
fn done_so_far(path: &Path) -> u64 {
    let text = fs::read_to_string(path.with_extension("done")).unwrap_or_default();
    text.parse().unwrap_or(0)
}

fn id_of(message: &Message) -> Option<u64> {
    match message.body {
        Body::Order { id } | Body::Report { id } => Some(id),
        Body::Got { .. } => None,
    }
}

/// The server: hears, and says so.
#[derive(Clone, Default)]
struct Ear(Arc<Mutex<HashMap<u64, u32>>>);

impl Handler<Plain<Message>> for Ear {
    fn frame(&mut self, message: Message, reply: &Reply<Plain<Message>>) -> Flow {
        if let Some(id) = id_of(&message) {
            *lock(&self.0).entry(id).or_default() += 1;
            // The session keeps a place free for it.
            drop(reply.send(Message::new(0, Body::Got { number: message.number })));
        }
        Flow::Go
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--send", path, address] => {
            send(Path::new(path), address).await.map(|()| ExitCode::SUCCESS)
        }
        _ => whole().await,
    }
}

async fn whole() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let ear = Ear::default();
    let listener = Listener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let serving = listener.serve(|_| Plain::default(), ear.clone());
    let path = std::env::temp_dir().join(format!("longlink-{}.journal", std::process::id()));
    // Between them a network that falls silent before each death, so that something is under way.
    let network = ChaosProxy::start(address).await?;
    let mut known: BTreeMap<u64, Found> = BTreeMap::new();
    for run in 1..=DEATHS + 1 {
        let mut sender = start(&path, &network.address().to_string())?;
        if run <= DEATHS {
            tokio::time::sleep(Duration::from_millis(250)).await;
            network.silence(true);
            tokio::time::sleep(Duration::from_millis(30)).await;
            sender.kill()?;
            network.silence(false);
        }
        tokio::task::spawn_blocking(move || sender.wait()).await??;
        known.extend(read(&path)?);
        let open = known.values().filter(|found| found.outcome.is_none()).count();
        let how = if run <= DEATHS { "was killed" } else { "has done its work" };
        println!("sender {run} {how}: {} sends accepted so far, {open} open", known.len());
    }
    drop(serving);
    for extension in ["journal", "done", "new"] {
        let _ = fs::remove_file(path.with_extension(extension));
    }
    Ok(judge(&known, &lock(&ear.0)))
}

fn start(path: &PathBuf, address: &str) -> io::Result<Child> {
    Command::new(std::env::current_exe()?).arg("--send").arg(path).arg(address).spawn()
}

/// Compares what the journal says with what the server heard.
fn judge(known: &BTreeMap<u64, Found>, heard: &HashMap<u64, u32>) -> ExitCode {
    let mut outcomes: BTreeMap<&str, u32> = BTreeMap::new();
    let (mut lost, mut doubled, mut again) = (0, 0, 0);
    for Found { frame, terms, outcome, .. } in known.values() {
        let (idempotent, outcome) = (terms.idempotent, outcome.as_deref().unwrap_or("no outcome"));
        *outcomes.entry(outcome).or_default() += 1;
        let times = id_of(frame).and_then(|id| heard.get(&id)).copied().unwrap_or(0);
        lost += u32::from(times == 0 && outcome != "uncertain");
        doubled += u32::from(times > 1 && !idempotent);
        again += u32::from(times > 1 && idempotent);
    }
    println!("\n  accepted                      {:>4}", known.len());
    for (outcome, count) in &outcomes {
        println!("  {outcome:<29} {count:>4}");
    }
    println!("  lost, and not uncertain       {lost:>4}");
    println!("  heard twice, and should not   {doubled:>4}");
    println!("  heard twice, and may be       {again:>4}");
    let all = known.len() as u64 == WORK && !outcomes.contains_key("no outcome");
    if all && lost == 0 && doubled == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
