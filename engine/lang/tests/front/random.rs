//! What holds for any tree and any text.

use super::{parsed, trees};
use lang::ast::{ClauseKind, Expr, ExprKind, File, Item, LetValue};
use lang::diag::Sources;
use lang::lexer::{TokenKind, is_hidden, lex};
use lang::print::{expr_line, print};
use lang::render::{View, render};
use proptest::prelude::*;
use proptest::sample::select;

/// The same tree without the marks of the author's parentheses.
fn bare(mut file: File) -> File {
    for item in &mut file.items {
        match item {
            Item::Let(item) => {
                if let LetValue::Expr(expr) = &mut item.value {
                    ungroup(expr);
                }
            }
            Item::Rule(rule) => rule.clauses.iter_mut().for_each(|clause| match &mut clause.kind {
                ClauseKind::Where(expr) | ClauseKind::When(expr) | ClauseKind::Except(_, expr) => {
                    ungroup(expr)
                }
                ClauseKind::Show(calls) => calls.iter_mut().for_each(ungroup),
                ClauseKind::Sequence(sequence) => {
                    sequence.steps.iter_mut().for_each(|step| ungroup(&mut step.cond));
                }
                _ => {}
            }),
        }
    }
    file
}

fn ungroup(expr: &mut Expr) {
    expr.grouped = false;
    match &mut expr.kind {
        ExprKind::Lit(_) | ExprKind::Name(_) => {}
        ExprKind::List(items) | ExprKind::Call(_, items) => items.iter_mut().for_each(ungroup),
        ExprKind::Member(inner, _)
        | ExprKind::Not(inner)
        | ExprKind::Neg(inner)
        | ExprKind::Exists(inner)
        | ExprKind::Missing(inner) => ungroup(inner),
        ExprKind::Quantified(inner) => {
            [&mut inner.list, &mut inner.cond].into_iter().for_each(ungroup)
        }
        ExprKind::And(a, b)
        | ExprKind::Or(a, b)
        | ExprKind::Compare(_, a, b)
        | ExprKind::Arith(_, a, b) => {
            ungroup(a);
            ungroup(b);
        }
        ExprKind::In(inner) => {
            [&mut inner.value, &mut inner.list]
                .into_iter()
                .chain(&mut inner.high)
                .for_each(ungroup);
        }
        ExprKind::Match(inner) => {
            [&mut inner.value, &mut inner.operand].into_iter().for_each(ungroup)
        }
    }
}

/// Everything that can be done with a text, without a panic; the messages are safe to show.
fn survives(text: &str) {
    let mut sources = Sources::default();
    let file = sources.add("a\u{1b}.trail", text, false);
    let (tree, diags) = lang::parser::parse(&sources, file);
    let shown = render(&sources, &diags, View { color: false, all: false });
    assert!(!shown.contains(is_hidden), "{shown:?}");
    let printed = print(&tree);
    if diags.is_empty() {
        let (again, diags) = parsed(&printed);
        assert!(diags.is_empty(), "{text:?}\n{printed}\n{diags:#?}");
        assert_eq!(again, tree, "{text:?}\n{printed}");
    }
    for diag in &diags {
        for (span, _) in &diag.labels {
            let range = span.start as usize..span.end as usize;
            assert!(text.get(range).is_some(), "{diag:?} of {text:?}");
        }
    }
}

/// Tokens, right and wrong, between spaces.
const SOUP: &str = "let rule where by when within learn sequence then test event expect warm every \
    suppress show except allow param attack title x n region a null is AND contains and or not in \
    like has matches exists missing true any all ( ) [ ] { } == != < >= = + - * / . .. , : 5 1.5 \
    10m 5+ T1485 T1562.007 10.0.0.0/8 ::/0 \"t\" \"\"\"raw\"\"\" 'q' && ! ; $ \"open \u{202e} é";

fn soup() -> impl Strategy<Value = String> {
    let mut tokens: Vec<&str> = SOUP.split_whitespace().collect();
    tokens.extend(["\n", "\n", "\n  ", "# c\n"]);
    prop::collection::vec((select(tokens), any::<bool>()), 0..60).prop_map(|parts| {
        let spaced = |(token, space): (&str, bool)| token.to_owned() + if space { " " } else { "" };
        parts.into_iter().map(spaced).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_survives_printing(tree in trees::file()) {
        let text = print(&tree);
        let (once, diags) = parsed(&text);
        prop_assert!(diags.is_empty(), "{text}\n{diags:#?}");
        prop_assert_eq!(bare(once.clone()), bare(tree), "{}", text);
        let again = print(&once);
        let (twice, diags) = parsed(&again);
        prop_assert!(diags.is_empty(), "{again}\n{diags:#?}");
        prop_assert_eq!(twice, once, "{}", again);
        prop_assert_eq!(again, text);
    }

    #[test]
    fn an_expression_survives_its_line(expr in trees::expr()) {
        let line = expr_line(&expr);
        prop_assert!(!line.contains('\n'));
        let (file, diags) = parsed(&format!("let x = {line}"));
        prop_assert!(diags.is_empty(), "{line}\n{diags:#?}");
        let Some(Item::Let(read)) = file.items.into_iter().next() else { panic!("no let") };
        let LetValue::Expr(mut read) = read.value else { panic!("no expression") };
        prop_assert_eq!(expr_line(&read), line);
        let mut expr = expr;
        ungroup(&mut expr);
        ungroup(&mut read);
        prop_assert_eq!(read, expr);
    }

    #[test]
    fn any_text_is_lexed_to_its_end(text in ".{0,200}") {
        let lexed = lex(&text, 0);
        prop_assert_eq!(&lexed.tokens.last().unwrap().kind, &TokenKind::End);
        prop_assert_eq!(lexed.tokens.iter().filter(|token| token.kind == TokenKind::End).count(), 1);
        let mut end = 0;
        for token in &lexed.tokens {
            let range = token.span.start as usize..token.span.end as usize;
            // `!~` gives two tokens for one sign.
            prop_assert!(token.span.start >= end || token.kind == TokenKind::Matches);
            prop_assert!(text.get(range).is_some());
            end = token.span.end;
        }
    }

    #[test]
    fn any_bytes_survive(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        survives(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn token_soup_survives(text in soup()) {
        survives(&text);
    }

    #[test]
    fn a_rule_of_token_soup_survives(text in soup()) {
        survives(&format!("rule r {{\n  where a\n  {text}\n  by account\n}}\nlet y = 1"));
    }

    #[test]
    fn a_tree_with_a_hole_survives(tree in trees::file(), at in any::<prop::sample::Index>(), length in 0usize..20) {
        let text = print(&tree);
        let boundaries: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let start = at.index(boundaries.len());
        let end = (start + length).min(boundaries.len() - 1);
        survives(&format!("{}{}", &text[..boundaries[start]], &text[boundaries[end]..]));
    }
}
