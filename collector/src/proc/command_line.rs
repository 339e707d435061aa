use eyelet_codec::ProcessRecord;
use eyelet_codec::runtime::Field;

/// How many bytes of an argument list, each argument ended by a NUL, a record has room for.
///
/// Arguments that fit stay whole; the first that does not is cut, since the start of an overlong
/// one is better than nothing of it.
pub(super) fn fitting(list: &[u8]) -> usize {
    let (mut end, mut room) = (0, MAX_BYTES);
    for argument in list.split_inclusive(|&byte| byte == 0).take(MAX_ARGUMENTS) {
        let len = argument.strip_suffix(b"\0").unwrap_or(argument).len();
        let Some(left) = room.checked_sub(len) else { return end + room };
        room = left;
        end += argument.len();
    }
    end
}

/// A list of more bytes, NULs counted, does not fit in any case.
pub(super) const LONGEST: usize = MAX_BYTES + MAX_ARGUMENTS;

const LIMITS: Field = ProcessRecord::COMMAND_LINE;
const MAX_ARGUMENTS: usize = LIMITS.max_items as usize;
const MAX_BYTES: usize = LIMITS.max_total_bytes as usize;

#[cfg(test)]
mod tests {
    use eyelet_codec::{Message, Repeated};

    use super::*;

    #[test]
    fn a_list_is_cut_where_it_breaks_a_limit_and_nowhere_else() {
        let (full, over) = (vec![b'a'; MAX_BYTES], vec![b'a'; MAX_BYTES + 1]);
        for (case, list, want) in [
            ("nothing", vec![], 0),
            ("empty arguments", b"\0\0\0".to_vec(), 3),
            ("an open end", b"a\0b".to_vec(), 3),
            ("as many arguments as fit", vec![0; MAX_ARGUMENTS], MAX_ARGUMENTS),
            ("one more", vec![0; MAX_ARGUMENTS + 1], MAX_ARGUMENTS),
            ("as many bytes as fit", full.clone(), MAX_BYTES),
            ("their end", [&full[..], b"\0"].concat(), MAX_BYTES + 1),
            ("an empty argument more", [&full[..], b"\0\0"].concat(), MAX_BYTES + 2),
            ("a byte more", over, MAX_BYTES),
            ("a byte more, in an argument", [&full[..], b"\0b"].concat(), MAX_BYTES + 1),
            ("a byte too many later", [b"b\0", &full[..]].concat(), MAX_BYTES + 1),
        ] {
            assert_eq!(fitting(&list), want, "{case}");
        }
    }

    #[test]
    fn what_fits_is_encoded_whole_and_a_byte_more_is_cut() {
        let mut buf = vec![0xa5; 64 * 1024];
        let mut is_cut = |list: &[u8]| {
            let command_line = Repeated::nul_terminated(str::from_utf8(list).unwrap());
            let record = ProcessRecord { name: "x", command_line, ..Default::default() };
            let len = record.encode(&mut buf).unwrap();
            ProcessRecord::decode(&buf[..len]).unwrap().notes.iter().next().is_some()
        };
        for list in [vec![b'a'; LONGEST + 1], vec![0; LONGEST + 1], b"ab\0".repeat(LONGEST)] {
            let end = fitting(&list);
            assert!(!is_cut(&list[..end]));
            assert!(is_cut(&list[..=end]));
        }
    }
}
