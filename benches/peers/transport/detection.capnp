# The fields of proto/eyelet/v1/ipc.proto that a task and a process list have, for Cap'n Proto. An absent
# number is 0, an absent text empty. Once capnp (with its standard schemas) and capnpc-rust 0.27.0 are
# installed, src/generated/detection_capnp.rs is made of it by
#   capnp compile -I/usr/include -orust:src/generated detection.capnp
@0xb9c1a2f1d0e34a57;

struct Task {
  taskId @0 :Text;
  taskType @1 :Int32;
  processNames @2 :List(Text);
  pids @3 :List(UInt32);
  executablePattern @4 :Text;
  metadata @5 :Text;
  durationMs @6 :UInt32;
  deadlineMs @7 :UInt32;
}

struct Reply {
  taskId @0 :Text;
  success @1 :Bool;
  errorMessage @2 :Text;
  processes @3 :List(Record);
}

struct Record {
  pid @0 :UInt32;
  ppid @1 :UInt32;
  name @2 :Text;
  executablePath @3 :Text;
  commandLine @4 :List(Text);
  startTime @5 :Int64;
  cpuUsage @6 :Float64;
  memoryUsage @7 :UInt64;
  executableHash @8 :Text;
  hashAlgorithm @9 :Text;
  userId @10 :Text;
  accessible @11 :Bool;
  fileExists @12 :Bool;
  collectionTime @13 :Int64;
  onDiskMismatch @14 :Bool;
  entityId @15 :Text;
  nameRaw @16 :Data;
  executablePathRaw @17 :Data;
  commandLineRaw @18 :List(Data);
}

interface Detection {
  detect @0 (task :Task) -> (reply :Reply);
  watch @1 (task :Task, chunks :Chunks);
}

interface Chunks {
  next @0 (reply :Reply) -> stream;
}
