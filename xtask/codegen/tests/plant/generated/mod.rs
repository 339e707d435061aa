mod owned;
pub(crate) mod prost;
pub(crate) mod sensor;
pub(crate) mod r#type;
pub(crate) mod units;
