//! `sequence`: its steps, what their names mean, and which conditions make sense.
//!
//! # Invariants
//!
//! - A step reads the event at hand and the events of plain steps before it, no others.
//! - Behind the sequence (title, `show`, `suppress`) every plain step can be read.
//! - The first step is not absent; an absent one has no count.

use super::lets::twice;
use super::scope::{Checker, Val, hides};
use super::split;
use crate::ast::{self, Ident, Key, Span};
use crate::diag::Diag;
use crate::limits;
use crate::print;
use crate::typed::{Expr, ExprKind, Sequence, Step};

/// Where an expression stands, of a sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Standing {
    /// Names of steps mean nothing here.
    #[default]
    Outside,
    /// In the condition of the step of this number.
    In(usize),
    /// Where an alert is told: all steps are over.
    After,
}

impl<'a> Checker<'a, '_> {
    /// The steps of a sequence. Their names hold from here on.
    pub(super) fn sequence(&mut self, sequence: &'a ast::Sequence) -> Option<Sequence> {
        self.used.clear();
        self.step_names(&sequence.steps);
        self.steps = &sequence.steps;
        let errors = self.sink.errors();
        self.step_forms();
        let mut steps = Vec::with_capacity(self.steps.len());
        for (number, step) in self.steps.iter().enumerate() {
            self.standing = Standing::In(number);
            steps.push(self.condition(&step.cond).map(|cond| checked(number, step, cond)));
        }
        self.standing = Standing::After;
        let steps: Vec<Step> = steps.into_iter().collect::<Option<_>>()?;
        if self.sink.errors() > errors {
            return None;
        }
        Some(Sequence { text: text(sequence), params: std::mem::take(&mut self.used), steps })
    }

    fn step_names(&mut self, steps: &'a [ast::Step]) {
        for (number, step) in steps.iter().enumerate() {
            let before = steps.iter().take(number);
            if let Some(first) = before.map(|known| &known.name).find(|known| **known == step.name)
            {
                let diag = twice("step", &step.name, first);
                self.sink.error(diag);
            } else if let Some(hidden) = self.hidden(&step.name.name) {
                self.sink.warn(|| hides(&step.name, &hidden));
            }
        }
    }

    /// What is wrong with steps whatever their conditions say.
    fn step_forms(&mut self) {
        for (number, step) in self.steps.iter().enumerate() {
            let at = step.name.span;
            let name = &step.name.name;
            if number == limits::STEPS {
                let diag = Diag::error("E0316", format!("more than {} steps", limits::STEPS), at)
                    .label("the first that is too many")
                    .help("leave out steps, or join those that may come in any order with `or`");
                self.sink.error(diag);
            }
            if number == 0 && step.absent {
                let diag = Diag::error("E0316", "a sequence does not begin with `not`", at)
                    .label("after what should it not come?")
                    .help(format!("put a step before it: `begin: … then not {name}: …`"));
                self.sink.error(diag);
            }
            match step.count {
                Some(_) if step.absent => {
                    let diag = Diag::error("E0316", "a `not` step has no count", at)
                        .label("one such event is enough to end the match")
                        .help(format!("write `not {name}: {}`", self.sink.quote(step.cond.span)));
                    self.sink.error(diag);
                }
                Some(0) => {
                    let diag = Diag::error("E0316", "a step of `0+` events", at)
                        .label("it would ask for nothing")
                        .help("write `1+`, or leave the step out");
                    self.sink.error(diag);
                }
                Some(count) if count > limits::STEP_EVENTS => {
                    let most = limits::STEP_EVENTS;
                    let diag = Diag::error("E0316", format!("a step of {count} events"), at)
                        .label(format!("at most {most} are allowed"))
                        .help(format!("write at most `{most}+`"));
                    self.sink.error(diag);
                }
                _ => {}
            }
        }
    }

    /// The number of a step by its name, where names of steps hold.
    pub(super) fn step_named(&self, name: &str) -> Option<usize> {
        if self.standing == Standing::Outside {
            return None;
        }
        self.steps.iter().position(|step| step.name.name == name)
    }

    /// The value below a step's name: of the event at hand or of the step's event.
    pub(super) fn step_value(
        &mut self,
        number: usize,
        at: Span,
        keys: &[&Key],
        whole: Span,
    ) -> Option<Val> {
        let step = self.steps.get(number)?;
        let Some((first, rest)) = keys.split_first() else {
            let name = &step.name.name;
            let diag = Diag::error("E0317", format!("`{name}` is a step, not a value"), at)
                .label("an event with many fields")
                .also(step.name.span, "the step")
                .help(format!("say which field: `{name}.principal`"));
            self.sink.error(diag);
            return None;
        };
        if self.standing == Standing::In(number) {
            return self.field(&first.name, first.span, rest, whole);
        }
        if let Some(diag) = self.unreadable(number, step, whole) {
            self.sink.error(diag);
            return None;
        }
        let val = self.field(&first.name, first.span, rest, whole)?;
        let ty = val.expr.ty.clone();
        Some(Val::new(ExprKind::Step(number, Box::new(val.expr)), ty, whole))
    }

    /// Why no value of a step can be read here, if there is a reason.
    fn unreadable(&self, number: usize, step: &ast::Step, at: Span) -> Option<Diag> {
        let name = &step.name.name;
        let (title, label, help) = if step.absent {
            (
                format!("`{name}` is a `not` step and has no event"),
                "of an event that never came",
                match self.standing {
                    Standing::In(_) => {
                        let part = self.here(at);
                        format!("write `{part}` as a part of the condition of `{name}`")
                    }
                    _ => "leave it out".to_owned(),
                },
            )
        } else if matches!(self.standing, Standing::In(own) if number > own) {
            (
                format!("the step `{name}` comes later"),
                "its event is not there yet",
                format!("compare the two in the condition of `{name}`"),
            )
        } else if step.count.is_some() {
            (
                format!("`{name}` is a counted step: it has many events, not one"),
                "of which of them?",
                format!("add what they share to `sequence by`; their number is `{{{name}.count}}`"),
            )
        } else {
            return None;
        };
        let diag = Diag::error("E0317", title, at).label(label);
        Some(diag.also(step.name.span, "the step").help(help))
    }

    /// The words at a place without the name of the step in front.
    fn here(&self, at: Span) -> String {
        let quote = self.sink.quote(at);
        quote.split_once('.').map_or_else(|| quote.clone(), |(_, path)| format!("{path} == …"))
    }

    /// The error for `{name}` in the title of a sequence, where counts are told by step.
    pub(super) fn not_by_step(&self, name: &str, at: Span) -> Option<Diag> {
        if self.standing != Standing::After {
            return None;
        }
        let title = format!("`{{{name}}}` stands for nothing in this rule");
        let diag = Diag::error("E0312", title, at).label("a sequence has no `when`");
        let step = self.steps.iter().find(|step| step.count.is_some());
        Some(match step.filter(|_| name == "count") {
            Some(step) => diag.help(format!("write `{{{}.count}}`", step.name.name)),
            None => diag.help("leave it out"),
        })
    }

    /// The step whose number of events a placeholder asks for, or the error for it.
    pub(super) fn step_count(
        &self,
        head: &Ident,
        keys: &[Key],
        at: Span,
    ) -> Option<Result<usize, Diag>> {
        let number = self.step_named(&head.name)?;
        let step = self.steps.get(number)?;
        match keys {
            [key] if key.name == "count" && step.absent => {
                self.unreadable(number, step, at).map(Err)
            }
            [key] if key.name == "count" => Some(Ok(number)),
            _ => None,
        }
    }
}

fn checked(number: usize, step: &ast::Step, cond: Expr) -> Step {
    let parts = split::parts(cond, number);
    Step {
        name: step.name.name.clone(),
        absent: step.absent,
        count: step.count,
        own: parts.own,
        joins: parts.joins,
        rest: parts.rest,
    }
}

/// The clause on one line, without its word.
fn text(sequence: &ast::Sequence) -> String {
    let by: Vec<String> = sequence.by.iter().map(print::path_line).collect();
    let steps: Vec<String> = sequence
        .steps
        .iter()
        .map(|step| {
            let not = if step.absent { "not " } else { "" };
            let count = step.count.map_or_else(String::new, |count| format!("{count}+ "));
            format!("{not}{}: {count}{}", step.name.name, print::expr_line(&step.cond))
        })
        .collect();
    let within = format!("{}{}", sequence.within.count, sequence.within.unit.letter());
    format!("by {} within {within} {{ {} }}", by.join(", "), steps.join(" then "))
}
