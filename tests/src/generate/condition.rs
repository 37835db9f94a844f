//! Random conditions, well-typed, over the fields that streams fill.

use super::random::Random;

/// Conditions that are whole by themselves.
const PLAIN: [&str; 104] = [
    "ok",
    "not ok",
    "denied",
    "write",
    "by_service",
    "via_service",
    "global_service",
    "console",
    "mfa",
    "cross_account",
    "management",
    "data",
    "readOnly",
    "readOnly == false",
    "readOnly missing",
    "service == \"ec2\"",
    "service != \"ec2\"",
    "service in [\"iam\", \"s3\"]",
    "api in [\"RunInstances\", \"DeleteUser\"]",
    "api not in [\"RunInstances\", \"GetObject\"]",
    "api like \"Delete*\"",
    "api like [\"*User\", \"Get??ject\"]",
    "api not like \"*e*\"",
    "lower(api) like \"*user\"",
    "api matches \"^(Run|Create)\"",
    "api not matches \"s$\"",
    "eventName == \"UpdateFunctionCode20150331v2\"",
    "api == \"UpdateFunctionCode\"",
    "region == \"us-east-1\"",
    "region != \"us-east-1\"",
    "region in home",
    "region not in home",
    "region missing",
    "account == \"111122223333\"",
    "principal like \"*alice\"",
    "principal exists",
    "user == \"bob\"",
    "user in [\"root\", \"alice\"]",
    "user > \"alice\"",
    "actor.type == \"IAMUser\"",
    "actor.type != \"AssumedRole\"",
    "session exists",
    "actor.id like \"*/*\"",
    "errorCode exists",
    "errorCode == \"404\"",
    "errorCode != \"AccessDenied\"",
    "errorCode not like \"Client.*\"",
    "errorMessage missing",
    "ip exists",
    "ip in [10.0.0.0/8, 198.51.100.0/24]",
    "ip not in [0.0.0.0/0]",
    "ip in [2001:db8::/32]",
    "sourceIPAddress like \"*.amazonaws.com\"",
    "ua like \"aws-cli/*\"",
    "key exists",
    "target == \"a\"",
    "targets has \"a\"",
    "targets has [\"b\", \"c\"]",
    "len(targets) > 0",
    "len(targets) == 2",
    "any(t in targets: t like \"?\")",
    "all(t in targets: t == \"a\")",
    "shared_with has \"*\"",
    "any(r in sg.rules: r.cidr in [0.0.0.0/0, ::/0] and r.from <= 22 and 22 <= r.to)",
    "any(r in sg.rules: r.proto == \"tcp\" and any(p in ports: r.from <= p and p <= r.to))",
    "len(sg.rules) == 1",
    "any(s in policy(req.policy): grants(s, \"iam:PassRole\"))",
    "any(s in policy(req.policy): s.public or s.actions has \"S3:*\")",
    "req exists",
    "req.name == \"a\"",
    "req.name != \"a\"",
    "req.name in [\"a\", \"b\"]",
    "req.name exists",
    "req.name like \"[ab]\"",
    "req.name like [\"a\", \"c*\"]",
    "lower(req.name) == \"b\"",
    "len(req.name) == 1",
    "req.n == 2",
    "req.n != 2",
    "req.n > 1",
    "req.n <= 1.5",
    "req.n in [1, 2.0]",
    "req.n in 1..2",
    "req.n not in 1..2",
    "req.n == \"2\"",
    "req.n + 1 >= 3",
    "req.n * 2 - 1 == 3",
    "req.n / 2 < 1",
    "-req.n < 0",
    "clamp(req.n, 0, 1) == 1",
    "if(ok, req.n, 1) == 1",
    "req.flag == true",
    "req.flag == \"true\"",
    "req.flag != false",
    "req.tags has \"x\"",
    "req.tags has [\"y\", \"z\"]",
    "req.tags not has \"x\"",
    "req.tags == \"x\"",
    "len(req.tags) >= 2",
    "any(t in req.tags: t == \"x\" or t == 1)",
    "all(t in req.tags: t in [\"x\", \"y\"])",
    "any(i in req.items: i.k == \"a\" and i.v >= 1)",
    "all(i in req.items: i.k != \"a\")",
    "record.requestParameters.name == \"b\"",
];

const RARER: [&str; 10] = [
    "text(req.items) like \"*\\\"a\\\"*\"",
    "hour(time) == 0",
    "weekday(time) in 1..5",
    "time >= \"2026-01-01T00:00:30Z\"",
    "eventVersion like \"1.0?\"",
    "userIdentity.sessionContext.sessionIssuer.arn exists",
    "requestParameters.\"x-odd.key\" == \"1\"",
    "json(req.policy).Statement exists",
    "extra.MFAUsed == \"Yes\"",
    "recent or destroy",
];

/// A condition; `params` says whether the params `n` and `word` may stand in it.
pub(super) fn condition(random: &mut Random, depth: usize, params: bool) -> String {
    if depth == 0 || random.one_in(3) {
        return leaf(random, params);
    }
    let a = condition(random, depth - 1, params);
    let b = condition(random, depth - 1, params);
    match random.below(5) {
        0 | 1 => format!("({a} and {b})"),
        2 | 3 => format!("({a} or {b})"),
        _ => format!("not ({a})"),
    }
}

fn leaf(random: &mut Random, params: bool) -> String {
    if params && random.one_in(5) {
        return (*random.pick(&["len(targets) >= n", "req.n >= n", "user == word", "req.name == word"])).to_owned();
    }
    let list: &[&str] = if random.one_in(6) { &RARER } else { &PLAIN };
    (*random.pick(list)).to_owned()
}
