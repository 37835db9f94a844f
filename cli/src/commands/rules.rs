//! `rules`: the rules of a run, as a table, as JSON or as the techniques they cover.

use super::attack_layer::layer;
use super::{counted, origin, print};
use crate::args::{ColorWhen, ListFormat, Rules};
use crate::exit::{Exit, Failure};
use crate::load::{Telling, ruleset};
use crate::output::terminal::{Look, escape, style_of};
use crate::settings::now;
use crate::site::Found;
use anstyle::Style;
use engine::lang::ast::Status;
use engine::lang::diag::Sources;
use engine::lang::typed::{Piece, Rule};
use serde_json::json;

/// List the rules, those of a file together.
///
/// # Errors
///
/// When rules cannot be used.
pub(crate) fn run(typed: &Rules, color: ColorWhen) -> Result<Exit, Failure> {
    let look = Look::stderr(color);
    let telling = Telling { look, quiet: false, verbose: false, now: now() };
    let (texts, ruleset) = ruleset(&typed.rules, telling)?;
    if typed.attack_layer {
        print(&format!("{:#}\n", layer(ruleset.rules.iter().map(|rule| &**rule))))?;
        return Ok(Exit::Done);
    }
    let sources = &texts.sources;
    let mut listed: Vec<_> = ruleset.rules.iter().map(|rule| Listed::of(rule, sources)).collect();
    // Those of the user last; in a file in the order of the file.
    listed.sort_by(|a, b| {
        (!a.rule.builtin, &a.source, a.rule.span.start).cmp(&(
            !b.rule.builtin,
            &b.source,
            b.rule.span.start,
        ))
    });
    match typed.format {
        ListFormat::Json if typed.origin => {
            let with_settings = |one: &Listed<'_>| {
                let mut json = one.json();
                json["settings"] = json!(origin::json(&one.rule.settings, sources));
                json
            };
            let all = json!({
                "site": texts.site.as_ref().map(Found::name),
                "lets": origin::json(&ruleset.settings, sources),
                "rules": listed.iter().map(with_settings).collect::<Vec<_>>(),
            });
            print(&format!("{all:#}\n"))?;
        }
        ListFormat::Json => {
            let all: Vec<_> = listed.iter().map(Listed::json).collect();
            print(&format!("{:#}\n", json!(all)))?;
        }
        ListFormat::Table if typed.origin => {
            let mut text = String::new();
            for one in &listed {
                text.push_str(&format!("{}\n", escape(&one.rule.name)));
                text.push_str(&origin::lines(&one.rule.settings, sources));
            }
            if !ruleset.settings.is_empty() {
                text.push_str("lets\n");
                text.push_str(&origin::lines(&ruleset.settings, sources));
            }
            print(&text)?;
        }
        ListFormat::Table => {
            let off = listed.iter().filter(|one| !one.rule.enabled).count();
            let off = if off > 0 { format!(", {off} not loaded") } else { String::new() };
            let (rules, files) = (listed.len(), sources.rule_files());
            let end = format!("{} in {}{off}\n", counted(rules, "rule"), counted(files, "file"));
            print(&(table(&listed, Look::stdout(color)) + &end))?;
        }
    }
    Ok(Exit::Done)
}

/// A rule in the list.
struct Listed<'a> {
    rule: &'a Rule,
    source: String,
    title: String,
}

impl<'a> Listed<'a> {
    fn of(rule: &'a Rule, sources: &Sources) -> Self {
        let source = sources.files.get(rule.span.file as usize);
        let source = source.map(|source| source.name.clone()).unwrap_or_default();
        Self { rule, source, title: title(rule) }
    }

    /// What kind of rule it is.
    fn kind(&self) -> &'static str {
        let rule = self.rule;
        match &rule.when {
            None if rule.sequence.is_some() => "sequence",
            None => "event",
            Some(_) if rule.first_seen.is_some() => "first seen",
            Some(_) if rule.rare.is_some() => "rare",
            Some(_) if !rule.baselines.is_empty() => "baseline",
            Some(_) => "window",
        }
    }

    fn json(&self) -> serde_json::Value {
        let rule = self.rule;
        json!({
            "rule": rule.name,
            "version": rule.version,
            "severity": rule.severity.word(),
            "status": rule.status.word(),
            "enabled": rule.enabled,
            "attack": rule.attack,
            "tags": rule.tags,
            "kind": self.kind(),
            "builtin": rule.builtin,
            "source": self.source,
            "title": self.title,
            "about": rule.about,
            "runbook": rule.runbook,
            "refs": rule.refs,
            "tests": rule.tests.len(),
        })
    }

    /// The cells of its row.
    fn cells(&self) -> [String; 6] {
        [
            escape(&self.rule.name),
            self.rule.severity.word().to_owned(),
            self.kind().to_owned(),
            self.rule.attack.join(" "),
            escape(&self.source),
            self.mark() + &escape(&self.title),
        ]
    }

    /// What its title is marked with: whether it is loaded, and whether it should be.
    fn mark(&self) -> String {
        let deprecated = self.rule.status == Status::Deprecated;
        let mark = match (deprecated, self.rule.enabled) {
            (false, true) => return String::new(),
            (false, false) => "not loaded",
            (true, true) => "deprecated",
            (true, false) => "deprecated, not loaded",
        };
        format!("[{mark}] ")
    }
}

/// The title as its author wrote it.
fn title(rule: &Rule) -> String {
    let name = |text: &str| text.split('(').next().unwrap_or_default().to_owned();
    let pieces = rule.title.iter().map(|piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Path(path) => format!("{{{}}}", path.text),
        Piece::Aggregate(number) => {
            let text = rule.aggregates.get(*number).map(|aggregate| name(&aggregate.text));
            format!("{{{}}}", text.unwrap_or_default())
        }
        Piece::Window => "{window}".to_owned(),
        Piece::StepCount(number) => {
            let steps = rule.sequence.as_ref().map(|sequence| sequence.steps.as_slice());
            let step = steps.unwrap_or_default().get(*number);
            format!("{{{}.count}}", step.map(|step| step.name.as_str()).unwrap_or_default())
        }
        Piece::Score => "{score}".to_owned(),
        Piece::Center => "{baseline.center}".to_owned(),
        Piece::Scale => "{baseline.scale}".to_owned(),
    });
    pieces.collect()
}

const HEAD: [&str; 6] = ["rule", "severity", "kind", "attack", "file", "title"];

fn table(listed: &[Listed<'_>], look: Look) -> String {
    let rows: Vec<_> = listed.iter().map(Listed::cells).collect();
    let mut widths = HEAD.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    // The title takes what is left of a terminal.
    let before: usize = widths[..5].iter().map(|width| width + 2).sum();
    let left = if look.terminal { look.width.saturating_sub(before).max(20) } else { usize::MAX };
    let head = line(&HEAD.map(str::to_owned), &widths, left);
    let mut text = look.paint(Style::new().bold(), head.trim_end());
    text.push('\n');
    for (row, one) in rows.iter().zip(listed) {
        let line = line(row, &widths, left);
        // The severity is the second column, which begins where the first ends.
        let at = line.char_indices().nth(widths[0] + 2).map_or(line.len(), |(at, _)| at);
        let (name, rest) = line.split_at(at);
        let (level, rest) = rest.split_at(one.rule.severity.word().len());
        text.push_str(name);
        text.push_str(&look.paint(style_of(one.rule.severity), level));
        text.push_str(rest.trim_end());
        text.push('\n');
    }
    text
}

/// The cells of a row beside each other; the last at most `left` wide.
fn line(cells: &[String; 6], widths: &[usize; 6], left: usize) -> String {
    let mut line = String::new();
    for (cell, width) in cells[..5].iter().zip(widths) {
        line.push_str(&format!("{cell:<width$}  "));
    }
    if cells[5].chars().count() > left {
        line.extend(cells[5].chars().take(left.saturating_sub(1)));
        line.push('…');
    } else {
        line.push_str(&cells[5]);
    }
    line
}
