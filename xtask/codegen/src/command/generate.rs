use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use eyelet_codegen::{CodegenError, GeneratedFile, Options, OwnedTypes, generate, leftovers};

#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Generate {
    /// Directory that imports are relative to; every .proto file below it is generated
    #[arg(long, value_name = "DIR")]
    schema_root: PathBuf,
    /// Directory for the modules, one for each .proto file
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Path to eyelet-codec in the generated code
    #[arg(long, value_name = "PATH", default_value = "eyelet_codec")]
    codec: String,
    /// Write prost's types too, and what makes them of the others: modules `prost` and `owned`
    #[arg(long)]
    owned: bool,
    /// Give prost's types JSON, behind the feature `serde` of the crate that they are in
    #[arg(long, requires = "owned")]
    serde: bool,
    /// Write all limits to this file as JSON, for other languages
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
    /// Command that renews the files, for their first line [default: this one]
    #[arg(long, value_name = "COMMAND")]
    renew: Option<String>,
    /// Write nothing; fail if a file is not what the schema makes of it
    #[arg(long)]
    check: bool,
}

impl Generate {
    pub(crate) fn run(self) -> Result<ExitCode, CodegenError> {
        let check = self.check;
        let options = self.options();
        let files = generate(&options)?;
        let stale: Vec<_> = files.iter().filter(|file| !file.is_current()).collect();
        let leftovers = leftovers(&options, &files)?;
        if check {
            return Ok(report(&stale, &leftovers, &options.renew));
        }
        for file in stale {
            file.write()?;
            eprintln!("wrote {}", file.path.display());
        }
        for path in leftovers {
            fs::remove_file(&path)
                .map_err(|source| CodegenError::Write { path: path.clone(), source })?;
            eprintln!("removed {}", path.display());
        }
        Ok(ExitCode::SUCCESS)
    }

    fn options(self) -> Options {
        let owned = match (self.owned, self.serde) {
            (false, _) => OwnedTypes::None,
            (true, false) => OwnedTypes::Prost,
            (true, true) => OwnedTypes::ProstAndSerde,
        };
        let Self { schema_root, out, codec, table, .. } = self;
        let options = Options { codec, owned, table, ..Options::new(schema_root, out) };
        let renew = self.renew.unwrap_or_else(|| options.command());
        Options { renew, ..options }
    }
}

fn report(stale: &[&GeneratedFile], leftovers: &[PathBuf], renew: &str) -> ExitCode {
    if stale.is_empty() && leftovers.is_empty() {
        return ExitCode::SUCCESS;
    }
    for path in leftovers {
        eprintln!("error: {} is of a file that the schema no longer has", path.display());
    }
    for file in stale {
        eprintln!("error: {} is not what the schema makes of it", file.path.display());
    }
    eprintln!("run: {renew}");
    ExitCode::FAILURE
}

const HELP: &str = "\
A file sensor.proto becomes sensor.rs; say `pub mod sensor;` for it in a module of your own, beside
those of the schema's other files. The crate depends on eyelet-codec; with --owned also on prost, and
on the codec's feature `alloc`; with --serde on serde, and on the codec's feature `serde`.

Examples:
  eyelet-codegen generate --schema-root proto --out src/messages
  eyelet-codegen generate --schema-root proto --out src/messages --owned --table proto/limits.json
  eyelet-codegen generate --schema-root proto --out src/messages --check     in CI

Exit codes: 0 done, 1 the schema is refused or a file is stale, 2 usage";
