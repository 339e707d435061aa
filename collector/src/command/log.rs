use std::io::Write;

use ::log::{Level, LevelFilter};

/// Sends log lines to standard error, each with its level: as a word, or under systemd, which says so by
/// `JOURNAL_STREAM`, as the prefix that its journal understands (sd-daemon(3)).
pub(super) fn start(level: LevelFilter) {
    let for_journal = std::env::var_os("JOURNAL_STREAM").is_some();
    env_logger::Builder::new()
        .filter_level(level)
        .format(move |line, record| {
            let level = if for_journal { syslog(record.level()) } else { word(record.level()) };
            writeln!(line, "{level}{}", record.args())
        })
        .init();
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error: ",
        Level::Warn => "warning: ",
        Level::Info => "info: ",
        Level::Debug => "debug: ",
        Level::Trace => "trace: ",
    }
}

fn syslog(level: Level) -> &'static str {
    match level {
        Level::Error => "<3>",
        Level::Warn => "<4>",
        Level::Info => "<6>",
        Level::Debug | Level::Trace => "<7>",
    }
}
