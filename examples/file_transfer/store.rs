//! Where received files are kept: `NAME.part` until the file is whole, `NAME` then.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::message::Body;

/// A folder. Two connections may write at once: a piece is taken only where the file ends.
pub struct Store {
    folder: PathBuf,
    one_at_a_time: Mutex<()>,
}

impl Store {
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned(), one_at_a_time: Mutex::new(()) })
    }

    /// What to say to the offer number `offer`.
    pub fn offered(&self, offer: u32, name: &str, size: u64, content: u32) -> io::Result<Body> {
        let _alone = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        let (whole, part) = self.paths(name)?;
        let holds = |path: &Path| -> io::Result<bool> {
            Ok(fs::metadata(path).is_ok_and(|it| it.len() == size) && checksum(path)? == content)
        };
        if holds(&whole)? {
            return Ok(Body::Whole { offer, intact: true });
        }
        let offset = fs::metadata(&part).map_or(0, |it| it.len());
        if offset < size || (size == 0 && !part.exists()) {
            OpenOptions::new().create(true).append(true).open(&part)?;
            return Ok(Body::Wanted { offer, offset });
        }
        let intact = holds(&part)?;
        if intact {
            fs::rename(&part, &whole)?;
        } else {
            fs::remove_file(&part)?;
        }
        Ok(Body::Whole { offer, intact })
    }

    /// Appends a piece if the file ends at `offset`; else it is of an older connection.
    pub fn append(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let _alone = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, part) = self.paths(name)?;
        match OpenOptions::new().append(true).open(part) {
            Ok(mut file) if file.metadata()?.len() == offset => file.write_all(bytes),
            _ => Ok(()),
        }
    }

    /// A name is a name, and no path.
    fn paths(&self, name: &str) -> io::Result<(PathBuf, PathBuf)> {
        if Path::new(name).file_name().is_none_or(|last| last != name) || name.ends_with(".part") {
            return Err(io::ErrorKind::InvalidFilename.into());
        }
        Ok((self.folder.join(name), self.folder.join(format!("{name}.part"))))
    }
}

/// The CRC-32 of a file.
pub fn checksum(path: &Path) -> io::Result<u32> {
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    let (mut digest, mut file, mut block) = (crc.digest(), File::open(path)?, vec![0; 64 * 1024]);
    loop {
        let len = file.read(&mut block)?;
        let Some(read) = block.get(..len).filter(|read| !read.is_empty()) else {
            return Ok(digest.finalize());
        };
        digest.update(read);
    }
}
