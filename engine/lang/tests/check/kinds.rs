//! What right sequences, shares and scores become.

use super::forms::{form, right};
use super::read;
use trailhound_lang::typed::{Baseline, Model, Piece, Rule, Season, Sequence, Step};

#[track_caller]
fn one(text: &str) -> Rule {
    let mut rules = right(text).rules;
    assert_eq!(rules.len(), 1);
    *rules.remove(0)
}

fn pieces(rule: &Rule) -> Vec<String> {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Path(named) => format!("{}={}", named.text, form(&named.expr)),
        Piece::Aggregate(number) => format!("agg{number}"),
        Piece::Window => "window".into(),
        Piece::StepCount(number) => format!("step{number}.count"),
        Piece::Score => "score".into(),
        Piece::Center => "center".into(),
        Piece::Scale => "scale".into(),
    };
    rule.title.iter().map(piece).collect()
}

/// A step on one line: its form, what it asks of the event at hand, joins, the rest.
fn line(step: &Step) -> String {
    let not = if step.absent { "not " } else { "" };
    let count = step.count.map(|count| format!("{count}+ ")).unwrap_or_default();
    let own: Vec<String> = step.own.iter().map(form).collect();
    let joins: Vec<String> = step
        .joins
        .iter()
        .map(|join| format!("{}==step{}.{}", form(&join.here), join.step, form(&join.there)))
        .collect();
    let rest: Vec<String> = step.rest.iter().map(form).collect();
    let parts = [own.join(" & "), joins.join(" & "), rest.join(" & ")].join(" | ");
    format!("{not}{}: {count}{}", step.name, parts.trim_end_matches([' ', '|']))
}

fn lines(sequence: &Sequence) -> Vec<String> {
    sequence.steps.iter().map(line).collect()
}

/// The example of the language reference that has steps.
const BRUTEFORCE: &str = r#"
rule console_bruteforce_success {
  title    "{fail.count} failed console logins, then a success, for {user}"
  severity high
  attack   T1110
  sequence by account, user within 15m {
    fail: 5+ service == "signin" and api == "ConsoleLogin" and not ok
    then good: service == "signin" and api == "ConsoleLogin" and ok
  }
}"#;

#[test]
fn counted_steps() {
    let rule = one(BRUTEFORCE);
    let sequence = rule.sequence.as_ref().unwrap();
    assert_eq!(
        lines(sequence),
        [
            "fail: 5+ (= service \"signin\") & (= api \"ConsoleLogin\") & (not ok)",
            "good: (= service \"signin\") & (= api \"ConsoleLogin\") & ok"
        ]
    );
    assert_eq!(
        sequence.text,
        "by account, user within 15m { fail: 5+ service == \"signin\" and api == \"ConsoleLogin\" \
         and not ok then good: service == \"signin\" and api == \"ConsoleLogin\" and ok }"
    );
    assert_eq!(
        pieces(&rule),
        ["step0.count", " failed console logins, then a success, for ", "user=user"]
    );
    assert_eq!(rule.by.iter().map(|by| by.text.as_str()).collect::<Vec<_>>(), ["account", "user"]);
    let within = rule.within.as_ref().unwrap();
    assert_eq!((within.seconds, within.text.as_str()), (900, "15m"));
    assert_eq!((form(&rule.filter.expr).as_str(), rule.filter.text.as_str()), ("true", ""));
    assert!(rule.when.is_none());
}

/// Each line: the condition of a step after `make` and `role`, `=>`, its parts.
#[track_caller]
fn split(table: &str) {
    for table_line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (condition, want) = table_line.split_once(" => ").expect("a line with =>");
        let text = format!(
            "let quiet = write and not by_service\n\
             rule r {{ param p: Int = 3 sequence by account within 1h {{ \
             make: ok then role: ok then use: {condition} }} }}"
        );
        let rule = one(&text);
        let got = line(&rule.sequence.expect("a sequence").steps[2]);
        assert_eq!(got.strip_prefix("use: ").map(str::trim_start), Some(want), "{condition}");
    }
}

#[test]
fn conditions_are_split_by_what_they_read() {
    split(
        r#"
        ok and (write and not mfa) => ok & write & (not mfa)
        quiet and true == ok => let0 & (= true ok)
        use.user == "root" and key exists => (= user "root") & (exists key)
        key == make.key => | key==step0.key
        make.resp.accessKey.accessKeyId == key => | key==step0./responseElements/accessKey/accessKeyId
        lower(user) == lower(role.user) and ok => ok | (lower user)==step1.(lower user)
        key != make.key => |  | (not (= step2.key step0.key))
        key == make.key or ok => |  | (or (= step2.key step0.key) step2.ok)
        make.user == role.user => |  | (= step0.user step1.user)
        make.region == "eu-west-1" => |  | step0.(= region "eu-west-1")
        len(targets) > len(make.targets) + p => |  | (< step0.(add (len targets) param0) step2.(len targets))
        time - make.time < 5m and any(t in targets: t == make.target) => |  | (< (sub step2.time step0.time) 300s) & (any step2.targets (= var0 step0.target))
        any(t in make.targets: t like "a*") => |  | step0.(any targets (like var0 "a*"))
        any(t in make.targets: any(s in make.sg.rules: s.peer == t) and ok) => |  | (any step0.targets (and (any step0.sg.rules (= var1.peer var0)) step2.ok))
        ip == make.ip and time == role.time => | ip==step0.ip & time==step1.time
        ip == make.req.ip => |  | (= step2.ip step0./requestParameters/ip)
        len(targets) == make.req.n => | (len targets)==step0./requestParameters/n
        "#,
    );
}

#[test]
fn steps_that_must_not_come_read_earlier_ones() {
    let rule = one("rule r {
          title \"{make.target} {window} {user} {make.count}\"
          where not by_service
          sequence by account within 1h {
            make: ok then not gone: 1 == 1 and target == make.target then use: 2+ write
            then not last: user == make.user
          }
          show first(make.target), top(user)
          suppress 1h by make.user, account
        }");
    assert_eq!(
        lines(rule.sequence.as_ref().unwrap()),
        [
            "make: ok",
            "not gone: true | target==step0.target",
            "use: 2+ write",
            "not last:  | user==step0.user"
        ]
    );
    assert_eq!(form(&rule.filter.expr), "(not by_service)");
    assert_eq!(
        pieces(&rule),
        ["make.target=step0.target", " ", "window", " ", "user=user", " ", "step0.count"]
    );
    let show: Vec<String> = rule.show.iter().map(|show| form(&show.expr)).collect();
    assert_eq!(show, ["step0.target", "user"]);
    let suppress = rule.suppress.unwrap().by.unwrap();
    assert_eq!(
        suppress.iter().map(|by| form(&by.expr)).collect::<Vec<_>>(),
        ["step0.user", "account"]
    );
}

#[test]
fn names_of_steps_hide_those_further_out_and_only_where_they_hold() {
    let rule = one("let n = 5 rule r {
          param p: Int = 4
          where len(key) > n and len(targets) < p
          sequence by account, key within 1h {
            key: ok then n: len(targets) > 3 and any(key in targets: key == target)
            then p: key.user == n.user
          }
          except \"x\" key == \"AKIA\"
        }");
    let sequence = rule.sequence.unwrap();
    assert_eq!(
        lines(&sequence),
        [
            "key: ok",
            "n: (< 3 (len targets)) & (any targets (= var0 target))",
            "p:  |  | (= step0.user step1.user)"
        ]
    );
    assert_eq!(form(&rule.filter.expr), "(and (< 5 (len key)) (< (len targets) param0))");
    assert_eq!(form(&rule.by[1].expr), "key");
}

/// The example of the language reference that has a baseline.
const SPIKE: &str = r#"
rule region_rate_spike {
  title    "{count} calls in {window} in {region}, usually {baseline.center} ± {baseline.scale}, {score}"
  severity medium
  where    not by_service
  by       account, region
  within   1h
  when     zscore(count()) >= 4 and count() >= 100
  learn    warmup=7d memory=28d bucket=1h season=hour_of_week model=median_mad
  suppress 3h
}"#;

#[test]
fn scores() {
    let rule = one(SPIKE);
    assert_eq!(form(&rule.when.as_ref().unwrap().expr), "(and (<= 4 score0) (<= 100 agg0))");
    assert_eq!(
        rule.baselines,
        [Baseline {
            text: "zscore(count())".into(),
            aggregate: 0,
            bucket: 3_600,
            season: Season::HourOfWeek,
            model: Model::MedianMad,
            min_samples: 3,
            warmup: 7 * 86_400,
            memory: 28 * 86_400,
        }]
    );
    let said = pieces(&rule);
    assert_eq!((said[0].as_str(), said[6].as_str(), said[8].as_str()), ("agg0", "center", "scale"));
    assert_eq!(said[10], "score");
}

#[test]
fn several_scores_have_a_baseline_each_and_defaults_hold() {
    let rule = one("rule r { param k: Float = 3.5 where ok by account within 30m
        when zscore(distinct(api)) >= k and (zscore(count(write)) > 2 or zscore(distinct(api)) < -k)
             and not zscore(ratio(write)) <= 0 and account != \"1\" }");
    let all: Vec<_> = rule
        .baselines
        .iter()
        .map(|own| (own.text.as_str(), own.aggregate, own.bucket, own.min_samples))
        .collect();
    assert_eq!(
        all,
        [
            ("zscore(distinct(api))", 0, 1_800, 3),
            ("zscore(count(write))", 1, 1_800, 3),
            ("zscore(ratio(write))", 2, 1_800, 3)
        ]
    );
    let first = &rule.baselines[0];
    assert_eq!((first.season, first.model), (Season::None, Model::MedianMad));
    assert_eq!((first.warmup, first.memory), (14 * 86_400, 90 * 86_400));
    let rule = one("rule r { where ok by account within 30m when zscore(ratio(write)) >= 1
        learn model=ewma season=hour_of_day bucket=10m min_samples=7 warmup=0d memory=30d }");
    let own = &rule.baselines[0];
    assert_eq!(
        (own.bucket, own.season, own.model, own.min_samples, own.warmup, own.memory),
        (600, Season::HourOfDay, Model::Ewma, 7, 0, 30 * 86_400)
    );
}

#[test]
fn shares() {
    let rule = one("rule r { param p: Float = 0.005 where ok by account, user within 1h
        when write and 0.01 >= rare(api, region) and count() >= 5 show top(ip) }");
    let rare = rule.rare.as_ref().unwrap();
    assert_eq!(
        (rare.text.as_str(), form(&rare.seldom).as_str()),
        ("rare(api, region)", "(<= share 0.01)")
    );
    assert_eq!(
        rare.tuple.iter().map(|part| part.text.as_str()).collect::<Vec<_>>(),
        ["api", "region"]
    );
    assert_eq!(rare.others.iter().map(form).collect::<Vec<_>>(), ["write", "(<= 5 agg0)"]);
    assert_eq!((rare.warmup, rare.memory, rare.min_samples), (14 * 86_400, 90 * 86_400, 100));
    assert_eq!(form(&rule.when.as_ref().unwrap().expr), "(and write (<= share 0.01) (<= 5 agg0))");
    assert!(rule.first_seen.is_none());
    let rule = one("rule r { param p: Float = 0.005 where ok when rare(api) < p
        learn min_samples=1000 warmup=1d memory=7d }");
    let rare = rule.rare.unwrap();
    assert_eq!(form(&rare.seldom), "(< share param0)");
    assert_eq!((rare.warmup, rare.memory, rare.min_samples), (86_400, 7 * 86_400, 1_000));
    assert_eq!(rule.when.unwrap().params, [0]);
}

#[test]
fn new_over_tuples_beside_event_conditions_and_aggregates() {
    let rule = one("rule r { where ok by account within 1h
        when (new(service, api, lower(user)) and write) and (count(denied) >= 5 or ip in [10.0.0.0/8]) }");
    let seen = rule.first_seen.unwrap();
    assert_eq!(seen.text, "new(service, api, lower(user))");
    assert_eq!(
        seen.tuple.iter().map(|part| form(&part.expr)).collect::<Vec<_>>(),
        ["service", "api", "(lower user)"]
    );
    assert_eq!(
        seen.others.iter().map(form).collect::<Vec<_>>(),
        ["write", "(or (<= 5 agg0) (in ip [10.0.0.0/8]))"]
    );
}

/// Steps that read each other, and what tells of them.
const KEYS: &str = r#"
rule key_abroad {
  title "{make.target} {use.count} {fail.count} {window} {region}" param p: Float = 0.5
  where not by_service
  sequence by account, actor.id within 1h {
    fail: 3+ denied then make: ok and any(t in targets: t == make.user)
    then not gone: req.accessKeyId == make.resp.accessKey.accessKeyId or gone.key == make.key
    then use: key == make.key and time - make.time < 5m and len(targets) > p
  }
  show first(make.ip), top(region) suppress 1h by account, make.user
  test "t" { event {} expect 1 { fail.count: 3, make.user: "x" } }
}
rule odd { where ok by account when rare(api, region) < 0.01 and write learn min_samples=5 warmup=1d }
"#;

#[test]
fn no_text_of_these_kinds_makes_the_checker_panic() {
    for text in [BRUTEFORCE, SPIKE, KEYS] {
        for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            let _ = read(&text[..cut], true);
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        for at in 1..words.len() {
            let mut other = words.clone();
            other.swap(at - 1, at);
            let _ = read(&other.join(" "), true);
            other = words.clone();
            other.remove(at);
            let _ = read(&other.join(" "), true);
            for word in ["not", "make.user", "rare(api)", "zscore(count())", "5+", "new(api)"] {
                other = words.clone();
                other[at] = word;
                let _ = read(&other.join(" "), true);
            }
        }
    }
}
