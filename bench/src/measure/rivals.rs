//! Other tools on the same files, each as a child process on one core, where it can be.
//!
//! What a tool does is said beside its time: most do less than a replay, and a time
//! without that would mislead. A tool that fails is shown as failed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::measure::child;
use crate::measure::corpus::Corpus;
use crate::measure::stopwatch::Spread;

/// A tool that is known by name.
#[derive(Debug, Clone, Copy)]
struct Known {
    name: &'static str,
    does: &'static str,
    /// Words after the program; `{plain}` and so on as in [`Places::fill`].
    words: &'static [&'static str],
    /// Whether it needs a folder of Sigma rules.
    sigma: bool,
}

const PARSE: &str = "find \"$1\" -type f -exec cat {} + | \"$0\" '.Records | length'";
const QUERY: &str = "SET threads = 1; SELECT count(*) FROM (SELECT unnest(Records) AS r FROM read_json('{plain}/*.json', maximum_object_size = 1073741824, union_by_name = true)) WHERE r.errorCode = 'AccessDenied'";

const KNOWN: &[Known] = &[
    Known {
        name: "rg",
        does: "counts the lines with AccessDenied; knows no JSON",
        words: &["--threads", "1", "--count", "AccessDenied", "{plain}"],
        sigma: false,
    },
    Known {
        name: "jq",
        does: "parses, and counts the records of each file; no rules",
        words: &["sh", "-c", PARSE, "{program}", "{plain}"],
        sigma: false,
    },
    Known {
        name: "duckdb",
        does: "parses all columns, and counts one error code; one query, no rules",
        words: &["-c", QUERY],
        sigma: false,
    },
    Known {
        name: "suzaku",
        does: "Sigma rules, without windows but for correlation rules; all its cores",
        words: &[
            "aws-ct-timeline",
            "-d",
            "{stored}",
            "-r",
            "{sigma}",
            "-o",
            "{scratch}/suzaku.csv",
        ],
        sigma: true,
    },
    Known {
        name: "rsigma",
        does: "Sigma rules on JSON Lines",
        words: &["engine", "eval", "-r", "{sigma}", "-e", "@{lines}"],
        sigma: true,
    },
];

/// Where the files lie that tools are given.
#[derive(Debug)]
pub struct Places<'a> {
    /// The archive.
    pub corpus: &'a Corpus,
    /// A file with the same records as JSON Lines.
    pub lines: &'a Path,
    /// A folder for what tools write.
    pub scratch: &'a Path,
    /// Sigma rules.
    pub sigma: Option<&'a Path>,
}

impl Places<'_> {
    /// A word with `{plain}`, `{stored}`, `{lines}`, `{scratch}` and `{sigma}` filled in.
    fn fill(&self, word: &str) -> String {
        let shown = |path: &Path| path.display().to_string();
        word.replace("{plain}", &shown(&self.corpus.plain))
            .replace("{stored}", &shown(&self.corpus.stored))
            .replace("{lines}", &shown(self.lines))
            .replace("{scratch}", &shown(self.scratch))
            .replace("{sigma}", &self.sigma.map(shown).unwrap_or_default())
    }
}

/// A tool to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rival {
    /// Its name.
    pub name: String,
    /// What it does with the files.
    pub does: String,
    program: PathBuf,
    words: Vec<String>,
}

/// What was asked for on the command line.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Known tools that are not on `PATH`: name and path.
    pub tools: Vec<(String, PathBuf)>,
    /// Commands: name and words.
    pub commands: Vec<(String, String)>,
}

impl Rival {
    /// The tools that are there: those asked for, and known ones on `PATH`.
    ///
    /// # Errors
    ///
    /// A tool that was given a path but is not known by name; a command without words.
    pub fn all(asked: &Asked, sigma: bool) -> Result<Vec<Self>, String> {
        for (name, _) in &asked.tools {
            if !KNOWN.iter().any(|known| known.name == name) {
                let names: Vec<&str> = KNOWN.iter().map(|known| known.name).collect();
                return Err(format!(
                    "`{name}` is not known by name ({}): give its words by --command '{name}=PATH WORD {{plain}}'",
                    names.join(", ")
                ));
            }
        }
        let mut all = Vec::new();
        for known in KNOWN.iter().filter(|known| sigma || !known.sigma) {
            let given = asked.tools.iter().find(|(name, _)| name == known.name);
            let Some(path) = given.map(|(_, path)| path.clone()).or_else(|| on_path(known.name))
            else {
                continue;
            };
            let mut words: Vec<String> =
                known.words.iter().map(|word| (*word).to_owned()).collect();
            for word in words.iter_mut().filter(|word| *word == "{program}") {
                *word = path.display().to_string();
            }
            // A pipeline is the shell's; the tool is a word of it.
            let shell = words.first().is_some_and(|word| word == "sh");
            let program = if shell { PathBuf::from(words.remove(0)) } else { path };
            let (name, does) = (known.name.to_owned(), known.does.to_owned());
            all.push(Self { name, does, program, words });
        }
        for (name, words) in &asked.commands {
            let mut words = words.split_whitespace().map(str::to_owned);
            let program = words.next().ok_or_else(|| format!("--command {name}= has no words"))?;
            let (name, does) = (name.clone(), "as given by --command".to_owned());
            all.push(Self { name, does, program: program.into(), words: words.collect() });
        }
        Ok(all)
    }

    /// Runs it and `reference` in turn; its seconds, and their ratios.
    ///
    /// # Errors
    ///
    /// One of the two cannot be started, or fails.
    pub fn race(
        &self,
        places: &Places<'_>,
        rounds: usize,
        reference: &mut dyn FnMut() -> Result<f64, child::Failed>,
    ) -> Result<(Spread, Spread), child::Failed> {
        let once = || {
            let words = self.words.iter().map(|word| places.fill(word));
            child::seconds(Command::new(&self.program).args(words))
        };
        once()?;
        let mut times = Vec::new();
        for _ in 0..rounds {
            times.push((once()?, reference()?));
        }
        let ratios = Spread::of(times.iter().map(|(own, other)| own / other));
        Ok((Spread::of(times.iter().map(|time| time.0)), ratios))
    }
}

/// Where a program is that a shell would find.
fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_known_by_name_or_refused_with_the_cure() {
        let asked =
            |name: &str| Asked { tools: vec![(name.into(), "/bin/x".into())], ..Asked::default() };
        let all = Rival::all(&asked("rg"), false).unwrap();
        let rg = all.iter().find(|rival| rival.name == "rg").unwrap();
        assert_eq!(rg.program, Path::new("/bin/x"));
        let refused = Rival::all(&asked("chainsaw"), false).unwrap_err();
        assert!(refused.contains("--command 'chainsaw=PATH"), "{refused}");
        let jq = Rival::all(&asked("jq"), false).unwrap();
        let jq = jq.iter().find(|rival| rival.name == "jq").unwrap();
        assert_eq!(jq.program, Path::new("sh"));
        assert!(jq.words.contains(&"/bin/x".to_owned()), "{jq:?}");
    }
}
