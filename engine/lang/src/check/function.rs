//! Functions of an event's values.

use super::compare::Side;
use super::scope::{Checker, Val};
use super::{suggest, types};
use crate::ast::{self, Ident};
use crate::diag::Diag;
use crate::typed::{Const, Expr, ExprKind, Func, Type};

/// The functions by name, with the least and the greatest number of arguments.
const FUNCTIONS: [(&str, Func, usize); 10] = [
    ("lower", Func::Lower, 1),
    ("len", Func::Len, 1),
    ("hour", Func::Hour, 1),
    ("weekday", Func::Weekday, 1),
    ("if", Func::If, 3),
    ("clamp", Func::Clamp, 3),
    ("text", Func::Text, 1),
    ("json", Func::Json, 1),
    ("policy", Func::Policy, 1),
    ("grants", Func::Grants, 2),
];

/// How a function is called, for messages.
const FORMS: [&str; 10] = [
    "lower(text)",
    "len(list)",
    "hour(time)",
    "weekday(time)",
    "if(condition, a, b)",
    "clamp(x, low, high)",
    "text(x)",
    "json(text)",
    "policy(x)",
    "grants(statement, \"iam:PassRole\")",
];

/// What can be called only elsewhere, or not at all: names a writer may have in mind.
const OTHERS: [&str; 10] =
    ["count", "distinct", "sum", "ratio", "new", "rare", "zscore", "top", "first", "last"];

impl Checker<'_, '_> {
    /// A call, of whatever.
    pub(super) fn call(
        &mut self,
        name: &Ident,
        args: &[ast::Expr],
        expr: &ast::Expr,
    ) -> Option<Val> {
        if let Some(number) = FUNCTIONS.iter().position(|(known, ..)| *known == name.name) {
            return self.function(number, name, args, expr);
        }
        match name.name.as_str() {
            "count" | "distinct" | "sum" | "ratio" => return self.aggregate(name, args, expr),
            "new" | "rare" => return self.misplaced_tuple(name, args, expr),
            "zscore" => return self.zscore(name, args, expr),
            _ => {}
        }
        for arg in args {
            let _ = self.expr(arg);
        }
        let diag = match name.name.as_str() {
            word @ ("top" | "first" | "last") => {
                Diag::error("E0304", format!("`{word}` stands only in `show`"), name.span)
                    .label("not in a condition")
                    .help(format!("add `show {word}(…)` to the rule"))
            }
            word @ "travel_kmh" => {
                Diag::error("E0907", format!("`{word}` is reserved for a later release"), name.span)
                    .label("not in this release")
                    .help("compare `ip` with networks, or `region` with a list")
            }
            word => {
                let names = FUNCTIONS.iter().map(|(known, ..)| *known).chain(OTHERS);
                let diag = Diag::error("E0105", format!("unknown function `{word}`"), name.span)
                    .label("no function of the rule language");
                match suggest::nearest(word, names.clone()).or_else(|| elsewhere(word)) {
                    Some(near) => diag.help(format!("did you mean `{near}`?")),
                    None => {
                        diag.help(format!("there are {}", names.collect::<Vec<_>>().join(", ")))
                    }
                }
            }
        };
        self.sink.error(diag);
        None
    }

    /// Nothing, or an error for a wrong number of arguments.
    pub(super) fn arity(
        &mut self,
        args: &[ast::Expr],
        least: usize,
        most: usize,
        call: (&ast::Expr, &str),
    ) -> Option<()> {
        if (least..=most).contains(&args.len()) {
            return Some(());
        }
        let (expr, form) = call;
        let title = match args.len() {
            0 => "nothing is in the parentheses".to_owned(),
            1 => "one argument is not the right number".to_owned(),
            many => format!("{many} arguments are not the right number"),
        };
        let diag = Diag::error("E0203", title, expr.span)
            .label(format!("it is `{form}`"))
            .help(format!("write `{form}`"));
        self.sink.error(diag);
        None
    }

    fn function(
        &mut self,
        number: usize,
        name: &Ident,
        args: &[ast::Expr],
        expr: &ast::Expr,
    ) -> Option<Val> {
        let (_, func, count) = FUNCTIONS.get(number)?;
        let form = FORMS.get(number)?;
        self.arity(args, *count, *count, (expr, form))?;
        let vals: Vec<Option<Val>> = args.iter().map(|arg| self.expr(arg)).collect();
        let vals: Vec<Val> = vals.into_iter().collect::<Option<_>>()?;
        let sides: Vec<Side<'_>> =
            args.iter().zip(vals).map(|(ast, val)| Side { ast, val }).collect();
        let ty = match func {
            Func::If => return self.choice(sides, expr),
            Func::Clamp => return self.clamp(sides, expr),
            Func::Grants => {
                self.argument(
                    name,
                    sides.first()?,
                    |ty| *ty == Type::Statement,
                    "a policy statement",
                )?;
                self.argument(name, sides.get(1)?, types::is_text, "an action in quotes")?;
                return Some(grants(sides, expr));
            }
            Func::Lower => {
                self.argument(name, sides.first()?, types::is_text, "text")?;
                Type::Str
            }
            Func::Len => {
                self.argument(
                    name,
                    sides.first()?,
                    |ty| types::is_text(ty) || matches!(ty, Type::List(_)),
                    "text or a list",
                )?;
                if let Some(length) = sides.first()?.val.constant().and_then(length) {
                    return Some(Val::literal(Const::Int(length), Type::Int, expr.span));
                }
                Type::Int
            }
            Func::Hour | Func::Weekday => {
                self.argument(name, sides.first()?, |ty| *ty == Type::Time, "a point in time")?;
                Type::Int
            }
            Func::Json => {
                self.argument(name, sides.first()?, |ty| *ty == Type::Str, "text with JSON in it")?;
                Type::Json
            }
            Func::Policy => {
                self.argument(name, sides.first()?, |ty| *ty == Type::Str, "a policy")?;
                Type::List(Box::new(Type::Statement))
            }
            Func::Text => Type::Str,
        };
        let args = sides.into_iter().map(|side| side.val.expr).collect();
        Some(Val::new(ExprKind::Call(*func, args), ty, expr.span))
    }

    /// Nothing, or an error when the argument is of a type the function is not made for.
    fn argument(
        &mut self,
        name: &Ident,
        side: &Side<'_>,
        fits: impl Fn(&Type) -> bool,
        wanted: &str,
    ) -> Option<()> {
        let ty = &side.val.expr.ty;
        if fits(ty) || *ty == Type::Json {
            return Some(());
        }
        let (quote, words) = (self.sink.quote(side.ast.span), types::words(ty));
        let title = format!("`{}` takes {wanted}, `{quote}` is {words}", name.name);
        let diag = Diag::error("E0204", title, side.ast.span).label(words);
        self.sink.error(match (name.name.as_str(), ty) {
            ("hour" | "weekday", _) => diag.help(format!("write `{}(time)`", name.name)),
            ("grants", _) => diag
                .help("write `any(s in policy(req.policyDocument): grants(s, \"iam:PassRole\"))`"),
            ("lower" | "len", _) => diag.help(format!("use `{quote}` itself")),
            _ => diag.help(format!("give it {wanted}")),
        });
        None
    }

    fn choice(&mut self, sides: Vec<Side<'_>>, expr: &ast::Expr) -> Option<Val> {
        let [cond, one, other] = <[Side<'_>; 3]>::try_from(sides).ok()?;
        if cond.val.expr.ty != Type::Bool {
            let (quote, words) = (self.sink.quote(cond.ast.span), types::words(&cond.val.expr.ty));
            let diag = Diag::error(
                "E0201",
                format!("`{quote}` is {words}, not a condition"),
                cond.ast.span,
            )
            .label("a condition is wanted here")
            .help(format!("compare it: `{quote} == …`"));
            self.sink.error(diag);
            return None;
        }
        let loose = one.val.loose && other.val.loose;
        let (one, other) =
            if loose { self.balance(one, other)? } else { self.one_type(one, other)? };
        let ty = types::join(&one.ty, &other.ty)?;
        let kind = ExprKind::Call(Func::If, vec![cond.val.expr, one, other]);
        Some(Val::new(kind, ty, expr.span))
    }

    /// Two values that stand for one another, literals in the other's type.
    fn one_type(&mut self, one: Side<'_>, other: Side<'_>) -> Option<(Expr, Expr)> {
        if one.val.expr.ty == other.val.expr.ty {
            return Some((one.val.expr, other.val.expr));
        }
        self.balance(one, other)
    }

    fn clamp(&mut self, sides: Vec<Side<'_>>, expr: &ast::Expr) -> Option<Val> {
        let measure = |ty: &Type| types::is_number(ty) || matches!(ty, Type::Duration | Type::Time);
        let name = Ident { name: "clamp".into(), span: expr.span };
        for side in &sides {
            self.argument(&name, side, measure, "a number")?;
        }
        let [value, low, high] = <[Side<'_>; 3]>::try_from(sides).ok()?;
        let again = Side { ast: value.ast, val: value.val.clone() };
        let (_, low) = self.balance(again, low)?;
        let (value, high) = self.balance(value, high)?;
        let ty = types::join(&types::join(&value.ty, &low.ty)?, &high.ty)?;
        Some(Val::new(ExprKind::Call(Func::Clamp, vec![value, low, high]), ty, expr.span))
    }
}

/// `grants(statement, action)`, the action in lower case.
fn grants(sides: Vec<Side<'_>>, expr: &ast::Expr) -> Val {
    let mut args: Vec<Expr> = sides.into_iter().map(|side| side.val.expr).collect();
    if let Some(action) = args.get_mut(1) {
        match &mut action.kind {
            ExprKind::Const(Const::Text(text)) => *text = text.to_lowercase(),
            _ => {
                let inner = action.clone();
                *action = Expr {
                    kind: ExprKind::Call(Func::Lower, vec![inner]),
                    ty: Type::Str,
                    span: action.span,
                };
            }
        }
    }
    Val::new(ExprKind::Call(Func::Grants, args), Type::Bool, expr.span)
}

/// The length of a constant list or text, which is a constant.
fn length(value: &Const) -> Option<i64> {
    match value {
        Const::List(items) => i64::try_from(items.len()).ok(),
        Const::Text(text) => i64::try_from(text.chars().count()).ok(),
        _ => None,
    }
}

/// The function of this name, for one who left out its parentheses.
pub(super) fn named(name: &str) -> Option<&'static str> {
    FUNCTIONS.iter().map(|(known, ..)| *known).chain(OTHERS).find(|known| *known == name)
}

/// What a function of other languages is called here.
fn elsewhere(name: &str) -> Option<&'static str> {
    Some(match name.to_lowercase().as_str() {
        "tolower" | "lowercase" | "lcase" => "lower",
        "length" | "lenght" | "size" | "strlen" => "len",
        "startswith" | "endswith" | "contains" | "wildcard" => "like",
        "regex" | "match" | "rlike" => "matches",
        "dcount" | "count_distinct" | "uniq" | "cardinality" => "distinct",
        "new_terms" | "first_seen" => "new",
        "cidrmatch" | "ipinrange" => "in",
        "parse_json" | "from_json" => "json",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_has_its_form() {
        for ((name, ..), form) in FUNCTIONS.iter().zip(FORMS) {
            assert!(form.starts_with(name), "{form}");
        }
        assert_eq!(length(&Const::Text("añb".into())), Some(3));
    }
}
