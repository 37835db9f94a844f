//! Aggregates over the events of a group in the window.

use super::eval::{Scope, eval};
use super::number::Number;
use super::record::Record;
use super::value::Value;
use lang::ast::Expr;

/// The value of an aggregate over the events of a window.
pub(crate) fn value(name: &str, args: &[Expr], scope: &Scope<'_>, window: &[&Record]) -> Value {
    let of = |record: &&Record, arg: &Expr| eval(arg, &at(record, scope));
    let satisfied = || window.iter().filter(|record| of(record, &args[0]).holds()).count();
    let whole = |number: usize| Value::Number(Number::Whole(number as i64));
    match name {
        "count" if args.is_empty() => whole(window.len()),
        "count" => whole(satisfied()),
        "ratio" if window.is_empty() => Value::Missing,
        "ratio" => Value::Number(Number::Float(satisfied() as f64 / window.len() as f64)),
        "distinct" => {
            let mut tuples: Vec<String> = window
                .iter()
                .filter_map(|record| {
                    let parts: Option<Vec<String>> =
                        args.iter().map(|arg| Some(of(record, arg).json()?.compact())).collect();
                    Some(parts?.join(" "))
                })
                .collect();
            tuples.sort();
            tuples.dedup();
            whole(tuples.len())
        }
        _ => {
            let sum: i128 = window
                .iter()
                .filter_map(|record| of(record, &args[0]).scalar().number())
                .map(Number::millionths)
                .sum();
            Value::Number(Number::Float(sum as f64 / 1e6))
        }
    }
}

/// The same place, for another event.
fn at<'a>(record: &'a Record, scope: &Scope<'a>) -> Scope<'a> {
    Scope { record, ..scope.clone() }
}
