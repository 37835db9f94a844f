//! The site file and files of values: where they are found, what they change, what is
//! said of those that are wrong.

use crate::place::{Place, Ran, file, record};
use serde_json::Value;

/// Rules with all that a site may set.
const RULES: &str = r#"let home: [Region] = ["us-east-1"]

rule away {
  severity low
  where    api == "RunInstances" and region not in home
}

rule deleted {
  title    "{count} snapshots deleted in {window}"
  param    n: Int = 3 in 2..100
  where    api like "Delete*" and ok
  by       account
  within   10m
  when     count() >= n
  allow    reaper(principal, sourceIPAddress)
}

rule old {
  status   deprecated
  where    api == "RunInstances"

  test "it fires" {
    event  { eventName: "RunInstances" }
    expect 1 { severity: "medium" }
  }
}
"#;

/// The rules above, four deletions and a start in eu-west-1.
fn place() -> Place {
    let place = Place::new();
    place.write("site.trail", RULES);
    let deletion = |number| record("DeleteSnapshot", 100 + number, number);
    let records =
        [record("RunInstances", 10, 1), deletion(2), deletion(3), deletion(4), deletion(5)];
    place.write("a.json", file(&records));
    place
}

/// A replay with a site file of this text.
fn replay(place: &Place, site: &str, args: &[&str]) -> Ran {
    place.write("site.toml", site);
    let base =
        ["replay", "a.json", "--no-builtin", "-r", "site.trail", "--site", "site.toml", "-q"];
    place.run(&[&base[..], args].concat())
}

/// The rules of the alerts, in order.
fn fired(ran: &Ran) -> Vec<String> {
    ran.alerts().iter().map(|alert| alert["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn values_of_a_site_hold_in_place_of_the_rules_own() {
    let place = place();
    let own = replay(&place, "", &[]).ended(0);
    assert_eq!(fired(&own), ["away", "deleted"]);
    assert_eq!(own.stderr, "");

    let ran = replay(&place, "lets.home = [\"us-east-1\", \"eu-west-1\"]", &[]).ended(0);
    assert_eq!(fired(&ran), ["deleted"]);
    let ran =
        replay(&place, "[rule.deleted]\nparams = { n = 4 }\nseverity = \"high\"", &[]).ended(0);
    let alert = &ran.alerts()[1];
    assert_eq!(alert["severity"], "high");
    assert_eq!(alert["because"][1]["expr"], "count() >= n");
    assert_eq!(alert["because"][1]["values"]["n"], 4);
    assert_eq!(alert["title"], "4 snapshots deleted in 10m");
    let ran = replay(&place, "rule.deleted.params.n = 5", &[]).ended(0);
    assert_eq!(fired(&ran), ["away"]);
    let ran = replay(&place, "rule.away.enabled = false\nrule.old.enabled = true", &[]).ended(0);
    assert_eq!(fired(&ran), ["old", "deleted"]);
}

/// An entry for the rule `deleted`.
fn entry(principal: &str, address: &str, expires: &str) -> String {
    format!(
        "[[rule.deleted.allow.reaper]]\nprincipal = {principal}\nsourceIPAddress = {address}\n\
         reason = \"OPS-1\"\nexpires = {expires}\n"
    )
}

#[test]
fn an_entry_of_an_allow_does_what_an_except_does() {
    let place = place();
    let ana = "\"arn:aws:iam::111122223333:user/ana\"";
    // One of two conditions is not enough.
    let other = entry(ana, "\"192.0.2.*\"", "2027-03-31");
    assert_eq!(fired(&replay(&place, &other, &[]).ended(0)), ["away", "deleted"]);
    let all = entry(ana, "\"198.51.*\"", "2027-03-31");
    assert_eq!(fired(&replay(&place, &all, &[]).ended(0)), ["away"]);
    for any in ["\"*\"", "[\"bob\", \"*\"]", "[\"198.51.100.7\", \"192.0.2.1\"]"] {
        let all = entry("\"*:user/a?a\"", any, "2027-03-31");
        assert_eq!(fired(&replay(&place, &all, &[]).ended(0)), ["away"], "{any}");
    }
    // Byte for byte what the exception written into the rule gives.
    let mut records: Vec<Value> =
        serde_json::from_str::<Value>(&place.read("a.json")).unwrap()["Records"]
            .as_array()
            .unwrap()
            .clone();
    for record in &mut records[2..3] {
        record["sourceIPAddress"] = "203.0.113.9".into();
    }
    place.write("a.json", file(&records));
    let by_site = replay(&place, &entry("\"*\"", "\"203.0.113.*\"", "2027-03-31"), &[]).ended(0);
    let except = "except \"x\" sourceIPAddress like \"203.0.113.*\"";
    place.write("site.trail", RULES.replace("allow    reaper(principal, sourceIPAddress)", except));
    let by_rule = replay(&place, "", &[]).ended(0);
    assert_eq!(by_site.stdout, by_rule.stdout);
    assert_eq!(by_site.alerts()[1]["exempted"], 1);
}

#[test]
fn an_entry_holds_for_events_up_to_its_last_day_whenever_they_are_read() {
    let place = place();
    // The events are of 2025-09-01.
    let today = ["--now", "2026-01-01"];
    let ended = "note: ";
    let last = entry("\"*\"", "\"*\"", "2025-09-01");
    assert_eq!(fired(&replay(&place, &last, &today).ended(0)), ["away"]);
    let before = entry("\"*\"", "\"*\"", "2025-08-31");
    assert_eq!(fired(&replay(&place, &before, &today).ended(0)), ["away", "deleted"]);
    // That it has ended is said, unless nothing is to be said.
    assert_eq!(replay(&place, &before, &today).stderr, "");
    let args = ["replay", "a.json", "--no-builtin", "-r", "site.trail", "--site", "site.toml"];
    let told = place.run(&[&args[..], &today].concat()).ended(0).stderr;
    let want = "\
warning[L0040]: this entry of `reaper` has ended
 --> site.toml:5:11
  |
5 | expires = 2025-08-31
  |           ^^^^^^^^^^ the last day was 2025-08-31
  |
  = help: take it out, or agree on a later day
";
    assert!(told.starts_with(want), "{told}");
    assert!(!told.contains(ended), "{told}");
    let early = place.run(&[&args[..], &["--now", "2025-08-31T23:59:59Z"]].concat()).ended(0);
    assert!(!early.stderr.contains("L0040"), "{}", early.stderr);
}

#[test]
fn what_is_wrong_is_shown_in_both_files() {
    let place = place();
    let ran = replay(&place, "[rule.deleted.params]\nn = 500\n", &[]).ended(2);
    assert_eq!(ran.stdout, "");
    assert_eq!(
        ran.stderr,
        "\
error[E0508]: 500 is not in the range of `n`
  --> site.toml:2:5
   |
 2 | n = 500
   |     ^^^ not from 2 to 100
   |
  ::: site.trail:10:26
   |
10 |   param    n: Int = 3 in 2..100
   |                          ------ the range
   |
   = help: choose a value from 2 to 100

1 error
"
    );
    let ran = replay(&place, &entry("\"x\"", "\"y\"", "2027-03-31").replace("source", "src"), &[]);
    assert_eq!(
        ran.ended(2).stderr,
        "\
error[E0506]: this entry of `reaper` lacks `sourceIPAddress`
  --> site.toml:1:1
   |
 1 | [[rule.deleted.allow.reaper]]
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
  ::: site.trail:15:12
   |
15 |   allow    reaper(principal, sourceIPAddress)
   |            ------ allowed is `reaper(principal, sourceIPAddress)`
   |
   = help: each field stands in an entry, `\"*\"` for any value; so do `reason` and `expires`

error[E0502]: `reaper` has no field `srcIPAddress`
  --> site.toml:3:1
   |
 3 | srcIPAddress = \"y\"
   | ^^^^^^^^^^^^ names nothing
   |
  ::: site.trail:15:12
   |
15 |   allow    reaper(principal, sourceIPAddress)
   |            ------ allowed is `reaper(principal, sourceIPAddress)`
   |
   = help: did you mean `sourceIPAddress`?

2 errors
"
    );
}

#[test]
fn each_kind_of_mistake_in_a_site_file_stops_a_run() {
    let place = place();
    for (site, code, part) in [
        ("[rule.deleted", "E0501", "site.toml:1:"),
        ("a = 1", "E0502", "a site file has no `a`"),
        ("rule.delted.enabled = true", "E0503", "did you mean `deleted`?"),
        ("lets.hme = []", "E0504", "did you mean `home`?"),
        ("rule.deleted.params.limit = 3", "E0504", "it has `n`"),
        ("rule.deleted.enabled = 1", "E0505", "`enabled` is true or false, not a number"),
        ("rule.deleted.severity = \"urgent\"", "E0505", "`urgent` is no severity"),
        (
            "[[rule.deleted.allow.reaper]]",
            "E0506",
            "`principal`, `sourceIPAddress`, `reason`, `expires`",
        ),
        ("rule.deleted.params.n = \"many\"", "E0215", "site.toml:1:25"),
        ("lets.home = [\"us-east-1\", 1]", "E0215", "site.toml:1:27"),
        ("lets.home = 1", "E0215", "site.toml:1:13"),
    ] {
        let ran = replay(&place, site, &[]).ended(2);
        assert!(ran.stderr.contains(code) && ran.stderr.contains(part), "{site}\n{}", ran.stderr);
        assert_eq!(ran.stdout, "", "{site}");
    }
    place.write("site.toml", b"a = \"\xff\"");
    let args = ["rules", "--site", "site.toml"];
    let told = place.run(&args).ended(2).stderr;
    assert_eq!(
        told,
        "error: site file `site.toml`: byte 5 is not UTF-8: a site file is UTF-8 text\n"
    );
    let told = place.run(&["rules", "--site", "none.toml"]).ended(2).stderr;
    assert_eq!(told, "error: site file `none.toml`: no such file or folder\n");
}

#[test]
fn the_first_site_file_that_is_there_holds() {
    let place = place();
    let off = |rule: &str| format!("rule.{rule}.enabled = false");
    let args = ["replay", "a.json", "--no-builtin", "-r", "site.trail"];
    let run = |more: &[&str], variable: Option<&str>| {
        let mut command = place.command(&[&args[..], more].concat());
        variable.into_iter().for_each(|path| _ = command.env("TRAILHOUND_SITE", path));
        Ran::of(command.output().unwrap()).ended(0)
    };
    assert_eq!(fired(&run(&[], None)).len(), 2);

    place.write("config/trailhound/trailhound.toml", off("away") + "\n" + &off("deleted"));
    let ran = run(&[], None);
    assert_eq!(fired(&ran).len(), 0);
    assert!(ran.stderr.contains("found in your configuration"), "{}", ran.stderr);

    // Without the variable for it the folder is in the user's own; a relative one is none.
    place.write(".config/trailhound/trailhound.toml", off("deleted"));
    for config in [None, Some("config")] {
        let mut command = place.command(&args);
        command.env_remove("XDG_CONFIG_HOME").env("HOME", place.path(""));
        config.into_iter().for_each(|folder| _ = command.env("XDG_CONFIG_HOME", folder));
        assert_eq!(fired(&Ran::of(command.output().unwrap()).ended(0)), ["away"]);
    }

    place.write("trailhound.toml", off("away"));
    let ran = run(&[], None);
    assert_eq!(fired(&ran), ["deleted"]);
    let note = "note: the values of the site file `trailhound.toml` hold, found in this folder; \
                `--no-site` leaves it out\n";
    assert!(ran.stderr.starts_with(note), "{}", ran.stderr);
    assert_eq!(run(&["-q"], None).stderr, "");

    place.write("variable.toml", off("deleted"));
    let ran = run(&[], Some("variable.toml"));
    assert_eq!(fired(&ran), ["away"]);
    assert!(!ran.stderr.contains("note:"), "{}", ran.stderr);
    let ran = run(&["-v"], Some("variable.toml"));
    assert!(
        ran.stderr.contains("`variable.toml` hold, as `TRAILHOUND_SITE` says"),
        "{}",
        ran.stderr
    );
    assert_eq!(fired(&run(&[], Some(""))), ["deleted"]);

    place.write("flag.toml", "");
    assert_eq!(fired(&run(&["--site", "flag.toml"], Some("variable.toml"))).len(), 2);
    assert_eq!(fired(&run(&["--no-site"], Some("variable.toml"))).len(), 2);
}

#[test]
fn a_site_may_name_rules_of_the_pack_that_are_left_out() {
    let place = place();
    let listed = place.run(&["rules", "--format", "json"]).ended(0).stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let name = listed[0]["rule"].as_str().unwrap();
    let site = format!("rule.{name}.enabled = false");
    assert_eq!(fired(&replay(&place, &site, &[]).ended(0)).len(), 2);
}

#[test]
fn check_warns_of_names_that_it_does_not_see() {
    let place = place();
    place.write("site.toml", "rule.elsewhere.enabled = false\nrule.deleted.params.n = 1\n");
    let told = place.run(&["check", "site.trail", "--site", "site.toml"]).ended(2).stdout;
    assert!(told.contains("warning[L0041]") && told.contains("site.toml:1:6"), "{told}");
    assert!(told.contains("error[E0508]"), "{told}");
    let end = "3 rules without an error in 1 file with the site file site.toml: ";
    assert!(!told.contains(end) && told.contains("2 rules without an error"), "{told}");
    // A site file that lies there is looked at, too.
    place.write("trailhound.toml", "rule.deleted.params.n = 1\n");
    place.run(&["check", "site.trail"]).ended(2);
    place.run(&["check", "site.trail", "--no-site"]).ended(0);
}

#[test]
fn tests_run_with_the_rules_own_values_unless_a_site_is_named() {
    let place = place();
    let site = "[rule.old]\nenabled = false\nseverity = \"high\"";
    place.write("trailhound.toml", site);
    // A rule that no run loads is tested all the same.
    let own = place.run(&["test", "site.trail"]).ended(0).stdout;
    assert!(own.contains("ok     old, 1 test"), "{own}");
    let with = place.run(&["test", "site.trail", "--site", "trailhound.toml"]).ended(2).stdout;
    assert!(with.contains("got       severity: \"high\""), "{with}");
}

#[test]
fn rules_that_are_not_loaded_are_marked() {
    let place = place();
    place.write("site.toml", "rule.away.enabled = false");
    let list = ["rules", "--no-builtin", "-r", "site.trail", "--site", "site.toml"];
    let table = place.run(&list).ended(0).stdout;
    assert!(table.contains("[not loaded] away"), "{table}");
    assert!(table.contains("[deprecated, not loaded] old"), "{table}");
    assert!(table.ends_with("3 rules in 1 file, 2 not loaded\n"), "{table}");
    let json = place.run(&[&list[..], &["--format", "json"]].concat()).ended(0).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json[0]["enabled"], &json[0]["status"]), (&false.into(), &"stable".into()));
    assert_eq!(json[2]["status"], "deprecated");
}

#[test]
fn origin_tells_where_each_value_came_from() {
    let place = place();
    let site = "[lets]\nhome = [\"us-east-1\", \"eu-west-1\"]\n\
                [rule.deleted]\nseverity = \"critical\"\nparams = { n = 50 }\n"
        .to_owned()
        + &entry("\"*:role/reaper\"", "\"*\"", "2027-03-31");
    place.write("site.toml", site);
    let list = ["rules", "--no-builtin", "-r", "site.trail", "--site", "site.toml", "--origin"];
    assert_eq!(
        place.run(&list).ended(0).stdout,
        r#"away
  enabled   true  default
  severity  low   site.trail:4
deleted
  enabled                                   true                                              default
  severity                                  critical                                          site.toml:4, in place of medium
  param n: Int                              50                                                site.toml:5, in place of 3
  allow reaper(principal, sourceIPAddress)  principal = "*:role/reaper", sourceIPAddress = "*" until 2027-03-31: OPS-1  site.toml:6
old
  enabled   false   site.trail:19
  severity  medium  default
lets
  let home: [Region]  ["us-east-1", "eu-west-1"]  site.toml:2, in place of ["us-east-1"]
"#
    );
    let json = place.run(&[&list[..], &["--format", "json"]].concat()).ended(0).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["site"], "site.toml");
    assert_eq!(json["lets"][0]["in_place_of"], "[\"us-east-1\"]");
    let n = &json["rules"][1]["settings"][2];
    assert_eq!(
        (&n["value"], &n["source"], &n["line"]),
        (&"50".into(), &"site.toml".into(), &5.into())
    );
}

/// A rule that asks for a list in a file.
const LISTED: &str = "let odd: [Ip] from \"lists/ips.txt\"\nrule r { where ip in odd }\n";

#[test]
fn a_let_is_read_from_a_file_beside_the_rules() {
    let place = place();
    place.write("pack/odd.trail", LISTED);
    let args = ["replay", "a.json", "--no-builtin", "-r", "pack", "-q"];
    let told = place.run(&args).ended(2).stderr;
    assert!(told.contains("error[E0509]: `lists/ips.txt` cannot be read"), "{told}");
    assert!(told.contains("pack/odd.trail:1:20"), "{told}");

    place.write("pack/lists/ips.txt", "\u{feff}# odd hosts\r\n192.0.2.1 # one\r\n198.51.100.7\r\n");
    assert_eq!(place.run(&args).ended(0).alerts().len(), 5);
    // The rules of a single file, named from within its folder, read it, too.
    let mut command = place.command(&["check", "odd.trail"]);
    assert_eq!(Ran::of(command.current_dir(place.path("pack")).output().unwrap()).status, 0);
    place.write("pack/lists/ips.txt", "192.0.2.1\n192.0.2.300\n");
    assert_eq!(
        place.run(&args).ended(2).stderr,
        "\
error[E0407]: `\"192.0.2.300\"` is no address
 --> pack/lists/ips.txt:2:1
  |
2 | 192.0.2.300
  | ^^^^^^^^^^^ no address
  |
  = help: write it as in `\"203.0.113.7\"`; what is no address stands in `sourceIPAddress`

1 error
"
    );
    // The value of a site stands for the file, which then need not be there.
    std::fs::remove_dir_all(place.path("pack/lists")).unwrap();
    place.write("site.toml", "lets.odd = [\"198.51.100.7\"]");
    let ran = place.run(&[&args[..], &["--site", "site.toml"]].concat());
    assert_eq!(ran.ended(0).alerts().len(), 5);
}

#[test]
fn a_rule_file_reads_nothing_outside_its_folder() {
    let place = place();
    place.write("secret.txt", "192.0.2.1\n");
    place.write("pack/empty.txt", "");
    std::os::unix::fs::symlink(place.path("secret.txt"), place.path("pack/link.txt")).unwrap();
    let absolute = place.path("secret.txt");
    for path in [absolute.to_str().unwrap(), "../secret.txt", "./../secret.txt", "link.txt"] {
        place.write("pack/odd.trail", LISTED.replace("lists/ips.txt", path));
        let told = place.run(&["rules", "--no-builtin", "-r", "pack"]).ended(2).stderr;
        assert!(told.contains("error[E0510]"), "{path}\n{told}");
        assert!(!told.contains("192.0.2.1"), "{path}\n{told}");
    }
    place.write("pack/odd.trail", LISTED.replace("lists/ips.txt", "./empty.txt"));
    place.run(&["rules", "--no-builtin", "-r", "pack"]).ended(0);
    place.write("pack/odd.trail", LISTED.replace("lists/ips.txt", "."));
    let told = place.run(&["rules", "--no-builtin", "-r", "pack"]).ended(2).stderr;
    assert!(told.contains("it is no file"), "{told}");
}

#[test]
fn explain_tells_what_the_site_sets() {
    let place = place();
    let own = place.run(&["explain", "deleted", "-r", "site.trail", "--no-site"]).ended(0).stdout;
    assert!(own.contains("n = 3 (Int, from 2 to 100): the rule's own"), "{own}");
    let site = r#"
[rule.deleted]
params = { n = 4 }
[[rule.deleted.allow.reaper]]
principal       = "*"
sourceIPAddress = "*"
reason          = "cleans up"
expires         = 9999-12-31
"#;
    place.write("trailhound.toml", site);
    let ran = place.run(&["explain", "deleted", "-r", "site.trail"]).ended(0);
    assert!(ran.stderr.contains("`trailhound.toml` hold, found in this folder"), "{}", ran.stderr);
    let told = ran.stdout;
    assert!(told.contains("n = 4 (Int, from 2 to 100): set by the site, 3 in the rule"), "{told}");
    assert!(told.contains("by the site: ") && told.contains("cleans up"), "{told}");
    place.write("one.json", file(&[record("DeleteSnapshot", 100, 1)]));
    let over = place.run(&["explain", "deleted", "one.json", "-r", "site.trail"]).ended(0).stdout;
    assert!(over.contains("it is exempted"), "{over}");
}
