use std::fs;
use std::path::Path;

use prost_reflect::{DescriptorPool, FileDescriptor};
use protox::Compiler;
use protox::file::{
    ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver,
};

use crate::CodegenError;

/// Where schemas import the options from.
pub(crate) const LIMITS: &str = "eyelet/v1/limits.proto";

/// The options that a schema imports as `eyelet/v1/limits.proto`. The generator needs no file of that
/// name; protoc and editors do.
pub const LIMITS_PROTO: &str = include_str!("../proto/eyelet/v1/limits.proto");

/// A schema root, parsed and linked.
pub(crate) struct Sources {
    pub(crate) pool: DescriptorPool,
    /// By path, without imports from elsewhere.
    pub(crate) files: Vec<FileDescriptor>,
}

pub(crate) fn compile(root: &Path) -> Result<Sources, CodegenError> {
    let mut names = Vec::new();
    collect(root, "", &mut names)?;
    check_limits(root, &mut names)?;
    if names.is_empty() {
        return Err(CodegenError::NoSchema(root.to_owned()));
    }
    let mut compiler = Compiler::with_file_resolver(resolver(root));
    compiler.open_files([LIMITS])?.open_files(&names)?;
    let pool = compiler.descriptor_pool();
    let files = names.iter().filter_map(|name| pool.get_file_by_name(name)).collect();
    Ok(Sources { pool, files })
}

/// The options alone, with what they import.
pub(crate) fn options() -> Result<DescriptorPool, CodegenError> {
    let mut resolver = ChainFileResolver::new();
    resolver.add(Embedded);
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.open_file(LIMITS)?;
    Ok(compiler.descriptor_pool())
}

/// Paths below the root with `/` between their parts, as imports have them, in order.
fn collect(root: &Path, below: &str, names: &mut Vec<String>) -> Result<(), CodegenError> {
    let dir = root.join(below);
    let read_error = |source| CodegenError::Read { path: dir.clone(), source };
    let mut entries =
        fs::read_dir(&dir).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(read_error)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(root, &format!("{name}/"), names)?;
        } else if entry.path().extension().is_some_and(|extension| extension == "proto") {
            names.push(name);
        }
    }
    Ok(())
}

/// A copy beside the schema serves other tools, and must say what this one enforces.
fn check_limits(root: &Path, names: &mut Vec<String>) -> Result<(), CodegenError> {
    let Some(index) = names.iter().position(|name| name == LIMITS) else { return Ok(()) };
    names.remove(index);
    let path = root.join(LIMITS);
    match fs::read_to_string(&path) {
        Ok(text) if text == LIMITS_PROTO => Ok(()),
        Ok(_) => Err(CodegenError::Limits(path)),
        Err(source) => Err(CodegenError::Read { path, source }),
    }
}

fn resolver(root: &Path) -> ChainFileResolver {
    let mut resolver = ChainFileResolver::new();
    resolver.add(Embedded);
    resolver.add(IncludeFileResolver::new(root.to_owned()));
    resolver.add(GoogleFileResolver::new());
    resolver
}

struct Embedded;

impl FileResolver for Embedded {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        if name == LIMITS {
            return File::from_source(name, LIMITS_PROTO);
        }
        Err(protox::Error::file_not_found(name))
    }
}
