//! Firings that wait for the watermark, in bounded memory.
//!
//! Above 64 MiB what waits is sorted and written to a temporary file; it comes back
//! when its time has come, merged with the rest in the order of alerts.

use exec::{Firing, Order};
use std::cmp::Ordering;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};

/// Firings that wait.
#[derive(Debug)]
pub(crate) struct Outbox {
    waiting: Vec<Firing>,
    bytes: usize,
    most: usize,
    runs: Vec<Run>,
}

/// A sorted run in a temporary file, with its first firing in memory.
#[derive(Debug)]
struct Run {
    lines: BufReader<File>,
    next: Option<Firing>,
}

/// What may wait in memory: 64 MiB.
pub(crate) const MOST_WAITING: usize = 64 << 20;

impl Outbox {
    /// An empty outbox that keeps at most about `most` bytes in memory.
    pub(crate) fn new(most: usize) -> Self {
        Self { waiting: Vec::new(), bytes: 0, most, runs: Vec::new() }
    }

    /// Have firings wait.
    ///
    /// # Errors
    ///
    /// When a temporary file cannot be written.
    pub(crate) fn put(&mut self, firings: Vec<Firing>) -> io::Result<()> {
        self.bytes += firings.iter().map(weight).sum::<usize>();
        self.waiting.extend(firings);
        if self.bytes > self.most { self.spill() } else { Ok(()) }
    }

    /// Hand on, in order, all firings whose time is at or before `second`; with `None`
    /// all there are, those apart last.
    ///
    /// # Errors
    ///
    /// When a temporary file cannot be read, or `give` fails.
    pub(crate) fn release(
        &mut self,
        second: Option<i64>,
        mut give: impl FnMut(Firing) -> io::Result<()>,
    ) -> io::Result<()> {
        let due = |order: &Order| match second {
            None => true,
            Some(limit) => !order.apart && order.second.is_some_and(|second| second <= limit),
        };
        let (mut ready, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.waiting).into_iter().partition(|firing| due(&firing.order));
        self.bytes -= ready.iter().map(weight).sum::<usize>();
        self.waiting = rest;
        ready.sort_unstable_by(Firing::compare);
        let mut ready = ready.into_iter().peekable();
        loop {
            let waiting = self.runs.iter_mut().filter(|run| run.is_due(due));
            let run = waiting.min_by(|a, b| earlier(a.next.as_ref(), b.next.as_ref()));
            match (run, ready.peek()) {
                (Some(run), first) if earlier(run.next.as_ref(), first).is_lt() => {
                    if let Some(firing) = run.take()? {
                        give(firing)?;
                    }
                }
                (_, Some(_)) => {
                    if let Some(firing) = ready.next() {
                        give(firing)?;
                    }
                }
                (_, None) => break,
            }
        }
        self.runs.retain(|run| run.next.is_some());
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        let mut waiting = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        waiting.sort_unstable_by(Firing::compare);
        let mut file = BufWriter::new(tempfile::tempfile()?);
        for firing in waiting {
            serde_json::to_writer(&mut file, &firing)?;
            file.write_all(b"\n")?;
        }
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        let mut run = Run { lines: BufReader::new(file), next: None };
        run.take()?;
        self.runs.push(run);
        Ok(())
    }
}

impl Run {
    fn is_due(&self, due: impl Fn(&Order) -> bool) -> bool {
        self.next.as_ref().is_some_and(|firing| due(&firing.order))
    }

    /// The next firing of the run; the one after it is read.
    fn take(&mut self) -> io::Result<Option<Firing>> {
        let mut line = String::new();
        let more = self.lines.read_line(&mut line)? > 0;
        let next = if more { Some(serde_json::from_str(&line)?) } else { None };
        Ok(std::mem::replace(&mut self.next, next))
    }
}

/// Which of two comes first; nothing comes last.
fn earlier(a: Option<&Firing>, b: Option<&Firing>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.compare(b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

/// About how many bytes a firing takes.
fn weight(firing: &Firing) -> usize {
    fn of(value: &serde_json::Value) -> usize {
        match value {
            serde_json::Value::String(text) => 32 + text.len(),
            serde_json::Value::Array(values) => 32 + values.iter().map(of).sum::<usize>(),
            serde_json::Value::Object(map) => {
                64 + map.iter().map(|(key, value)| 64 + key.len() + of(value)).sum::<usize>()
            }
            _ => 32,
        }
    }
    256 + firing.alert.iter().map(|(key, value)| 64 + key.len() + of(value)).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn firing(second: i64, id: &str, apart: bool) -> Firing {
        let order = Order {
            apart,
            second: (!apart).then_some(second),
            rule: "r".into(),
            group: "{}".into(),
            tuple: "".into(),
            id: id.into(),
        };
        let alert = [("rule".to_owned(), serde_json::json!("r"))].into_iter().collect();
        Firing { order, rule: 0, held_by: None, alert, fingerprint: String::new() }
    }

    #[test]
    fn order_holds_with_and_without_files() {
        let mut told = Vec::new();
        for most in [0, 2_000, usize::MAX] {
            let mut outbox = Outbox::new(most);
            let mut out = Vec::new();
            let mut give = |firing: Firing| {
                out.push((firing.order.second, firing.order.id.to_string()));
                Ok(())
            };
            for at in [5, 3, 9, 1, 7, 3] {
                outbox
                    .put(vec![firing(at, &format!("{at}"), false), firing(at, "z", true)])
                    .unwrap();
            }
            outbox.release(Some(3), &mut give).unwrap();
            outbox.put(vec![firing(4, "4", false)]).unwrap();
            outbox.release(None, &mut give).unwrap();
            told.push(out);
        }
        let seconds: Vec<_> = told[2].iter().filter_map(|(second, _)| *second).collect();
        assert_eq!(seconds, [1, 3, 3, 4, 5, 7, 9]);
        assert_eq!(told[2].len(), 13);
        assert_eq!(told[0], told[2]);
        assert_eq!(told[1], told[2]);
    }
}
