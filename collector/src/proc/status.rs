/// What `/proc/PID/status` says, so far as a record needs it (`proc_pid_status(5)`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Status<'a> {
    /// The process that a thread is of; a process names itself.
    pub(super) process: Option<u32>,
    /// Effective user id, decimal.
    pub(super) user: Option<&'a str>,
    /// Resident bytes. `stat` has them too, but of counters that each CPU keeps for itself a while.
    pub(super) resident: Option<u64>,
}

impl<'a> Status<'a> {
    /// Lines are told apart safely, since the kernel escapes line breaks in the name; `VmRSS` comes
    /// last of what is looked for.
    pub(super) fn parse(bytes: &'a [u8]) -> Self {
        let mut status = Self::default();
        for line in bytes.split(|&byte| byte == b'\n') {
            if let Some(value) = value(line, b"Tgid:") {
                status.process = value.parse().ok();
            } else if let Some(value) = value(line, b"Uid:") {
                status.user = value.split_ascii_whitespace().nth(1);
            } else if let Some(value) = value(line, b"VmRSS:") {
                status.resident = kibibytes(value);
                break;
            }
        }
        status
    }
}

fn value<'a>(line: &'a [u8], key: &[u8]) -> Option<&'a str> {
    str::from_utf8(line.strip_prefix(key)?).ok().map(str::trim_ascii)
}

fn kibibytes(value: &str) -> Option<u64> {
    value.strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_effective_user_and_resident_bytes_are_found() {
        let text = b"Name:\tx\\nUid:\t6\t6\nTgid:\t42\nNgid:\t0\nPid:\t43\nPPid:\t7\n\
            Uid:\t1000\t1001\t1002\t1003\nGid:\t5\t5\t5\t5\nVmHWM:\t  9999 kB\nVmRSS:\t   123 kB\n";
        let want = Status { process: Some(42), user: Some("1001"), resident: Some(123 * 1024) };
        assert_eq!(Status::parse(text), want);
    }

    #[test]
    fn what_is_not_there_is_absent() {
        assert_eq!(Status::parse(b""), Status::default());
        for odd in ["VmRSS:\t1 MB", "VmRSS:\tmuch kB", "VmRSS:\t18446744073709551615 kB", "Uid:\t1"]
        {
            assert_eq!(Status::parse(odd.as_bytes()), Status::default(), "{odd}");
        }
    }
}
