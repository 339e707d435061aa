/// What a program has of the codec, as features of `tests/size`.
pub(super) struct Kept {
    encode: &'static [&'static str],
    decode: &'static [&'static str],
}

/// A way of having it.
pub(super) struct Variant {
    pub(super) name: &'static str,
    frames: bool,
    features: &'static [&'static str],
}

/// The columns.
pub(super) const KEPT: [Kept; 5] = [
    Kept { encode: &["task", "result"], decode: &[] },
    Kept { encode: &[], decode: &["task", "result"] },
    Kept { encode: &["task", "result"], decode: &["task", "result"] },
    Kept { encode: &["result"], decode: &["task"] },
    Kept { encode: &["task"], decode: &["result"] },
];

/// The rows.
pub(super) const VARIANTS: [Variant; 3] = [
    Variant { name: "tasks, and results of process records", frames: false, features: &[] },
    Variant { name: "with the fast lane", frames: false, features: &["fast"] },
    Variant { name: "in frames, CRC-32C without a table", frames: true, features: &[] },
];

impl Kept {
    /// For cargo.
    pub(super) fn features(&self, variant: &Variant) -> String {
        let one_way = |way: &'static str, messages: &'static [&'static str]| {
            let frame = (variant.frames && !messages.is_empty()).then_some(&"frame");
            messages.iter().chain(frame).map(move |what| format!("{way}-{what}"))
        };
        let ways = one_way("encode", self.encode).chain(one_way("decode", self.decode));
        let all = ways.chain(variant.features.iter().map(ToString::to_string));
        all.collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_encoded_or_decoded_is_put_in_frames() {
        let [encoded, _, _, collector, _] = KEPT;
        let [plain, fast, framed] = VARIANTS;
        for (kept, variant, want) in [
            (&encoded, &plain, "encode-task,encode-result"),
            (&encoded, &framed, "encode-task,encode-result,encode-frame"),
            (&collector, &fast, "encode-result,decode-task,fast"),
            (&collector, &framed, "encode-result,encode-frame,decode-task,decode-frame"),
        ] {
            assert_eq!(kept.features(variant), want);
        }
    }
}
