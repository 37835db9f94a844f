//! Where values came from: what a site may set, what holds, and who said so.

use crate::output::terminal::escape;
use engine::lang::ast::Span;
use engine::lang::diag::Sources;
use engine::lang::render::place;
use engine::lang::typed::{Setting, SettingKind};
use serde_json::{Value, json};

/// A line for each setting, in columns.
pub(crate) fn lines(settings: &[Setting], sources: &Sources) -> String {
    let cells: Vec<[String; 3]> = settings.iter().map(|one| cells(one, sources)).collect();
    let mut widths = [0, 0];
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count()).min(WIDEST);
        }
    }
    let [first, second] = widths;
    let line =
        |[name, value, from]: &[String; 3]| format!("  {name:<first$}  {value:<second$}  {from}\n");
    cells.iter().map(line).collect()
}

/// The widest column that others are lined up with.
const WIDEST: usize = 48;

/// What it is, its value, where that came from.
fn cells(setting: &Setting, sources: &Sources) -> [String; 3] {
    let name = match setting.kind {
        SettingKind::Enabled | SettingKind::Severity => setting.name.clone(),
        kind => format!("{} {}", kind.word(), setting.name),
    };
    let at = setting.at.map_or_else(|| "default".to_owned(), |at| location(at, sources));
    let from = match (&setting.own, setting.kind) {
        (None, _) | (Some(_), SettingKind::Allow) => at,
        (Some(own), _) => format!("{at}, in place of {own}"),
    };
    [name, setting.value.clone(), from].map(|cell| escape(&cell))
}

/// `file:line`.
fn location(at: Span, sources: &Sources) -> String {
    let Some(source) = sources.files.get(at.file as usize) else { return String::new() };
    format!("{}:{}", source.name, place(source, at.start as usize).0)
}

/// The settings as JSON.
pub(crate) fn json(settings: &[Setting], sources: &Sources) -> Vec<Value> {
    let one = |setting: &Setting| {
        let source = setting.at.and_then(|at| sources.files.get(at.file as usize));
        let line = source.zip(setting.at).map(|(source, at)| place(source, at.start as usize).0);
        json!({
            "kind": setting.kind.word(),
            "name": setting.name,
            "value": setting.value,
            "source": source.map(|source| &source.name),
            "line": line,
            "in_place_of": setting.own,
        })
    };
    settings.iter().map(one).collect()
}
