//! The derived names of the reference engine against the values written down for them.

use tests::oracle::{Json, Record, Value, derived_value};

#[test]
fn all_246_values_are_as_written() {
    let lines = include_str!("../fixtures/derived.jsonl");
    let mut checked = 0;
    let mut wrong = Vec::new();
    for line in lines.lines() {
        let case = Json::parse(line).unwrap();
        let given = case.get("in").cloned().unwrap_or(Json::Null);
        let Some(Json::Object(expected)) = case.get("out") else { panic!("no `out` in {line}") };
        for (name, expected) in expected {
            let got = if name == "policy" {
                Value::List(tests::oracle::policy(&Value::of_json(Some(&given))))
            } else {
                derived_value(&Record::of(given.clone()), name).unwrap()
            };
            let got = got.json().unwrap_or(Json::Null);
            checked += 1;
            if got != *expected {
                wrong.push(format!(
                    "{name}: expected {}, got {}\n  {line}",
                    expected.compact(),
                    got.compact()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(checked, 246);
}
