use std::fs;
use std::io;
use std::path::Path;

use super::about::About;
use super::figure::Figure;
use crate::failure::Failure;

/// What one run has left: an object a line.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) about: About,
    pub(crate) figures: Vec<Figure>,
}

impl Record {
    /// From a file that a command writes.
    pub(crate) fn read(path: &Path, command: &str) -> Result<Self, Failure> {
        let place = path.display();
        let text = fs::read_to_string(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                Failure::check(format!("there is no {place}: `{command}` writes it"))
            }
            _ => Failure::at(path)(error),
        })?;
        Self::parse(&text).map_err(|line| {
            Failure::check(format!("{place}:{line}: not a figure; `{command}` writes it anew"))
        })
    }

    /// Otherwise the number of the line that is something else.
    pub(crate) fn parse(text: &str) -> Result<Self, usize> {
        let mut record = Self { about: About::default(), figures: Vec::new() };
        for (index, line) in text.lines().enumerate() {
            match Figure::parse(line) {
                Some(figure) => record.figures.push(figure),
                None if record.about.read(line) => {}
                None => return Err(index + 1),
            }
        }
        Ok(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_missing_is_answered_by_the_command_that_writes_it() {
        let error = Record::read(Path::new("no such directory/codec.json"), "cargo xtask bench x");
        let error = error.unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no no such directory/codec.json: `cargo xtask bench x` writes it"
        );
    }

    #[test]
    fn a_line_that_says_nothing_is_not_passed_over() {
        let about = r#"{"about":"compiler","version":"rustc 1.89.0"}"#;
        assert!(Record::parse(about).is_ok());
        assert_eq!(Record::parse(&format!("{about}\n{{}}\n")).unwrap_err(), 2);
    }
}
