/// Appends `text` to `line` so that it cannot do anything to a terminal: what does not print, what
/// turns the writing direction, and a backslash are shown as Rust escapes them.
///
/// Names and arguments are chosen by the processes that bear them.
pub(crate) fn push(line: &mut String, text: &str) {
    // Quotes would be escaped too, but harm nobody.
    for piece in text.split_inclusive(['"', '\'']) {
        let (body, quote) = match piece.strip_suffix(['"', '\'']) {
            Some(body) => (body, &piece[body.len()..]),
            None => (piece, ""),
        };
        line.extend(body.escape_debug());
        line.push_str(quote);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut line = String::new();
        push(&mut line, text);
        line
    }

    #[test]
    fn what_does_not_print_is_escaped_and_the_rest_is_itself() {
        for (text, want) in [
            ("plain (1) ~", "plain (1) ~"),
            ("don't \"x\"", "don't \"x\""),
            ("caf\u{e9} \u{65e5}\u{672c} \u{1f980}", "caf\u{e9} \u{65e5}\u{672c} \u{1f980}"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\nb\r\tc\0", "a\\nb\\r\\tc\\0"),
            ("\\n", "\\\\n"),
            ("\u{9b}31m\u{7f}", "\\u{9b}31m\\u{7f}"),
            ("gpj.\u{202e}exe", "gpj.\\u{202e}exe"),
            ("a\u{200b}b\u{feff}\u{2028}", "a\\u{200b}b\\u{feff}\\u{2028}"),
            ("'\u{301}", "'\\u{301}"),
        ] {
            assert_eq!(shown(text), want, "{text:?}");
        }
    }

    #[test]
    fn no_control_character_gets_through() {
        for c in (0..=0x2100).filter_map(char::from_u32) {
            let line = shown(&format!("a{c}b"));
            assert!(line.chars().all(|shown| !shown.is_control()), "{c:?}");
            assert!(line.starts_with('a') && line.ends_with('b'), "{c:?}");
        }
    }
}
