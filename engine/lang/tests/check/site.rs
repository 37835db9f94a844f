//! A site's values and files of values: what is wrong with them, and what they change.

use super::{cases, folder, line_and_column};
use event::EventTime;
use std::collections::BTreeSet;
use trailhound_lang::ast::Level;
use trailhound_lang::check::{Around, Options, Unread, load_with};
use trailhound_lang::diag::{Diag, Role, Sources};
use trailhound_lang::typed::{Const, ExprKind, Ruleset, SettingKind};

/// Rules with files beside them, by name: `site.toml` is the site's.
struct Read {
    rules: Ruleset,
    diags: Vec<Diag>,
    sources: Sources,
}

fn read(text: &str, lints: bool) -> Read {
    let mut parts = text.split("--- ").map(|part| part.split_once('\n').expect("a name"));
    let mut sources = Sources::default();
    // The rules stand first, without a name.
    let rules = text.split("--- ").next().expect("rules");
    parts.next();
    sources.add("a.trail", rules, false);
    let (mut site, mut partial, mut values) = (None, false, Vec::new());
    for (name, text) in parts {
        match name {
            "partial" => partial = true,
            "site.toml" => site = Some(sources.add_beside(name, text, Role::Site)),
            rules if rules.ends_with(".trail") => _ = sources.add(name, text, false),
            _ => values.push((name.to_owned(), text.to_owned())),
        }
    }
    let mut reader = |_: u32, path: &str| match values.iter().find(|(name, _)| name == path) {
        Some(found) => Ok(found.clone()),
        None if path.contains("..") => Err(Unread::Outside),
        None => Err(Unread::Failed("not found".to_owned())),
    };
    let around = Around {
        site,
        now: EventTime::parse("2026-11-22T00:00:00Z"),
        partial,
        elsewhere: BTreeSet::from(["known_elsewhere".to_owned()]),
        read: &mut reader,
    };
    let (rules, diags) = load_with(&mut sources, &Options { lints }, around);
    Read { rules, diags, sources }
}

/// The rules of texts in which nothing is wrong.
#[track_caller]
fn right(text: &str) -> Ruleset {
    let read = read(text, false);
    assert!(read.diags.is_empty(), "{:#?}", read.diags);
    read.rules
}

fn told(sources: &Sources, diag: &Diag) -> String {
    let mut text = format!("{} {}", diag.code, diag.title);
    for (at, words) in &diag.labels {
        let source = &sources.files[at.file as usize];
        let (line, column) = line_and_column(source, at.start);
        let words = if words.is_empty() { String::new() } else { format!(" {words}") };
        text.push_str(&format!(" | {}:{line}:{column}{words}", source.name));
    }
    diag.help.iter().for_each(|help| text.push_str(&format!(" | {help}")));
    text
}

#[test]
fn what_is_wrong_beside_rules_is_told_where_it_is() {
    let path = folder().join("site.case");
    let text = std::fs::read_to_string(&path).expect("a case file");
    let mut blessed = text.split("=== ").next().unwrap_or_default().to_owned();
    let mut wrong = String::new();
    for case in cases(&text) {
        let read = read(&case.text, case.text.contains("--- partial"));
        let dull = |diag: &&Diag| !diag.code.starts_with("L00") || diag.code >= "L0040";
        let got: Vec<String> =
            read.diags.iter().filter(dull).map(|diag| told(&read.sources, diag)).collect();
        let got = got.join("\n");
        blessed.push_str(&format!("=== {}\n{}---\n{got}\n\n", case.name, case.text));
        if got != case.want {
            wrong.push_str(&format!("## {}\nwanted\n{}\ngot\n{got}\n\n", case.name, case.want));
        }
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, format!("{}\n", blessed.trim_end())).expect("written");
    } else {
        assert!(wrong.is_empty(), "\n{wrong}");
    }
}

const RULES: &str = "\
let home: [Region] = [\"eu-west-1\"]
rule r {
  severity low
  param    n: Int = 20 in 2..10000
  param    d: Duration = 5m
  where    ok and region not in home and len(targets) > n and time - time < d
  allow    reaper(principal, service)
}
";

#[test]
fn values_of_the_site_take_the_place_of_those_of_the_rules() {
    let rules = right(&format!(
        "{RULES}--- site.toml\n\
         lets.home = [\"eu-west-1\", \"eu-central-1\"]\n\
         rule.r = {{ severity = \"critical\", params = {{ n = 50, d = \"2h\" }} }}\n"
    ));
    let rule = &rules.rules[0];
    assert_eq!(rule.severity, Level::Critical);
    assert_eq!(rule.params[0].value, Const::Int(50));
    assert_eq!(rule.params[1].value, Const::Duration(7_200));
    // The texts keep the names.
    assert!(rule.filter.text.contains("region not in home and len(targets) > n"));
    let held = format!("{:?}", rule.filter.expr);
    assert!(held.contains("eu-central-1"), "{held}");
}

#[test]
fn a_rule_is_loaded_as_its_status_or_the_site_says() {
    let rules = "rule a { where ok }\nrule b { status deprecated where ok }\n";
    let enabled = |site: &str| {
        let rules = right(&format!("{rules}{site}")).rules;
        rules.iter().map(|rule| rule.enabled).collect::<Vec<_>>()
    };
    assert_eq!(enabled(""), [true, false]);
    assert_eq!(
        enabled("--- site.toml\nrule.a.enabled = false\nrule.b.enabled = true\n"),
        [false, true]
    );
}

#[test]
fn an_entry_is_one_more_exception() {
    let rules = right(&format!(
        "{RULES}--- site.toml\n\
         [[rule.r.allow.reaper]]\n\
         principal = \"arn:aws:iam::*:role/reaper\"\n\
         service = \"ec2\"\nreason = \"OPS-1\"\nexpires = 2027-03-31\n\
         [[rule.r.allow.reaper]]\n\
         principal = \"*\"\nservice = \"*\"\nreason = \"OPS-2\"\nexpires = 2027-03-31\n\
         [[rule.r.allow.reaper]]\n\
         principal = [\"a\", \"b\"]\nservice = \"*\"\nreason = \"OPS-3\"\nexpires = 2027-03-31\n"
    ));
    let excepts = &rules.rules[0].excepts;
    assert_eq!(excepts.len(), 3);
    let ExprKind::And(parts) = &excepts[0].kind else { panic!("{:?}", excepts[0]) };
    // 2027-04-01T00:00:00Z, the first second after the last day.
    let end = Const::Time(EventTime::parse("2027-04-01T00:00:00Z").expect("a time").0);
    assert!(matches!(&parts[0].kind, ExprKind::Lt(_, b) if b.kind == ExprKind::Const(end.clone())));
    assert!(matches!(parts[1].kind, ExprKind::Like(..)), "{:?}", parts[1]);
    assert!(matches!(parts[2].kind, ExprKind::Eq(..)), "{:?}", parts[2]);
    // `*` asks nothing, not even that there is a value.
    assert!(matches!(excepts[1].kind, ExprKind::Lt(..)), "{:?}", excepts[1]);
    let ExprKind::And(parts) = &excepts[2].kind else { panic!("{:?}", excepts[2]) };
    assert!(parts.len() == 2 && matches!(parts[1].kind, ExprKind::In(..)));
}

#[test]
fn addresses_are_exempt_one_by_one_or_by_network() {
    let kind = |ip: &str| {
        let rules = right(&format!(
            "rule r {{ where ok allow scanner(ip) }}\n--- site.toml\n[[rule.r.allow.scanner]]\n\
             ip = {ip}\nreason = \"x\"\nexpires = 2027-03-31\n"
        ));
        let ExprKind::And(parts) = rules.rules[0].excepts[0].kind.clone() else { panic!("{ip}") };
        parts[1].kind.clone()
    };
    assert!(matches!(kind("\"198.51.100.7\""), ExprKind::Eq(..)));
    assert!(matches!(kind("\"198.51.100.0/24\""), ExprKind::In(..)));
    assert!(matches!(kind("[\"198.51.100.0/24\", \"10.0.0.0/8\"]"), ExprKind::In(..)));
}

#[test]
fn a_file_of_values_is_a_list() {
    let rules = right(
        "let ips: [Ip] from \"ips.txt\"\nlet spans: [Duration] from \"s.txt\"\n\
         rule r { where ip in ips and time - time in spans }\n\
         --- ips.txt\n\u{feff}# odd hosts\r\n192.0.2.1\r\n\r\n  192.0.2.2  # the other\r\n\
         --- s.txt\n10m\n1h\n",
    );
    let held = format!("{:?}", rules.rules[0].filter.expr);
    assert!(held.contains("192.0.2.1") && held.contains("192.0.2.2"), "{held}");
    assert!(held.contains("Duration(600), Duration(3600)"), "{held}");
}

#[test]
fn names_in_a_file_of_values_are_held_against_those_of_aws() {
    let text = "let home: [Region] from \"regions.txt\"\nrule r { where region in home }\n\
                --- regions.txt\neu-west-1\neu-wset-1\n";
    let read = read(text, true);
    let found = read.diags.iter().find(|diag| diag.code == "L0013").expect("a lint");
    assert_eq!(
        told(&read.sources, found).split(" | ").nth(1).map(|at| &at[..15]),
        Some("regions.txt:2:1")
    );
}

#[test]
fn settings_say_who_said_so() {
    let rules = right(&format!(
        "{RULES}--- site.toml\n\
         lets.home = [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\"]\n\
         rule.r.params.n = 50\n"
    ));
    let place = |at: Option<trailhound_lang::ast::Span>| at.map(|at| at.file);
    let home = &rules.settings[0];
    assert_eq!((home.kind, home.name.as_str()), (SettingKind::Let, "home: [Region]"));
    assert_eq!(home.value, "[\"a\", \"b\", \"c\", \"d\", \"e\", … 6 in all]");
    assert_eq!((place(home.at), home.own.as_deref()), (Some(1), Some("[\"eu-west-1\"]")));
    let told: Vec<_> = rules.rules[0]
        .settings
        .iter()
        .map(|one| (one.name.as_str(), one.value.as_str(), place(one.at), one.own.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("enabled", "true", None, None),
            ("severity", "low", Some(0), None),
            ("n: Int", "50", Some(1), Some("20")),
            ("d: Duration", "5m", Some(0), None),
            ("reaper(principal, service)", "nothing", Some(0), None),
        ]
    );
}

#[test]
fn a_comparison_of_what_a_site_may_set_is_not_always_the_same() {
    let lints = |text: &str| {
        let read = read(text, true);
        read.diags.iter().filter(|diag| diag.code == "L0008").count()
    };
    let rule = "rule r { where len(home) > 0 and region not in home }";
    assert_eq!(lints(&format!("let home: [Region] = []\n{rule}")), 0);
    assert_eq!(lints(&format!("let home = []\n{rule}")), 1);
}

#[test]
fn no_site_file_and_no_file_of_values_makes_the_checker_panic() {
    let site = "[lets]\nhome = [\"eu-west-1\"]\n[rule.r]\nenabled = true\nseverity = \"high\"\n\
                params = { n = 50, d = \"2h\" }\n[[rule.r.allow.reaper]]\nprincipal = \"x*\"\n\
                service = [\"ec2\"]\nreason = \"ü\"\nexpires = 2027-03-31\n";
    for (cut, _) in site.char_indices() {
        for odd in ["", "=", "[", "\"", "\u{202e}", "9999999999999999999999", "[[a]]\n", "nan"] {
            let _ = read(
                &format!("{RULES}--- site.toml\n{}{odd}{}", &site[..cut], &site[cut..]),
                false,
            );
            let _ = read(&format!("{RULES}--- site.toml\n{}{odd}", &site[..cut]), false);
        }
    }
    let deep =
        [("lets.x = ", "["), ("lets.x = ", "{a="), ("rule.r.allow.reaper.", "a."), ("[", "a.")];
    for (start, part) in deep {
        let _ = read(&format!("{RULES}--- site.toml\n{start}{}", part.repeat(50_000)), false);
    }
    for values in ["\u{feff}", "#", "\r\n", "\u{a0}# x", "\u{3000}é #\u{2028}\n,", "\0", "'\n\""] {
        let text = "let a: [Str] from \"a\"\nrule r { where user in a }\n--- a\n";
        let _ = read(&format!("{text}{values}"), true);
    }
}
