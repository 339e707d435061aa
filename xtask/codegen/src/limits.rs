use prost::{Enumeration, Message};
use prost_reflect::{DescriptorPool, FieldDescriptor, FileDescriptor};

/// `eyelet.v1.FieldLimits`, by its numbers in limits.proto.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Limits {
    #[prost(uint32, optional, tag = "1")]
    pub(crate) max_bytes: Option<u32>,
    #[prost(uint32, optional, tag = "2")]
    pub(crate) max_items: Option<u32>,
    #[prost(uint32, optional, tag = "3")]
    pub(crate) max_total_bytes: Option<u32>,
    #[prost(bool, optional, tag = "4")]
    pub(crate) non_empty: Option<bool>,
    #[prost(enumeration = "OnExcess", optional, tag = "5")]
    pub(crate) on_excess: Option<i32>,
    #[prost(bool, optional, tag = "6")]
    pub(crate) opaque: Option<bool>,
    #[prost(bool, optional, tag = "7")]
    pub(crate) notes: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub(crate) enum OnExcess {
    Unspecified = 0,
    Reject = 1,
    Cut = 2,
}

/// The version that `file` states, if it does.
pub(crate) fn protocol_version(file: &FileDescriptor, pool: &DescriptorPool) -> Option<u32> {
    let extension = pool.get_extension_by_name("eyelet.v1.protocol_version").expect("is embedded");
    let options = file.options();
    options.has_extension(&extension).then(|| options.get_extension(&extension).as_u32())?
}

impl Limits {
    /// Those of `field`; none where it has no such option.
    pub(crate) fn of(field: &FieldDescriptor, pool: &DescriptorPool) -> Self {
        let extension = pool.get_extension_by_name("eyelet.v1.limits").expect("is embedded");
        let options = field.options();
        let value = options.get_extension(&extension);
        let limits = value.as_message().expect("the extension's type is a message");
        limits.transcode_to().expect("the embedded file has these fields")
    }

    pub(crate) fn cut(&self) -> bool {
        self.on_excess() == OnExcess::Cut
    }

    /// The options that are set, by name.
    pub(crate) fn stated(&self) -> impl Iterator<Item = &'static str> {
        [
            ("max_bytes", self.max_bytes.is_some()),
            ("max_items", self.max_items.is_some()),
            ("max_total_bytes", self.max_total_bytes.is_some()),
            ("non_empty", self.non_empty.is_some()),
            ("on_excess", self.on_excess.is_some()),
            ("opaque", self.opaque.is_some()),
            ("notes", self.notes.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, stated)| stated.then_some(name))
    }
}
