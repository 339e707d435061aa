/// What `/proc/PID/stat` says, so far as a record needs it (`proc_pid_stat(5)`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stat<'a> {
    pub(super) name: &'a [u8],
    state: u8,
    pub(super) parent: u32,
    flags: u32,
    /// Ticks spent on a CPU, by the process itself and by the kernel for it.
    pub(super) busy_ticks: u64,
    threads: u64,
    /// Ticks from boot to its start.
    pub(super) start_ticks: u64,
}

impl<'a> Stat<'a> {
    /// `None` if it is not of that form. The name may hold anything, so it ends at the last
    /// parenthesis.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let begin = bytes.iter().position(|&byte| byte == b'(')? + 1;
        let end = bytes.iter().rposition(|&byte| byte == b')')?;
        let name = bytes.get(begin..end)?;
        let mut rest = str::from_utf8(bytes.get(end + 1..)?).ok()?.split_ascii_whitespace();
        let mut skip = |count| rest.nth(count);
        Some(Self {
            name,
            state: *skip(0)?.as_bytes().first()?,
            parent: skip(0)?.parse().ok()?,
            flags: skip(4)?.parse().ok()?,
            busy_ticks: skip(4)?.parse::<u64>().ok()?.checked_add(skip(0)?.parse().ok()?)?,
            threads: skip(4)?.parse().ok()?,
            start_ticks: skip(1)?.parse().ok()?,
        })
    }

    pub(super) fn is_kernel_thread(&self) -> bool {
        self.flags & PF_KTHREAD != 0
    }

    /// A zombie, or about to be nothing at all.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.state, b'Z' | b'X')
    }

    /// Its first thread has ended, and others go on.
    pub(super) fn lives_on(&self) -> bool {
        self.has_ended() && self.threads > 1
    }
}

/// include/linux/sched.h
const PF_KTHREAD: u32 = 0x0020_0000;

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &[u8] = b"42 (a) R (b\n) S 7 42 42 0 -1 4194560 1 2 3 4 500 60 7 8 20 0 9 0 12345 \
        1 2 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";

    #[test]
    fn a_name_may_hold_parentheses_spaces_and_line_breaks() {
        let want = Stat {
            name: b"a) R (b\n",
            state: b'S',
            parent: 7,
            flags: 4_194_560,
            busy_ticks: 560,
            threads: 9,
            start_ticks: 12_345,
        };
        assert_eq!(Stat::parse(LINE), Some(want));
        assert!(!want.is_kernel_thread() && !want.has_ended() && !want.lives_on());
    }

    #[test]
    fn kernel_threads_and_the_ended_are_told_apart() {
        for (state, flags, threads, kernel, ended, lives_on) in [
            ("S", "69238848", "1", true, false, false),
            ("Z", "4194316", "1", false, true, false),
            ("Z", "4194316", "2", false, true, true),
            ("X", "4194316", "1", false, true, false),
            ("T", "4194304", "3", false, false, false),
        ] {
            let line =
                format!("1 (x) {state} 0 0 0 0 -1 {flags} 0 0 0 0 0 0 0 0 20 0 {threads} 0 5 0");
            let stat = Stat::parse(line.as_bytes()).unwrap();
            let told = (stat.is_kernel_thread(), stat.has_ended(), stat.lives_on());
            assert_eq!(told, (kernel, ended, lives_on), "{line}");
        }
    }

    #[test]
    fn no_prefix_before_the_last_field_passes() {
        let end = LINE.windows(5).position(|digits| digits == b"12345").unwrap();
        for len in 0..end {
            assert_eq!(Stat::parse(&LINE[..len]), None, "{len}");
        }
    }
}
