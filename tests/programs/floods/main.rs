//! A collector to be attacked: `floods serve CONNECTIONS DIRECTORY`.

mod serve;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let ["serve", connections, directory] = &arguments[..] else { return usage() };
    let Ok(connections) = connections.parse() else { return usage() };
    serve::run(connections, Path::new(directory));
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: floods serve CONNECTIONS DIRECTORY");
    ExitCode::from(2)
}
