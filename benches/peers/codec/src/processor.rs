//! What of the processor decides how a C library copies and compares, and so how many instructions
//! everything takes.

/// The extensions it has, as a program sees them; under valgrind not all that are there.
#[cfg(target_arch = "x86_64")]
pub(crate) fn features() -> String {
    let all = [
        ("sse4.2", is_x86_feature_detected!("sse4.2")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("bmi2", is_x86_feature_detected!("bmi2")),
        ("ermsb", is_x86_feature_detected!("ermsb")),
        ("rtm", is_x86_feature_detected!("rtm")),
        ("avx512vl", is_x86_feature_detected!("avx512vl")),
    ];
    all.iter().filter(|(_, here)| *here).map(|(name, _)| *name).collect::<Vec<_>>().join(",")
}

/// The extensions it has.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn features() -> String {
    std::env::consts::ARCH.to_owned()
}
