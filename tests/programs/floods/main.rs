//! What each attack does to an honest client beside it: `floods [SECONDS] [NAME]` prints a table.
//!
//! Collector, honest client and attacker are processes of their own, this program in its other roles.

mod attack;
mod honest;
mod serve;
mod table;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match &arguments[..] {
        ["serve", connections, directory] => {
            let Ok(connections) = connections.parse() else { return usage() };
            serve::run(connections, Path::new(directory));
        }
        ["honest", endpoint] => honest::run(Path::new(endpoint)),
        ["attack", name, endpoint] => {
            let Some(attack) = attack::named(name) else { return usage() };
            attack.run(Path::new(endpoint));
        }
        [] => return table::print(1.0, ""),
        [seconds] | [seconds, _] => {
            let Ok(seconds) = seconds.parse() else { return usage() };
            return table::print(seconds, arguments.get(1).unwrap_or(&""));
        }
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!(
        "usage: floods [SECONDS [PART OF A NAME]]\n       floods serve CONNECTIONS DIRECTORY\n       \
         floods honest ENDPOINT\n       floods attack NAME ENDPOINT"
    );
    ExitCode::from(2)
}
