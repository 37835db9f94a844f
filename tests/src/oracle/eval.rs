//! The value of an expression for one event, by walking the tree.
//!
//! Names are looked up from the inside out: variables of `any` and `all`, params,
//! lets, derived names, raw paths; in a sequence the names of its steps come after
//! the variables. A `when` is evaluated with a [`Frame`], which gives its aggregates
//! the events of the window, its scores what was before, and says whether `new` is
//! true and what share a tuple has.

use super::baseline::Past;
use super::function;
use super::net::Net;
use super::number::Number;
use super::program::seconds;
use super::record::Record;
use super::value::Value;
use super::{aggregate, derived, glob};
use lang::ast::{
    ArithOp, CompareOp, Expr, ExprKind, In, Let, LetValue, Lit, Match, MatchOp, Quantified,
};
use std::cmp::Ordering;

/// Params with their values.
pub(crate) type Params = Vec<(String, Value)>;

/// What only a `when` can see.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) window: &'a [&'a Record],
    pub(crate) new: bool,
    pub(crate) share: Option<f64>,
    pub(crate) past: Option<&'a Past<'a>>,
}

/// Where an expression is evaluated.
#[derive(Clone)]
pub(crate) struct Scope<'a> {
    pub(crate) record: &'a Record,
    pub(crate) lets: &'a [&'a Let],
    pub(crate) params: &'a [(String, Value)],
    pub(crate) vars: Vec<(String, Value)>,
    /// Steps of a sequence by name, with the events they stand for.
    pub(crate) steps: &'a [(String, &'a Record)],
    pub(crate) frame: Option<Frame<'a>>,
}

/// The value of a literal, perhaps negated.
pub(crate) fn constant(expr: &Expr) -> Value {
    match &expr.kind {
        ExprKind::Lit(lit) => literal(lit),
        ExprKind::Neg(inner) => negated(&constant(inner)),
        ExprKind::List(parts) => Value::List(parts.iter().map(constant).collect()),
        _ => Value::Missing,
    }
}

fn literal(lit: &Lit) -> Value {
    match lit {
        Lit::Str(text) => Value::Text(text.clone()),
        Lit::Number(lang::ast::Number::Int(value)) => Value::Number(Number::Whole(*value)),
        Lit::Number(lang::ast::Number::Float(value)) => Value::Number(Number::Float(*value)),
        Lit::Bool(value) => Value::Bool(*value),
        Lit::Duration(duration) => Value::Span(seconds(*duration)),
        Lit::Cidr(cidr) => Net::read(&cidr.to_string()).map_or(Value::Missing, Value::Net),
    }
}

fn negated(value: &Value) -> Value {
    match value {
        Value::Span(seconds) => seconds.checked_neg().map_or(Value::Missing, Value::Span),
        other => arith(ArithOp::Sub, &Value::Number(Number::Whole(0)), other),
    }
}

/// The value of an expression.
pub(crate) fn eval(expr: &Expr, scope: &Scope<'_>) -> Value {
    let value = |expr: &Expr| eval(expr, scope);
    let holds = |expr: &Expr| eval(expr, scope).holds();
    match &expr.kind {
        ExprKind::Lit(lit) => literal(lit),
        ExprKind::List(parts) => Value::List(parts.iter().map(value).collect()),
        ExprKind::Name(_) | ExprKind::Member(..) => path(expr, scope),
        ExprKind::Call(name, args) => call(&name.name, args, scope),
        ExprKind::Quantified(quantified) => Value::Bool(quantify(quantified, scope)),
        ExprKind::Not(inner) => Value::Bool(!holds(inner)),
        ExprKind::Neg(inner) => negated(&value(inner).scalar()),
        ExprKind::And(a, b) => Value::Bool(holds(a) && holds(b)),
        ExprKind::Or(a, b) => Value::Bool(holds(a) || holds(b)),
        ExprKind::Compare(op, a, b) => Value::Bool(compare(*op, &value(a), &value(b))),
        ExprKind::Arith(op, a, b) => arith(*op, &value(a).scalar(), &value(b).scalar()),
        ExprKind::In(within) => Value::Bool(member(within, scope) != within.negated),
        ExprKind::Match(matched) => Value::Bool(matches(matched, scope) != matched.negated),
        ExprKind::Exists(inner) => Value::Bool(!value(inner).is_missing()),
        ExprKind::Missing(inner) => Value::Bool(value(inner).is_missing()),
    }
}

/// A name with the keys after it, or a key of any other expression.
fn path(expr: &Expr, scope: &Scope<'_>) -> Value {
    let mut keys = Vec::new();
    let mut base = expr;
    while let ExprKind::Member(inner, key) = &base.kind {
        keys.insert(0, key.name.as_str());
        base = inner;
    }
    let walk =
        |value: Value, keys: &[&str]| keys.iter().fold(value, |value, key| value.member(key));
    let ExprKind::Name(name) = &base.kind else { return walk(eval(base, scope), &keys) };
    if let Some((_, value)) = scope.vars.iter().rev().find(|(var, _)| var == name) {
        return walk(value.clone(), &keys);
    }
    if let Some((_, record)) = scope.steps.iter().find(|(step, _)| step == name) {
        let Some((first, rest)) = keys.split_first() else { return Value::Missing };
        return field(record, first, rest);
    }
    if let Some((_, value)) = scope.params.iter().find(|(param, _)| param == name) {
        return walk(value.clone(), &keys);
    }
    if let Some(index) = scope.lets.iter().rposition(|item| item.name.name == *name) {
        return walk(let_value(index, scope), &keys);
    }
    field(scope.record, name, &keys)
}

/// A derived name or a raw path of an event, with the keys after its first.
fn field(record: &Record, name: &str, keys: &[&str]) -> Value {
    let walk =
        |value: Value, keys: &[&str]| keys.iter().fold(value, |value, key| value.member(key));
    if let Some(value) =
        keys.first().and_then(|key| derived::value(record, &format!("{name}.{key}")))
    {
        return walk(value, &keys[1..]);
    }
    if let Some(value) = derived::value(record, name) {
        return walk(value, keys);
    }
    let first = match name {
        "record" => return walk(Value::Json(record.json.clone()), keys),
        "req" => "requestParameters",
        "resp" => "responseElements",
        "extra" => "additionalEventData",
        other => other,
    };
    record.raw(&[&[first], keys].concat())
}

/// The value of a let, which sees the lets above it and the event, nothing else.
fn let_value(index: usize, scope: &Scope<'_>) -> Value {
    let LetValue::Expr(expr) = &scope.lets[index].value else { return Value::Missing };
    let above = Scope {
        record: scope.record,
        lets: &scope.lets[..index],
        params: &[],
        vars: Vec::new(),
        steps: &[],
        frame: None,
    };
    eval(expr, &above)
}

fn call(name: &str, args: &[Expr], scope: &Scope<'_>) -> Value {
    match (name, scope.frame) {
        ("new", Some(frame)) => Value::Bool(frame.new),
        ("rare", Some(frame)) => {
            frame.share.map_or(Value::Missing, |share| Value::Number(Number::Float(share)))
        }
        ("zscore", Some(frame)) => frame
            .past
            .and_then(|past| past.judge(&args[0], scope))
            .map_or(Value::Missing, |judged| Value::Number(Number::Float(judged.score))),
        ("count" | "ratio" | "distinct" | "sum", Some(frame)) => {
            aggregate::value(name, args, &Scope { frame: None, ..scope.clone() }, frame.window)
        }
        ("if", _) => {
            let chosen = if eval(&args[0], scope).holds() { &args[1] } else { &args[2] };
            eval(chosen, scope)
        }
        _ => {
            let values: Vec<Value> = args.iter().map(|arg| eval(arg, scope)).collect();
            function::value(name, &values)
        }
    }
}

fn quantify(quantified: &Quantified, scope: &Scope<'_>) -> bool {
    let Some(elements) = eval(&quantified.list, scope).elements() else { return false };
    let mut inner = scope.clone();
    let mut verdicts = elements.into_iter().map(|element| {
        inner.vars.push((quantified.var.name.clone(), element));
        let holds = eval(&quantified.cond, &inner).holds();
        inner.vars.pop();
        holds
    });
    if quantified.all { verdicts.all(|holds| holds) } else { verdicts.any(|holds| holds) }
}

fn compare(op: CompareOp, a: &Value, b: &Value) -> bool {
    let order = if a.is_missing() || b.is_missing() { None } else { a.order(b) };
    match op {
        CompareOp::Eq => a.equals(b),
        CompareOp::Ne => !a.equals(b),
        CompareOp::Lt => order == Some(Ordering::Less),
        CompareOp::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        CompareOp::Gt => order == Some(Ordering::Greater),
        CompareOp::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    }
}

fn arith(op: ArithOp, a: &Value, b: &Value) -> Value {
    let span = |seconds: Option<i64>| seconds.map_or(Value::Missing, Value::Span);
    let time = |seconds: Option<i64>| seconds.map_or(Value::Missing, Value::Time);
    match (op, a, b) {
        (ArithOp::Sub, Value::Time(a), Value::Time(b)) => return span(a.checked_sub(*b)),
        (ArithOp::Add, Value::Time(a), Value::Span(b))
        | (ArithOp::Add, Value::Span(b), Value::Time(a)) => {
            return time(a.checked_add(*b));
        }
        (ArithOp::Sub, Value::Time(a), Value::Span(b)) => return time(a.checked_sub(*b)),
        (ArithOp::Add, Value::Span(a), Value::Span(b)) => return span(a.checked_add(*b)),
        (ArithOp::Sub, Value::Span(a), Value::Span(b)) => return span(a.checked_sub(*b)),
        (ArithOp::Mul, Value::Span(a), Value::Number(Number::Whole(b)))
        | (ArithOp::Mul, Value::Number(Number::Whole(b)), Value::Span(a)) => {
            return span(a.checked_mul(*b));
        }
        _ => {}
    }
    let letter = match op {
        ArithOp::Add => '+',
        ArithOp::Sub => '-',
        ArithOp::Mul => '*',
        ArithOp::Div => '/',
    };
    let result = a.number().zip(b.number()).and_then(|(a, b)| a.arith(letter, b));
    result.map_or(Value::Missing, Value::Number)
}

fn member(within: &In, scope: &Scope<'_>) -> bool {
    let value = eval(&within.value, scope);
    let list = eval(&within.list, scope);
    if let Some(high) = &within.high {
        return compare(CompareOp::Ge, &value, &list)
            && compare(CompareOp::Le, &value, &eval(high, scope));
    }
    let Value::List(members) = list else { return false };
    members.iter().any(|member| match (&value, member) {
        (Value::Ip(address), Value::Net(net)) => net.contains(*address),
        (value, member) => value.equals(member),
    })
}

fn matches(matched: &Match, scope: &Scope<'_>) -> bool {
    let value = eval(&matched.value, scope);
    let operand = eval(&matched.operand, scope);
    let operands = match &operand {
        Value::List(operands) => operands.clone(),
        one => vec![one.clone()],
    };
    match matched.op {
        MatchOp::Has => {
            let elements = value.elements().unwrap_or_default();
            elements.iter().any(|element| operands.iter().any(|operand| element.equals(operand)))
        }
        MatchOp::Like => {
            let value = value.scalar();
            let Some(text) = value.text() else { return false };
            let lower = matches!(value, Value::Action(_));
            operands
                .iter()
                .filter_map(|operand| operand.clone().scalar().text().map(str::to_owned))
                .any(|pattern| {
                    glob::matches(&if lower { pattern.to_lowercase() } else { pattern }, text)
                })
        }
        MatchOp::Matches => {
            let value = value.scalar();
            let pattern = operand.text().and_then(super::pattern::pattern);
            value.text().zip(pattern).is_some_and(|(text, pattern)| pattern.is_match(text))
        }
    }
}
