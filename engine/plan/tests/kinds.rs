//! Programs of sequences, shares and scores: what is asked of an event, and what is kept of it.

use lang::check::{Options, load};
use lang::diag::Sources;
use trailhound_plan::{
    Const, Join, Kind, Model, Node, NodeId, Piece, Program, Rule, Season, SequenceRule, compile,
};

/// The program of rules that have no error.
#[track_caller]
fn program(text: &str) -> Program {
    let mut sources = Sources::default();
    sources.add("a.trail", text, false);
    let (rules, diags) = load(&sources, &Options { lints: false });
    assert!(diags.is_empty(), "{diags:#?}");
    compile(&rules).expect("a program")
}

fn steps(rule: &Rule) -> &SequenceRule {
    rule.sequence().expect("a sequence")
}

/// A node in brackets.
fn form(program: &Program, id: NodeId) -> String {
    let form = |id: &NodeId| form(program, *id);
    let all = |word: &str, parts: &[NodeId]| {
        format!("({word} {})", parts.iter().map(form).collect::<Vec<_>>().join(" "))
    };
    match program.node(id) {
        Node::Const(Const::Text(text)) => format!("{text:?}"),
        Node::Const(Const::Bool(truth)) => truth.to_string(),
        Node::Const(Const::Int(whole)) => whole.to_string(),
        Node::Const(Const::Float(number)) => number.to_string(),
        Node::Const(Const::Duration(seconds)) => format!("{seconds}s"),
        Node::Derived(name) => name.name().to_owned(),
        Node::Slot(..) => "slot".to_owned(),
        Node::Var(number) => format!("var{number}"),
        Node::Picked(step, column) => format!("{step}.{column}"),
        Node::Share => "share".to_owned(),
        Node::Score(number) => format!("score{number}"),
        Node::Aggregate(number) => format!("agg{number}"),
        Node::New => "new".to_owned(),
        Node::Not(a) => all("not", &[*a]),
        Node::Exists(a) => all("exists", &[*a]),
        Node::And(parts) => all("and", parts),
        Node::Or(parts) => all("or", parts),
        Node::Eq(a, b) => all("=", &[*a, *b]),
        Node::Lt(a, b) => all("<", &[*a, *b]),
        Node::Le(a, b) => all("<=", &[*a, *b]),
        Node::Arith(op, a, b) => all(&format!("{op:?}").to_lowercase(), &[*a, *b]),
        Node::Call(func, parts) => all(&format!("{func:?}").to_lowercase(), parts),
        Node::Any(over) => all("any", &[over.list, over.cond]),
        other => format!("{other:?}"),
    }
}

fn forms(program: &Program, nodes: &[NodeId]) -> Vec<String> {
    nodes.iter().map(|node| form(program, *node)).collect()
}

/// A key is made and used elsewhere, unless it was deleted in between.
const KEYS: &str = r#"
rule key_abroad {
  title "{make.target} of {user}, {fail.count} of {window} in {make.region} {region}"
  param d: Duration = 5m
  where not by_service
  sequence by account, actor.id within 1h {
    fail: 3+ denied
    then make: service == "iam" and api == "CreateAccessKey" and ok
    then not gone: api == "DeleteAccessKey" and req.accessKeyId == make.resp.accessKey.accessKeyId
    then use: key == make.resp.accessKey.accessKeyId and region != make.region and time - make.time > d
  }
  show first(make.ip), top(region)
  suppress 1h by account, make.user
}
"#;

#[test]
fn a_sequence_keeps_of_each_step_what_is_read_of_it() {
    let program = program(KEYS);
    let rule = &program.rules[0];
    let sequence = steps(rule);
    assert_eq!((sequence.within.0, &*sequence.within.1), (3_600, "1h"));
    let by: Vec<&str> = program.groups[sequence.by].iter().map(|by| &*by.text).collect();
    assert_eq!(by, ["account", "actor.id"]);
    let told: Vec<_> = sequence
        .steps
        .iter()
        .map(|step| (&*step.name, step.absent, step.count, form(&program, step.own)))
        .collect();
    assert_eq!(
        told,
        [
            ("fail", false, Some(3), "denied".to_owned()),
            ("make", false, None, r#"(and (= service "iam") (= api "CreateAccessKey") ok)"#.into()),
            ("gone", true, None, r#"(= api "DeleteAccessKey")"#.to_owned()),
            ("use", false, None, "true".to_owned())
        ]
    );
    let columns: Vec<Vec<String>> =
        sequence.steps.iter().map(|step| forms(&program, &step.columns)).collect();
    assert_eq!(columns[0], Vec::<String>::new());
    assert_eq!(columns[1], ["slot", "region", "time", "target", "ip", "user"]);
    assert_eq!(columns[2], ["slot"]);
    assert_eq!(columns[3], ["key", "region", "time"]);
    assert_eq!(sequence.steps[2].joins, [Join { here: 0, step: 1, there: 0 }]);
    assert_eq!(sequence.steps[3].joins, [Join { here: 0, step: 1, there: 0 }]);
    assert_eq!(
        forms(&program, &sequence.steps[3].rest),
        ["(not (= 3.1 1.1))", "(< 300s (sub 3.2 1.2))"]
    );
    let params: Vec<_> = sequence.params.iter().map(|(name, value)| (&**name, value)).collect();
    assert_eq!(params, [("d", &serde_json::json!("5m"))]);
}

#[test]
fn an_event_that_no_step_asks_for_does_not_enter() {
    let program = program(
        "rule a { where not by_service sequence by account within 1h { a: ok then b: 2+ denied } }
         rule b { sequence by account within 1h { a: ok then b: key == a.key } }",
    );
    let filter = |number: usize| form(&program, program.rules[number].filter.node);
    assert_eq!(filter(0), "(and (not by_service) (or ok denied))");
    assert_eq!(filter(1), "(and true (or ok true))");
    let texts: Vec<&str> = program.rules.iter().map(|rule| &*rule.filter.text).collect();
    assert_eq!(texts, ["not by_service", ""]);
    assert_eq!(steps(&program.rules[0]).by, steps(&program.rules[1]).by, "one list of keys");
    assert!(program.rules.iter().all(|rule| rule.group().is_none()));
}

#[test]
fn values_of_steps_are_asked_of_no_event() {
    let program = program(KEYS);
    let rule = &program.rules[0];
    let witness = forms(&program, &rule.witness);
    assert_eq!(witness, ["account", "region", "principal", "user"]);
    let title: Vec<String> = rule
        .title
        .iter()
        .map(|piece| match piece {
            Piece::Path(named) => form(&program, named.node),
            Piece::StepCount(number) => format!("count of {number}"),
            Piece::Window => "window".to_owned(),
            other => format!("{other:?}"),
        })
        .filter(|piece| !piece.starts_with("Text"))
        .collect();
    assert_eq!(title, ["1.3", "user", "count of 0", "window", "1.1", "region"]);
    let show: Vec<NodeId> = rule.show.iter().map(|show| show.node).collect();
    assert_eq!(forms(&program, &show), ["1.4", "region"]);
    let by = rule.suppress.as_ref().and_then(|suppress| suppress.by.as_ref()).expect("paths");
    let by: Vec<NodeId> = by.iter().map(|by| by.node).collect();
    assert_eq!(forms(&program, &by), ["account", "1.5"]);
    for (id, node) in program.nodes.iter().enumerate() {
        let reads = program.reads[id];
        assert!(!(reads.steps && reads.event), "{node:?} reads both");
        assert!(program.memo[id].is_none() || !reads.steps, "{node:?} is kept for an event");
    }
}

#[test]
fn columns_are_of_one_rule_and_conditions_of_all() {
    let program = program(
        "let quiet = write and not by_service and region like \"eu-*\"
         rule a { sequence by account within 1h { a: quiet then b: quiet and user == a.user } }
         rule b { where quiet }
         rule c { sequence by account within 1h { x: ok then y: quiet and any(t in targets: t == x.target) } }",
    );
    let (a, c) = (steps(&program.rules[0]), steps(&program.rules[2]));
    assert_eq!(a.steps[0].own, a.steps[1].own);
    assert_eq!(a.steps[0].own, program.rules[1].filter.node);
    assert!(program.memo[a.steps[0].own.0 as usize].is_some(), "asked once an event");
    assert_eq!(forms(&program, &a.steps[0].columns), ["user"]);
    assert_eq!(forms(&program, &a.steps[1].columns), ["user"]);
    assert_eq!(forms(&program, &c.steps[0].columns), ["target"]);
    assert_eq!(forms(&program, &c.steps[1].columns), ["targets"]);
    assert_eq!(forms(&program, &c.steps[1].rest), ["(any 1.0 (= var0 0.0))"]);
}

#[test]
fn scores_and_their_baselines() {
    let program = program(
        "rule r {
           title \"{score} {baseline.center} {baseline.scale} {count}\"
           where ok by account, region within 1h
           when zscore(count()) >= 4 and zscore(ratio(denied)) > 2
           learn warmup=7d memory=28d season=hour_of_week model=mean_sd min_samples=5
         }",
    );
    let rule = &program.rules[0];
    let group = rule.group().expect("a group");
    assert_eq!(form(&program, group.when.node), "(and (<= 4 score0) (< 2 score1))");
    assert!(program.reads(group.when.node).window);
    let all: Vec<_> = group.baselines.iter().map(|own| (&*own.text, own.aggregate)).collect();
    assert_eq!(all, [("zscore(count())", 0), ("zscore(ratio(denied))", 1)]);
    let own = &group.baselines[0];
    assert_eq!((own.bucket, own.season, own.model), (3_600, Season::HourOfWeek, Model::MeanSd));
    assert_eq!((own.min_samples, own.warmup, own.memory), (5, 7 * 86_400, 28 * 86_400));
    assert!(matches!(rule.title[0], Piece::Score));
    assert!(group.first_seen.is_none() && group.rare.is_none());
}

#[test]
fn shares_and_what_stands_beside_them() {
    let program = program(
        "rule r {
           param p: Float = 0.01
           where ok by account within 1h
           when write and rare(api, region) < p and count(denied) >= len(targets)
         }",
    );
    let Kind::Group(group) = &program.rules[0].kind else { panic!("a group is wanted") };
    let rare = group.rare.as_ref().expect("a share");
    assert_eq!(form(&program, rare.seldom), "(< share 0.01)");
    let tuple: Vec<&str> = rare.tuple.iter().map(|part| &*part.text).collect();
    assert_eq!((&*rare.text, tuple), ("rare(api, region)", vec!["api", "region"]));
    assert_eq!((rare.warmup, rare.memory, rare.min_samples), (14 * 86_400, 90 * 86_400, 100));
    assert_eq!(forms(&program, &rare.event_parts), ["write"]);
    assert_eq!(forms(&program, &rare.window_parts), ["(<= (len targets) agg0)"]);
    assert_eq!(forms(&program, &rare.bound), ["(len targets)"]);
    assert_eq!(group.when.params[0].0.as_ref(), "p");
    assert!(group.first_seen.is_none());
}
