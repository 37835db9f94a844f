//! The lexer, by tables: text on the left, tokens and codes on the right.

use lang::lexer::{TokenKind, lex};

/// The tokens of a text in short, then the codes of its diagnostics with their columns.
fn short(text: &str) -> String {
    let lexed = lex(text, 0);
    let mut parts: Vec<String> = Vec::new();
    for token in &lexed.tokens {
        let slice = &text[token.span.start as usize..token.span.end as usize];
        parts.push(match &token.kind {
            TokenKind::End => continue,
            TokenKind::Id => format!("id:{slice}"),
            TokenKind::Technique => format!("technique:{slice}"),
            TokenKind::Number(number) => format!("{number:?}"),
            TokenKind::Duration(length) => format!("{}{}", length.count, length.unit.letter()),
            TokenKind::Cidr(network) => format!("net:{network}"),
            TokenKind::Str(value) => format!("{value:?}"),
            other => format!("{other:?}"),
        });
    }
    parts
        .extend(lexed.diags.iter().map(|diag| format!("{}@{}", diag.code, diag.labels[0].0.start)));
    parts.join(" ")
}

#[track_caller]
fn check(table: &[(&str, &str)]) {
    for (text, want) in table {
        assert_eq!(short(text), *want, "for {text:?}");
    }
}

#[test]
fn names_and_words() {
    check(&[
        ("region _x a1", "id:region id:_x id:a1"),
        ("and or not in like has matches", "And Or Not In Like Has Matches"),
        ("exists missing true false any all", "Exists Missing True False Any All"),
        ("android where rule", "id:android id:where id:rule"),
        (
            "T1485 T1562.007 T1562.x T1.2a t1.2",
            "id:T1485 technique:T1562.007 id:T1562 Dot id:x id:T1 Dot Bad id:t1 Dot Int(2) E0004@27",
        ),
        ("größe", "id:gr Bad E0009@2"),
    ]);
}

#[test]
fn numbers_and_lengths_of_time() {
    check(&[
        ("5 0 007", "Int(5) Int(0) Int(7)"),
        ("2..5", "Int(2) Range Int(5)"),
        ("1.5..2.5", "Float(1.5) Range Float(2.5)"),
        ("1e3 1.5e-3 2E+2", "Float(1000.0) Float(0.0015) Float(200.0)"),
        ("5.x", "Int(5) Dot id:x"),
        (
            "9223372036854775807 9223372036854775808",
            "Int(9223372036854775807) Float(9.223372036854776e18)",
        ),
        ("1e999", "Bad E0004@0"),
        ("10s 9m 24h 90d 2w", "10s 9m 24h 90d 2w"),
        ("10min 5x 1e 3ms", "Bad Bad Bad Bad E0004@0 E0004@6 E0004@9 E0004@12"),
        ("1.5h", "1h E0004@0"),
        ("99999999999999999999d 9223372036854775807w", "Bad Bad E0004@0 E0004@22"),
        ("5+ 5 +", "Int(5) Plus Int(5) Plus"),
    ]);
}

#[test]
fn networks_come_first() {
    check(&[
        ("10.0.0.0/8", "net:10.0.0.0/8"),
        ("0.0.0.0/0,::/0", "net:0.0.0.0/0 Comma net:::/0"),
        (
            "fe80::/10 2001:db8::/32 dead:beef::/32",
            "net:fe80::/10 net:2001:db8::/32 net:dead:beef::/32",
        ),
        ("::ffff:10.0.0.0/104", "net:::ffff:10.0.0.0/104"),
        ("x: ::/0", "id:x Colon net:::/0"),
        ("x:::/0", "id:x Bad E0007@1"),
        ("10.0.0.1/8", "net:10.0.0.0/8 E0008@0"),
        ("2001:db8::1/32", "net:2001:db8::/32 E0008@0"),
        ("10.0.0.0/33 10.0.0.256/8 10.0.0.0/8x", "Bad Bad Bad E0007@0 E0007@12 E0007@25"),
        ("10.0.0.1", "net:10.0.0.1/32 E0007@0"),
        ("fe80::1", "net:fe80::1/128 E0007@0"),
        ("10.0.0.0/8..5", "net:10.0.0.0/8 Range Int(5)"),
        ("5..::/0", "Int(5) Range net:::/0"),
        ("a/5 f.cidr abc:d", "id:a Slash Int(5) id:f Dot id:cidr id:abc Colon id:d"),
        ("1.2.3", "Float(1.2) Dot Int(3)"),
    ]);
}

#[test]
fn texts() {
    check(&[
        (r#""a\"b\\c\/\b\f\n\r\t""#, r#""a\"b\\c/\u{8}\u{c}\n\r\t""#),
        (r#""é\u00e9\ud83d\ude00""#, "\"éé😀\""),
        (r#""\ud83d x""#, "\"\\\\ud83d x\" E0003@1"),
        (r#""\ude00""#, "\"\\\\ude00\" E0003@1"),
        (r#""\ud83d\u0041""#, "\"\\\\ud83dA\" E0003@1"),
        (r#""\d+\.x""#, r#""\\d+\\.x" E0002@1"#),
        (r#""\u12""#, r#""\\u12" E0002@1"#),
        (r#""""^\d"x"$""" "" """""""#, r#""^\\d\"x\"$" "" """#),
        ("\"\"\"a\r\nb\"\"\"", r#""a\nb""#),
        ("\"open\nnext", "\"open\" id:next E0001@0"),
        ("\"\"\"open\nnext", "\"open\\nnext\" E0001@0"),
        ("'x' “y” ‘z’", "\"x\" \"y\" \"z\" E0005@0 E0005@4 E0005@12"),
        ("it's", "id:it Bad id:s E0005@2"),
        ("\"\\", "\"\\\\\" E0002@1 E0001@0"),
    ]);
}

#[test]
fn signs() {
    check(&[
        (
            "== != < <= > >= = + - * / . .. , :",
            "Eq Ne Lt Le Gt Ge Assign Plus Minus Star Slash Dot Range Comma Colon",
        ),
        ("()[]{}", "OpenParen CloseParen OpenBracket CloseBracket OpenBrace CloseBrace"),
        ("a&&b||!c", "id:a And id:b Or Not id:c E0009@1 E0009@4 E0009@6"),
        (
            "a=~b a!~b a===b a<>b",
            "id:a Matches id:b id:a Not Matches id:b id:a Eq id:b id:a Ne id:b E0009@1 E0009@6 E0009@11 E0009@17",
        ),
        ("a!=b;$c", "id:a Ne id:b Bad id:c E0009@4 E0009@5"),
        ("a // b\nc /* d\ne */ f", "id:a id:c id:f E0009@2 E0009@9"),
    ]);
}

#[test]
fn hidden_characters_are_named() {
    check(&[
        ("a \u{202e}b", "id:a id:b E0006@2"),
        (
            "\"a\u{200b}\u{1b}\"",
            "\"a\u{200b}\u{1b}\" E0006@2"
                .replace('\u{200b}', "\\u{200b}")
                .replace('\u{1b}', "\\u{1b}")
                .as_str(),
        ),
        ("# c\u{2066}omment", "E0006@3"),
        ("a\rb", "id:a id:b E0006@1"),
        ("\u{feff}a\r\nb\tc", "id:a id:b id:c"),
    ]);
}

#[test]
fn comments_are_kept_with_their_places() {
    let text = "a # one\r\n# two";
    let lexed = lex(text, 3);
    let slices: Vec<_> =
        lexed.comments.iter().map(|span| &text[span.start as usize..span.end as usize]).collect();
    assert_eq!(slices, ["# one", "# two"]);
    assert!(lexed.comments.iter().all(|span| span.file == 3));
}

#[test]
fn the_first_token_of_a_line_knows_it() {
    let first: Vec<_> = lex("a b\n\n# c\nd e", 0).tokens.iter().map(|token| token.first).collect();
    assert_eq!(first, [true, false, true, false, false]);
}
