use std::collections::BTreeMap;

use serde_json::{Value, json};

/// One thing that was measured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Figure {
    pub(crate) key: Key,
    pub(crate) value: f64,
}

/// What a figure is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) workload: String,
    pub(crate) measure: String,
    pub(crate) who: String,
    /// `ns`, `instructions`, or `x` and whose time it is divided by: so many times as fast.
    pub(crate) unit: String,
    /// Of eyelet-codec.
    pub(crate) features: String,
}

impl Figure {
    /// From a line of JSON.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let object: Value = serde_json::from_str(line).ok()?;
        let text = |name: &str| object[name].as_str().map(str::to_owned);
        let key = Key {
            workload: text("workload")?,
            measure: text("measure")?,
            who: text("who")?,
            unit: text("unit")?,
            features: text("features")?,
        };
        Some(Self { key, value: object["value"].as_f64()? })
    }

    /// As a line of JSON.
    pub(crate) fn line(&self) -> String {
        let Key { workload, measure, who, unit, features } = &self.key;
        let value = self.value;
        let object = json!({
            "workload": workload, "measure": measure, "who": who,
            "value": value, "unit": unit, "features": features,
        });
        format!("{object}\n")
    }
}

/// Of several runs the one in the middle, figure by figure.
pub(crate) fn medians(runs: impl IntoIterator<Item = Figure>) -> Vec<Figure> {
    let mut all: BTreeMap<Key, Vec<f64>> = BTreeMap::new();
    for Figure { key, value } in runs {
        all.entry(key).or_default().push(value);
    }
    let middle = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    all.into_iter().map(|(key, values)| Figure { key, value: middle(values) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"workload":"T","measure":"decode","who":"prost","value":409.5,"unit":"ns","features":"crc-slicing"}"#;

    #[test]
    fn a_figure_survives_its_line() {
        let figure = Figure::parse(LINE).unwrap();
        assert_eq!(figure.value.to_bits(), 409.5_f64.to_bits());
        assert_eq!(Figure::parse(&figure.line()), Some(figure));
        assert_eq!(Figure::parse(r#"{"workload":"T"}"#), None);
    }

    #[test]
    fn of_several_runs_the_middle_one_counts() {
        let figure = |value| Figure { value, ..Figure::parse(LINE).unwrap() };
        assert_eq!(medians([9.0, 1.0, 2.0].map(figure)), [figure(2.0)]);
    }
}
