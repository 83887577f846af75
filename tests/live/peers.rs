//! Starting, killing and restarting the servers of others.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Another port is tried when somebody else took the first one meanwhile.
const TRIES: usize = 5;

/// A server that runs until it is killed or dropped.
pub(crate) struct Peer {
    /// Where it listens, on 127.0.0.1.
    pub(crate) port: u16,
    start: Box<dyn Fn(u16) -> Command + Send>,
    /// What it prints when it listens.
    ready: &'static str,
    child: Option<Child>,
}

impl Peer {
    /// Starts what `start` says for a free port, and waits until it has printed `ready`.
    /// `None`: it is not installed, and that was said.
    pub(crate) fn start(
        name: &str,
        ready: &'static str,
        start: impl Fn(u16) -> Command + Send + 'static,
    ) -> Option<Self> {
        let mut peer = Self { port: 0, start: Box::new(start), ready, child: None };
        for _ in 0..TRIES {
            peer.port = free_port();
            match peer.begin() {
                Ok(true) => return Some(peer),
                Ok(false) => peer.kill(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    skipped(&format!("{name} is not installed"));
                    return None;
                }
                Err(error) => panic!("{name}: {error}"),
            }
        }
        panic!("{name} did not start on any of {TRIES} ports");
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// SIGKILL: it has no time for a word.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("a process of our own");
            child.wait().expect("a process of our own");
        }
    }

    /// Starts it again on its port.
    pub(crate) fn restart(&mut self) {
        self.kill();
        assert!(self.begin().expect("it started before"), "it did not come back on its port");
    }

    /// Whether it came to listen.
    fn begin(&mut self) -> io::Result<bool> {
        let mut command = (self.start)(self.port);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        self.child = Some(child);
        let (found, ready) = std::sync::mpsc::channel();
        drain(out.expect("it is piped"), self.ready, found.clone());
        drain(err.expect("it is piped"), self.ready, found);
        // Both ends of the channel are gone when it has closed its output: it has ended.
        Ok(ready.recv().is_ok())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Reads on until the end, so that the other side never blocks, and tells when `ready` comes.
fn drain(
    output: impl io::Read + Send + 'static,
    ready: &'static str,
    found: std::sync::mpsc::Sender<()>,
) {
    std::thread::spawn(move || {
        let mut found = Some(found);
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if line.contains(ready)
                && let Some(found) = found.take()
            {
                let _ = found.send(());
            }
        }
    });
}

/// Says why a test did not run; fails where all peers must be there.
pub(crate) fn skipped(why: &str) {
    assert!(std::env::var_os("LONGLINK_REQUIRE_PEERS").is_none(), "required, but skipped: {why}");
    // Past the test harness, which shows nothing of a test that passes.
    let _ = writeln!(io::stderr(), "skipped: {why}");
}

/// A program from the search path, or from where Debian keeps servers.
pub(crate) fn program(name: &str) -> PathBuf {
    let system = Path::new("/usr/sbin").join(name);
    if system.exists() { system } else { PathBuf::from(name) }
}

/// The Python that has the peers that are written in it, if it has `module`. `None`: it has not,
/// and that was said.
///
/// `LONGLINK_PYTHON`, or what `.ci/run` makes: `python3 -m venv target/peers`, and
/// `target/peers/bin/pip install` with what `.ci/peers.txt` names.
pub(crate) fn python(module: &str) -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("peers").join("bin/python");
    let python = std::env::var_os("LONGLINK_PYTHON").map_or(own, PathBuf::from);
    let found = Command::new(&python).args(["-c", &format!("import {module}")]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    skipped(&format!("{} does not run, or has no {module}", python.display()));
    None
}

/// One of the scripts beside this file, run by `python`.
pub(crate) fn script(python: &Path, name: &str, arguments: &[&str]) -> Command {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live").join(name);
    let mut command = Command::new(python);
    command.arg("-u").arg(script).args(arguments);
    command
}

/// A place for a file of one peer.
pub(crate) fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("a bound port").port()
}
