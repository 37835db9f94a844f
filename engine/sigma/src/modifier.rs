//! The modifiers of a field: `field|contains|all`.
//!
//! It knows their names and which go together; what they mean is `matching`.
//!
//! Source: Sigma rules specification 2.1, appendix "Sigma modifiers"

use lang::ast::{CompareOp, Span};
use lang::aws::nearest;
use lang::diag::Diag;

/// What is asked of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// It is the text, which may have wildcards.
    Equal,
    /// The text is anywhere in it.
    Contains,
    /// It begins with the text.
    Starts,
    /// It ends with the text.
    Ends,
    /// The regular expression is found in it.
    Regex,
    /// It is an address in the network.
    Network,
    /// It is there, or not.
    Exists,
    /// It is the value of another field.
    Field,
    /// It is more or less than a number.
    Order(CompareOp),
    /// It is one of the site's values.
    Expand,
}

/// How a text is coded before it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// As UTF-16, little end first.
    Utf16Le,
    /// As UTF-16, big end first.
    Utf16Be,
    /// As UTF-16 with a byte order mark.
    Utf16,
    /// As Base64.
    Base64,
    /// As Base64 at any offset.
    Base64Offset,
    /// With the dashes of Windows.
    Dashes,
}

/// The modifiers of a field.
#[derive(Clone, Debug)]
pub(crate) struct Modifiers {
    pub(crate) op: Op,
    /// All values must be found, not any.
    pub(crate) all: bool,
    /// Case makes a difference.
    pub(crate) cased: bool,
    /// The opposite is meant.
    pub(crate) negated: bool,
    pub(crate) codings: Vec<Coding>,
    /// The flags of a regular expression.
    pub(crate) flags: String,
}

/// The modifiers that are not a time of day's.
const NAMES: [&str; 25] = [
    "all",
    "base64",
    "base64offset",
    "cased",
    "cidr",
    "contains",
    "endswith",
    "exists",
    "expand",
    "fieldref",
    "gt",
    "gte",
    "i",
    "lt",
    "lte",
    "m",
    "neq",
    "re",
    "s",
    "startswith",
    "utf16",
    "utf16be",
    "utf16le",
    "wide",
    "windash",
];

/// The parts of a time that Sigma's modifiers take out of it.
const TIMES: [&str; 6] = ["minute", "hour", "day", "week", "month", "year"];

impl Modifiers {
    /// The modifiers behind a field's name.
    ///
    /// # Errors
    ///
    /// One that does not exist, or two that do not go together.
    pub(crate) fn parse<'t>(names: impl Iterator<Item = &'t str>, at: Span) -> Result<Self, Diag> {
        let mut own = Self {
            op: Op::Equal,
            all: false,
            cased: false,
            negated: false,
            codings: Vec::new(),
            flags: String::new(),
        };
        for name in names {
            own.take(name, at)?;
        }
        own.fit(at)?;
        Ok(own)
    }

    fn take(&mut self, name: &str, at: Span) -> Result<(), Diag> {
        let op = match name {
            "contains" => Op::Contains,
            "startswith" => Op::Starts,
            "endswith" => Op::Ends,
            "re" => Op::Regex,
            "cidr" => Op::Network,
            "exists" => Op::Exists,
            "fieldref" => Op::Field,
            "lt" => Op::Order(CompareOp::Lt),
            "lte" => Op::Order(CompareOp::Le),
            "gt" => Op::Order(CompareOp::Gt),
            "gte" => Op::Order(CompareOp::Ge),
            "expand" => Op::Expand,
            _ => return self.manner(name, at),
        };
        if self.op != Op::Equal {
            let both = [self.op, op];
            let inner = [Op::Contains, Op::Starts, Op::Ends];
            if both.contains(&Op::Field) && inner.iter().any(|op| both.contains(op)) {
                let title = "a part of a field compared with another field";
                return Err(Diag::error("S0009", title, at)
                    .label("the language's `like` takes patterns that do not change")
                    .help("use `fieldref` alone, which compares whole values"));
            }
            let title = format!("`{name}` after a modifier that asks for something else");
            return Err(Diag::error("S0007", title, at)
                .label("one question at a time")
                .help("write two entries, one for each"));
        }
        self.op = op;
        Ok(())
    }

    /// Takes a modifier that says how, not what.
    fn manner(&mut self, name: &str, at: Span) -> Result<(), Diag> {
        match name {
            "all" => self.all = true,
            "cased" => self.cased = true,
            "neq" => self.negated = true,
            "i" | "m" | "s" => self.flags.push_str(name),
            "base64" => self.codings.push(Coding::Base64),
            "base64offset" => self.codings.push(Coding::Base64Offset),
            "wide" | "utf16le" => self.codings.push(Coding::Utf16Le),
            "utf16be" => self.codings.push(Coding::Utf16Be),
            "utf16" => self.codings.push(Coding::Utf16),
            "windash" => self.codings.push(Coding::Dashes),
            time if TIMES.contains(&time) => {
                let title = format!("`{name}` takes a part out of a time");
                return Err(Diag::error("S0009", title, at)
                    .label("not read from Sigma")
                    .help("in a `.trail` rule: `hour(time)`, `weekday(time)`"));
            }
            "" => {
                let diag = Diag::error("S0007", "nothing behind a `|`", at);
                return Err(diag.label("a modifier is wanted").help("leave the `|` out"));
            }
            _ => {
                let title = format!("unknown modifier `{name}`");
                let diag = Diag::error("S0007", title, at).label("Sigma has no such modifier");
                return Err(match nearest(name, NAMES) {
                    Some(near) => diag.help(format!("did you mean `{near}`?")),
                    None => diag.help(format!("there are {}", NAMES.join(", "))),
                });
            }
        }
        Ok(())
    }

    /// Nothing, or what does not go together.
    fn fit(&self, at: Span) -> Result<(), Diag> {
        let text = matches!(self.op, Op::Equal | Op::Contains | Op::Starts | Op::Ends);
        let base64 = |coding: &Coding| matches!(coding, Coding::Base64 | Coding::Base64Offset);
        let fault = if !self.flags.is_empty() && self.op != Op::Regex {
            Some(("a flag without `re`", "write `|re|i`"))
        } else if !self.codings.is_empty() && !text {
            Some(("a coding beside a modifier that looks for no text", "leave one of them out"))
        } else if self.cased
            && !matches!(
                self.op,
                Op::Equal | Op::Contains | Op::Starts | Op::Ends | Op::Field | Op::Regex
            )
        {
            Some(("`cased` beside a modifier that looks for no text", "leave it out"))
        } else if self.codings.iter().any(|coding| !base64(coding) && *coding != Coding::Dashes)
            && !self.codings.last().is_some_and(base64)
        {
            Some((
                "UTF-16 that is not coded in Base64",
                "no text of CloudTrail holds it: add `|base64offset|contains`",
            ))
        } else {
            None
        };
        fault.map_or(Ok(()), |(title, help)| Err(Diag::error("S0007", title, at).help(help)))
    }
}
