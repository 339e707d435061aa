//! Processes as rows for people to read.

use std::fmt::{self, Display, Formatter};
use std::io::{self, Write};

use eyelet_codec::ProcessRecord;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::users::Users;
use crate::visible;

/// Writes processes as rows, each as it comes: the columns before the last have fixed widths.
///
/// On a terminal, cells and rows that are too long are cut; elsewhere nothing is. Names and arguments
/// are shown so that they cannot do anything to a terminal. Empty arguments at the end are left out,
/// since a process that changes its title leaves many; `-` stands for what could not be told.
#[derive(Debug)]
pub struct Table<W> {
    output: W,
    users: Users,
    width: Option<usize>,
    line: String,
    cell: String,
}

#[derive(Clone, Copy)]
enum Align {
    Left,
    Right,
}

const COLUMNS: [(&str, usize, Align); 7] = [
    ("PID", 7, Align::Right),
    ("PPID", 7, Align::Right),
    ("USER", 8, Align::Left),
    ("CPU%", 6, Align::Right),
    ("MEM", 5, Align::Right),
    ("AGE", 4, Align::Right),
    ("NAME", 15, Align::Left),
];

impl<W: Write> Table<W> {
    /// A table on `output`, which is a terminal of `width` columns if that is known.
    pub fn new(output: W, users: Users, width: Option<usize>) -> Self {
        Self { output, users, width, line: String::new(), cell: String::new() }
    }

    /// Writes the titles of the columns.
    ///
    /// # Errors
    /// What writing to the output gave.
    pub fn head(&mut self) -> io::Result<()> {
        self.write_row(COLUMNS.map(|(title, ..)| title), |line| line.push_str("COMMAND"))
    }

    /// Writes one process. Errors as of [`head`](Self::head).
    pub fn row(&mut self, record: &ProcessRecord<'_>) -> io::Result<()> {
        let user = record.user_id.map(|id| self.users.name(id).to_owned());
        let cells = [
            record.pid.to_string(),
            shown(record.ppid),
            shown(user),
            shown(record.cpu_usage.map(|percent| format!("{percent:.1}"))),
            shown(record.memory_usage.map(Size)),
            shown(age(record)),
            record.name.to_owned(),
        ];
        self.write_row(cells, |line| push_command(line, record))
    }

    /// Hands on what the output itself still holds. Errors as of [`head`](Self::head).
    pub fn finish(mut self) -> io::Result<()> {
        self.output.flush()
    }

    fn write_row(
        &mut self,
        cells: [impl AsRef<str>; COLUMNS.len()],
        push_last: impl Fn(&mut String),
    ) -> io::Result<()> {
        self.line.clear();
        for ((_, width, align), cell) in COLUMNS.into_iter().zip(cells) {
            self.push_cell(cell.as_ref(), width, align);
        }
        push_last(&mut self.line);
        if let Some(width) = self.width {
            cut(&mut self.line, width);
        }
        writeln!(self.output, "{}", self.line.trim_end_matches(' '))
    }

    fn push_cell(&mut self, text: &str, width: usize, align: Align) {
        self.cell.clear();
        visible::push(&mut self.cell, text);
        if self.width.is_some() {
            cut(&mut self.cell, width);
        }
        let padding = " ".repeat(width.saturating_sub(self.cell.width()));
        let parts: [&str; 3] = match align {
            Align::Left => [&self.cell, &padding, "  "],
            Align::Right => [&padding, &self.cell, "  "],
        };
        self.line.extend(parts);
    }
}

fn shown(value: Option<impl Display>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// As a shell would take it, nearly; the name alone in brackets where there is none.
fn push_command(line: &mut String, record: &ProcessRecord<'_>) {
    let arguments = || record.command_line.iter().enumerate();
    let Some((last, _)) = arguments().filter(|(_, argument)| !argument.is_empty()).last() else {
        line.push('[');
        visible::push(line, record.name);
        line.push(']');
        return;
    };
    for (at, argument) in arguments().take(last + 1) {
        // A title with spaces stands in the first.
        let quote = match at {
            0 => "",
            _ if argument.is_empty() || argument.contains(' ') => " '",
            _ => " ",
        };
        line.push_str(quote);
        visible::push(line, argument);
        line.push_str(quote.trim_start());
    }
}

/// Time since the start, in the largest unit that gives a whole number.
fn age(record: &ProcessRecord<'_>) -> Option<String> {
    let seconds =
        (record.collection_time.div_euclid(1000)).saturating_sub(record.start_time?).max(0);
    Some(match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    })
}

/// Bytes in the largest unit of 1024 that gives a whole number, with a tenth where that is one digit.
struct Size(u64);

impl Display for Size {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut units = "BKMGTPE".chars();
        let (mut tenths, mut unit) = (u128::from(self.0) * 10, units.next());
        while tenths >= 10_240 {
            (tenths, unit) = (tenths / 1024, units.next());
        }
        match unit {
            Some(unit) if tenths < 100 && unit != 'B' => {
                write!(f, "{}.{}{unit}", tenths / 10, tenths % 10)
            }
            unit => write!(f, "{}{}", tenths / 10, unit.unwrap_or_default()),
        }
    }
}

/// Cuts `text` to `width` columns, the last of which then says so.
fn cut(text: &mut String, width: usize) {
    let mut columns = 0;
    let mut end = 0;
    for (at, c) in text.char_indices() {
        if columns < width {
            end = at;
        }
        columns += c.width().unwrap_or(0);
        if columns > width {
            text.truncate(end);
            text.push('\u{2026}');
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use eyelet_codec::Repeated;

    use super::*;

    fn table(width: Option<usize>, records: &[ProcessRecord<'_>]) -> String {
        let mut output = Vec::new();
        let mut table = Table::new(&mut output, Users::default(), width);
        table.head().unwrap();
        for record in records {
            table.row(record).unwrap();
        }
        table.finish().unwrap();
        String::from_utf8(output).unwrap()
    }

    fn command(arguments: &[&str]) -> String {
        let command_line = Repeated::new(arguments);
        let mut line = String::new();
        push_command(
            &mut line,
            &ProcessRecord { name: "name", command_line, ..Default::default() },
        );
        line
    }

    fn shell() -> ProcessRecord<'static> {
        ProcessRecord {
            pid: 4_194_304,
            ppid: Some(1),
            name: "a name of \u{65e5}\u{672c}",
            command_line: Repeated::nul_terminated("sh\0-c\0echo \u{1b}[31m\0"),
            start_time: Some(1_000),
            cpu_usage: Some(12.34),
            memory_usage: Some(3 << 20),
            user_id: Some("65534"),
            collection_time: 1_090_000,
            ..Default::default()
        }
    }

    #[test]
    fn columns_stand_below_their_titles() {
        let kernel = ProcessRecord { pid: 2, name: "kthreadd", ..Default::default() };
        let want = "    PID     PPID  USER        CPU%    MEM   AGE  NAME             COMMAND
4194304        1  65534       12.3   3.0M    1m  a name of \u{65e5}\u{672c}   sh -c 'echo \\u{1b}[31m'
      2        -  -              -      -     -  kthreadd         [kthreadd]
";
        assert_eq!(table(None, &[shell(), kernel]), want);
    }

    #[test]
    fn on_a_terminal_no_row_is_wider_and_what_is_cut_says_so() {
        let long = "\u{65e5}".repeat(20);
        let record = ProcessRecord { name: &long, user_id: Some("4294967295"), ..shell() };
        for width in 1..120 {
            for line in table(Some(width), &[record]).lines() {
                assert!(line.width() <= width, "{line}");
            }
        }
        let wide = table(Some(200), &[record]);
        assert!(wide.contains("  4294967\u{2026}  ") && wide.contains("\u{65e5}\u{2026}  sh -c"));
        assert!(wide.ends_with("[31m'\n"), "{wide}");
        assert!(table(Some(69), &[record]).ends_with("sh\u{2026}\n"));
    }

    #[test]
    fn empty_arguments_and_spaces_are_seen() {
        for (arguments, want) in [
            (&[][..], "[name]"),
            (&["", ""], "[name]"),
            (&["a"], "a"),
            (&["a", "", "b c"], "a '' 'b c'"),
            (&["", "b"], " b"),
            (&["title: of two words", "", ""], "title: of two words"),
            (&["a", "\n"], "a \\n"),
        ] {
            assert_eq!(command(arguments), want, "{arguments:?}");
        }
    }

    #[test]
    fn sizes_and_ages_take_their_columns() {
        for (bytes, want) in [
            (0, "0B"),
            (1_023, "1023B"),
            (1_024, "1.0K"),
            (10_239, "9.9K"),
            (10_240, "10K"),
            ((1 << 20) - 1, "1023K"),
            (u64::MAX, "15E"),
        ] {
            assert_eq!(Size(bytes).to_string(), want);
        }
        for (start, millis, want) in [
            (10, 10_999, "0s"),
            (10, 69_999, "59s"),
            (10, 70_000, "1m"),
            (0, 86_399_999, "23h"),
            (0, 86_400_000, "1d"),
            (20, 10_000, "0s"),
        ] {
            let record = ProcessRecord {
                start_time: Some(start),
                collection_time: millis,
                ..Default::default()
            };
            assert_eq!(age(&record).as_deref(), Some(want), "{start} {millis}");
        }
    }
}
