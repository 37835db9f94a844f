//! A folder for a test, with what most tests need: rules, records, a run of the program.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A one-event rule and one with a window.
pub(crate) const RULES: &str = r#"
rule started {
  title    "{principal} started an instance with {ua}"
  severity high
  where    api == "RunInstances" and ok
}
rule deleted {
  title    "{count} snapshots deleted in {window}"
  severity medium
  where    api == "DeleteSnapshot"
  by       account
  within   10m
  when     count() >= 3
  suppress 1h
}
"#;

/// A folder that is gone after the test, with `rules.trail` in it.
pub(crate) struct Place {
    dir: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self { dir: TempDir::new().unwrap() };
        place.write("rules.trail", RULES);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Write a file; its path.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The program in this folder, its standard input closed.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trailhound"));
        command.args(args).current_dir(self.dir.path());
        // No site file of whoever runs the tests.
        command.env_remove("TRAILHOUND_SITE").env("XDG_CONFIG_HOME", self.path("config"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// What comes of it.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    /// A replay with the rules of the place only.
    pub(crate) fn replay(&self, args: &[&str]) -> Ran {
        self.run(&[&["replay", "--no-builtin", "-r", "rules.trail"], args].concat())
    }
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The same, when it ended with this status.
    #[track_caller]
    pub(crate) fn ended(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    /// The alerts on standard output.
    #[track_caller]
    pub(crate) fn alerts(&self) -> Vec<Value> {
        alerts(&self.stdout)
    }
}

/// The alerts of JSON Lines.
#[track_caller]
pub(crate) fn alerts(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A record of this API call, so many seconds after 2025-09-01T00:00:00Z.
pub(crate) fn record(api: &str, second: u32, number: u32) -> Value {
    let (minute, second) = (second / 60, second % 60);
    json!({
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "IAMUser",
            "arn": "arn:aws:iam::111122223333:user/ana",
            "accountId": "111122223333",
            "userName": "ana",
        },
        "eventTime": format!("2025-09-01T{:02}:{:02}:{second:02}Z", minute / 60, minute % 60),
        "eventSource": "ec2.amazonaws.com",
        "eventName": api,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2",
        "requestParameters": {},
        "eventID": format!("00000000-0000-4000-8000-{number:012}"),
        "readOnly": false,
        "recipientAccountId": "111122223333",
    })
}

/// Records as a file that CloudTrail delivers.
pub(crate) fn file(records: &[Value]) -> String {
    json!({ "Records": records }).to_string()
}

/// A start and three deletions, in order of time: one alert of each rule.
pub(crate) fn incident() -> Vec<Value> {
    let deletion = |number| record("DeleteSnapshot", 100 + number, number);
    [record("RunInstances", 10, 1), deletion(2), deletion(3), deletion(4)].to_vec()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// The checked-in sample archive.
pub(crate) fn sample() -> String {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample");
    sample.canonicalize().unwrap().to_str().unwrap().to_owned()
}
