//! What the fast ways must do, byte by byte and in other words.

use alloc::vec;
use alloc::vec::Vec;

use super::{CobsError, Fed};

/// What is between zeros, cut into groups.
pub(super) fn encode(plain: &[u8]) -> Vec<u8> {
    let mut groups: Vec<&[u8]> = Vec::new();
    for text in plain.split(|&byte| byte == 0) {
        let whole = text.chunks_exact(254);
        let rest = whole.remainder();
        groups.extend(whole);
        groups.push(rest);
    }
    // Behind a longest group there is no zero to be left out.
    if let [.., before, []] = groups[..]
        && before.len() == 254
        && plain.last() != Some(&0)
    {
        groups.pop();
    }
    groups.iter().flat_map(|group| [&[code(group)], *group].concat()).collect()
}

fn code(group: &[u8]) -> u8 {
    u8::try_from(group.len() + 1).unwrap()
}

/// One byte at a time, with nothing but the number of those that are left of the group.
pub(super) fn decode(encoded: &[u8]) -> Result<Vec<u8>, CobsError> {
    if let Some(at) = encoded.iter().position(|&byte| byte == 0) {
        return Err(CobsError::Delimiter { at });
    }
    let (mut out, mut left, mut code, mut begun) = (Vec::new(), 0, 0xff, 0);
    for (at, &byte) in encoded.iter().enumerate() {
        if left > 0 {
            out.push(byte);
            left -= 1;
            continue;
        }
        if code != 0xff {
            out.push(0);
        }
        (code, left, begun) = (byte, byte - 1, at);
    }
    if left > 0 || encoded.is_empty() {
        return Err(CobsError::Truncated { at: begun });
    }
    Ok(out)
}

/// What an accumulator for `longest` bytes makes of all that was ever fed to it.
pub(super) fn collect(stream: &[u8], longest: usize) -> Vec<Collected> {
    let mut stretches: Vec<&[u8]> = stream.split(|&byte| byte == 0).collect();
    stretches.pop();
    let whole = stretches.into_iter().filter(|stretch| !stretch.is_empty());
    whole.map(|stretch| collect_one(stretch, longest)).collect()
}

/// Decoded bytes, or how many were lost and why.
pub(super) type Collected = Result<Vec<u8>, (usize, CobsError)>;

fn collect_one(stretch: &[u8], longest: usize) -> Collected {
    let decoded = if stretch.len() > longest { Err(CobsError::Buffer) } else { decode(stretch) };
    decoded.map_err(|error| (stretch.len(), error))
}

/// What came of a feeding, and how much it took of `len` bytes.
pub(super) fn collected(fed: Fed<'_>, len: usize) -> (Option<Collected>, usize) {
    match fed {
        Fed::Partial => (None, len),
        Fed::Decoded { bytes, consumed } => (Some(Ok(bytes.to_vec())), consumed),
        Fed::Refused { lost, error, consumed } => (Some(Err((lost, error))), consumed),
    }
}

/// Calls with every text of up to `longest` bytes of an alphabet.
pub(super) fn each_of<const N: usize>(
    alphabet: [u8; N],
    longest: u32,
    mut call: impl FnMut(&[u8]),
) {
    for len in 0..=longest {
        for number in 0..N.pow(len) {
            let digits = (0..len).map(|place| number / N.pow(place) % N);
            call(&digits.map(|digit| alphabet[digit]).collect::<Vec<_>>());
        }
    }
}

/// Bytes with zeros in them at uneven distances: now close, now far.
pub(super) fn uneven(len: usize) -> Vec<u8> {
    let mut bytes = vec![0x5a; len];
    let places = (1..).scan(0, |place, step: usize| {
        *place += step * step % 61 * (step % 7);
        Some(*place)
    });
    places.take_while(|&place| place < len).for_each(|place| bytes[place] = 0);
    bytes
}
