//! Numbers in few bytes: seven bits in each, the lowest first, and the eighth where more follow.

pub(super) fn write(numbers: impl IntoIterator<Item = u64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for mut number in numbers {
        while number >= 128 {
            bytes.push(number as u8 | 128);
            number >>= 7;
        }
        bytes.push(number as u8);
    }
    bytes
}

pub(super) fn read(bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes.chunk_by(|byte, _| *byte >= 128).map(|bytes| {
        bytes
            .iter()
            .rev()
            .fold(0, |number, byte| number << 7 | u64::from(byte & 127))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(numbers: Vec<u64>) {
            let read: Vec<u64> = super::read(&super::write(numbers.clone())).collect();
            prop_assert_eq!(read, numbers);
        }
    }
}
