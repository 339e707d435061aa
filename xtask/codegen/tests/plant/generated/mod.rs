mod owned;
pub(crate) mod prost;
pub(crate) mod sensor;
pub(crate) mod units;
