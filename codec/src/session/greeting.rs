use super::config::{MAX_HELLO, MIN_FRAME};
use super::moment::Moment;
use super::packet::cut;
use super::{Detail, Event, Peer, Refusal, Role, Session, Slots, State, VERSION, stream};
use crate::frame::MAX_BODY;
use crate::runtime::{Encoding, decode_by};
use crate::{
    FaultCode, Hello, Limits, Message, MessageError, Packet, PacketBody, Repeated,
    Role as WireRole, TaskType,
};

impl<S: Slots> Session<S> {
    /// This side's `Hello`, whose body is at most [`MAX_HELLO`] bytes whatever the configuration says.
    pub(super) fn hello(&self) -> Hello<'static> {
        let hello = Hello {
            version_min: VERSION,
            version_max: VERSION,
            max_frame: self.config.max_frame,
            software: cut(self.config.software, Hello::SOFTWARE.max_bytes),
            ..Hello::default()
        };
        match self.role {
            Role::Agent => Hello { credit: self.config.credit, role: WireRole::AGENT, ..hello },
            Role::Collector => Hello {
                max_streams: self.config.max_streams,
                tasks: Repeated::new(short(self.config.tasks)),
                role: WireRole::COLLECTOR,
                ..hello
            },
        }
    }

    /// The peer's first packet (rule 1).
    pub(super) fn greet<'a>(&mut self, now: Moment, body: &'a [u8]) -> Result<Event<'a>, Refusal> {
        let packet = Packet::decode(body).map_err(|error| unreadable(body, error))?;
        self.timers.heard(now);
        match packet.body {
            Some(PacketBody::Hello(hello)) if packet.stream == 0 => {
                self.peer = self.meet(&hello, body.len())?;
                self.state = State::Open;
                self.timers.greeted(now, self.role);
                Ok(Event::Open(hello))
            }
            Some(PacketBody::Fault(fault)) if packet.stream == 0 => {
                self.close(None);
                Ok(Event::Closed(fault))
            }
            Some(
                PacketBody::Hello(_)
                | PacketBody::Task(_)
                | PacketBody::Result(_)
                | PacketBody::Fault(_)
                | PacketBody::Credit(_)
                | PacketBody::Cancel(_)
                | PacketBody::Ping(_)
                | PacketBody::Pong(_)
                | PacketBody::GoAway(_),
            )
            | None => Err(stream("the first packet is neither a Hello nor a Fault")),
        }
    }

    fn meet(&self, hello: &Hello<'_>, len: usize) -> Result<Peer, Refusal> {
        let Hello { version_min, version_max, max_frame, max_streams, credit, role, .. } = *hello;
        if len > MAX_HELLO {
            return Err(malformed("a Hello's body", MAX_HELLO as u64, len as u64));
        }
        in_common((version_min, version_max))?;
        self.check_role(role)?;
        if max_frame < MIN_FRAME {
            return Err(malformed(
                "Hello.max_frame is too small",
                MIN_FRAME.into(),
                max_frame.into(),
            ));
        }
        if max_frame > MAX_BODY {
            return Err(malformed(
                "Hello.max_frame is too large",
                MAX_BODY.into(),
                max_frame.into(),
            ));
        }
        if self.role == Role::Collector && credit == 0 {
            return Err(malformed("Hello.credit of an agent", 1, 0));
        }
        Ok(Peer { max_frame, max_streams, credit })
    }

    fn check_role(&self, theirs: WireRole) -> Result<(), Refusal> {
        let text = match (self.role, theirs) {
            (Role::Agent, WireRole::COLLECTOR) | (Role::Collector, WireRole::AGENT) => {
                return Ok(());
            }
            (Role::Agent, WireRole::AGENT) => "both sides are agents",
            (Role::Collector, WireRole::COLLECTOR) => "both sides are collectors",
            (Role::Agent | Role::Collector, _) => "the Hello has no role that is known",
        };
        Err(Refusal::new(FaultCode::ROLE, text))
    }
}

/// Those at the start that take one byte each: 16 of them leave a `Hello` within its size.
fn short(tasks: &'static [TaskType]) -> &'static [TaskType] {
    let most = tasks.iter().take(Hello::TASKS.max_items as usize);
    let count = most.take_while(|task| (0..128).contains(&task.0)).count();
    tasks.get(..count).unwrap_or(&[])
}

/// The version is the highest that both speak (rule 2), which is the only one there is.
fn in_common(theirs: (u32, u32)) -> Result<(), Refusal> {
    if (theirs.0..=theirs.1).contains(&VERSION) {
        return Ok(());
    }
    let detail = Detail::Versions { ours: (VERSION, VERSION), theirs };
    Err(Refusal { code: FaultCode::VERSION, detail })
}

/// A first packet that breaks the schema. A later version's may do so, and is told its version.
fn unreadable(body: &[u8], error: MessageError) -> Refusal {
    let versions = if body.len() <= MAX_HELLO { versions(body).ok() } else { None };
    let version = versions.and_then(|theirs| in_common(theirs).err());
    version.unwrap_or_else(|| Refusal::malformed(error))
}

/// Of a `Hello` of any version: its fields 1 to 3 never change (rule 1).
fn versions(body: &[u8]) -> Result<(u32, u32), MessageError> {
    let mut hello: &[u8] = &[];
    decode_by::<Packet>(body, &Limits::SCHEMA, |reader| {
        while let Some(number) = reader.field()? {
            match number {
                3 => hello = reader.bytes(&Packet::HELLO)?,
                _ => reader.skip()?,
            }
        }
        Ok(())
    })?;
    let mut versions = (VERSION, VERSION);
    decode_by::<Hello>(hello, &Limits::SCHEMA, |reader| {
        while let Some(number) = reader.field()? {
            match number {
                1 => versions.0 = reader.scalar(Encoding::Varint)?,
                2 => versions.1 = reader.scalar(Encoding::Varint)?,
                _ => reader.skip()?,
            }
        }
        Ok(())
    })?;
    Ok(versions)
}

fn malformed(text: &'static str, limit: u64, seen: u64) -> Refusal {
    Refusal::number(FaultCode::MALFORMED, text, limit, seen)
}
