//! A correlation as a rule with a window or a sequence.
//!
//! It knows the kinds of correlations and how each is said in the language: a count, a
//! number of different values, rules that are all met, rules that are met in order.

use crate::build;
use crate::detection::Notes;
use crate::document::Header;
use crate::field::Field;
use crate::rule::{clause, free_word};
use crate::yaml::{self, Node};
use lang::ast::{
    Clause, ClauseKind, CompareOp, Duration, Expr, ExprKind, Ident, Item, Let, LetValue, Path,
    Sequence, Span, Step, Unit,
};
use lang::aws::nearest;
use lang::diag::Diag;
use std::collections::BTreeMap;

/// A rule that a correlation is made of.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    /// How the correlation calls it.
    pub(crate) called: String,
    /// Where it does.
    pub(crate) span: Span,
    /// Its title, or name.
    pub(crate) title: String,
    pub(crate) cond: Expr,
}

/// What a correlation becomes: clauses, and lets that stand above the rule.
#[derive(Debug, Default)]
pub(crate) struct Made {
    pub(crate) lets: Vec<Item>,
    pub(crate) clauses: Vec<Clause>,
}

const TYPES: [&str; 6] =
    ["event_count", "value_count", "value_sum", "value_avg", "temporal", "temporal_ordered"];

/// How the rules that a correlation names are called, and where.
pub(crate) fn rules(node: &Node) -> Vec<(String, Span)> {
    let items = node.get("rules").map(Node::each).unwrap_or_default().iter();
    items.filter_map(|item| Some((item.text()?.to_owned(), item.span))).collect()
}

/// Whether the rules it is made of alert by themselves too.
pub(crate) fn generates(node: &Node) -> bool {
    node.get("generate").and_then(Node::scalar).and_then(|scalar| scalar.truth()) == Some(true)
}

/// The clauses of a correlation; nothing when an error was noted.
///
/// `taken` are the names that the file has already.
pub(crate) fn clauses(
    node: &Node,
    header: &Header,
    bases: &[Base],
    taken: BTreeMap<String, usize>,
    notes: &mut Notes,
) -> Option<Made> {
    let mut own = Correlation { node, header, bases, notes, lets: Vec::new(), words: taken };
    let kind = own.kind()?;
    let within = own.timespan()?;
    let by = own.by()?;
    if bases.is_empty() {
        return own.wrong("no `rules`", "name the rules it is made of");
    }
    let at = header.span;
    let made = match kind {
        "temporal_ordered" => vec![own.sequence(by, within)?],
        _ => {
            let (filter, when) = own.window(kind)?;
            let mut made = vec![clause(ClauseKind::Where(filter), at)];
            if !by.is_empty() {
                made.push(clause(ClauseKind::By(by), at));
            }
            made.push(clause(ClauseKind::Within(within), within.span));
            made.push(clause(ClauseKind::When(when), at));
            made
        }
    };
    let lets = std::mem::take(&mut own.lets);
    Some(Made { lets, clauses: made })
}

struct Correlation<'c> {
    node: &'c Node,
    header: &'c Header,
    bases: &'c [Base],
    notes: &'c mut Notes,
    lets: Vec<Item>,
    /// The names of lets and steps that are taken.
    words: BTreeMap<String, usize>,
}

impl<'c> Correlation<'c> {
    fn wrong<T>(&mut self, title: &str, help: &str) -> Option<T> {
        self.notes.wrong(Diag::error("S0011", title, self.header.span).help(help))
    }

    fn kind(&mut self) -> Option<&'c str> {
        let Some(value) = self.node.get("type") else {
            return self.wrong("a correlation without `type`", "add, say, `type: event_count`");
        };
        let word = value.text().unwrap_or_default();
        if TYPES.contains(&word) {
            return Some(word);
        }
        let diag = Diag::error("S0009", format!("a correlation of type `{word}`"), value.span)
            .label("cannot be said in the language");
        let diag = match nearest(word, TYPES) {
            Some(near) => diag.help(format!("did you mean `{near}`?")),
            None => diag.help(format!("there are {}", TYPES.join(", "))),
        };
        self.notes.wrong(diag)
    }

    fn timespan(&mut self) -> Option<Duration> {
        let Some(value) = self.node.get("timespan") else {
            if let Some((key, _)) = self.node.entry("timeframe") {
                let diag = Diag::error("S0011", "a correlation has no `timeframe`", key.span);
                return self.notes.wrong(diag.help("call it `timespan`"));
            }
            return self.wrong("a correlation without `timespan`", "add, say, `timespan: 10m`");
        };
        let text = value.text().unwrap_or_default();
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let unit = match text.get(digits.len()..) {
            Some("s") => Some(Unit::Second),
            Some("m") => Some(Unit::Minute),
            Some("h") => Some(Unit::Hour),
            Some("d") => Some(Unit::Day),
            Some("w") => Some(Unit::Week),
            _ => None,
        };
        match (digits.parse(), unit) {
            (Ok(count), Some(unit)) => Some(Duration { count, unit, span: value.span }),
            _ => {
                let title = format!("`{text}` is no length of time");
                let diag = Diag::error("S0011", title, value.span);
                self.notes.wrong(
                    diag.help("write digits and one of `s m h d w`: `10m`, and a month as `30d`"),
                )
            }
        }
    }

    /// The group, with a let for each field that has another name in each rule.
    fn by(&mut self) -> Option<Vec<Path>> {
        let keys = self.node.get("group-by").map(Node::each).unwrap_or_default();
        let mut all = Vec::new();
        for key in keys {
            let Some(name) = key.text() else {
                let diag = Diag::error("S0004", "`group-by` lists fields", key.span);
                return self.notes.wrong(diag.help("write the name of a field"));
            };
            let alias = self.node.get("aliases").and_then(|aliases| aliases.get(name));
            all.push(match alias {
                Some(alias) => self.alias(name, alias, key.span)?,
                None => Field::named(name, key.span, &mut self.notes.diags).path(),
            });
        }
        Some(all)
    }

    /// `let name = if(rule, field, other)`, as a path.
    fn alias(&mut self, name: &str, alias: &Node, at: Span) -> Option<Path> {
        let mut fields = Vec::new();
        for base in self.bases {
            let known = [&base.called, &base.title];
            let found = alias.entries().iter().find(|(key, _)| known.contains(&&key.name));
            let Some((_, value)) = found else {
                let title = format!("the alias `{name}` has no field for `{}`", base.called);
                let diag = Diag::error("S0011", title, at).also(base.span, "this rule");
                return self.notes.wrong(diag.help("add a line for it below the alias"));
            };
            let field =
                Field::named(value.text().unwrap_or_default(), value.span, &mut self.notes.diags);
            fields.push((base, field));
        }
        let one_type = fields.windows(2).all(|two| match two {
            [(_, one), (_, other)] => one.ty == other.ty,
            _ => true,
        });
        let value = |field: &Field| if one_type { field.expr() } else { field.raw().expr() };
        let mut rest = fields.iter().rev();
        let last = rest.next().map(|(_, field)| value(field))?;
        let chosen = rest.fold(last, |other, (base, field)| {
            build::call("if", vec![base.cond.clone(), value(field), other], at)
        });
        let word = self.word(name);
        self.name_it(&word, chosen, at);
        Some(Path { head: Ident { name: word, span: at }, keys: Vec::new(), span: at })
    }

    /// A name that nothing has yet.
    fn word(&mut self, text: &str) -> String {
        let mut word = free_word(text);
        let count = self.words.entry(word.clone()).or_default();
        *count += 1;
        if *count > 1 {
            word.push_str(&format!("_{count}"));
        }
        word
    }

    /// Puts an expression above the rule, under a name.
    fn name_it(&mut self, word: &str, value: Expr, at: Span) {
        let name = Ident { name: word.to_owned(), span: at };
        let value = LetValue::Expr(value);
        self.lets.push(Item::Let(Let { name, ty: None, value, span: at }));
    }

    /// `where` and `when` of a window.
    fn window(&mut self, kind: &str) -> Option<(Expr, Expr)> {
        let at = self.header.span;
        if kind == "temporal" {
            return self.all_met();
        }
        let filter = build::either(self.bases.iter().map(|base| base.cond.clone()).collect())?;
        let Some(condition) = self.node.get("condition") else {
            return self
                .wrong("a correlation without `condition`", "add, say, `condition: { gte: 10 }`");
        };
        let of = condition.get("field");
        let fields: Vec<Expr> = of
            .map(Node::each)
            .unwrap_or_default()
            .iter()
            .filter_map(|item| Some((item.text()?, item.span)))
            .map(|(name, span)| Field::named(name, span, &mut self.notes.diags).expr())
            .collect();
        let mut of_field = fields.iter();
        let value = match (kind, of_field.next(), of_field.next()) {
            ("event_count", ..) => build::call("count", Vec::new(), at),
            ("value_count", Some(_), _) => build::call("distinct", fields, at),
            ("value_sum", Some(field), None) => build::call("sum", vec![field.clone()], at),
            ("value_avg", Some(field), None) => {
                let sum = build::call("sum", vec![field.clone()], at);
                let there = build::exists(field.clone(), at);
                let count = build::call("count", vec![there], at);
                let (sum, count) = (Box::new(sum), Box::new(count));
                build::expr(ExprKind::Arith(lang::ast::ArithOp::Div, sum, count), at)
            }
            _ => {
                return self.wrong(
                    &format!("`{kind}` without a field"),
                    "add `field: …` below `condition`",
                );
            }
        };
        Some((filter, self.bounds(condition, &value)?))
    }

    /// How the value is compared, all comparisons together.
    fn bounds(&mut self, condition: &Node, value: &Expr) -> Option<Expr> {
        let mut parts = Vec::new();
        for (key, bound) in condition.entries() {
            let op = match key.name.as_str() {
                "field" => continue,
                "eq" => CompareOp::Eq,
                "neq" => CompareOp::Ne,
                "lt" => CompareOp::Lt,
                "lte" => CompareOp::Le,
                "gt" => CompareOp::Gt,
                "gte" => CompareOp::Ge,
                _ => {
                    let title = format!("`{}` is no comparison", key.name);
                    let diag = Diag::error("S0011", title, key.span);
                    return self.notes.wrong(diag.help("there are eq, neq, lt, lte, gt, gte"));
                }
            };
            let Some(number) = bound.text().and_then(yaml::number) else {
                let diag = Diag::error("S0011", "a bound that is no number", bound.span);
                return self.notes.wrong(diag.help("write a number"));
            };
            let number = build::number(number, bound.span);
            parts.push(build::compare(op, value.clone(), number, key.span));
        }
        match build::all(parts) {
            Some(all) => Some(all),
            None => self.wrong("a condition without a comparison", "add, say, `gte: 10`"),
        }
    }

    /// All rules are met in the window, in any order.
    fn all_met(&mut self) -> Option<(Expr, Expr)> {
        if let Some((key, _)) = self.node.entry("condition") {
            let diag = Diag::error("S0009", "`temporal` with a condition of its own", key.span);
            return self.notes.wrong(diag.help("leave it out: all rules must be met"));
        }
        let (mut any, mut met) = (Vec::new(), Vec::new());
        for base in self.bases {
            let word = self.word(&base.title);
            self.name_it(&word, base.cond.clone(), base.span);
            let name = build::name(&word, base.span);
            any.push(name.clone());
            let count = build::call("count", vec![name], base.span);
            met.push(build::compare(CompareOp::Ge, count, build::int(1, base.span), base.span));
        }
        Some((build::either(any)?, build::all(met)?))
    }

    /// All rules are met in their order.
    fn sequence(&mut self, by: Vec<Path>, within: Duration) -> Option<Clause> {
        if by.is_empty() {
            return self.wrong(
                "`temporal_ordered` without `group-by`",
                "name the fields that the events share",
            );
        }
        if let Some((key, _)) = self.node.entry("condition") {
            let diag =
                Diag::error("S0009", "`temporal_ordered` with a condition of its own", key.span);
            return self.notes.wrong(diag.help("leave it out: all rules must be met"));
        }
        let steps = self.bases.iter().map(|base| Step {
            absent: false,
            name: Ident { name: String::new(), span: base.span },
            count: None,
            cond: base.cond.clone(),
            span: base.span,
        });
        let mut steps: Vec<Step> = steps.collect();
        for (step, base) in steps.iter_mut().zip(self.bases) {
            step.name.name = self.word(&base.title);
        }
        let sequence = Sequence { by, within, steps };
        let at = self.node.get("type").map_or(self.header.span, |value| value.span);
        Some(clause(ClauseKind::Sequence(sequence), at))
    }
}
