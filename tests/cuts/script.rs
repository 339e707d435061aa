use eyelet_tests::wire::{Greeting, body, bytes, chunk, framed, number};

/// What one side says.
pub(crate) struct Script(Vec<Part>);

/// One frame, and what its understanding means.
pub(crate) struct Part {
    pub(crate) frame: Vec<u8>,
    pub(crate) body: u32,
    pub(crate) stream: u32,
    /// In a result.
    pub(crate) records: u64,
    /// The last of its stream.
    pub(crate) is_last: bool,
    /// Said when the other side has begun so many tasks.
    pub(crate) tasks: usize,
}

/// An agent with three tasks: one that goes on with its credit, one that waits for it on a thread, and
/// `third`; the last two are cancelled.
pub(crate) fn agent(third: &str) -> Script {
    let task = |stream, what: &str| {
        Part::new(stream, body::TASK, framed(stream, body::TASK, &bytes(5, what.as_bytes())))
    };
    let control =
        |stream, body, content: &[u8]| Part::new(stream, body, framed(stream, body, content));
    let greeting = Greeting { credit: 4096, ..Greeting::agent() };
    Script(vec![
        Part::new(0, body::HELLO, greeting.framed()),
        task(1, "600"),
        task(3, "thread"),
        task(5, third),
        control(1, body::CREDIT, &number(1, 1 << 20)),
        control(0, body::PING, &nonce()),
        control(5, body::CANCEL, &[]),
        control(3, body::CANCEL, &[]),
        control(0, body::GO_AWAY, &number(2, 5)),
    ])
}

/// A collector with two tasks, side by side or one after the other.
pub(crate) fn collector(side_by_side: bool) -> Script {
    let first = if side_by_side { 2 } else { 1 };
    let control = |body, content: &[u8]| Part::new(0, body, framed(0, body, content));
    let mut parts = vec![
        control(body::HELLO, &Greeting::collector().content()),
        Part::chunk(1, 3).behind(first),
        control(body::PING, &nonce()).behind(first),
        Part::last(1, 1).behind(first),
        Part::chunk(3, 2).behind(2),
        control(body::GO_AWAY, &number(2, 3)).behind(2),
        Part::chunk(3, 4).behind(2),
        Part::last(3, 2).behind(2),
    ];
    if side_by_side {
        parts.swap(3, 4);
    }
    Script(parts)
}

impl Script {
    /// In bytes.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|part| part.frame.len()).sum()
    }

    /// Each part with what of it lies before `offset`.
    pub(crate) fn until(&self, offset: usize) -> impl Iterator<Item = (&Part, &[u8])> {
        let mut left = offset;
        self.0.iter().map_while(move |part| {
            let said = &part.frame[..left.min(part.frame.len())];
            left -= said.len();
            (!said.is_empty()).then_some((part, said))
        })
    }

    /// The parts that lie wholly before `offset`.
    pub(crate) fn whole(&self, offset: usize) -> impl Iterator<Item = &Part> {
        let whole = self.until(offset).filter(|(part, said)| part.frame.len() == said.len());
        whole.map(|(part, _)| part)
    }

    /// Whether no frame is cut at `offset`.
    pub(crate) fn is_between_frames(&self, offset: usize) -> bool {
        self.whole(offset).map(|part| part.frame.len()).sum::<usize>() == offset
    }
}

impl Part {
    fn new(stream: u32, body: u32, frame: Vec<u8>) -> Self {
        Self { frame, body, stream, records: 0, is_last: false, tasks: 0 }
    }

    fn chunk(stream: u32, records: u64) -> Self {
        let frame = chunk(stream, &self::records(records));
        Self { records, ..Self::new(stream, body::RESULT, frame) }
    }

    fn last(stream: u32, records: u64) -> Self {
        let content = [self::records(records), number(2, 1)].concat();
        let frame = framed(stream, body::RESULT, &content);
        Self { records, is_last: true, ..Self::new(stream, body::RESULT, frame) }
    }

    fn behind(self, tasks: usize) -> Self {
        Self { tasks, ..self }
    }
}

fn records(count: u64) -> Vec<u8> {
    (1..=count).flat_map(|pid| bytes(4, &[number(1, pid), bytes(3, b"name")].concat())).collect()
}

/// As protobuf has a fixed64 in field 1.
fn nonce() -> Vec<u8> {
    [&[9][..], &7_u64.to_le_bytes()].concat()
}
