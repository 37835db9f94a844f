//! What right rules become: whole rules, and rules among others.

use super::forms::{form, right};
use super::read;
use trailhound_lang::ast::{Level, Status};
use trailhound_lang::check::{Options, check, load};
use trailhound_lang::diag::Sources;
use trailhound_lang::typed::{AggregateKind, Const, Named, Piece, Rule, ShowFunc, Type};

/// The rule of a text with one rule.
#[track_caller]
fn one(text: &str) -> Rule {
    let mut rules = right(text).rules;
    assert_eq!(rules.len(), 1);
    *rules.remove(0)
}

fn texts(named: &[Named]) -> Vec<&str> {
    named.iter().map(|named| named.text.as_str()).collect()
}

/// The example of the language reference that learns regions.
const UNUSED_REGION: &str = r#"
rule unused_region {
  title    "First activity in {region} for account {account}"
  severity high
  attack   T1535
  where    write and not by_service and not global_service
  by       account
  when     new(region)
  learn    warmup=14d memory=90d poison=keep_out
  suppress 24h by account, region
  test "new region after warm-up" {
    warm   15d every 1h { eventName: "RunInstances", readOnly: false, awsRegion: "eu-west-1" }
    event  { eventName: "RunInstances", readOnly: false, awsRegion: "ap-southeast-3" }
    expect 1 { region: "ap-southeast-3" }
  }
  test "quiet while learning" {
    warm   2d every 1h { eventName: "RunInstances", readOnly: false, awsRegion: "eu-west-1" }
    event  { eventName: "RunInstances", readOnly: false, awsRegion: "ap-southeast-3" }
    expect 0
  }
}"#;

#[test]
fn a_rule_that_learns() {
    let (rules, diags, _) = read(UNUSED_REGION, true);
    assert!(diags.is_empty(), "{diags:?}");
    let rule = &rules.rules[0];
    assert_eq!(
        (rule.name.as_str(), rule.severity, rule.status, rule.version),
        ("unused_region", Level::High, Status::Stable, 1)
    );
    assert_eq!(rule.attack, ["T1535"]);
    assert_eq!(form(&rule.filter.expr), "(and write (not by_service) (not global_service))");
    assert_eq!(rule.filter.text, "write and not by_service and not global_service");
    assert_eq!(texts(&rule.by), ["account"]);
    let seen = rule.first_seen.as_ref().unwrap();
    assert_eq!((seen.text.as_str(), texts(&seen.tuple)), ("new(region)", vec!["region"]));
    assert_eq!(
        (seen.warmup, seen.memory, seen.keep_out, seen.cold_alert),
        (14 * 86_400, 90 * 86_400, true, false)
    );
    assert!(seen.others.is_empty());
    assert_eq!(form(&rule.when.as_ref().unwrap().expr), "new");
    let suppress = rule.suppress.as_ref().unwrap();
    assert_eq!(
        (suppress.seconds, texts(suppress.by.as_ref().unwrap())),
        (86_400, vec!["account", "region"])
    );
    assert_eq!(rule.title.len(), 4);
    assert!(matches!(&rule.title[1], Piece::Path(named) if named.text == "region"));
    assert_eq!(rule.tests.len(), 2);
}

/// The example of the language reference that counts, without `allow`.
const MASS_DELETE: &str = r#"
let destroy = write and ok and api like ["Delete*", "Terminate*", "Remove*", "Deregister*", "Purge*"]
rule mass_delete {
  title    "{principal} made {count} destructive calls in {window}"
  severity high
  attack   T1485, T1490
  param    n: Int = 20 in 2..10000
  where    destroy and not by_service
  by       account, principal
  within   10m
  when     count() >= n
  show     top(api), top(service), first(region)
  suppress 1h
  test "a burst fires once" {
    event  { eventName: "DeleteSnapshot", readOnly: false } x 30 every 10s
    expect 1 { count: 20 }
  }
  test "a burst over a tumbling boundary" {
    event  { eventName: "DeleteSnapshot", readOnly: false } x 10 every 10s
    wait   8m
    event  { eventName: "DeleteVolume", readOnly: false } x 10 every 1s
    expect 1
  }
}"#;

#[test]
fn a_rule_that_counts() {
    let rules = right(MASS_DELETE);
    assert_eq!(
        form(&rules.lets[0]),
        "(and write ok (like api [\"Delete*\" \"Terminate*\" \"Remove*\" \"Deregister*\" \"Purge*\"]))"
    );
    let rule = &rules.rules[0];
    assert_eq!(form(&rule.filter.expr), "(and let0 (not by_service))");
    assert_eq!(rule.filter.text, "destroy and not by_service");
    assert_eq!(
        (rule.params[0].name.as_str(), &rule.params[0].ty, &rule.params[0].value),
        ("n", &Type::Int, &Const::Int(20))
    );
    let when = rule.when.as_ref().unwrap();
    assert_eq!(
        (form(&when.expr).as_str(), when.text.as_str(), when.params.as_slice()),
        ("(<= param0 agg0)", "count() >= n", [0].as_slice())
    );
    assert!(rule.filter.params.is_empty());
    let within = rule.within.as_ref().unwrap();
    assert_eq!((within.seconds, within.text.as_str()), (600, "10m"));
    assert_eq!(
        (rule.aggregates[0].text.as_str(), &rule.aggregates[0].kind),
        ("count()", &AggregateKind::Count)
    );
    let shown: Vec<_> = rule.show.iter().map(|show| (show.text.as_str(), show.func)).collect();
    assert_eq!(
        shown,
        [
            ("top(api)", ShowFunc::Top),
            ("top(service)", ShowFunc::Top),
            ("first(region)", ShowFunc::First)
        ]
    );
    assert_eq!(rule.suppress.as_ref().unwrap().by, None);
    let kinds: Vec<String> = rule
        .title
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Path(named) => named.text.clone(),
            Piece::Aggregate(number) => format!("agg{number}"),
            Piece::Window => "window".into(),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, ["principal", " made ", "agg0", " destructive calls in ", "window"]);
}

#[test]
fn a_rule_on_one_event() {
    let rules = right(
        r#"
let admin_ports: [Int] = [22, 3389, 5985, 5986]
rule security_group_open_to_world {
  title    "{principal} opened {target} to the internet {{so}}"
  where    service == "ec2" and ok and api in ["AuthorizeSecurityGroupIngress", "ModifySecurityGroupRules"]
           and any(r in sg.rules: r.cidr in [0.0.0.0/0, ::/0]
                   and (r.proto == "-1" or any(p in admin_ports: r.from <= p and p <= r.to)))
  except   "the bastion" target == "sg-1"
}
rule plain { where ok }"#,
    );
    let rule = &rules.rules[0];
    assert_eq!(
        form(&rule.filter.expr),
        "(and (= service \"ec2\") ok (in api [\"AuthorizeSecurityGroupIngress\" \"ModifySecurityGroupRules\"]) \
         (any sg.rules (and (in var0.cidr [0.0.0.0/0 ::/0]) (or (= var0.proto \"-1\") \
         (any [22 3389 5985 5986] (and (<= var0.from var1) (<= var1 var0.to)))))))"
    );
    assert_eq!(form(&rule.excepts[0]), "(= target \"sg-1\")");
    assert!(
        matches!(rule.title.last(), Some(Piece::Text(text)) if text == " to the internet {so}")
    );
    let plain = &rules.rules[1];
    assert_eq!(plain.title, [Piece::Text("plain".into())]);
    assert_eq!((plain.severity, plain.by.len(), plain.when.is_none()), (Level::Medium, 0, true));
}

#[test]
fn aggregates_are_numbered_once_and_stand_beside_new() {
    let rule = one(
        "rule r { param n: Int = 3 param m: Int = 4 where ok by account within 1h title \"{distinct} {ratio}\"
           when count(denied and len(targets) > m) > n and new(api, lower(user)) and not mfa and count() > 1
             and distinct(region, ip) >= n and count() < 9 and ratio(not ok) in 0.1..0.5 and sum(len(targets)) > 2
           learn warmup=0d cold=alert }",
    );
    let texts: Vec<&str> =
        rule.aggregates.iter().map(|aggregate| aggregate.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "count(denied and len(targets) > m)",
            "count()",
            "distinct(region, ip)",
            "ratio(not ok)",
            "sum(len(targets))"
        ]
    );
    let when = rule.when.as_ref().unwrap();
    assert_eq!(
        form(&when.expr),
        "(and (< param0 agg0) new (not mfa) (< 1 agg1) (<= param0 agg2) (< agg1 9) (between agg3 0.1 0.5) (< 2 agg4))"
    );
    assert_eq!(when.params, [1, 0], "in the order of the text");
    let seen = rule.first_seen.as_ref().unwrap();
    assert_eq!(seen.others.len(), 7);
    assert_eq!(seen.tuple[1].text, "lower(user)");
    assert_eq!((seen.warmup, seen.cold_alert), (0, true));
    assert_eq!(rule.title, [Piece::Aggregate(2), Piece::Text(" ".into()), Piece::Aggregate(3)]);
}

#[test]
fn when_may_read_keys_of_the_group_params_and_lets_of_them() {
    let rule = one("let mine = account == \"111122223333\" let cap = 5
         rule r { param n: Float = 1 where ok by account, req.bucketName within 1h
           when count() > cap and mine and req.bucketName like \"x*\" and sum(req.n) > n }");
    assert_eq!(
        form(&rule.when.unwrap().expr),
        "(and (< 5 agg0) let0 (like /requestParameters/bucketName \"x*\") (< param0 agg1))"
    );
    assert_eq!(rule.params[0].value, Const::Float(1.0));
}

#[test]
fn a_users_rule_replaces_a_builtin_one_of_its_name() {
    let mut sources = Sources::default();
    sources.add(
        "builtin.trail",
        "let a = ok rule one { where a } rule two { where nonsense }",
        true,
    );
    sources.add("mine.trail", "let a = write rule two { where a }", false);
    let (rules, diags) = load(&sources, &Options { lints: true });
    assert!(diags.iter().all(|diag| diag.code == "L0006"), "{diags:?}");
    let names: Vec<(&str, bool)> =
        rules.rules.iter().map(|rule| (rule.name.as_str(), rule.builtin)).collect();
    assert_eq!(names, [("one", true), ("two", false)]);
    assert_eq!(rules.replaced, ["two"]);
    assert_eq!(
        (form(&rules.rules[1].filter.expr).as_str(), form(&rules.lets[1]).as_str()),
        ("let1", "write")
    );
}

#[test]
fn one_name_in_two_files_is_shown_in_both() {
    let mut sources = Sources::default();
    sources.add("a.trail", "rule r { where ok }", false);
    sources.add("b.trail", "rule r { where write }", false);
    let (rules, diags) = load(&sources, &Options::default());
    assert_eq!(rules.rules.len(), 1);
    assert_eq!((diags.len(), diags[0].code), (1, "E0107"));
    let files: Vec<u32> = diags[0].labels.iter().map(|(span, _)| span.file).collect();
    assert_eq!(files, [1, 0]);
}

#[test]
fn a_rule_with_an_error_is_left_out_and_the_others_stay() {
    let (rules, diags, _) =
        read("rule a { where ok } rule b { where nonsense } rule c { where write }", false);
    assert_eq!(diags.len(), 1);
    let names: Vec<&str> = rules.rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["a", "c"]);
}

#[test]
fn warnings_are_given_only_where_they_are_wanted() {
    let text = "rule r { where region == \"eu-wst-1\" within 1h when count() > 3 }";
    assert!(read(text, false).1.is_empty());
    assert_eq!(read(text, true).1.len(), 3);
}

#[test]
fn ten_thousand_rules_and_a_million_elements_are_the_most() {
    let rules: String =
        (0..10_001).map(|number| format!("rule r{number} {{ where ok }}\n")).collect();
    let (ruleset, diags, _) = read(&rules, false);
    assert_eq!((ruleset.rules.len(), diags.len(), diags[0].code), (10_000, 1, "E0315"));

    let list = "1,".repeat(1_000_001);
    let (ruleset, diags, _) = read(&format!("rule r {{ where len(targets) in [{list}] }}"), false);
    assert_eq!((ruleset.rules.len(), diags.len(), diags[0].code), (0, 1, "E0408"));
}

#[test]
fn a_tree_made_by_hand_is_checked_as_one_that_was_read() {
    let mut sources = Sources::default();
    sources.add("made.trail", "", false);
    let mut read = Sources::default();
    read.add("made.trail", UNUSED_REGION, false);
    let (file, _) = trailhound_lang::parser::parse(&read, 0);
    let (rules, diags) = check(&sources, &[file], &Options::default());
    assert!(diags.is_empty(), "{diags:?}");
    assert_eq!(rules.rules.len(), 1);
}

#[test]
fn no_text_makes_the_checker_panic() {
    let texts = [MASS_DELETE, UNUSED_REGION];
    for text in texts {
        for cut in 0..text.len() {
            if text.is_char_boundary(cut) {
                let _ = read(&text[..cut], true);
            }
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        for skipped in 0..words.len() {
            let left: Vec<&str> = words
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != skipped)
                .map(|(_, word)| *word)
                .collect();
            let _ = read(&left.join(" "), true);
        }
    }
}
