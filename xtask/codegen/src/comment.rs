//! The schema's comments.

use prost_reflect::FileDescriptor;

/// What stands above, and behind, the item at `path`.
pub(crate) fn of(file: &FileDescriptor, path: &[i32]) -> Vec<String> {
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let mut locations = info.into_iter().flat_map(|info| &info.location);
    let Some(location) = locations.find(|location| location.path == path) else {
        return Vec::new();
    };
    let comments = [&location.leading_comments, &location.trailing_comments];
    // Without its indent, a line cannot become an indented code block, which rustdoc would compile.
    let lines = comments.into_iter().flatten().flat_map(|text| text.lines());
    lines.map(|line| line.trim().to_owned()).collect()
}

/// `lines` as a doc comment, or `otherwise` if there are none.
pub(crate) fn doc(lines: &[String], otherwise: &str) -> String {
    if lines.is_empty() {
        return format!("/// {otherwise}\n");
    }
    lines.iter().map(|line| format!("/// {}\n", plain(line))).collect()
}

/// With what rustdoc would take for HTML or for a link to an item escaped. Links to elsewhere stay.
fn plain(line: &str) -> String {
    let links = line.contains("](");
    let mut is_code = false;
    let mut text = String::new();
    for character in line.chars() {
        is_code ^= character == '`';
        if !is_code && (character == '<' || character == '[' && !links) {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_for_others_than_rustdoc_is_shown_as_it_is() {
        for (line, want) in [
            ("Degrees, [-90, 90]", "Degrees, \\[-90, 90]"),
            ("A list<T> or `list<T>[0]` of <b>", "A list\\<T> or `list<T>[0]` of \\<b>"),
            ("See [the page](https://example.org)", "See [the page](https://example.org)"),
        ] {
            assert_eq!(plain(line), want);
        }
    }
}
