//! Generates bounded `no_std` protobuf messages from a schema that declares its limits.
