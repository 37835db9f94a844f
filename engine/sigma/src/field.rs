//! A field that a Sigma rule names, as a path of the language.
//!
//! Sigma's fields for CloudTrail are the raw names of a record. What the schema does not
//! know is read from the record as it stands (`record.name`), and warned of. Below an
//! open field a path may go through lists: any element will do.

use crate::build;
use lang::ast::{Expr, Ident, Key, Path, Span};
use lang::check::meant;
use lang::diag::Diag;
use lang::schema::{self, FIELDS, Lookup};
use lang::typed::Type;

/// How the values of a field are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One text.
    Text,
    /// true or false.
    Truth,
    /// Any JSON; the path may go through lists from this key on.
    Open(usize),
    /// An object.
    Whole,
}

/// A field.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Its name in Sigma.
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) shape: Shape,
    /// The type of its values, as a rule writes it.
    pub(crate) ty: String,
    /// The keys of the path as the language writes it.
    keys: Vec<String>,
    /// The names of its variables: of a value, and of what a path goes through.
    vars: [&'static str; 2],
}

impl Field {
    /// The field of this name; one that the schema does not know is warned of.
    pub(crate) fn named(name: &str, span: Span, diags: &mut Vec<Diag>) -> Self {
        let keys: Vec<&str> = name.split('.').collect();
        if keys.iter().any(|key| key.trim().is_empty()) {
            let diag = Diag::error(
                "S0004",
                format!("a path with nothing between two dots: `{name}`"),
                span,
            );
            diags.push(diag.help("write a key between the dots, or leave one out"));
        }
        let own = |shape, ty: &str| Self {
            name: name.to_owned(),
            span,
            shape,
            ty: ty.to_owned(),
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            vars: ["v", "part"],
        };
        let short =
            keys.first().is_some_and(|head| schema::expand(head) != *head || *head == "record");
        match schema::raw(&keys) {
            _ if short => {}
            Lookup::Found(_, Type::Json) => {
                let head = open_head(&keys).unwrap_or(keys.len());
                return match head < keys.len() || is_list(&keys) {
                    true => own(Shape::Open((head + 1).min(keys.len())), "Json"),
                    false => own(Shape::Whole, "Json"),
                };
            }
            Lookup::Found(_, Type::Bool) => return own(Shape::Truth, "Bool"),
            Lookup::Found(_, Type::Nominal(nominal)) => {
                return own(Shape::Text, &format!("{nominal:?}"));
            }
            Lookup::Found(_, Type::Str) => return own(Shape::Text, "Str"),
            Lookup::Found(_, Type::IdentityType) => return own(Shape::Text, "IdentityType"),
            Lookup::Found(..) => return own(Shape::Text, "Str").raw(),
            Lookup::ThroughList(at) => return own(Shape::Open(at), "Json"),
            Lookup::Unknown(_) | Lookup::ThroughValue(_) => {}
        }
        let diag = Diag::warning("S0013", format!("unknown field `{name}`"), span)
            .label("not in the CloudTrail schema");
        diags.push(match meant(name).filter(|meant| meant != name) {
            Some(meant) => diag.help(format!("did you mean `{meant}`?")),
            None => diag.help("it is read from the record as it stands"),
        });
        own(Shape::Text, "Json").raw()
    }

    /// The same with variables that hide none of another field's.
    pub(crate) fn beside(self) -> Self {
        Self { vars: ["w", "piece"], ..self }
    }

    /// The same, as JSON from the record itself.
    pub(crate) fn raw(&self) -> Self {
        let mut keys = vec!["record".to_owned()];
        keys.extend(self.keys.iter().cloned());
        Self { shape: Shape::Open(2), ty: "Json".to_owned(), keys, ..self.clone() }
    }

    /// The field as an expression.
    pub(crate) fn expr(&self) -> Expr {
        self.part(self.keys.len())
    }

    /// Its first keys as an expression.
    fn part(&self, count: usize) -> Expr {
        let mut keys = self.keys.iter().take(count);
        let head = keys.next().map_or("record", |head| head.as_str());
        keys.fold(build::name(head, self.span), |base, key| build::member(base, key, self.span))
    }

    /// The field as `by` takes it.
    pub(crate) fn path(&self) -> Path {
        let ident = |name: &String| Ident { name: name.clone(), span: self.span };
        let key = |name: &String| Key { name: name.clone(), quoted: false, span: self.span };
        let head = self
            .keys
            .first()
            .map_or_else(|| Ident { name: "record".to_owned(), span: self.span }, ident);
        Path { head, keys: self.keys.iter().skip(1).map(key).collect(), span: self.span }
    }

    /// Whether the field is there: of a path through lists, in some element.
    pub(crate) fn is_there(&self, at: Span) -> Expr {
        let Shape::Open(head) = self.shape else { return build::exists(self.expr(), at) };
        let Some((last, between)) = self.keys.get(head..).and_then(|rest| rest.split_last()) else {
            return build::exists(self.expr(), at);
        };
        self.through(head, between, at, |part| {
            build::exists(build::member(part, last, self.span), at)
        })
    }

    /// Whether some value of the field is as `cond` says.
    pub(crate) fn some(&self, at: Span, cond: impl FnOnce(Expr) -> Expr) -> Expr {
        let Shape::Open(head) = self.shape else { return cond(self.expr()) };
        let Some((last, between)) = self.keys.get(head..).and_then(|rest| rest.split_last()) else {
            let [var, _] = self.vars;
            return build::any(var, self.part(head), cond(build::name(var, at)), at);
        };
        self.through(head, between, at, |part| {
            let values = build::member(part, last, self.span);
            let [var, _] = self.vars;
            build::any(var, values, cond(build::name(var, at)), at)
        })
    }

    /// `any(part in head: any(part2 in part.key: inner))`.
    fn through(
        &self,
        head: usize,
        between: &[String],
        at: Span,
        inner: impl FnOnce(Expr) -> Expr,
    ) -> Expr {
        let [_, part] = self.vars;
        let var = |number: usize| match number {
            0 => part.to_owned(),
            more => format!("{part}{}", more + 1),
        };
        let mut lists = vec![self.part(head)];
        for (number, key) in between.iter().enumerate() {
            lists.push(build::member(build::name(&var(number), at), key, self.span));
        }
        let innermost = inner(build::name(&var(between.len()), at));
        lists
            .into_iter()
            .enumerate()
            .rev()
            .fold(innermost, |cond, (number, list)| build::any(&var(number), list, cond, at))
    }
}

/// How many keys name the open field that a path begins with.
fn open_head(keys: &[&str]) -> Option<usize> {
    (1..=keys.len()).find(|count| {
        let head = keys.get(..*count).unwrap_or_default();
        FIELDS.iter().any(|(path, kind)| {
            *kind == schema::Field::Open && path.split('.').eq(head.iter().copied())
        })
    })
}

fn is_list(keys: &[&str]) -> bool {
    FIELDS.iter().any(|(path, kind)| {
        *kind == schema::Field::List && path.split('.').eq(keys.iter().copied())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lang::print::expr_line;

    #[track_caller]
    fn check(name: &str, some: &str, there: &str) {
        let field = Field::named(name, Span::default(), &mut Vec::new());
        let at = Span::default();
        assert_eq!(expr_line(&field.some(at, |value| build::exists(value, at))), some);
        assert_eq!(expr_line(&field.is_there(at)), there);
    }

    #[test]
    fn a_path_goes_through_lists_below_an_open_field() {
        check("eventName", "eventName exists", "eventName exists");
        check("requestParameters", "requestParameters exists", "requestParameters exists");
        check(
            "requestParameters.a",
            "any(v in requestParameters.a: v exists)",
            "requestParameters.a exists",
        );
        check(
            "requestParameters.a.b.c",
            "any(part in requestParameters.a: any(part2 in part.b: any(v in part2.c: v exists)))",
            "any(part in requestParameters.a: any(part2 in part.b: part2.c exists))",
        );
        check(
            "resources.ARN",
            "any(part in resources: any(v in part.ARN: v exists))",
            "any(part in resources: part.ARN exists)",
        );
        check("resources", "any(v in resources: v exists)", "resources exists");
        check("status", "any(v in record.status: v exists)", "record.status exists");
        check(
            "a.b-c",
            "any(part in record.a: any(v in part.\"b-c\": v exists))",
            "any(part in record.a: part.\"b-c\" exists)",
        );
    }
}
