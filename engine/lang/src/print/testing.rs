//! Tests, and the JSON in them.
//!
//! An object that does not fit on its line is filled over a few lines; one that is
//! longer still, or has a value that is, has one pair a line.

use super::layout::Page;
use super::words::{self, Lines};
use crate::ast::{Json, Object, ObjectKey, Test, TestStep, TestStepKind};
use crate::limits::LINE_WIDTH;

/// The most lines over which an object is filled.
const FILLED: usize = 3;

impl Page {
    pub(super) fn test(&mut self, test: &Test) {
        self.push(&format!("  test {} {{\n", words::text(&test.name.value, Lines::One)));
        for step in &test.steps {
            self.push("    ");
            self.test_step(step);
            self.push("\n");
        }
        self.push("  }");
    }

    fn test_step(&mut self, step: &TestStep) {
        // An object has one pair a line where a comment may stand between them.
        let fold = !self.is_commented(step.span);
        match &step.kind {
            TestStepKind::Warm(length, every, object) => {
                self.push(&format!(
                    "warm   {} every {} ",
                    words::duration(*length),
                    words::duration(*every)
                ));
                self.object(object, (4, fold), "");
            }
            TestStepKind::Event(object, times, every) => {
                let times = times.map(|times| format!(" x {times}")).unwrap_or_default();
                let every = every
                    .map(|every| format!(" every {}", words::duration(every)))
                    .unwrap_or_default();
                self.push("event  ");
                self.object(object, (4, fold), &(times + &every));
            }
            TestStepKind::EventsFrom(file) => {
                self.push(&format!("events from {}", words::text(&file.value, Lines::One)));
            }
            TestStepKind::Wait(length) => {
                self.push(&format!("wait   {}", words::duration(*length)))
            }
            TestStepKind::Expect(count, object) => {
                self.push(&format!("expect {count}"));
                if let Some(object) = object {
                    self.push(" ");
                    self.object(object, (4, fold), "");
                }
            }
        }
    }

    /// An object on as few lines as it may and fits with `tail`, else one pair a line.
    fn object(&mut self, object: &Object, (indent, fold): (usize, bool), tail: &str) {
        let line = object_line(object);
        if object.is_empty() || fold && self.fits(&line, tail.chars().count()) {
            self.push(&line);
        } else if let Some(filled) = filled(object, self.column(), tail).filter(|_| fold) {
            self.push(&filled);
        } else {
            self.push("{\n");
            let margin = " ".repeat(indent + 2);
            for (key, value) in object {
                self.push(&format!("{margin}{}: ", key_text(key)));
                self.json(value, indent + 2, ",");
                self.push("\n");
            }
            self.push(&format!("{}}}", &margin[2..]));
        }
        self.push(tail);
    }

    fn json(&mut self, value: &Json, indent: usize, tail: &str) {
        match value {
            Json::Object(object) => return self.object(object, (indent, true), tail),
            Json::Array(values)
                if !values.is_empty() && !self.fits(&json_line(value), tail.len()) =>
            {
                self.push("[\n");
                let margin = " ".repeat(indent + 2);
                for (number, value) in values.iter().enumerate() {
                    self.push(&margin);
                    self.json(value, indent + 2, if number + 1 < values.len() { "," } else { "" });
                    self.push("\n");
                }
                self.push(&format!("{}]", &margin[2..]));
            }
            _ => self.push(&json_line(value)),
        }
        self.push(tail);
    }
}

/// An object over at most [`FILLED`] lines that begins at a column; nothing where it needs more.
fn filled(object: &Object, column: usize, tail: &str) -> Option<String> {
    let margin = " ".repeat(column + 2);
    let mut lines = vec![String::from("{ ")];
    let mut room = LINE_WIDTH.checked_sub(column + 2)?;
    for (number, (key, value)) in object.iter().enumerate() {
        let pair = format!("{}: {}", key_text(key), json_line(value));
        let last = number + 1 == object.len();
        let wanted = pair.chars().count() + if last { 2 + tail.chars().count() } else { 1 };
        if wanted > room {
            lines.push(margin.clone());
            room = LINE_WIDTH.checked_sub(column + 2)?;
            if wanted > room || lines.len() > FILLED {
                return None;
            }
        }
        room = room.saturating_sub(pair.chars().count() + 2);
        if let Some(line) = lines.last_mut() {
            line.push_str(&pair);
            line.push_str(if last { " }" } else { ", " });
        }
    }
    let trimmed: Vec<_> = lines.iter().map(|line| line.trim_end()).collect();
    Some(trimmed.join("\n"))
}

fn object_line(object: &Object) -> String {
    if object.is_empty() {
        return "{}".to_owned();
    }
    let pairs: Vec<_> = object
        .iter()
        .map(|(key, value)| format!("{}: {}", key_text(key), json_line(value)))
        .collect();
    format!("{{ {} }}", pairs.join(", "))
}

fn key_text(key: &ObjectKey) -> String {
    match key {
        ObjectKey::Quoted(key) => words::text(key, Lines::One),
        ObjectKey::Dotted(keys) => keys.join("."),
    }
}

fn json_line(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Number(digits) => digits.clone(),
        Json::String(text) => words::text(text, Lines::One),
        Json::Array(values) => {
            format!("[{}]", values.iter().map(json_line).collect::<Vec<_>>().join(", "))
        }
        Json::Object(object) => object_line(object),
    }
}
