use super::block::INSTRUCTIONS;

/// A value in the largest of its units, with three digits.
pub(crate) fn shown(value: f64, unit: &str) -> String {
    let in_units = |units: [(f64, &str); 3]| {
        let fitting = units.into_iter().find(|(size, _)| value >= *size);
        let (size, name) = fitting.unwrap_or(units[2]);
        format!("{} {name}", ratio(value / size))
    };
    match unit {
        "ns" => in_units([(1e6, "ms"), (1e3, "µs"), (1.0, "ns")]),
        "1/s" => in_units([(1e6, "M/s"), (1e3, "k/s"), (1.0, "/s")]),
        "B" => in_units([(MEBIBYTE, "MiB"), (KIBIBYTE, "KiB"), (1.0, "B")]),
        INSTRUCTIONS => grouped(value),
        "futex calls" => format!("{value:.0} {unit}"),
        _ => format!("{} {unit}", ratio(value)),
    }
}

/// Three digits, or all of those before the point.
pub(crate) fn ratio(value: f64) -> String {
    match value.abs() {
        small if small < 9.995 => format!("{value:.2}"),
        middle if middle < 99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// A whole number, with a comma before every three digits.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub(crate) const KIBIBYTE: f64 = 1_024.0;
pub(crate) const MEBIBYTE: f64 = KIBIBYTE * KIBIBYTE;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_and_the_unit_that_makes_them_small() {
        for (value, unit, text) in [
            (14.784, "ns", "14.8 ns"),
            (8_926.0, "ns", "8.93 µs"),
            (4_268_267.0, "ns", "4.27 ms"),
            (999.9, "ns", "1000 ns"),
            (0.5, "ns", "0.50 ns"),
            (356_240.195, "1/s", "356 k/s"),
            (10_548_393.0, "1/s", "10.5 M/s"),
            (1_765.376, "B", "1.72 KiB"),
            (8.0 * MEBIBYTE, "B", "8.00 MiB"),
            (659.0, "instructions", "659"),
            (52_315.0, "instructions", "52,315"),
            (1_002_003.0, "instructions", "1,002,003"),
            (0.0, "futex calls", "0 futex calls"),
            (6.282, "system calls", "6.28 system calls"),
        ] {
            assert_eq!(shown(value, unit), text, "{value} {unit}");
        }
    }

    #[test]
    fn a_rounded_digit_does_not_add_another() {
        for (value, text) in [(9.994, "9.99"), (9.996, "10.0"), (99.94, "99.9"), (99.96, "100")] {
            assert_eq!(ratio(value), text, "{value}");
        }
    }
}
