use eyelet_codec::{ProcessRecord, Repeated};

use crate::Random;

/// One process, as a collector describes it. Its texts are leaked: they live as long as the benchmark,
/// so that messages of every kind can borrow them.
///
/// No optional field holds its type's zero or an empty text: some peers don't tell those from absent
/// ones and would encode less.
pub(crate) fn record(random: &mut Random) -> ProcessRecord<'static> {
    let program = random.pick(&PROGRAMS);
    let path = path(random, program);
    let magnitude = 4 + random.below(14);
    ProcessRecord {
        ppid: Some(number(random, 40_000)),
        name: name(random, program),
        executable_path: Some(path),
        command_line: Repeated::new(command_line(random, program, path)),
        start_time: Some(1_795_000_000 - i64::from(number(random, 4_000_000))),
        cpu_usage: Some(f64::from(number(random, 10_000)) / 97.0),
        memory_usage: Some(4096 * (1 + random.below(1 << magnitude))),
        user_id: Some(random.pick(&["0", "0", "0", "33", "101", "998", "1000", "65534"])),
        accessible: random.below(16) > 0,
        file_exists: random.below(32) > 0,
        collection_time: 1_795_273_000_000 + i64::from(number(random, 10_000)),
        ..Default::default()
    }
}

/// At least 1.
fn number(random: &mut Random, end: u32) -> u32 {
    1 + u32::try_from(random.below(u64::from(end))).expect("less than a u32")
}

/// The kernel keeps 15 bytes of a name.
fn name(random: &mut Random, program: &str) -> &'static str {
    let name = match random.below(8) {
        0 => format!("{program}/{}", random.below(64)),
        1 => format!("{program}-{}", random.pick(&WORDS)),
        _ => program.to_owned(),
    };
    name.chars().take(15).collect::<String>().leak()
}

fn path(random: &mut Random, program: &str) -> &'static str {
    let word = random.pick(&WORDS);
    let path = match random.below(8) {
        0 => format!("/usr/local/sbin/{program}"),
        1 => format!("/usr/libexec/{word}/{program}"),
        2 | 3 => format!("/usr/lib/x86_64-linux-gnu/{word}/{program}"),
        4 | 5 => format!("/usr/lib/{word}/{}/bin/linux-amd64/{program}", 8 + random.below(20)),
        _ => format!("/opt/{word}/releases/2026-{}/bin/{program}", 10 + random.below(90)),
    };
    path.leak()
}

fn command_line(random: &mut Random, program: &str, path: &'static str) -> &'static [&'static str] {
    // Most have few arguments, some have many.
    let more = if random.below(8) == 0 { random.below(5) } else { 0 };
    let arguments = (0..random.below(3) + more).map(|_| argument(random, program));
    [path].into_iter().chain(arguments).collect::<Vec<_>>().leak()
}

/// From nothing to 64 bytes; one in 200 is not ASCII.
fn argument(random: &mut Random, program: &str) -> &'static str {
    let (word, other, number) = (random.pick(&WORDS), random.pick(&WORDS), random.below(100_000));
    let argument = match random.below(200) {
        0 => format!("--title=Übersicht {word}"),
        1..=3 => String::new(),
        4..=11 => format!("-{}", random.pick(&["D", "f", "v", "l", "c", "n", "q", "vv"])),
        12..=27 => format!("--{word}={number}"),
        28..=59 => format!("--{word}-file=/etc/{program}/{other}.conf"),
        60..=99 => format!("/var/lib/{program}/{word}/{other}/{number}.db.lock"),
        100..=139 => format!("unix:///run/{program}/{word}-{number}/{other}.sock"),
        _ => format!("--{word}=/var/log/{program}/{other}-{number}.log,rotate"),
    };
    argument.leak()
}

const PROGRAMS: [&str; 24] = [
    "sshd",
    "bash",
    "systemd-journald",
    "systemd-udevd",
    "postgres",
    "nginx",
    "dbus-daemon",
    "cron",
    "python3",
    "containerd-shim",
    "chronyd",
    "rsyslogd",
    "agetty",
    "polkitd",
    "snapd",
    "java",
    "node",
    "redis-server",
    "gnome-shell",
    "Xwayland",
    "pipewire",
    "NetworkManager",
    "sh",
    "kubelet",
];

const WORDS: [&str; 24] = [
    "config",
    "system",
    "worker",
    "listen",
    "foreground",
    "log-level",
    "no-pager",
    "data",
    "unit",
    "socket",
    "verbose",
    "cluster",
    "default",
    "session",
    "address",
    "profile",
    "user",
    "pid-file",
    "network",
    "cache",
    "main",
    "replica",
    "storage",
    "notify",
];
