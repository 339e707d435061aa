use peak_alloc::PeakAlloc;

use crate::{CUTS, Cut};

/// Counts every byte of this process that is in use.
#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Bytes of each cut, at most. What is kept for later use, however many cuts there are, is among it.
const BOUND: usize = 32;

/// Has a line cut before every one of so many bytes and behind the last, in every way, three times over, and
/// looks what has become of the memory in use; the third time something is leaked on purpose.
pub(crate) fn leaves_none(name: &str, bytes: usize, mut cut: impl FnMut(usize, Cut)) {
    let mut round = |leak: usize| {
        for offset in 0..=bytes {
            for how in CUTS {
                cut(offset, how);
                std::mem::forget(vec![0xa5_u8; leak]);
            }
        }
        HEAP.current_usage()
    };
    let [warm, used, leaked] = [0, 0, 2 * BOUND].map(&mut round);
    let cuts = (bytes + 1) * CUTS.len();
    let (growth, control) = (used.saturating_sub(warm), leaked.saturating_sub(used));
    println!(
        "\nfigure: {name}: {cuts} cuts, three times over: {growth} bytes more in use behind the second round than \
         behind the first, {control} more behind the third, which leaks {}",
        cuts * 2 * BOUND
    );
    assert!(growth <= cuts * BOUND, "{growth} bytes more after {cuts} cuts");
    assert!(control > cuts * BOUND, "the control: {control} bytes");
}
