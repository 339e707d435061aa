//! Lets each peer's own generator write its messages, all from the same `ipc.proto`, without protoc.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use micropb_gen::{Config, Generator};
use prost::Message;

const SCHEMA: &str = "../../../proto/eyelet/v1/ipc.proto";

/// Everything, into the build's own directory.
pub(crate) fn all() -> Result<(), Box<dyn Error>> {
    for file in [SCHEMA, "build.rs", "generate.rs"] {
        println!("cargo:rerun-if-changed={file}");
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let plain = out.join("ipc.proto");
    fs::write(&plain, without_options(&fs::read_to_string(SCHEMA)?))?;
    let descriptors = out.join("ipc.descriptors");
    fs::write(&descriptors, protox::compile([&plain], [&out])?.encode_to_vec())?;

    femtopb_build::compile_protos_into(&[&plain], &[&out], directory(&out, "femtopb")?)
        .map_err(|error| error.to_string())?;
    quick_protobuf(&plain, &out)?;
    buffa(&descriptors, &out)?;
    micropb(&descriptors, &out)?;
    Ok(())
}

/// The schema as its peers understand it: limits are this project's own options, and one generator
/// loses its way in a package. Neither leaves a trace on the wire.
fn without_options(schema: &str) -> String {
    let (mut plain, mut depth) = (String::new(), 0);
    let here = |line: &&str| !line.starts_with("import") && !line.starts_with("package");
    for line in schema.lines().filter(here) {
        let code = line.split("//").next().unwrap_or_default();
        for character in code.chars().chain(['\n']) {
            match character {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ if depth == 0 => plain.push(character),
                _ => {}
            }
        }
    }
    plain
}

fn directory(out: &Path, name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let directory = out.join(name);
    fs::create_dir_all(&directory)?;
    Ok(directory)
}

fn quick_protobuf(schema: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let to = directory(out, "quick_protobuf")?;
    let inputs = [schema.to_owned()];
    let config = pb_rs::ConfigBuilder::new(&inputs, None, Some(&to), &[out.to_owned()])?;
    // Included in a module, where `#![allow(..)]` at the file's head cannot stand.
    let config = config.single_module(true).headers(false).build();
    Ok(pb_rs::types::FileDescriptor::run(&config)?)
}

fn buffa(descriptors: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    buffa_build::Config::new()
        .descriptor_set(descriptors)
        .files(&["ipc.proto"])
        .out_dir(directory(out, "buffa")?)
        .lazy_views(true)
        .include_file("mod.rs")
        .compile()
}

/// Once in fixed memory, once on the heap.
fn micropb(descriptors: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let to = directory(out, "micropb")?;
    let mut fixed = Generator::new();
    fixed.use_container_heapless();
    for (field, config) in CAPACITIES {
        fixed.configure(field, config());
    }
    fixed.compile_fdset_file(descriptors, to.join("fixed.rs"))?;

    let mut heap = Generator::new();
    heap.use_container_std();
    heap.compile_fdset_file(descriptors, to.join("heap.rs"))?;
    Ok(())
}

type Capacity = (&'static str, fn() -> Config);

/// Room for what the workloads hold, hardly more: every byte of it is set aside for each record. What
/// no workload holds gets next to nothing.
const CAPACITIES: [Capacity; 9] = [
    (".", || Config::new().max_bytes(4).max_len(1)),
    (".DetectionTask", || Config::new().max_bytes(64)),
    (".ProcessFilter", || Config::new().max_bytes(32).max_len(32)),
    (".DetectionResult.task_id", || Config::new().max_bytes(64)),
    (".DetectionResult.processes", || Config::new().max_len(10)),
    (".ProcessRecord.name", || Config::new().max_bytes(16)),
    (".ProcessRecord.executable_path", || Config::new().max_bytes(64)),
    (".ProcessRecord.command_line", || Config::new().max_bytes(64).max_len(16)),
    (".ProcessRecord.user_id", || Config::new().max_bytes(16)),
];
