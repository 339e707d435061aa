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
    lines.iter().map(|line| format!("/// {line}\n")).collect()
}
