//! Random trees of everything the grammar can write.

use lang::ast::{
    ArithOp, Clause, ClauseKind, CompareOp, Duration, Expr, ExprKind, File, Ident, In, Item, Json,
    Key, LearnItem, LearnValue, Let, LetValue, Level, Lit, Match, MatchOp, Number, ObjectKey,
    Param, Path, Quantified, Rule, Sequence, Span, Status, Step, Test, TestStep, TestStepKind,
    Text, TypeRef, Unit,
};
use lang::lexer::is_name;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

const AT: Span = Span { file: 0, start: 0, end: 0 };

/// Names that are clause words, units, hexadecimal or techniques are the hard ones.
fn name() -> impl Strategy<Value = String> {
    let hard = vec![
        "where", "by", "when", "test", "then", "let", "rule", "x", "every", "from", "title",
        "show", "learn", "e5", "fe80", "dead", "T1485", "s", "m", "_", "version", "in_", "within",
        "event", "expect",
    ];
    prop_oneof![
        2 => select(hard).prop_map(str::to_owned),
        3 => "[a-zA-Z_][a-zA-Z0-9_]{0,6}",
    ]
    .prop_filter("a name", |name| is_name(name) && !is_foreign(name))
}

/// Words that the parser takes for those of other languages, wherever they stand.
fn is_foreign(name: &str) -> bool {
    let lower = name.to_lowercase();
    lang::lexer::reserved(&lower).is_some()
        || ["null", "nil", "none", "undefined"].contains(&lower.as_str())
}

fn ident() -> impl Strategy<Value = Ident> {
    name().prop_map(|name| Ident { name, span: AT })
}

fn string() -> impl Strategy<Value = String> {
    let hard = vec![
        "", "\\", "\"", "a\"", "\"\"\"", "\\d+", "a\nb", "\r\n", "\u{202e}", "\u{0}", "😀", "\t",
        "{{x}}", "#",
    ];
    prop_oneof![
        2 => vec(select(hard), 0..4).prop_map(|parts| parts.concat()),
        1 => "\\PC{0,8}",
        1 => any::<String>().prop_map(|text| text.chars().take(6).collect()),
    ]
}

fn text() -> impl Strategy<Value = Text> {
    string().prop_map(|value| Text { value, span: AT })
}

fn duration() -> impl Strategy<Value = Duration> {
    let unit = select(vec![Unit::Second, Unit::Minute, Unit::Hour, Unit::Day, Unit::Week]);
    (0..10_000u64, unit).prop_map(|(count, unit)| Duration { count, unit, span: AT })
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        (0..=i64::MAX).prop_map(Number::Int),
        (0..20i64).prop_map(Number::Int),
        (0.0..f64::MAX).prop_map(Number::Float),
        (0.0..10.0f64).prop_map(Number::Float),
    ]
}

fn network() -> impl Strategy<Value = event::Cidr> {
    let v4 = (any::<[u8; 4]>(), 0..=32u8)
        .prop_map(|(address, bits)| event::Cidr::masked(address.into(), bits));
    let v6 = (any::<[u16; 8]>(), 0..=128u8)
        .prop_map(|(address, bits)| event::Cidr::masked(address.into(), bits));
    prop_oneof![v4, v6].prop_map(Result::unwrap)
}

fn literal() -> impl Strategy<Value = Lit> {
    prop_oneof![
        string().prop_map(Lit::Str),
        number().prop_map(Lit::Number),
        any::<bool>().prop_map(Lit::Bool),
        duration().prop_map(Lit::Duration),
        network().prop_map(Lit::Cidr),
    ]
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        name().prop_map(|name| Key { name, quoted: false, span: AT }),
        string().prop_map(|name| Key { name, quoted: true, span: AT }),
    ]
}

fn path() -> impl Strategy<Value = Path> {
    (ident(), vec(key(), 0..3)).prop_map(|(head, keys)| Path { head, keys, span: AT })
}

fn paths() -> impl Strategy<Value = Vec<Path>> {
    vec(path(), 1..4)
}

fn ty() -> impl Strategy<Value = TypeRef> {
    ident()
        .prop_map(TypeRef::Name)
        .prop_recursive(3, 3, 1, |inner| inner.prop_map(|inner| TypeRef::List(Box::new(inner), AT)))
}

fn made(kind: ExprKind) -> Expr {
    Expr { kind, span: AT, grouped: false }
}

/// An expression; `grouped` at random, and not where the parser would need it.
pub(crate) fn expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        2 => literal().prop_map(|lit| made(ExprKind::Lit(lit))),
        3 => name().prop_map(|name| made(ExprKind::Name(name))),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let one = || inner.clone().prop_map(Box::new);
        let two = || (one(), one());
        let compare = select(vec![
            CompareOp::Eq,
            CompareOp::Ne,
            CompareOp::Lt,
            CompareOp::Le,
            CompareOp::Gt,
            CompareOp::Ge,
        ]);
        let arith = select(vec![ArithOp::Add, ArithOp::Sub, ArithOp::Mul, ArithOp::Div]);
        let matching = select(vec![MatchOp::Like, MatchOp::Has, MatchOp::Matches]);
        let kinds: Vec<BoxedStrategy<ExprKind>> = vec![
            vec(inner.clone(), 0..4).prop_map(ExprKind::List).boxed(),
            (one(), key()).prop_map(|(base, key)| ExprKind::Member(base, Box::new(key))).boxed(),
            (ident(), vec(inner.clone(), 0..4))
                .prop_map(|(name, args)| ExprKind::Call(Box::new(name), args))
                .boxed(),
            (any::<bool>(), ident(), inner.clone(), inner.clone())
                .prop_map(|(all, var, list, cond)| {
                    ExprKind::Quantified(Box::new(Quantified { all, var, list, cond }))
                })
                .boxed(),
            one().prop_map(ExprKind::Not).boxed(),
            one().prop_map(ExprKind::Neg).boxed(),
            two().prop_map(|(a, b)| ExprKind::And(a, b)).boxed(),
            two().prop_map(|(a, b)| ExprKind::Or(a, b)).boxed(),
            (compare, one(), one()).prop_map(|(op, a, b)| ExprKind::Compare(op, a, b)).boxed(),
            (arith, one(), one()).prop_map(|(op, a, b)| ExprKind::Arith(op, a, b)).boxed(),
            (any::<bool>(), inner.clone(), inner.clone(), option::of(inner.clone()))
                .prop_map(|(negated, value, list, high)| {
                    ExprKind::In(Box::new(In { negated, value, list, high }))
                })
                .boxed(),
            (matching, any::<bool>(), inner.clone(), inner.clone())
                .prop_map(|(op, negated, value, operand)| {
                    ExprKind::Match(Box::new(Match { op, negated, value, operand }))
                })
                .boxed(),
            one().prop_map(ExprKind::Exists).boxed(),
            one().prop_map(ExprKind::Missing).boxed(),
        ];
        (Union::new(kinds), proptest::bool::weighted(0.2)).prop_map(|(kind, grouped)| Expr {
            kind,
            span: AT,
            grouped,
        })
    })
}

fn signed() -> impl Strategy<Value = Expr> {
    (any::<bool>(), literal()).prop_map(|(negative, lit)| {
        let lit = made(ExprKind::Lit(lit));
        if negative { made(ExprKind::Neg(Box::new(lit))) } else { lit }
    })
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?".prop_map(Json::Number),
        string().prop_map(Json::String),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Json::Array),
            vec((object_key(), inner), 0..4).prop_map(Json::Object),
        ]
    })
}

fn object_key() -> impl Strategy<Value = ObjectKey> {
    prop_oneof![string().prop_map(ObjectKey::Quoted), vec(name(), 1..3).prop_map(ObjectKey::Dotted)]
}

fn object() -> impl Strategy<Value = Vec<(ObjectKey, Json)>> {
    vec((object_key(), json()), 0..4)
}

fn test_step() -> impl Strategy<Value = TestStep> {
    prop_oneof![
        (duration(), duration(), object()).prop_map(|(a, b, c)| TestStepKind::Warm(a, b, c)),
        (object(), option::of(0..50u64), option::of(duration()))
            .prop_map(|(a, b, c)| TestStepKind::Event(a, b, c)),
        text().prop_map(TestStepKind::EventsFrom),
        duration().prop_map(TestStepKind::Wait),
        (0..9u64, option::of(object())).prop_map(|(a, b)| TestStepKind::Expect(a, b)),
    ]
    .prop_map(|kind| TestStep { kind, span: AT })
}

fn step() -> impl Strategy<Value = Step> {
    (any::<bool>(), ident(), option::of(0..9u64), expr())
        .prop_map(|(absent, name, count, cond)| Step { absent, name, count, cond, span: AT })
}

fn learn_item() -> impl Strategy<Value = LearnItem> {
    let value = prop_oneof![
        duration().prop_map(LearnValue::Duration),
        number().prop_map(|number| LearnValue::Number(number, AT)),
        ident().prop_map(LearnValue::Word),
    ];
    (ident(), value).prop_map(|(name, value)| LearnItem { name, value })
}

fn show() -> impl Strategy<Value = Expr> {
    (ident(), vec(expr(), 0..3)).prop_map(|(name, args)| made(ExprKind::Call(Box::new(name), args)))
}

fn words() -> impl Strategy<Value = ClauseKind> {
    let technique = "T[0-9]{1,4}(\\.[0-9]{1,3})?".prop_map(|name| Ident { name, span: AT });
    prop_oneof![
        text().prop_map(ClauseKind::Title),
        text().prop_map(ClauseKind::About),
        text().prop_map(ClauseKind::Runbook),
        text().prop_map(ClauseKind::Ref),
        select(Level::ALL.to_vec()).prop_map(|(_, level)| ClauseKind::Severity(level)),
        select(Status::ALL.to_vec()).prop_map(|(_, status)| ClauseKind::Status(status)),
        (0..100u64).prop_map(ClauseKind::Version),
        vec(technique, 1..4).prop_map(ClauseKind::Attack),
        vec(ident(), 1..4).prop_map(ClauseKind::Tags),
        (ident(), ty(), signed(), option::of((signed(), signed()))).prop_map(
            |(name, ty, value, range)| {
                ClauseKind::Param(Box::new(Param { name, ty, value, range }))
            },
        ),
    ]
}

fn clause() -> impl Strategy<Value = Clause> {
    let sequence = (paths(), duration(), vec(step(), 1..4))
        .prop_map(|(by, within, steps)| ClauseKind::Sequence(Sequence { by, within, steps }));
    let test = (text(), vec(test_step(), 0..5))
        .prop_map(|(name, steps)| ClauseKind::Test(Test { name, steps }));
    prop_oneof![
        6 => words(),
        2 => expr().prop_map(ClauseKind::Where),
        1 => paths().prop_map(ClauseKind::By),
        1 => duration().prop_map(ClauseKind::Within),
        2 => expr().prop_map(ClauseKind::When),
        1 => vec(learn_item(), 0..4).prop_map(ClauseKind::Learn),
        1 => sequence,
        1 => vec(show(), 1..3).prop_map(ClauseKind::Show),
        1 => (text(), expr()).prop_map(|(reason, expr)| ClauseKind::Except(reason, expr)),
        1 => (ident(), paths()).prop_map(|(name, paths)| ClauseKind::Allow(name, paths)),
        1 => (duration(), option::of(paths())).prop_map(|(length, by)| ClauseKind::Suppress(length, by)),
        2 => test,
    ]
    .prop_map(|kind| Clause { kind, span: AT })
}

/// Leaves out what the grammar cannot write: a clause that stands twice, and a
/// `by` right after a `suppress` without one.
fn writable(clauses: Vec<Clause>) -> Vec<Clause> {
    let mut kept: Vec<Clause> = Vec::new();
    for clause in clauses {
        let repeats = matches!(
            clause.kind,
            ClauseKind::Ref(_)
                | ClauseKind::Param(_)
                | ClauseKind::Except(..)
                | ClauseKind::Allow(..)
                | ClauseKind::Test(_)
        );
        let same = |other: &Clause| {
            std::mem::discriminant(&other.kind) == std::mem::discriminant(&clause.kind)
        };
        let taken =
            matches!(kept.last().map(|last| &last.kind), Some(ClauseKind::Suppress(_, None)))
                && matches!(clause.kind, ClauseKind::By(_));
        if (repeats || !kept.iter().any(same)) && !taken {
            kept.push(clause);
        }
    }
    kept
}

fn item() -> impl Strategy<Value = Item> {
    let value = (ident(), option::of(ty()), expr()).prop_map(|(name, ty, value)| {
        Item::Let(Let { name, ty, value: LetValue::Expr(value), span: AT })
    });
    let from = (ident(), ty(), text()).prop_map(|(name, ty, file)| {
        Item::Let(Let { name, ty: Some(ty), value: LetValue::From(file), span: AT })
    });
    let rule = (ident(), vec(clause(), 0..8)).prop_map(|(name, clauses)| {
        Item::Rule(Rule { name, clauses: writable(clauses), span: AT })
    });
    prop_oneof![2 => value, 1 => from, 3 => rule]
}

/// A file of random items.
pub(crate) fn file() -> impl Strategy<Value = File> {
    vec(item(), 0..5).prop_map(|items| File { items })
}
