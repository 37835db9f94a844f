//! What right expressions become, shown in brackets: `(and ok (not write))`.

use super::{line_and_column, read, told};
use trailhound_lang::typed::{Const, Expr, ExprKind, Ruleset};

/// The rules of a text that has no error.
#[track_caller]
pub(crate) fn right(text: &str) -> Ruleset {
    let (rules, diags, sources) = read(text, false);
    let told: Vec<String> = diags.iter().map(|diag| told(&sources, diag)).collect();
    assert!(diags.is_empty(), "{text}\n{}", told.join("\n"));
    rules
}

fn constant(value: &Const) -> String {
    match value {
        Const::Text(text) => format!("{text:?}"),
        Const::Int(whole) => whole.to_string(),
        Const::Float(number) => format!("{number:?}"),
        Const::Bool(flag) => flag.to_string(),
        Const::Duration(seconds) => format!("{seconds}s"),
        Const::Time(seconds) => format!("@{seconds}"),
        Const::Ip(ip) => ip.to_string(),
        Const::Cidr(cidr) => cidr.to_string(),
        Const::List(items) => {
            format!("[{}]", items.iter().map(constant).collect::<Vec<_>>().join(" "))
        }
    }
}

/// An expression in brackets.
pub(crate) fn form(expr: &Expr) -> String {
    use ExprKind as K;
    let call = |name: &str, parts: &[&Expr]| {
        let mut out = format!("({name}");
        for part in parts {
            out += &format!(" {}", form(part));
        }
        out + ")"
    };
    let all = |name: &str, parts: &[Expr]| call(name, &parts.iter().collect::<Vec<_>>());
    match &expr.kind {
        K::Const(value) => constant(value),
        K::Path(keys) => format!("/{}", keys.join("/")),
        K::Derived(name) => name.name().to_owned(),
        K::Let(number) => format!("let{number}"),
        K::Param(number) => format!("param{number}"),
        K::Var(number) => format!("var{number}"),
        K::Aggregate(number) => format!("agg{number}"),
        K::New => "new".into(),
        K::Share => "share".into(),
        K::Score(number) => format!("score{number}"),
        K::Step(number, inner) => format!("step{number}.{}", form(inner)),
        K::Member(base, key) => format!("{}.{key}", form(base)),
        K::List(parts) => all("list", parts),
        K::Not(a) => call("not", &[a]),
        K::And(parts) => all("and", parts),
        K::Or(parts) => all("or", parts),
        K::Eq(a, b) => call("=", &[a, b]),
        K::Lt(a, b) => call("<", &[a, b]),
        K::Le(a, b) => call("<=", &[a, b]),
        K::In(a, b) => call("in", &[a, b]),
        K::Between(a, b, c) => call("between", &[a, b, c]),
        K::Like(a, b) => call("like", &[a, b]),
        K::Has(a, b) => call("has", &[a, b]),
        K::Matches(a, text) => format!("(matches {} {text:?})", form(a)),
        K::Exists(a) => call("exists", &[a]),
        K::Arith(op, a, b) => call(&format!("{op:?}").to_lowercase(), &[a, b]),
        K::Neg(a) => call("neg", &[a]),
        K::Call(func, parts) => all(&format!("{func:?}").to_lowercase(), parts),
        K::Any(a, b) => call("any", &[a, b]),
        K::All(a, b) => call("all", &[a, b]),
    }
}

/// Each line: a condition, `=>`, its form.
#[track_caller]
fn forms(head: &str, table: &str) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (condition, want) = line.split_once(" => ").expect("a line with =>");
        let rules = right(&format!(
            "{head}\nrule r {{ param n: Int = 3 param s: Str = \"x*\" where {condition} }}"
        ));
        assert_eq!(form(&rules.rules[0].filter.expr), want, "{condition}");
    }
}

#[test]
fn names_are_looked_up_from_the_inside_out() {
    forms(
        "let home = \"eu-west-1\" let who = principal let user = \"alice\"",
        "
        region == home => (= region \"eu-west-1\")
        who == \"x\" => (= let0 \"x\")
        session == user => (= session \"alice\")
        len(targets) > n => (< param0 (len targets))
        actor.type == \"Root\" => (= actor.type \"Root\")
        any(n in targets: n == \"x\") => (any targets (= var0 \"x\"))
        any(a in targets: any(b in shared_with: a == b)) => (any targets (any shared_with (= var0 var1)))
        any(r in sg.rules: r.cidr in [0.0.0.0/0, ::/0]) => (any sg.rules (in var0.cidr [0.0.0.0/0 ::/0]))
        req.\"x-amz-acl\" == \"private\" => (= /requestParameters/x-amz-acl \"private\")
        resp.a.b exists => (exists /responseElements/a/b)
        extra.MFAUsed == \"Yes\" => (= /additionalEventData/MFAUsed \"Yes\")
        record.newField.x == 1 => (= /newField/x 1)
        text(record) like \"*x*\" => (like (text /) \"*x*\")
        userIdentity.sessionContext exists => (exists /userIdentity/sessionContext)
        json(req.policy).Statement has \"x\" => (has (json /requestParameters/policy).Statement \"x\")
        any(r in resources: r.ARN == \"x\") => (any /resources (= var0.ARN \"x\"))
        ",
    );
}

#[test]
fn six_comparisons_and_their_negations_become_few() {
    forms(
        "",
        "
        region != \"eu-west-1\" => (not (= region \"eu-west-1\"))
        region not in [\"eu-west-1\"] => (not (in region [\"eu-west-1\"]))
        ua not like \"a*\" => (not (like ua \"a*\"))
        targets not has \"x\" => (not (has targets \"x\"))
        ua not matches \"a|b\" => (not (matches ua \"a|b\"))
        user missing => (not (exists user))
        len(targets) > 2 => (< 2 (len targets))
        len(targets) >= 2 => (<= 2 (len targets))
        len(targets) < 2 => (< (len targets) 2)
        2 <= len(targets) => (<= 2 (len targets))
        hour(time) in 8..17 => (between (hour time) 8 17)
        hour(time) not in 8..17 => (not (between (hour time) 8 17))
        ok and write and (mfa and console) => (and ok write mfa console)
        ok or (write or mfa) => (or ok write mfa)
        not (ok or write) => (not (or ok write))
        ok == true => (= ok true)
        ",
    );
}

#[test]
fn literals_take_the_type_of_the_other_side() {
    forms(
        "let offices = [\"203.0.113.7\", 198.51.100.0/24] let office: [Ip] = [\"203.0.113.7\"] let nets: [Cidr] = [\"10.0.0.0/8\"]",
        "
        ip == \"::ffff:203.0.113.7\" => (= ip 203.0.113.7)
        ip in [\"203.0.113.7\", \"198.51.100.1\"] => (in ip [203.0.113.7 198.51.100.1])
        ip in offices => (in ip [203.0.113.7/32 198.51.100.0/24])
        ip in office => (in ip [203.0.113.7])
        ip in nets => (in ip [10.0.0.0/8])
        any(r in sg.rules: r.cidr == \"0.0.0.0/0\") => (any sg.rules (= var0.cidr 0.0.0.0/0))
        time > \"2024-01-01T00:00:00Z\" => (< @1704067200 time)
        eventTime < \"2024-01-01\" => (< /eventTime @1704067200)
        time - userIdentity.sessionContext.attributes.creationDate > 12h => (< 43200s (sub time /userIdentity/sessionContext/attributes/creationDate))
        req.maxResults == 2.0 => (= /requestParameters/maxResults 2.0)
        \"eu-west-1\" == region => (= \"eu-west-1\" region)
        region in [\"eu-west-1\", req.region] => (in region (list \"eu-west-1\" /requestParameters/region))
        len(targets) in [1, n] => (in (len targets) (list 1 param0))
        shared_with has account => (has shared_with account)
        shared_with has [\"*\", \"1\"] => (has shared_with [\"*\" \"1\"])
        req.users has [\"a\", 3] => (has /requestParameters/users [\"a\" 3])
        user in targets => (in user targets)
        ua like s => (like ua param1)
        readOnly == true => (= /readOnly true)
        req.force == \"true\" => (= /requestParameters/force \"true\")
        ",
    );
}

#[test]
fn a_time_written_as_text_needs_a_time_beside_it() {
    let (rules, diags, sources) = read("rule r { where time > \"2024-01-01\" - 1d }", false);
    assert!(rules.rules.is_empty());
    assert_eq!(
        told(&sources, &diags[0]),
        "E0205 1:38 `-` is not made for text and a length of time | texts are not joined; compare each with `==` or `like`"
    );
    let at = diags[0].labels[0].0.start;
    assert_eq!(line_and_column(&sources.files[0], at), (1, 38));
}

#[test]
fn constants_are_worked_out() {
    forms(
        "let home: [Region] = [] let some = [\"a\", \"b\"] let limit = 2 * 10 let on = true let day: Duration = 1d",
        "
        len(home) > 0 and region not in home => (and false (not (in region [])))
        len(some) == 2 => true
        len(targets) > limit => (< 20 (len targets))
        len(targets) > -limit + 1 => (< -19 (len targets))
        on and ok => (and true ok)
        time - eventTime > day * 2 => (< 172800s (sub time /eventTime))
        len(\"añb\") == 3 => true
        len(targets) * 2 / 4 > 1 => (< 1 (div (mul (len targets) 2) 4))
        1 / 2 < 0.6 => true
        ",
    );
}

#[test]
fn actions_are_compared_in_lower_case() {
    forms(
        "let bad = [\"IAM:PassRole\", \"sts:*\"]",
        "
        any(s in policy(req.p): s.actions has \"IAM:PassRole\") => (any (policy /requestParameters/p) (has var0.actions \"iam:passrole\"))
        any(s in policy(req.p): s.actions has bad) => (any (policy /requestParameters/p) (has var0.actions [\"iam:passrole\" \"sts:*\"]))
        any(s in policy(req.p): any(a in s.not_actions: a like \"IAM:*\" or a == \"S3:x\" or a in bad)) => (any (policy /requestParameters/p) (any var0.not_actions (or (like var1 \"iam:*\") (= var1 \"s3:x\") (in var1 [\"iam:passrole\" \"sts:*\"]))))
        any(s in policy(req.p): \"IAM:X\" in s.actions) => (any (policy /requestParameters/p) (in \"iam:x\" var0.actions))
        any(s in policy(req.p): grants(s, \"iam:PassRole\")) => (any (policy /requestParameters/p) (grants var0 \"iam:passrole\"))
        any(s in policy(req.p): grants(s, req.action)) => (any (policy /requestParameters/p) (grants var0 (lower /requestParameters/action)))
        any(s in policy(json(req.p).x): s.resources has \"A\" and s.public) => (any (policy (json /requestParameters/p).x) (and (has var0.resources \"A\") var0.public))
        any(s in policy(req.p): any(a in s.accounts: a != account)) => (any (policy /requestParameters/p) (any var0.accounts (not (= var1 account))))
        ",
    );
}

#[test]
fn functions_have_types() {
    forms(
        "",
        "
        lower(user) like \"*admin*\" => (like (lower user) \"*admin*\")
        if(ok, region, \"none\") == \"none\" => (= (if ok region \"none\") \"none\")
        clamp(len(targets), 1, 5) == 5 => (= (clamp (len targets) 1 5) 5)
        weekday(time) in [6, 7] => (in (weekday time) [6 7])
        if(ok, 1, 2.5) > 1 => (< 1 (if ok 1 2.5))
        req.count + 1 > 3 => (< 3 (add /requestParameters/count 1))
        all(t in targets: t like [\"a*\", \"b?\"]) => (all targets (like var0 [\"a*\" \"b?\"]))
        -len(targets) < -3 => (< (neg (len targets)) -3)
        ",
    );
}
