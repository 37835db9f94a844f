//! Tests, and the JSON in them.

use super::layout::Page;
use super::words::{self, Lines};
use crate::ast::{Json, Object, ObjectKey, Test, TestStep, TestStepKind};

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
        match &step.kind {
            TestStepKind::Warm(length, every, object) => {
                self.push(&format!(
                    "warm   {} every {} ",
                    words::duration(*length),
                    words::duration(*every)
                ));
                self.object(object, 4, "");
            }
            TestStepKind::Event(object, times, every) => {
                let times = times.map(|times| format!(" x {times}")).unwrap_or_default();
                let every = every
                    .map(|every| format!(" every {}", words::duration(every)))
                    .unwrap_or_default();
                self.push("event  ");
                self.object(object, 4, &(times + &every));
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
                    self.object(object, 4, "");
                }
            }
        }
    }

    /// An object on one line if it fits with `tail`, else one pair a line.
    fn object(&mut self, object: &Object, indent: usize, tail: &str) {
        let line = object_line(object);
        if object.is_empty() || self.fits(&line, tail.chars().count()) {
            self.push(&line);
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
            Json::Object(object) => return self.object(object, indent, tail),
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
