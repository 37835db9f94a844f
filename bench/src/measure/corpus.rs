//! The files that are measured on: an archive of the user's or a made one, in three forms.
//!
//! The archive as it is stored, its compressed files in memory for inflating alone, and
//! the same files as plain JSON in a temporary folder.

use std::error::Error;
use std::fs;
use std::io::{self, BufWriter, Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use engine::event::Layout;
use engine::input::{Arrival, Discover, Reader, discover};
use flate2::read::MultiGzDecoder;
use libdeflater::Decompressor;
use tempfile::TempDir;

use crate::archive::{AS_MEASURED, Plan, Volume, generate};
use crate::clock::Moment;
use crate::delivery::Terms;
use crate::rhythm::Week;
use crate::sink::Form;

/// Seed of the archives that are measured on.
const SEED: u64 = 20;

/// The largest file that is measured, inflated.
const LARGEST: usize = 256 << 20;

/// An archive in all its forms.
#[derive(Debug)]
pub struct Corpus {
    /// Folder or file with the stored files.
    pub stored: PathBuf,
    /// Folder with the same files as plain JSON.
    pub plain: PathBuf,
    /// The compressed files.
    pub compressed: Vec<Vec<u8>>,
    /// The inflated ones.
    pub texts: Vec<Vec<u8>>,
    /// Where it comes from, in a line.
    pub about: String,
    /// What is removed at the end.
    _folder: TempDir,
}

/// Which archive is wanted.
#[derive(Debug, Clone)]
pub enum Source {
    /// One that is there.
    Given(PathBuf),
    /// One to be made, of so many inflated megabytes.
    Made(f64),
}

impl Corpus {
    /// The archive that `source` names, unpacked.
    ///
    /// # Errors
    ///
    /// Files that cannot be read or written; an archive without files, or with others than
    /// `.gz` files.
    pub fn new(source: &Source) -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let (stored, about) = match source {
            Source::Given(path) => (path.clone(), path.display().to_string()),
            Source::Made(megabytes) => {
                let out = folder.path().join("stored");
                generate(&plan(out.clone(), *megabytes))?;
                (out, format!("made by `generate --as-measured`, seed {SEED}"))
            }
        };
        let plain = folder.path().join("plain");
        fs::create_dir(&plain)?;
        let (mut compressed, mut texts) = (Vec::new(), Vec::new());
        for file in discover(std::slice::from_ref(&stored), &Discover::default()).files {
            let path = file.path();
            if !path.as_os_str().as_encoded_bytes().ends_with(b".gz") {
                let shown = file.shown();
                return Err(format!("{shown} is not compressed: give .json.gz files only").into());
            }
            let bytes = fs::read(&path)?;
            let mut text = Vec::new();
            MultiGzDecoder::new(&bytes[..]).read_to_end(&mut text)?;
            // A number before the name tells files of different folders apart.
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            fs::write(plain.join(format!("{:06}-{name}", texts.len())), &text)?;
            compressed.push(bytes);
            texts.push(text);
        }
        if texts.is_empty() {
            return Err(format!("{} has no .json.gz file", stored.display()).into());
        }
        Ok(Self { stored, plain, compressed, texts, about, _folder: folder })
    }

    /// Writes all records to one file of JSON Lines.
    ///
    /// # Errors
    ///
    /// Those of writing it.
    pub fn write_lines(&self, path: &Path) -> io::Result<()> {
        let layout = Layout::new();
        let mut reader = Reader::new(&layout);
        let mut out = BufWriter::new(fs::File::create(path)?);
        let mut done = Ok(());
        for text in &self.texts {
            reader.stream(&mut &text[..], &mut |arrival| {
                if let (Arrival::Record(found), Ok(())) = (arrival, &done) {
                    done = out.write_all(found.record).and_then(|()| out.write_all(b"\n"));
                }
                ControlFlow::Continue(())
            });
        }
        done.and_then(|()| out.flush())
    }

    /// Bytes of the inflated files.
    #[must_use]
    pub fn inflated(&self) -> u64 {
        self.texts.iter().map(|text| text.len() as u64).sum()
    }

    /// Bytes of the largest inflated file.
    #[must_use]
    pub fn largest(&self) -> u64 {
        self.texts.iter().map(|text| text.len() as u64).max().unwrap_or(0)
    }
}

/// The plan of the main archive: files of hundreds of records, a week, three accounts.
#[must_use]
pub fn plan(out: PathBuf, megabytes: f64) -> Plan {
    let regions = ["eu-west-1", "us-east-1", "eu-central-1", "us-west-2"];
    Plan {
        seed: SEED,
        accounts: 3,
        regions: regions.map(str::to_owned).to_vec(),
        start: Moment(1_756_684_800),
        days: 7,
        volume: Volume::Megabytes(megabytes),
        week: Week { opens: 7, closes: 19, night: 0.3, weekend: 0.5 },
        bursts: AS_MEASURED.bursts,
        habits: AS_MEASURED.habits,
        quiet: false,
        incidents: true,
        terms: Terms { gather: 350 * 60, records_per_file: 2_000, duplicates: 0.2, late: 0.0 },
        organization: None,
        form: Form::Gzip(6),
        out,
    }
}

/// The same `records`, about, twice: in files of eight, and in one file.
///
/// Five hours of one account and region, delivered together soon after: nothing is late.
///
/// # Errors
///
/// Those of writing the files.
pub fn small_and_large(folder: &Path, records: usize, form: Form) -> io::Result<[PathBuf; 2]> {
    let out = |records_per_file: usize| -> io::Result<PathBuf> {
        let out = folder.join(format!("{form:?}-{records_per_file}"));
        let megabytes = records as f64 * crate::archive::MEAN_RECORD_BYTES / 1e6;
        generate(&Plan {
            accounts: 1,
            regions: vec!["us-east-1".to_owned()],
            days: 1,
            week: Week { opens: 0, closes: 5, night: 0.0, weekend: 1.0 },
            incidents: false,
            terms: Terms { gather: 350 * 60, records_per_file, duplicates: 0.0, late: 0.0 },
            form,
            ..plan(out.clone(), megabytes)
        })?;
        Ok(out)
    };
    Ok([out(8)?, out(usize::MAX)?])
}

/// Inflates files with libdeflate, one after another into one buffer.
pub struct Inflater {
    inner: Decompressor,
    text: Vec<u8>,
}

impl std::fmt::Debug for Inflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inflater").finish_non_exhaustive()
    }
}

impl Inflater {
    /// One with room for the largest of these texts.
    #[must_use]
    pub fn new(largest: u64) -> Self {
        let room = usize::try_from(largest).unwrap_or(LARGEST).min(LARGEST);
        Self { inner: Decompressor::new(), text: vec![0; room] }
    }

    /// Inflates all files, and does nothing else; the bytes that came out.
    pub fn all(&mut self, files: &[Vec<u8>]) -> usize {
        let lengths = files.iter().map(|bytes| self.inner.gzip_decompress(bytes, &mut self.text));
        lengths.map(|length| length.unwrap_or(0)).sum()
    }
}
