//! The models of `zscore` against a table computed with numpy (`numeric/baseline.py`).

use tests::oracle::Model;

/// The greatest difference, as a part of the number or of 1.
const NEAR: f64 = 1e-11;

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= NEAR * b.abs().max(1.0)
}

#[test]
fn models_give_the_numbers_of_the_table() {
    let table = include_str!("../numeric/baseline.tsv");
    let mut lines = table.lines();
    assert_eq!(lines.next().unwrap(), "model\tsamples\tvalue\tcenter\tscale\tscore");
    let mut rows = 0;
    for line in lines {
        let [model, samples, value, center, scale, score] =
            line.split('\t').collect::<Vec<_>>()[..]
        else {
            panic!("six columns: {line}")
        };
        let number = |text: &str| text.parse::<f64>().unwrap();
        let samples: Vec<f64> = samples.split(' ').map(number).collect();
        let got = Model::named(model).center_and_scale(&samples);
        let said = (number(value) - got.0) / got.1;
        assert!(is_near(got.0, number(center)), "{model} center {} {line}", got.0);
        assert!(is_near(got.1, number(scale)), "{model} scale {} {line}", got.1);
        assert!(is_near(said, number(score)), "{model} score {said} {line}");
        rows += 1;
    }
    assert!(rows >= 150, "{rows} rows");
}
