/// Calls a macro with the names of all messages but `Packet`, to which a task and a result are bytes.
#[macro_export]
macro_rules! messages {
    ($with:ident) => {
        $with![
            DetectionTask,
            DetectionResult,
            ProcessRecord,
            FieldNote,
            ProcessFilter,
            HashCheck,
            HashResult,
            ProcessEvent,
            Coverage,
            Finding,
            Hello,
            Fault,
            Credit,
            Cancel,
            Ping,
            GoAway
        ];
    };
}

macro_rules! names {
    ($($name:ident),*) => {
        /// The names of all messages.
        pub const NAMES: [&str; 17] = [$(stringify!($name),)* "Packet"];
    };
}

messages!(names);
