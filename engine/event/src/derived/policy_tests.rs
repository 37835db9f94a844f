//! Tests of `policy(x)` and `grants(s, action)` by table.

use super::*;

/// The value of `key` in the first statement of a policy, as text.
fn first<'a>(document: &'a str, key: &str, arena: &'a Bump) -> Value<'a> {
    let Value::List(statements) = policy(Value::Text(document), arena) else {
        return Value::Missing;
    };
    statements.first().map_or(Value::Missing, |statement| statement.get(key))
}

#[track_caller]
fn check_public(condition: &str, public: bool) {
    let arena = Bump::new();
    let document = format!(
        r#"{{"Statement":{{"Effect":"Allow","Principal":"*","Action":"x:y","Condition":{condition}}}}}"#
    );
    match first(&document, "public", &arena) {
        Value::Bool(found) => assert_eq!(found, public, "{condition}"),
        other => unreachable!("{condition}: {other:?}"),
    }
}

#[test]
fn only_a_positive_condition_on_the_caller_restricts() {
    for condition in [
        r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#,
        r#"{"stringequals":{"AWS:principalorgid":["o-1","o-2"]}}"#,
        r#"{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}}"#,
        r#"{"StringEquals":{"aws:PrincipalTag/team":"red"}}"#,
        r#"{"StringEquals":{"kms:CallerAccount":"111122223333"}}"#,
        r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/*"}}"#,
        r#"{"Bool":{"aws:SecureTransport":"true"},"ArnLike":{"aws:SourceArn":"arn:aws:s3:::b"}}"#,
        r#"{"StringEquals":{"sts:ExternalId":"1","aws:SourceVpce":"vpce-1"}}"#,
    ] {
        check_public(condition, false);
    }
    for condition in [
        "{}",
        "null",
        "[]",
        r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
        r#"{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}"#,
        r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}"#,
        r#"{"NotIpAddress":{"aws:SourceIp":"198.51.100.0/24"}}"#,
        r#"{"Null":{"aws:PrincipalOrgID":"false"}}"#,
        r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}"#,
        r#"{"StringLike":{"aws:PrincipalArn":"*"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":["198.51.100.0/24","0.0.0.0/0"]}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"::/0"}}"#,
        r#"{"StringEquals":{"aws:PrincipalTagged":"red"}}"#,
        r#"{"StringEquals":"aws:SourceIp"}"#,
    ] {
        check_public(condition, true);
    }
}

#[test]
fn public_wants_allow_and_everyone() {
    for (statement, public) in [
        (r#"{"Effect":"Allow","Principal":{"AWS":["x","*"]},"Action":"*"}"#, true),
        (r#"{"effect":"Allow","PRINCIPAL":"*","action":"*"}"#, true),
        (r#"{"Effect":"Allow","NotPrincipal":{"AWS":"x"},"Action":"*"}"#, true),
        (r#"{"Effect":"Deny","NotPrincipal":{"AWS":"x"},"Action":"*"}"#, false),
        (r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::*:root"},"Action":"*"}"#, false),
        (r#"{"Effect":"Allow","Action":"*"}"#, false),
        (r#"{"Principal":"*","Action":"*"}"#, false),
    ] {
        let arena = Bump::new();
        let document = format!(r#"{{"Statement":[{statement}]}}"#);
        let found = matches!(first(&document, "public", &arena), Value::Bool(true));
        assert_eq!(found, public, "{statement}");
    }
}

#[test]
fn odd_documents_are_read_as_far_as_they_go() {
    for (document, statements) in [
        (r#"{"Statement":[1,"x",null,[],{}]}"#, 1),
        (r#"{"STATEMENT":{}}"#, 1),
        ("{\"Statement\":\n[\n{\n\"Effect\":\"Allow\"},\n{}\n]\n}", 2),
        (r#"{"Statement":null}"#, 0),
        (r#"{"Statement":"x"}"#, 0),
        (r#"{"Statement":{},"Statement":[]}"#, 0),
        (r#"[{"Statement":{}}]"#, 0),
        ("7", 0),
    ] {
        let arena = Bump::new();
        let Value::List(found) = policy(Value::Text(document), &arena) else { unreachable!() };
        assert_eq!(found.len(), statements, "{document}");
    }
    let arena = Bump::new();
    let deep = format!(r#"{{"Statement":{{"Sid":{}{}}}}}"#, "[".repeat(200), "]".repeat(200));
    let found = policy(Value::Json(Json::new(deep.as_bytes())), &arena);
    assert!(matches!(found, Value::List([])));
    assert!(matches!(policy(Value::Bool(true), &arena), Value::List([])));
}

#[test]
fn accounts_are_those_of_accounts_and_of_iam_and_sts() {
    let arena = Bump::new();
    let document = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":["111122223333",
        "arn:aws:iam::222233334444:root","arn:aws:sts::333344445555:assumed-role/a/b",
        "arn:aws:s3::444455556666:x","arn:aws:iam::aws:user/x","12345678901","*"],
        "Federated":"arn:aws:iam::555566667777:saml-provider/x"}}}"#;
    let accounts: std::vec::Vec<_> = texts(first(document, "accounts", &arena)).collect();
    assert_eq!(accounts, ["111122223333", "222233334444", "333344445555", "555566667777"]);
}

#[test]
fn grants_reads_patterns_and_what_is_left_out() {
    for (statement, action, expected) in [
        (r#"{"Effect":"Allow","Action":"*"}"#, "iam:PassRole", true),
        (r#"{"Effect":"Allow","Action":"*:*"}"#, "iam:PassRole", true),
        (r#"{"Effect":"Allow","Action":"IAM:pass*"}"#, "iam:PassRole", true),
        (r#"{"Effect":"Allow","Action":["s3:*","iam:Pass?ole"]}"#, "iam:PassRole", true),
        (r#"{"Effect":"Allow","Action":"iam:*Role*"}"#, "iam:PassRole", true),
        (r#"{"Effect":"Allow","Action":"iam:*Rol"}"#, "iam:PassRole", false),
        (r#"{"Effect":"Allow","Action":"iam:PassRole?"}"#, "iam:PassRole", false),
        (r#"{"Effect":"Allow","Action":"s3:*"}"#, "iam:PassRole", false),
        (r#"{"Effect":"Deny","Action":"*"}"#, "iam:PassRole", false),
        (r#"{"Effect":"Allow","NotAction":"s3:*"}"#, "iam:PassRole", true),
        (r#"{"Effect":"Allow","NotAction":["s3:*","iam:*"]}"#, "iam:PassRole", false),
        (r#"{"Effect":"Allow","NotAction":[]}"#, "iam:PassRole", false),
        (r#"{"Effect":"Deny","NotAction":"s3:*"}"#, "iam:PassRole", false),
        (r#"{"Effect":"Allow"}"#, "iam:PassRole", false),
        (r#"{"Action":"*"}"#, "iam:PassRole", false),
    ] {
        let arena = Bump::new();
        let document = format!(r#"{{"Statement":{statement}}}"#);
        let Value::List(found) = policy(Value::Text(&document), &arena) else { unreachable!() };
        assert_eq!(grants(found[0], action), expected, "{statement}");
    }
    assert!(!grants(Value::Missing, "iam:PassRole"));
}
