//! Files on disk, named and laid out as in CloudTrail's bucket.
//!
//! Knows names, envelopes and compression. The gzip header holds no time and no name, so
//! equal records give equal files.
//!
//! Source of the layout: AWS CloudTrail user guide, "Finding your CloudTrail log files".

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::clock::Moment;

/// Name of the one file of [`Form::Lines`].
pub const LINES_NAME: &str = "cloudtrail.jsonl";

/// The shape of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Files of `{"Records":[…]}` under gzip, at this level (0–9).
    Gzip(u32),
    /// The same, not compressed.
    Plain,
    /// One file of JSON Lines, in the order of delivery.
    Lines,
}

/// One file to be delivered.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// When it is delivered.
    pub tick: Moment,
    /// Its account.
    pub account: &'a str,
    /// Its region.
    pub region: &'a str,
    /// Sixteen letters and digits without meaning.
    pub unique: &'a str,
    /// Its records, JSON.
    pub records: &'a [&'a str],
}

/// A folder that takes files.
#[derive(Debug)]
pub struct Sink {
    root: PathBuf,
    form: Form,
    lines: Option<BufWriter<fs::File>>,
    folder: PathBuf,
    body: Vec<u8>,
    /// Files written.
    pub files: u64,
    /// Bytes of all files before compression.
    pub inflated_bytes: u64,
    /// Bytes of all files.
    pub written_bytes: u64,
}

impl Sink {
    /// A sink below `out`; with an organisation its identifier is a level of the layout.
    ///
    /// # Errors
    ///
    /// The folder or the one file cannot be made.
    pub fn new(out: &Path, organization: Option<&str>, form: Form) -> io::Result<Self> {
        fs::create_dir_all(out)?;
        let lines = match form {
            Form::Lines => Some(BufWriter::new(fs::File::create(out.join(LINES_NAME))?)),
            _ => None,
        };
        let mut root = out.join("AWSLogs");
        root.extend(organization);
        Ok(Self {
            root,
            form,
            lines,
            folder: PathBuf::new(),
            body: Vec::new(),
            files: 0,
            inflated_bytes: 0,
            written_bytes: 0,
        })
    }

    /// Writes a file.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    pub fn put(&mut self, file: &File<'_>) -> io::Result<()> {
        self.body.clear();
        if let Some(lines) = &mut self.lines {
            for record in file.records {
                self.body.extend_from_slice(record.as_bytes());
                self.body.push(b'\n');
            }
            lines.write_all(&self.body)?;
            self.inflated_bytes += self.body.len() as u64;
            self.written_bytes += self.body.len() as u64;
            return Ok(());
        }
        self.body.extend_from_slice(b"{\"Records\":[");
        for (at, record) in file.records.iter().enumerate() {
            if at > 0 {
                self.body.push(b',');
            }
            self.body.extend_from_slice(record.as_bytes());
        }
        self.body.extend_from_slice(b"]}");
        self.inflated_bytes += self.body.len() as u64;
        self.files += 1;
        self.write_body(file)
    }

    /// Ends the output.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    pub fn finish(&mut self) -> io::Result<()> {
        if let Some(lines) = &mut self.lines {
            self.files = 1;
            lines.flush()?;
        }
        Ok(())
    }

    fn write_body(&mut self, file: &File<'_>) -> io::Result<()> {
        let mut day = String::new();
        file.tick.push_day_path(&mut day);
        let folder = self.root.join(file.account).join("CloudTrail").join(file.region).join(day);
        if folder != self.folder {
            fs::create_dir_all(&folder)?;
            self.folder = folder;
        }
        let suffix = if self.form == Form::Plain { "json" } else { "json.gz" };
        let name = format!(
            "{}_CloudTrail_{}_{}_{}.{suffix}",
            file.account,
            file.region,
            file.tick.minute_name(),
            file.unique
        );
        let path = self.folder.join(name);
        let written = match self.form {
            Form::Gzip(level) => {
                let buffer = Vec::with_capacity(self.body.len() / 6);
                let mut gzip = GzEncoder::new(buffer, Compression::new(level.min(9)));
                gzip.write_all(&self.body)?;
                let packed = gzip.finish()?;
                fs::write(path, &packed)?;
                packed.len()
            }
            _ => {
                fs::write(path, &self.body)?;
                self.body.len()
            }
        };
        self.written_bytes += written as u64;
        Ok(())
    }
}
