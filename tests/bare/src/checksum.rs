use eyelet_codec::checksum;

#[unsafe(no_mangle)]
pub fn checksum_bitwise(before: u32, bytes: &[u8]) -> u32 {
    checksum::bitwise(before, bytes)
}

#[unsafe(no_mangle)]
pub fn checksum_table(before: u32, bytes: &[u8]) -> u32 {
    checksum::table(before, bytes)
}

#[unsafe(no_mangle)]
pub fn checksum_slicing(before: u32, bytes: &[u8]) -> u32 {
    checksum::slicing(before, bytes)
}
